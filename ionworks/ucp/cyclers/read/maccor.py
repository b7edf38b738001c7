"""Reading Maccor procedures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan import (
    Comparison,
    Direction,
    Level,
    LoopStart,
    Mark,
    Recording,
    Step,
    StepEnd,
    Unit,
    Waveform,
)
from ionworks.ucp.cyclers.read.maccor_impedance import read_impedance
from ionworks.ucp.cyclers.read.maccor_limits import add_limits, limit_values
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
_FUNCTIONS: Final = frozenset({"Chg Func", "Dis Func"})
_FIELDS: Final = frozenset(
    ("StepType", "StepMode", "StepValue", "Limits", "Ends", "Reports", "Range", "StepNote")
)
_OPTIONS: Final = frozenset({"Option1", "Option2", "Option3", "Option4"})
_END_FIELDS: Final = frozenset({"EndType", "SpecialType", "Oper", "Step", "Value", "ChanSafetyEnd"})
_PARTS: Final = frozenset({"TestStep", "EndEntry", "ReportEntry"})
_VERSION: Final = "11"
"""Of the format; all public procedures have it."""
_OPERATORS: Final[dict[str, Comparison]] = {">=": ">", "<=": "<"}
_REPORTS: Final = {"StepTime": "time", "Voltage": "voltage", "Current": "current"}


def read(content: bytes, assets: Mapping[str, bytes]) -> ReadFile:
    """Read a procedure.

    Parameters
    ----------
    content : bytes
        XML.
    assets : mapping of str to bytes
        Its waveforms and settings of impedance sweeps, by file name.

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
    version = (root.findtext("header/FileFormatVersion/BTVersion") or "").strip()
    if version not in ("", _VERSION):
        refusals.add("the file", f"its format is version {version}; only {_VERSION} is known")
    nodes = [] if steps is None else list(steps)
    if not nodes or _text(nodes[-1], "StepType") != "End":
        refusals.add("the file", "its last step is not End, so it may have been cut off")
    texts = " ".join(node.findtext("StepValue") or "" for node in nodes)
    files = {name.lower(): data for name, data in assets.items()}
    reader = _Reader(PlanBuilder(refusals), files, texts)
    for number, node in enumerate(nodes, 1):
        reader.step(number, node)
    add_limits(reader.builder, reader.limits)
    for label, number in reader.open:
        refusals.add(f"step {number:03d} (Do {label})", "its loop has no end")
    reader.close_loops()
    return reader.builder.read_file()


