"""Threads and early ends of runs change the duration of a fit, not its result."""

import numpy as np
import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting import problem as problems
from ionworks.engine.fitting.elements.data_fit import prepare
from ionworks.engine.fitting.elements.entry import read_entry
from ionworks.engine.fitting.elements.fit_reader import read_fit
from ionworks.engine.fitting.fields import strictly
from ionworks.engine.fitting.optimizers.search import cost_and_gradient
from ionworks.engine.fitting.state import State
from tests.fit.measurements import (
    DIFFUSIVITY,
    FRACTION,
    SOC,
    TRUTH,
    entry,
    fit,
    measured,
)

DATA = {"db:discharge": measured()}


def prepared(*names, threads=1, changed=(), **more):
    state = State(dict(DATA), threads)
    strictly(read_entry, "known", entry(*names), state)
    element = fit(*names, **more)
    element["parameters"] |= changed
    return prepare(strictly(read_fit, element, state), state, lambda: False).problem


@pytest.mark.parametrize("names", [(DIFFUSIVITY,), (DIFFUSIVITY, FRACTION, SOC)], ids=["1", "3"])
def test_solving_neighbours_ahead_does_not_change_least_squares(names):
    elements = {"known": entry(*names), "fit": fit(*names)}
    one, two = (
        fitting.run_pipeline(elements, DATA, threads=threads)["element_results"]["fit"]
        for threads in (1, 2)
    )
    assert two["parameter_values"] == pytest.approx(one["parameter_values"], rel=1e-9)
    assert two["iterations"] == one["iterations"]


def test_batches_are_even_and_keep_every_thread_busy(monkeypatch):
    problem = prepared(DIFFUSIVITY, threads=2)
    sizes = []
    solve = problem.objectives[0].predict
    monkeypatch.setattr(
        problem.objectives[0], "predict", lambda some: sizes.append(len(some)) or solve(some)
    )
    points = np.linspace(0.4, 0.6, 17)[:, None]
    monkeypatch.setattr(problems, "monotonic", iter(np.arange(0.0, 9.0, 0.1)).__next__)
    # By this clock a batch of any size takes a few tenths of a second, which is too long for 16.
    problem.costs(points)
    assert sizes[0] == 1
    assert sum(sizes) == 17
    assert all(size % 2 == 0 for size in sizes[1:])


@pytest.mark.parametrize("cost", ["MSE", "RMSE", "SSE", "MAE"])
def test_gradients_agree_with_differences_of_the_cost(cost):
    problem = prepared(DIFFUSIVITY, FRACTION, cost={"type": cost})
    point = np.array([0.6, 0.3])
    _, gradient = cost_and_gradient(problem, point)
    step = 2e-3
    shifts = step * np.eye(2)
    ahead, behind = problem.costs(point + shifts), problem.costs(point - shifts)
    assert gradient == pytest.approx((ahead - behind) / (2 * step), rel=0.03)


def test_a_run_is_cut_off_where_the_voltage_leaves_the_valid_range():
    problem = prepared(DIFFUSIVITY, FRACTION, changed={FRACTION: {"bounds": [0.2, 0.9]}})
    candidate = {DIFFUSIVITY: TRUTH[DIFFUSIVITY], FRACTION: 0.3}
    (found,) = problem.objectives[0].predict([candidate])
    voltage = found.values[0]
    # Chen2020 is cut off at 2.5 V; a volt below, the model no longer describes a cell.
    assert voltage.min() == pytest.approx(1.5, abs=1e-9)
    assert 0 < found.missing < 1
    assert "voltage" in found.reason
    reached = round((1 - found.missing) * (len(voltage) - 1))
    assert (voltage[reached + 1 :] == voltage[-1]).all()
    assert (np.diff(voltage[: reached + 1]) < 0).mean() > 0.8


@pytest.mark.parametrize("name", ["Ambient temperature [K]", "Initial temperature [K]"])
def test_fitted_parameters_are_inputs_of_the_model(name):
    problem = prepared(DIFFUSIVITY)
    known = problem.objectives[0].predict([{DIFFUSIVITY: 2e-14}])[0].values
    both = prepared(DIFFUSIVITY, changed={name: {"bounds": [280.0, 320.0]}})
    fitted = both.objectives[0]
    cold, same = fitted.predict(
        [{DIFFUSIVITY: 2e-14, name: 285.0}, {DIFFUSIVITY: 2e-14, name: 298.15}]
    )
    assert same.values == pytest.approx(known, abs=1e-4)
    assert np.abs(cold.values - known).max() > 1e-4
