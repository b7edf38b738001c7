"""One reading of a source gives the tree, its problems, its inputs and its drive cycles."""

from __future__ import annotations

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
def test_the_inputs_of_a_result_are_those_of_the_source(source: str | Mapping[str, Any]) -> None:
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
