"""Evaluating a step of the tree to a step that can be run.

A step whose expressions are constant is read once, when the program is compiled. The others are
read each time the run reaches them, with the variables and read-outs at that time.
"""

from collections.abc import Mapping
from math import inf, isclose
from typing import Final

import attrs
from attrs import define, field, frozen

from ionworks.engine.protocols.program import (
    Limit,
    ProgramError,
    Step,
    check_resolution,
    longest_time,
)
from ionworks.engine.protocols.stimuli import Followed, Held, Periodic, Profile, Stimulus
from ionworks.ucp.expressions import CONSTANT_NAMES, Expr, Name, evaluate, number_text, walk
from ionworks.ucp.nodes import End, Kind, Leaf, Protocol
from ionworks.ucp.nodes import Profile as SampledProfile
from ionworks.ucp.parser.ends import implied_operator
from ionworks.ucp.problems import ExpressionError
from ionworks.ucp.step_table import DRIVE_CYCLE, REST, WAVEFORM, held_step_type
from ionworks.ucp.traversal import expressions
from ionworks.ucp.units import CELSIUS_OFFSET
from ionworks.ucp.vocabulary import READ_OUTS

_WATCHED: Final = {
    "Voltage": "voltage",
    "Current": "current",
    "C-rate": "current",
    "Capacity": "capacity",
    "Temperature": "temperature",
    "Time": "time",
    "SOC": "soc",
    "Energy": "energy",
    "Power": "power",
}
COUNTERS: Final = frozenset({"Cycle count", "Step count"})
"""Quantities that are counts."""
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
_EQUAL: Final = 1e-9
"""Relative and absolute tolerance within which a variable equals a threshold."""

_WHOLE: Final = 1e-9
"""Distance from a whole number that rounding in an expression may cause."""

_SIGNS: Final = {"Charge": -1.0, "Discharge": 1.0}
"""Positive current discharges."""

_MAX_SEGMENTS: Final = 100_000
"""Most periods of a waveform or passes of a profile in one step: each is a solve."""

_FROM_ZERO: Final = frozenset({"capacity", "energy", "time"})
"""Quantities that are 0 when a step begins."""


@frozen
class Skipped:
    """A step that takes no time, and the reason."""

    reason: str


def variable_reached(value: float, end: End, threshold: float) -> bool:
    """Return whether the comparison of an end holds for a value and a threshold.

    Sums such as ``VAR_X + 0.1`` are rounded, so numbers within `_EQUAL` are equal.
    """
    equal = isclose(value, threshold, rel_tol=_EQUAL, abs_tol=_EQUAL)
    match end.operator:
        case "==":
            return equal
        case "!=":
            return not equal
        case "<=" | ">=" if equal:
            return True
        case "<" | "<=":
            return value < threshold and not equal
    return value > threshold and not equal


def names_needed(*trees: object) -> bool:
    """Return whether some nodes use a name whose value is only known in a run."""
    return any(
        isinstance(part, Name) and part.name not in CONSTANT_NAMES
        for tree in trees
        for _, expression in expressions(tree)
        for part in walk(expression)
    )


@define
class Values:
    """Evaluates expressions and collects their problems.

    Attributes
    ----------
    names : mapping of str to float
    complete : bool
        Whether the names of a run are among them. If not, an expression that needs one has the
        value 1, which passes every check, and is evaluated again in the run.
    """

    names: Mapping[str, float]
    complete: bool
    problems: list[str] = field(factory=list)

    def of(self, path: str, expression: Expr) -> float:
        """Return the value of an expression, 1 if it has a problem."""
        if not self.complete and names_needed(expression):
            return 1.0
        try:
            return evaluate(expression, self.names)
        except ExpressionError as error:
            self.problems.append(f"{path}: {error}")
            return 1.0

    def kelvin(self, path: str, expression: Expr) -> float:
        """Return a temperature [K] given in degC."""
        temperature = self.of(path, expression)
        if temperature <= -CELSIUS_OFFSET:
            self.problems.append(f"{path}: {temperature:g} degC is below absolute zero")
            return CELSIUS_OFFSET + 25
        return temperature + CELSIUS_OFFSET


