"""The sequences of a BioLogic technique: their numbers, steps, loops and directions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs
from attrs import define, field

from ionworks.ucp.cyclers.plan import Direction, Level, Mark, Step, StepEnd
from ionworks.ucp.cyclers.read.biologic_columns import Column
from ionworks.ucp.cyclers.read.biologic_container import Technique
from ionworks.ucp.cyclers.read.plan_builder import Loop, Number, PlanBuilder
from ionworks.ucp.cyclers.read.refusals import Unreadable

_SLOTS: Final = {"Galvanostatic Cycling with Potential Limitation": 4, "Modulo Bat": 1, "Loop": 1}
_MOST_SLOTS: Final = 3
"""Numbers that one sequence takes in a technique that is not listed."""

_NEAR: Final = 100
"""How many numbers before a rest or a hold the current that led to it is looked for."""


@define
class Sequences:
    """The sequences of one technique, whose steps are added to the builder.

    Attributes
    ----------
    technique : Technique
        Its rows.
    first : int
        Number of its first step.
    alone : bool
        Whether the file has no other technique.
    is_last : bool
        Whether no technique follows.
    is_repeated : bool
        Whether a ``Loop`` leads back to this technique.
    count : int
        How many sequences it has, at least one.
    """

    builder: PlanBuilder
    technique: Technique
    first: Number
    alone: bool
    is_last: bool
    is_repeated: bool
    count: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        numbers = (len(cells) for label, cells in self.technique.rows if label == "Ns")
        self.count = max([1, *numbers])

    @property
    def slots(self) -> int:
        """Return how many numbers a sequence takes."""
        return _SLOTS.get(self.technique.name, _MOST_SLOTS)

    def number(self, sequence: int, part: int = 0) -> Number:
        """Return the number of a part of a sequence."""
        return self.first + sequence * self.slots + part

    def place(self, sequence: int, kind: str) -> str:
        """Return how messages name a sequence."""
        if self.alone:
            return f"sequence {sequence} ({kind})"
        where = f", sequence {sequence}" if self.count > 1 else ""
        return f"technique {self.technique.number}{where} ({kind})"

    @contextmanager
    def refusing(self, sequence: int, kind: str, column: Column) -> Iterator[None]:
        """Collect what is unreadable in a sequence; a pause then stands for all its parts."""
        number = self.number(sequence)
        with self.builder.refusing(self.place(sequence, kind), number):
            yield
        if isinstance(self.builder.steps.get(number), Mark):
            for part in range(1, self.slots):
                self.builder.steps.pop(number + part, None)
            self._add_lost_loop(sequence, kind, column)

    def _add_lost_loop(self, sequence: int, kind: str, column: Column) -> None:
        """List the loop that an unread sequence turns back over other sequences."""
        target = column.cells.get("goto Ns'", "")
        turns = [column.cells.get(label, "") for label in ("nc cycles", "nr cycles")]
        if target in map(str, range(sequence)) and any(count.strip("0") for count in turns):
            self.builder.refusals.add_unread(
                self.place(sequence, kind),
                f"the sequences from {target} on, which it repeats, are read as run once",
            )

    def add(self, sequence: int, kind: str, step: Step, part: int = 0) -> None:
        """Add a step."""
        place = self.place(sequence, kind)
        name = f"Sequence {sequence}" if self.alone else place.partition(" (")[0].capitalize()
        named = attrs.evolve(step, name=name, path=place, title=place)
        self.builder.steps[self.number(sequence, part)] = named

    def turn(self, sequence: int, part: int) -> Number:
        """Add a number at which nothing is done, so that loops and jumps can lead to it."""
        number = self.number(sequence, part)
        self.builder.steps[number] = None
        return number

    def loop(self, sequence: int, target: int, repeats: int, end: Number) -> None:
        """Add a loop back to a sequence, which counts repetitions: one less than the passes.

        A loop without repetitions, or without steps, does nothing.

        Raises
        ------
        Unreadable
            If it contains or crosses another loop of the technique, or leads forward.
        """
        if target > sequence:
            raise Unreadable(f"it repeats from sequence {target}, which is not before it")
        start = self.number(target)
        held = (self.builder.steps.get(number) for number in range(start, end + 1))
        if not repeats or not any(held):
            return
        if any(self.first <= other.end and other.end >= start for other in self.builder.loops):
            raise Unreadable("it is not documented how nested loops are counted")
        name = f"Sequences {target} to {sequence}"
        named = name if self.alone else f"{name} of technique {self.technique.number}"
        self.builder.loops.append(Loop(start, end, repeats + 1, name=named))

    def target(self, sequence: int) -> Number:
        """Return the number of the sequence that a jump leads to."""
        if sequence >= self.count:
            raise Unreadable(f"it leads to sequence {sequence}, which does not exist")
        return self.number(sequence)

    def hold_direction(self, number: Number, voltage: Level) -> Direction | None:
        """Return the direction of a constant voltage: that of the current that led to it.

        The file does not say it: in recorded data of BT-Lab a hold at 4.2 V after a charge has
        the word ``Discharge`` in its field and charges the cell. Where no current leads to the
        voltage, the cell decides the direction, None.

        Raises
        ------
        Unreadable
            If UCP cannot hold the voltage.
        """
        check_holdable(voltage)
        before = next(_steps_before(self.builder, number), None)
        if isinstance(before, Step) and _leads_to(before, voltage) and before.direction:
            return before.direction
        return None

    def note_c_rate(self) -> None:
        """Note that currents are C-rates of a capacity that the file does not have."""
        if self.builder.nominal_capacity is None:
            self.builder.notes.append(
                "the file gives currents as C-rates, but no capacity of the battery"
            )

    def note_recording(self, change: str) -> None:
        """Note a rule of recording that a protocol does not have."""
        self.builder.notes.append(f"the recording by a change of {change} was left out")

    def relaxing_from(self, number: Number) -> Direction | None:
        """Return the direction of the last current before a rest; None if it is unknown."""
        if self.is_repeated:
            return None
        before = _steps_before(self.builder, number)
        for step in before:
            if not isinstance(step, Step):
                return None
            if step.control in ("rest", "impedance"):
                continue
            if step.control == "voltage" and step.set_point is not None:
                led = next(before, None)
                known = isinstance(led, Step) and _leads_to(led, step.set_point)
                return step.direction if known else None
            return step.direction
        return None


def slow_end(direction: Direction, millivolts_per_hour: float) -> StepEnd:
    """Return the end of a rest whose voltage changes more slowly than a rate.

    The instrument compares the magnitude of the rate. In UCP a rate has a sign: after a charge the
    voltage falls, after a discharge it rises.
    """
    if millivolts_per_hour < 0:
        raise Unreadable("its rate of the voltage is below 0")
    rate = millivolts_per_hour / 3_600_000
    if direction == "charge":
        return StepEnd("Voltage rate", ">", Level(-rate, "V/s"))
    return StepEnd("Voltage rate", "<", Level(rate, "V/s"))


def check_holdable(voltage: Level) -> None:
    """Reject voltages that UCP cannot hold."""
    if voltage.value < 0:
        raise Unreadable(f"UCP cannot hold the negative voltage of {voltage}")


def _leads_to(step: Step, voltage: Level) -> bool:
    """Return whether a current ends at a voltage and the next step follows."""
    turns = (end for end in step.ends if end.target is None)
    return step.control == "current" and any(
        (end.quantity, end.level) == ("Voltage", voltage) for end in turns
    )


def _steps_before(builder: PlanBuilder, number: Number) -> Iterator[Step | Mark]:
    """Yield the nearest steps before a number, the last one first, and marks of unread ones."""
    for other in range(number - 1, max(-1, number - _NEAR), -1):
        step = builder.steps.get(other)
        if isinstance(step, Step | Mark):
            yield step
