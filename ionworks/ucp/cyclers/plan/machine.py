"""Running a plan without a cell: which step comes after which exit."""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs
from attrs import frozen

from ionworks.ucp.cyclers.plan.nodes import END, LoopEnd, LoopStart, Mark, Plan, Step

State: TypeAlias = tuple[int, tuple[tuple[int, int], ...]]
"""An index, and for every loop around it its begin and the number of the present pass."""

BEGIN: Final[State] = (0, ())


@frozen
class Machine:
    """Executes the flow of a plan.

    Attributes
    ----------
    plan : Plan
        What is run.
    most_passes : int or None
        Loops are left after so many passes; None runs them all.
    marks : bool
        Whether a cycle that is counted is seen.
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

    def settle(self, state: State) -> tuple[State, Step | Mark | None]:
        """Go through loops up to what can be seen: a step, a mark, or (None) the end."""
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
        return (END, ()), None

    def go(self, state: State, target: int | None) -> State:
        """Leave what is at a state for a target; None is the next instruction."""
        index, passes = state
        if target is None:
            return index + 1, passes
        if target == END:
            return END, ()
        return target, self._kept(passes, target)

    def context(self, index: int) -> tuple[int, ...]:
        """Return how often the loops around an instruction run, outermost first."""
        counts = {
            instruction.start: instruction.count
            for instruction in self.plan.instructions
            if isinstance(instruction, LoopEnd)
        }
        return tuple(counts[start] for start in sorted(self._around[index]))

    def _kept(self, passes: tuple[tuple[int, int], ...], index: int) -> tuple[tuple[int, int], ...]:
        """Return the passes of the loops around an instruction; others are abandoned."""
        return tuple(entry for entry in passes if entry[0] in self._around[index])

    def _turn(
        self, index: int, loop: LoopEnd, passes: dict[int, int]
    ) -> tuple[int, tuple[tuple[int, int], ...]]:
        count = loop.count if self.most_passes is None else min(loop.count, self.most_passes)
        done = passes.pop(loop.start)
        if done < count:
            passes[loop.start] = done + 1
            return loop.start + 1, tuple(sorted(passes.items()))
        return index + 1, tuple(sorted(passes.items()))
