"""One solve for many runs, in which a run that fails costs only itself."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.local.engine.cell import Floats
from ionworks.local.engine.models import STEP_END, BuiltModel
from ionworks.local.engine.pybamm_setup import STATE_INPUT, pybamm
from ionworks.local.engine.stimuli import Segment

_COINCIDENT: Final = 1e-6
"""Saved points closer than this [s] to the last one are that one."""


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
    built: BuiltModel,
    outputs: tuple[str, ...],
    inputs: Sequence[dict[str, Any]],
    grid: Grid,
) -> list[Trajectory | Failure]:
    """Solve one step of many runs together.

    Parameters
    ----------
    built : BuiltModel
        The model to solve.
    outputs : tuple of str
        The variables its solver records.
    inputs : sequence of dict
        All inputs of each run, its initial state included.
    grid : Grid
        How long to solve for, and what to save.

    Returns
    -------
    list of Trajectory or Failure
        One per run, in order.
    """
    try:
        found = built.solver.solve(
            built.model,
            np.array([0.0, *grid.stops, grid.horizon]),
            inputs=list(inputs),
            t_interp=grid.points,
        )
    except (pybamm.SolverError, RuntimeError) as error:
        if len(inputs) == 1:
            return [Failure(_cause(str(error)))]
        # One run without a consistent start fails the whole list: find it by halves.
        half = len(inputs) // 2
        return [
            *solve_step(built, outputs, inputs[:half], grid),
            *solve_step(built, outputs, inputs[half:], grid),
        ]
    solutions = found if isinstance(found, list) else [found]
    return [_trajectory(solution, outputs) for solution in solutions]


def _trajectory(solution: Any, outputs: tuple[str, ...]) -> Trajectory:
    times = np.array(solution.t)
    signals = np.array([solution[name].entries for name in outputs])
    keep = times < times[-1] - _COINCIDENT
    keep[-1] = True
    ended_by = {"final time": "time", f"event: {STEP_END} [experiment]": "end"}.get(
        solution.termination, str(solution.termination).removeprefix("event: ")
    )
    state = np.asarray(solution.y_event, dtype=np.float64).ravel()
    if not (np.isfinite(signals).all() and np.isfinite(state).all()):
        ended_by = "values that are not finite"
        keep &= np.isfinite(signals).all(axis=0)
    return Trajectory(times[keep], signals[:, keep], state, ended_by)


def _cause(message: str) -> str:
    """Return a solver's message without the values of all inputs it may end with."""
    return message.split(" with inputs {", maxsplit=1)[0].strip()


def with_state(inputs: dict[str, float], state: Floats) -> dict[str, Any]:
    """Return inputs that start a step from a state vector."""
    return {**inputs, STATE_INPUT: state.reshape(-1, 1)}
