"""Reading the protocols of Novonix software 2: one line per step, its conditions below it.

The only public sources are the heads of two data files. What each construct means follows from the
data recorded below them:

* ``20 C/xx`` is the capacity in the head divided by 20 hours (0.04999 A at 1 A.h, 0.0120 A at
  0.24 A.h);
* ``to 4.2 V`` ends a constant current without any other condition (last points 4.2000 V and
  2.8000 V);
* ``Any time, ... step time`` counts from the start of the constant current (24.0000 h), ``During
  CV, ... hold time`` from the start of the constant voltage (15.00 h after it).

The package preparenovonix runs the steps of ``Repeat: 24 time(s)`` 24 times. Where a capacity
counts from, and which quantities the numbers of ``StepLimits`` limit, no public source shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import Factory, define, evolve

from ionworks.ucp.cyclers.plan import (
    Comparison,
    Direction,
    Level,
    Mark,
    Recording,
    Step,
    StepEnd,
    Unit,
    voltage_comparison,
)
from ionworks.ucp.cyclers.read.novonix_head import Line, amount
from ionworks.ucp.cyclers.read.numbers import finite, whole
from ionworks.ucp.cyclers.read.plan_builder import Loop, PlanBuilder
from ionworks.ucp.cyclers.read.refusals import Unreadable

_HEAD: Final = re.compile(r"(\d+): ?([A-Za-z][\w-]*): ?(.*)")
_NAMES: Final = {
    "Open_circuit_storage": "0",
    "Constant_current_charge": "1",
    "Constant_current_discharge": "2",
    "CC-CV_charge": "3",
    "CC-CV_discharge": "4",
    "Repeat": "5",
    "Increment_cycle_counter": "6",
}
_TARGET: Final = re.compile(r"([\d.]+) C/xx to ([\d.]+) V")
_REPEAT: Final = re.compile(r"(\d+) time\(s\) Node count: (\d+)")
_LIMITS: Final = re.compile(r"StepLimits(?: -?[\d.]+){20}")
_CONDITIONS: Final = re.compile(
    r"(?:(During CC|During CV|Any time), )?(End step|Save data) when (.+)"
)
_RULE: Final = re.compile(r"([a-zA-Z\u0394\u2206 ]+) ([<>]) (.+)")
_ENDS: Final[Mapping[tuple[str, str], Mapping[str, tuple[str, Unit]]]] = {
    ("rest", ""): {"step time >": ("Time", "s")},
    ("current", ""): {
        "step time >": ("Time", "s"),
        "voltage >": ("Voltage", "V"),
        "voltage <": ("Voltage", "V"),
    },
    ("cccv", "Any time"): {"step time >": ("Time", "s")},
    ("cccv", "During CV"): {"hold time >": ("Hold time", "s")},
}
"""The conditions that end a step, by its control and the part of it in which they are watched."""
_SAVES: Final[Mapping[str, tuple[str, Unit]]] = {
    "t": ("time", "s"),
    "V": ("voltage", "V"),
    "I": ("current", "A"),
}


@define
class _Node:
    """A step: the line that names it and the lines below."""

    code: str
    name: str
    rest: str
    indent: int
    below: list[str] = Factory(list)


def is_version_2(lines: list[Line]) -> bool:
    """Return whether the lines of a protocol are those of version 2."""
    return any(line.bracketed and _HEAD.fullmatch(line.text) for line in lines)


def read_lines(lines: list[Line], builder: PlanBuilder) -> None:
    """Add the steps of a protocol of version 2 to a builder."""
    with builder.refusing("the protocol"):
        nodes = list(_nodes(lines))
        reader = _Reader(builder, nodes)
        while reader.place < len(nodes):
            reader.node(nodes[0].indent)


def _nodes(lines: list[Line]) -> Iterator[_Node]:
    node: _Node | None = None
    for line in lines:
        match = _HEAD.fullmatch(line.text) if line.bracketed else None
        if match is not None:
            if node is not None:
                yield node
            node = _Node(match[1], match[2], match[3].strip(), line.indent)
        elif node is not None:
            if not line.bracketed or line.indent <= node.indent:
                raise Unreadable(f"{line.text!r} belongs to no step")
            node.below.append(line.text)
        elif line.bracketed:
            raise Unreadable(f"{line.text!r} belongs to no step")
    if node is not None:
        yield node


@define
class _Reader:
    builder: PlanBuilder
    nodes: list[_Node]
    place: int = 0
    number: int = 0

    def node(self, indent: int) -> None:
        """Read a step, or a repeat with its steps."""
        node = self.nodes[self.place]
        self.place += 1
        self.number += 1
        number = self.number
        title = f"step {number} ({node.name})"
        if node.indent != indent:
            raise Unreadable(f"{title} is indented as if it belonged to another repeat")
        if node.name == "Repeat" and node.code == _NAMES["Repeat"]:
            self._repeat(node, title)
            return
        with self.builder.refusing(title, number):
            if _NAMES.get(node.name) != node.code:
                raise Unreadable(f"no public file shows a step {node.code}: {node.name}")
            if node.name == "Increment_cycle_counter":
                if node.rest or node.below:
                    raise Unreadable("it has conditions, which no public file shows")
                self.builder.steps[number] = Mark("Advance cycle", title)
            else:
                step = self._step(node)
                self.builder.steps[number] = evolve(
                    step, name=f"Step {number}", path=title, title=title
                )

    def _repeat(self, node: _Node, title: str) -> None:
        match = _REPEAT.fullmatch(node.rest)
        if match is None or node.below:
            raise Unreadable(f"{title}: {node.rest!r} must be a number of times and a node count")
        count, children = whole(match[1], "Repeat"), whole(match[2], "Node count")
        self.builder.steps[self.number] = None
        start = self.number + 1
        inside = self.nodes[self.place].indent if self.place < len(self.nodes) else 0
        found = 0
        while self.place < len(self.nodes) and self.nodes[self.place].indent > node.indent:
            self.node(inside)
            found += 1
        if found != children:
            raise Unreadable(f"{title}: its node count is {children}, but it has {found} steps")
        self.number += 1
        self.builder.steps[self.number] = None
        self.builder.loops.append(Loop(start, self.number, count))

    def _step(self, node: _Node) -> Step:
        step = _held(node)
        ends = list(step.ends)
        saves: dict[str, Recording] = {}
        for line in node.below:
            match = _CONDITIONS.fullmatch(line)
            if match is None:
                self._limits(line)
            elif match[2] == "End step":
                ends += [_end(step, match[1] or "", rule) for rule in match[3].split(" or when ")]
            else:
                saves[match[1] or ""] = self._recording(match[3])
        if step.control == "rest" and not ends:
            raise Unreadable("no public file shows a rest without a time")
        return evolve(step, ends=tuple(dict.fromkeys(ends)), recording=self._recorded(step, saves))

    def _limits(self, line: str) -> None:
        if _LIMITS.fullmatch(line) is None:
            raise Unreadable(f"no public file shows {line!r}")
        self.builder.notes.append(
            "the limits of the steps, at which the channel stops, were left out, because no public "
            f"source tells what each number limits: {line}"
        )

    def _recording(self, rules: str) -> Recording:
        found: dict[str, float] = {}
        for rule in rules.split(" or when "):
            match = _RULE.fullmatch(rule)
            symbol = match[1][1:] if match is not None and match[1][0] in "\u0394\u2206" else ""
            if match is None or symbol not in _SAVES or match[2] != ">":
                self.builder.notes.append(
                    f"no public file shows points saved when {rule!r}: it was left out"
                )
                continue
            name, unit = _SAVES[symbol]
            found[name] = amount(match[3], unit).value
        return Recording(**found)

    def _recorded(self, step: Step, saves: Mapping[str, Recording]) -> Recording:
        """Return when points are saved: as often as in the part that saves more."""
        parts = ("During CC", "During CV") if step.control == "cccv" else ("",)
        for part in saves:
            if part not in parts:
                raise Unreadable(f"no public file shows points saved {part or 'in this form'!r}")
        if len(set(saves.values())) > 1:
            self.builder.notes.append(
                "where constant current and constant voltage save points by different rules, the "
                "rules of both apply to both"
            )
        rules: dict[str, float] = {}
        for recording in saves.values():
            for name, value in recording.rules().items():
                rules[name] = min(rules.get(name, value), value)
        return Recording(**rules)


def _held(node: _Node) -> Step:
    """Return a step with its set points, and with the voltage that ends a constant current."""
    if node.name == "Open_circuit_storage":
        if node.rest:
            raise Unreadable(f"no public file shows {node.rest!r} here")
        return Step("rest")
    match = _TARGET.fullmatch(node.rest)
    if match is None:
        raise Unreadable(f"no public file shows {node.rest!r} here")
    hours, volts = finite(match[1]), finite(match[2])
    if hours <= 0:
        raise Unreadable(f"{node.rest!r} is not a current")
    rate = Level(1 / hours, "C")
    direction: Direction = "discharge" if node.name.endswith("_discharge") else "charge"
    if node.name.startswith("CC-CV"):
        return Step("cccv", direction, rate, volts)
    turn = StepEnd("Voltage", voltage_comparison(direction), Level(volts, "V"))
    return Step("current", direction, rate, ends=(turn,))


def _end(step: Step, part: str, rule: str) -> StepEnd:
    match = _RULE.fullmatch(rule)
    if match is None:
        raise Unreadable(f"no public file shows the end {rule!r}")
    if match[1] == "capacity":
        raise Unreadable(
            f"its end {rule!r} may count from the start of the step or of the test: no public file "
            "shows which"
        )
    known = _ENDS.get((step.control, part), {}).get(f"{match[1]} {match[2]}")
    if known is None:
        where = f"{part}, " if part else ""
        raise Unreadable(f"no public file shows the end {where + rule!r} here")
    quantity, unit = known
    operator: Comparison = ">" if match[2] == ">" else "<"
    if quantity == "Voltage" and operator != voltage_comparison(step.direction):
        raise Unreadable(f"no public file shows the end {rule!r} on {step.direction}")
    return StepEnd(quantity, operator, amount(match[3], unit))
