"""From the tree of a protocol to a program the engine can run.

What the engine does not run yet is refused here, with the step's path and the reason.
"""

from collections.abc import Mapping
from typing import Final

from attrs import define, field

from ionworks.local.engine.cell import StartingPoint
from ionworks.local.engine.program import (
    KELVIN,
    MAX_STEPS,
    Limit,
    Program,
    Step,
    check_resolution,
    longest_time,
)
from ionworks.ucp.expressions import Expr, evaluate, number_text
from ionworks.ucp.nodes import Block, End, Item, Leaf, Marker, Protocol, Safety
from ionworks.ucp.problems import ExpressionError

_NOT_YET: Final = "is not run by the embedded engine yet"
_QUANTITIES: Final = {
    "Voltage": "voltage",
    "Current": "current",
    "C-rate": "current",
    "Capacity": "capacity",
    "Temperature": "temperature",
    "Time": "time",
}
_CONTROLS: Final = {
    "C-rate": "current",
    "Current": "current",
    "Voltage": "voltage",
    "Power": "power",
    "Resistance": "resistance",
}
_SAFETY: Final = {
    "voltage_min": ("voltage", False),
    "voltage_max": ("voltage", True),
    "temperature_min": ("temperature", False),
    "temperature_max": ("temperature", True),
    "charge_current_max": ("charging current", True),
    "discharge_current_max": ("discharging current", True),
}
_SIGNS: Final = {"Charge": -1.0, "Discharge": 1.0, "Rest": 0.0}


