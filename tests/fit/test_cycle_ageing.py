"""Degradation over cycles, on data from plain PyBaMM."""

from functools import cache

import numpy as np
import polars as pl
import pybamm
import pytest
from attrs import evolve

from ionworks.engine import fitting
from ionworks.engine.eject.sequence import sequence
from ionworks.engine.fitting.fields import strictly
from ionworks.engine.fitting.objectives.experiments import read_experiment
from ionworks.engine.fitting.objectives.reader import read_objective
from ionworks.engine.fitting.objectives.registry import build
from ionworks.engine.fitting.state import State
from ionworks.engine.protocols.compiler import compile_program
from ionworks.ucp import parse

DIFFUSIVITY = "SEI solvent diffusivity [m2.s-1]"
TRUTH = 8e-21
MODEL = {"type": "SPM", "options": {"SEI": "solvent-diffusion limited"}}
CYCLES = 6
STEPS = ["Discharge at 1C until 3 V", "Charge at 1C until 4.15 V"]
PROTOCOL = """
global: {initial_soc: 1, temperature: 25}
steps:
  - Block:
      repeat: 8
      steps:
        - Discharge: {mode: C-rate, value: 1, ends: ["Voltage < 3"]}
        - Charge: {mode: C-rate, value: 1, ends: ["Voltage > 4.15"]}
"""
EXPERIMENT = {"experiment": PROTOCOL}
DISCHARGED = "Discharge capacity [A.h]"
LAST = {"type": "Last", "variable": "Voltage [V]"}


@cache
def aged():
    """Return what PyBaMM's own experiments say of each cycle, the fresh cell first."""
    values = pybamm.ParameterValues("OKane2022")
    values.update({DIFFUSIVITY: TRUTH})
    model = pybamm.lithium_ion.SPM({**MODEL["options"], "calculate discharge energy": "true"})
    solution = pybamm.Simulation(
        model,
        parameter_values=values,
        experiment=pybamm.Experiment([tuple(STEPS)] * CYCLES),
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8),
    ).solve(initial_soc=1)
    loss = [float(cycle["Loss of lithium inventory [%]"].entries[-1]) for cycle in solution.cycles]
    discharged = [float(np.ptp(cycle.steps[0][DISCHARGED].entries)) for cycle in solution.cycles]
    return pl.DataFrame(
        {
            "Cycle number": range(CYCLES + 1),
            "LLI [%]": [0.0, *loss],
            DISCHARGED: [*discharged, np.nan],
        }
    )


def cycled(*cycles):
    """Return the rows of some cycles."""
    return aged()[list(cycles)]


def known(diffusivity=None, **more):
    values = {"parameter_set": "OKane2022", "model": MODEL, **more}
    if diffusivity is not None:
        values[DIFFUSIVITY] = diffusivity
    return {"element_type": "entry", "values": values}


def objective(data, **options):
    return {"type": "CycleAgeing", "data": data, "options": {**EXPERIMENT, **options}}


def element(data, **options):
    return {
        "element_type": "data_fit",
        "objectives": {"it": objective(data, **options)},
        "parameters": {DIFFUSIVITY: {"bounds": [1e-21, 1e-19]}},
        "cost": {"type": "MSE", "normalization": "mean_squares"},
    }


def built(data, *fitted, **options):
    state = State({}, parameter_set="OKane2022", model=MODEL)
    request = strictly(read_objective, "it", objective(data, **options), state)
    return build(evolve(request, fitted=fitted), state)


@pytest.fixture(scope="module")
def ageing():
    """One objective whose models are built."""
    return built(cycled(2, 4, 6).drop(DISCHARGED), DIFFUSIVITY)


