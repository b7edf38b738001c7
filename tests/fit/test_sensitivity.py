"""Sobol' indices, compared with closed forms and with SciPy.

The cost of the element is made a known function: the objective has a weight of 0, and its penalty
is the square of an expression of the parameters.
"""

import numpy as np
import pybamm
import pytest
from scipy import stats

from ionworks.engine import fitting
from ionworks.engine.fitting.elements.sobol import sobol_indices

NAMES = (
    "Minimum negative stoichiometry",
    "Maximum negative stoichiometry",
    "Minimum positive stoichiometry",
)
X = [pybamm.InputParameter(name) for name in NAMES]
DATA = {"Capacity [A.h]": [0.0, 1.0, 2.0], "Voltage [V]": [4.0, 3.9, 3.8]}
LIMITS = {
    "Minimum negative stoichiometry": 0.1,
    "Maximum negative stoichiometry": 0.9,
    "Minimum positive stoichiometry": 0.2,
    "Maximum positive stoichiometry": 0.9,
}
LOG_BOUNDS = [1e-4, 1.0]


def ishigami(x, y, z, sin):
    return sin(x) + 7 * sin(y) ** 2 + 0.1 * z**4 * sin(x)


def sensitivity(cost, bounds, count=1024, **more):
    """Return the result of the element for a cost, an expression above 0 of the parameters."""
    fun = pybamm.ParameterValues({"fun": pybamm.sqrt(cost)}).to_json()["fun"]
    element = {
        "element_type": "sobol_sensitivity",
        "objectives": {
            "v": {"type": "ElectrodeBalancing", "data": DATA, "penalties": [{"fun": fun}]}
        },
        "parameters": {
            name: limits if isinstance(limits, dict) else {"bounds": limits}
            for name, limits in zip(NAMES, bounds, strict=False)
        },
        "cost": {"type": "MSE", "objective_weights": {"v": 0.0}},
        "n_samples": count,
        **more,
    }
    elements = {"known": {"element_type": "entry", "values": LIMITS}, "it": element}
    assert fitting.check_elements(elements) == []
    found = fitting.run_pipeline(elements, {})
    return found["element_results"]["it"]


def values(mapping):
    return list(mapping.values())


def test_the_ishigami_function():
    # Ishigami and Homma, 1990: a = 7, b = 0.1. The constant keeps the root real.
    angles = [np.pi * (2 * x - 1) for x in X]
    found = sensitivity(ishigami(*angles, pybamm.sin) + 12, [[0, 1]] * 3, 4096)
    assert values(found["first_order"]) == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert values(found["total_order"]) == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    assert max(values(found["total_order_ci"])) < 0.05
    statistics = found["evaluation_stats"]
    assert statistics["evaluations"] == 4096 * 5
    assert statistics["mean"] == pytest.approx(3.5 + 12, rel=2e-3)
    variance = 7**2 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5
    assert statistics["std"] == pytest.approx(np.sqrt(variance), rel=5e-3)


def test_an_additive_function():
    # The variances of independent terms add up: 1 to 4.
    found = sensitivity(X[0] + 2 * X[1] + 1, [[0, 1], [0, 1]])
    assert values(found["first_order"]) == pytest.approx([0.2, 0.8], abs=5e-3)
    assert values(found["total_order"]) == pytest.approx([0.2, 0.8], abs=5e-3)
    assert found["evaluation_stats"]["mean"] == pytest.approx(2.5, rel=1e-4)


def test_one_parameter_explains_everything():
    found = sensitivity((3 * X[0]) ** 2 + 1, [[0, 1]])
    assert values(found["first_order"]) == pytest.approx([1.0], abs=5e-3)
    assert values(found["total_order"]) == pytest.approx([1.0], abs=5e-3)
    assert found["evaluation_stats"]["mean"] == pytest.approx(4.0, rel=1e-3)


