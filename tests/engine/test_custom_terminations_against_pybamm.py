"""Steps that end on variables of a model end when PyBaMM's own custom terminations end them."""

import pybamm
import pytest

from ionworks.engine import check, review, simulate
from ionworks.records.protocol import protocol_text
from tests.engine.runs import SPM, protocol, reasons, run, steps

STOICHIOMETRY = "Negative electrode stoichiometry"
ANODE = "Negative electrode surface potential difference at separator interface [V]"
RATIO = f'"{STOICHIOMETRY}" / "Positive electrode stoichiometry"'


def custom(name, function):
    return pybamm.step.CustomTermination(name, function)


def stoichiometries(variables):
    return variables[STOICHIOMETRY] / variables["Positive electrode stoichiometry"] - 0.5


class AbovePotential(pybamm.step.BaseTermination):
    """A termination of a user's own class."""

    def get_event_name(self, step):
        return f"potential of {step.direction} [experiment]"

    def get_event_expression(self, variables, step):
        sign = 1 if step.direction == "charge" else -1
        return sign * (variables[ANODE] - self.value)


STEPS = [
    pybamm.step.c_rate(1, termination=["2.5 V", custom("low", stoichiometries)]),
    pybamm.step.c_rate(-1.5, termination=["4.2 V", AbovePotential(0.01)]),
    pybamm.step.power(-10, termination=custom("full", lambda v: 0.7 - v[STOICHIOMETRY])),
]
ENDS = [f"{RATIO} < 0.5", f'"{ANODE}" < 0.01', f'"{STOICHIOMETRY}" > 0.7']


@pytest.mark.parametrize("model", ["SPM", "SPMe", "DFN"])
def test_custom_terminations_end_steps_when_pybamm_ends_them(model):
    experiment = pybamm.Experiment(STEPS)
    solution = pybamm.Simulation(
        getattr(pybamm.lithium_ion, model)(),
        experiment=experiment,
        parameter_values=pybamm.ParameterValues("Chen2020"),
        solver=pybamm.IDAKLUSolver(rtol=1e-7, atol=1e-8),
    ).solve(initial_soc=1, calc_esoh=False)
    ends = [cycle.t[-1] for cycle in solution.cycles]
    text = protocol_text(experiment, "protocol")
    own = {**SPM, "type": model}

    [outcome] = simulate(own, text, [{"id": "a"}], extra_variables=[ANODE])

    assert reasons(outcome) == ENDS
    # The reference itself is off by its tolerances, and so is the start of each step after it.
    assert steps(outcome, "End time [s]") == pytest.approx(ends, rel=1e-5, abs=0.02)
    voltages = [cycle["Voltage [V]"].entries[-1] for cycle in solution.cycles]
    assert steps(outcome, "End voltage [V]") == pytest.approx(voltages, abs=5e-5)
    # The event itself is found, not only a saved point: they are a minute apart.
    at_end = outcome.time_series.filter(outcome.time_series["Step count"] == 1)[ANODE][-1]
    assert at_end == pytest.approx(0.01, abs=1e-8)


def test_an_end_that_holds_already_takes_no_time_and_jumps():
    outcome = run(
        f"Discharge: {{mode: C-rate, value: 1, ends: ['\"{STOICHIOMETRY}\" < 0.4']}}",
        f"Discharge: {{mode: C-rate, value: 1, ends: [{{'\"{STOICHIOMETRY}\" < 0.4': "
        "{goto: Last}}, Voltage < 2.5]}",
        "Rest: {duration: 60}",
        "Last: [Rest: {duration: 5}]",
    )

    assert steps(outcome, "Duration [s]")[1:] == [0.0, 5.0]
    assert reasons(outcome) == [f'"{STOICHIOMETRY}" < 0.4'] * 2 + ["duration"]


def test_a_small_quantity_is_no_end_before_it_is_reached():
    sei = {**SPM, "options": {"SEI": "reaction limited"}}
    thickness = "X-averaged negative SEI thickness [m]"

    outcome = run(
        f"Rest: {{duration: 7200, ends: ['\"{thickness}\" > 6e-9']}}",
        f"Charge: {{mode: C-rate, value: 1, ends: [Voltage > 4, '\"{thickness}\" > 6e-9']}}",
        model=sei,
        extra_variables=[thickness],
    )

    assert reasons(outcome) == ["duration", "Voltage > 4"]
    assert outcome.time_series[thickness].max() < 6e-9


def test_a_control_compares_a_variable_of_the_model():
    outcome = run(
        "Lap: [Discharge: {mode: C-rate, value: 1, duration: 300}]",
        f"Control: {{ends: [{{'\"{STOICHIOMETRY}\" > 0.3': {{goto: Lap}}}}]}}",
        "Rest: {duration: 1}",
        extra_variables=[STOICHIOMETRY],
    )

    last = outcome.time_series.group_by("Step count", maintain_order=True).last()[STOICHIOMETRY]
    assert all(value > 0.3 for value in last[:-2])
    assert last[-2] <= 0.3
    assert len(last) > 2


def test_runs_of_a_sweep_end_on_their_own_thresholds():
    text = protocol(
        "Discharge: {mode: C-rate, value: 1, ends: "
        f'[\'"{STOICHIOMETRY}" < input["least"]\', Voltage < 2.5]}}'
    )
    thickness = "Negative electrode thickness [m]"
    runs = [
        {
            "id": str(number),
            "experiment_parameters": {"least": least},
            "design_parameters": {thickness: length},
        }
        for number, (least, length) in enumerate([(0.4, 8e-5), (0.3, 8e-5), (0.3, 9e-5)])
    ]

    found = {each.id: each for each in simulate(SPM, text, runs, extra_variables=[STOICHIOMETRY])}

    lasting = [steps(found[str(number)], "Duration [s]")[0] for number in range(3)]
    assert lasting[0] < lasting[1] < lasting[2]
    for number, least in enumerate([0.4, 0.3, 0.3]):
        assert found[str(number)].time_series[STOICHIOMETRY][-1] == pytest.approx(least, abs=1e-9)


def test_a_design_parameter_has_an_effect_through_an_end():
    porosity = "Negative electrode porosity"
    formula = "'\"X-averaged negative electrode porosity\" < 0.1'"
    text = protocol(f"Rest: {{duration: 60, ends: [{formula}]}}")
    runs = [{"id": "a", "design_parameters": {porosity: 0.2}}]

    assert review(SPM, text, runs).notes == [()]
    [[note]] = review(SPM, protocol("Rest: {duration: 60}"), runs).notes
    assert "no effect" in note.message


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ('"Negative electrode stoichiometri"', "no variable 'Negative electrode stoichiometri'"),
        ('"Negative particle concentration [mol.m-3]"', "varies in space, but a step ends on one"),
        ('"Voltage [V]" - parameter("Unheard")', "needs the parameter 'Unheard'"),
        ('left("Voltage [V]" * sin(1))/"Current [A]"', ""),
    ],
)
def test_a_formula_is_checked_before_a_run(formula, words):
    text = protocol(f"Rest: {{duration: 60, ends: ['{formula} < 1']}}")

    problems = check(SPM, text, [{"id": "a"}])

    assert len(problems) == bool(words)
    assert all(words in problem for problem in problems)
    assert all(problem.startswith("steps[0].Rest.ends[0]: the end on") for problem in problems)
