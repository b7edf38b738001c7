"""Protocol to plan: blocks become loops, names become indices, expressions become numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
from attrs import Factory, define, frozen

from ionworks.ucp.checks.jumps import TargetIndex
from ionworks.ucp.cyclers.plan.cccv import CCCVPair, find_cccv_pair
from ionworks.ucp.cyclers.plan.checks import check_plan, export_problem
from ionworks.ucp.cyclers.plan.flow import START, FlowRunner
from ionworks.ucp.cyclers.plan.instructions import (
    END_TEST,
    Instruction,
    Limit,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
)
from ionworks.ucp.cyclers.plan.simplify import simplify
from ionworks.ucp.cyclers.plan.steps import Jump, StepConverter, Unsupported
from ionworks.ucp.expressions import Name, walk
from ionworks.ucp.nodes import Block, Goto, Item, Leaf, Marker, Protocol
from ionworks.ucp.problems import Problem, UCPError, shown
from ionworks.ucp.traversal import Position, expressions

_WHOLE: Final = 1e-9
"""Tolerance for the rounding error of a computed repeat."""


@frozen
class Flattened:
    """A plan, and the problems that keep parts of the protocol out of it."""

    plan: Plan
    problems: tuple[Problem, ...]


def flatten(protocol: Protocol, nominal_capacity: float | None = None) -> Flattened:
    """Convert a protocol to a plan.

    Parameters
    ----------
    protocol : Protocol
        Without open inputs and with the samples of its drive cycles.
    nominal_capacity : float, optional
        Nominal capacity [A.h], the value of ``Q_NOM``.

    Returns
    -------
    Flattened
        The plan, complete only if there are no problems.
    """
    converter = StepConverter(protocol.global_.resolution, nominal_capacity)
    plan = _Flattener(protocol, converter).plan()
    problems = [*converter.problems, *check_plan(plan, nominal_capacity)]
    plan = simplify(plan)
    if FlowRunner(plan, marks=False).next_visible(START)[1] is None:
        problems.append(export_problem("steps", "the protocol ends before its first step"))
    return Flattened(plan, tuple(problems))


@define
class _Flattener:
    protocol: Protocol
    converter: StepConverter
    instructions: list[Instruction] = Factory(list)
    places: dict[Position, int] = Factory(dict)
    jumps: dict[int, list[Jump]] = Factory(dict)

    def plan(self) -> Plan:
        self._items(self.protocol.steps, (), None)
        limits = tuple(self._safety())
        instructions = tuple(self._with_targets())
        return Plan(instructions, limits, self.converter.recording(None, "global.resolution"))

    def _items(self, items: Sequence[Item], above: Position, name: str | None) -> None:
        index = 0
        while index < len(items):
            position = (*above, index)
            self.places[position] = len(self.instructions)
            pair = self._cccv_pair(items, index)
            if pair is not None:
                self._add(*self.converter.pair(pair, name))
                index += 2
                continue
            match items[index]:
                case Marker(kind=kind, path=path):
                    self.instructions.append(Mark(kind, path))
                case Block() as block:
                    self._block(block, position)
                case Leaf() as leaf:
                    self._leaf(leaf, name)
            index += 1

    def _block(self, block: Block, position: Position) -> None:
        title = f'{block.path or "block"} "{shown(block.name)}"'
        count = 1
        with self.converter.reporting(block.path, title):
            repeat = self.converter.number(block.repeat, "repeat")
            if abs(repeat - round(repeat)) > _WHOLE or repeat < 0:
                raise Unsupported(f"repeat must be a whole number from 0, not {repeat:g}")
            count = round(repeat)
        if count == 0:
            del self.places[position]
            return
        start = len(self.instructions)
        if count > 1:
            self.instructions.append(LoopStart(block.name, block.note, block.path))
        self._items(block.items, position, block.name)
        if self.instructions[start + 1 :] == [] and count > 1:
            # The loop is empty: jumps into it lead to what follows it.
            del self.instructions[start:]
            self.places |= {key: start for key, place in self.places.items() if place > start}
        elif count > 1:
            self.instructions.append(LoopEnd(start, count, block.path))

    def _cccv_pair(self, items: Sequence[Item], index: int) -> CCCVPair | None:
        first, second = items[index], items[index + 1] if index + 1 < len(items) else None
        if not isinstance(first, Leaf) or not isinstance(second, Leaf) or not first.set_variables:
            return None
        everywhere = Counter(_names(self.protocol))
        here = Counter(_names(second))
        used = {name for name in everywhere if everywhere[name] > here[name]}
        return find_cccv_pair(first, second, used)

    def _leaf(self, leaf: Leaf, name: str | None) -> None:
        if leaf.kind == "Control" and not (leaf.ends or leaf.set_variables):
            # Only a label: jumps to it lead to what follows.
            return
        self._add(*self.converter.step(leaf, name))

    def _add(self, step: Step, jumps: list[Jump]) -> None:
        self.jumps[len(self.instructions)] = jumps
        self.instructions.append(step)

    def _with_targets(self) -> Iterator[Instruction]:
        targets = TargetIndex(self.protocol.steps)
        for index, instruction in enumerate(self.instructions):
            if not isinstance(instruction, Step):
                yield instruction
                continue
            ends = list(instruction.ends)
            for jump in self.jumps[index]:
                with self.converter.reporting(jump.path or instruction.path, instruction.title):
                    target = self._target(jump.goto, targets)
                    target = None if target == index + 1 else target
                    ends[jump.end] = attrs.evolve(ends[jump.end], target=target)
            yield attrs.evolve(instruction, ends=tuple(ends))

    def _target(self, goto: Goto, targets: TargetIndex) -> int | None:
        found = targets.find(goto)
        if isinstance(found, UCPError):
            raise Unsupported(str(found))
        if found == "End":
            return END_TEST
        if found == "Next":
            return None
        if found not in self.places:
            raise Unsupported(
                f"it jumps to {shown(str(goto))!r}, which does not become a step of the file"
            )
        place = self.places[found]
        if place >= len(self.instructions):
            return END_TEST
        instruction = self.instructions[place]
        return END_TEST if isinstance(instruction, Mark) and instruction.kind == "End" else place

    def _safety(self) -> Iterator[Limit]:
        targets = TargetIndex(self.protocol.steps)
        safety = self.protocol.safety
        for limit in safety.limits:
            path = f"safety_limits.{limit.key}"
            goto = limit.goto if limit.goto is not None else safety.goto
            with self.converter.reporting(path):
                value = self.converter.number(limit.value, "limit")
                target = END_TEST if goto is None else self._target(goto, targets)
                if target is None:
                    raise Unsupported("a safety limit cannot jump to 'Next'; name a step or 'End'")
                yield Limit(limit.key, value, target)


def _names(tree: object) -> Iterator[str]:
    sections = (tree.steps, tree.safety) if isinstance(tree, Protocol) else (tree,)
    for section in sections:
        for _, expr in expressions(section):
            yield from (part.name for part in walk(expr) if isinstance(part, Name))