def test_cycles_agree_with_plain_pybamm():
    elements = {
        "known": known(TRUTH),
        "it": {"element_type": "validation", "objectives": {"it": objective(cycled(0, 2, 5))}},
    }
    assert fitting.check_elements(elements) == []
    found = fitting.run_pipeline(elements, {})["series"]["it"]["it"]
    assert found["x"] == "Cycle number"
    assert found["x_values"] == [0, 2, 5]
    for name in ("LLI [%]", DISCHARGED):
        series = found["variables"][name]
        assert series["model"] == pytest.approx(cycled(0, 2, 5)[name].to_list(), rel=1e-5, abs=1e-9)


def test_a_solvent_diffusivity_is_recovered_from_ageing():
    elements = {"known": known(), "fit": element(cycled(0, 2, 6).drop(DISCHARGED))}
    assert fitting.check_elements(elements) == []
    found = fitting.run_pipeline(elements, {})["element_results"]["fit"]
    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(TRUTH, rel=1e-3)


def test_candidates_are_cycled_together(ageing):
    values = [4e-21, TRUTH, 1.6e-20]
    together = [each.values for each in ageing.predict([{DIFFUSIVITY: x} for x in values])]
    assert together[1][0] == pytest.approx(cycled(2, 4, 6)["LLI [%]"].to_list(), rel=1e-5)
    # Growth that diffusion limits goes with the root of the diffusivity.
    first, _, last = (found[0] for found in together)
    assert last[-1] > 1.5 * first[-1]
    # What was cycled once is not cycled again.
    [again] = ageing.predict([{DIFFUSIVITY: TRUTH}])
    assert again.values is together[1]


CONFIGURATION = {
    "cycles": [
        [
            {"type": "c-rate", "value": 1, "terminations": [{"type": "voltage", "value": 2.6}]},
            {
                "type": "c-rate",
                "value": -1,
                "terminations": [{"type": "voltage", "value": 4.15}],
                "period": 60.0,
            },
            {"type": "voltage", "value": 4.15, "duration": 120},
            {"type": "rest", "duration": "2 minutes", "description": "a break"},
        ]
    ]
    * 2
}


def test_an_experiment_of_pybamm_starts_at_the_initial_concentrations():
    solution = pybamm.Simulation(
        pybamm.lithium_ion.SPM({**MODEL["options"], "calculate discharge energy": "true"}),
        parameter_values=pybamm.ParameterValues("OKane2022"),
        experiment=pybamm.Experiment.from_config(CONFIGURATION),
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8),
    ).solve()
    loss = float(solution.cycles[0]["Loss of lithium inventory [%]"].entries[-1])
    out, into = (
        [float(np.ptp(cycle.steps[place][DISCHARGED].entries)) for cycle in solution.cycles]
        for place in (0, 1)
    )
    data = pl.DataFrame(
        {
            "Cycle number": [0, 1],
            "LLI [%]": [0.0, loss],
            "Out": out,
            "Twice in": [2 * each for each in into],
        }
    )

    def end(which, step):
        metric = {"type": which, "variable": DISCHARGED}
        return {"type": "CyclewiseMetric", "step": step, "metric": metric}

    def composed(operation, left, right):
        return {"type": "ComposedMetric", "operation": operation, "left": left, "right": right}

    charged = composed("sub", end("First", 1), end("Last", 1))
    metrics = {
        "Out": composed("sub", end("Last", 0), end("First", 0)),
        "Twice in": composed("add", charged, charged),
    }
    objective = built(data, experiment=CONFIGURATION, metrics=metrics)
    [found] = objective.predict([{}])
    expected = data.select(*objective.measured).to_numpy().T
    assert list(objective.measured) == ["Out", "Twice in", "LLI [%]"]
    assert found.values == pytest.approx(expected, rel=2e-5, abs=1e-9)


def executed(experiment):
    """Return the steps of an experiment, each with its cycle."""
    protocol = parse(experiment.protocol).protocol
    program = compile_program(protocol, {"V_MIN": 2.5, "V_MAX": 4.2, "Q_NOM": 5})
    return [
        (each.cycle, each.step.stimulus, [limit.text for limit in each.step.limits])
        for each in sequence(program, 298.15, 10)
    ]


