"""Reading the protocol text that Novonix software of version 3 prints into its data files."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan import END, Exit, Level, Limit, Mark, Recording, Step
from ionworks.ucp.cyclers.plan.nodes import Comparison, Direction, Unit
from ionworks.ucp.cyclers.read.plan_builder import Loop, PlanBuilder, ReadFile
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable

Rule: TypeAlias = tuple[str, Comparison, Level]
"""What a limit watches, on which side, and where it lies."""

TITLE: Final = "Novonix protocol"
_STEPS: Final = {
    "Open circuit storage": "End storage",
    "Constant current charge": "End charge",
    "Constant current discharge": "End discharge",
    "CC-CV charge": "End CCCV charge",
}
_LISTS: Final = ("Trip conditions", "Save conditions", "Operating limits", "Emergency limits")
_AMOUNT: Final = re.compile(r"(-?[\d.]+) (\w+)")
_FACTORS: Final[dict[str, tuple[Unit, float]]] = {
    "V": ("V", 1),
    "A": ("A", 1),
    "Ah": ("Ah", 1),
    "C": ("degC", 1),
    "h": ("s", 3600),
    "hours": ("s", 3600),
    "minutes": ("s", 60),
    "seconds": ("s", 1),
}
_TRIPS: Final = {
    "step time is longer than": ("Time", ">"),
    "total step time is greater than": ("Time", ">"),
    "hold time is greater than": ("Hold time", ">"),
    "absolute current is less than": ("Current", "<"),
    "step capacity is greater than": ("Capacity", ">"),
    "voltage is less than": ("Voltage", "<"),
}
_PARAMETERS: Final[dict[str, Unit]] = {"current": "A", "voltage": "V", "time": "s"}
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
_OLD_STEP: Final = re.compile(r"\[\d+: \w|\[\d+: ?[A-Z]")


def read(content: bytes, assets: Mapping[str, bytes]) -> ReadFile:
    """Read a protocol text, by itself or in the head of a data file.

    Parameters
    ----------
    content : bytes
        Text in UTF-8.
    assets : mapping
        Not needed.

    Raises
    ------
    UCPError
        If it is of version 2, or holds what UCP cannot say; all such steps are named.
    """
    del assets
    lines = [
        line.strip().strip('"').strip()
        for line in content.decode("utf-8-sig", "replace").splitlines()
    ]
    lines = [line for line in lines if line]
    if "[Protocol]" in lines:
        lines = lines[lines.index("[Protocol]") + 1 :]
    if "[End Protocol]" in lines:
        lines = lines[: lines.index("[End Protocol]")]
    refusals = Refusals(TITLE)
    _refuse_version_2(lines, refusals)
    reader = _Reader(PlanBuilder(refusals), lines)
    reader.all()
    return ReadFile(reader.builder.plan(), notes=tuple(dict.fromkeys(reader.notes)))


def _refuse_version_2(lines: list[str], refusals: Refusals) -> None:
    old = [line for line in lines if _OLD_STEP.match(line)]
    limits = [line for line in lines if line.startswith("[StepLimits")]
    for line in dict.fromkeys(limits):
        refusals.add(line.strip("[]"), "nothing tells which limits the numbers of StepLimits are")
    if old and not limits:
        refusals.add(old[0].strip("[]"), "steps of version 2 are not read")
    refusals.raise_any()


@define
class _Reader:
    builder: PlanBuilder
    lines: list[str]
    place: int = 0
    number: int = 0
    watched: list[Rule] = Factory(list)
    common: list[Rule] = Factory(list)
    notes: list[str] = Factory(list)

    def all(self) -> None:
        """Read limits and steps."""
        while self.place < len(self.lines):
            line = self._next()
            if not line.startswith("["):
                # The heading: name, version and date.
                continue
            if line == "[Protocol operating limits]":
                self._guarded("operating limits", lambda: self._protocol_limits(operating=True))
            elif line == "[Protocol emergency limits]":
                self._guarded("emergency limits", lambda: self._protocol_limits(operating=False))
            else:
                self._item(line)

    def _next(self) -> str:
        if self.place >= len(self.lines):
            raise Unreadable("the text ends in the middle of a step")
        self.place += 1
        return self.lines[self.place - 1]

    def _guarded(self, place: str, read: Callable[[], None]) -> None:
        try:
            read()
        except Unreadable as reason:
            self.builder.refusals.add(place, str(reason))

    def _item(self, line: str) -> None:
        name = line.strip("[]")
        self.number += 1
        place = f"step {self.number} ({name})"
        self.builder.steps[self.number] = None
        if name == "Increment the cycle counter":
            self.builder.steps[self.number] = Mark("Advance cycle", place)
            self._guarded(place, lambda: self._expect("[End increment]"))
        elif name == "Repeat the step(s) below":
            self._guarded(place, self._repeat)
        elif name in _STEPS:
            self._guarded(place, lambda: self._step(name, place))
        else:
            self.builder.refusals.add(place, "this kind of step has no counterpart")

    def _expect(self, wanted: str) -> None:
        line = self._next()
        if line != wanted:
            raise Unreadable(f"{wanted} is missing; there is {line}")

    def _repeat(self) -> None:
        count = self._count("Repeat count")
        children = self._count("Step count")
        start = self.number + 1
        found = 0
        while True:
            line = self._next()
            if line == "[End repeat]":
                break
            self._item(line)
            found += 1
        if found != children:
            raise Unreadable(f"it says that it has {children} steps, but has {found}")
        self.number += 1
        self.builder.steps[self.number] = None
        self.builder.loops.append(Loop(start, self.number, count))

    def _count(self, name: str) -> int:
        line = self._next().strip("[]")
        text = line.removeprefix(f"{name} ")
        if text == line or not (text.isascii() and text.isdecimal()) or len(text) > 9:
            raise Unreadable(f"{name} is missing; there is {line!r}")
        return int(text)

    def _step(self, name: str, place: str) -> None:
        parameters: dict[str, Level] = {}
        lists: dict[str, list[str]] = {}
        while True:
            line = self._next().strip("[]")
            if line == _STEPS[name]:
                break
            if line in _LISTS:
                lists[line] = self._list(line)
                continue
            key, _, amount = line.partition(" ")
            parameters[key] = _amount(amount, _PARAMETERS.get(key.rpartition("_")[2]))
        step = _what(name, parameters)
        exits = [*step.exits, *(_trip(step, line) for line in lists.get("Trip conditions", []))]
        watched = [rule for line in lists.get("Operating limits", []) for rule in _rules(line)]
        for line in lists.get("Emergency limits", []):
            for rule in _rules(line):
                self._behind(rule, line, [*watched, *self.watched])
        exits += [
            leave
            for rule in (*watched, *self.common)
            for leave in _stops(rule, step)
            if leave not in exits
        ]
        self.builder.steps[self.number] = attrs.evolve(
            step,
            exits=tuple(exits),
            recording=self._recording(lists.get("Save conditions", [])),
            name=f"Step {self.number}",
            path=place,
            title=place,
        )

    def _list(self, name: str) -> list[str]:
        """Return the numbered lines of a list, without their numbers."""
        found: list[str] = []
        while True:
            line = self._next().strip("[]")
            if line.lower() == f"end {name.lower()}":
                return found
            number, _, text = line.partition(" ")
            if not number.isdecimal():
                raise Unreadable(f"{line!r} is no line of {name}")
            found.append(text)

    def _recording(self, lines: list[str]) -> Recording:
        rules: dict[str, float] = {}
        for line in lines:
            match = re.fullmatch(r"Save data if [\u2206\u0394](\w) is greater than (.+)", line)
            names: dict[str, tuple[str, Unit]] = {"T": ("time", "s"), "V": ("voltage", "V")}
            if match is None or match.group(1) not in names:
                raise Unreadable(f"{line!r} has no counterpart")
            name, unit = names[match.group(1)]
            amount = _amount(match.group(2), unit).value
            rules[name] = min(rules.get(name, amount), amount)
        return Recording(**rules)

    def _protocol_limits(self, *, operating: bool) -> None:
        """Read the limits of the whole protocol; those of the emergency are behind the others."""
        name = "protocol operating limits" if operating else "protocol emergency limits"
        for line in self._list(name):
            for rule in _rules(line):
                if operating:
                    self._protocol_limit(rule)
                else:
                    self._behind(rule, line, self.watched)

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

    def _behind(self, rule: Rule, line: str, watched: list[Rule]) -> None:
        """Refuse a limit of the emergency that is reached before that of the channel."""
        quantity, operator, level = rule
        if (quantity, operator) == ("current", "<"):
            return
        sign = -1 if operator == "<" else 1
        before = [
            other.value for kind, side, other in watched if (kind, side) == (quantity, operator)
        ]
        if not any(sign * value <= sign * level.value for value in before):
            raise Unreadable(f"{line!r} stops more than a channel, and no channel stops before")
        self.notes.append("limits that raise the alarm are behind those of the channel")


def _rules(line: str) -> list[Rule]:
    """Return the rules of a line of limits."""
    beginning = next((words for words in _LIMIT_WORDS if line.startswith(words)), None)
    if beginning is None:
        raise Unreadable(f"{line!r} has no counterpart")
    rules: list[Rule] = []
    for text in line.removeprefix(beginning).split(" or if "):
        match = re.fullmatch(r"([a-z ]+) ([<>]) (.+)", text)
        if match is None or f"{match.group(1)} {match.group(2)}" not in _LIMIT_KINDS:
            raise Unreadable(f"{text!r} has no counterpart")
        level = _amount(match.group(3), _OF_LIMIT[match.group(1)])
        if (match.group(1), match.group(2)) == ("current", "<") and level.value != 0:
            raise Unreadable(f"{text!r}, a smallest current, has no counterpart")
        rules.append((match.group(1), "<" if match.group(2) == "<" else ">", level))
    return rules


def _stops(rule: Rule, step: Step) -> list[Exit]:
    """Return a limit of the channel as exits of a step that end the test."""
    quantity, operator, level = rule
    names = {"voltage": "Voltage", "temperature": "Temperature", "step time": "Time"}
    names |= {"step capacity": "Capacity", "current": "Current"}
    idle = step.control == "rest" and quantity in ("step capacity", "current")
    if idle or (quantity, operator) == ("current", "<"):
        return []
    return [Exit(names[quantity], operator, level, END)]


def _amount(text: str, wanted: Unit | None) -> Level:
    """Return an amount in the base unit of its quantity."""
    text = text.strip()
    match = _AMOUNT.fullmatch(text)
    if match is None or _FACTORS.get(match.group(2), ("", 0))[0] != wanted:
        raise Unreadable(f"{text!r} is no amount with the unit it should have")
    try:
        value = float(match.group(1))
    except ValueError:
        raise Unreadable(f"{text!r} is no amount") from None
    if not math.isfinite(value):
        raise Unreadable(f"{text!r} is no amount")
    unit, factor = _FACTORS[match.group(2)]
    return Level(value * factor, unit)


def _what(name: str, parameters: Mapping[str, Level]) -> Step:
    """Return what a step holds, and the end that belongs to it."""

    def parameter(key: str) -> Level:
        if key not in parameters:
            raise Unreadable(f"its {key} is missing")
        return parameters[key]

    if name == "Open circuit storage":
        return Step("rest", exits=(Exit("Time", ">", parameter("Storage_time")),))
    if name == "CC-CV charge":
        voltage = parameter("Charge_voltage").value
        return Step("cccv", "charge", parameter("Maximum_current"), voltage)
    word = name.rpartition(" ")[2].capitalize()
    direction: Direction = "charge" if word == "Charge" else "discharge"
    operator = ">" if direction == "charge" else "<"
    turn = Exit("Voltage", ">" if operator == ">" else "<", parameter(f"{word}_voltage"))
    return Step("current", direction, parameter(f"{word}_current"), exits=(turn,))


def _trip(step: Step, line: str) -> Exit:
    condition = line.removeprefix("End step if ")
    for words, (quantity, operator) in _TRIPS.items():
        if condition.startswith(f"{words} "):
            level = _amount(condition.removeprefix(words), _OF_QUANTITY[quantity])
            fits = (step.control == "cccv") or quantity not in ("Hold time", "Current")
            if fits:
                return Exit(quantity, ">" if operator == ">" else "<", level)
    raise Unreadable(f"{line!r} has no counterpart")
