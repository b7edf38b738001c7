"""The parts of a plan: test steps, their ends, loops, marks and safety limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final, Literal, TypeAlias

import attrs
from attrs import field, frozen

from ionworks.ucp.expressions import number_text

Unit: TypeAlias = Literal["A", "C", "V", "W", "Ohm", "s", "Ah", "Q_NOM", "Wh", "degC", "V/s"]
Control: TypeAlias = Literal[
    "rest",
    "current",
    "voltage",
    "cccv",
    "power",
    "resistance",
    "waveform",
    "impedance",
    "unsupported",
]
Direction: TypeAlias = Literal["charge", "discharge"]
Comparison: TypeAlias = Literal["<", ">"]

END_TEST: Final = -1
"""The target of a jump that ends the test."""


@frozen(order=True)
class Level:
    """A number with its unit.

    ``Q_NOM`` is a multiple of the nominal capacity, ``C`` one of the nominal capacity per hour.
    """

    value: float
    unit: Unit

    def __str__(self) -> str:
        return f"{number_text(self.value)} {'* ' if self.unit == 'Q_NOM' else ''}{self.unit}"


@frozen
class StepEnd:
    """A condition that ends a step.

    Attributes
    ----------
    quantity : str
        As in :class:`ionworks.ucp.End`, except that ``C-rate`` is ``Current`` in the unit ``C``;
        ``Hold time`` is the time since a ``cccv`` step reached its voltage, ``Voltage rate`` the
        rate at which the voltage rises.
    operator : "<" or ">"
        Currents, capacities and energies are magnitudes.
    level : Level
        The threshold.
    target : int or None
        Index of an instruction, ``END_TEST``, or None for the next instruction.
    """

    quantity: str
    operator: Comparison
    level: Level
    target: int | None = None
    path: str = field(default="", eq=False)

    def __str__(self) -> str:
        if self.quantity == "Hold time":
            return f"Time {self.operator} {self.level} of the constant voltage"
        return f"{self.quantity} {self.operator} {self.level}"


@frozen
class Recording:
    """When a point is saved: after a time [s], a change of voltage [V] or of current [A]."""

    time: float | None = None
    voltage: float | None = None
    current: float | None = None

    def rules(self) -> dict[str, float]:
        """Return the rules that are set, by name."""
        return {name: value for name, value in attrs.asdict(self).items() if value is not None}

    def __str__(self) -> str:
        units = {"time": "s", "voltage": "V", "current": "A"}
        rules = self.rules().items()
        return ", ".join(f"{number_text(value)} {units[name]}" for name, value in rules) or "none"


@frozen
class Waveform:
    """A sequence of constant values; positive values discharge.

    Each sample is a time [s] and the value held from then until the next sample; the last sample
    only marks the end, see :mod:`ionworks.ucp.cyclers.plan.waveforms`.
    """

    name: str
    unit: Unit
    samples: tuple[tuple[float, float], ...] = ()


@frozen
class Impedance:
    """An impedance sweep.

    Attributes
    ----------
    amplitude : Level
        Of the sine: a current [A] around zero, or a voltage [V] around that of the cell.
    frequencies : tuple of float
        In Hz, in the order in which they are measured; empty if the sweep is a range.
    min_frequency, max_frequency : float or None
        Ends of a range [Hz].
    points_per_decade : float or None
        Of a range.
    """

    amplitude: Level
    frequencies: tuple[float, ...] = ()
    min_frequency: float | None = None
    max_frequency: float | None = None
    points_per_decade: float | None = None


@frozen
class Step:
    """A test step.

    Attributes
    ----------
    control : str
        What is held constant; ``cccv`` is a constant current followed by a constant voltage.
    direction : "charge", "discharge" or None
        None for rests, waveforms and impedance sweeps, and for a constant voltage in the direction
        in which it drives the cell: it charges if the voltage of the cell is lower.
    set_point : Level or None
        Current, voltage, power or resistance; the current of ``cccv``.
    voltage : float or None
        The voltage of ``cccv`` [V].
    ends : tuple of StepEnd
        The first one met ends the step. Times and capacities of ``cccv`` count from the start of
        its constant current.
    title : str
        How messages name the step, ``steps[3] "Pulse" (Discharge, mode Power)``.
    parts : tuple of (str, str)
        Path and title of each step of the protocol that a joined step was made of.
    """

    control: Control
    direction: Direction | None = None
    set_point: Level | None = None
    voltage: float | None = None
    ends: tuple[StepEnd, ...] = ()
    recording: Recording = Recording()
    waveform: Waveform | None = None
    impedance: Impedance | None = None
    name: str | None = field(default=None, eq=False)
    note: str | None = field(default=None, eq=False)
    path: str = field(default="", eq=False)
    title: str = field(default="", eq=False)
    parts: tuple[tuple[str, str], ...] = field(default=(), eq=False)

    def title_at(self, path: str) -> str:
        """Return how messages name the part of the step that a path of the protocol is in."""
        named = (title for part, title in self.parts if path == part or path.startswith(f"{part}."))
        return next(named, self.title)

    @property
    def drives_both_ways(self) -> bool:
        """Return whether the step may charge as well as discharge."""
        return self.ends_by_itself or (self.control == "voltage" and self.direction is None)

    @property
    def ends_by_itself(self) -> bool:
        """Return whether the step is over once its signal is."""
        return self.control in ("waveform", "impedance")


@frozen
class LoopStart:
    """Start of a loop; passing it starts the first pass."""

    name: str = field(default="", eq=False)
    note: str | None = field(default=None, eq=False)
    path: str = field(default="", eq=False)


@frozen
class LoopEnd:
    """End of a loop.

    Attributes
    ----------
    start : int
        Index of its start.
    count : int
        Number of passes, the first one included.
    """

    start: int
    count: int
    path: str = field(default="", eq=False)


@frozen
class Mark:
    """An instruction that applies no load and measures nothing."""

    kind: Literal["Advance cycle", "Pause", "End"]
    path: str = field(default="", eq=False)
    note: str | None = field(default=None, eq=False)


Instruction: TypeAlias = Step | LoopStart | LoopEnd | Mark


@frozen
class Limit:
    """A safety limit: its key as in UCP, its value [V, A or degC] and the target of its jump."""

    key: str
    value: float
    target: int = END_TEST

    @property
    def quantity(self) -> str:
        """Return the quantity that the limit watches."""
        if "current" in self.key:
            return "Current"
        return "Voltage" if self.key.startswith("voltage") else "Temperature"

    @property
    def operator(self) -> Comparison:
        """Return on which side of its value the limit trips."""
        return "<" if self.key.endswith("min") else ">"

    @property
    def direction(self) -> Direction | None:
        """Return the direction that a current limit applies to; None for other limits."""
        if "current" not in self.key:
            return None
        return "discharge" if self.key.startswith("discharge") else "charge"


@frozen
class Plan:
    """A protocol as a cycler runs it.

    Attributes
    ----------
    instructions : tuple
        Run in order; the test ends after the last one.
    safety : tuple of Limit
        Watched in every step.
    recording : Recording
        Of the whole test; each step carries its own.
    notes : tuple of str
        What a user must know of changes that made the plan fit for a cycler.
    """

    instructions: tuple[Instruction, ...]
    safety: tuple[Limit, ...] = ()
    recording: Recording = Recording()
    notes: tuple[str, ...] = field(default=(), eq=False)

    def steps(self) -> Iterator[tuple[int, Step]]:
        """Yield the steps with their indices."""
        for index, instruction in enumerate(self.instructions):
            if isinstance(instruction, Step):
                yield index, instruction

    def with_steps(self, change: Callable[[int, Step], Step]) -> Plan:
        """Return the plan with every step replaced by ``change(index, step)``."""
        instructions = tuple(
            change(index, part) if isinstance(part, Step) else part
            for index, part in enumerate(self.instructions)
        )
        return attrs.evolve(self, instructions=instructions)

    @cached_property
    def _loops(self) -> list[tuple[int, int]]:
        return [
            (instruction.start, index)
            for index, instruction in enumerate(self.instructions)
            if isinstance(instruction, LoopEnd)
        ]

    def loops(self) -> list[tuple[int, int]]:
        """Return the indices of the start and end of every loop, inner loops first."""
        return self._loops

    def loops_around(self, index: int) -> list[tuple[int, int]]:
        """Return the loops that contain an instruction, outermost first; not those it starts."""
        return sorted((start, end) for start, end in self.loops() if start < index <= end)

    def successor(self, index: int) -> int:
        """Return what runs after an instruction: the next index, or ``END_TEST``."""
        following = index + 1
        if following >= len(self.instructions):
            return END_TEST
        part = self.instructions[following]
        return END_TEST if isinstance(part, Mark) and part.kind == "End" else following

    def target(self, index: int, leads_to: int | None) -> int:
        """Return where an end of an instruction leads; None is the next instruction."""
        return self.successor(index) if leads_to is None else leads_to

    def jumped_to(self) -> set[int]:
        """Return the indices that are the targets of step ends and safety limits."""
        ends = (end for _, step in self.steps() for end in step.ends)
        named = [end.target for end in ends] + [limit.target for limit in self.safety]
        return {target for target in named if target is not None and target != END_TEST}


def voltage_comparison(direction: Direction | None) -> Comparison:
    """Return on which side a step of this direction reaches a voltage."""
    return ">" if direction == "charge" else "<"


def met_first(operator: Comparison, one: float, other: float) -> bool:
    """Return whether a quantity passes the threshold ``one`` before ``other``."""
    return one < other if operator == ">" else one > other


def coincide(one: float, other: float) -> bool:
    """Return whether two numbers may be equal in a file: Neware rounds voltages to 0.1 mV."""
    return math.isclose(one, other, rel_tol=1e-4)


def without_jumps(step: Step) -> Step:
    """Return a step whose ends lead to the next step or end the test.

    A plan of this single step can then be written: its jumps would have no target.
    """
    ends = tuple(
        end if end.target == END_TEST else attrs.evolve(end, target=None) for end in step.ends
    )
    return attrs.evolve(step, ends=ends)


def renumbered(plan: Plan, places: dict[int, int], instructions: tuple[Instruction, ...]) -> Plan:
    """Return a plan of new instructions, with every index in it translated.

    Parameters
    ----------
    plan : Plan
        The old plan; its safety limits are kept.
    places : dict of int to int
        New index of each old index that a jump or a loop refers to.
    instructions : tuple
        The new instructions, which still refer to old indices.
    """

    def moved(target: int | None) -> int | None:
        return target if target is None or target == END_TEST else places[target]

    def move(instruction: Instruction) -> Instruction:
        match instruction:
            case Step():
                ends = tuple(
                    attrs.evolve(end, target=moved(end.target)) for end in instruction.ends
                )
                return attrs.evolve(instruction, ends=ends)
            case LoopEnd():
                return attrs.evolve(instruction, start=places[instruction.start])
        return instruction

    safety = tuple(
        attrs.evolve(limit, target=END_TEST if limit.target == END_TEST else places[limit.target])
        for limit in plan.safety
    )
    return attrs.evolve(plan, instructions=tuple(map(move, instructions)), safety=safety)
