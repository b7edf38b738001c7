"""Building a plan from the numbered steps of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

import attrs
from attrs import Factory, define, frozen

from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Instruction,
    Limit,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
    check_conflicting_ends,
    check_cut_off,
    check_jumps,
    met_first,
    simplify,
    ties,
    without_safety,
)
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable
from ionworks.ucp.problems import Problem

Number: TypeAlias = int
"""Number of a step in the file. Ends and limits refer to numbers, ``END_TEST`` or None."""

MOST_STEPS: Final = 20_000


@frozen
class ReadFile:
    """The result of a reader.

    Attributes
    ----------
    plan : Plan
        Steps, loops and safety limits.
    nominal_capacity : float or None
        In A.h, if the file has one.
    notes : tuple of str
        Settings of the file that a protocol cannot hold and that do not change what runs.
    unread : tuple of Problem
        The steps that cannot be read; the plan has a ``Pause`` in the place of each.
    """

    plan: Plan
    nominal_capacity: float | None = None
    notes: tuple[str, ...] = ()
    unread: tuple[Problem, ...] = ()


@frozen
class Loop:
    """Repeated steps, by the number of the first step and of the one that turns back.

    ``opens`` tells whether the first number is a separate instruction, as Maccor's ``Do``;
    ``ends_test`` tells whether the test ends after the last pass. A loop without a name is named by
    the numbers of its steps.
    """

    start: Number
    end: Number
    count: int
    opens: bool = False
    ends_test: bool = False
    name: str = ""

    def holds(self, number: Number) -> bool:
        """Return whether a step is inside the loop."""
        return self.start + self.opens <= number <= self.end


@define
class PlanBuilder:
    """Collects the steps of a file by their numbers.

    Attributes
    ----------
    refusals : Refusals
        Collects what cannot be read.
    steps : dict
        The instruction of each number; None for a number that only turns a loop back.
    loops : list of Loop
        In any order.
    safety : list of Limit
        Several limits of one kind are allowed; the tightest one counts.
    recording : Recording
        Of the whole test.
    nominal_capacity : float or None
        In A.h.
    notes : list of str
        See `ReadFile`; repeated notes are given once.
    """

    refusals: Refusals
    steps: dict[Number, Instruction | None] = Factory(dict)
    loops: list[Loop] = Factory(list)
    safety: list[Limit] = Factory(list)
    recording: Recording = Factory(Recording)
    nominal_capacity: float | None = None
    notes: list[str] = Factory(list)
    _places: dict[Number, int] = Factory(dict)
    _starts: dict[Loop, int] = Factory(dict)

    @contextmanager
    def refusing(self, place: str, number: Number | None = None) -> Iterator[None]:
        """Collect what is unreadable in a block of code as a reason at a place.

        Parameters
        ----------
        place : str
            Of the file, in messages.
        number : int, optional
            The step that the block reads. A pause stands for the step, so that the rest of the
            file can be offered; without a number the whole file is rejected.
        """
        try:
            yield
        except Unreadable as reason:
            if number is None:
                self.refusals.add(place, str(reason))
                return
            self._pause(number, place, str(reason))
            self.loops = [loop for loop in self.loops if loop.end != number]

    def _pause(self, number: Number, place: str, reason: str) -> None:
        """Let a pause stand for a step that cannot be read."""
        self.refusals.add_unread(place, reason)
        self.steps[number] = Mark("Pause", place, f"Not read: {place}: {reason}")

    def read_file(self) -> ReadFile:
        """Return the plan with capacity and notes.

        Raises
        ------
        UCPError
            If the file is rejected: loops cross, jumps lead nowhere or into a loop, or a reader
            has collected reasons.
        """
        return ReadFile(
            self._plan(),
            self.nominal_capacity,
            tuple(dict.fromkeys(self.notes)),
            tuple(dict.fromkeys(self.refusals.unread)),
        )

    def _plan(self) -> Plan:
        self._check_loops()
        self.refusals.raise_any()
        numbers: list[Number] = []
        instructions: list[Instruction] = []
        for number in sorted(self.steps):
            for instruction in self._emitted(number, len(instructions)):
                instructions.append(instruction)
                numbers.append(number)
        for number, index in self._places.items():
            # A number at which nothing is done, and that nothing follows, ends the test.
            self._places[number] = END_TEST if index == len(instructions) else index
        draft = Plan(tuple(instructions), (), self.recording)
        placed = draft.with_steps(
            lambda index, step: self._with_targets(draft, index, numbers[index], step)
        )
        safety = tuple(map(self._placed_limit, self._tightest_limits()))
        self.refusals.raise_any()
        plan = without_safety(attrs.evolve(placed, safety=safety))
        steps = {step.title: numbers[index] for index, step in plan.steps()}
        ambiguous = list(_ambiguities(plan, self.nominal_capacity))
        for place, reason in ambiguous:
            if place in steps:
                # The loop that a step ends, if it does, was read and stays.
                self._pause(steps[place], place, reason)
            else:
                self.refusals.add(place, reason)
        self.refusals.raise_any()
        # The pauses that stand for those steps may change which jumps enter a loop: check again.
        return self._plan() if ambiguous else simplify(plan)

    def _tightest_limits(self) -> list[Limit]:
        """Return one safety limit of each kind: the one that is reached first."""
        found: dict[str, Limit] = {}
        for limit in self.safety:
            known = found.setdefault(limit.key, limit)
            if known.target != limit.target:
                values = f"{known.value:g} and {limit.value:g}"
                self.refusals.add(limit.key, f"safety limits of {values} lead to different steps")
            elif met_first(limit.operator, limit.value, known.value):
                found[limit.key] = limit
        return list(found.values())

    def _check_loops(self) -> None:
        for loop in self.loops:
            place = f"step {loop.end}"
            if not (loop.start in self.steps and loop.start <= loop.end):
                self.refusals.add(place, "it repeats from a step that is not before it")
            if not 1 <= loop.count <= MOST_STEPS * MOST_STEPS:
                self.refusals.add(place, f"it repeats {loop.count} times")
            for other in self.loops:
                if loop.start < other.start <= loop.end < other.end:
                    self.refusals.add(place, f"its loop crosses the loop of step {other.end}")

    def _emitted(self, number: Number, index: int) -> Iterator[Instruction]:
        """Yield the instructions of a number: starts of loops, the step itself, ends of loops."""
        begins = [loop for loop in self.loops if loop.start == number and not loop.opens]
        # Of loops that start at the same step, the one that ends last is the outermost.
        for offset, loop in enumerate(sorted(begins, key=lambda loop: -loop.end)):
            self._starts[loop] = index + offset
            yield LoopStart(loop.name or f"Steps {loop.start} to {loop.end}")
        self._places[number] = index + len(begins)
        instruction = self.steps[number]
        if instruction is not None:
            yield instruction
        for loop in self.loops:
            if loop.opens and loop.start == number:
                self._starts[loop] = self._places[number]
            if loop.end == number:
                yield LoopEnd(self._starts[loop], loop.count, f"step {number}")
                if loop.ends_test:
                    yield Mark("End", f"step {number}")

    def _with_targets(self, draft: Plan, index: int, number: Number, step: Step) -> Step:
        """Return a step whose ends refer to indices; None where they lead to what follows."""
        falls = {index + 1} if index + 1 < len(draft.instructions) else {END_TEST}
        if draft.successor(index) == END_TEST:
            falls.add(END_TEST)
        ends = []
        for end in step.ends:
            target = self._target(number, end.target, step.title)
            ends.append(attrs.evolve(end, target=None if target in falls else target))
        return attrs.evolve(step, ends=tuple(ends))

    def _placed_limit(self, limit: Limit) -> Limit:
        target = self._target(None, limit.target, limit.key)
        return attrs.evolve(limit, target=END_TEST if target is None else target)

    def _target(self, source: Number | None, target: int | None, place: str) -> int | None:
        """Return the index that a jump leads to.

        A jump from outside to the first step of a loop leads to the start of the loop; one from
        inside leads to the step itself and does not count a pass.
        """
        if target is None or target == END_TEST:
            return target
        if target not in self._places:
            self.refusals.add(place, f"it leads to step {target}, which does not exist")
            return END_TEST
        instruction = self.steps[target]
        if isinstance(instruction, Mark) and instruction.kind == "End":
            return END_TEST
        entered = [
            self._starts[loop]
            for loop in self.loops
            if loop.start == target and not (source is not None and loop.holds(source))
        ]
        return min(entered, default=self._places[target])


def _ambiguities(plan: Plan, capacity: float | None) -> Iterator[tuple[str, str]]:
    """Yield steps whose ends UCP cannot express or whose order is not known: title and reason."""
    for found in (*check_jumps(plan), *check_conflicting_ends(plan)):
        place, _, reason = found.message.partition(": ")
        yield place, reason
    for step, end, limit in ties(plan):
        reason = (
            f"its end {end} leads elsewhere than the safety limit {limit.key} of the same value, "
            "and the file does not say which one wins"
        )
        yield step.title, reason
    for _, step in plan.steps():
        for reason in _misplaced_holds(step, capacity):
            yield step.title, reason


def _misplaced_holds(step: Step, capacity: float | None) -> Iterator[str]:
    """Yield why UCP may run the constant voltage of a ``cccv`` step in another way."""
    if step.control != "cccv" or step.set_point is None:
        return
    if not step.ends:
        yield "its constant voltage has no end"
    current = step.set_point
    comparable = tuple(
        end for end in step.ends if capacity is not None or end.level.unit == current.unit
    )
    yield from check_cut_off(attrs.evolve(step, ends=comparable), current, capacity)
    for end in step.ends:
        if end.quantity == "Voltage" and end.level.value == step.voltage:
            yield f"it holds {end.level}, where its end {end} is met"
