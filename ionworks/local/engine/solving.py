"""One solve for many runs, in which a run that fails costs only itself."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.local.engine.cell import Floats
from ionworks.local.engine.models import STEP_END, BuiltModel
from ionworks.local.engine.pybamm_setup import STATE_INPUT, pybamm

_COINCIDENT: Final = 1e-6
"""Saved points closer than this [s] to the last one are that one."""


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
    horizon: float,
    resolution: float,
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
    horizon : float
        Longest time to solve for [s].
    resolution : float
        Spacing of the saved points [s].

    Returns
    -------
    list of Trajectory or Failure
        One per run, in order.
    """
    try:
        found = built.solver.solve(
            built.model,
            [0, horizon],
            inputs=list(inputs),
            t_interp=np.arange(0.0, horizon, resolution),
        )
    except (pybamm.SolverError, RuntimeError) as error:
        if len(inputs) == 1:
            return [Failure(_cause(str(error)))]
        # One run without a consistent start fails the whole list: find it by halves.
        half = len(inputs) // 2
        return [
            *solve_step(built, outputs, inputs[:half], horizon, resolution),
            *solve_step(built, outputs, inputs[half:], horizon, resolution),
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