class ProgramError(ValueError):
    """A protocol the engine cannot run as asked.

    Attributes
    ----------
    problems : tuple of str
        One sentence each.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def compile_program(protocol: Protocol, names: Mapping[str, float]) -> Program:
    """Compile a resolved protocol for one run.

    Parameters
    ----------
    protocol : Protocol
        The tree, with no ``input[...]`` left in it.
    names : mapping of str to float
        The cell's ``V_MIN`` [V], ``V_MAX`` [V] and ``Q_NOM`` [A.h].

    Returns
    -------
    Program

    Raises
    ------
    ProgramError
        With every problem found.
    """
    compiler = _Compiler(dict(names), protocol)
    program = compiler.program()
    if compiler.problems:
        raise ProgramError(list(dict.fromkeys(compiler.problems)))
    return program


@define
class _Compiler:
    names: dict[str, float]
    protocol: Protocol
    problems: list[str] = field(factory=list)
    notes: list[str] = field(factory=list)
    steps: list[Step] = field(factory=list)
    ambient: float = KELVIN + 25
    safety: tuple[Limit, ...] = ()
    cycle: int = 0
    cycle_follows: bool = False
    stopped: bool = False

    def program(self) -> Program:
        settings = self.protocol.global_
        self.ambient = self.kelvin("global.initial_temperature", settings.temperature)
        start = self.starting_point()
        self.safety = self.safety_limits(self.protocol.safety)
        self.items(self.protocol.steps, None, outermost=True)
        if not self.steps and not self.problems:
            self.problems.append("steps: nothing is left to run: every block is repeated 0 times")
        return Program(tuple(self.steps), start, tuple(dict.fromkeys(self.notes)))

    def value(self, path: str, expression: Expr) -> float:
        """Return an expression's value; 0 after noting a problem."""
        try:
            return evaluate(expression, self.names)
        except ExpressionError as error:
            self.problems.append(f"{path}: {error}")
            return 0.0

    def kelvin(self, path: str, expression: Expr) -> float:
        temperature = self.value(path, expression)
        if temperature <= -KELVIN:
            self.problems.append(f"{path}: {temperature:g} degC is below absolute zero")
            return KELVIN + 25
        return temperature + KELVIN

    def starting_point(self) -> StartingPoint:
        state = self.protocol.global_.initial_state
        if state.kind == "voltage":
            voltage = self.value("global.initial_voltage", state.value)
            return StartingPoint("voltage", voltage, self.ambient)
        try:
            return StartingPoint("soc", state.fraction(self.names), self.ambient)
        except ExpressionError as error:
            self.problems.append(f"global.initial_state_value: {error}")
            return StartingPoint("soc", 1.0, self.ambient)

    def safety_limits(self, safety: Safety) -> tuple[Limit, ...]:
        limits = []
        for limit in safety.limits:
            path = f"safety_limits.{limit.key}"
            target = safety.goto if limit.goto is None else limit.goto
            if target not in {None, "End"}:
                self.problems.append(f"{path}: goto {_NOT_YET}; leave it out to end the test")
            quantity, above = _SAFETY[limit.key]
            threshold = self.value(path, limit.value)
            text = f"safety limit {limit.key} {number_text(threshold)}"
            limits.append(Limit(quantity, above, threshold, text, stops=True))
        return tuple(limits)

    def items(self, items: tuple[Item, ...], label: str | None, *, outermost: bool) -> None:
        for item in items:
            if self.stopped or len(self.steps) > MAX_STEPS:
                return
            match item:
                case Marker(kind="End"):
                    self.stopped = True
                case Marker(kind="Advance cycle"):
                    self.cycle += 1
                case Marker():
                    self.notes.append(f"{item.path}: a pause takes no time in a simulation")
                case Block():
                    self.block(item, outermost=outermost)
                case Leaf():
                    self.leaf(item, label)

    def block(self, block: Block, *, outermost: bool) -> None:
        given = self.value(f"{block.path}.repeat", block.repeat)
        repeat = round(given)
        if abs(given - repeat) > 1e-9 or repeat < 0:
            self.problems.append(
                f"{block.path}.repeat: {given:g} is not a whole number of 0 or more"
            )
            return
        counts = outermost and repeat > 1
        for iteration in range(repeat):
            if counts and iteration:
                self.cycle += 1
            self.items(block.items, block.name, outermost=outermost and repeat == 1)
            if self.stopped or self.problems:
                return
            if len(self.steps) > MAX_STEPS:
                self.problems.append(f"{block.path}: the protocol has more than {MAX_STEPS} steps")
                return
        self.cycle_follows |= counts

    def leaf(self, leaf: Leaf, label: str | None) -> None:
        if leaf.kind == "Ambient temperature":
            if leaf.value is not None:
                self.ambient = self.kelvin(leaf.path, leaf.value)
            return
        if leaf.set_variables:
            self.problems.append(f"{leaf.path}: set_variable {_NOT_YET}")
        kind = leaf.kind
        if kind == "Direction" and leaf.direction is not None:
            kind = "Charge" if self.value(leaf.path, leaf.direction) > 0 else "Discharge"
        if kind not in _SIGNS:
            self.problems.append(f"{leaf.path}: a step of kind {leaf.kind} {_NOT_YET}")
            return
        self.step(leaf, kind, leaf.name or label)

    def step(self, leaf: Leaf, kind: str, label: str | None) -> None:
        control, set_point = self.set_point(leaf, kind)
        limits = [*self.safety, *(self.limit(end, kind, leaf.path) for end in leaf.ends)]
        capacity = self.names["Q_NOM"]
        longest = longest_time(control, set_point, capacity)
        if leaf.duration is not None:
            longest = self.value(f"{leaf.path}.duration", leaf.duration)
            limits.append(Limit("time", above=True, threshold=longest, text="duration"))
        resolution = self.resolution(leaf, longest)
        temperature = self.ambient
        if leaf.temperature is not None:
            temperature = self.kelvin(f"{leaf.path}.temperature", leaf.temperature)
        if self.problems:
            return
        if longest <= 0:
            self.notes.append(f"{leaf.path}: skipped, its duration is {longest:g} s")
            return
        self.cycle += self.cycle_follows
        self.cycle_follows = False
        self.steps.append(
            Step(
                path=leaf.path,
                label=label,
                step_type="Rest" if kind == "Rest" else f"Constant {control} {kind.lower()}",
                control=control,
                set_point=set_point,
                direction=_SIGNS[kind],
                limits=tuple(limits),
                longest=longest,
                has_duration=leaf.duration is not None,
                temperature=temperature,
                resolution=resolution,
                cycle=self.cycle,
            )
        )

    def set_point(self, leaf: Leaf, kind: str) -> tuple[str, float]:
        if kind == "Rest" or leaf.mode is None or leaf.value is None:
            return "current", 0.0
        path = f"{leaf.path}.value"
        value = self.value(path, leaf.value)
        if value < 0:
            self.problems.append(
                f"{path}: {value:g} is negative: give a magnitude and use the other direction"
            )
        if leaf.mode in {"Voltage", "Resistance"}:
            if value <= 0:
                self.problems.append(f"{path}: {value:g} is no {leaf.mode.lower()} above 0")
            return _CONTROLS[leaf.mode], value
        if leaf.mode == "C-rate":
            value *= self.names["Q_NOM"]
        return _CONTROLS[leaf.mode], value * _SIGNS[kind]

    def resolution(self, leaf: Leaf, longest: float) -> float:
        expression = leaf.resolution.time if leaf.resolution is not None else None
        if expression is None:
            expression = self.protocol.global_.resolution.time
        resolution = 60.0
        if expression is not None:
            resolution = self.value(f"{leaf.path}.resolution", expression)
        problem = check_resolution(leaf.path, resolution, longest)
        if problem is not None:
            self.problems.append(problem)
        return resolution

    def limit(self, end: End, kind: str, step_path: str) -> Limit:
        path = end.path or step_path
        if end.rate:
            self.problems.append(f"{path}: an end on a rate of change {_NOT_YET}")
        elif end.quantity not in _QUANTITIES:
            self.problems.append(f"{path}: an end on {end.quantity} {_NOT_YET}")
        if end.goto not in {None, "Next", "End"}:
            self.problems.append(f"{step_path}: goto {_NOT_YET}")
        threshold = self.value(path, end.threshold)
        above = self.is_above(end, kind, path)
        quantity = _QUANTITIES.get(end.quantity, "time")
        if quantity in {"capacity", "time"} and not above:
            self.problems.append(
                f"{path}: {end.quantity} < {threshold:g} holds from the start: use >"
            )
        sign = ">" if above else "<"
        text = f"{end.quantity} {sign} {number_text(threshold)}"
        if end.quantity == "C-rate":
            threshold *= self.names["Q_NOM"]
        return Limit(quantity, above, threshold, text, stops=end.goto == "End")

    def is_above(self, end: End, kind: str, path: str) -> bool:
        """Return the direction of an end; of a flat one from the step's own direction."""
        if end.operator is not None:
            return end.operator == ">"
        if kind == "Rest":
            self.problems.append(
                f"{path}: write the operator of an end on a rest, such as Voltage < 3"
            )
        if end.quantity in {"Current", "C-rate", "Power"}:
            return False
        return kind == "Charge" or end.quantity in {"Capacity", "Energy", "Time", "Temperature"}
