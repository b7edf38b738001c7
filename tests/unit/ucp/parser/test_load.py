"""Documents as plain values, without the surprises of YAML 1.1."""

from __future__ import annotations

from typing import Any

import pytest

from ionworks.ucp import UCPError, load, parse
from tests.unit.ucp.corpus import documents
from tests.unit.ucp.documents import LINES


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-3", -3),
        ("010", 10),
        ("0.6", 0.6),
        ("1e-3", 0.001),
        ("-.5", -0.5),
        ("1:30:00", 5400),
        ("'06'", "06"),
        ('"1e3"', "1e3"),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("", None),
        ("<<", "<<"),
        ("=", "="),
        ("!!str 3", "3"),
        ("!!int '3'", 3),
        ("!!bool maybe", "maybe"),
        ("!!float x", "x"),
        ("Voltage < 2.5", "Voltage < 2.5"),
    ],
)
def test_values(text: str, value: Any) -> None:
    read = load(f"a: {text}")["a"]

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", [text for text in documents() if "steps:" in text])
def test_a_loaded_document_is_the_same_protocol(text: str) -> None:
    assert parse(load(text)).protocol == parse(text).protocol is not None


def test_keys_are_text() -> None:
    names = ["010", "1e-3", "1:30", "2.5", "yes please"]
    document = load("".join(f"{name}: 1\n" for name in names))

    assert list(document) == names


def test_json_with_tabs() -> None:
    assert load('{\n\t"steps": ["a\\tb",\n\t\t{"Rest": null}]}') == {
        "steps": ["a\tb", {"Rest": None}]
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: [", "not YAML"),
        ("", "a mapping with 'steps'"),
        ("- Rest", "a mapping with 'steps'"),
        (LINES[0][0], "a mapping with 'steps'"),
        ("{a: &b 1, c: *b}", "alias"),
        ("a: !!python/name:os.system 1", "tag"),
        ("a: !!map 1", "the tag"),
        ("a: !!int [1]", "the tag"),
        ("No: 1", "quote it"),
        ("{a: 1, a: 2}", "given twice"),
        ("[" * 100, "nested deeper"),
        ("a: \ud800", "cannot be encoded"),
    ],
)
def test_refused_texts(text: str, words: str) -> None:
    with pytest.raises(UCPError) as raised:
        load(text)

    assert words in str(raised.value)