def test_all_forms_of_an_experiment_agree():
    steps = executed(read_experiment([STEPS] * 3))
    forms = {
        "configuration": pybamm.Experiment([tuple(STEPS)] * 3).to_config(),
        "cycles": [tuple(STEPS), ["\n".join(STEPS)], STEPS],
    }
    assert [cycle for cycle, *_ in steps] == [0, 0, 1, 1, 2, 2]
    for form in forms.values():
        assert executed(read_experiment(form)) == steps
        assert not read_experiment(form).has_start
    alone = executed(read_experiment([*STEPS, *STEPS]))
    assert [cycle for cycle, *_ in alone] == [0, 1, 2, 3]
    lines = read_experiment("\n".join(STEPS))
    assert (lines.protocol, lines.has_start) == ("\n".join(STEPS), False)
    assert read_experiment(PROTOCOL).has_start
    assert read_experiment({"steps": []}).has_start


def test_retention_is_relative_to_the_first_row():
    names = ["Cycle count", "Capacity retention [%]"]
    data = pl.DataFrame(dict(zip(names, ([1, 3], [100.0, 99.0]), strict=True)))
    [found] = built(data, DIFFUSIVITY).predict([{DIFFUSIVITY: TRUTH}])
    second, fourth = cycled(1, 3)[DISCHARGED]
    assert found.values[0] == pytest.approx([100, 100 * fourth / second], rel=2e-5)


def test_initial_conditions_of_the_pipeline_take_precedence_over_the_protocol():
    data = cycled(0).select("Cycle number", DISCHARGED)
    said = built(data, "Initial SOC", "Initial voltage [V]")
    half, full, outside = said.predict(
        [{"Initial SOC": 0.5}, {"Initial voltage [V]": 4.2}, {"Initial SOC": 1.5}]
    )
    protocol = PROTOCOL.replace("initial_soc: 1", "initial_soc: 0.5")
    [expected] = built(data, experiment=protocol).predict([{}])
    assert half.values == pytest.approx(expected.values, rel=1e-9)
    # The cell is full at 4.2 V, as it is at the start of the data.
    assert full.values == pytest.approx(np.array([[data[DISCHARGED][0]]]), rel=2e-3)
    assert "lies between 0 and 1" in outside.reason


@pytest.mark.parametrize(
    ("experiment", "given", "words"),
    [
        ("\n".join(STEPS), (), "from the initial concentrations of the parameter set"),
        ("\n".join(STEPS), ("negative", "positive"), None),
        (PROTOCOL, ("negative", "positive"), "not from the initial concentrations"),
        (PROTOCOL, (), None),
    ],
)
def test_notes_tell_where_an_experiment_starts(experiment, given, words):
    state = State({}, parameter_set="OKane2022", model=MODEL)
    state.values = {f"Initial concentration in {side} electrode [mol.m-3]": 2e4 for side in given}
    data = cycled(0).select("Cycle number", DISCHARGED)
    request = strictly(read_objective, "it", objective(data, experiment=experiment), state)

    build(evolve(request, fitted=()), state)

    notes = [note for note in state.notes if "the cell starts" in note]
    assert [words in note for note in notes] == [True] * bool(words)


def test_a_protocol_with_too_few_cycles_is_refused():
    with pytest.raises(ValueError, match="the experiment has 1 cycles, but the data need 4"):
        built(cycled(4).drop(DISCHARGED), experiment="\n".join(STEPS)).predict([{}])


def test_a_run_that_fails_holds_its_last_cycle():
    data = cycled(1, 2, 6).drop(DISCHARGED)
    # Each cycle charges more than it discharges, until the cell leaves the voltages it is valid in.
    protocol = """
global: {initial_soc: 0.7}
steps:
  - Block:
      repeat: 8
      steps:
        - Discharge: {mode: C-rate, value: 1, duration: 1200}
        - Charge: {mode: C-rate, value: 1, duration: 1800}
"""
    [found] = built(data, experiment=protocol).predict([{}])
    assert "left the range the model is valid in" in found.reason
    assert found.missing == pytest.approx(2 / 3)
    assert found.values[0, 0] < found.values[0, 1] == found.values[0, 2]


