"""Design parameters without effect: notes of a run, and sweeps that change nothing."""

import pytest

from ionworks.engine import describe, parameter_values, review

SPM = {"type": "SPM", "parameter_set": "Chen2020"}
POROSITY = "Negative electrode porosity"
SEI = "SEI resistivity [Ohm.m]"
THICKNESS = "Positive electrode thickness [m]"
CAPACITY = "Nominal cell capacity [A.h]"
LOWER = "Lower voltage cut-off [V]"
RATE = 'steps: [{Discharge: {mode: C-rate, value: 1, ends: ["Voltage < 2.6"]}}]'
CURRENT = 'steps: [{Discharge: {mode: Current, value: 5, ends: ["Voltage < 2.6"]}}]'
CUTOFF = 'steps: [{Discharge: {mode: Current, value: 5, ends: ["Voltage < V_MIN"]}}]'
INPUT = "steps: [{Rest: {duration: \"input['time']\"}}]"


def reviewed(*designs, protocol=RATE, model=SPM, **options):
    runs = [
        {"experiment_parameters": options.get("values", {}), "design_parameters": design}
        for design in designs
    ]
    return review(model, protocol, runs, extra_variables=options.get("extra_variables", ()))


def unused(design, **options):
    found = reviewed(design, **options)
    assert found.problems == []
    assert {note.category for note in found.notes[0]} <= {"parameters"}
    return [name for name in design if any(repr(name) in n.message for n in found.notes[0])]


def test_a_parameter_without_effect_is_noted():
    [[note]] = reviewed({POROSITY: 0.2}).notes
    assert note.category == "parameters"
    assert f"design parameter {POROSITY!r} has no effect" in note.message
    assert "Single Particle Model" in note.message


def test_a_parameter_with_an_effect_is_not_noted():
    assert unused({THICKNESS: 7e-5, SEI: 1e5}) == [SEI]
    assert unused({SEI: 1e5}, model={**SPM, "options": {"SEI": "reaction limited"}}) == []
    assert unused({POROSITY: 0.2}, model={**SPM, "type": "SPMe"}) == []


def test_a_recorded_variable_depends_on_a_parameter():
    recorded = ["X-averaged negative electrode porosity"]
    assert unused({POROSITY: 0.2}, extra_variables=recorded) == []


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [(RATE, [LOWER]), (CURRENT, [CAPACITY, LOWER]), (CUTOFF, [CAPACITY])],
)
def test_a_protocol_depends_on_constants_of_the_cell(protocol, expected):
    assert unused({CAPACITY: 4.8, LOWER: 2.7}, protocol=protocol) == expected


def test_a_sweep_of_parameters_without_effect_is_refused():
    problems = reviewed(*({POROSITY: each, SEI: 1e5} for each in (0.2, 0.22, 0.24))).problems

    [problem] = problems
    assert problem.startswith("the sweep changes nothing")
    assert repr(POROSITY) in problem
    assert SEI not in problem


def test_a_sweep_with_one_effect_is_noted():
    found = reviewed({POROSITY: 0.2, THICKNESS: 7e-5}, {POROSITY: 0.22, THICKNESS: 8e-5})

    assert found.problems == []
    assert all(repr(POROSITY) in note.message for [note] in found.notes)


def test_equal_designs_are_no_sweep():
    assert reviewed({POROSITY: 0.2}, {POROSITY: 0.2}).problems == []


def test_a_sweep_of_inputs_of_the_protocol_has_an_effect():
    runs = [
        {"experiment_parameters": {"time": time}, "design_parameters": {POROSITY: porosity}}
        for time in (10, 20)
        for porosity in (0.2, 0.22)
    ]
    found = review(SPM, INPUT, runs)

    assert found.problems == []
    assert len(found.notes) == 4


def test_overrides_without_effect_are_noted_for_the_runs_they_are_given_for():
    model = {**SPM, "parameters": {POROSITY: 0.2, CAPACITY: 4.8, THICKNESS: 7e-5}}
    names = [POROSITY, CAPACITY, THICKNESS]
    for protocol, count in ((RATE, 1), (CURRENT, 2)):
        [notes] = review(model, protocol, [{}], overrides=names).notes
        assert len(notes) == count
        assert f"parameter {POROSITY!r} has no effect" in notes[0].message
    assert review(model, RATE, [{}]).notes == [()]
    [note] = describe(model)["notes"]
    assert f"parameter {POROSITY!r} has no effect" in note


def test_a_complete_set_of_values_is_not_noted():
    values = describe(SPM)["parameters"]
    numbers = {name: value * 1.001 for name, value in values.items() if value}
    assert describe({**SPM, "parameters": numbers})["notes"] == []
    circuit = parameter_values({"type": "Thevenin", "parameter_set": "ECM_Example"})
    assert describe({"type": "Thevenin", "parameters": circuit})["notes"] == []
