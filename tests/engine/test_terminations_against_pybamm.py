"""Terminations of whole experiments end a run after the cycle after which PyBaMM ends it."""

import numpy as np
import pybamm
import pytest

from ionworks.engine import check, simulate
from ionworks.engine.cells.registry import open_cell
from ionworks.records.protocol import protocol_text
from tests.engine.runs import SPM, protocol, run, steps

OPTIONS = {"SEI": "ec reaction limited"}
FAST = {"SEI kinetic rate constant [m.s-1]": 5e-14, "EC diffusivity [m2.s-1]": 5e-18}
AGEING = {**SPM, "options": OPTIONS, "parameters": FAST}
CYCLE = ("Discharge at 1C until 3.0 V", "Charge at 1C until 4.1 V", "Hold at 4.1 V until C/10")
PULSE = ("Discharge at 1C for 5 minutes",)


def solved(experiment):
    """Return PyBaMM's own solution with a cell that loses lithium."""
    values = pybamm.ParameterValues("Chen2020")
    values.update(FAST)
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(OPTIONS),
        experiment=experiment,
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=1e-7, atol=1e-8),
    )
    return simulation.solve(initial_soc=1)


@pytest.mark.parametrize(
    ("cycles", "termination", "count"),
    [
        ([CYCLE] * 40, "96.5% capacity", 6),
        ([CYCLE] * 40, ["99% capacity", "5.0 Ah capacity", "2 V"], 4),
        ([CYCLE] * 40, "100% capacity", 1),
        ([CYCLE] * 40, "5 hours", 3),
        ([PULSE * 2, PULSE] * 20, "3.7 V", 3),
        ([*PULSE] * 20, "3.7 V", 5),
    ],
)
def test_a_run_ends_after_the_cycle_after_which_pybamm_ends_it(cycles, termination, count):
    experiment = pybamm.Experiment(cycles, termination=termination)
    solution = solved(experiment)
    assert len(solution.cycles) == count
    ends = [step.t[-1] for cycle in solution.cycles for step in cycle.steps]

    [outcome] = simulate(AGEING, protocol_text(experiment, "protocol"), [{"id": "a"}])

    assert outcome.error is None
    is_in_step = termination == "5 hours"
    assert ("the test ended after cycle" in str(outcome.metrics.get("notes"))) != is_in_step
    assert steps(outcome, "End time [s]") == pytest.approx(ends, rel=1e-5)
    times = outcome.time_series["Time [s]"].to_numpy()
    # Where the current jumps there are two points.
    inside = np.abs(times[:, None] - [0.0, *ends]).min(axis=1) > 1
    theirs = solution["Voltage [V]"](times[inside])
    assert outcome.time_series["Voltage [V]"].to_numpy()[inside] == pytest.approx(theirs, abs=5e-4)


def test_the_capacity_is_that_of_pybamm():
    solution = solved(pybamm.Experiment([CYCLE] * 2))
    names = [
        "Negative electrode capacity [A.h]",
        "Positive electrode capacity [A.h]",
        "Total lithium capacity in particles [A.h]",
    ]
    states = open_cell(AGEING).initial_states(())

    for number in range(2):
        amounts = [solution.cycles[number][name].entries[-1] for name in names]
        expected = solution.summary_variables["Capacity [A.h]"][number]
        assert states.capacity(amounts, {}) == pytest.approx(expected, rel=1e-6)
    assert states.capacity([5.0, 5.0, 20.0], {}) is None


def test_a_capacity_steers_a_protocol():
    outcome = run(
        "Control: {set_variable: {name: VAR_NEW, eval: CELL_CAPACITY}}",
        "Ageing: {repeat: 9, steps: [Charge: {mode: Voltage, value: 4.1, duration: 7200}, "
        "Control: {ends: [{'Cell capacity < 0.96 * VAR_NEW': {goto: Last}}]}]}",
        "Last: [Discharge: {mode: Current, value: CELL_CAPACITY / 2, duration: 60}]",
        model=AGEING,
    )

    assert 2 < steps(outcome, "Step count")[-1] < 9
    assert 0.93 * 5.153 / 2 < steps(outcome, "Mean current [A]")[-1] < 0.96 * 5.153 / 2


def test_the_lowest_voltage_is_that_of_the_cycle():
    outcome = run(
        "Discharge: {mode: C-rate, value: 1, duration: 60}",
        "Advance cycle",
        "Rest: {duration: 60}",
        "Rest: {duration: 60, set_variable: {name: VAR_LEAST, eval: CYCLE_V_MIN}}",
        "Discharge: {mode: Voltage, value: VAR_LEAST, duration: 1}",
    )

    assert steps(outcome, "End voltage [V]")[-1] == pytest.approx(
        steps(outcome, "Min voltage [V]")[1], abs=1e-6
    )


def test_a_circuit_has_no_capacity_of_electrodes():
    text = protocol("Control: {ends: [{CELL_CAPACITY < 4: {goto: End}}]}", "Rest: {duration: 1}")

    [problem] = check({"type": "quick", "capacity": 5}, text, [{"id": "a"}])

    assert "CELL_CAPACITY is the capacity between the lithium of two electrodes" in problem
