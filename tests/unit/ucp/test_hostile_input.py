"""Hostile input gives error values, with limits on depth, size and work."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ionworks.ucp import ParseResult, UCPError, find_input_references, parse, resolve, to_yaml
from ionworks.ucp.parser.yaml_tree import MAX_CHARACTERS, MAX_NODES
from tests.unit.ucp.documents import GUIDE_EXPORT, GUIDE_INPUTS, LINES

BOMBS = {
    "deep lists": "[" * 100_000,
    "deep mappings": "{a: " * 100_000,
    "deep blocks": "".join(f"{' ' * level}- A:\n" for level in range(2000)),
    "deep keys": "? " * 50_000,
    "laughs": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nsteps: [*c, *c]",
    "recursion": "steps: &a [*a]",
    "too long": " " * (MAX_CHARACTERS + 1),
    "too many values": "steps: [" + "1," * (MAX_NODES + 1) + "]",
    "tag": "!!python/object/apply:os.system ['true']",
    "control character": "steps: \x00",
    "surrogate": "steps: \ud800",
    "huge repeat": "steps: [{A: {repeat: 999999999999, steps: [{Rest: {duration: 1}}]}}]",
    "nested repeats": "steps: [{A: {repeat: 9999, steps: [{B: {repeat: 9999, steps: "
    "[{Rest: {duration: 1}}]}}]}}]",
    "deep expression": "steps: [{Rest: {duration: '" + "(" * 3000 + "'}}]",
    "long expression": "steps: [{Rest: {duration: '1" + "+1" * 100_000 + "'}}]",
    "huge number": "steps: [{Rest: {duration: " + "9" * 100_000 + "}}]",
    "many errors": "steps: [" + "{Nap: 1}," * 5_000 + "]",
    "many keys": "{" + "".join(f"key{index}: 1, " for index in range(5_000)) + "}",
    "many open inputs": "steps: '" + 'input["' * 50_000 + "'",
    "many unknown targets": "steps: ["
    + "".join(
        f"{{B{index}: [{{Rest: {{ends: [{{Voltage < 3: {{goto: X{index}}}}}]}}}}]}},"
        for index in range(1000)
    )
    + "]",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_an_error(name: str) -> None:
    result = parse(BOMBS[name])

    assert result.protocol is None
    assert 0 < len(result.errors) <= 200
    assert all(len(str(problem)) < 2000 for problem in result.errors)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_may_be_searched_for_references(name: str) -> None:
    assert len(find_input_references(BOMBS[name])) <= 1


# Tracing every allocation takes several times as long as parsing.
@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_largest_document_stays_within_a_hundred_megabytes() -> None:
    tracemalloc.start()
    try:
        parse(BOMBS["too many values"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 100e6


def test_a_mapping_that_contains_itself_is_an_error() -> None:
    document: dict[str, Any] = {}
    document["steps"] = [document]

    assert [found.code for found in parse(document).errors] == ["E-yaml"]


@pytest.mark.parametrize("value", [object(), b"x", {1, 2}, "\ud800", 10**400, float("nan"), 1j])
def test_strange_values_of_a_mapping_are_errors(value: object) -> None:
    assert parse({"steps": [{"Rest": {"duration": value}}]}).errors


@pytest.mark.parametrize("key", [None, True, 3, 2.5, (1, 2), frozenset()])
def test_strange_keys_of_a_mapping_are_errors(key: object) -> None:
    assert parse({"steps": [{"Rest": {key: 1, "duration": 1}}]}).errors


def test_a_long_list_of_steps_is_read() -> None:
    text = "steps:\n" + "- Rest: {duration: 1}\n" * 5000

    result = parse(text)

    assert result.protocol is not None
    assert len(result.protocol.steps) == 5000


def check(source: Any) -> None:
    """Check that reading raises nothing, and that a valid protocol can be written and read."""
    result = parse(source)
    assert isinstance(result, ParseResult)
    assert (result.protocol is None) == bool(result.errors)
    assert all(isinstance(name, str) for name in find_input_references(source))
    if result.protocol is None:
        return
    again = parse(to_yaml(result.protocol))
    assert again.protocol == result.protocol
    try:
        filled = resolve(result.protocol, dict.fromkeys(find_input_references(source), 1))
    except UCPError:
        return
    assert parse(to_yaml(filled)).protocol == filled


SEEDS = [
    GUIDE_EXPORT,
    GUIDE_INPUTS + "    ends: [Voltage < input['Vmin']]",
    "\n".join(line for line, _ in LINES),
    """
safety_limits: {voltage_max: {value: 4.3, goto: Cool}, goto: End}
steps:
  - Control: {set_variable: [{name: VAR_N, eval: 0}]}
  - Loop:
      repeat: input["N"]
      steps:
        - Direction[VAR_N]: {mode: Power, value: 3 W, duration: 1 h, ends: [d/dt(Voltage) < 1e-3]}
        - Drive: {data: [[0, 1], [1, 2]], scale: 2}
        - Waveform: {shape: sine, amplitude: 1, frequency: 10, cycles: 3}
        - EIS: {frequencies: [1, 10], amplitude: 0.1}
        - Ambient temperature: 45
        - Advance cycle
  - Cool: [{Rest: {ends: [{"Temperature < 30": {goto: Loop}}, {variable: Voltage, value: 3}]}}]
  - End
""",
]
PIECES = st.sampled_from(
    [
        "- ",
        ": ",
        "\n",
        "  ",
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "steps",
        "Rest",
        "input[",
        "ends",
        "<",
        "goto",
        "&a ",
        "*a",
        "!!",
        "1e999",
        "-",
        "d/dt(",
        "repeat",
        "null",
        "yes",
        "|",
        ">",
        "#",
        "%",
        "\t",
        "\x85",
        "\ufeff",
        "direction",
        "if",
        "(",
        ")",
        "C/",
        "~",
        ".",
    ]
) | st.text(max_size=4)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 12), PIECES), min_size=1, max_size=4),
)
def test_mutated_documents(seed: str, edits: list[tuple[int, int, str]]) -> None:
    text = seed
    for position, removed, piece in edits:
        at = position % (len(text) + 1)
        text = text[:at] + piece + text[at + removed :]

    check(text)


WORDS = st.sampled_from(
    [
        "steps",
        "Rest",
        "Charge",
        "duration",
        "ends",
        "mode",
        "value",
        "C-rate",
        "Voltage < 3",
        "goto",
        "End",
        "repeat",
        "global",
        "safety_limits",
        "set_variable",
        "name",
        "eval",
        "direction",
        "variable",
        "operator",
        "data",
        "Drive",
        "EIS",
        "Waveform",
        "Control",
        "Direction[1]",
        "input['x']",
        "1 +",
        "resolution",
        "time",
        "voltage_max",
        "note",
        "Ambient temperature",
    ]
) | st.text(max_size=3)
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(WORDS, st.integers()), inner, max_size=4),
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(WORDS, DOCUMENTS, max_size=3), st.lists(DOCUMENTS, max_size=3))
def test_random_documents(document: dict[str, object], steps: list[object]) -> None:
    check(document)
    check({"steps": steps})


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_random_text(text: str) -> None:
    check(text)
    check(f"steps: [{{Rest: {{ends: [{text}]}}}}]")
    check({"steps": [{"Rest": {"duration": text, "ends": [text]}}]})