@frozen
class StepReader:
    """Reads the steps of one protocol for one cell.

    Attributes
    ----------
    protocol : Protocol
        Without any ``input[...]``.
    constants : mapping of str to float
        ``V_MIN`` and ``V_MAX`` [V], ``Q_NOM`` [A.h].
    """

    protocol: Protocol
    constants: Mapping[str, float]

    def is_constant(self, leaf: Leaf) -> bool:
        """Return whether a step has the same values each time it is run."""
        return not (
            names_needed(attrs.evolve(leaf, set_variables=()), self.protocol.safety)
            or any(
                end.operator is None or not (end.is_formula or end.quantity in _WATCHED)
                for end in leaf.ends
            )
        )

    def read(
        self, leaf: Leaf, label: str | None, names: Mapping[str, float] | None
    ) -> Step | Skipped:
        """Read a step.

        Parameters
        ----------
        leaf : Leaf
        label : str or None
            The name under which it is reported.
        names : mapping of str to float or None
            All names of the run at this time; None before a run.

        Raises
        ------
        ProgramError
            With every problem found.
        """
        values = Values(self.constants if names is None else names, names is not None)
        step = _StepBuilder(self, leaf, label, values).step()
        if values.problems:
            raise ProgramError(values.problems)
        return step


@define
class _StepBuilder:
    reader: StepReader
    leaf: Leaf
    label: str | None
    values: Values

    def step(self) -> Step | Skipped:
        leaf, path = self.leaf, self.leaf.path
        kind = self.kind()
        stimulus = self.stimulus(kind)
        limits = [*self.safety_limits(), *(self.limit(end, kind) for end in leaf.ends)]
        longest = self.longest(stimulus)
        ends_by_itself = stimulus.length < inf
        if leaf.duration is not None:
            duration = self.values.of(f"{path}.duration", leaf.duration)
            if duration <= 0:
                return Skipped(f"{path}: skipped, its duration is {duration:g} s")
            if duration <= stimulus.length:
                limits.append(Limit("time", above=True, threshold=duration, text="duration"))
                longest, ends_by_itself = duration, False
        if longest <= 0:
            return Skipped(f"{path}: skipped, it is repeated 0 times")
        if ends_by_itself:
            text = f"end of the {'waveform' if isinstance(stimulus, Periodic) else 'profile'}"
            limits.append(Limit("time", above=True, threshold=longest, text=text))
        temperature = None
        if leaf.temperature is not None:
            temperature = self.values.kelvin(f"{path}.temperature", leaf.temperature)
        return Step(
            path=path,
            label=self.label,
            step_type=_step_type(leaf, kind, stimulus.control),
            stimulus=stimulus,
            direction=_SIGNS.get(kind, 0.0),
            limits=tuple(limits),
            longest=longest,
            temperature=temperature,
            resolution=self.resolution(longest),
            assignments=leaf.set_variables,
        )

    def kind(self) -> Kind:
        leaf = self.leaf
        if leaf.kind != "Direction" or leaf.direction is None:
            return leaf.kind
        return "Charge" if self.values.of(leaf.path, leaf.direction) > 0 else "Discharge"

    def stimulus(self, kind: Kind) -> Stimulus:
        leaf = self.leaf
        if leaf.profile is not None:
            return self.followed(leaf.profile)
        if leaf.wave is not None:
            return self.periodic()
        if kind == "Rest" or leaf.mode is None or leaf.value is None:
            return Held("current", 0.0)
        path = f"{leaf.path}.value"
        value = self.values.of(path, leaf.value)
        if value < 0:
            self.values.problems.append(
                f"{path}: {value:g} is negative: give a magnitude and use the other direction"
            )
        if leaf.mode in {"Voltage", "Resistance"}:
            if value <= 0:
                quantity = leaf.mode.lower()
                self.values.problems.append(f"{path}: the {quantity} {value:g} is not above 0")
            return Held(_CONTROLS[leaf.mode], value)
        return Held(_CONTROLS[leaf.mode], value * self.unit() * _SIGNS[kind])

    def unit(self) -> float:
        """Return the size of one unit of the step's mode in A, V, W or Ohm."""
        return self.reader.constants["Q_NOM"] if self.leaf.mode == "C-rate" else 1.0

    def followed(self, profile: SampledProfile) -> Stimulus:
        path = self.leaf.path
        control = _CONTROLS[self.leaf.mode or "Current"]
        factor = self.values.of(f"{path}.scale", profile.scale) * self.unit()
        passes = self.values.of(f"{path}.repeat", profile.repeat)
        if abs(passes - round(passes)) > _WHOLE or not 0 <= passes <= _MAX_SEGMENTS:
            self.values.problems.append(
                f"{path}.repeat: {passes:g} is not a whole number from 0 to {_MAX_SEGMENTS}"
            )
            passes = 1.0
        times, samples = zip(*profile.data, strict=True)
        if control == "voltage" and min(factor * sample for sample in samples) <= 0:
            self.values.problems.append(f"{path}: the voltages of a profile must be above 0 V")
        return Followed(control, Profile(times, samples), factor, round(passes))

    def periodic(self) -> Stimulus:
        path, wave = self.leaf.path, self.leaf.wave
        if wave is None:
            raise ValueError(f"{path}: the step has no waveform")
        amplitude = self.values.of(f"{path}.amplitude", wave.amplitude) * self.unit()
        offset = self.values.of(f"{path}.offset", wave.offset) * self.unit()
        frequency = self.values.of(f"{path}.frequency", wave.frequency)
        cycles = inf if wave.cycles is None else self.values.of(f"{path}.cycles", wave.cycles)
        for name, value in (("frequency", frequency), ("cycles", cycles)):
            if value <= 0:
                self.values.problems.append(f"{path}.{name}: {value:g} is not above 0")
        # The problem is noted; any valid pair lets the other checks go on.
        if frequency <= 0 or cycles <= 0:
            frequency = cycles = 1.0
        control = _CONTROLS[self.leaf.mode or "Current"]
        found = Periodic(control, wave.shape, amplitude, offset, frequency, cycles)
        parts = self.longest(found) * frequency
        if self.leaf.duration is not None:
            parts = min(parts, self.values.of(path, self.leaf.duration) * frequency)
        if parts > _MAX_SEGMENTS:
            self.values.problems.append(
                f"{path}: {parts:.0f} periods are more than the {_MAX_SEGMENTS} one step may have: "
                "give a lower frequency, fewer cycles or a shorter duration"
            )
        return found

    def longest(self, stimulus: Stimulus) -> float:
        if stimulus.length < inf:
            return stimulus.length
        return longest_time(stimulus.control, stimulus.scale, self.reader.constants["Q_NOM"])

    def resolution(self, longest: float) -> float:
        leaf = self.leaf
        expression = leaf.resolution.time if leaf.resolution is not None else None
        if expression is None:
            expression = self.reader.protocol.global_.resolution.time
        resolution = 60.0
        if expression is not None:
            resolution = self.values.of(f"{leaf.path}.resolution", expression)
        problem = check_resolution(leaf.path, resolution, longest)
        if problem is not None:
            self.values.problems.append(problem)
        return resolution

    def safety_limits(self) -> list[Limit]:
        limits = []
        safety = self.reader.protocol.safety
        for limit in safety.limits:
            path = f"safety_limits.{limit.key}"
            quantity, above = _SAFETY[limit.key]
            threshold = self.values.of(path, limit.value)
            if limit.key.endswith("current_max") and threshold <= 0:
                self.values.problems.append(f"{path}: {threshold:g} A is not above 0")
            # Unlike the end of a step, a safety limit without a target ends the test.
            goto = limit.goto if limit.goto is not None else safety.goto
            target = "End" if goto is None else goto
            text = f"safety limit {limit.key}"
            limits.append(Limit(quantity, above, threshold, text, target, limit.key))
        return limits

    def limit(self, end: End, kind: Kind) -> Limit:
        path = end.path or self.leaf.path
        threshold = self.values.of(path, end.threshold)
        watched = end.quantity if end.is_formula else _WATCHED.get(end.quantity)
        if watched is None:
            return self.decided(end, threshold)
        above = self.is_above(end, kind, threshold)
        quantity = f"d/dt({end.quantity})" if end.rate else end.quantity
        text = f"{quantity} {'>' if above else '<'} {number_text(threshold)}"
        if end.quantity == "C-rate":
            threshold *= self.reader.constants["Q_NOM"]
        # A state of charge above 1 is in percent.
        if watched == "soc" and threshold > 1 and not end.rate:
            threshold /= 100
        if watched in _FROM_ZERO and not above and not end.rate:
            # These start at 0 and rise: an upper bound holds at once, or never will.
            reached = threshold > 0
            return Limit(
                "fixed", above=True, threshold=-1 if reached else 1, text=text, goto=end.goto
            )
        return Limit(watched, above, threshold, text, end.goto, rate=end.rate)

    def decided(self, end: End, threshold: float) -> Limit:
        """Return an end on a variable or a read-out, whose value is fixed during a step."""
        value = self.values.of(end.path, Name(READ_OUTS.get(end.quantity, end.quantity)))
        text = f"{end.quantity} {end.operator} {number_text(threshold)}"
        reached = variable_reached(value, end, threshold)
        return Limit("fixed", above=True, threshold=-1 if reached else 1, text=text, goto=end.goto)

    def is_above(self, end: End, kind: Kind, threshold: float) -> bool:
        """Return whether an end is reached from below.

        Without an operator that follows from the direction of the step, or else from the voltage
        at which it begins.
        """
        operator = end.operator or implied_operator(end.quantity, kind)
        if operator is not None:
            return operator == ">"
        return threshold > self.values.of(end.path, Name("Voltage"))


def _step_type(leaf: Leaf, kind: Kind, control: str) -> str:
    if leaf.profile is not None:
        return DRIVE_CYCLE
    if leaf.wave is not None:
        return WAVEFORM
    return REST if kind == "Rest" else held_step_type(control, kind.lower())
