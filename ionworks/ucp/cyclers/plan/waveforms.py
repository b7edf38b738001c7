"""Waveforms as straight lines, which UCP follows, and as constant values, which cyclers hold."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, TypeAlias

Samples: TypeAlias = tuple[tuple[float, float], ...]
"""Pairs of a time [s] and a value; the times rise from 0."""

LONGEST: Final = 1.0
"""Longest constant value on a slope, in seconds: drive cycles are sampled at 1 Hz."""

MOST: Final = 100_000
"""Largest number of constant values that a file should hold."""

_RISE: Final = 1e-3
"""Duration of a jump that is written as a line, in seconds."""


class TooMany(ValueError):
    """A profile becomes more than `MOST` constant values."""


def hold_values(samples: Samples) -> Samples:
    """Approximate straight lines by constant values.

    A line of up to a second holds its first value, which is how tables at 1 Hz are meant. A longer
    line becomes steps of at most a second, each at the value of its midpoint, which preserves the
    charge.

    Returns
    -------
    tuple of (float, float)
        Each value is held until the next time; the last pair only marks the end.

    Raises
    ------
    TooMany
        If there are more than `MOST` values.

    Examples
    --------
    >>> hold_values(((0, 1.0), (1, 4.0), (3, 0.0), (9, 0.0)))
    ((0, 1.0), (1, 3.0), (2.0, 1.0), (3, 0.0), (9, 0.0))
    """
    found: list[tuple[float, float]] = []
    for (time, value), (after, other) in pairwise(samples):
        parts = 1 if value == other else math.ceil((after - time) / LONGEST)
        if len(found) + parts > MOST:
            raise TooMany(
                f"its profile becomes more than {MOST} constant values, too many for a file; "
                "shorten it"
            )
        if parts == 1:
            found.append((time, value))
            continue
        for part in range(parts):
            middle = value + (other - value) * (part + 0.5) / parts
            found.append((time + (after - time) * part / parts if part else time, middle))
    return _merged(found, samples[-1])


def to_lines(samples: Samples) -> Samples:
    """Return straight lines from which `hold_values` recovers the given constant values.

    A value held for longer than a second needs a second sample just before the next value;
    otherwise the line between the two values would be approximated by steps.

    Examples
    --------
    >>> to_lines(((0, 1.0), (1, 3.0), (9, 0.0), (10, 0.0)))
    ((0, 1.0), (1, 3.0), (8.999, 3.0), (9, 0.0), (10, 0.0))
    """
    found: list[tuple[float, float]] = []
    for (time, value), (after, other) in pairwise(samples):
        found.append((time, value))
        if other != value and after - time > LONGEST:
            found.append((after - _RISE, value))
    end, _ = samples[-1]
    return (*found, (end, found[-1][1]))


def _merged(values: Iterable[tuple[float, float]], end: tuple[float, float]) -> Samples:
    """Return values with consecutive equal ones merged."""
    found: list[tuple[float, float]] = []
    for time, value in values:
        if not found or found[-1][1] != value:
            found.append((time, value))
    return (*found, (end[0], found[-1][1]))
