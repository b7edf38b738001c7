"""Costs against NumPy, SciPy and arithmetic by hand."""

import numpy as np
import pytest
from scipy import stats

from ionworks.engine.fitting.costs import read_cost

RANDOM = np.random.default_rng(5)
DATA = RANDOM.normal(3.7, 0.2, 40)
MODEL = DATA + RANDOM.normal(0, 0.01, 40)
ERROR = MODEL - DATA
PAIRS = {"Voltage [V]": (MODEL, DATA)}
SIGMA = {"Voltage [V]": 0.02}


def value(given):
    return read_cost(given).value("v", PAIRS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("RMSE", np.sqrt(np.mean(ERROR**2))),
        ("MSE", np.mean(ERROR**2)),
        ("MAE", np.mean(np.abs(ERROR))),
        ("Max", np.abs(ERROR).max()),
        ("SSE", ERROR @ ERROR),
        ("Wasserstein", stats.wasserstein_distance(MODEL, DATA)),
        ({"type": "ChiSquare", "variable_standard_deviations": SIGMA}, np.sum((ERROR / 0.02) ** 2)),
        (
            {"type": "GaussianLogLikelihood", "sigma": SIGMA},
            -stats.norm(DATA, 0.02).logpdf(MODEL).sum(),
        ),
        ({"type": "RMSE", "normalization": "range"}, np.sqrt(np.mean(ERROR**2)) / np.ptp(DATA)),
        ({"type": "MAE", "normalization": "mean"}, np.mean(np.abs(ERROR)) / DATA.mean()),
        ({"type": "SSE", "normalization": "sum_squares"}, ERROR @ ERROR / (DATA @ DATA)),
        ({"type": "SSE", "normalization": 4.0}, ERROR @ ERROR / 4),
        (
            {
                "type": "MultiCost",
                "costs": [{"cost": {"type": "RMSE"}, "weight": 2.0}, {"type": "MAE"}],
            },
            2 * np.sqrt(np.mean(ERROR**2)) + np.mean(np.abs(ERROR)),
        ),
        ({"type": "MSE", "objective_weights": {"v": 3.0}}, 3 * np.mean(ERROR**2)),
        ({"type": "MSE", "variable_weights": {"Voltage [V]": 0.5}}, 0.5 * np.mean(ERROR**2)),
    ],
)
def test_values(given, expected):
    assert value(given) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "given",
    [
        "SSE",
        "MSE",
        {"type": "ChiSquare", "variable_standard_deviations": SIGMA},
        {"type": "SSE", "normalization": "sum_squares", "objective_weights": {"v": 3.0}},
        {"type": "MultiCost", "costs": [{"cost": {"type": "SSE"}, "weight": 2.0}, "MSE"]},
    ],
)
def test_squares_of_residuals_add_up_to_the_cost(given):
    cost = read_cost(given)
    assert cost.is_sum_of_squares
    residuals = cost.residuals("v", PAIRS)
    assert residuals @ residuals == pytest.approx(cost.value("v", PAIRS), rel=1e-12)


def test_residuals_of_a_likelihood_differ_by_a_constant():
    cost = read_cost({"type": "GaussianLogLikelihood", "sigma": SIGMA})
    shifted = {"Voltage [V]": (MODEL + 0.01, DATA)}
    by_squares = [np.sum(cost.residuals("v", pairs) ** 2) for pairs in (PAIRS, shifted)]
    by_value = [cost.value("v", pairs) for pairs in (PAIRS, shifted)]
    assert np.diff(by_squares) == pytest.approx(np.diff(by_value), rel=1e-12)


@pytest.mark.parametrize("given", ["RMSE", "MAE", "Max"])
def test_costs_that_are_not_sums_of_squares(given):
    assert not read_cost(given).is_sum_of_squares


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("RMS", "unknown cost 'RMS'"),
        ({"type": "DesignFunction"}, "DesignFunction is not supported"),
        ({"type": "RMSE", "sigma": 1}, "RMSE has no field 'sigma'"),
        ({"type": "RMSE", "nan_values": "mean"}, "'nan_values' is not supported"),
        ({"type": "RMSE", "normalization": "median"}, "unknown normalization 'median'"),
        ({"type": "ChiSquare"}, "needs 'variable_standard_deviations'"),
        ({"type": "GaussianLogLikelihood", "sigma": {"Voltage [V]": "s"}}, "not supported"),
        ({"type": "GaussianLogLikelihood", "sigma": {"Voltage [V]": 0}}, "above 0"),
        ({"type": "MultiCost"}, "needs 'costs'"),
        (3, "give a mapping"),
    ],
)
def test_refusals(given, words):
    with pytest.raises(ValueError, match=words):
        read_cost(given)
