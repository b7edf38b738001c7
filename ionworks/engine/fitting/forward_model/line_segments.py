"""Straight lines through the points of a signal, and noise told from what a signal does."""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from attrs import frozen

from ionworks.engine.cells.cell import Floats

LARGEST_NOISE: Final = 1e-2
"""Largest distance of a point from a line that may be noise, relative to the greatest value."""

CHARGE_ERROR: Final = 2e-5
"""Largest error of the integral of a signal without its noise, at any time, relative to the whole
integral of its magnitude."""

_WIDTHS: Final = 2.0
_QUANTILE: Final = 0.99
"""The noise is taken to reach as far as this multiple of this quantile of its magnitude: of normal
noise, to 5.2 standard deviations. A quantile near 1 also sees noise of few points, such as a last
digit that flickers."""

_GAIN: Final = 2
"""Noise is left out if that leaves this many times fewer lines, at least."""

_POINTS: Final = 4
"""Least average number of points of a line: shorter lines do not tell noise from signal."""

_CUSUM: Final = 1.6
"""Largest integral of the distances from a line, in units of the standard deviation that it has at
the end of the line if the distances are independent: hardly any line exceeds it then (a test of
cumulative sums, after E. S. Page, 1954). It is larger where a line cuts across the signal."""

Places = npt.NDArray[np.intp]


@frozen(eq=False)
class Lines:
    """A signal as straight lines.

    Attributes
    ----------
    times, values : array, shape (knots,)
        The ends of the lines.
    deviation : float
        Largest distance of a point that was left out as noise; 0 if no noise was.
    """

    times: Floats
    values: Floats
    deviation: float = 0.0


def straight_lines(times: Floats, values: Floats, tolerance: float) -> Lines:
    """Return the lines that pass all points within a tolerance."""
    places = _kept(times, values, tolerance)
    return Lines(times[places], values[places])


def without_noise(times: Floats, values: Floats, tolerance: float) -> Lines:
    """Return the lines that pass all points within a tolerance, or within their noise.

    Noise would make a line of every two points. Without it, points deviate from the lines as
    independent errors do, by at most `LARGEST_NOISE`: wherever their mean deviates from a line by
    more than noise explains, another line begins. The lines are those of the least squared
    distances, each weighted with its time, so that their integral is that of the signal: to
    `CHARGE_ERROR` at all times, and exactly at the end. A signal is followed in full if leaving
    out noise makes its lines not `_GAIN` times fewer.
    """
    exact = straight_lines(times, values, tolerance)
    scatter = _scatter(times, values)
    reach = _WIDTHS * float(np.quantile(scatter, _QUANTILE)) if len(scatter) else 0.0
    if reach <= tolerance:
        return exact
    deviation = float(np.sqrt(np.mean(scatter**2)))
    allowed = CHARGE_ERROR * float(np.trapezoid(np.abs(values), times))
    places = _kept(times, values, reach)
    while len(places) <= min(len(exact.times) // _GAIN, len(times) // _POINTS):
        knots, fitted = _least_squares(times, values, places)
        errors = values - fitted
        far = np.abs(errors) > reach
        far[_crossed(times, errors, places, deviation, allowed)] = True
        if not far.any():
            return Lines(times[places], knots, float(np.abs(errors).max()))
        # A knot too far from its own point passes it once its neighbours are knots too.
        known = np.zeros(len(times), bool)
        known[places] = True
        again = far & known
        far[:-1] |= again[1:]
        far[1:] |= again[:-1]
        if not (far & ~known).any():
            break
        places = np.flatnonzero(known | far)
    return exact


def _crossed(
    times: Floats, errors: Floats, places: Places, deviation: float, allowed: float
) -> list[int]:
    """Return where lines have to be divided, because they cut across what the signal does.

    Parameters
    ----------
    times, errors : array, shape (points,)
        The distances from the lines.
    places : array of int, shape (knots,)
        The points at which lines meet.
    deviation : float
        Standard deviation of the noise.
    allowed : float
        Largest error of the integral.
    """
    spans = np.diff(times)
    passed = np.append(0.0, np.cumsum((errors[1:] + errors[:-1]) / 2 * spans))
    squares = np.append(0.0, np.cumsum(spans**2))
    found = []
    for first, last in pairwise(places.tolist()):
        if last - first < 2:
            continue
        inner = np.abs(passed[first + 1 : last] - passed[first])
        explained = _CUSUM * deviation * np.sqrt(squares[last] - squares[first])
        if inner.max() > explained:
            found.append(first + 1 + int(inner.argmax()))
    farthest = int(np.abs(passed).argmax())
    return [*found, farthest] if abs(passed[farthest]) > allowed else found


def _scatter(times: Floats, values: Floats) -> Floats:
    """Return how far points are from the lines of their neighbours, in units of the error of each.

    Jumps and kinks, which are far larger than noise, do not count.
    """
    share = (times[1:-1] - times[:-2]) / (times[2:] - times[:-2])
    between = values[:-2] * (1 - share) + values[2:] * share
    # The three values have independent errors.
    scatter = np.abs(values[1:-1] - between) / np.sqrt(1 + share**2 + (1 - share) ** 2)
    is_small = scatter <= LARGEST_NOISE / _WIDTHS * np.abs(values).max()
    return np.asarray(scatter[is_small])


def _least_squares(times: Floats, values: Floats, places: Places) -> tuple[Floats, Floats]:
    """Return the values at the knots of connected lines with the least squared distances.

    Parameters
    ----------
    times, values : array, shape (points,)
    places : array of int, shape (knots,)
        The points at which lines meet.

    Returns
    -------
    tuple of array
        The values at the knots and at all points.
    """
    from scipy.linalg import solveh_banded

    spans = np.diff(times)
    weights = (np.append(spans, 0.0) + np.append(0.0, spans)) / 2
    knots, size = times[places], len(places)
    line = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, size - 2)
    share = (times - knots[line]) / (knots[line + 1] - knots[line])

    def summed(first: Floats, second: Floats) -> Floats:
        both = np.bincount(line, weights * first, size)
        return np.asarray(both + np.bincount(line + 1, weights * second, size))

    # The normal equations of a line's ends couple only neighbours.
    diagonal = summed((1 - share) ** 2, share**2)
    beside = np.bincount(line, weights * share * (1 - share), size)
    right = summed((1 - share) * values, share * values)
    found = solveh_banded(np.array([diagonal, beside]), right, lower=True)
    return found, found[line] * (1 - share) + found[line + 1] * share


def _kept(times: Floats, values: Floats, tolerance: float) -> Places:
    """Return the places of the points to keep (Ramer, Douglas and Peucker, in the ordinate)."""
    keep = np.zeros(len(times), bool)
    keep[[0, -1]] = True
    spans = [(0, len(times) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:  # nothing lies between neighbours
            continue
        inner = slice(first + 1, last)
        line = np.interp(times[inner], times[[first, last]], values[[first, last]])
        distance = np.abs(values[inner] - line)
        farthest = int(distance.argmax())
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return np.flatnonzero(keep)
