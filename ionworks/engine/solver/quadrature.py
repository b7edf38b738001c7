"""Integrals over time of signals that a solver has given at some times, piece by piece smooth.

Charge and energy are integrals of current and power. As states of a model they would be integrated
with a larger error than the signals themselves. The solver bounds the error of a whole step of its
own, a mean over hundreds of states, of which these would be a few, and nothing ever damps their
errors, which add up. The signals have no such errors. So they are integrated here, from values at
times close enough for a cubic through four of them.
"""

from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.arrays import Floats

_SHORTEST_NEIGHBOUR: Final = 0.1
"""Least length of a neighbouring interval, relative to an interval, at which its outer value is
used: over a shorter one the solver's error is no longer small against the change of the signal."""

_BISECTIONS: Final = 60

_GROWTH: Final = 1.3
"""Ratio of one of the close times to the one before."""


@frozen
class Rule:
    """Weights of the integrals between neighbouring times.

    The integral over an interval is that of the cubic through its ends and the next value on either
    side: the trapezium minus the curvature on both sides, times the weights. Where a side has no
    value, or a kink separates it, the other side counts alone; without both, the trapezium is left.

    Attributes
    ----------
    times : array, shape (..., points)
        Increasing, from different runs along the first axes. The last time of a run with fewer
        points is repeated: an interval without a length has no weights.
    kinks : array of bool, shape (..., points)
        Where the slope of the signals may change.
    lengths, left, right : array, shape (..., points - 1)
        Length of each interval, and the weights of the curvature around its first and last time.
    """

    times: Floats
    kinks: Any
    lengths: Floats
    left: Floats
    right: Floats

    @classmethod
    def of(cls, times: Floats, kinks: Any) -> "Rule":
        """Return the rule for some times."""
        lengths = np.diff(times)
        before, after = np.zeros_like(lengths), np.zeros_like(lengths)
        before[..., 1:], after[..., :-1] = lengths[..., :-1], lengths[..., 1:]
        least = _SHORTEST_NEIGHBOUR * lengths
        has_left = (before >= least) & ~kinks[..., :-1]
        has_right = (after >= least) & ~kinks[..., 1:]
        # Linear between the curvatures on both sides, at the middle of the interval.
        share = (before + lengths / 2) / _divisor(before + lengths + after)
        cubes = lengths**3 / 6
        right = cubes * np.where(has_left, share, 1.0) * has_right
        left = cubes * np.where(has_right, 1 - share, 1.0) * has_left
        return cls(times, kinks, lengths, left, right)

    def row(self, row: int, count: int) -> "Rule":
        """Return the rule for one run with a number of times."""
        kinks = np.broadcast_to(self.kinks, self.times.shape)[row, :count]
        parts = (part[row, : count - 1] for part in (self.lengths, self.left, self.right))
        return Rule(self.times[row, :count], kinks, *parts)

    def areas(self, values: Floats) -> Floats:
        """Return the integral of signals over each interval, shape (..., points - 1)."""
        found = self.lengths * (values[..., :-1] + values[..., 1:]) / 2
        if self.times.shape[-1] > 2:
            slopes = np.diff(values) / _divisor(self.lengths)
            curvatures = np.diff(slopes) / _divisor(self.times[..., 2:] - self.times[..., :-2])
            found[..., 1:] -= self.left[..., 1:] * curvatures
            found[..., :-1] -= self.right[..., :-1] * curvatures
        return found

    def crossing(self, values: Floats, start: float, lower: float, upper: float) -> float | None:
        """Return when the integral of a signal of one run first leaves an interval, else None.

        Parameters
        ----------
        values : array, shape (points,)
            The signal.
        start : float
            The integral at the first time.
        lower, upper : float
            The first of the two to be reached or passed counts.
        """
        areas = self.areas(values)
        totals = start + np.append(0.0, np.cumsum(areas))
        outside = (totals <= lower) | (totals >= upper)
        if not outside.any():
            return None
        after = int(outside.argmax())
        if after == 0:
            return float(self.times[0])
        place = after - 1
        bound = lower if totals[after] <= lower else upper
        first, last = float(values[place]), float(values[after])
        length, area = float(self.lengths[place]), float(areas[place])
        wanted = bound - float(totals[place])
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            past = abs(_partial(first, last, length, area, middle)) >= abs(wanted)
            low, high = (low, middle) if past else (middle, high)
        return float(self.times[place]) + high * length


