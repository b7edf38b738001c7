"""Lines between samples as values that are held, and back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks import ucp
from ionworks.ucp.cyclers.plan import flatten
from ionworks.ucp.cyclers.plan.waveforms import LONGEST, MOST, TooMany, followed, held


def charge(samples: tuple[tuple[float, float], ...]) -> float:
    """The area under straight lines."""
    return sum((b - a) * (u + v) / 2 for (a, u), (b, v) in pairwise(samples))


def held_charge(samples: tuple[tuple[float, float], ...]) -> float:
    return sum((b - a) * u for (a, u), (b, _) in pairwise(samples))


def test_a_table_at_one_hertz_is_held_as_it_stands() -> None:
    table = tuple((float(second), value) for second, value in enumerate((5.0, -2.0, 0.5, 0.5)))

    # What goes on is one value.
    assert held(table) == ((0.0, 5.0), (1.0, -2.0), (2.0, 0.5), (3.0, 0.5))


def test_a_slow_change_is_not_the_first_value_all_the_way() -> None:
    """From 0 to 5 A within an hour is 2.5 A.h; held at its first sample it would be nothing."""
    ramp = ((0.0, 0.0), (3600.0, 5.0))
    steps = held(ramp)

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
def test_held_values_are_held_again_however_they_are_told(
    profile: tuple[tuple[float, float], ...],
) -> None:
    once = held(profile)

    assert held(followed(once)) == once
    assert once[-1][0] == profile[-1][0]
    assert all(value != other for (_, value), (_, other) in pairwise(once[:-1]))
    slow = all(b - a > LONGEST or u == v for (a, u), (b, v) in pairwise(profile))
    if slow:
        assert held_charge(once) == pytest.approx(charge(profile), abs=1e-9)


def test_a_profile_of_too_many_values_is_refused() -> None:
    with pytest.raises(TooMany):
        held(((0.0, 0.0), (MOST + 1.0, 1.0)))
    tree = ucp.parse("steps: [{Drive: {data: [[0, 0], [200000, 1]], mode: Current}}]").protocol
    assert tree is not None
    assert "too long for a file" in flatten(tree).problems[0].message
