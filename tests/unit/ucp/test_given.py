"""Values given for the inputs of a protocol: not used, doubtful, or neither."""

from __future__ import annotations

from typing import Any

import pytest

from ionworks import ucp

OPEN = """
global: {initial_soc: "input['Initial SOC']", temperature: "input['Temperature']"}
steps:
  - Discharge: {mode: C-rate, value: "input['C-rate']", duration: 60, ends: ["Voltage < 3"]}
"""
GIVEN = {"Initial SOC": 1.0, "Temperature": 25, "C-rate": 0.5}
CLOSED = "steps: [{Rest: {duration: 1}}]"
PERCENT = """
global: {initial_state_type: soc_percentage, initial_state_value: "input['SOC']"}
steps: [{Rest: {duration: 1}}]
"""
ENDING = "steps: [{Discharge: {mode: C-rate, value: 1, ends: [\"Voltage > input['V']\"]}}]"


def tree(text: str) -> ucp.Protocol:
    protocol = ucp.parse(text).protocol
    assert protocol is not None
    return protocol


@pytest.mark.parametrize(
    ("text", "values", "code", "words"),
    [
        (OPEN, {**GIVEN, "C rate": 2}, "W-unused", "'C rate']: the protocol has no such input"),
        (OPEN, {**GIVEN, "C rate": 2}, "W-unused", "did you mean 'C-rate'?"),
        (OPEN, {**GIVEN, "x": 2}, "W-unused", "'Temperature', 'Initial SOC', 'C-rate'"),
        (CLOSED, {"C-rate": 2}, "W-unused", "it has no inputs"),
        (CLOSED, {"Initial SOC": 0.5}, "W-unused", "did you mean 'initial_soc'?"),
        (OPEN, {**GIVEN, "Temperature": 298.15}, "W-temp", "if this is in kelvin, write 25"),
        (CLOSED, {"initial_temperature": 298.15}, "W-temp", "if this is in kelvin, write 25"),
        (PERCENT, {"SOC": 0.5}, "W-soc1", "global.initial_state_value: 0.5 is read as 0.5 %"),
        (CLOSED, {"Initial SOC [%]": 1}, "W-soc1", "'Initial SOC [%]']: 1 is read as 1 %"),
    ],
)
def test_a_doubtful_value_is_reported(
    text: str, values: dict[str, Any], code: str, words: str
) -> None:
    [problem] = ucp.check_parameters(tree(text), values)

    assert problem.code == code
    assert words in str(problem)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (OPEN, GIVEN),
        (OPEN, {**GIVEN, "Initial SOC": 1}),
        (CLOSED, {"Initial SOC [%]": 50, "initial_temperature": 25}),
        (CLOSED, {"initial_soc": 1}),
        (PERCENT, {"SOC": 100}),
        # The text itself has this warning, whatever the value.
        (ENDING, {"V": 3}),
    ],
)
def test_other_values_are_not(text: str, values: dict[str, Any]) -> None:
    assert ucp.check_parameters(tree(text), values) == ()


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(ucp.UCPError, match="no value for 'C-rate'"):
        ucp.check_parameters(tree(OPEN), {"Initial SOC": 1, "Temperature": 25})


TRIP = "steps: [{Drive: {drive_cycle: US06, mode: Power}}]"


def test_a_drive_cycle_that_no_step_needs_is_reported() -> None:
    rows = [[0, 1], [60, 2.5]]

    [problem] = ucp.parse(TRIP, {"US06": rows, "US6": rows}).warnings

    assert str(problem) == (
        "drive_cycles.US6: no step needs the drive cycle 'US6', so its samples have no effect;"
        " did you mean 'US06'? (W-unused)"
    )
    assert ucp.parse(TRIP, {"US06": rows}).warnings == ()


def test_a_conversion_notes_what_is_doubtful_or_not_used() -> None:
    protocol = """
    steps:
      - Discharge: {mode: Current, value: 1, duration: "input['t']", ends: [Voltage > 4.3]}
    """

    notes = ucp.convert(
        protocol,
        "maccor",
        experiment_parameters={"t": 5, "T": 2},
        drive_cycles={"FTP": [[0, 1], [1, 2]]},
    ).notes

    assert [note[: note.index(":")] for note in notes[:2]] == [
        "steps[0].Discharge.ends[0]",
        "experiment_parameters['T']",
    ]
    assert any(note.startswith("no step needs the drive cycle 'FTP'") for note in notes)
