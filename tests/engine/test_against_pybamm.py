"""The engine compared with plain PyBaMM simulations."""

import numpy as np
import polars as pl
import pybamm
import pytest

from ionworks.engine import simulate
from tests.engine.protocol_texts import FULL_DISCHARGE, charge_hold_rest_discharge

THICKNESS = "Positive electrode thickness [m]"
ONE_DISCHARGE = [pybamm.step.c_rate(1, termination="2.5 V")]
FOUR_STEPS = [
    pybamm.step.c_rate(-0.5, termination="4.2 V"),
    pybamm.step.voltage(4.2, termination="0.25 A"),
    pybamm.step.rest(1800),
    pybamm.step.c_rate(1, termination="2.5 V"),
]


def plain_pybamm(model, steps, soc, parameters=None):
    """Solve an experiment as in PyBaMM's documentation, with all defaults."""
    values = pybamm.ParameterValues("Chen2020")
    values.update(parameters or {})
    simulation = pybamm.Simulation(
        getattr(pybamm.lithium_ion, model)(),
        experiment=pybamm.Experiment([tuple(steps)]),
        parameter_values=values,
    )
    return simulation.solve(initial_soc=soc).cycles[0].steps


def voltage_differences(series, steps):
    """Return the RMS difference of the voltages [mV] of each step, where both have run."""
    found = []
    for count, step in enumerate(steps):
        ours = series.filter(pl.col("Step count") == count)
        times = ours["Time [s]"].to_numpy() - ours["Time [s]"][0]
        theirs = step["Voltage [V]"]
        start, end = step.t[0], step.t[-1]
        common = times <= end - start
        # PyBaMM's own Hermite interpolation: straight lines between its knots are 100 mV off.
        reference = theirs(times[common] + start)
        error = ours["Voltage [V]"].to_numpy()[common] - reference
        found.append(1e3 * np.sqrt(np.mean(error**2)))
    return found


@pytest.mark.parametrize("model", ["SPM", "SPMe", "DFN"])
def test_discharge_equals_plain_pybamm(model):
    [outcome] = simulate(
        {"type": model, "parameter_set": "Chen2020"}, FULL_DISCHARGE, [{"id": "a"}]
    )
    [reference] = plain_pybamm(model, ONE_DISCHARGE, 1.0)
    assert outcome.error is None
    assert voltage_differences(outcome.time_series, [reference])[0] < 0.1
    assert outcome.steps["Duration [s]"][0] == pytest.approx(reference.t[-1], abs=0.05)


@pytest.mark.parametrize("model", ["SPM", "SPMe", "DFN"])
def test_four_steps_equal_plain_pybamm(model):
    [outcome] = simulate(
        {"type": model, "parameter_set": "Chen2020"}, charge_hold_rest_discharge(), [{"id": "a"}]
    )
    reference = plain_pybamm(model, FOUR_STEPS, 0.2)
    assert outcome.error is None
    assert max(voltage_differences(outcome.time_series, reference)) < 0.1
    capacity = outcome.steps["Charge capacity [A.h]"][1]
    held = reference[1]["Discharge capacity [A.h]"].entries
    assert capacity == pytest.approx(held[0] - held[-1], rel=2e-3)


@pytest.mark.parametrize("model", ["SPM", "DFN"])
def test_swept_thickness_equals_plain_pybamm(model):
    thicknesses = [65e-6, 80e-6]
    runs = [{"id": str(t), "design_parameters": {THICKNESS: t}} for t in thicknesses]
    outcomes = simulate({"type": model, "parameter_set": "Chen2020"}, FULL_DISCHARGE, runs)
    found = {outcome.id: outcome for outcome in outcomes}
    for thickness in thicknesses:
        reference = plain_pybamm(model, ONE_DISCHARGE, 1.0, {THICKNESS: thickness})
        series = found[str(thickness)].time_series
        assert voltage_differences(series, reference)[0] < 1.0


def test_swept_diffusivity_equals_plain_pybamm():
    name, value = "Negative particle diffusivity [m2.s-1]", 2e-14
    [outcome] = simulate(
        {"type": "SPM", "parameter_set": "Chen2020"},
        FULL_DISCHARGE,
        [{"id": "a", "design_parameters": {name: value}}],
    )
    reference = plain_pybamm("SPM", ONE_DISCHARGE, 1.0, {name: value})
    assert voltage_differences(outcome.time_series, reference)[0] < 0.1
