"""Reading the protocol that Novonix software prints into its data files.

Version 3 prints blocks of lines, which are read here; version 2 prints lines, see
:mod:`ionworks.ucp.cyclers.read.novonix_version_2`. What the blocks mean follows from the data
recorded below the only public ones, ``example_data.csv`` of the project preparenovonix: steps end
at their voltage, time, capacity (counted from the start of the step) or current, ``Repeat count 4``
gives four passes, and limits on the current are magnitudes, because discharges stay within
``current < 0 A or if current > 20.000 A``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Comparison,
    Direction,
    Level,
    Limit,
    Mark,
    Recording,
    Step,
    StepEnd,
    Unit,
    voltage_comparison,
)
from ionworks.ucp.cyclers.read.novonix_head import Line, amount, read_head
from ionworks.ucp.cyclers.read.novonix_version_2 import is_version_2, read_lines
from ionworks.ucp.cyclers.read.numbers import finite, whole
from ionworks.ucp.cyclers.read.plan_builder import Loop, PlanBuilder, ReadFile
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable

Rule: TypeAlias = tuple[str, Comparison, Level]
"""The quantity of a limit, its side and its threshold."""

TITLE: Final = "Novonix protocol"
_STEPS: Final = {
    "Open circuit storage": "End storage",
    "Constant current charge": "End charge",
    "Constant current discharge": "End discharge",
    "CC-CV charge": "End CCCV charge",
}
_LAST: Final = {**_STEPS, "Increment the cycle counter": "End increment"}
_PARAMETERS: Final[Mapping[str, Mapping[str, Unit]]] = {
    "Open circuit storage": {"Storage_time": "s"},
    "Constant current charge": {"Charge_current": "A", "Charge_voltage": "V"},
    "Constant current discharge": {"Discharge_current": "A", "Discharge_voltage": "V"},
    "CC-CV charge": {"Maximum_current": "A", "Charge_voltage": "V"},
}
_LISTS: Final = ("Trip conditions", "Save conditions", "Operating limits", "Emergency limits")
_TRIPS: Final[dict[str, tuple[str, Comparison]]] = {
    "step time is longer than": ("Time", ">"),
    "total step time is greater than": ("Time", ">"),
    "hold time is greater than": ("Hold time", ">"),
    "absolute current is less than": ("Current", "<"),
    "step capacity is greater than": ("Capacity", ">"),
    "voltage is less than": ("Voltage", "<"),
}
_OF_QUANTITY: Final[dict[str, Unit]] = {
    "Time": "s",
    "Hold time": "s",
    "Current": "A",
    "Capacity": "Ah",
    "Voltage": "V",
}
_OF_LIMIT: Final[dict[str, Unit]] = {
    "voltage": "V",
    "current": "A",
    "temperature": "degC",
    "step time": "s",
    "step capacity": "Ah",
}
_LIMIT_WORDS: Final = (
    "Stop channel if ",
    "Shut down all channels and raise emergency alarm if ",
)
_LIMIT_KINDS: Final = (
    *("voltage <", "voltage >", "current <", "current >", "temperature <", "temperature >"),
    *("step time >", "step capacity >"),
)


def read(content: bytes, _assets: Mapping[str, bytes]) -> ReadFile:
    """Read a protocol text, alone or in the head of a data file.

    Parameters
    ----------
    content : bytes
        Text in UTF-8.

    Raises
    ------
    UCPError
        If it is not such a text, or its limits or repeats cannot be read.
    """
    builder = PlanBuilder(Refusals(TITLE))
    with builder.refusing("the file"):
        head = read_head(content)
        _read_summary(head.summary, builder)
        if is_version_2(head.lines):
            read_lines(head.lines, builder)
        else:
            _Reader(builder, head.lines).all()
    return builder.read_file()


def _read_summary(summary: Mapping[str, str], builder: PlanBuilder) -> None:
    """Read what the fields before the protocol say about it."""
    capacity = _number(summary.get("Capacity (Ah)", ""))
    builder.nominal_capacity = capacity if capacity > 0 else None
    offset = _number(summary.get("DC Offset Voltage (V)", ""))
    if offset:
        builder.notes.append(
            f"an offset of the measured voltage of {offset:g} V was left out: whether the voltages "
            "of the protocol contain it is not known"
        )


def _number(text: str) -> float:
    """Return a number, or 0 where a user left it out or masked it."""
    try:
        return finite(text)
    except Unreadable:
        return 0.0


@define
class _Reader:
    builder: PlanBuilder
    lines: list[Line]
    place: int = 0
    number: int = 0
    watched: list[Rule] = Factory(list)
    common: list[Rule] = Factory(list)

    def all(self) -> None:
        """Read limits and steps."""
        # Above the first block: the name of the protocol, version and date.
        while self.place < len(self.lines) and not self.lines[self.place].bracketed:
            self.place += 1
        while self.place < len(self.lines):
            line = self._next()
            if line == "Protocol operating limits":
                with self.builder.refusing("operating limits"):
                    self._protocol_limits(operating=True)
            elif line == "Protocol emergency limits":
                with self.builder.refusing("emergency limits"):
                    self._protocol_limits(operating=False)
            else:
                self._item(line)

    def _next(self) -> str:
        if self.place >= len(self.lines):
            raise Unreadable("the text ends in the middle of a step")
        line = self.lines[self.place]
        if not line.bracketed:
            raise Unreadable(f"{line.text!r} is not a line of a protocol")
        self.place += 1
        return line.text

    def _item(self, name: str) -> None:
        self.number += 1
        number = self.number
        place = f"step {number} ({name})"
        self.builder.steps[number] = None
        if name == "Repeat the step(s) below":
            with self.builder.refusing(place):
                self._repeat()
            return
        body = self._body(name)
        with self.builder.refusing(place, number):
            if name == "Increment the cycle counter":
                if body:
                    raise Unreadable(f"no public file shows {body[0]!r} here")
                self.builder.steps[number] = Mark("Advance cycle", place)
            elif name in _STEPS:
                self.builder.steps[number] = self._step(name, body, place)
            else:
                raise Unreadable("no public file shows such a type of step")

    def _body(self, name: str) -> list[str]:
        """Return the lines of a step, up to the one that ends it."""
        body: list[str] = []
        inside: list[str] = []
        while True:
            line = self._next()
            if line.startswith("End ") and not inside:
                if line != _LAST.get(name, line):
                    raise Unreadable(f"step {self.number} ({name}) ends with {line!r}")
                return body
            if inside and line.lower() == f"end {inside[-1].lower()}":
                inside.pop()
            elif line in _LISTS:
                inside.append(line)
            body.append(line)

    def _repeat(self) -> None:
        count = self._count("Repeat count")
        children = self._count("Step count")
        start = self.number + 1
        found = 0
        while True:
            line = self._next()
            if line == "End repeat":
                break
            self._item(line)
            found += 1
        if found != children:
            raise Unreadable(f"its step count is {children}, but it has {found} steps")
        self.number += 1
        self.builder.steps[self.number] = None
        self.builder.loops.append(Loop(start, self.number, count))

    def _count(self, name: str) -> int:
        line = self._next()
        text = line.removeprefix(f"{name} ")
        if text == line:
            raise Unreadable(f"expected {name}, found {line!r}")
        return whole(text, name)

    def _step(self, name: str, body: list[str], place: str) -> Step:
        parameters: dict[str, Level] = {}
        lists: dict[str, list[str]] = {}
        lines = iter(body)
        for line in lines:
            if line in _LISTS:
                if line in lists:
                    raise Unreadable(f"it has {line} twice")
                lists[line] = _listed(lines, line)
                continue
            key, _, text = line.partition(" ")
            if key in parameters or key not in _PARAMETERS[name]:
                raise Unreadable(f"{line!r} is unknown here, or repeated")
            parameters[key] = amount(text, _PARAMETERS[name][key])
        step = _held(name, parameters)
        own = [*step.ends, *(_trip(step, line) for line in lists.get("Trip conditions", []))]
        watched = [rule for line in lists.get("Operating limits", []) for rule in _rules(line)]
        for line in lists.get("Emergency limits", []):
            for rule in _rules(line):
                self._check_emergency(rule, line, [*watched, *self.watched])
        stops = [end for rule in (*watched, *self.common) for end in _stops(rule, step)]
        ends = [*self._without_ties(own, stops, place), *dict.fromkeys(stops)]
        return attrs.evolve(
            step,
            ends=tuple(ends),
            recording=self._recording(lists.get("Save conditions", [])),
            name=f"Step {self.number}",
            path=place,
            title=place,
        )

    def _without_ties(self, own: list[StepEnd], stops: list[StepEnd], place: str) -> list[StepEnd]:
        """Return the ends of a step without those at which the channel stops as well.

        The test stops there, as at a safety limit of UCP that equals an end.
        """
        same = [end for end in own if attrs.evolve(end, target=END_TEST) in stops]
        for end in same:
            self.builder.notes.append(
                f"{place}: {end} ends the step and stops the channel, and no public source tells "
                "which wins; it was read as the end of the test"
            )
        return [end for end in own if end not in same]

    def _recording(self, lines: list[str]) -> Recording:
        rules: dict[str, float] = {}
        for line in lines:
            match = re.fullmatch(r"Save data if [\u2206\u0394](\w) is greater than (.+)", line)
            names: dict[str, tuple[str, Unit]] = {"T": ("time", "s"), "V": ("voltage", "V")}
            if match is None or match.group(1) not in names:
                self.builder.notes.append(f"no public file shows {line!r}: it was left out")
                continue
            name, unit = names[match.group(1)]
            value = amount(match.group(2), unit).value
            rules[name] = min(rules.get(name, value), value)
        return Recording(**rules)

    def _protocol_limits(self, *, operating: bool) -> None:
        """Read the operating or emergency limits of the whole protocol."""
        if self.number:
            raise Unreadable("no public file shows them below a step")
        name = "protocol operating limits" if operating else "protocol emergency limits"
        for line in _listed(iter(self._next, ""), name):
            for rule in _rules(line):
                if operating:
                    self._protocol_limit(rule)
                else:
                    self._check_emergency(rule, line, self.watched)

    def _protocol_limit(self, rule: Rule) -> None:
        self.watched.append(rule)
        quantity, operator, level = rule
        if quantity in ("voltage", "temperature"):
            side = "min" if operator == "<" else "max"
            self.builder.safety.append(Limit(f"{quantity}_{side}", level.value))
        elif quantity == "current" and operator == ">":
            keys = ("charge_current_max", "discharge_current_max")
            self.builder.safety.extend(Limit(key, level.value) for key in keys)
        elif quantity != "current":
            self.common.append(rule)

    def _check_emergency(self, rule: Rule, line: str, watched: list[Rule]) -> None:
        """Reject an emergency limit unless an operating limit is reached before it.

        An emergency limit stops all channels, which UCP cannot express.
        """
        quantity, operator, level = rule
        if (quantity, operator) == ("current", "<"):
            return
        sign = -1 if operator == "<" else 1
        before = [
            other.value for kind, side, other in watched if (kind, side) == (quantity, operator)
        ]
        if not any(sign * value <= sign * level.value for value in before):
            raise Unreadable(
                f"{line!r} stops all channels, and no operating limit stops this channel before it"
            )
        self.builder.notes.append(
            "emergency limits were left out: the operating limits are reached first"
        )


def _listed(lines: Iterator[str], name: str) -> list[str]:
    """Return the numbered lines of a list up to its end, without their numbers."""
    found: list[str] = []
    for line in lines:
        if line.lower() == f"end {name.lower()}":
            return found
        number, _, text = line.partition(" ")
        if not number.isdecimal():
            raise Unreadable(f"{line!r} is not a line of {name}")
        found.append(text)
    raise Unreadable(f"{name} has no end")


def _rules(line: str) -> list[Rule]:
    """Return the rules of a line of limits."""
    beginning = next((words for words in _LIMIT_WORDS if line.startswith(words)), None)
    if beginning is None:
        raise Unreadable(f"no public file shows the limit {line!r}")
    rules: list[Rule] = []
    for text in line.removeprefix(beginning).split(" or if "):
        match = re.fullmatch(r"([a-z ]+) ([<>]) (.+)", text)
        if match is None or f"{match.group(1)} {match.group(2)}" not in _LIMIT_KINDS:
            raise Unreadable(f"no public file shows the limit {text!r}")
        level = amount(match.group(3), _OF_LIMIT[match.group(1)])
        if (match.group(1), match.group(2)) == ("current", "<") and level.value != 0:
            raise Unreadable(f"UCP has no lower limit on current, as in {text!r}")
        rules.append((match.group(1), "<" if match.group(2) == "<" else ">", level))
    return rules


def _stops(rule: Rule, step: Step) -> list[StepEnd]:
    """Return a limit of the channel as an end of a step that ends the test."""
    quantity, operator, level = rule
    names = {"voltage": "Voltage", "temperature": "Temperature", "step time": "Time"}
    names |= {"step capacity": "Capacity", "current": "Current"}
    idle = step.control == "rest" and quantity in ("step capacity", "current")
    if idle or (quantity, operator) == ("current", "<"):
        return []
    return [StepEnd(names[quantity], operator, level, END_TEST)]


def _held(name: str, parameters: Mapping[str, Level]) -> Step:
    """Return a step with its set points and with the end that is one of them."""

    def parameter(key: str) -> Level:
        if key not in parameters:
            raise Unreadable(f"its {key} is missing")
        return parameters[key]

    if name == "Open circuit storage":
        return Step("rest", ends=(StepEnd("Time", ">", parameter("Storage_time")),))
    if name == "CC-CV charge":
        voltage = parameter("Charge_voltage").value
        return Step("cccv", "charge", parameter("Maximum_current"), voltage)
    word = name.rpartition(" ")[2].capitalize()
    direction: Direction = "charge" if word == "Charge" else "discharge"
    turn = StepEnd("Voltage", voltage_comparison(direction), parameter(f"{word}_voltage"))
    return Step("current", direction, parameter(f"{word}_current"), ends=(turn,))


def _trip(step: Step, line: str) -> StepEnd:
    for words, (quantity, operator) in _TRIPS.items():
        beginning = f"End step if {words} "
        if line.startswith(beginning):
            level = amount(line.removeprefix(beginning), _OF_QUANTITY[quantity])
            if step.control == "cccv" or quantity not in ("Hold time", "Current"):
                return StepEnd(quantity, operator, level)
    raise Unreadable(f"no public file shows {line!r} in this type of step")
