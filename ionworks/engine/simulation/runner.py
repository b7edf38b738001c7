"""The lock-step runner: many runs of a cell advance together, one solve per run and round.

Each round groups the runs by the model and the grid of their next solve and solves each group in
one call, so runs may be at different steps of different programs. Every solve starts at time zero;
the run adds its own time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from math import ceil, floor, inf, log2
from typing import Any, Final

import numpy as np

from ionworks.engine import phases
from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, Floats
from ionworks.engine.protocols.program import Limit, ProgramError
from ionworks.engine.protocols.stimuli import Held
from ionworks.engine.simulation.run import Readouts, Run
from ionworks.engine.solver.amounts import solve_counted
from ionworks.engine.solver.integrals import Account, Conditions
from ionworks.engine.solver.models import TOLERANCES, BuiltModel, BuiltModels
from ionworks.engine.solver.rates import rate_crossing
from ionworks.engine.solver.solve import StartFailure, TimeGrid, Trajectory, solve_step
from ionworks.engine.solver.step_state import StepState
from ionworks.engine.solver.stop_bounds import AMOUNTS_AT, STOP_BOUNDS, stop_bounds

_CURRENT_STATE: Final = "Current variable [A]"
_LIKELY: Final = 1.7
"""Factor of the time from `_full_time`, rounded as it is, within which most steps end."""

_TIME_ABOVE: Final = STOP_BOUNDS.index("time above")


def advance(models: BuiltModels, runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Run programs to their ends.

    Parameters
    ----------
    models : BuiltModels
        The built models of their cell.
    runs : sequence of Run
        At the start of their programs.

    Yields
    ------
    list of Run
        Runs that have ended or failed, each once, as soon as it has.
    """
    _set_first_states(models, runs)
    active = list(runs)
    while active:
        groups: dict[Any, list[tuple[Run, StepState]]] = {}
        for run in active:
            if run.progress is None:
                run.seek(_observer(models, run))
            if run.progress is not None:
                key = _group_of(run, run.progress)
                groups.setdefault(key, []).append((run, run.progress))
        for members in groups.values():
            phases.progress(partial(_least_advanced, active))
            _solve_together(models, members)
        if finished := [run for run in active if run.finished]:
            yield finished
            active = [run for run in active if not run.finished]


def _least_advanced(runs: Sequence[Run]) -> tuple[str, float]:
    """Return in words where the run is that has made the fewest steps, and their share."""
    run = min(runs, key=lambda run: len(run.records))
    cycle = run.flow.place
    return f"{cycle}{', ' if cycle else ''}step {len(run.records) + 1}", run.share_done()


def _set_first_states(models: BuiltModels, runs: Sequence[Run]) -> None:
    if not runs:
        return
    for run in runs:
        run.inputs |= {
            AMBIENT_TEMPERATURE: run.ambient,
            INITIAL_TEMPERATURE: run.program.start.temperature,
        }
    states = models.first_states([run.inputs for run in runs])
    for run, state in zip(runs, states, strict=True):
        run.state = state
        # Only the starting guess of the current of a power or resistance step, and only until
        # the first solve.
        run.voltage = sum(run.valid_voltages) / 2


def _group_of(run: Run, progress: StepState) -> Any:
    """Return what must be equal for runs to be solved together."""
    segment, step = progress.segment, progress.step
    full_time = _full_time(run, progress)
    shared = (step.stimulus.control, segment.shape, step.resolution, step.rates, full_time)
    # One solve has one grid, so segments with their own times must be at the same time.
    return (*shared, progress.entered, segment.stops) if segment.stops else shared


def _observer(models: BuiltModels, run: Run) -> Callable[[], Readouts]:
    """Return a function that solves for the read-outs of a run before its first step."""

    def observe() -> Readouts:
        built = models.of("current")
        formulas = run.program.watch.ends
        found = stop_bounds((), run.origin(0.0), 0.0, run.valid_voltages, formulas)
        # The end of the step holds from the start, so the solve stops after the guard time.
        found[_TIME_ABOVE] = -1.0
        inputs = {"set point": [0.0], AMBIENT_TEMPERATURE: [run.ambient]}
        rows = _rows(built, [run], inputs, [found])
        [solved] = solve_step(built, rows, run.state[None], TimeGrid(1.0, np.array([0.0])))
        if isinstance(solved, StartFailure):
            raise ProgramError([f"the start of the test could not be solved: {solved.message}"])
        voltage, current, *others = solved.signals[:, 0].tolist()
        signals = [voltage, current, 0.0, 0.0, 0.0, 0.0, *others]
        return run.readouts_of(signals, run.origin(0.0), 0.0, 0)

    return observe


def _rows(
    built: BuiltModel,
    runs: Iterable[Run],
    inputs: Mapping[str, Sequence[float]],
    bounds: Sequence[Sequence[float]],
) -> Floats:
    """Return the rows of inputs of some runs: their own, further ones, and the bounds of ends."""
    templates = []
    for run in runs:
        if built not in run.rows:
            run.rows[built] = built.integrator.row(run.inputs)
        templates.append(run.rows[built])
    rows = np.array(templates)
    for name, values in inputs.items():
        if name in built.columns:
            rows[:, built.columns[name]] = values
    which, where = built.stop_bounds
    rows[:, where] = np.array(bounds)[:, which]
    return rows