@pytest.mark.parametrize("is_log", [True, False])
def test_the_logarithm_of_parameters_is_sampled(is_log):
    # The variance of log10(x) + 4 y, for x and y between 1e-4 and 1. A logarithm that is uniform
    # over a span L has the variance L**2 / 12, and its exponential has the moments
    # (1 - exp(-n L)) / (n L).
    span = np.log(1e4)
    if is_log:
        moments = [(1 - np.exp(-n * span)) / (n * span) for n in (1, 2)]
        parts = np.array([4**2 / 12, 16 * (moments[1] - moments[0] ** 2)])
        mean = -2 + 4 * moments[0]
    else:
        # The integral of log10(x)**2 and log10(x) from 1e-4 to 1, and of a uniform distribution.
        low, width = 1e-4, 1 - 1e-4
        first = (-low * np.log(low) + low - 1) / width
        second = (-low * (np.log(low) ** 2 - 2 * np.log(low) + 2) + 2) / width
        parts = np.array([(second - first**2) / np.log(10) ** 2, 16 * width**2 / 12])
        mean = first / np.log(10) + 4 * (1 + low) / 2
    cost = pybamm.log10(X[0]) + 4 * X[1] + 10
    found = sensitivity(cost, [LOG_BOUNDS, LOG_BOUNDS], 4096, use_log_transform=is_log)
    assert values(found["first_order"]) == pytest.approx(parts / parts.sum(), abs=0.01)
    assert found["evaluation_stats"]["mean"] == pytest.approx(10 + mean, rel=1e-3)
    assert found["evaluation_stats"]["std"] == pytest.approx(np.sqrt(parts.sum()), rel=0.01)
    assert found["log_transformed"] is is_log
    assert any("sampled uniformly" in note for note in found["notes"]) is not is_log


def test_a_transform_of_a_parameter_takes_precedence():
    cost = pybamm.log10(X[0]) + 4 * X[1] + 10
    own = {"bounds": LOG_BOUNDS, "transform": "Log10"}
    one = sensitivity(cost, [own, own], 64)
    both = sensitivity(cost, [LOG_BOUNDS, LOG_BOUNDS], 64, use_log_transform=True)
    assert one["first_order"] == both["first_order"]


def test_results_are_repeatable():
    one, again = (sensitivity(X[0] + 2 * X[1] + 1, [[0, 1], [0, 1]], 64) for _ in range(2))
    assert one == again
    other = sensitivity(X[0] + 2 * X[1] + 1, [[0, 1], [0, 1]], 64, options={"seed": 1})
    assert other["first_order"] != one["first_order"]


def test_scipy_gives_the_same_indices():
    def function(points):
        return ishigami(*points.T, np.sin)

    low, high = np.full(3, -np.pi), np.full(3, np.pi)
    found = sobol_indices(function, low, high, 256, np.random.default_rng(3))
    theirs = stats.sobol_indices(
        func=lambda points: function(points.T),
        n=256,
        dists=[stats.uniform(-np.pi, 2 * np.pi)] * 3,
        rng=np.random.default_rng(3),
    )
    np.testing.assert_allclose(found.first, theirs.first_order, rtol=1e-9)
    np.testing.assert_allclose(found.total, theirs.total_order, rtol=1e-9)
    spread = theirs.bootstrap(n_resamples=999).total_order.confidence_interval
    np.testing.assert_allclose(found.total_width, (spread.high - spread.low) / 2, rtol=0.4)


def test_a_constant_has_no_sensitivity():
    found = sobol_indices(
        lambda points: np.ones(len(points)), np.zeros(2), np.ones(2), 8, np.random.default_rng(0)
    )
    assert found.first.tolist() == found.total.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"bounds": [0, 1]}, "Log10 needs numbers above 0, and the lower bound is 0"),
        ({"bounds": [0.1, 0.2], "transform": "Inverse"}, "'Inverse' contradicts use_log_transform"),
        ({"bounds": [0.1, None]}, "needs two finite bounds"),
    ],
)
def test_logarithms_that_cannot_be_sampled(fields, words):
    element = {
        "element_type": "sobol_sensitivity",
        "objectives": {"v": {"type": "ElectrodeBalancing", "data": DATA}},
        "parameters": {NAMES[0]: fields},
        "use_log_transform": True,
    }
    found = fitting.check_elements({"it": element})
    assert any(words in problem for problem in found), found
