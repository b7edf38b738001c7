"""Reading a source once, and the problems, inputs and drive cycles of the result."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from ionworks.records.protocol import drive_cycle_rows
from ionworks.ucp import find_input_references, load, parse, to_document, to_yaml, validate
from ionworks.ucp.parse import size_problem
from ionworks.ucp.parser import yaml_tree
from tests.unit.ucp.corpus import documents
from tests.unit.ucp.documents import LINES

TRIP = """
steps:
  - Drive: {drive_cycle: City, mode: Power, scale: "input['scale']"}
  - Drive: {drive_cycle: Road, data: [[0, 1], [1, 2]]}
"""
CITY = {"Time [min]": [0, 1], "Power [mW]": [500, 1500]}


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were read as YAML."""
    texts: list[str] = []
    read = yaml.parse

    def counted(text: str, **options: Any) -> Any:
        texts.append(text)
        return read(text, **options)

    monkeypatch.setattr(yaml, "parse", counted)
    monkeypatch.setattr(yaml, "load", lambda *_, **__: pytest.fail("read a second time"))
    return texts


def test_a_protocol_with_inputs_and_drive_cycles_is_read_once(readings: list[str]) -> None:
    result = parse(TRIP, {"City": CITY})

    assert result.protocol is not None
    assert result.input_references == ("scale",)
    assert result.drive_cycles == {"City": ((0.0, 0.5), (60.0, 1.5))}
    assert readings == [TRIP]


@pytest.mark.parametrize("read", [load, validate, find_input_references])
def test_other_functions_read_a_text_once(read: Any, readings: list[str]) -> None:
    read(TRIP)

    assert readings == [TRIP]


def test_the_client_reads_a_protocol_once_for_its_drive_cycles(readings: list[str]) -> None:
    assert drive_cycle_rows(TRIP, {"City": CITY}, "cycles") == {"City": [[0, 0.5], [60, 1.5]]}
    assert readings == [TRIP]


@pytest.mark.parametrize(
    "source",
    [
        *documents(),
        "\n".join(line for line, _ in LINES),
        "",
        'steps: [ {input["a"]: ',
        {"steps": [{"Rest": {"duration": 'input["t"]', "note": 'input["n"]'}}]},
        {"steps": [object()]},
    ],
)
def test_a_result_has_the_input_references_of_its_source(source: str | Mapping[str, Any]) -> None:
    assert list(parse(source).input_references) == find_input_references(source)


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("MAX_CHARACTERS", 400, "longer than 400 characters"),
        ("MAX_NODES", 60, "more than 60 values"),
    ],
)
def test_samples_may_make_a_protocol_too_large_to_be_read_again(
    limit: str, value: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = parse(TRIP, {"City": [[time, 1] for time in range(20)]}).protocol
    assert protocol is not None
    text, document = to_yaml(protocol), to_document(protocol)
    assert size_problem(text, document) is None

    monkeypatch.setattr(yaml_tree, limit, value)
    problem = size_problem(text, document)

    assert problem is not None
    assert words in problem.message
    assert [found.message for found in parse(text).errors] == [problem.message]


def test_all_problems_come_at_once_with_line_and_column() -> None:
    text = textwrap.dedent(
        """\
        global:
          initial_soc: 150
        steps:
          - Charge:
              mode: C-rate
              value: fast
              ends:
                - Volts > 4.2
          - Nap: {duration: 3}
        """
    )

    problems = parse(text).errors

    assert [(found.code, found.line, found.column) for found in problems] == [
        ("E-init", 2, 16),
        ("E-expr", 6, 14),
        ("E-end", 8, 11),
        ("E-kind", 9, 5),
    ]


def test_validate_a_valid_protocol() -> None:
    assert validate("steps: [{Rest: {duration: 1}}]") == {
        "valid": True,
        "error": None,
        "warnings": [],
    }


def test_validate_puts_one_problem_on_each_line_with_its_path() -> None:
    answer = validate("steps: [{Rest: {mode: Current}}, Stop]")

    assert answer["valid"] is False
    lines = answer["error"].splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "steps[0].Rest",
        "steps[0].Rest.mode",
        "steps[1]",
    ]


def test_an_input_without_a_value_is_not_an_error() -> None:
    assert validate("steps: [{Rest: {duration: 'input[\"t\"]'}}]")["valid"] is True


@pytest.mark.parametrize("source", [None, 3, b"steps: []", ["steps"], object()])
def test_a_source_that_is_neither_text_nor_mapping_is_a_type_error(source: object) -> None:
    for function in (parse, validate):
        with pytest.raises(TypeError, match="text or a mapping"):
            function(source)  # type: ignore[arg-type]  # the wrong type is the point


def test_reading_stops_at_a_hundred_errors() -> None:
    text = "steps:\n" + "- Nap: {}\n" * 5000

    assert len(parse(text).errors) == 100


def test_problems_of_all_checks_come_at_once_with_their_places() -> None:
    result = parse(
        """
global: {soc: 50, resolution: 0}
safety_limits: {voltage_max: 4, voltage_min: 5}
steps:
  - Charge: {mode: CC, value: 1, ends: [V > 4]}
  - Rest:
      duration: 1h30
      ends:
        - "Voltage < 3": {goto: Nowhere}
  - Loop: 3
  - Stop
"""
    )

    assert [(found.code, found.path, found.line, found.column) for found in result.errors] == [
        ("E-key", "global.soc", 2, 10),
        ("E-init", "global.resolution", 2, 31),
        ("E-safety", "safety_limits.voltage_min", 3, 46),
        ("E-mode", "steps[0].Charge.mode", 5, 20),
        ("E-end", "steps[0].Charge.ends[0]", 5, 41),
        ("E-expr", "steps[1].Rest.duration", 7, 17),
        ("E-goto", "steps[1].Rest.ends[0]", 9, 11),
        ("E-kind", "steps[2]", 10, 5),
        ("E-marker", "steps[3]", 11, 5),
    ]
