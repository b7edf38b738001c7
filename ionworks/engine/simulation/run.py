"""The state of one run in its program, and the decisions it takes between two solves."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
from attrs import define, field, frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.initial_state import LITHIUM
from ionworks.engine.protocols.compiler import Program
from ionworks.engine.protocols.control_flow import Flow, FlowError, LeafAt
from ionworks.engine.protocols.program import Limit, ProgramError, Step
from ionworks.engine.protocols.steps import (
    COUNTERS,
    Skipped,
    Values,
    names_needed,
    variable_reached,
)
from ionworks.engine.protocols.watch import CELL_CAPACITY, LOWEST_VOLTAGE
from ionworks.engine.solver.models import BuiltModel
from ionworks.engine.solver.solve import Trajectory
from ionworks.engine.solver.step_state import StepState
from ionworks.engine.solver.stop_bounds import Origin, reached_limit, reset_limit, watched_values
from ionworks.ucp.expressions import Expr
from ionworks.ucp.nodes import Block, End, Leaf
from ionworks.ucp.problems import ExpressionError
from ionworks.ucp.units import CELSIUS_OFFSET
from ionworks.ucp.vocabulary import QUANTITIES, READ_OUTS

_COINCIDENT: Final = 1e-6
"""Times [s] closer than this are equal: the solver stops at a time only to its rounding."""

_SAME: Final = 1e-7
"""Voltage [V] within which a run is at the limit of the model's validity."""

_EDGE: Final = 1e-7
"""Relative tolerance of a comparison in a `Control`: a step that ended at ``Voltage < 3`` may have
stopped a rounding error above 3 V, and the same comparison must hold there."""

_OF_CYCLE: Final = frozenset(READ_OUTS) - COUNTERS
"""Quantities of a whole cycle. No step ends on them, so the results say so if the test does."""

Readouts = dict[str, float]


@frozen
class StepRecord:
    """One executed step.

    Attributes
    ----------
    step : Step
        The step of the program.
    start : float
        Its start, from the start of the run [s].
    times : array, shape (points,)
        From the start of the step [s].
    signals : array, shape (outputs, points)
        Voltage, current, the `AMOUNTS` since its start, temperature, extras.
    before : array, shape (4,)
        The `AMOUNTS` of the run before the step.
    termination : str
        The end that was reached, or the reason of a failure.
    cycle : int
        0-based cycle it belongs to.
    """

    step: Step
    start: float
    times: Floats
    signals: Floats
    before: Floats
    termination: str
    cycle: int


