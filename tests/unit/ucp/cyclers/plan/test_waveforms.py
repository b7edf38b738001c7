"""Lines between samples converted to held values, and back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks import ucp
from ionworks.ucp.cyclers.plan import flatten
from ionworks.ucp.cyclers.plan.waveforms import LONGEST, MOST, TooMany, hold_values, to_lines


def charge(samples: tuple[tuple[float, float], ...]) -> float:
    """The area under straight lines."""
    return sum((b - a) * (u + v) / 2 for (a, u), (b, v) in pairwise(samples))


def held_charge(samples: tuple[tuple[float, float], ...]) -> float:
    return sum((b - a) * u for (a, u), (b, _) in pairwise(samples))


def test_samples_at_one_hertz_are_held_unchanged() -> None:
    table = tuple((float(second), value) for second, value in enumerate((5.0, -2.0, 0.5, 0.5)))

    # Consecutive equal values are merged.
    assert hold_values(table) == ((0.0, 5.0), (1.0, -2.0), (2.0, 0.5), (3.0, 0.5))


def test_a_slow_ramp_becomes_steps_of_one_second() -> None:
    """From 0 to 5 A within an hour is 2.5 A.h; holding the first sample would give 0."""
    ramp = ((0.0, 0.0), (3600.0, 5.0))
    steps = hold_values(ramp)

    assert held_charge(steps) / 3600 == pytest.approx(2.5)
    assert len(steps) == 3601
    assert max(after - time for (time, _), (after, _) in pairwise(steps)) == pytest.approx(1)
    assert max(value for _, value in steps) < 5


def _profile(parts: list[tuple[int, int]]) -> tuple[tuple[float, float], ...]:
    found = [(0.0, float(parts[0][1]))]
    for length, value in parts:
        found.append((found[-1][0] + length / 4, value / 10))
    return tuple(found)


samples = st.lists(st.tuples(st.integers(1, 50), st.integers(-30, 30)), min_size=1, max_size=8).map(
    _profile
)


@given(profile=samples)
def test_held_values_survive_the_round_trip_through_lines(
    profile: tuple[tuple[float, float], ...],
) -> None:
    once = hold_values(profile)

    assert hold_values(to_lines(once)) == once
    assert once[-1][0] == profile[-1][0]
    assert all(value != other for (_, value), (_, other) in pairwise(once[:-1]))
    slow = all(b - a > LONGEST or u == v for (a, u), (b, v) in pairwise(profile))
    if slow:
        assert held_charge(once) == pytest.approx(charge(profile), abs=1e-9)


def test_a_profile_with_too_many_values_is_rejected() -> None:
    with pytest.raises(TooMany):
        hold_values(((0.0, 0.0), (MOST + 1.0, 1.0)))
    tree = ucp.parse("steps: [{Drive: {data: [[0, 0], [200000, 1]], mode: Current}}]").protocol
    assert tree is not None
    assert "too many for a file" in flatten(tree).problems[0].message
