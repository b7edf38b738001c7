"""Ends on a rate of change: where along a step the slope of a signal passes a threshold.

A model can only stop at values of its state. A slope is therefore looked up along a first
solution of the step, its passage is closed in on, and the step is solved again up to there.
"""

from typing import Final

import numpy as np
from attrs import evolve

from ionworks.engine.cells.cell import Floats
from ionworks.engine.protocols.program import RATE_DELAY, Limit
from ionworks.engine.solver.models import GUARD_TIME, BuiltModel
from ionworks.engine.solver.solve import Failure, Grid, Trajectory, solve_step
from ionworks.engine.solver.step_state import Piece, Progress
from ionworks.engine.solver.stop_bounds import values

_SPACING: Final = 1.0
_MOST: Final = 200_000
_HALF: Final = 0.02
"""Half the time [s] a slope is taken over."""

_CLOSER: Final = 200


def rate_crossing(
    built: BuiltModel, row: Floats, state: Floats, grid: Grid, progress: Progress
) -> Piece | Failure:
    """Solve a step of one run that has ends on rates of change.

    Parameters
    ----------
    built, row, state, grid
        As for `solve_step`, of one run.
    progress : Progress
        Where the run is in the step.

    Returns
    -------
    Piece or Failure
        Up to the first end of any kind.
    """

    def solve(times: Grid) -> Trajectory | Failure:
        return solve_step(built, row[None], state[None], times)[0]

    delay = max(RATE_DELAY - progress.elapsed, 2 * _HALF)
    spacing = max(
        min(_SPACING, float(np.diff(grid.points).min(initial=_SPACING))), grid.horizon / _MOST
    )
    whole = solve(_with_slopes(grid, np.arange(delay, grid.horizon, spacing)))
    if isinstance(whole, Failure):
        return whole
    last = float(whole.times[-1])
    centres = np.arange(delay, last - _HALF, spacing)
    limit, after = _first(progress, whole, centres)
    if limit is None:
        return _piece(whole, grid)
    crossing = float(centres[after])
    if after > 0:
        near = np.linspace(centres[after - 1], centres[after], _CLOSER)
        closer = solve(_with_slopes(grid, near))
        if isinstance(closer, Failure):
            return closer
        found, position = _first(progress, closer, near)
        if found is not None:
            limit, crossing = found, _between(progress, closer, near, found, position)
    stops = tuple(stop for stop in grid.stops if stop < crossing)
    upto = Grid(crossing, grid.points[grid.points < crossing], stops)
    final = solve(upto)
    return final if isinstance(final, Failure) else evolve(_piece(final, upto), rate=limit)


def _with_slopes(grid: Grid, centres: Floats) -> Grid:
    """Return a grid with two points around each time at which a slope is wanted."""
    around = np.concatenate([centres - _HALF, centres + _HALF])
    around = around[(around > 0) & (around < grid.horizon)]
    return evolve(grid, points=np.union1d(grid.points, around))


def _slopes(progress: Progress, found: Trajectory, centres: Floats, limit: Limit) -> Floats:
    """Return the rate of change of what a limit watches at some times."""
    signal = values(found.signals, found.times, progress.origin)[limit.quantity]
    before = np.interp(centres - _HALF, found.times, signal)
    after = np.interp(centres + _HALF, found.times, signal)
    return np.asarray((after - before) / (2 * _HALF))


def _first(progress: Progress, found: Trajectory, centres: Floats) -> tuple[Limit | None, int]:
    """Return the first limit whose slope is past its threshold, and at which of some times."""
    best: tuple[Limit | None, int] = (None, len(centres))
    for limit in progress.step.rates:
        slopes = _slopes(progress, found, centres, limit)
        past = slopes >= limit.threshold if limit.above else slopes <= limit.threshold
        if past.any() and int(past.argmax()) < best[1]:
            best = limit, int(past.argmax())
    return best


def _between(
    progress: Progress, found: Trajectory, centres: Floats, limit: Limit, position: int
) -> float:
    """Return where between two times a slope passes its threshold."""
    if position == 0:
        return float(centres[0])
    slopes = _slopes(progress, found, centres[position - 1 : position + 1], limit)
    share = (limit.threshold - slopes[0]) / (slopes[1] - slopes[0])
    return float(centres[position - 1] + share * (centres[position] - centres[position - 1]))


def _piece(found: Trajectory, grid: Grid) -> Piece:
    at_once = found.ended_by == "end" and found.times[-1] <= 1.01 * GUARD_TIME
    if at_once:
        keep = np.arange(len(found.times)) == 0
    else:
        keep = np.isin(found.times, grid.points)
        keep[-1] = True
    return Piece(found.times[keep], found.signals[:, keep], found.state, found.ended_by, at_once)
