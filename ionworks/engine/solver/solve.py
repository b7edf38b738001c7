"""One solve for many runs, in which a run that fails costs only itself."""

from typing import Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.protocols.stimuli import Segment
from ionworks.engine.solver.integrator import Integrated, IntegrationError
from ionworks.engine.solver.models import STEP_END, BuiltModel

_COINCIDENT: Final = 1e-6
"""Saved points closer than this [s] to the last one are that one."""

_STEP_END: Final = f"{STEP_END} [experiment]"
"""The event as PyBaMM names it in a model."""


@frozen
class Grid:
    """The times of a solve [s].

    Attributes
    ----------
    horizon : float
        The longest to solve for.
    points : array
        What to save, from 0, besides the end.
    stops : tuple of float
        Times before the horizon the solver must not step over.
    """

    horizon: float
    points: Floats
    stops: tuple[float, ...] = ()

    @classmethod
    def of(cls, segment: Segment, entered: float, horizon: float, resolution: float) -> "Grid":
        """Return the grid of a segment that was entered some time ago."""
        points = np.arange(0.0, horizon, resolution)
        if segment.points:
            own = np.array(segment.points) - entered
            points = np.union1d(points, own[(own > _COINCIDENT) & (own < horizon)])
            # Two grids of the same times may differ by rounding.
            points = points[np.append(True, np.diff(points) > _COINCIDENT)]
        shifted = (stop - entered for stop in segment.stops)
        stops = tuple(stop for stop in shifted if _COINCIDENT < stop < horizon - _COINCIDENT)
        return cls(horizon, points, stops)


@frozen
class Trajectory:
    """What one run did in one step.

    Attributes
    ----------
    times : array, shape (points,)
        From the start of the step [s].
    signals : array, shape (outputs, points)
        In the order of the model's outputs.
    state : array, shape (states,)
        Where the step ended.
    ended_by : str
        ``"end"`` (one of the step's ends), ``"time"`` (the horizon), or why the solver stopped.
    """

    times: Floats
    signals: Floats
    state: Floats
    ended_by: str


@frozen
class Failure:
    """A run that could not be started: what the solver said."""

    message: str


def solve_step(
    built: BuiltModel, rows: Floats, states: Floats, grid: Grid
) -> list[Trajectory | Failure]:
    """Solve one step of many runs together.

    Parameters
    ----------
    built : BuiltModel
        The model to solve.
    rows : array, shape (runs, inputs)
        All inputs of each run.
    states : array, shape (runs, states)
        Where each starts.
    grid : Grid
        How long to solve for, and what to save.

    Returns
    -------
    list of Trajectory or Failure
        One per run, in order.
    """
    stops = np.array([0.0, *grid.stops, grid.horizon])
    try:
        found = built.integrator.solve(rows, states, stops, grid.points)
    except IntegrationError as error:
        if len(rows) == 1:
            return [Failure(str(error))]
        # One run without a consistent start fails the whole list: find it by halves.
        half = len(rows) // 2
        return [
            *solve_step(built, rows[:half], states[:half], grid),
            *solve_step(built, rows[half:], states[half:], grid),
        ]
    return [_trajectory(each) for each in found]


def _trajectory(found: Integrated) -> Trajectory:
    times, signals, state = found.times, found.signals, found.state
    keep = times < times[-1] - _COINCIDENT
    keep[-1] = True
    if found.failed:
        ended_by = "failure"
    elif found.event is None:
        ended_by = "time"
    else:
        ended_by = "end" if found.event == _STEP_END else found.event
    if not (np.isfinite(signals).all() and np.isfinite(state).all()):
        ended_by = "values that are not finite"
        keep &= np.isfinite(signals).all(axis=0)
    return Trajectory(times[keep], signals[:, keep], state, ended_by)
