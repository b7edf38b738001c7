"""A protocol as a plan: blocks become loops, names become indices, expressions become numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
from attrs import Factory, define, frozen

from ionworks.ucp.expressions import Expr, Input, Name, Number, constant, rewrite, walk
from ionworks.ucp.nodes import Block, End, Goto, Item, Leaf, Marker, Protocol, Resolution
from ionworks.ucp.plan.checks import check_plan
from ionworks.ucp.plan.nodes import (
    END,
    Comparison,
    Control,
    Direction,
    Exit,
    Instruction,
    Level,
    Limit,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
    Unit,
    Waveform,
)
from ionworks.ucp.plan.pairs import Legs, joined_legs
from ionworks.ucp.plan.tidy import tidied
from ionworks.ucp.problems import Problem, UCPError, shown
from ionworks.ucp.targets import TargetIndex
from ionworks.ucp.traversal import Position, expressions

_UNITS: Final[dict[str, tuple[str, Unit]]] = {
    "Voltage": ("Voltage", "V"),
    "Current": ("Current", "A"),
    "C-rate": ("Current", "C"),
    "Capacity": ("Capacity", "Ah"),
    "Energy": ("Energy", "Wh"),
    "Power": ("Power", "W"),
    "Temperature": ("Temperature", "degC"),
    "Time": ("Time", "s"),
}
_MODES: Final[dict[str, tuple[Control, Unit]]] = {
    "Current": ("current", "A"),
    "C-rate": ("current", "C"),
    "Voltage": ("voltage", "V"),
    "Power": ("power", "W"),
    "Resistance": ("resistance", "Ohm"),
}
_NO_COUNTERPART: Final = {
    "EIS": "an impedance sweep has no counterpart in this file",
    "Ambient temperature": "the temperature of the chamber is not set by this file",
    "Control": "variables and jumps of a Control are computed during a run; a file has numbers",
}
_VARIABLES: Final = "set_variable computes during a run; a file has numbers only"
_WHOLE: Final = 1e-9


@frozen
class Flattened:
    """A plan, and what of the protocol no plan can say."""

    plan: Plan
    problems: tuple[Problem, ...]


class _Unknown(Exception):
    """Says why a value of a step is no number."""


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
    flattener = _Flattener(protocol, nominal_capacity)
    plan = flattener.plan()
    problems = [*flattener.problems, *check_plan(plan, nominal_capacity)]
    return Flattened(tidied(plan), tuple(problems))


def title(leaf: Leaf, name: str | None = None) -> str:
    """Return what messages call a step."""
    named = f' "{shown(leaf.name or name or "")}"' if leaf.name or name else ""
    mode = f", mode {leaf.mode}" if leaf.mode else ""
    return f"{leaf.path or leaf.kind}{named} ({leaf.kind}{mode})"


@define
class _Flattener:
    protocol: Protocol
    capacity: float | None
    instructions: list[Instruction] = Factory(list)
    places: dict[Position, int] = Factory(dict)
    problems: list[Problem] = Factory(list)
    gotos: dict[tuple[int, int], tuple[Goto, str]] = Factory(dict)

    def plan(self) -> Plan:
        self._items(self.protocol.steps, (), None)
        limits = tuple(self._safety())
        instructions = tuple(self._with_targets())
        try:
            recording = self._recording(None)
        except _Unknown as reason:
            self.problem("global.resolution", "global.resolution", str(reason))
            recording = Recording()
        return Plan(instructions, limits, recording)

    def problem(self, path: str, where: str, reason: str) -> None:
        self.problems.append(Problem("E-export", path, f"{where}: {reason}"))

    # ------------------------------------------------------------------ items

    def _items(self, items: Sequence[Item], above: Position, name: str | None) -> None:
        index = 0
        while index < len(items):
            position = (*above, index)
            self.places[position] = len(self.instructions)
            legs = self._legs(items, index)
            if legs is not None:
                self._cccv(legs, name)
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
            count = self._number(block.repeat, "repeat")
        except _Unknown as reason:
            self.problem(block.path, where, str(reason))
            count = 1.0
        if abs(count - round(count)) > _WHOLE or count < 0:
            self.problem(block.path, where, f"a repeat of {count:g} is no whole number")
            count = 1.0
        if round(count) == 0:
            del self.places[position]
            return
        start = len(self.instructions)
        if round(count) > 1:
            self.instructions.append(LoopStart(block.name, block.note, block.path))
        self._items(block.items, position, block.name)
        if round(count) > 1:
            self.instructions.append(LoopEnd(start, round(count), block.path))

    def _legs(self, items: Sequence[Item], index: int) -> Legs | None:
        first, second = items[index], items[index + 1] if index + 1 < len(items) else None
        if not isinstance(first, Leaf) or not isinstance(second, Leaf) or not first.set_variables:
            return None
        everywhere = Counter(_names(self.protocol))
        here = Counter(_names(second))
        used = {name for name in everywhere if everywhere[name] > here[name]}
        return joined_legs(first, second, used)

    def _cccv(self, legs: Legs, name: str | None) -> None:
        where = title(legs.first, name)
        index = len(self.instructions)
        first = self._step(legs.first, name)
        ends = [*legs.second.ends, *legs.totals]
        second = self._step(attrs.evolve(legs.second, ends=tuple(ends)), name)
        self.gotos = {key: value for key, value in self.gotos.items() if key[0] != index}
        if first is None or second is None or second.set_point is None:
            self.instructions.append(Step("unsupported", path=legs.first.path, title=where))
            return
        turn = [leave for leave in first.exits if leave.quantity == "Voltage"]
        if (
            len(first.exits) != 1
            or len(turn) != 1
            or turn[0].level != second.set_point
            or first.recording != second.recording
        ):
            self.problem(legs.first.path, where, _VARIABLES)
        exits = list(second.exits)
        for place, end in enumerate(legs.second.ends):
            if end.quantity == "Time":
                exits[place] = attrs.evolve(exits[place], quantity="Hold time")
        for place, end in enumerate(ends):
            if end.goto is not None:
                self.gotos[index, place] = (end.goto, end.path)
        self.instructions.append(
            attrs.evolve(first, control="cccv", voltage=second.set_point.value, exits=tuple(exits))
        )

    def _leaf(self, leaf: Leaf, name: str | None) -> None:
        if leaf.kind == "Control" and not (leaf.ends or leaf.set_variables):
            # A label: jumps to it lead to what follows.
            return
        step = self._step(leaf, name)
        if step is None:
            step = Step("unsupported", path=leaf.path, title=title(leaf, name))
        self.instructions.append(step)

    # ------------------------------------------------------------------ steps

    def _step(self, leaf: Leaf, name: str | None) -> Step | None:
        """Return a step whose exits lead to the next; None if it has no counterpart at all."""
        where = title(leaf, name)
        before = len(self.problems)
        for reason in _refused_fields(leaf):
            self.problem(leaf.path, where, reason)
        what = Step("unsupported")
        try:
            what = self._what(leaf)
        except _Unknown as reason:
            self.problem(leaf.path, where, str(reason))
        exits = tuple(self._exits(leaf, where))
        try:
            recording = self._recording(leaf.resolution)
        except _Unknown as reason:
            self.problem(leaf.path, where, str(reason))
            recording = Recording()
        if len(self.problems) > before:
            return None
        return attrs.evolve(
            what,
            exits=exits,
            recording=recording,
            name=leaf.name or name,
            note=leaf.note,
            path=leaf.path,
            title=where,
        )

    def _what(self, leaf: Leaf) -> Step:
        """Return a step that holds what a leaf holds."""
        if leaf.kind in _NO_COUNTERPART:
            raise _Unknown(_NO_COUNTERPART[leaf.kind])
        if leaf.kind == "Rest":
            return Step("rest")
        if leaf.profile is not None or leaf.wave is not None:
            return Step("waveform", waveform=self._waveform(leaf))
        if leaf.kind not in ("Charge", "Discharge") or leaf.mode is None or leaf.value is None:
            raise _Unknown(f"the direction {leaf.direction} is only known during a run")
        control, unit = _MODES[leaf.mode]
        value = self._number(leaf.value, "value")
        if value <= 0 and control != "voltage":
            raise _Unknown(f"a set point of {value:g} {unit} is no load; write Rest")
        direction: Direction = "charge" if leaf.kind == "Charge" else "discharge"
        return Step(control, direction, Level(value, unit))

    def _waveform(self, leaf: Leaf) -> Waveform:
        if leaf.profile is None:
            raise _Unknown("a periodic waveform has no counterpart; give it as samples, 'data'")
        if not leaf.profile.data:
            raise _Unknown(f"the samples of {leaf.profile.name!r} are missing; pass drive_cycles")
        factor = self._number(leaf.profile.scale, "scale")
        repeat = self._number(leaf.profile.repeat, "repeat")
        if repeat != 1:
            raise _Unknown("a repeated profile has no counterpart; put the step into a block")
        _, unit = _MODES[leaf.mode or "Current"]
        samples = tuple((time, value * factor) for time, value in leaf.profile.data)
        return Waveform(leaf.profile.name or leaf.name or "waveform", unit, samples)

    def _exits(self, leaf: Leaf, where: str) -> Iterator[Exit]:
        index = len(self.instructions)
        number = 0
        for end in leaf.ends:
            try:
                leave = self._exit(end)
            except _Unknown as reason:
                self.problem(end.path or leaf.path, where, f"its end {end}: {reason}")
                continue
            if end.goto is not None:
                self.gotos[index, number] = (end.goto, end.path)
            number += 1
            yield leave
        if leaf.duration is None:
            return
        try:
            seconds = self._number(leaf.duration, "duration")
        except _Unknown as reason:
            self.problem(f"{leaf.path}.duration", where, str(reason))
            return
        if seconds <= 0:
            self.problem(f"{leaf.path}.duration", where, f"a duration of {seconds:g} s is no step")
            return
        yield Exit("Time", ">", Level(seconds, "s"), path=f"{leaf.path}.duration")

    def _exit(self, end: End) -> Exit:
        if end.rate:
            raise _Unknown("a rate of change has no counterpart in this file")
        if end.quantity not in _UNITS:
            raise _Unknown(f"{end.quantity} is not measured by a cycler's file")
        if end.operator not in ("<", ">"):
            raise _Unknown("its comparison is only known during a run; write '<' or '>'")
        quantity, unit = _UNITS[end.quantity]
        value = self._number(end.threshold, "threshold")
        operator: Comparison = "<" if end.operator == "<" else ">"
        return Exit(quantity, operator, Level(value, unit), path=end.path)

    def _recording(self, own: Resolution | None) -> Recording:
        general = self.protocol.global_.resolution
        values = {}
        for part in ("time", "voltage", "current"):
            expr = getattr(own, part, None) or getattr(general, part)
            values[part] = None if expr is None else self._number(expr, "resolution")
        return Recording(**values)

    def _number(self, expr: Expr, what: str) -> float:
        def known(part: Expr) -> Expr:
            if part == Name("Q_NOM") and self.capacity is not None:
                return Number(self.capacity)
            return part

        expr = rewrite(expr, known)
        value = constant(expr)
        if value is not None:
            return value
        names = [part.name for part in walk(expr) if isinstance(part, Name | Input)]
        if "Q_NOM" in names:
            raise _Unknown(f"the {what} {expr} needs nominal_capacity_ah")
        if {"V_MIN", "V_MAX"} & set(names):
            raise _Unknown(f"the {what} {expr} depends on the cell; write the number")
        raise _Unknown(f"the {what} {expr} is only known during a run")

    # ------------------------------------------------------------------ targets and safety

    def _with_targets(self) -> Iterator[Instruction]:
        targets = TargetIndex(self.protocol.steps)
        for index, instruction in enumerate(self.instructions):
            if not isinstance(instruction, Step):
                yield instruction
                continue
            exits = list(instruction.exits)
            for number, leave in enumerate(exits):
                if (index, number) in self.gotos:
                    goto, path = self.gotos[index, number]
                    try:
                        target = self._target(goto, targets)
                    except _Unknown as reason:
                        self.problem(path or instruction.path, instruction.title, str(reason))
                        continue
                    if target == index + 1:
                        target = None
                    exits[number] = attrs.evolve(leave, target=target)
            yield attrs.evolve(instruction, exits=tuple(exits))

    def _target(self, goto: Goto, targets: TargetIndex) -> int | None:
        found = targets.find(goto)
        if isinstance(found, UCPError):
            raise _Unknown(str(found))
        if found == "End":
            return END
        if found == "Next":
            return None
        if found not in self.places:
            raise _Unknown(f"it jumps to {shown(str(goto))!r}, which is never run")
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
                value = self._number(limit.value, limit.key)
                target = END if goto is None else self._target(goto, targets)
            except _Unknown as reason:
                self.problem(path, path, str(reason))
                continue
            if target is None:
                self.problem(path, path, "'Next' is no place to go to when a limit trips")
                continue
            yield Limit(limit.key, value, target)


def _names(tree: object) -> Iterator[str]:
    sections = (tree.steps, tree.safety) if isinstance(tree, Protocol) else (tree,)
    for section in sections:
        for _, expr in expressions(section):
            yield from (part.name for part in walk(expr) if isinstance(part, Name))


def _refused_fields(leaf: Leaf) -> Iterator[str]:
    if leaf.set_variables and leaf.kind != "Control":
        yield _VARIABLES
    if leaf.temperature is not None:
        yield "a temperature of its own is not set by this file; set the chamber by hand"