def _solve_together(models: BuiltModels, members: Sequence[tuple[Run, StepState]]) -> None:
    first_run, first = members[0]
    segment, step = first.segment, first.step
    built = models.of(step.stimulus.control, segment.shape)
    full_time = _full_time(first_run, first)
    horizon = max(_horizon(progress, full_time) for _, progress in members)
    grid = TimeGrid.of(segment.stops, segment.points, first.entered, horizon, step.resolution)
    control = step.stimulus.control
    least_current = 0.0 if control == "current" else TOLERANCES[control][1]
    conditions = Conditions(
        control,
        first.entered,
        full_time,
        least_current * min(run.nominal_capacity for run, _ in members),
    )
    rows, accounts = _demands(built, members, horizon)
    states = np.array([_state_for(run, progress, models, built) for run, progress in members])

    def solve_one(place: int, times: TimeGrid) -> Trajectory | StartFailure:
        one = slice(place, place + 1)
        return solve_counted(built, rows[one], states[one], times, conditions, accounts[one])[0]

    found: Sequence[tuple[Trajectory | StartFailure, Limit | None]]
    if step.rates:
        found = [
            rate_crossing(partial(solve_one, place), grid, progress)
            for place, (_, progress) in enumerate(members)
        ]
    else:
        solved = solve_counted(built, rows, states, grid, conditions, accounts)
        found = [(each, None) for each in solved]
    for (run, _), (each, rate) in zip(members, found, strict=True):
        if isinstance(each, StartFailure):
            message = f"{run.place} could not be started: {each.message}"
            run.fail("SOLVER_ERROR", message)
        else:
            run.finish(each, rate, _observer(models, run))


def _state_for(run: Run, progress: StepState, models: BuiltModels, built: BuiltModel) -> Floats:
    """Return the run's state in the layout of the model of its next step."""
    control = progress.step.stimulus.control
    if run.control == control:
        if control == "current":
            return run.state
        state = run.state.copy()
    else:
        source = models.of(run.control)
        state = np.zeros(built.integrator.size)
        for name, part in built.state_slices.items():
            if name in source.state_slices:
                state[part] = run.state[source.state_slices[name]]
    # The algebraic unknown is the current in units of the nominal capacity.
    if control != "current":
        state[built.state_slices[_CURRENT_STATE]] = (
            _likely_current(run, progress) / run.nominal_capacity
        )
    return state


def _likely_current(run: Run, progress: StepState) -> float:
    """Return a starting guess of the current [A] for a step whose control is not the current."""
    stimulus = progress.step.stimulus
    if progress.elapsed > 0 and isinstance(stimulus, Held):
        return run.current
    if stimulus.control == "power":
        return stimulus.scale / run.voltage
    if stimulus.control == "resistance":
        return run.voltage / stimulus.scale
    return run.current


def _full_time(run: Run, progress: StepState) -> float:
    """Return the time [s] in which the step passes the capacity of the cell, at the least.

    Rounded down to a power of the root of 2: what is recorded depends on it, and is the same for a
    run alone and in a group of others with about the same current.
    """
    control, largest = progress.step.stimulus.control, progress.segment.largest
    lower, upper = run.valid_voltages
    capacity = max(run.nominal_capacity, run.capacity)
    current = {
        "current": largest,
        "voltage": capacity,
        "power": largest / max(lower, upper / 2),
        "resistance": upper / largest if largest else 0.0,
    }[control]
    if not current:
        return inf
    return float(2.0 ** (floor(2 * log2(3600 * capacity / current)) / 2))


def _horizon(progress: StepState, full_time: float) -> float:
    """Return the time [s] up to which to solve the step for now.

    Most steps end on a voltage or a current long before the time at which they would fail, and the
    solver takes time for every point it is asked for, reached or not.
    """
    remaining, resolution = progress.remaining(), progress.step.resolution
    if not isinstance(progress.step.stimulus, Held) or full_time == inf:
        return remaining
    likely = _LIKELY * full_time
    likely = max(ceil(likely / resolution) * resolution if resolution < likely else likely, 1.0)
    return remaining if remaining < 1.5 * likely else likely


def _demands(
    built: BuiltModel, members: Sequence[tuple[Run, StepState]], horizon: float
) -> tuple[Floats, list[Account]]:
    """Return the inputs of runs in their steps, and their accounts of charge and energy."""
    bounds, accounts = [], []
    for run, progress in members:
        found = stop_bounds(
            run.watched(),
            progress.origin,
            progress.elapsed,
            run.valid_voltages,
            run.program.watch.ends,
        )
        ends_at = min(found[_TIME_ABOVE], progress.remaining())
        # The horizon itself ends the longest run of the group. An event at the same time would be
        # found or missed by rounding, so it is put out of reach.
        found[_TIME_ABOVE] = 2 * horizon if ends_at >= horizon else ends_at
        above, below, energy_above, energy_below = found[AMOUNTS_AT]
        limits = (above, below, energy_above, energy_below)
        accounts.append(Account(progress.segment, progress.amounts, limits))
        bounds.append(found)
    segments = [progress.segment for _, progress in members]
    inputs = {
        # Segments of one shape have the same inputs.
        **{name: [each.inputs[name] for each in segments] for name in segments[0].inputs},
        "time of entry": [progress.entered for _, progress in members],
        AMBIENT_TEMPERATURE: [
            run.ambient if progress.step.temperature is None else progress.step.temperature
            for run, progress in members
        ],
    }
    return _rows(built, [run for run, _ in members], inputs, bounds), accounts
