"""The steps a program executes, as far as that is known without running it.

PyBaMM's experiments are lists of steps. Repeats, jumps, variables and counters of a protocol are
followed here as in a run. Where a decision needs what only a run knows, such as a voltage, there is
no such list.
"""

from collections.abc import Mapping
from typing import Final

import attrs
from attrs import define, field, frozen

from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.eject.terminations import is_start_capacity, termination, total_time
from ionworks.engine.protocols.compiler import Program
from ionworks.engine.protocols.control_flow import Flow, FlowError, LeafAt
from ionworks.engine.protocols.program import Limit, ProgramError, Step
from ionworks.engine.protocols.steps import Skipped, variable_reached
from ionworks.ucp.expressions import Expr, Name, evaluate, walk
from ionworks.ucp.nodes import Block, End, Goto, Leaf
from ionworks.ucp.parser.ends import implied_operator
from ionworks.ucp.problems import ExpressionError
from ionworks.ucp.traversal import expressions
from ionworks.ucp.units import CELSIUS_OFFSET
from ionworks.ucp.vocabulary import READ_OUTS

_MOST: Final = 20_000
"""Most steps of a script; PyBaMM needs memory for each."""


@frozen
class Executed:
    """A step that a run executes.

    Attributes
    ----------
    step : Step
    leaf : Leaf
        Where it comes from.
    ambient : float
        Temperature [K] of the surroundings.
    cycle : int
        0-based cycle it belongs to.
    total_time : float or None
        Time from the start of the run [s] at which the test ends.
    terminations : tuple of str
        What ends the test after it, as terminations of a PyBaMM experiment.
    """

    step: Step
    leaf: Leaf
    ambient: float
    cycle: int = 0
    total_time: float | None = None
    terminations: tuple[str, ...] = ()

    @property
    def safety(self) -> tuple[Limit, ...]:
        """The safety limits, which end the test."""
        return tuple(limit for limit in self.step.limits if limit.safety is not None)

    @property
    def ends(self) -> tuple[Limit, ...]:
        """The ends of the step itself that may be reached, without its duration."""
        return tuple(
            limit
            for limit in self.step.limits
            if limit.safety is None and limit.quantity not in {"time", "fixed"}
        )

    @property
    def duration(self) -> float | None:
        """The longest time [s], None if only another end ends the step."""
        times = [
            limit.threshold
            for limit in self.step.limits
            if limit.quantity == "time" and limit.safety is None
        ]
        return min(times, default=None)

    @property
    def takes_no_time(self) -> bool:
        """Whether one of its ends is reached when it begins."""
        return any(_holds_at_once(limit) for limit in self.step.limits)


def sequence(program: Program, ambient: float, jumps: int) -> list[Executed]:
    """Return the steps that a program executes, without those that take no time.

    Parameters
    ----------
    program : Program
    ambient : float
        Temperature [K] of the surroundings at the start.
    jumps : int
        Most jumps back.

    Raises
    ------
    NoCounterpart
        If what is executed depends on a result of the run.
    ValueError
        If the program cannot be run.
    """
    follower = _Follower(program, Flow(program.route, jumps), ambient)
    try:
        while (found := follower.flow.arrive(follower.repeats)) is not None:
            follower.take(found)
    except (FlowError, ProgramError, ExpressionError) as error:
        raise ValueError(str(error)) from None
    return follower.executed


