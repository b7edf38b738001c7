"""Parameters, their transforms and priors."""

import numpy as np
import pytest
from scipy import stats

from ionworks.engine.fitting.parameters.distributions import read_distribution
from ionworks.engine.fitting.parameters.fitted import read_parameter
from ionworks.engine.fitting.parameters.multistarts import initial_points
from ionworks.engine.fitting.parameters.transforms import TRANSFORMS, Coordinates


def parameter(**fields):
    return read_parameter("p", fields)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_bounds_map_to_0_and_1_and_values_round_trip(transform):
    read = parameter(bounds=[0.5, 2.0], initial_value=0.7, transform=transform)
    coordinates = Coordinates((read.axis,))
    assert coordinates.low == pytest.approx(0, abs=1e-12)
    assert coordinates.high == pytest.approx(1)
    point = coordinates.point({"p": 0.7})
    assert coordinates.named(point)["p"] == pytest.approx(0.7, rel=1e-12)
    ahead, behind = (coordinates.named(point + step)["p"] for step in (1e-5, -1e-5))
    assert coordinates.slopes(point) == pytest.approx((ahead - behind) / 2e-5, rel=1e-6)


def test_bounds_over_decades_are_searched_on_a_logarithmic_scale():
    read = parameter(bounds=[1e-16, 1e-12])
    assert read.initial == pytest.approx(1e-14)
    assert Coordinates((read.axis,)).point({"p": 1e-13}) == pytest.approx(0.75)
    plain = parameter(bounds=[1e-16, 1e-12], transform="Identity")
    assert plain.initial == pytest.approx(5e-13, rel=1e-3)


def test_without_bounds_the_search_starts_at_the_known_value():
    read = read_parameter("p", {}, known=3.0)
    assert read.initial == 3.0
    assert not read.is_bounded
    assert parameter().initial == 1.0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"bounds": [5, 1]}, "lower bound 5 is not below the upper bound 1"),
        ({"bounds": [1]}, "give two numbers"),
        ({"bounds": [1, 2], "initial_value": 3}, "initial_value 3 is outside its bounds 1 to 2"),
        ({"foo": 2}, "has no field 'foo'"),
        ({"transform": "Sqrt"}, "unknown transform 'Sqrt'"),
        ({"bounds": [-1, 1], "transform": "Log10"}, "needs numbers above 0"),
        ({"prior": {"distribution": "Dirichlet", "alpha": [1]}}, "Dirichlet is not supported"),
        ({"prior": {"distribution": "Normal", "mean": 1, "std": -1}}, "std is -1"),
        (
            {"bounds": [5, 6], "prior": {"distribution": "Uniform", "lb": 0, "ub": 1}},
            "no value lies",
        ),
        ({"initial_value": True}, "give a number"),
    ],
)
def test_refused_parameters(fields, words):
    with pytest.raises(ValueError, match=words):
        parameter(**fields)


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        ({"distribution": "Normal", "mean": 3.0, "std": 0.2}, stats.norm(3.0, 0.2)),
        (
            {"distribution": "LogNormal", "mean": -1.0, "std": 0.5},
            stats.lognorm(0.5, 0, np.exp(-1)),
        ),
        ({"distribution": "Uniform", "lb": 1.0, "ub": 2.0}, stats.uniform(1.0, 1.0)),
    ],
)
def test_distributions_agree_with_scipy(given, reference):
    found = read_distribution(given, "prior")
    inside = reference.ppf([0.2, 0.6])
    expected = -np.diff(reference.logpdf(inside))
    halves = [found.deviation(value) ** 2 / 2 for value in inside]
    assert np.diff(halves) == pytest.approx(expected, abs=1e-12)
    assert found.quantile(0.3) == pytest.approx(reference.ppf(0.3), rel=1e-12)


def test_initial_points_fill_the_bounds():
    read = parameter(bounds=[1e-16, 1e-12], initial_value=1e-15)
    coordinates = Coordinates((read.axis,))
    random = np.random.default_rng(0)
    points = initial_points(9, "LatinHypercube", [{"p": 1e-13}], [read], coordinates, random)
    assert len(points) == 9
    assert [coordinates.named(point)["p"] for point in points[:2]] == pytest.approx([1e-15, 1e-13])
    # A Latin hypercube has one draw in each of its seven rows.
    rows = np.floor(np.ravel(points[2:]) * 7).astype(int)
    assert sorted(rows) == list(range(7))
