"""Making a plan of the numbered steps of a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs
from attrs import Factory, define, frozen

from ionworks.ucp.cyclers.plan import (
    END,
    Instruction,
    Limit,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
    without_safety,
)
from ionworks.ucp.cyclers.plan.checks import check_doubles, check_jumps, ties
from ionworks.ucp.cyclers.plan.tidy import tidied
from ionworks.ucp.cyclers.read.refusals import Refusals

Number: TypeAlias = int
"""Of a step in the file; targets of exits and limits are numbers, ``END`` or None."""

MOST_STEPS: Final = 20_000


@frozen
class ReadFile:
    """What a reader found.

    Attributes
    ----------
    plan : Plan
        Steps, loops and safety limits.
    nominal_capacity : float or None
        In A.h, if the file tells.
    notes : tuple of str
        What the file says that has no place in a protocol and does not change what runs.
    """

    plan: Plan
    nominal_capacity: float | None = None
    notes: tuple[str, ...] = ()


@frozen
class Loop:
    """Steps that are repeated, by the numbers of the first and of the one that turns back.

    ``opens`` tells whether the first is an instruction of its own, as Maccor's ``Do``, and
    ``ends_test`` whether the test ends behind the last pass.
    """

    start: Number
    end: Number
    count: int
    opens: bool = False
    ends_test: bool = False

    def holds(self, number: Number) -> bool:
        """Return whether a step is inside the loop."""
        return self.start + self.opens <= number <= self.end


@define
class PlanBuilder:
    """Collects the steps of a file under their numbers.

    Attributes
    ----------
    steps : dict
        What a numbered step is, nothing for one that only turns a loop back.
    loops : list of Loop
        In any order.
    """

    refusals: Refusals
    steps: dict[Number, Instruction | None] = Factory(dict)
    loops: list[Loop] = Factory(list)
    safety: list[Limit] = Factory(list)
    recording: Recording = Factory(Recording)
    _places: dict[Number, int] = Factory(dict)
    _starts: dict[Loop, int] = Factory(dict)

    def plan(self) -> Plan:
        """Return the plan.

        Raises
        ------
        UCPError
            If the file is refused: loops cross, jumps lead nowhere or into a loop, or a reader
            found reasons before.
        """
        self._check_loops()
        self.refusals.raise_any()
        numbers: list[Number] = []
        instructions: list[Instruction] = []
        for number in sorted(self.steps):
            for instruction in self._emitted(number, len(instructions)):
                instructions.append(instruction)
                numbers.append(number)
        draft = Plan(tuple(instructions), (), self.recording)
        placed = tuple(
            self._placed(draft, index, number, instruction)
            for index, (number, instruction) in enumerate(zip(numbers, instructions, strict=True))
        )
        safety = tuple(map(self._placed_limit, self._single_limits()))
        self.refusals.raise_any()
        plan = without_safety(attrs.evolve(draft, instructions=placed, safety=safety))
        for found in (*check_jumps(plan), *check_doubles(plan)):
            self.refusals.add(*found.message.split(": ", 1))
        for step, leave, limit in ties(plan):
            reason = (
                f"its end {leave} leads elsewhere than the safety limit {limit.key} of the same "
                "value, and nothing tells which of them wins"
            )
            self.refusals.add(step.title, reason)
        self.refusals.raise_any()
        return tidied(plan)

    def _single_limits(self) -> list[Limit]:
        """Return one safety limit of each kind: the one that is reached first."""
        found: dict[str, Limit] = {}
        for limit in self.safety:
            known = found.setdefault(limit.key, limit)
            if known.target != limit.target:
                values = f"{known.value:g} and {limit.value:g}"
                self.refusals.add(limit.key, f"safety limits of {values} lead to two places")
            elif limit.value < known.value if limit.operator == ">" else limit.value > known.value:
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
                    self.refusals.add(place, f"its loop crosses that of step {other.end}")

    def _emitted(self, number: Number, index: int) -> Iterator[Instruction]:
        """Yield what stands at a number: begins of loops, the step itself, the end of a loop."""
        begins = [loop for loop in self.loops if loop.start == number and not loop.opens]
        for offset, loop in enumerate(sorted(begins, key=lambda loop: -loop.end)):
            self._starts[loop] = index + offset
            yield LoopStart(f"Steps {loop.start} to {loop.end}")
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

    def _placed(
        self, draft: Plan, index: int, number: Number, instruction: Instruction
    ) -> Instruction:
        if not isinstance(instruction, Step):
            return instruction
        falls = {index + 1} if index + 1 < len(draft.instructions) else {END}
        if draft.successor(index) == END:
            falls.add(END)
        exits = []
        for leave in instruction.exits:
            target = self._target(number, leave.target, instruction.title)
            exits.append(attrs.evolve(leave, target=None if target in falls else target))
        return attrs.evolve(instruction, exits=tuple(exits))

    def _placed_limit(self, limit: Limit) -> Limit:
        target = self._target(None, limit.target, limit.key)
        return attrs.evolve(limit, target=END if target is None else target)

    def _target(self, source: Number | None, target: int | None, where: str) -> int | None:
        """Return the index a jump leads to: the begin of a loop, or a step inside one's own."""
        if target is None or target == END:
            return target
        if target not in self._places:
            self.refusals.add(where, f"it leads to step {target}, which there is not")
            return END
        instruction = self.steps[target]
        if isinstance(instruction, Mark) and instruction.kind == "End":
            return END
        entered = [
            self._starts[loop]
            for loop in self.loops
            if loop.start == target and not (source is not None and loop.holds(source))
        ]
        return min(entered, default=self._places[target])
