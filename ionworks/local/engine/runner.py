"""The lock-step runner: many runs of a cell advance together, one step of each per round.

A run is a small state machine: where it stands in its program, its state vector, its time and
its counters. Each round groups the runs by the model their next step needs and solves every
group in one call, so runs may be at different places of different programs. Models do not know
the time of day: every step is solved from zero and shifted here.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from attrs import define, field

from ionworks.local.engine.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    Floats,
)
from ionworks.local.engine.models import END_INPUTS, GUARD_TIME, NEVER, BuiltModels
from ionworks.local.engine.program import Limit, Program, Step
from ionworks.local.engine.results import StepRecord
from ionworks.local.engine.solving import Failure, Trajectory, solve_step, with_state

_VOLTAGE, _CURRENT, _CAPACITY, _TEMPERATURE = 0, 1, 2, 6
_CURRENT_STATE: Final = "Current variable [A]"
_REACHED: Final = 1e-7
"""Relative distance within which an end counts as reached where the solver stopped."""


@define
class Run:
    """One run on its way through its program.

    Attributes
    ----------
    identifier : str
    program : Program
    inputs : dict of str to float
        Parameters and initial state, the same for every step.
    nominal_capacity : float
        [A.h], the scale of the current.
    valid_voltages : tuple of float
        Lower and upper voltage [V] beyond which the model means nothing.
    counter : int
        Index of the next step of the program.
    time : float
        When the next step starts [s].
    records : list of StepRecord
        What the run did so far.
    error, error_code : str or None
        Why it failed, if it did.
    """

    identifier: str
    program: Program
    inputs: dict[str, float]
    nominal_capacity: float
    valid_voltages: tuple[float, float]
    counter: int = 0
    time: float = 0.0
    state: Floats = field(factory=lambda: np.empty(0))
    control: str = "current"
    current: float = 0.0
    voltage: float = 0.0
    throughput: Floats = field(factory=lambda: np.zeros(4))
    records: list[StepRecord] = field(factory=list)
    error: str | None = None
    error_code: str | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.error is not None or self.counter >= len(self.program.steps)

    @property
    def step(self) -> Step:
        """The next step."""
        return self.program.steps[self.counter]

    def fail(self, code: str, message: str) -> None:
        """End the run with an error."""
        self.error, self.error_code = message, code


def advance(models: BuiltModels, runs: Sequence[Run]) -> Iterator[Run]:
    """Carry runs to the end of their programs.

    Parameters
    ----------
    models : BuiltModels
        The built models of their cell.
    runs : sequence of Run
        At the start of their programs.

    Yields
    ------
    Run
        Each run once, as soon as it has finished or failed.
    """
    _set_first_states(models, runs)
    active = list(runs)
    while active:
        groups: dict[tuple[str, float], list[Run]] = {}
        for run in active:
            groups.setdefault((run.step.control, run.step.resolution), []).append(run)
        for (control, resolution), members in groups.items():
            _take_step(models, members, control, resolution)
        yield from (run for run in active if run.finished)
        active = [run for run in active if not run.finished]


def _set_first_states(models: BuiltModels, runs: Sequence[Run]) -> None:
    if not runs:
        return
    for run in runs:
        run.inputs |= {
            AMBIENT_TEMPERATURE: run.step.temperature,
            INITIAL_TEMPERATURE: run.program.start.temperature,
        }
    states = models.first_states([run.inputs for run in runs])
    for run, state in zip(runs, states, strict=True):
        run.state = state
        run.voltage = sum(run.valid_voltages) / 2


def _take_step(models: BuiltModels, runs: Sequence[Run], control: str, resolution: float) -> None:
    horizon = max(run.step.longest for run in runs)
    inputs = [with_state(_step_inputs(run, horizon), _state_for(run, models)) for run in runs]
    found = solve_step(models.of(control), models.outputs, inputs, horizon, resolution)
    for run, result in zip(runs, found, strict=True):
        if isinstance(result, Failure):
            run.fail("SOLVER_ERROR", f"{_place(run)} could not be started: {result.message}")
        else:
            _finish_step(run, result)


def _state_for(run: Run, models: BuiltModels) -> Floats:
    """Return the run's state as the next step's model holds it."""
    step = run.step
    built = models.of(step.control)
    if run.control == step.control:
        state = run.state.copy()
    else:
        source = models.of(run.control)
        state = np.zeros(built.size)
        for name, part in built.slices.items():
            if name in source.slices:
                state[part] = run.state[source.slices[name]]
    if step.control != "current":
        state[built.slices[_CURRENT_STATE]] = _likely_current(run) / run.nominal_capacity
    return state


def _likely_current(run: Run) -> float:
    """Return where to start looking for the current [A] of a step that does not give it."""
    step = run.step
    if step.control == "power":
        return step.set_point / run.voltage
    if step.control == "resistance":
        return run.voltage / step.set_point
    return run.current


def _step_inputs(run: Run, horizon: float) -> dict[str, float]:
    step = run.step
    bounds = dict.fromkeys(END_INPUTS, NEVER)
    bounds |= {name: -NEVER for name in END_INPUTS if name.endswith("below")}
    bounds["voltage below"], bounds["voltage above"] = run.valid_voltages
    for limit in step.limits:
        name = _bound_name(limit)
        tighter = min if limit.above else max
        bounds[name] = tighter(bounds[name], limit.threshold)
    bounds["time above"] = min(bounds["time above"], step.longest)
    if bounds["time above"] >= horizon:
        bounds["time above"] = NEVER
    bounds["capacity at start"] = float(run.throughput[0])
    bounds["capacity direction"] = step.direction
    return {
        **run.inputs,
        **bounds,
        AMBIENT_TEMPERATURE: step.temperature,
        "set point": step.set_point,
    }


def _bound_name(limit: Limit) -> str:
    quantity = "current magnitude" if limit.quantity == "current" else limit.quantity
    return f"{quantity} {'above' if limit.above else 'below'}"


def _finish_step(run: Run, found: Trajectory) -> None:
    step = run.step
    at_once = found.ended_by == "end" and found.times[-1] <= 1.01 * GUARD_TIME
    times, signals = found.times.copy(), found.signals
    if at_once:
        times, signals = times[:1], signals[:, :1]
    elif abs(times[-1] - step.longest) < 1e-6:
        times[-1] = step.longest
    if len(times) == 0:
        run.fail("SOLVER_ERROR", f"{_place(run)} could not be started: {found.ended_by}")
        return
    limit = _reached(step, times, signals) if found.ended_by in {"end", "time"} else None
    reason = _why_not_ended(run, signals, found.ended_by)
    termination = reason if limit is None else limit.text
    run.records.append(StepRecord(step, run.time, times, signals, run.throughput, termination))
    run.time += float(times[-1])
    if limit is None:
        _fail_step(run, reason)
        return
    run.current, run.voltage = float(signals[_CURRENT, -1]), float(signals[_VOLTAGE, -1])
    if not at_once:
        run.state, run.control = found.state, step.control
        run.throughput = signals[_CAPACITY:_TEMPERATURE, -1]
    run.counter = len(run.program.steps) if limit.stops else run.counter + 1


def _reached(step: Step, times: Floats, signals: Floats) -> Limit | None:
    """Return the end a step has reached: of several the first, of none None."""
    current = float(signals[_CURRENT, -1])
    passed = float(signals[_CAPACITY, -1] - signals[_CAPACITY, 0])
    values = {
        "voltage": float(signals[_VOLTAGE, -1]),
        "current": abs(current),
        "charging current": -current,
        "discharging current": current,
        "temperature": float(signals[_TEMPERATURE, -1]),
        "capacity": step.direction * passed,
        "time": float(times[-1]),
    }
    for limit in step.limits:
        if limit.distance(values) <= _REACHED * max(1.0, abs(limit.threshold)):
            return limit
    return None


def _why_not_ended(run: Run, signals: Floats, ended_by: str) -> str:
    """Return in a few words why a step stopped if it was at none of its ends."""
    if ended_by not in {"end", "time"}:
        return ended_by
    lower, upper = run.valid_voltages
    voltage = float(signals[_VOLTAGE, -1])
    if voltage <= lower + _REACHED or voltage >= upper - _REACHED:
        return f"voltage of {voltage:.3g} V"
    return "no end reached"


def _fail_step(run: Run, reason: str) -> None:
    step = run.step
    place = f"step {len(run.records) - 1}"
    if reason == "no end reached":
        hours = step.longest / 3600
        run.fail(
            "CONFIGURATION_ERROR",
            f"{place} did not reach any of its end conditions within {hours:g} h ({step.path})",
        )
    elif reason == "failure":
        run.fail("SOLVER_ERROR", f"{place}: the solver failed at {run.time:g} s ({step.path})")
    else:
        run.fail(
            "SOLVER_ERROR",
            f"{place} left the range the model is valid in ({reason}) before it reached any of "
            f"its end conditions: add an end, such as a voltage limit ({step.path})",
        )


def _place(run: Run) -> str:
    return f"step {len(run.records)} ({run.step.path})"
