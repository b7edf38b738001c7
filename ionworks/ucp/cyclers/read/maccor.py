"""Reading Maccor procedures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Comparison,
    Direction,
    Level,
    Limit,
    LoopStart,
    Mark,
    Recording,
    Step,
    StepEnd,
    Unit,
    Waveform,
)
from ionworks.ucp.cyclers.read.maccor_waveform import read_waveform
from ionworks.ucp.cyclers.read.numbers import finite, whole
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
        Its waveforms, by file name.

    Raises
    ------
    UCPError
        If it is not a procedure, or has steps that UCP cannot express; all of them are listed.
    """
    root = read_xml(content)
    refusals = Refusals(TITLE)
    steps = root.find("ProcSteps")
    if root.tag != "MaccorTestProcedure" or steps is None:
        refusals.add("the file", "it has no element MaccorTestProcedure with ProcSteps")
    refusals.raise_any()
    reader = _Reader(PlanBuilder(refusals), {name.lower(): data for name, data in assets.items()})
    for number, step in enumerate(steps if steps is not None else (), 1):
        reader.step(number, step)
    for label, number in reader.open:
        refusals.add(f"step {number:03d} (Do {label})", "its loop has no end")
    reader.close_loops()
    return reader.builder.read_file()


@define
class _Reader:
    builder: PlanBuilder
    assets: Mapping[str, bytes]
    open: list[tuple[str, int]] = Factory(list)
    targets: dict[Loop, int] = Factory(dict)

    def step(self, number: int, node: Element) -> None:
        kind = _text(node, "StepType")
        with self.builder.refusing(f"step {number:03d} ({kind})", number):
            self._step(number, kind, node)

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
            raise Unreadable("UCP has no such type of step")

    def _loop(self, number: int, label: str, node: Element) -> None:
        if not self.open or self.open[-1][0] != label:
            raise Unreadable(f"it does not end the last open loop, which is not Do {label}")
        _, start = self.open.pop()
        entries = list(node.iterfind("Ends/EndEntry"))
        if len(entries) != 1 or _text(entries[0], "EndType") != "Loop Cnt":
            raise Unreadable("a loop can only end on its loop count")
        if (_text(entries[0], "Oper"), _text(entries[0], "SpecialType")) != ("=", ""):
            raise Unreadable("its loop count is not compared with '='")
        count = whole(_text(entries[0], "Value"))
        target = whole(_text(entries[0], "Step"))
        self.targets[Loop(start, number, count, opens=True)] = target

    def close_loops(self) -> None:
        """Add the loops, once all steps are read and it is known which of them end the test."""
        for loop, target in self.targets.items():
            ends_test = self.builder.steps.get(target) == _MARKS["End"]
            if target != loop.end + 1 and not ends_test:
                place = f"step {loop.end:03d}"
                reason = f"its loop leads to step {target:03d}, not to the next step"
                self.builder.refusals.add(place, reason)
            self.builder.loops.append(attrs.evolve(loop, ends_test=ends_test))

    def _waveform(self, number: int, node: Element) -> Step:
        if node.find("Ends/EndEntry") is not None:
            raise Unreadable("UCP has no waveforms with ends")
        name = _text(node, "StepValue")
        title = f"step {number:03d} (FastWave)"
        content = self.assets.get(f"{name}.mwf".lower())
        if content is None:
            note = f"the samples of {name} are in {name}.MWF, as currents (I) or powers (P)"
            self.builder.notes.append(note)
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
        step = _held(kind, _text(node, "StepMode"), node)
        ends: list[StepEnd] = []
        for entry in node.iterfind("Ends/EndEntry"):
            end = _end(entry)
            if _text(entry, "ChanSafetyEnd") == "True":
                self._limit(number, end)
            else:
                ends.append(end)
        if not ends:
            raise Unreadable("it has no end")
        return attrs.evolve(
            step,
            ends=tuple(ends),
            recording=self._recording(node),
            name=f"Step {number}",
            note=_text(node, "StepNote") or None,
            title=title,
        )

    def _limit(self, number: int, end: StepEnd) -> None:
        if number != 1:
            raise Unreadable("safety limits of the channel are only read from the first step")
        keys = _LIMITS.get((end.quantity, end.operator))
        if keys is None or end.level.unit == "C":
            raise Unreadable(f"UCP has no safety limit {end}")
        target = END_TEST if end.target is None else end.target
        self.builder.safety.extend(Limit(key, end.level.value, target) for key in keys)

    def _recording(self, node: Element) -> Recording:
        rules: dict[str, float] = {}
        for kind, value in _reports(node):
            if kind not in _REPORTS:
                raise Unreadable(f"UCP has no resolution for the report {kind} {value}")
            if value.endswith("C"):
                self.builder.notes.append(
                    f"the report on a change of current of {value}, a C-rate, was left out"
                )
                continue
            amount = clock_seconds(value) if kind == "StepTime" else finite(value)
            name = _REPORTS[kind]
            rules[name] = min(rules.get(name, amount), amount)
        return Recording(**rules)