@define
class _Follower:
    """A run of which only the control flow is known."""

    program: Program
    flow: Flow
    ambient: float
    variables: dict[str, float | None] = field(factory=dict)
    executed: list[Executed] = field(factory=list)
    steps: int = 0
    cycle: int = 0
    start_capacity: tuple[str, int] | None = None

    @property
    def names(self) -> dict[str, float]:
        """The values that are known now; a variable with a result of the run is left out."""
        unset: dict[str, float | None] = dict.fromkeys(self.program.variables, 0.0)
        assigned = {**unset, **self.variables}
        return {
            **self.program.reader.constants,
            "CYCLE_COUNT": float(self.cycle),
            "STEP_COUNT": float(max(self.steps - 1, 0)),
            **{name: value for name, value in assigned.items() if value is not None},
        }

    def take(self, found: LeafAt) -> None:
        leaf = found.leaf
        if leaf.kind == "Control":
            ends = [end for end in leaf.ends if not self.terminates(end)]
            goto = next((end.goto for end in ends if self.holds(end)), None)
            self.assign(leaf)
            self.flow.follow(goto, leaf.path, self.repeats)
        elif leaf.kind == "Ambient temperature":
            if leaf.value is not None:
                self.ambient = self.value(leaf.path, leaf.value) + CELSIUS_OFFSET
            self.assign(leaf)
            self.flow.proceed()
        else:
            self.step(found)

    def step(self, found: LeafAt) -> None:
        ends, total = total_time(found.leaf)
        leaf = found.leaf if total is None else attrs.evolve(found.leaf, ends=ends)
        step = self.program.steps.get(self.flow.counter)
        if step is None:
            self.require_names(leaf)
            step = self.program.reader.read(leaf, found.label, self.names)
        if isinstance(step, Skipped):
            self.flow.proceed()
            return
        self.cycle = self.flow.begin_step()
        ambient = self.ambient if step.temperature is None else step.temperature
        executed = Executed(step, leaf, ambient, self.cycle, total)
        goto = _next(executed)
        if not executed.takes_no_time:
            self.executed.append(executed)
        self.steps += 1
        if len(self.executed) > _MOST:
            raise NoCounterpart(f"{leaf.path}: the run has more than {_MOST} steps")
        self.assign(leaf)
        self.flow.follow(goto, leaf.path, self.repeats)

    def require_names(self, leaf: Leaf) -> None:
        """Raise a NoCounterpart if a step depends on a result of the run."""
        known = self.names
        read = attrs.evolve(leaf, set_variables=())
        for part in (read, self.program.reader.protocol.safety):
            for _, expression in expressions(part):
                _require(leaf.path, expression, known)
        for end in leaf.ends:
            own = end.quantity in self.program.variables
            if own and end.quantity not in known:
                raise NoCounterpart(_depends(leaf.path, str(end), end.quantity))
            needs_voltage = end.operator is None and (
                leaf.kind in {"Rest", "Drive", "Waveform"}
                and implied_operator(end.quantity, leaf.kind) is None
            )
            if needs_voltage:
                raise NoCounterpart(_depends(leaf.path, str(end), "the voltage at its start"))

    def assign(self, leaf: Leaf) -> None:
        for assignment in leaf.set_variables:
            # An assignment of a result matters only if something depends on the variable.
            known, name = self.names, assignment.name
            is_known = _unknown(assignment.value, known) is None
            value = evaluate(assignment.value, known) if is_known else None
            if is_start_capacity(name, assignment.value):
                if known.get(name) == 0:
                    self.start_capacity = name, len(self.executed)
                value = None
            self.variables[name] = value

    def terminates(self, end: End) -> bool:
        """Take note of an end that PyBaMM compares after a cycle; return whether it is one."""
        start, since = self.start_capacity or (None, 0)
        found = termination(end, self.names, start)
        if found is None or not self.executed:
            return False
        last = self.executed[-1]
        marked = (place for place, each in enumerate(self.executed) if each.terminations)
        if "%" in found and next(marked, len(self.executed) - 1) != since - 1:
            raise NoCounterpart(
                f"{end.path}: {start} is not the capacity after the first cycle, with which PyBaMM "
                "compares"
            )
        terminations = (*last.terminations, found)
        self.executed[-1] = attrs.evolve(last, terminations=(*dict.fromkeys(terminations),))
        return True

    def holds(self, end: End) -> bool:
        quantity = READ_OUTS.get(end.quantity, end.quantity)
        known = self.names
        if quantity not in known:
            raise NoCounterpart(_depends(end.path, f"the condition {end}", quantity))
        return variable_reached(known[quantity], end, self.value(end.path, end.threshold))

    def value(self, path: str, expression: Expr) -> float:
        known = self.names
        _require(path, expression, known)
        return evaluate(expression, known)

    def repeats(self, block: Block) -> float:
        return self.value(f"{block.path}.repeat", block.repeat)


def _next(executed: Executed) -> Goto | None:
    """Return where a step leads, None for the next one."""
    path, limits = executed.step.path, executed.step.limits
    at_once = next((limit for limit in limits if _holds_at_once(limit)), None)
    if at_once is not None:
        return at_once.goto
    for limit in executed.safety:
        if limit.goto != "End":
            raise NoCounterpart(
                f"safety_limits.{limit.safety}: it jumps to {limit.goto!r}, and PyBaMM can only "
                "stop the simulation there"
            )
    reachable = [limit for limit in limits if limit.safety is None and _is_possible(limit)]
    targets = {None if limit.goto == "Next" else limit.goto for limit in reachable}
    if len(targets) > 1:
        texts = " and ".join(repr(limit.text) for limit in reachable)
        raise NoCounterpart(
            f"{path}: which step follows depends on the end that is reached, {texts}"
        )
    return targets.pop() if targets else None


def _holds_at_once(limit: Limit) -> bool:
    if limit.quantity in {"capacity", "energy", "time"} and not limit.rate:
        return limit.above and limit.threshold <= 0
    return limit.quantity == "fixed" and limit.threshold < 0


def _is_possible(limit: Limit) -> bool:
    return limit.quantity != "fixed"


def _unknown(expression: Expr, known: Mapping[str, float]) -> str | None:
    """Return the first name in an expression whose value only a run has, None without one."""
    names = (part.name for part in walk(expression) if isinstance(part, Name))
    return next((name for name in names if name not in known), None)


def _require(path: str, expression: Expr, known: Mapping[str, float]) -> None:
    unknown = _unknown(expression, known)
    if unknown is not None:
        raise NoCounterpart(_depends(path, str(expression), unknown))


def _depends(path: str, what: str, name: str) -> str:
    return f"{path}: {what} depends on {name}, a result of the run"
