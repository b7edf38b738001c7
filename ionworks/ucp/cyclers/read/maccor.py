"""Reading Maccor procedures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan import (
    END,
    Exit,
    Level,
    Limit,
    LoopStart,
    Mark,
    Recording,
    Step,
    Waveform,
)
from ionworks.ucp.cyclers.plan.nodes import Comparison, Direction, Unit
from ionworks.ucp.cyclers.read.maccor_waveform import read_waveform
from ionworks.ucp.cyclers.read.plan_builder import Loop, PlanBuilder, ReadFile
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable
from ionworks.ucp.cyclers.read.safe_xml import read_xml

TITLE: Final = "Maccor procedure"
_DIRECTIONS: Final[dict[str, Direction]] = {"Charge": "charge", "Dischrge": "discharge"}
_MARKS: Final[dict[str, Mark]] = {
    "AdvCycle": Mark("Advance cycle"),
    "Pause": Mark("Pause"),
    "End": Mark("End"),
}
_OPERATORS: Final[dict[str, Comparison]] = {">=": ">", "<=": "<"}
_REPORTS: Final = {"StepTime": "time", "Voltage": "voltage", "Current": "current"}
_LIMITS: Final = {
    ("Voltage", ">"): ("voltage_max",),
    ("Voltage", "<"): ("voltage_min",),
    ("Temperature", ">"): ("temperature_max",),
    ("Current", ">"): ("charge_current_max", "discharge_current_max"),
}


def read(content: bytes, assets: Mapping[str, bytes]) -> ReadFile:
    """Read a procedure.

    Parameters
    ----------
    content : bytes
        XML.
    assets : mapping of str to bytes
        Its waveforms, by name of the file.

    Raises
    ------
    UCPError
        If it is no procedure, or holds what UCP cannot say; all such steps are named.
    """
    root = read_xml(content)
    refusals = Refusals(TITLE)
    steps = root.find("ProcSteps")
    if root.tag != "MaccorTestProcedure" or steps is None:
        refusals.add("the file", "it has no MaccorTestProcedure with ProcSteps")
    refusals.raise_any()
    reader = _Reader(PlanBuilder(refusals), {name.lower(): data for name, data in assets.items()})
    for number, step in enumerate(steps if steps is not None else (), 1):
        reader.step(number, step)
    for label, number in reader.open:
        refusals.add(f"step {number:03d} (Do {label})", "the loop has no end")
    reader.close_loops()
    return ReadFile(reader.builder.plan(), notes=tuple(dict.fromkeys(reader.notes)))


@define
class _Reader:
    builder: PlanBuilder
    assets: Mapping[str, bytes]
    notes: list[str] = Factory(list)
    open: list[tuple[str, int]] = Factory(list)
    targets: dict[Loop, int] = Factory(dict)

    def step(self, number: int, node: Element) -> None:
        kind = _text(node, "StepType")
        try:
            self._step(number, kind, node)
        except Unreadable as reason:
            self.builder.refusals.add(f"step {number:03d} ({kind})", str(reason))
            self.builder.steps.setdefault(number, Mark("Pause"))

    def _step(self, number: int, kind: str, node: Element) -> None:
        word, _, label = kind.partition(" ")
        if kind in _MARKS:
            self.builder.steps[number] = attrs.evolve(_MARKS[kind], path=f"step {number:03d}")
        elif word == "Do":
            self.open.append((label, number))
            name = f"Loop {number}"
            self.builder.steps[number] = LoopStart(name, _text(node, "StepNote") or None)
        elif word == "Loop":
            self.builder.steps[number] = None
            self._loop(number, label, node)
        elif kind == "FastWave":
            self.builder.steps[number] = self._waveform(number, node)
        elif kind == "Rest" or kind in _DIRECTIONS:
            self.builder.steps[number] = self._active(number, kind, node)
        else:
            raise Unreadable("this type of step has no counterpart")

    def _loop(self, number: int, label: str, node: Element) -> None:
        if not self.open or self.open[-1][0] != label:
            raise Unreadable(f"it does not end the loop that was begun last, of Do {label}")
        _, start = self.open.pop()
        entries = list(node.iterfind("Ends/EndEntry"))
        if len(entries) != 1 or _text(entries[0], "EndType") != "Loop Cnt":
            raise Unreadable("it ends on something else than its count of passes")
        if (_text(entries[0], "Oper"), _text(entries[0], "SpecialType")) != ("=", ""):
            raise Unreadable("its count of passes is compared in an unknown way")
        count = _whole(_text(entries[0], "Value"))
        target = _whole(_text(entries[0], "Step"))
        self.targets[Loop(start, number, count, opens=True)] = target

    def close_loops(self) -> None:
        """Take the loops over, once it is known where the test ends."""
        for loop, target in self.targets.items():
            ends_test = self.builder.steps.get(target) == _MARKS["End"]
            if target != loop.end + 1 and not ends_test:
                place = f"step {loop.end:03d}"
                reason = f"its loop leads to step {target:03d}, not to the next one"
                self.builder.refusals.add(place, reason)
            self.builder.loops.append(attrs.evolve(loop, ends_test=ends_test))

    def _waveform(self, number: int, node: Element) -> Step:
        if node.find("Ends/EndEntry") is not None:
            raise Unreadable("a waveform with ends of its own has no counterpart")
        name = _text(node, "StepValue")
        title = f"step {number:03d} (FastWave)"
        content = self.assets.get(f"{name}.mwf".lower())
        if content is None:
            note = f"the samples of {name} are in {name}.MWF; it tells currents (I) or powers (P)"
            self.notes.append(note)
            return Step("waveform", waveform=Waveform(name, "A"), note=note, title=title)
        limits = {limit.key: limit.value for limit in self.builder.safety}
        waveform, recording = read_waveform(name, content, limits)
        return Step(
            "waveform",
            waveform=waveform,
            recording=recording,
            note=_text(node, "StepNote") or None,
            title=title,
        )

    def _active(self, number: int, kind: str, node: Element) -> Step:
        title = f"step {number:03d} ({kind})"
        step = _what(kind, _text(node, "StepMode"), node)
        exits: list[Exit] = []
        for entry in node.iterfind("Ends/EndEntry"):
            leave = _exit(entry)
            if _text(entry, "ChanSafetyEnd") == "True":
                self._limit(number, leave)
            else:
                exits.append(leave)
        if not exits:
            raise Unreadable("nothing ends it")
        return attrs.evolve(
            step,
            exits=tuple(exits),
            recording=self._recording(node),
            name=f"Step {number}",
            note=_text(node, "StepNote") or None,
            title=title,
        )

    def _limit(self, number: int, leave: Exit) -> None:
        if number != 1:
            raise Unreadable("a safety limit of the channel stands behind the first step")
        keys = _LIMITS.get((leave.quantity, leave.operator))
        if keys is None or leave.level.unit == "C":
            raise Unreadable(f"the safety limit {leave} has no counterpart")
        target = END if leave.target is None else leave.target
        self.builder.safety.extend(Limit(key, leave.level.value, target) for key in keys)

    def _recording(self, node: Element) -> Recording:
        rules: dict[str, float] = {}
        for kind, value in _reports(node):
            if kind not in _REPORTS:
                raise Unreadable(f"the report {kind} {value} has no counterpart")
            if value.endswith("C"):
                self.notes.append(f"points are not saved by a change of current of {value}")
                continue
            amount = clock_seconds(value) if kind == "StepTime" else _number(value)
            name = _REPORTS[kind]
            rules[name] = min(rules.get(name, amount), amount)
        return Recording(**rules)


def _text(node: Element, tag: str) -> str:
    """Return the text of a child without the blanks that pad it."""
    return (node.findtext(tag) or "").strip()


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Unreadable(f"{text!r} is no number") from None
    if not math.isfinite(value):
        raise Unreadable(f"{text!r} is no number")
    return value


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise Unreadable(f"{text!r} is no whole number")
    return int(text)


def _what(kind: str, mode: str, node: Element) -> Step:
    """Return what a step holds."""
    value = _text(node, "StepValue")
    limits = list(node.iterfind("Limits/*"))
    if kind == "Rest":
        if mode or value or limits:
            raise Unreadable("a rest with a mode, a value or limits has no counterpart")
        return Step("rest")
    direction = _DIRECTIONS[kind]
    limit = limits[0] if len(limits) == 1 else None
    limit_text = "" if limit is None else (limit.text or "").strip()
    match mode, "" if limit is None else limit.tag:
        case "Current", "" if not limits:
            return Step("current", direction, _current(value))
        case "Current", "Voltage":
            return Step("cccv", direction, _current(value), _number(limit_text))
        case "Voltage", "Current":
            # A voltage that is held with no more than a current is the same as that current
            # up to the voltage.
            return Step("cccv", direction, _current(limit_text), _number(value))
        case "Voltage", "" if not limits:
            return Step("voltage", direction, Level(_number(value), "V"))
        case "Power", "" if not limits:
            return Step("power", direction, Level(_number(value), "W"))
    names = ", ".join(child.tag for child in limits) or "none"
    raise Unreadable(f"the mode {mode or 'blank'!r} with limits ({names}) has no counterpart")


def _current(text: str) -> Level:
    """Return a current in A or, with a C behind it, in multiples of the nominal capacity."""
    unit: Unit = "C" if text.endswith("C") else "A"
    value = _number(text.removesuffix("C"))
    if value <= 0:
        raise Unreadable(f"a current of {text} has no direction")
    return Level(value, unit)


def _exit(entry: Element) -> Exit:
    kind, operator = _text(entry, "EndType"), _text(entry, "Oper")
    value, target = _text(entry, "Value"), _whole(_text(entry, "Step"))
    if _text(entry, "SpecialType"):
        raise Unreadable(f"the end {kind} of type {_text(entry, 'SpecialType')} is unknown")
    if kind == "StepTime" and operator == "=":
        return Exit("Time", ">", Level(clock_seconds(value), "s"), target)
    if operator not in _OPERATORS:
        raise Unreadable(f"the end {kind} {operator} {value} is unknown")
    comparison = _OPERATORS[operator]
    if kind == "Voltage":
        return Exit("Voltage", comparison, Level(_number(value), "V"), target)
    if kind == "Current":
        unit: Unit = "C" if value.endswith("C") else "A"
        return Exit("Current", comparison, Level(_number(value.removesuffix("C")), unit), target)
    if kind == "Amp Hour" and comparison == ">" and not value.endswith("C"):
        return Exit("Capacity", ">", Level(_number(value), "Ah"), target)
    if kind == "Themocpl" and comparison == ">" and value.startswith("1/"):
        return Exit("Temperature", ">", Level(_number(value[2:]), "degC"), target)
    raise Unreadable(f"the end {kind} {operator} {value} has no counterpart")


def clock_seconds(text: str) -> float:
    """Return the seconds of ``HH:MM:SS`` or ``::.01``."""
    parts = text.split(":")
    if len(parts) != 3:
        raise Unreadable(f"{text!r} is no time")
    hours, minutes, seconds = (_number(part) if part.strip() else 0.0 for part in parts)
    return hours * 3600 + minutes * 60 + seconds


def _reports(node: Element) -> Iterator[tuple[str, str]]:
    for entry in node.iterfind("Reports/ReportEntry"):
        yield _text(entry, "ReportType"), _text(entry, "Value")
