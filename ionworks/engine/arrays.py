"""The array type of the engine, and what it computes for many runs at once."""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

_ITERATIONS: Final = 60


def false_position(
    excess: Callable[[Floats], Floats], low: Floats, high: Floats, tolerance: float
) -> Floats:
    """Return the roots of a rising function between two bounds (the Illinois variant).

    If a bound stays twice, its function value is halved: plain false position converges slowly
    where it never moves one bound.

    Parameters
    ----------
    excess : callable
        The function, of all runs at once: below 0 at ``low``, above 0 at ``high``.
    low, high : array, shape (runs,)
    tolerance : float
        Largest magnitude of the function at a root. The search ends when each run has reached it,
        or moves no more because rounding makes the function larger.
    """
    at_low, at_high = excess(low), excess(high)
    last_side = np.zeros(len(low))
    last_middle = np.full(len(low), np.nan)
    for _ in range(_ITERATIONS):
        # Where both values are equal the root is found, and the division must not fail.
        middle = high - at_high * (high - low) / np.where(at_high == at_low, 1.0, at_high - at_low)
        at_middle = excess(middle)
        side = np.where(at_middle < 0, -1.0, 1.0)
        stays = side == last_side
        at_low, at_high = (
            np.where(side < 0, at_middle, np.where(stays, at_low / 2, at_low)),
            np.where(side > 0, at_middle, np.where(stays, at_high / 2, at_high)),
        )
        low, high = np.where(side < 0, middle, low), np.where(side > 0, middle, high)
        has_stopped = np.abs(middle - last_middle) <= 2 * np.spacing(middle)
        if (has_stopped | (np.abs(at_middle) < tolerance)).all():
            break
        last_side, last_middle = side, middle
    return np.where(np.abs(at_low) < np.abs(at_high), low, high)