@define
class Run:
    """The state of one run in its program.

    Attributes
    ----------
    identifier : str
    program : Program
    inputs : dict of str to float
        Parameters and initial state, the same for every step.
    nominal_capacity : float
        [A.h], the scale of the current.
    valid_voltages : tuple of float
        Lower and upper voltage [V] beyond which the model is not valid.
    soc, capacity : float
        State of charge at the start, a fraction, and the charge between 0 and 100 % [A.h].
    flow : Flow
        Position in the program.
    ambient : float
        Ambient temperature [K] of steps that set none.
    capacity_of : callable or None
        Returns the charge between 0 and 100 % [A.h], None if there is none, for the `LITHIUM` of
        the model at some time. Needed if the program reads it.
    rows : dict of BuiltModel to array
        ``inputs`` in the order each model takes them.
    time : float
        Start of the next step [s].
    readouts : dict of str to float or None
        Values at the end of the last step, or at the start; None until a step uses them.
    read : callable or None
        Returns the values at the end of the last step; None before the first.
    suppressed : set of str
        Safety limits that tripped and jumped to another step: they are watched again once the
        signal has returned to the safe side, else the step jumped to would end at once.
    records : list of StepRecord
        Steps executed so far.
    amounts : array, shape (4,)
        The `ionworks.engine.solver.amounts.AMOUNTS` of these.
    error, error_code : str or None
        Why it failed, None unless it did.
    """

    identifier: str
    program: Program
    inputs: dict[str, float]
    nominal_capacity: float
    valid_voltages: tuple[float, float]
    soc: float
    capacity: float
    flow: Flow
    ambient: float
    capacity_of: Callable[[Sequence[float]], float | None] | None = None
    time: float = 0.0
    rows: dict[BuiltModel, Floats] = field(factory=dict)
    state: Floats = field(factory=lambda: np.empty(0))
    control: str = "current"
    current: float = 0.0
    voltage: float = 0.0
    amounts: Floats = field(factory=lambda: np.zeros(4))
    variables: dict[str, float] = field(factory=dict)
    readouts: Readouts | None = None
    read: Callable[[], Readouts] | None = None
    suppressed: set[str] = field(factory=set)
    records: list[StepRecord] = field(factory=list)
    notes: list[str] = field(factory=list)
    progress: StepState | None = None
    error: str | None = None
    error_code: str | None = None

    @property
    def finished(self) -> bool:
        """Whether the run has failed or reached the end of its program."""
        return self.error is not None or (self.progress is None and self.flow.finished)

    @property
    def current_progress(self) -> StepState:
        """StepState in the current step."""
        if self.progress is None:
            raise RuntimeError(f"run {self.identifier} is not in a step")
        return self.progress

    @property
    def place(self) -> str:
        """Name of the current step in messages."""
        path = f" ({self.progress.step.path})" if self.progress else ""
        return f"step {len(self.records)}{path}"

    def fail(self, code: str, message: str) -> None:
        """End the run with an error, and keep the points of the current step."""
        if self.progress is not None and self.progress.times:
            self._record("failure")
        self.error, self.error_code = message, code
        self.progress = None

    def seek(self, observe: Callable[[], Readouts]) -> None:
        """Advance to the next step that takes time.

        Parameters
        ----------
        observe : callable
            Returns the read-outs at the start of the run, which need a solve: called only if a
            step uses them.
        """
        try:
            while self.error is None and self.progress is None:
                found = self.flow.arrive(lambda block: self._repeats(block, observe))
                if found is None:
                    return
                self._take(found, observe)
        except (FlowError, ProgramError, ExpressionError) as error:
            self.fail("CONFIGURATION_ERROR", str(error))

    def watched(self) -> tuple[Limit, ...]:
        """Return the limits that can end the current solve.

        For a suppressed safety limit that is the return of its signal to the safe side.
        """
        if self.progress is None:
            return ()
        limits = self.progress.step.limits
        if not self.suppressed:
            return limits
        return (
            *(limit for limit in limits if limit.safety not in self.suppressed),
            *(reset_limit(limit) for limit in limits if limit.safety in self.suppressed),
        )

    def finish(
        self, found: Trajectory, rate: Limit | None, observe: Callable[[], Readouts]
    ) -> None:
        """Add the result of a solve to the current step, and leave the step if it has ended.

        Parameters
        ----------
        found : Trajectory
            The result.
        rate : Limit or None
            The end on a rate of change that was reached; None for any other end.
        observe : callable
            As for `seek`.
        """
        progress = self.current_progress
        times, signals, at_once = found.times, found.signals, found.ends_at_once
        if at_once:
            # Ends act from the guard time on: one that is met there held when the step began. The
            # step then has one point and no duration.
            times, signals = times[:1], signals[:, :1]
        at_last = signals[:, -1].tolist()
        last, remaining = float(times[-1]), progress.remaining()
        if not at_once and abs(last - remaining) < _COINCIDENT:
            times[-1] = last = remaining
        progress.add(times, signals)
        progress.elapsed += last
        progress.entered += last
        if abs(progress.elapsed - progress.step.longest) < _COINCIDENT:
            progress.elapsed = progress.step.longest
        # An end that held already at the start of the step leaves the state as it was: the solver
        # has only integrated the guard time, see `ionworks.engine.solver.models.GUARD_TIME`.
        if not at_once:
            self.state, self.control = found.state, progress.step.stimulus.control
            progress.amounts = signals[2:6, -1]
        self.voltage, self.current = at_last[:2]
        limit = rate
        if found.ended_by in {"end", "time"}:
            sizes = self._sizes(found)
            limit = self._first_reached(rate, at_last, sizes)
            if limit is None and at_once:
                # It is met within the guard time.
                limit = self._first_reached(None, found.signals[:, -1].tolist(), sizes)
        if limit is None:
            self._go_on(found.ended_by, last >= remaining)
        elif limit.safety in self.suppressed:
            # The signal is back on the safe side: watch the limit again and continue the step.
            self.suppressed.discard(str(limit.safety))
            if progress.entered >= progress.segment.length:
                progress.next_segment()
        else:
            self._leave(limit, at_last, observe)

    def _sizes(self, found: Trajectory) -> dict[str, float]:
        """Return the largest magnitude in a solve of each formula and variable to compare."""
        watched = self.program.watch.signals
        if not watched:
            return {}
        largest = np.abs(found.signals[-len(watched) :]).max(axis=1)
        return dict(zip(watched, largest.tolist(), strict=True))

    def _first_reached(
        self, rate: Limit | None, signals: Sequence[float], sizes: Mapping[str, float]
    ) -> Limit | None:
        """Return which limit ends a solve, the one on a rate if that was reached."""
        progress = self.current_progress
        other = reached_limit(self.watched(), signals, progress.elapsed, progress.origin, sizes)
        # If two ends are reached at the same time, a safety limit takes precedence.
        return other if rate is None or (other is not None and other.safety is not None) else rate

    def _go_on(self, ended_by: str, at_end: bool) -> None:
        """Continue the step after a solve that reached none of its ends, or fail."""
        progress = self.current_progress
        if ended_by != "time" or (at_end and progress.elapsed >= progress.step.longest):
            self._fail_step(self._why_not_ended(ended_by))
        elif at_end:
            progress.next_segment()
        # Else it was a solve up to a likely end, and the next one goes on from there.

    def _leave(
        self, limit: Limit, signals: Sequence[float], observe: Callable[[], Readouts]
    ) -> None:
        """Record the step, evaluate its assignments, and jump where its end says."""
        progress = self.current_progress
        step, place = progress.step, self.place
        self._record(limit.text)
        self.progress = None
        self.readouts = None
        self.read = partial(
            self.readouts_of, signals, progress.origin, progress.elapsed, progress.cycle
        )
        try:
            if limit.safety is None:
                for assignment in step.assignments:
                    self.variables[assignment.name] = self._value(
                        f"{step.path}.set_variable", assignment.value, observe
                    )
            # A step that a safety limit ended has not completed, so it assigns nothing.
            elif limit.goto not in {None, "End"}:
                self.suppressed.add(limit.safety)
            self.flow.follow(limit.goto, place, lambda block: self._repeats(block, observe))
        except (FlowError, ProgramError) as error:
            self.fail("CONFIGURATION_ERROR", str(error))

    def _record(self, termination: str) -> None:
        progress = self.current_progress
        times, signals = progress.points
        self.records.append(
            StepRecord(
                progress.step,
                self.time,
                times,
                signals,
                self.amounts,
                termination,
                progress.cycle,
            )
        )
        self.time += float(times[-1])
        self.amounts = self.amounts + signals[2:6, -1]

    def readouts_of(
        self, signals: Sequence[float], origin: Origin, elapsed: float, cycle: int
    ) -> Readouts:
        """Return the read-outs at one time, from the signals of the model at that time."""
        watch = self.program.watch
        found = watched_values(signals, elapsed, origin, watch.signals)
        current = signals[1]
        return {
            **{name: found[name] for name in watch.signals},
            **self._of_cycle(found),
            "Voltage": found["voltage"],
            "Current": current,
            "Capacity": found["capacity"],
            "Energy": found["energy"],
            "Temperature": found["temperature"],
            "Time": found["time"],
            "Total time": self.time,
            "SOC": found["soc"],
            "CYCLE_COUNT": float(cycle),
            "STEP_COUNT": float(max(len(self.records) - 1, 0)),
            "Power": found["power"],
            "C-rate": abs(current) / self.nominal_capacity,
        }

    def _of_cycle(self, found: Mapping[str, float]) -> Readouts:
        """Return the read-outs that take more than the signals at one time."""
        watch, values = self.program.watch, {}
        if watch.has_lowest_voltage:
            values[LOWEST_VOLTAGE] = found["voltage"]
            for record in reversed(self.records):
                if record.cycle != self.records[-1].cycle:
                    break
                values[LOWEST_VOLTAGE] = min(values[LOWEST_VOLTAGE], float(record.signals[0].min()))
        if watch.has_capacity and self.capacity_of is not None:
            capacity = self.capacity_of([found[name] for name in LITHIUM])
            if capacity is None:
                raise ProgramError(
                    [f"{CELL_CAPACITY}: no balance of the aged electrodes reaches 0 and 100 %"]
                )
            values[CELL_CAPACITY] = capacity
        return values

    def origin(self, direction: float) -> Origin:
        """Return the origin of the amounts of a step that begins now."""
        charge = float(self.amounts[0] - self.amounts[1])
        return Origin(charge, direction, self.soc, self.capacity)

    def _names(self, observe: Callable[[], Readouts]) -> Mapping[str, float]:
        if self.readouts is None:
            self.readouts = (self.read or observe)()
        unset = dict.fromkeys(self.program.variables, 0.0)
        return {**self.program.reader.constants, **self.readouts, **unset, **self.variables}

    def _value(self, path: str, expression: Expr, observe: Callable[[], Readouts]) -> float:
        # Most expressions are plain numbers, for which no read-outs have to be solved.
        constants = self.program.reader.constants
        names = self._names(observe) if names_needed(expression) else constants
        found = Values(names, complete=True)
        value = found.of(path, expression)
        if found.problems:
            raise ProgramError(found.problems)
        return value

    def share_done(self) -> float:
        """Return the share of the steps that is done, as far as the repeats are known."""
        # Those that depend on what happens count as one until their block begins.
        known = Values(self.program.reader.constants, complete=False)
        return self.flow.share_done(lambda block: known.of(block.path, block.repeat))

    def _repeats(self, block: Block, observe: Callable[[], Readouts]) -> float:
        return self._value(f"{block.path}.repeat", block.repeat, observe)

    def _take(self, found: LeafAt, observe: Callable[[], Readouts]) -> None:
        leaf = found.leaf
        if leaf.kind == "Control":
            self._control(leaf, observe)
            return
        if leaf.kind == "Ambient temperature":
            if leaf.value is not None:
                celsius = self._value(leaf.path, leaf.value, observe)
                if celsius <= -CELSIUS_OFFSET:
                    raise ProgramError([f"{leaf.path}: {celsius:g} degC is below absolute zero"])
                self.ambient = celsius + CELSIUS_OFFSET
            self._assign(leaf, observe)
            self.flow.proceed()
            return
        step = self.program.steps.get(self.flow.counter)
        if step is None:
            step = self.program.reader.read(leaf, found.label, self._names(observe))
        if isinstance(step, Skipped):
            self.notes.append(step.reason)
            self.flow.proceed()
            return
        cycle = self.flow.begin_step()
        self.progress = StepState(step, cycle, self.origin(step.direction))

    def _assign(self, leaf: Leaf, observe: Callable[[], Readouts]) -> None:
        for number, assignment in enumerate(leaf.set_variables):
            path = f"{leaf.path}.set_variable[{number}].eval"
            self.variables[assignment.name] = self._value(path, assignment.value, observe)

    def _control(self, leaf: Leaf, observe: Callable[[], Readouts]) -> None:
        goto = None
        for end in leaf.ends:
            if self._holds(end, observe):
                goto = end.goto
                if goto == "End" and end.quantity in _OF_CYCLE:
                    self.notes.append(f"the test ended after cycle {self.flow.cycle}: {end}")
                break
        self._assign(leaf, observe)
        self.flow.follow(goto, leaf.path, lambda block: self._repeats(block, observe))

    def _holds(self, end: End, observe: Callable[[], Readouts]) -> bool:
        """Return whether the end of a `Control` holds, within `_EDGE` for a measured value."""
        names = self._names(observe)
        threshold = self._value(end.path, end.threshold, observe)
        value = names[READ_OUTS.get(end.quantity, end.quantity)]
        is_exact = end.quantity not in QUANTITIES or end.quantity in COUNTERS
        if is_exact and not end.is_formula:
            return variable_reached(value, end, threshold)
        # As in the ends of steps, the magnitude of the current is compared.
        if end.quantity == "Current":
            value = abs(value)
        if end.quantity == "SOC" and threshold > 1:
            threshold /= 100
        if end.is_formula:
            # Of any size, so that no difference is too small.
            margin = _EDGE * abs(threshold)
            if end.operator == ">":
                return value > threshold - margin
            return value < threshold + margin
        margin = _EDGE * max(1.0, abs(threshold))
        return variable_reached(
            value, end, threshold - margin if end.operator == ">" else threshold + margin
        )

    def _why_not_ended(self, ended_by: str) -> str:
        """Return the reason why a step stopped although it reached none of its ends."""
        if ended_by not in {"end", "time"}:
            return ended_by
        lower, upper = self.valid_voltages
        if self.voltage <= lower + _SAME or self.voltage >= upper - _SAME:
            return f"voltage of {self.voltage:.3g} V"
        return "no end reached"

    def _fail_step(self, reason: str) -> None:
        progress = self.current_progress
        step, place = progress.step, f"step {len(self.records)}"
        self._record(reason)
        self.progress = None
        if reason == "no end reached":
            hours = step.longest / 3600
            self.fail(
                "CONFIGURATION_ERROR",
                f"{place} did not reach any of its end conditions within {hours:g} h ({step.path})",
            )
        elif reason == "failure":
            self.fail(
                "SOLVER_ERROR", f"{place}: the solver failed at {self.time:g} s ({step.path})"
            )
        else:
            self.fail(
                "SOLVER_ERROR",
                f"{place} left the range the model is valid in ({reason}) before it reached any "
                f"of its end conditions: add an end, such as a voltage limit ({step.path})",
            )
