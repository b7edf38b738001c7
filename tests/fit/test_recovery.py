"""Fits recover the parameters of noisy synthetic data within three standard errors."""

from functools import cache
from typing import Any

import numpy as np
import pybamm
import pytest

from ionworks.engine import fitting
from tests.fit.measurements import (
    DIFFUSIVITY,
    EXCHANGE,
    FRACTION,
    NOISE,
    POSITIVE_DIFFUSIVITY,
    POSITIVE_FRACTION,
    SOC,
    TRUTH,
    entry,
    fit,
    measured,
)

THREE = (DIFFUSIVITY, POSITIVE_DIFFUSIVITY, FRACTION)
SIX = (*THREE, POSITIVE_FRACTION, EXCHANGE, SOC)

GLOBAL: dict[str, dict[str, Any]] = {
    "DifferentialEvolution": {"population_size": 12, "max_iterations": 15},
    "CMAES": {"max_iterations": 40},
    "PSO": {"population_size": 10, "max_iterations": 30},
    "XNES": {"max_iterations": 40},
    "ScipyDifferentialEvolution": {"popsize": 4, "maxiter": 10},
    "ScipyDualAnnealing": {"maxiter": 10},
    "ScipyShgo": {},
}
LOCAL: dict[str, dict[str, Any]] = {
    "ScipyLeastSquares": {},
    "ScipyMinimize L-BFGS-B": {"method": "L-BFGS-B"},
    "ScipyMinimize Nelder-Mead": {"method": "Nelder-Mead"},
    "ScipyBasinhopping": {"niter": 1},
}
STARTS = {
    "below": dict(zip(SIX, (3e-15, 5e-14, 0.65, 0.75, 5.0, 0.87), strict=True)),
    "above": dict(zip(SIX, (3e-13, 1e-15, 0.80, 0.60, 0.5, 0.99), strict=True)),
    "near": dict(zip(SIX, (2e-14, 8e-15, 0.75, 0.65, 1.0, 0.96), strict=True)),
}
BOUND = 3.0
"""Largest error of a parameter, in standard errors."""


def optimizer_of(label):
    """Return the wire form of an optimizer with the options it is tested with."""
    options = (GLOBAL | LOCAL)[label]
    return {"type": label.split()[0], **options}


def run(names, optimizer=None, kind="discharge", model="SPM", **more):
    data = {f"db:{kind}": measured(model, kind)}
    elements = {
        "known": entry(*names, model=model),
        "fit": fit(*names, data=f"db:{kind}", optimizer=optimizer, options={"seed": 3}, **more),
    }
    assert fitting.check_elements(elements) == []
    return fitting.run_pipeline(elements, data)["element_results"]["fit"]


@cache
def default_fit(names, kind, model):
    """Return the result of a fit with the default optimizer, run once for all tests."""
    return run(names, kind=kind, model=model)


def distance(result, names):
    """Return how many standard errors the worst parameter is from the truth."""
    values, errors = result["parameter_values"], result["standard_errors"]
    return max(abs(values[name] - TRUTH[name]) / errors[name] for name in names)


def assert_recovered(result, names):
    assert distance(result, names) < BOUND, (result["parameter_values"], result["message"])


@pytest.mark.parametrize("model", ["SPM", "SPMe"])
@pytest.mark.parametrize("kind", ["discharge", "pulse"])
@pytest.mark.parametrize("names", [THREE[:1], THREE, SIX], ids=["1", "3", "6"])
def test_the_default_optimizer_recovers(names, kind, model):
    result = default_fit(names, kind, model)
    assert result["success"]
    assert_recovered(result, names)
    assert result["cost"] == pytest.approx(NOISE, rel=0.2)


def test_standard_errors_agree_with_a_jacobian_by_plain_pybamm():
    result = default_fit(THREE[:1], "discharge", "SPM")
    found = result["parameter_values"][DIFFUSIVITY]

    def voltages(diffusivity):
        values = pybamm.ParameterValues("Chen2020")
        own = {name: value for name, value in TRUTH.items() if name != SOC}
        values.update(own | {DIFFUSIVITY: diffusivity})
        times = measured()["Time [s]"].to_numpy()
        solver = pybamm.IDAKLUSolver(rtol=1e-9, atol=1e-9)
        simulation = pybamm.Simulation(
            pybamm.lithium_ion.SPM(), parameter_values=values, solver=solver
        )
        span = [0, times[-1]]
        return simulation.solve(span, t_interp=times, initial_soc=TRUTH[SOC])["Voltage [V]"].entries

    step = 0.01 * found
    slope = (voltages(found + step) - voltages(found - step)) / (2 * step)
    expected = NOISE / np.sqrt(slope @ slope)
    # The noise is estimated from 51 points, with a standard deviation of a tenth.
    assert result["standard_errors"][DIFFUSIVITY] == pytest.approx(expected, rel=0.3)


@pytest.mark.parametrize("optimizer", [*GLOBAL, "ScipyBasinhopping"])
def test_global_optimizers_recover_one_parameter(optimizer):
    result = run(THREE[:1], optimizer_of(optimizer))
    assert_recovered(result, THREE[:1])


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("optimizer", GLOBAL)
def test_global_optimizers_recover_three_from_pulses(optimizer):
    result = run(THREE, optimizer_of(optimizer), kind="pulse")
    assert_recovered(result, THREE)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("optimizer", GLOBAL)
def test_global_optimizers_recover_six_of_spme(optimizer):
    result = run(SIX, optimizer_of(optimizer), model="SPMe")
    assert_recovered(result, SIX)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("optimizer", LOCAL)
def test_local_optimizers_recover_from_distant_initial_points(optimizer, start):
    where = {name: STARTS[start][name] for name in THREE}
    result = run(THREE, optimizer_of(optimizer), start=where)
    assert_recovered(result, THREE)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_two_parameters_of_dfn():
    result = run(THREE[:2], kind="pulse", model="DFN")
    assert_recovered(result, THREE[:2])


def test_the_same_seed_gives_the_same_fit():
    optimizer = {"type": "CMAES", "max_iterations": 3}
    first, second = (run(THREE[:2], optimizer) for _ in range(2))
    assert first["parameter_values"] == second["parameter_values"]
    assert first["trace"] == second["trace"]
    # The descent from the best of the population is part of the history too.
    assert first["trace"][-1]["best_cost"] == first["cost"] < first["trace"][2]["best_cost"]


def test_a_multistart_reports_all_searches_and_the_best():
    result = run(THREE[:1], {"type": "ScipyLeastSquares"}, multistarts=3)
    assert len(result["children"]) == len(result["costs"]) == 3
    assert result["cost"] == min(result["costs"])
    guesses = [child["initial_guess"][DIFFUSIVITY] for child in result["children"]]
    assert len(set(guesses)) == 3
    assert guesses[0] == pytest.approx(result["initial_guess"][DIFFUSIVITY])
