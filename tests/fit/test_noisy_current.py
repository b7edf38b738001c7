"""Fits to currents with the noise of a sensor, on data from plain PyBaMM."""

from functools import cache

import numpy as np
import polars as pl
import pybamm
import pytest
from attrs import evolve

from ionworks.engine import fitting
from ionworks.engine.fitting.fields import strictly
from ionworks.engine.fitting.objectives.reader import read_objective
from ionworks.engine.fitting.objectives.registry import build
from ionworks.engine.fitting.state import State
from tests.fit.measurements import DIFFUSIVITY, FRACTION, SOC, TRUTH, entry, fit, measured

NOISE = 1e-3
TIMES = np.arange(0, 601, 2.0)


def noisy(data, seed=7):
    noise = np.random.default_rng(seed).normal(0, NOISE, data.height)
    return data.with_columns(pl.col("Current [A]") + noise)


@pytest.mark.parametrize("kind", ["discharge", "pulse"])
def test_a_noisy_current_gives_the_fit_of_the_current_without_noise(kind):
    elements = {"known": entry(DIFFUSIVITY, FRACTION), "fit": fit(DIFFUSIVITY, FRACTION, data="db")}
    plain = measured(kind=kind)
    found = [fitting.run_pipeline(elements, {"db": data}) for data in (plain, noisy(plain))]
    without, fitted = (each["element_results"]["fit"] for each in found)
    for name, error in fitted["standard_errors"].items():
        distance = abs(fitted["parameter_values"][name] - without["parameter_values"][name])
        assert distance < 0.3 * error
        assert abs(fitted["parameter_values"][name] - TRUTH[name]) < 3 * error
    assert fitted["cost"] == pytest.approx(without["cost"], rel=1e-2)
    assert fitted["evaluations"] <= without["evaluations"] + 10
    [note] = [note for note in found[1]["notes"] if "noisy" in note]
    assert "set the option 'interpolant_lossless' to follow every row" in note
    assert not [note for note in found[0]["notes"] if "noisy" in note]


CURRENTS = {
    "constant": np.full(len(TIMES), 5.0),
    "pulses": np.where(TIMES % 200 < 80, 5.0, 0.0),
    "drive cycle": np.interp(TIMES, TIMES[::10], np.random.default_rng(2).uniform(0, 6, 31)),
}


@cache
def driven(model, name):
    """Return the voltage of PyBaMM under a current whose noise really flows."""
    current = CURRENTS[name] + np.random.default_rng(7).normal(0, NOISE, len(TIMES))
    values = pybamm.ParameterValues("Chen2020")
    values.update({key: value for key, value in TRUTH.items() if key != SOC})
    values.update({"Current function [A]": pybamm.Interpolant(TIMES, current, pybamm.t)})
    simulation = pybamm.Simulation(
        getattr(pybamm.lithium_ion, model)(),
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8),
    )
    solution = simulation.solve(TIMES, t_interp=TIMES, initial_soc=TRUTH[SOC])
    columns = (TIMES, current, solution["Voltage [V]"](TIMES))
    names = ("Time [s]", "Current [A]", "Voltage [V]")
    return pl.DataFrame(dict(zip(names, columns, strict=True)))


@pytest.mark.parametrize("name", CURRENTS)
@pytest.mark.parametrize("model", ["SPM", "DFN"])
def test_noise_that_really_flows_changes_the_voltage_by_little(model, name):
    data = driven(model, name)
    state = State({}, parameter_set="Chen2020", model={"type": model}, values=dict(TRUTH))
    request = strictly(read_objective, "it", {"data": data}, state)
    [found] = build(evolve(request, fitted=()), state).predict([{}])
    error = found.values[0] - data["Voltage [V]"].to_numpy()
    # Noise of 1 mA, which has 4 mA at most, at a resistance of up to 30 mOhm.
    assert np.sqrt(np.mean(error**2)) < 4e-5
    assert np.abs(error).max() < 1.5e-4
    # The charge is that of the measured current, so that nothing adds up.
    assert abs(error.mean()) < 5e-6