def _text(node: Element, tag: str) -> str:
    """Return the text of a child without its padding."""
    return (node.findtext(tag) or "").strip()


def _held(kind: str, mode: str, node: Element) -> Step:
    """Return a step with its control and set point, without ends."""
    value = _text(node, "StepValue")
    limits = list(node.iterfind("Limits/*"))
    if kind == "Rest":
        if mode or value or limits:
            raise Unreadable("a rest must not have a mode, a value or limits")
        return Step("rest")
    direction = _DIRECTIONS[kind]
    limit = limits[0] if len(limits) == 1 else None
    limit_text = "" if limit is None else (limit.text or "").strip()
    match mode, "" if limit is None else limit.tag:
        case "Current", "" if not limits:
            return Step("current", direction, _current(value))
        case "Current", "Voltage":
            return Step("cccv", direction, _current(value), finite(limit_text))
        case "Voltage", "Current":
            # A constant voltage with a current limit is a constant current up to that voltage,
            # followed by the voltage.
            return Step("cccv", direction, _current(limit_text), finite(value))
        case "Voltage", "" if not limits:
            return Step("voltage", direction, Level(finite(value), "V"))
        case "Power", "" if not limits:
            return Step("power", direction, Level(finite(value), "W"))
    names = ", ".join(child.tag for child in limits) or "none"
    raise Unreadable(f"UCP has no mode {mode or 'blank'!r} with the limits: {names}")


def _current(text: str) -> Level:
    """Return a current in A or, if it ends in ``C``, as a C-rate."""
    unit: Unit = "C" if text.endswith("C") else "A"
    value = finite(text.removesuffix("C"))
    if value <= 0:
        raise Unreadable(f"its current of {text} is not above 0")
    return Level(value, unit)


def _end(entry: Element) -> StepEnd:
    kind, operator = _text(entry, "EndType"), _text(entry, "Oper")
    value, target = _text(entry, "Value"), whole(_text(entry, "Step"))
    if _text(entry, "SpecialType"):
        raise Unreadable(f"the end {kind} of type {_text(entry, 'SpecialType')} is unknown")
    if kind == "StepTime" and operator == "=":
        return StepEnd("Time", ">", Level(clock_seconds(value), "s"), target)
    if operator not in _OPERATORS:
        raise Unreadable(f"the end {kind} {operator} {value} is unknown")
    comparison = _OPERATORS[operator]
    if kind == "Voltage":
        return StepEnd("Voltage", comparison, Level(finite(value), "V"), target)
    unit: Unit
    if kind == "Current":
        unit = "C" if value.endswith("C") else "A"
        return StepEnd("Current", comparison, Level(finite(value.removesuffix("C")), unit), target)
    if kind == "Amp Hour" and comparison == ">":
        # BG_EIS.000 of the project battetl discharges 0.5C from full to a note "50% SoC".
        unit = "Q_NOM" if value.endswith("C") else "Ah"
        return StepEnd("Capacity", ">", Level(finite(value.removesuffix("C")), unit), target)
    if kind == "Themocpl" and comparison == ">" and value.startswith("1/"):
        return StepEnd("Temperature", ">", Level(finite(value[2:]), "degC"), target)
    raise Unreadable(f"UCP has no end {kind} {operator} {value}")


def clock_seconds(text: str) -> float:
    """Return the seconds of ``HH:MM:SS`` or ``::.01``."""
    parts = text.split(":")
    if len(parts) != 3:
        raise Unreadable(f"{text!r} is not a time")
    hours, minutes, seconds = (finite(part) if part.strip() else 0.0 for part in parts)
    return hours * 3600 + minutes * 60 + seconds


def _reports(node: Element) -> Iterator[tuple[str, str]]:
    for entry in node.iterfind("Reports/ReportEntry"):
        yield _text(entry, "ReportType"), _text(entry, "Value")
