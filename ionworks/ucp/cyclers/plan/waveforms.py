"""Samples as a protocol follows them, on straight lines, and as a cycler holds them in turn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, TypeAlias

Samples: TypeAlias = tuple[tuple[float, float], ...]
"""Pairs of a time [s] and a value, the times rising from 0."""

LONGEST: Final = 1.0
"""A sample is held no longer on the way to another value, in seconds: profiles come at 1 Hz."""

MOST: Final = 100_000
_RISE: Final = 1e-3
"""How long a jump takes that is written as a line, in seconds."""


class TooMany(ValueError):
    """A profile becomes more held values than a file should have."""


def held(samples: Samples) -> Samples:
    """Return straight lines as values to hold; the last pair is the end of the last value.

    A line of up to a second holds its first value, as tables at 1 Hz are meant. A longer one
    becomes steps of at most a second, each at the value in its middle, which keeps the charge.

    Raises
    ------
    TooMany
        If there are more than `MOST`.

    Examples
    --------
    >>> held(((0, 1.0), (1, 4.0), (3, 0.0), (9, 0.0)))
    ((0, 1.0), (1, 3.0), (2.0, 1.0), (3, 0.0), (9, 0.0))
    """
    found: list[tuple[float, float]] = []
    for (time, value), (after, other) in pairwise(samples):
        parts = 1 if value == other else math.ceil((after - time) / LONGEST)
        if len(found) + parts > MOST:
            raise TooMany(f"a profile of more than {MOST} values is too long for a file")
        if parts == 1:
            found.append((time, value))
            continue
        for part in range(parts):
            middle = value + (other - value) * (part + 0.5) / parts
            found.append((time + (after - time) * part / parts if part else time, middle))
    return _merged(found, samples[-1])


def followed(samples: Samples) -> Samples:
    """Return held values as straight lines that `held` makes the same values of.

    Examples
    --------
    >>> followed(((0, 1.0), (1, 3.0), (9, 0.0), (10, 0.0)))
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
    """Return values without those that only go on with the one before."""
    found: list[tuple[float, float]] = []
    for time, value in values:
        if not found or found[-1][1] != value:
            found.append((time, value))
    return (*found, (end[0], found[-1][1]))
