"""One solve for many runs; a run that fails does not affect the others."""

from functools import lru_cache
from typing import Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.solver.integrator import Integration, IntegrationError
from ionworks.engine.solver.models import GUARD_TIME, STEP_END, BuiltModel

_COINCIDENT: Final = 1e-6
"""Two saved points closer than this [s] are the same, computed with different rounding."""

GRIDS_KEPT: Final = 8
"""Time grids kept, with what is computed from them: the steps of a cycle have the same ones."""

_STEP_END: Final = f"{STEP_END} [experiment]"
"""Name PyBaMM gives the event in a model."""


@frozen(eq=False)
class TimeGrid:
    """The times of a solve [s]; equal only to itself, so that it can be a key.

    Attributes
    ----------
    horizon : float
        Time to solve for, unless an end of the step comes first.
    points : array
        Times to save, from 0; the last time is saved in any case.
    stops : tuple of float
        Times before the horizon that the solver must not step over, because a slope changes there.
    """

    horizon: float
    points: Floats
    stops: tuple[float, ...] = ()

    @classmethod
    @lru_cache(maxsize=GRIDS_KEPT)
    def of(
        cls,
        stops: tuple[float, ...],
        own_points: tuple[float, ...],
        entered: float,
        horizon: float,
        resolution: float,
    ) -> "TimeGrid":
        """Return the grid of a segment, from ``entered`` seconds after its start.

        Parameters
        ----------
        stops, own_points : tuple of float
            The stops and the points of the segment.
        entered, horizon, resolution : float
            Where in the segment the solve starts, its longest duration, and the largest spacing of
            points [s].
        """
        points = np.arange(0.0, horizon, resolution)
        if own_points:
            own = np.array(own_points) - entered
            points = np.union1d(points, own[(own > _COINCIDENT) & (own < horizon)])
            # Points of the resolution and of the segment at the same time may differ by rounding.
            points = points[np.append(True, np.diff(points) > _COINCIDENT)]
        shifted = (stop - entered for stop in stops)
        inside = (stop for stop in shifted if _COINCIDENT < stop < horizon - _COINCIDENT)
        return cls(horizon, points, tuple(inside))


@frozen
class Trajectory:
    """The solution of one run in one solve.

    Attributes
    ----------
    times : array, shape (points,)
        From the start of the solve [s].
    signals : array, shape (outputs, points)
        In the order of the model's outputs.
    state : array, shape (states,)
        At the last time.
    ended_by : str
        ``"end"`` (one of the step's ends), ``"time"`` (the horizon), or why the solver stopped.
    """

    times: Floats
    signals: Floats
    state: Floats
    ended_by: str

    @property
    def ends_at_once(self) -> bool:
        """Whether an end of the step was reached before it began; see `GUARD_TIME`."""
        return self.ended_by == "end" and bool(self.times[-1] <= 1.01 * GUARD_TIME)


@frozen
class StartFailure:
    """A run without a first point, such as one without a consistent initial state, and why."""

    message: str


def solve_step(
    built: BuiltModel, rows: Floats, states: Floats, grid: TimeGrid
) -> list[Trajectory | StartFailure]:
    """Solve one segment of a step for many runs together.

    Parameters
    ----------
    built : BuiltModel
        The model to solve.
    rows : array, shape (runs, inputs)
        All inputs of each run.
    states : array, shape (runs, states)
        The initial state of each run.
    grid : TimeGrid
        The times to solve for and to save.

    Returns
    -------
    list of Trajectory or StartFailure
        One per run, in order.
    """
    stops = np.array([0.0, *grid.stops, grid.horizon])
    try:
        found = built.integrator.solve(rows, states, stops, grid.points)
    except IntegrationError as error:
        if len(rows) == 1:
            return [StartFailure(str(error))]
        # One run without a consistent initial state fails the whole call: find it by bisection.
        half = len(rows) // 2
        return [
            *solve_step(built, rows[:half], states[:half], grid),
            *solve_step(built, rows[half:], states[half:], grid),
        ]
    solved: list[Trajectory | StartFailure] = []
    for number, each in enumerate(found):
        one = slice(number, number + 1)
        again = _second_attempt(built, rows[one], states[one], stops, grid) if each.failed else None
        solved.append(again or _trajectory(each))
    return solved


def _second_attempt(
    built: BuiltModel, row: Floats, state: Floats, stops: Floats, grid: TimeGrid
) -> Trajectory | StartFailure | None:
    """Solve one run with the second integrator; return None if it fails too."""
    if built.second_integrator is None or not built.integrator.has_algebraic_states:
        return None
    # It stops at every point, where it solves for the algebraic states: with their errors not
    # tested, interpolated ones may be off by a millivolt.
    stops = np.union1d(stops, grid.points)
    try:
        [found] = built.second_integrator().solve(row, state, stops, grid.points)
    except IntegrationError:
        return None
    return None if found.failed else _trajectory(found)


def _trajectory(found: Integration) -> Trajectory | StartFailure:
    """Return the points up to the first value that is not finite."""
    times, signals, state = found.times, found.signals, found.state
    if len(times) > 1 and times[-2] >= times[-1] - _COINCIDENT:
        # An event just after a saved point gives two points at one time; the later one is kept.
        keep = times < times[-1] - _COINCIDENT
        keep[-1] = True
        times, signals = times[keep], signals[:, keep]
    if found.failed:
        ended_by = "failure"
    elif found.event is None:
        ended_by = "time"
    else:
        ended_by = "end" if found.event == _STEP_END else found.event
    # One sum is faster than a look at each value.
    if not np.isfinite(signals.sum() + state.sum()):
        is_finite = np.isfinite(signals).all(axis=0)
        if not (is_finite.all() and np.isfinite(state).all()):
            ended_by = "values that are not finite"
            count = len(times) if is_finite.all() else int(is_finite.argmin())
            times, signals = times[:count], signals[:, :count]
    if not len(times):
        return StartFailure(ended_by)
    return Trajectory(times, signals, state, ended_by)
