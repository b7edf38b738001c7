"""What the engine reports about runs that can be computed: unused and doubtful values."""

from typing import Any

import pytest

from ionworks.engine import Review, review

SPM: dict[str, Any] = {"type": "SPM", "parameter_set": "Chen2020", "options": {}, "parameters": {}}
PROTOCOL = """
global: {initial_soc: 1}
steps:
  - Discharge: {mode: C-rate, value: "input['C-rate']", duration: 60}
"""
THICKNESS = "Negative electrode thickness [m]"


def reviewed(*runs: dict[str, Any]) -> Review:
    filled = [{"experiment_parameters": {}, "design_parameters": {}, **run} for run in runs]
    return review(SPM, PROTOCOL, filled)


def swept(name: str, *values: float) -> list[dict[str, Any]]:
    return [{"experiment_parameters": {"C-rate": 1, name: value}} for value in values]


def test_a_run_with_values_for_its_inputs_has_no_notes() -> None:
    assert reviewed(*swept("C-rate", 1, 2)) == Review([], [(), ()])


def test_an_unused_value_is_a_note_of_its_run() -> None:
    found = reviewed({"experiment_parameters": {"C-rate": 1}}, *swept("Crate", 2))

    # Only the second run has the value, so it is a sweep that changes nothing.
    assert found.problems == [
        "the sweep changes nothing: the protocol has no input 'Crate'; did you mean 'C-rate'?"
    ]
    [notes] = reviewed(*swept("Crate", 2)).notes
    assert [note.category for note in notes] == ["protocol"]
    assert "did you mean 'C-rate'?" in notes[0].message


def test_a_sweep_of_unused_names_only_is_a_problem_and_runs_nothing() -> None:
    runs = [
        {"experiment_parameters": {"C-rate": 1, "Crate": rate, "hold": rate}} for rate in (1, 2, 3)
    ]

    found = reviewed(*runs)

    assert found.notes == []
    assert [problem[:62] for problem in found.problems] == [
        "the sweep changes nothing: the protocol has no input 'Crate'; ",
        "the sweep changes nothing: the protocol has no input 'hold'; i",
    ]


@pytest.mark.parametrize(
    "used",
    [{"experiment_parameters": {"C-rate": 2}}, {"design_parameters": {THICKNESS: 8e-5}}],
)
def test_a_sweep_with_an_effect_is_run_with_a_note_on_the_unused_name(used: Any) -> None:
    first, second = swept("Crate", 1, 2)
    second = {**second, **used}
    if "experiment_parameters" in used:
        second["experiment_parameters"] = {"Crate": 2, **used["experiment_parameters"]}

    found = reviewed(first, second)

    assert found.problems == []
    assert [len(notes) for notes in found.notes] == [1, 1]


def test_the_same_run_twice_is_not_a_sweep() -> None:
    assert reviewed(*swept("Crate", 1, 1)).problems == []
