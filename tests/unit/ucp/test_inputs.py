"""Finding placeholders in a source."""

from __future__ import annotations

import pytest

from ionworks.ucp import (
    find_input_references,
)

GUIDE = """
global:
  initial_soc: input["Initial SOC"]
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
"""


def test_references_in_the_example_of_the_guide() -> None:
    assert find_input_references(GUIDE) == ["Initial SOC", "C-rate"]
    assert find_input_references(GUIDE + "    ends: [Voltage < 2.5]") == ["Initial SOC", "C-rate"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a: input['x']", ["x"]),
        ("a: \"input['x']\"", ["x"]),
        ("a: 'input[\"x\"]'", ["x"]),
        ('a: "input[\\"x\\"]"', ["x"]),
        ('a: input[ "Initial SOC [%]" ]', ["Initial SOC [%]"]),
        ('a: input["Temperature [\u00b0C]"]', ["Temperature [\u00b0C]"]),
        ("\"Voltage < input['Vmin']\": {goto: End}", ["Vmin"]),
        ("b: input['y'] + input['x'] * input['y']", ["y", "x"]),
        ("a: {repeat: 'input[\"N\"]'}", ["N"]),
        ("# input['in a comment']\na: 1", []),
        ("note: see input['x']", []),
        ("a: [1, {b: input['c']", ["c"]),
        ('a: {b: input["c"]}', ["c"]),
        ("Rest for 1 hour", []),
        ("", []),
        ("input[", []),
        ("input['a", []),
        ("input['a'", []),
        ("input[''] ", [""]),
    ],
)
def test_references(text: str, names: list[str]) -> None:
    assert find_input_references(text) == names


def test_references_of_a_parsed_document() -> None:
    document = {"steps": [{"input['key']": {"value": "input['value']"}}, 3, None]}

    assert find_input_references(document) == ["key", "value"]


@pytest.mark.parametrize("source", [None, 3, b"a: 1"])
def test_references_of_another_type_are_a_type_error(source: object) -> None:
    with pytest.raises(TypeError, match="text or a mapping"):
        find_input_references(source)  # type: ignore[arg-type]  # the wrong type is the point