@define
class _Reader:
    """Reads step by step.

    Attributes
    ----------
    builder : PlanBuilder
        Collects the steps.
    assets : mapping of str to bytes
        Side files by name in lower case.
    texts : str
        The values of all steps, to find out which variables are used.
    open : list of (str, int)
        Label and step of the loops that are not closed yet.
    notes : dict
        Of the starts of loops.
    targets : dict
        Where each loop leads to.
    limits : list of StepEnd
        Of the channel.
    """

    builder: PlanBuilder
    assets: Mapping[str, bytes]
    texts: str
    open: list[tuple[str, int]] = Factory(list)
    notes: dict[int, str | None] = Factory(dict)
    targets: dict[Loop, int] = Factory(dict)
    limits: list[StepEnd] = Factory(list)

    def step(self, number: int, node: Element) -> None:
        kind = _text(node, "StepType")
        place = f"step {number:03d} ({kind})"
        # Limits of the channel hold in every step, so the file cannot be offered without them.
        with self.builder.refusing(place):
            self._channel_limits(number, node)
        with self.builder.refusing(place, number):
            self._step(number, kind, node)

    def _step(self, number: int, kind: str, node: Element) -> None:
        _check_fields(node)
        word, _, label = kind.partition(" ")
        if kind in (*_MARKS, "FastWave", "FRA") or word in ("Do", "Loop"):
            _check_control_step(node, ends=word == "Loop")
        if kind in _MARKS:
            self.builder.steps[number] = attrs.evolve(_MARKS[kind], path=f"step {number:03d}")
        elif word == "Do":
            self.open.append((label, number))
            self.notes[number] = _text(node, "StepNote") or None
            self.builder.steps[number] = None
        elif word == "Loop":
            self.builder.steps[number] = None
            self._loop(number, label, node)
        elif kind == "FastWave":
            self.builder.steps[number] = self._waveform(number, node)
        elif kind == "FRA":
            self.builder.steps[number] = self._impedance(number, node)
        elif kind == "Rest" or kind in _DIRECTIONS:
            self.builder.steps[number] = self._active(number, kind, node)
        elif kind in _FUNCTIONS:
            raise Unreadable(
                f"its set point is a function, {_text(node, 'StepValue')}, which changes during "
                "the step; UCP computes a set point once, when the step starts"
            )
        else:
            raise Unreadable("this type of step is unknown")

    def _loop(self, number: int, label: str, node: Element) -> None:
        if not self.open or self.open[-1][0] != label:
            raise Unreadable(f"it ends Do {label}, which is not the last open loop")
        _, start = self.open.pop()
        entries = list(node.iterfind("Ends/EndEntry"))
        if len(entries) != 1 or _text(entries[0], "EndType") != "Loop Cnt":
            raise Unreadable("a loop can only end on its loop count")
        if (_text(entries[0], "Oper"), _text(entries[0], "SpecialType")) != ("=", ""):
            raise Unreadable("its loop count is not compared with '='")
        count = whole(_text(entries[0], "Value"))
        target = whole(_text(entries[0], "Step"))
        # A Do opens a loop only if its end was read.
        self.builder.steps[start] = LoopStart(f"Loop {start}", self.notes[start])
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
        name = _text(node, "StepValue")
        title = f"step {number:03d} (FastWave)"
        content = self.assets.get(f"{name}.mwf".lower())
        if content is None:
            note = f"the samples of {name} are in {name}.MWF, as currents (I) or powers (P)"
            self.builder.notes.append(note)
            return Step("waveform", waveform=Waveform(name, "A"), note=note, title=title)
        waveform, recording = read_waveform(name, content, limit_values(self.limits))
        return Step(
            "waveform",
            waveform=waveform,
            recording=recording,
            note=_text(node, "StepNote") or None,
            title=title,
        )

    def _impedance(self, number: int, node: Element) -> Step:
        name = _text(node, "StepValue")
        content = self.assets.get(f"{name}.fra".lower())
        if content is None:
            raise Unreadable(f"its settings are in {name}.FRA; pass that file in assets")
        impedance, left_out = read_impedance(name, content)
        self.builder.notes.append(left_out)
        note = _text(node, "StepNote") or None
        return Step("impedance", impedance=impedance, note=note, title=f"step {number:03d} (FRA)")

    def _active(self, number: int, kind: str, node: Element) -> Step:
        title = f"step {number:03d} ({kind})"
        step = _held(kind, _text(node, "StepMode"), node)
        ends = [_end(entry) for entry in _entries(node, of_channel=False)]
        if not ends:
            raise Unreadable("it has no end")
        _check_options(node)
        if _text(node, "Range") not in ("", "A"):
            self.builder.notes.append("the fixed current ranges of the steps were left out")
        return attrs.evolve(
            step,
            ends=tuple(ends),
            recording=self._recording(node),
            name=f"Step {number}",
            note=_text(node, "StepNote") or None,
            title=title,
        )

    def _channel_limits(self, number: int, node: Element) -> None:
        for entry in _entries(node, of_channel=True):
            if number != 1:
                raise Unreadable(
                    "public procedures set limits of the channel on the first step only"
                )
            self.limits.append(_end(entry))

    def _recording(self, node: Element) -> Recording:
        rules: dict[str, float] = {}
        for kind, value in _reports(node):
            if kind == "SetVar":
                self.builder.notes.append(self._unused_variable(value))
                continue
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

    def _unused_variable(self, text: str) -> str:
        """Return a note about a variable that is set, ``atEnd: VAR2=100``, but has no effect."""
        found = re.fullmatch(r"atEnd: (VAR\d+)=[-+.\d]+", text)
        if found is None:
            raise Unreadable(f"the report SetVar {text} is unknown")
        if re.search(rf"\b{found[1]}\b", self.texts):
            raise Unreadable(f"it sets {found[1]}, on which the set point of another step depends")
        return f"a variable that no step of the file uses was left out: {text}"


def _text(node: Element, tag: str) -> str:
    """Return the text of a child without its padding."""
    return (node.findtext(tag) or "").strip()


def _entries(node: Element, *, of_channel: bool) -> Iterator[Element]:
    """Yield the ends of a step, or the limits of the channel among them."""
    for entry in node.iterfind("Ends/EndEntry"):
        flag = _text(entry, "ChanSafetyEnd")
        if flag not in ("", "True"):
            raise Unreadable(f"an end has the unknown flag ChanSafetyEnd {flag}")
        if (flag == "True") == of_channel:
            yield entry


def _check_fields(node: Element) -> None:
    """Reject fields that no public procedure has, and several fields of one name."""
    ends, reports = list(node.iterfind("Ends/*")), list(node.iterfind("Reports/*"))
    unknown = {child.tag for child in node} - _FIELDS - _OPTIONS
    unknown |= {field.tag for entry in ends for field in entry} - _END_FIELDS
    unknown |= {field.tag for entry in reports for field in entry} - {"ReportType", "Value"}
    unknown |= {part.tag for part in (node, *ends, *reports)} - _PARTS
    if unknown:
        raise Unreadable(f"it has unknown fields: {', '.join(sorted(unknown))}")
    for part in (node, *ends, *reports):
        tags = [field.tag for field in part]
        if len(set(tags)) < len(tags):
            raise Unreadable(f"its {part.tag} has several fields of one name")


def _check_control_step(node: Element, *, ends: bool) -> None:
    """Reject what a loop, a mark, a waveform or a sweep does not have in public procedures."""
    given = [
        child.tag for child in node if child.tag in ("Limits", "Reports", "Ends") and len(child)
    ]
    if ends and "Ends" in given:
        given.remove("Ends")
    if _text(node, "StepMode"):
        given.append("StepMode")
    # The name of the file of a waveform or sweep.
    if _text(node, "StepValue") and _text(node, "StepType") not in ("FastWave", "FRA"):
        given.append("StepValue")
    if given:
        raise Unreadable(f"no public procedure shows {', '.join(given)} in this type of step")
    _check_options(node)


def _check_options(node: Element) -> None:
    for name in sorted(_OPTIONS):
        value = _text(node, name)
        if value not in ("", "N"):
            raise Unreadable(f"its {name} is {value}; what that does is not documented")


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