def signed(rule: Rule, carrier: Floats, values: Floats, areas: Floats) -> tuple[Floats, Floats]:
    """Return the integrals of signals since the first time, split by the sign of another.

    Parameters
    ----------
    rule : Rule
        For the times of the signals.
    carrier : array, shape (..., points)
        The signal whose sign decides, and changes at the same times as those of `values`.
    values, areas : array, shape (signals, ..., points) and (signals, ..., points - 1)
        The signals, and their integrals over each interval.

    Returns
    -------
    tuple of array, shape (signals, ..., points)
        The integrals while the carrier is positive, and minus those while it is negative. One that
        never grows is exactly zero.
    """
    first, last = carrier[..., :-1], carrier[..., 1:]
    if carrier.min() >= 0:
        positive, negative = areas, np.zeros_like(areas)
    elif carrier.max() <= 0:
        positive, negative = np.zeros_like(areas), -areas
    else:
        # Where the carrier changes its sign the zero is that of a straight line, which is exact for
        # a linear current; elsewhere one part has the whole area.
        mixed = first * last < 0
        change = np.where(mixed, first - last, 1.0)
        share = np.where(mixed, first / change, 1.0)
        cut = _partial(values[..., :-1], values[..., 1:], rule.lengths, areas, share)
        before = np.where(mixed, cut, areas)
        starts_positive = np.where(first != 0, first > 0, last > 0)
        positive = np.where(starts_positive, before, areas - before)
        negative = np.where(starts_positive, before - areas, -before)
        # Not `areas - before`: that is a rounding error where one part has the whole area.
        positive[..., ~mixed & ~starts_positive] = 0.0
        negative[..., ~mixed & starts_positive] = 0.0
    return _summed(positive), _summed(negative)


def _partial(first: Any, last: Any, length: Any, area: Any, share: Any) -> Any:
    """Return the integral over the first part of an interval.

    Of the parabola with the given values at both ends and the given area.
    """
    straight = length * share * (first + (last - first) * share / 2)
    bend = area - length * (first + last) / 2
    return straight + bend * share**2 * (3 - 2 * share)


def _summed(areas: Floats) -> Floats:
    totals = np.zeros((*areas.shape[:-1], areas.shape[-1] + 1))
    np.cumsum(areas, axis=-1, out=totals[..., 1:])
    return totals


def _divisor(lengths: Floats) -> Floats:
    """Return lengths with 1 for 0: what is divided by it is 0 too, or has no weight."""
    return np.where(lengths == 0, 1.0, lengths)


def refined(times: Floats, spacing: Floats | float) -> Floats:
    """Return times with further ones between, so that no two are further apart than a spacing.

    Parameters
    ----------
    times : array, shape (points,)
        Increasing.
    spacing : float or array, shape (points - 1,)
        For each interval or all of them.
    """
    lengths = np.diff(times)
    counts = np.maximum(np.ceil(lengths / spacing - 1e-9), 1).astype(int)
    if (counts == 1).all():
        return times
    ends = np.cumsum(counts)
    within = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
    inner = np.repeat(times[:-1], counts) + np.repeat(lengths / counts, counts) * within
    return np.append(inner, times[-1])


def early_times(first: float, length: float) -> Floats:
    """Return times from a first one, further and further apart, up to a length [s]."""
    count = max(int(np.ceil(np.log(length / first) / np.log(_GROWTH))), 0)
    return np.asarray(first * _GROWTH ** np.arange(count), np.float64)
