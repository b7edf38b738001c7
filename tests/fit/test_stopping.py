"""Fits are canceled, reach their limits, and survive candidates that cannot be solved."""

import json

import numpy as np
import polars as pl
import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting import problem as problems
from tests.fit.measurements import DIFFUSIVITY, FRACTION, SOC, entry, fit, measured

DATA = {"db:discharge": measured()}
MANY = {"type": "DifferentialEvolution", "population_size": 8, "max_iterations": 500}


def run(element, **options):
    elements = {"known": entry(DIFFUSIVITY, FRACTION), "fit": element, "after": entry()}
    return fitting.run_pipeline(elements, DATA, **options)


def test_cancel_keeps_the_best_point():
    polls, reports = [], []

    def should_stop():
        polls.append(1)
        return len(polls) > 8

    found = run(
        fit(DIFFUSIVITY, FRACTION, optimizer=MANY), should_stop=should_stop, progress=reports.append
    )
    assert found["status"] == "canceled"
    result = found["element_results"]["fit"]
    assert result["message"] == "canceled"
    assert not result["success"]
    assert np.isfinite(result["cost"])
    assert set(result["parameter_values"]) == {DIFFUSIVITY, FRACTION}
    assert result["cost"] == min(point["best_cost"] for point in result["trace"])
    assert "voltage" in found["series"]["fit"]
    assert "after" not in found["element_results"]
    json.dumps(found, allow_nan=False)


def test_cancel_before_anything_ran():
    found = run(fit(DIFFUSIVITY, FRACTION), should_stop=lambda: True)
    assert found["status"] == "canceled"
    assert found["element_results"] == {}


def test_limits_of_evaluations_and_time_end_a_search():
    element = fit(DIFFUSIVITY, FRACTION, optimizer={**MANY, "max_evaluations": 20})
    result = run(element)["element_results"]["fit"]
    assert "evaluations" in result["message"]
    assert 20 <= result["evaluations"] < 60
    element = fit(DIFFUSIVITY, FRACTION, optimizer=MANY, options={"maxtime": 1e-9})
    with pytest.raises(fitting.PipelineError, match="ended before anything was evaluated"):
        run(element)


def test_options_limit_the_iterations():
    element = fit(DIFFUSIVITY, FRACTION, optimizer=MANY, options={"max_iterations": 2})
    result = run(element)["element_results"]["fit"]
    generations = [point for point in result["trace"] if point["evaluations"] <= 8 * 3]
    assert len(generations) == 2


def test_progress_is_reported(monkeypatch):
    monkeypatch.setattr(problems, "PROGRESS_INTERVAL", 0.0)
    reports = []
    run(fit(DIFFUSIVITY, FRACTION), progress=reports.append)
    reports = [report for report in reports if "best_cost" in report]
    assert {report["element"] for report in reports} == {"fit"}
    costs = [report["best_cost"] for report in reports]
    assert costs == sorted(costs, reverse=True)
    counts = [report["evaluations"] for report in reports]
    # The last report comes once more, when the fit is over.
    assert counts[:-1] == sorted(set(counts[:-1]))
    assert reports[-1]["evaluations"] == counts[-2]
    assert set(reports[-1]["inputs"]) == {DIFFUSIVITY, FRACTION}
    json.dumps(reports, allow_nan=False)


def test_batches_are_short_so_that_a_fit_stops_soon(monkeypatch):
    monkeypatch.setattr(problems, "LONGEST_BATCH", 1e-9)
    polls = []
    grid = {"type": "GridSearch", "npts": 4}
    run(fit(DIFFUSIVITY, FRACTION, optimizer=grid), should_stop=lambda: polls.append(1))
    # One before each of three elements, and one before each of the sixteen candidates.
    before_uncertainty = 3 + 16
    assert len(polls) >= before_uncertainty


def test_candidates_that_diverge_or_stop_early_cost_a_penalty():
    # Far too little active material empties the electrode; the solver fails for some.
    wide = fit(DIFFUSIVITY, FRACTION, optimizer={"type": "GridSearch", "npts": 5})
    wide["parameters"][FRACTION] = {"bounds": [0.01, 0.99]}
    wide["parameters"][DIFFUSIVITY] = {"bounds": [1e-20, 1e-12]}
    result = run(wide)["element_results"]["fit"]
    assert result["evaluations"] == 25
    assert result["cost"] < 0.1

    refined = fit(DIFFUSIVITY, FRACTION)
    refined["parameters"] = {
        FRACTION: {"bounds": [0.01, 0.99], "initial_value": 0.45},
        DIFFUSIVITY: {"bounds": [1e-16, 1e-12], "initial_value": 2e-15},
    }
    result = run(refined)["element_results"]["fit"]
    assert result["cost"] == pytest.approx(1e-3, rel=0.3)


def test_a_model_that_never_runs_fails_the_element():
    element = fit(DIFFUSIVITY)
    # No state of charge has this voltage.
    elements = {"known": entry(DIFFUSIVITY, SOC, **{"Initial voltage [V]": 9.0}), "fit": element}
    with pytest.raises(fitting.PipelineError, match="could not be run") as caught:
        fitting.run_pipeline(elements, DATA)
    assert caught.value.element == "fit"


def test_data_with_a_missing_value_are_refused():
    hole = DATA["db:discharge"].with_columns(
        pl.when(pl.int_range(pl.len()) == 4)
        .then(None)
        .otherwise(pl.col("Voltage [V]"))
        .alias("Voltage [V]")
    )
    with pytest.raises(fitting.PipelineError, match="no number in row 4"):
        fitting.run_pipeline(
            {"known": entry(DIFFUSIVITY), "fit": fit(DIFFUSIVITY)}, {"db:discharge": hole}
        )
