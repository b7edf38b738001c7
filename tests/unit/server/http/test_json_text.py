"""Reading the JSON of requests."""

import pytest

from ionworks.server.http.json_text import DEEPEST, read_json


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_the_depth_is_limited(opening, closing):
    levels = opening.count("[") + opening.count("{")

    def nested(depth):
        text = opening * (depth // levels) + "1" + closing * (depth // levels)
        return read_json(text.encode())

    assert nested(DEEPEST)
    for depth in (DEEPEST + levels, 300, 1022, 10_000):
        with pytest.raises(ValueError, match=f"deeper than {DEEPEST} levels"):
            nested(depth)


def test_wide_json_is_not_deep():
    assert len(read_json(b"[" + b"[[]]," * 5000 + b"[]]")) == 5001
    assert read_json(b'["' + b"[" * 5000 + b'"]') == ["[" * 5000]


@pytest.mark.parametrize("text", [b"1e999", b"NaN", b'"\\ud800"', b"\xff", b"", b"{"])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError, match="not valid JSON"):
        read_json(text)
