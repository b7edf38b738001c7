"""A protocol as a plan: blocks become loops, names become indices, expressions become numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
from attrs import Factory, define, frozen

from ionworks.ucp.checks.jumps import TargetIndex
from ionworks.ucp.cyclers.plan.checks import check_plan
from ionworks.ucp.cyclers.plan.machine import BEGIN, Machine
from ionworks.ucp.cyclers.plan.nodes import (
    END,
    Instruction,
    Limit,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
)
from ionworks.ucp.cyclers.plan.pairs import Legs, joined_legs
from ionworks.ucp.cyclers.plan.steps import Jump, StepReader, Unknown
from ionworks.ucp.cyclers.plan.tidy import tidied
from ionworks.ucp.expressions import Name, walk
from ionworks.ucp.nodes import Block, Goto, Item, Leaf, Marker, Protocol
from ionworks.ucp.problems import Problem, UCPError, shown
from ionworks.ucp.traversal import Position, expressions

_WHOLE: Final = 1e-9


@frozen
class Flattened:
    """A plan, and what of the protocol no plan can say."""

    plan: Plan
    problems: tuple[Problem, ...]


def flatten(protocol: Protocol, nominal_capacity: float | None = None) -> Flattened:
    """Return a protocol as a plan.

    Parameters
    ----------
    protocol : Protocol
        Without open inputs and with the samples of its drive cycles.
    nominal_capacity : float, optional
        Nominal capacity [A.h], the value of ``Q_NOM``.

    Returns
    -------
    Flattened
        The plan, whole only if there are no problems.
    """
    reader = StepReader(protocol.global_.resolution, nominal_capacity)
    plan = _Flattener(protocol, reader).plan()
    problems = [*reader.problems, *check_plan(plan, nominal_capacity)]
    tidy = tidied(plan)
    if Machine(tidy, marks=False).settle(BEGIN)[1] is None:
        problems.append(Problem("E-export", "steps", "steps: the protocol ends before any step"))
    return Flattened(tidy, tuple(problems))


@define
class _Flattener:
    protocol: Protocol
    reader: StepReader
    instructions: list[Instruction] = Factory(list)
    places: dict[Position, int] = Factory(dict)
    jumps: dict[int, list[Jump]] = Factory(dict)

    def plan(self) -> Plan:
        self._items(self.protocol.steps, (), None)
        limits = tuple(self._safety())
        instructions = tuple(self._with_targets())
        where = "global.resolution"
        return Plan(instructions, limits, self.reader.recording(None, where, where))

    def _items(self, items: Sequence[Item], above: Position, name: str | None) -> None:
        index = 0
        while index < len(items):
            position = (*above, index)
            self.places[position] = len(self.instructions)
            legs = self._legs(items, index)
            if legs is not None:
                self._add(*self.reader.pair(legs, name))
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
        where = f'{block.path or "block"} "{shown(block.name)}"'
        try:
            count = self.reader.number(block.repeat, "repeat")
        except Unknown as reason:
            self.reader.problem(block.path, where, str(reason))
            count = 1.0
        if abs(count - round(count)) > _WHOLE or count < 0:
            self.reader.problem(block.path, where, f"a repeat of {count:g} is no whole number")
            count = 1.0
        if round(count) == 0:
            del self.places[position]
            return
        start = len(self.instructions)
        if round(count) > 1:
            self.instructions.append(LoopStart(block.name, block.note, block.path))
        self._items(block.items, position, block.name)
        if self.instructions[start + 1 :] == [] and round(count) > 1:
            # Nothing in it runs: what leads into it leads to what follows.
            del self.instructions[start:]
            self.places |= {key: start for key, place in self.places.items() if place > start}
        elif round(count) > 1:
            self.instructions.append(LoopEnd(start, round(count), block.path))

    def _legs(self, items: Sequence[Item], index: int) -> Legs | None:
        first, second = items[index], items[index + 1] if index + 1 < len(items) else None
        if not isinstance(first, Leaf) or not isinstance(second, Leaf) or not first.set_variables:
            return None
        everywhere = Counter(_names(self.protocol))
        here = Counter(_names(second))
        used = {name for name in everywhere if everywhere[name] > here[name]}
        return joined_legs(first, second, used)

    def _leaf(self, leaf: Leaf, name: str | None) -> None:
        if leaf.kind == "Control" and not (leaf.ends or leaf.set_variables):
            # A label: jumps to it lead to what follows.
            return
        self._add(*self.reader.step(leaf, name))

    def _add(self, step: Step, jumps: list[Jump]) -> None:
        self.jumps[len(self.instructions)] = jumps
        self.instructions.append(step)

    def _with_targets(self) -> Iterator[Instruction]:
        targets = TargetIndex(self.protocol.steps)
        for index, instruction in enumerate(self.instructions):
            if not isinstance(instruction, Step):
                yield instruction
                continue
            exits = list(instruction.exits)
            for jump in self.jumps[index]:
                try:
                    target = self._target(jump.goto, targets)
                except Unknown as reason:
                    path = jump.path or instruction.path
                    self.reader.problem(path, instruction.title, str(reason))
                    continue
                target = None if target == index + 1 else target
                exits[jump.exit] = attrs.evolve(exits[jump.exit], target=target)
            yield attrs.evolve(instruction, exits=tuple(exits))

    def _target(self, goto: Goto, targets: TargetIndex) -> int | None:
        found = targets.find(goto)
        if isinstance(found, UCPError):
            raise Unknown(str(found))
        if found == "End":
            return END
        if found == "Next":
            return None
        if found not in self.places:
            raise Unknown(f"it jumps to {shown(str(goto))!r}, which has no place of its own")
        place = self.places[found]
        if place >= len(self.instructions):
            return END
        instruction = self.instructions[place]
        return END if isinstance(instruction, Mark) and instruction.kind == "End" else place

    def _safety(self) -> Iterator[Limit]:
        targets = TargetIndex(self.protocol.steps)
        safety = self.protocol.safety
        for limit in safety.limits:
            path = f"safety_limits.{limit.key}"
            goto = limit.goto if limit.goto is not None else safety.goto
            try:
                value = self.reader.number(limit.value, limit.key)
                target = END if goto is None else self._target(goto, targets)
            except Unknown as reason:
                self.reader.problem(path, path, str(reason))
                continue
            if target is None:
                self.reader.problem(path, path, "'Next' is no place to go to when a limit trips")
                continue
            yield Limit(limit.key, value, target)


def _names(tree: object) -> Iterator[str]:
    sections = (tree.steps, tree.safety) if isinstance(tree, Protocol) else (tree,)
    for section in sections:
        for _, expr in expressions(section):
            yield from (part.name for part in walk(expr) if isinstance(part, Name))