def test_a_canceled_fit_keeps_its_best_point_without_cycling_it_again():
    asked = iter(range(1000))
    elements = {"known": known(), "fit": element(cycled(0, 2).drop(DISCHARGED))}
    found = fitting.run_pipeline(elements, {}, should_stop=lambda: next(asked) > 20)
    assert found["status"] == "canceled"
    assert found["element_results"]["fit"]["parameter_values"].keys() == {DIFFUSIVITY}
    # The fit is polled between steps only, and rarely after it was canceled.
    assert next(asked) < 40


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        ({"LLI [%]": [1.0]}, {}, "no column 'Cycle number' or 'Cycle count'"),
        ({"Cycle number": [1]}, {}, "there is no column 'LLI [%]'"),
        (
            {"Cycle number": [1], "LLI [%]": [1.0]},
            {"objective variables": ["Voltage [V]"]},
            "there is no column 'Voltage [V]'",
        ),
        ({"Cycle number": [1], "LLI [%]": [1.0]}, {"experiment": None}, "'experiment' is missing"),
        (
            {"Cycle number": [1], "LLI [%]": [1.0]},
            {"experiment": "steps: [{Rest: {duraton: 60}}]"},
            "duraton",
        ),
        (
            {"Cycle number": [1], "LLI [%]": [1.0]},
            {"experiment": [[3]]},
            "3 is not a step",
        ),
        ({"Cycle number": [1], "LLI [%]": [1.0]}, {"experiment": ["Fly"]}, "Fly"),
        ({"Cycle number": [1], "LLI [%]": [1.0]}, {"termination": "events"}, "'termination'"),
        ({"Cycle number": [1], "LLI [%]": [1.0]}, {"use_cv": True}, "'use_cv' is not supported"),
        *(
            ({"Cycle number": [1], "LLI [%]": [1.0]}, {"metrics": metrics}, words)
            for metrics, words in (
                ({"LLI [%]": 1}, "metrics: 'LLI [%]' is 1; give a CyclewiseMetric"),
                ({"LLI [%]": {"type": "Mean"}}, "'Mean' is not supported"),
                (
                    {"LLI [%]": {"type": "ComposedMetric", "operation": "pow"}},
                    "'pow' is not supported",
                ),
                ({"LLI [%]": {"type": "CyclewiseMetric", "metric": {"type": "Mean"}}}, "First or"),
                ({"LLI [%]": {"type": "CyclewiseMetric", "cycle": 1}}, "has no field 'cycle'"),
                ({"x": {"type": "CyclewiseMetric", "metric": LAST}}, "there is no column 'x'"),
            )
        ),
        *(
            ({"Cycle number": [1], "LLI [%]": [1.0]}, {"experiment": {"cycles": [[step]]}}, words)
            for step, words in (
                ({"type": "c-rate", "value": 1, "start_time": 3}, "'start_time' of the step"),
                ({"type": "c-rate", "value": 1, "temperature": -3}, "must not be below -273.15"),
                ({"type": "drive", "value": 1}, "is not supported; use current"),
                ({"type": "voltage", "value": "4"}, "'4' of {'type': 'voltage'"),
                ({"type": "rest", "terminations": [{"type": "voltage"}]}, "is not a number"),
            )
        ),
    ],
)
def test_errors_found_before_the_run(data, options, words):
    found = fitting.check_elements({"known": known(), "fit": element(data, **options)})
    assert any(words in problem for problem in found), found


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"Cycle number": [1.5], "LLI [%]": [1.0]}, "whole numbers of 0 or more"),
        ({"Cycle number": [0], "LLI [%]": [0.0]}, "no cycle after the fresh cell"),
        ({"Cycle number": [1], "Fade": [1.0]}, "there is no column 'LLI"),
    ],
)
def test_invalid_data_are_refused(data, words):
    with pytest.raises(ValueError, match=words):
        built(data)
