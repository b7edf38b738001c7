r"""Sobol' indices of a function of independent, uniformly distributed variables.

With two independent samples :math:`A` and :math:`B` of the variables, and :math:`A_B^{(i)}`, which
is :math:`A` with variable :math:`i` from :math:`B`, the first-order and total indices are

.. math:: S_i = \frac{\langle f(B) (f(A_B^{(i)}) - f(A)) \rangle}{V}, \quad
          T_i = \frac{\langle (f(A) - f(A_B^{(i)}))^2 \rangle}{2 V}

(Saltelli et al., 2010, "Variance based sensitivity analysis of model output", Comput. Phys. Commun.
181, 259-270). `scipy.stats.sobol_indices` has the same estimators, but fails for one variable,
centres the array its function returns in place, and resamples without a seed.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats

RESAMPLES: Final = 200
"""Number of bootstrap samples that confidence intervals are computed from."""

_TAIL: Final = 2.5
"""Percentage on each side of a confidence interval of 95 %."""


@frozen(eq=False)
class SobolIndices:
    """Indices of a function, and its values.

    Attributes
    ----------
    first, total : array, shape (variables,)
    first_width, total_width : array, shape (variables,)
        Half the width of their 95 % confidence intervals, by bootstrap.
    values : array, shape (evaluations,)
        All values of the function.
    """

    first: Floats
    total: Floats
    first_width: Floats
    total_width: Floats
    values: Floats


def sobol_indices(
    function: Callable[[Floats], Floats],
    low: Floats,
    high: Floats,
    count: int,
    random: np.random.Generator,
) -> SobolIndices:
    """Return the Sobol' indices of a function between bounds.

    Parameters
    ----------
    function : callable
        Takes points, shape (points, variables); returns values, shape (points,).
    low, high : array, shape (variables,)
        Finite bounds.
    count : int
        Size of each sample, a power of two; the function is evaluated
        ``count * (variables + 2)`` times.
    random : numpy.random.Generator
        Scrambles the samples and draws the bootstrap samples.
    """
    from scipy.stats import qmc

    size = len(low)
    drawn = low + (high - low) * qmc.Sobol(2 * size, rng=random, bits=64).random(count).reshape(
        count, 2, size
    )
    first, second = drawn[:, 0], drawn[:, 1]
    mixed = np.tile(first, (size, 1, 1))
    places = np.arange(size)
    mixed[places, :, places] = second.T
    values = np.asarray(function(np.concatenate([first, second, *mixed])))
    # The indices do not depend on the mean, but without it their estimates scatter less.
    rows = (values - values[: 2 * count].mean()).reshape(size + 2, count)
    first_order, total = _indices(rows)
    resampled = np.array(
        [_indices(rows[:, random.integers(count, size=count)]) for _ in range(RESAMPLES)]
    )
    lower, upper = np.percentile(resampled, (_TAIL, 100 - _TAIL), axis=0)
    widths = (upper - lower) / 2
    return SobolIndices(first_order, total, widths[0], widths[1], values)


def _indices(rows: Floats) -> tuple[Floats, Floats]:
    """Return first-order and total indices from the values at A, at B and at each mixed sample."""
    at_first, at_second, mixed = rows[0], rows[1], rows[2:]
    variance = np.var(rows[:2])
    if variance == 0:
        return np.zeros(len(mixed)), np.zeros(len(mixed))
    first = np.mean(at_second * (mixed - at_first), axis=1) / variance
    total = np.mean((at_first - mixed) ** 2, axis=1) / (2 * variance)
    return first, total
