"""Control flow of a plan, run without a cell: which step follows when a step ends."""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs
from attrs import frozen

from ionworks.ucp.cyclers.plan.instructions import END_TEST, LoopEnd, LoopStart, Mark, Plan, Step

Passes: TypeAlias = tuple[tuple[int, int], ...]
"""For every loop around an instruction its start and the number of the current pass."""

State: TypeAlias = tuple[int, Passes]
"""The index of an instruction, and the passes of the loops around it."""

START: Final[State] = (0, ())


@frozen
class FlowRunner:
    """Runs the control flow of a plan.

    Attributes
    ----------
    plan : Plan
        The plan that is run.
    most_passes : int or None
        Loops are left after this many passes; None runs them all.
    marks : bool
        Whether to stop at ``Advance cycle`` marks.
    """

    plan: Plan
    most_passes: int | None = None
    marks: bool = True
    _around: list[frozenset[int]] = attrs.field(init=False, eq=False)

    @_around.default
    def _loops(self) -> list[frozenset[int]]:
        loops = self.plan.loops()
        return [
            frozenset(start for start, end in loops if start < index <= end)
            for index in range(len(self.plan.instructions))
        ]

    def next_visible(self, state: State) -> tuple[State, Step | Mark | None]:
        """Pass through loops up to the next step or mark; None at the end of the test."""
        index, passes = state
        while 0 <= index < len(self.plan.instructions):
            instruction = self.plan.instructions[index]
            match instruction:
                case Step():
                    return (index, passes), instruction
                case Mark(kind="End"):
                    break
                case Mark(kind="Pause"):
                    return (index, passes), instruction
                case Mark():
                    if self.marks:
                        return (index, passes), instruction
                    index += 1
                case LoopStart():
                    passes = (*self._kept(passes, index), (index, 1))
                    index += 1
                case LoopEnd():
                    index, passes = self._turn(index, instruction, dict(passes))
        return (END_TEST, ()), None

    def follow(self, state: State, target: int | None) -> State:
        """Go from a state to a target; None is the next instruction."""
        index, passes = state
        if target is None:
            return index + 1, passes
        if target == END_TEST:
            return END_TEST, ()
        return target, self._kept(passes, target)

    def loop_counts(self, index: int) -> tuple[int, ...]:
        """Return how often the loops around an instruction run, outermost first."""
        counts = {
            instruction.start: instruction.count
            for instruction in self.plan.instructions
            if isinstance(instruction, LoopEnd)
        }
        return tuple(counts[start] for start in sorted(self._around[index]))

    def _kept(self, passes: Passes, index: int) -> Passes:
        """Return the passes of the loops around an instruction; a jump abandons the others."""
        return tuple(entry for entry in passes if entry[0] in self._around[index])

    def _turn(self, index: int, loop: LoopEnd, passes: dict[int, int]) -> State:
        """Start the next pass of a loop, or leave the loop after its last pass."""
        count = loop.count if self.most_passes is None else min(loop.count, self.most_passes)
        done = passes.pop(loop.start)
        if done < count:
            passes[loop.start] = done + 1
            return loop.start + 1, tuple(sorted(passes.items()))
        return index + 1, tuple(sorted(passes.items()))
