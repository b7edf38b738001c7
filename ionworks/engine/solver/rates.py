"""Ends on a rate of change: when the slope of a signal passes a threshold during a step.

The events of a model depend on its state, not on the rate at which the state changes. So a step is
solved once to find between which two times the slope passes the threshold, a second time with close
points there to interpolate the crossing, and a third time up to it.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from attrs import evolve

from ionworks.engine.cells.cell import Floats
from ionworks.engine.protocols.program import RATE_DELAY, Limit
from ionworks.engine.solver.solve import StartFailure, TimeGrid, Trajectory
from ionworks.engine.solver.step_state import StepState
from ionworks.engine.solver.stop_bounds import watched_values

_SPACING: Final = 1.0
"""Longest time [s] between two slopes in the first solution."""

_MOST_SLOPES: Final = 200_000
"""Slopes in the first solution, at the most; a longer step has them further apart."""

_HALF: Final = 0.02
"""Half the time [s] between the two points of a slope: short against the changes in a cell, and
long enough that rounding does not matter in the difference of the two."""

_CLOSE_SLOPES: Final = 200
"""Slopes in the second solution, between two of the first."""


def rate_crossing(
    solve: Callable[[TimeGrid], Trajectory | StartFailure], grid: TimeGrid, step_state: StepState
) -> tuple[Trajectory | StartFailure, Limit | None]:
    """Solve a step of one run up to its first end, on a rate of change or any other.

    The second value is the end if it is on a rate of change, else None.

    Parameters
    ----------
    solve : callable
        Solves the run with some times to save, up to the first end on anything but a rate.
    grid : TimeGrid
        The times to save.
    step_state : StepState
        The run's state in the step.
    """
    # The first slope is past the switching transient, and its two points are after time 0.
    delay = max(RATE_DELAY - step_state.elapsed, 2 * _HALF)
    spacing = max(
        min(_SPACING, float(np.diff(grid.points).min(initial=_SPACING))),
        grid.horizon / _MOST_SLOPES,
    )
    whole = solve(_with_slopes(grid, np.arange(delay, grid.horizon, spacing)))
    if isinstance(whole, StartFailure):
        return whole, None
    last = float(whole.times[-1])
    centres = np.arange(delay, last - _HALF, spacing)
    limit, after = _first_past(step_state, whole, centres)
    if limit is None:
        return _saved(whole, grid), None
    crossing = float(centres[after])
    if after > 0:
        near = np.linspace(centres[after - 1], centres[after], _CLOSE_SLOPES)
        closer = solve(_with_slopes(grid, near))
        if isinstance(closer, StartFailure):
            return closer, None
        found, position = _first_past(step_state, closer, near)
        if found is not None:
            limit, crossing = found, _interpolated(step_state, closer, near, found, position)
    stops = tuple(stop for stop in grid.stops if stop < crossing)
    until = TimeGrid(crossing, grid.points[grid.points < crossing], stops)
    final = solve(until)
    return (final if isinstance(final, StartFailure) else _saved(final, until)), limit


def _with_slopes(grid: TimeGrid, centres: Floats) -> TimeGrid:
    """Return a grid with the two further points that the slope at each of some times needs."""
    around = np.concatenate([centres - _HALF, centres + _HALF])
    around = around[(around > 0) & (around < grid.horizon)]
    return evolve(grid, points=np.union1d(grid.points, around))


def _slopes(step_state: StepState, found: Trajectory, centres: Floats, limit: Limit) -> Floats:
    """Return the rate of change of a limit's quantity at some times."""
    signal = watched_values(found.signals, found.times, step_state.origin)[limit.quantity]
    before = np.interp(centres - _HALF, found.times, signal)
    after = np.interp(centres + _HALF, found.times, signal)
    return np.asarray((after - before) / (2 * _HALF))


def _first_past(
    step_state: StepState, found: Trajectory, centres: Floats
) -> tuple[Limit | None, int]:
    """Return the limit that is first past its threshold, and the index of that time."""
    best: tuple[Limit | None, int] = (None, len(centres))
    for limit in step_state.step.rates:
        slopes = _slopes(step_state, found, centres, limit)
        past = slopes >= limit.threshold if limit.above else slopes <= limit.threshold
        if past.any() and int(past.argmax()) < best[1]:
            best = limit, int(past.argmax())
    return best


def _interpolated(
    step_state: StepState, found: Trajectory, centres: Floats, limit: Limit, position: int
) -> float:
    """Return the time at which a slope passes its threshold, interpolated before an index."""
    if position == 0:
        return float(centres[0])
    slopes = _slopes(step_state, found, centres[position - 1 : position + 1], limit)
    share = (limit.threshold - slopes[0]) / (slopes[1] - slopes[0])
    return float(centres[position - 1] + share * (centres[position] - centres[position - 1]))


def _saved(found: Trajectory, grid: TimeGrid) -> Trajectory:
    """Return a solution without the points that only served its slopes."""
    keep = np.isin(found.times, grid.points)
    keep[-1] = True
    return evolve(found, times=found.times[keep], signals=found.signals[:, keep])
