"""Reading the protocol text that Novonix software of version 3 prints into its data files."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_TRIPS: Final[dict[str, tuple[str, Comparison]]] = {
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


def read(content: bytes, _assets: Mapping[str, bytes]) -> ReadFile:
    """Read a protocol text, alone or in the head of a data file.

    Parameters
    ----------
    content : bytes
        Text in UTF-8.

    Raises
    ------
    UCPError
        If it is of version 2, or has steps that UCP cannot express; all of them are listed.
    """
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
    return reader.builder.read_file()


def _refuse_version_2(lines: list[str], refusals: Refusals) -> None:
    old = [line for line in lines if _OLD_STEP.match(line)]
    limits = [line for line in lines if line.startswith("[StepLimits")]
    for line in dict.fromkeys(limits):
        refusals.add(line.strip("[]"), "the meaning of the numbers of StepLimits is not documented")
    if old and not limits:
        refusals.add(old[0].strip("[]"), "steps of version 2 cannot be read")
    refusals.raise_any()


@define
class _Reader:
    builder: PlanBuilder
    lines: list[str]
    place: int = 0
    number: int = 0
    watched: list[Rule] = Factory(list)
    common: list[Rule] = Factory(list)

    def all(self) -> None:
        """Read limits and steps."""
        while self.place < len(self.lines):
            line = self._next()
            if not line.startswith("["):
                # The head of the file: name, version and date.
                continue
            if line == "[Protocol operating limits]":
                with self.builder.refusing("operating limits"):
                    self._protocol_limits(operating=True)
            elif line == "[Protocol emergency limits]":
                with self.builder.refusing("emergency limits"):
                    self._protocol_limits(operating=False)
            else:
                self._item(line)

    def _next(self) -> str:
        if self.place >= len(self.lines):
            raise Unreadable("the text ends in the middle of a step")
        self.place += 1
        return self.lines[self.place - 1]

    def _item(self, line: str) -> None:
        name = line.strip("[]")
        self.number += 1
        place = f"step {self.number} ({name})"
        self.builder.steps[self.number] = None
        with self.builder.refusing(place):
            if name == "Increment the cycle counter":
                self.builder.steps[self.number] = Mark("Advance cycle", place)
                self._expect("[End increment]")
            elif name == "Repeat the step(s) below":
                self._repeat()
            elif name in _STEPS:
                self._step(name, place)
            else:
                raise Unreadable("UCP has no such type of step")

    def _expect(self, wanted: str) -> None:
        line = self._next()
        if line != wanted:
            raise Unreadable(f"expected {wanted}, found {line}")

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
            raise Unreadable(f"its step count is {children}, but it has {found} steps")
        self.number += 1
        self.builder.steps[self.number] = None
        self.builder.loops.append(Loop(start, self.number, count))

    def _count(self, name: str) -> int:
        line = self._next().strip("[]")
        text = line.removeprefix(f"{name} ")
        if text == line:
            raise Unreadable(f"expected {name}, found {line!r}")
        return whole(text, name)

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
        step = _held(name, parameters)
        ends = [*step.ends, *(_trip(step, line) for line in lists.get("Trip conditions", []))]
        watched = [rule for line in lists.get("Operating limits", []) for rule in _rules(line)]
        for line in lists.get("Emergency limits", []):
            for rule in _rules(line):
                self._check_emergency(rule, line, [*watched, *self.watched])
        ends += [
            end
            for rule in (*watched, *self.common)
            for end in _stops(rule, step)
            if end not in ends
        ]
        self.builder.steps[self.number] = attrs.evolve(
            step,
            ends=tuple(ends),
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
                raise Unreadable(f"{line!r} is not a line of {name}")
            found.append(text)

    def _recording(self, lines: list[str]) -> Recording:
        rules: dict[str, float] = {}
        for line in lines:
            match = re.fullmatch(r"Save data if [\u2206\u0394](\w) is greater than (.+)", line)
            names: dict[str, tuple[str, Unit]] = {"T": ("time", "s"), "V": ("voltage", "V")}
            if match is None or match.group(1) not in names:
                raise Unreadable(f"UCP has no resolution {line!r}")
            name, unit = names[match.group(1)]
            amount = _amount(match.group(2), unit).value
            rules[name] = min(rules.get(name, amount), amount)
        return Recording(**rules)

    def _protocol_limits(self, *, operating: bool) -> None:
        """Read the operating or emergency limits of the whole protocol."""
        name = "protocol operating limits" if operating else "protocol emergency limits"
        for line in self._list(name):
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


def _rules(line: str) -> list[Rule]:
    """Return the rules of a line of limits."""
    beginning = next((words for words in _LIMIT_WORDS if line.startswith(words)), None)
    if beginning is None:
        raise Unreadable(f"UCP has no limit {line!r}")
    rules: list[Rule] = []
    for text in line.removeprefix(beginning).split(" or if "):
        match = re.fullmatch(r"([a-z ]+) ([<>]) (.+)", text)
        if match is None or f"{match.group(1)} {match.group(2)}" not in _LIMIT_KINDS:
            raise Unreadable(f"UCP has no limit {text!r}")
        level = _amount(match.group(3), _OF_LIMIT[match.group(1)])
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


def _amount(text: str, wanted: Unit | None) -> Level:
    """Return an amount in the base unit of its quantity."""
    text = text.strip()
    match = _AMOUNT.fullmatch(text)
    if match is None or _FACTORS.get(match.group(2), ("", 0))[0] != wanted:
        raise Unreadable(f"{text!r} must be a number with a unit of {wanted or 'its quantity'}")
    unit, factor = _FACTORS[match.group(2)]
    return Level(finite(match.group(1)) * factor, unit)


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
    condition = line.removeprefix("End step if ")
    for words, (quantity, operator) in _TRIPS.items():
        if condition.startswith(f"{words} "):
            level = _amount(condition.removeprefix(words), _OF_QUANTITY[quantity])
            fits = (step.control == "cccv") or quantity not in ("Hold time", "Current")
            if fits:
                return StepEnd(quantity, operator, level)
    raise Unreadable(f"UCP has no end {line!r} for this type of step")
