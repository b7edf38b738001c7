"""The parts of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final, Literal, TypeAlias

import attrs
from attrs import field, frozen

from ionworks.ucp.expressions import number_text

Unit: TypeAlias = Literal["A", "C", "V", "W", "Ohm", "s", "Ah", "Wh", "degC"]
Control: TypeAlias = Literal[
    "rest", "current", "voltage", "cccv", "power", "resistance", "waveform", "unsupported"
]
Direction: TypeAlias = Literal["charge", "discharge"]
Comparison: TypeAlias = Literal["<", ">"]

END: Final = -1
"""The target of a jump that ends the test."""


@frozen(order=True)
class Level:
    """A number with its unit; ``C`` is a multiple of the nominal capacity per hour."""

    value: float
    unit: Unit

    def __str__(self) -> str:
        return f"{number_text(self.value)} {self.unit}"


@frozen
class Exit:
    """A condition that ends a step.

    Attributes
    ----------
    quantity : str
        As in :class:`ionworks.ucp.End`, but ``C-rate`` is ``Current`` in the unit ``C``, and
        ``Hold time`` is the time since a constant current turned into a constant voltage.
    operator : "<" or ">"
        Currents, capacities and energies are magnitudes.
    level : Level
        The threshold.
    target : int or None
        Index of an instruction, ``END``, or None for the next one.
    """

    quantity: str
    operator: Comparison
    level: Level
    target: int | None = None
    path: str = field(default="", eq=False)

    def __str__(self) -> str:
        return f"{self.quantity} {self.operator} {self.level}"


@frozen
class Recording:
    """When a point is saved: after a time [s], a change of voltage [V] or of current [A]."""

    time: float | None = None
    voltage: float | None = None
    current: float | None = None


@frozen
class Waveform:
    """Values a step holds, each from its time [s] to the next; positive values discharge.

    The last pair is where the last but one ends, see :mod:`ionworks.ucp.cyclers.plan.waveforms`.
    """

    name: str
    unit: Unit
    samples: tuple[tuple[float, float], ...] = ()


@frozen
class Step:
    """One thing a channel does.

    Attributes
    ----------
    control : str
        What is held; ``cccv`` is a constant current that turns into a constant voltage.
    direction : "charge", "discharge" or None
        None for rests and waveforms.
    set_point : Level or None
        Current, voltage, power or resistance; the current of ``cccv``.
    voltage : float or None
        The voltage of ``cccv`` [V].
    exits : tuple of Exit
        The first one met ends the step. Times and capacities of ``cccv`` count from its begin.
    title : str
        How messages call it, ``steps[3] "Pulse" (Discharge, mode Power)``.
    """

    control: Control
    direction: Direction | None = None
    set_point: Level | None = None
    voltage: float | None = None
    exits: tuple[Exit, ...] = ()
    recording: Recording = Recording()
    waveform: Waveform | None = None
    name: str | None = field(default=None, eq=False)
    note: str | None = field(default=None, eq=False)
    path: str = field(default="", eq=False)
    title: str = field(default="", eq=False)


@frozen
class LoopStart:
    """Begin of a loop; passing it starts the first pass."""

    name: str = field(default="", eq=False)
    note: str | None = field(default=None, eq=False)
    path: str = field(default="", eq=False)


@frozen
class LoopEnd:
    """End of a loop.

    Attributes
    ----------
    start : int
        Index of its begin.
    count : int
        All passes, the first one included.
    """

    start: int
    count: int
    path: str = field(default="", eq=False)


@frozen
class Mark:
    """An instruction without physics."""

    kind: Literal["Advance cycle", "Pause", "End"]
    path: str = field(default="", eq=False)


Instruction: TypeAlias = Step | LoopStart | LoopEnd | Mark


@frozen
class Limit:
    """A safety limit: its key as in UCP, its value [V, A or degC] and where it jumps to."""

    key: str
    value: float
    target: int = END

    @property
    def quantity(self) -> str:
        """Return what the limit watches."""
        if "current" in self.key:
            return "Current"
        return "Voltage" if self.key.startswith("voltage") else "Temperature"

    @property
    def operator(self) -> Comparison:
        """Return on which side of the limit the channel stops."""
        return "<" if self.key.endswith("min") else ">"

    @property
    def direction(self) -> Direction | None:
        """Return the direction a limit of the current is for; None for other limits."""
        if "current" not in self.key:
            return None
        return "discharge" if self.key.startswith("discharge") else "charge"


@frozen
class Plan:
    """A protocol as a cycler runs it.

    Attributes
    ----------
    instructions : tuple
        Run in order; behind the last one the test ends.
    safety : tuple of Limit
        Watched in every step.
    recording : Recording
        Of the whole test; steps have their own.
    """

    instructions: tuple[Instruction, ...]
    safety: tuple[Limit, ...] = ()
    recording: Recording = Recording()

    def steps(self) -> Iterator[tuple[int, Step]]:
        """Yield the steps with their indices."""
        for index, instruction in enumerate(self.instructions):
            if isinstance(instruction, Step):
                yield index, instruction

    @cached_property
    def _loops(self) -> list[tuple[int, int]]:
        return [
            (instruction.start, index)
            for index, instruction in enumerate(self.instructions)
            if isinstance(instruction, LoopEnd)
        ]

    def loops(self) -> list[tuple[int, int]]:
        """Return the indices of begin and end of every loop, inner ones first."""
        return self._loops

    def loops_around(self, index: int) -> list[tuple[int, int]]:
        """Return the loops an instruction is inside of, outermost first; not those it begins."""
        return sorted((start, end) for start, end in self.loops() if start < index <= end)

    def successor(self, index: int) -> int:
        """Return what runs behind an instruction: the next index, or ``END``."""
        following = index + 1
        if following >= len(self.instructions):
            return END
        instruction = self.instructions[following]
        return END if isinstance(instruction, Mark) and instruction.kind == "End" else following

    def target(self, index: int, leads_to: int | None) -> int:
        """Return where an exit of an instruction leads, None being the next instruction."""
        return self.successor(index) if leads_to is None else leads_to

    def jumped_to(self) -> set[int]:
        """Return the indices that exits and limits name as their targets."""
        exits = (leave for _, step in self.steps() for leave in step.exits)
        named = [leave.target for leave in exits] + [limit.target for limit in self.safety]
        return {target for target in named if target is not None and target != END}


def alone(step: Step) -> Step:
    """Return a step without its jumps, which lead nowhere once it is the only one."""
    exits = tuple(
        leave if leave.target == END else attrs.evolve(leave, target=None) for leave in step.exits
    )
    return attrs.evolve(step, exits=exits)


def renumbered(plan: Plan, places: dict[int, int], instructions: tuple[Instruction, ...]) -> Plan:
    """Return a plan of new instructions, in which old indices stand at new places.

    Parameters
    ----------
    plan : Plan
        The old plan; its safety limits are taken over.
    places : dict of int to int
        New index of each old one that something may lead to.
    instructions : tuple
        The new instructions, still with old indices in them.
    """

    def moved(target: int | None) -> int | None:
        return target if target is None or target == END else places[target]

    def move(instruction: Instruction) -> Instruction:
        match instruction:
            case Step():
                exits = tuple(
                    attrs.evolve(leave, target=moved(leave.target)) for leave in instruction.exits
                )
                return attrs.evolve(instruction, exits=exits)
            case LoopEnd():
                return attrs.evolve(instruction, start=places[instruction.start])
        return instruction

    safety = tuple(
        attrs.evolve(limit, target=END if limit.target == END else places[limit.target])
        for limit in plan.safety
    )
    return attrs.evolve(plan, instructions=tuple(map(move, instructions)), safety=safety)
