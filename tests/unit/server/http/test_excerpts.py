"""Values in error messages: long ones are cut, short ones and our own words are not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ionworks.server.http.excerpts import LONGEST_MESSAGE, LONGEST_VALUE, abridged, shown
from ionworks.server.http.problems import bad_request, entry, invalid, not_found

PROSE = "the models' parameters aren't PyBaMM's; use 'a' or \"b\", " * 10


@pytest.mark.parametrize(
    "value", ["x" * 100_000, "a b " * 9000, "it's " * 9000, "'\"" * 9000, "\\" * 9000, "é\n" * 900]
)
def test_a_long_value_is_cut_and_the_words_around_it_are_left(value):
    message = abridged(f"the name {value!r} isn't known: use 'thickness' or PyBaMM's 'width'")

    assert message.startswith("the name ")
    assert message.endswith(" isn't known: use 'thickness' or PyBaMM's 'width'")
    assert len(message) < LONGEST_VALUE + 100


def test_words_are_not_cut():
    assert abridged(PROSE) == PROSE
    assert abridged(PROSE + repr("y" * 500)).startswith(PROSE)


def test_a_long_list_or_object_is_cut():
    names = [f"name {index}" for index in range(20)]
    for value in (names, {"a": names}, names * 200, {"a": {"b": names * 200}}):
        message = abridged(f"has unknown names {value!r}; use 'thickness [m]' or 'width [m]'")
        assert message.endswith("; use 'thickness [m]' or 'width [m]'")
        assert len(message) < LONGEST_VALUE + 100
    short = "has ['a', 'b'] and [1, 2] in [A.h], " + "which is not known to the engine; " * 9
    assert abridged(short) == short


@given(st.text(alphabet="ab '\"\\\n"), st.integers(1, 3000))
@example("'", 5000)
def test_a_message_has_at_most_the_longest_length(text, times):
    assert len(abridged(text * times)) <= LONGEST_MESSAGE + 5


def test_a_value_is_shown_as_json():
    assert shown({"a": [1, None, "é"]}) == '{"a":[1,null,"é"]}'
    assert len(shown([{"a": "x" * 9000}] * 9000)) <= LONGEST_VALUE + 3


def test_problems_are_short_however_many_and_however_long_they_are():
    name = "x" * 100_000
    entries = [entry(["body", name, index], f"unknown {name!r}", "unknown") for index in range(99)]

    found = invalid(entries)

    assert len(found.detail) == 20
    assert found.message.endswith("; and more: these are the first 20")
    assert len(found.body()) < 20_000
    assert len(bad_request(f"unknown {name!r}").body()) < 500
    assert len(not_found("job", name).body()) < 500
