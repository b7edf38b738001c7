"""Maccor procedures: XML, usually called ``.000``.

Layout, paddings and wording are those of procedures saved by build 1.5.7006, among them the files
``diagnosticV5.000`` and ``formation_061621.000`` of the project beep.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final
from xml.etree.ElementTree import Element

import attrs

from ionworks.ucp.export.capability import (
    DIRECTED,
    UNDIRECTED,
    Capability,
    problem,
    recording_rules,
)
from ionworks.ucp.export.decimals import ascii_text, plain
from ionworks.ucp.export.format import Format, Settings, Written
from ionworks.ucp.export.maccor_waveform import check_waveforms, waveform_files
from ionworks.ucp.export.markup import element, rendered
from ionworks.ucp.plan import (
    END,
    Exit,
    Instruction,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    in_currents,
    safety_exits,
)
from ionworks.ucp.plan.nodes import renumbered
from ionworks.ucp.problems import Problem

_MOST_STEPS: Final = 999
_SAFETY_REST: Final = 5.0
_BLANK: Final = " " * 8
_TYPES: Final = {"charge": " Charge ", "discharge": "Dischrge", None: "  Rest  "}
_MODES: Final = {
    "rest": _BLANK,
    "current": "Current ",
    "cccv": "Current ",
    "voltage": "Voltage ",
    "power": " Power  ",
}
_MARKS: Final = {"Advance cycle": "AdvCycle", "Pause": " Pause  "}
_ENDS: Final = {
    "Time": "StepTime",
    "Voltage": "Voltage ",
    "Current": "Current ",
    "Capacity": "Amp Hour",
    "Temperature": "Themocpl",
}
_OPERATORS: Final = {">": ">= ", "<": "<= "}
_REPORTS: Final = {"time": "StepTime", "voltage": "Voltage ", "current": "Current "}

_AT_REST: Final = frozenset({"Time >", "Voltage >", "Voltage <", "Temperature >"})
_LOADED: Final = _AT_REST | {"Current >", "Current <", "Capacity >"}


def _prepare(plan: Plan, settings: Settings) -> Plan:
    """Begin with a rest where there are safety limits, as procedures carry them on one."""
    plan = _with_waveforms_in_currents(plan, settings)
    if not plan.safety or _begins_with_rest(plan):
        return plan
    where = "the rest that carries the safety limits"
    rest = Step(
        "rest",
        exits=(Exit("Time", ">", Level(_SAFETY_REST, "s")),),
        recording=attrs.evolve(plan.recording, voltage=None, current=None),
        note="Safety limits",
        title=where,
        path="safety_limits",
    )
    places = {index: index + 1 for index in range(len(plan.instructions))}
    moved = renumbered(plan, places, plan.instructions)
    return attrs.evolve(moved, instructions=(rest, *moved.instructions))


def _begins_with_rest(plan: Plan) -> bool:
    first = plan.instructions[0] if plan.instructions else None
    return isinstance(first, Step) and first.control == "rest" and 0 not in plan.jumped_to()


def _with_waveforms_in_currents(plan: Plan, settings: Settings) -> Plan:
    """Bring C-rates of waveforms, which have none of their own, to currents."""
    converted = in_currents(plan, settings.nominal_capacity)
    return attrs.evolve(
        plan,
        instructions=tuple(
            new if isinstance(old, Step) and old.waveform is not None else old
            for old, new in zip(plan.instructions, converted.instructions, strict=True)
        ),
    )


def _check(plan: Plan, settings: Settings) -> Iterator[Problem]:
    del settings
    numbers = _numbers(plan)
    total = len(numbers) + 1
    if total > _MOST_STEPS:
        message = f"the procedure has {total} steps; there may be {_MOST_STEPS}"
        yield Problem("E-export", "steps", message)
    for _, step in MACCOR.capability.writable(plan):
        yield from _check_times(step)
    yield from check_waveforms(plan, watched=one_current(plan))


def one_current(plan: Plan) -> bool:
    """Return whether one limit of the current is for both directions, as a channel has it."""
    limits = [(limit.value, limit.target) for limit in plan.safety if limit.direction is not None]
    return len(limits) == 2 and limits[0] == limits[1]


def _check_times(step: Step) -> Iterator[Problem]:
    times = [(str(leave), leave.level.value) for leave in step.exits if leave.quantity == "Time"]
    times += [
        (f"resolution of {value:g} s", value)
        for name, value in recording_rules(step.recording)
        if name == "time"
    ]
    for named, seconds in times:
        if step.control != "waveform" and clock(seconds) is None:
            yield problem(
                step,
                f"its {named}: times are whole seconds, or hundredths below one second",
            )


def clock(seconds: float) -> str | None:
    """Return a time as ``HH:MM:SS`` or ``::.01``; None if the format has no such time."""
    if seconds < 1:
        hundredths = round(seconds * 100)
        exact = hundredths > 0 and abs(seconds * 100 - hundredths) < 1e-6
        return f"::.{hundredths:02d}" if exact else None
    whole = round(seconds)
    if abs(seconds - whole) > 1e-6:
        return None
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _numbers(plan: Plan) -> dict[int, int]:
    """Return the step number of every instruction that becomes a step."""
    counter = count(1)
    return {
        index: next(counter)
        for index, instruction in enumerate(plan.instructions)
        if not isinstance(instruction, Mark) or instruction.kind != "End"
    }


def _write(plan: Plan, settings: Settings) -> Written:
    del settings
    procedure = _Procedure(plan)
    root = procedure.tree()
    body = rendered(root, _empty)
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<?maccor-application progid="Maccor Procedure File"?>',
        body,
        "",
    )
    return Written(
        "\r\n".join(lines).encode("utf-8"), waveform_files(plan), tuple(procedure.notes())
    )


def _empty(node: Element, opening: str) -> list[str]:
    """Return an element without content: lists are closed at once, fields are not."""
    if node.tag in ("Limits", "Ends", "Reports"):
        return [f"<{opening}/>"]
    return [f"<{opening}></{node.tag}>"]


class _Procedure:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.numbers = _numbers(plan)
        self.last = len(self.numbers) + 1

    def tree(self) -> Element:
        root = Element("MaccorTestProcedure")
        header = element(root, "header")
        version = element(header, "BuildTestVersion")
        for tag, text in zip(
            ("major", "minor", "release", "build"), ("1", "5", "7006", "32043"), strict=True
        ):
            element(version, tag, text)
        element(element(header, "FileFormatVersion"), "BTVersion", "11")
        element(element(header, "ProcDesc"), "desc")
        steps = element(root, "ProcSteps")
        for index, instruction in enumerate(self.plan.instructions):
            self.add(steps, index, instruction)
        _control_step(steps, "  End   ")
        return root

    def add(self, steps: Element, index: int, instruction: Instruction) -> None:
        depth = len(self.plan.loops_around(index))
        match instruction:
            case Mark(kind="End"):
                return
            case Mark():
                _control_step(steps, _MARKS[instruction.kind])
            case LoopStart():
                _control_step(steps, f"  Do {depth + 1}  ", note=instruction.note)
            case LoopEnd():
                ends = _control_step(steps, f" Loop {depth} ").find("Ends")
                if ends is None:
                    raise TypeError("every step has a list of ends")
                self.end(ends, "Loop Cnt", " = ", None, index, str(instruction.count))
            case Step(control="waveform") if instruction.waveform is not None:
                _control_step(
                    steps, "FastWave", value=instruction.waveform.name, note=instruction.note
                )
            case Step():
                self.step(steps, index, instruction)

    def step(self, steps: Element, index: int, step: Step) -> None:
        node = element(steps, "TestStep")
        element(node, "StepType", _TYPES[step.direction])
        element(node, "StepMode", _MODES[step.control])
        element(node, "StepValue", None if step.set_point is None else _level(step.set_point))
        limits = element(node, "Limits")
        if step.voltage is not None:
            element(limits, "Voltage", plain(step.voltage, least=1))
        ends = element(node, "Ends")
        for leave in step.exits:
            operator = " = " if leave.quantity == "Time" else _OPERATORS[leave.operator]
            self.end(ends, _ENDS[leave.quantity], operator, leave.target, index, _threshold(leave))
        self.safety(ends, index, step)
        reports = element(node, "Reports")
        for name, value in recording_rules(step.recording):
            entry = element(reports, "ReportEntry")
            element(entry, "ReportType", _REPORTS[name])
            element(entry, "Value", clock(value) if name == "time" else plain(value, least=1))
        _finish(node, "A", "N", step.note)

    def safety(self, ends: Element, index: int, step: Step) -> None:
        """Repeat the safety limits on a step; on a first rest they are the channel's own."""
        is_channels = index == 0 and _begins_with_rest(self.plan)
        watched = safety_exits(step, self.plan)
        if is_channels and one_current(self.plan):
            watched += safety_exits(attrs.evolve(step, direction="charge"), self.plan)
        for leave in dict.fromkeys(watched):
            if leave in step.exits and not is_channels:
                continue
            self.end(
                ends,
                _ENDS[leave.quantity],
                _OPERATORS[leave.operator],
                leave.target,
                index,
                _threshold(leave),
                is_channels=is_channels,
            )

    def end(
        self,
        ends: Element,
        kind: str,
        operator: str,
        target: int | None,
        index: int,
        value: str,
        *,
        is_channels: bool = False,
    ) -> None:
        leads_to = self.plan.target(index, target)
        number = self.last if leads_to == END else self.numbers[leads_to]
        entry = element(ends, "EndEntry")
        element(entry, "EndType", kind)
        element(entry, "SpecialType", " ")
        element(entry, "Oper", operator)
        element(entry, "Step", f"{number:03d}")
        element(entry, "Value", value)
        if is_channels:
            element(entry, "ChanSafetyEnd", "True")

    def notes(self) -> Iterator[str]:
        steps = [step for _, step in self.plan.steps()]
        levels = [
            level.unit for step in steps for level in (step.set_point, *_levels(step)) if level
        ]
        if any(step.path == "safety_limits" for step in steps):
            yield (
                "Step 001 is a rest of 5 s that the protocol does not have: procedures carry the "
                "safety limits of the channel on one."
            )
        if "C" in levels:
            yield "The file has C-rates: enter the nominal capacity when the test is started."
        if any(step.control == "power" for step in steps):
            yield (
                "Constant power is known from one public procedure only: look at those steps in "
                "Maccor's editor before the test is started."
            )
        temperatures = [leave for step in steps for leave in step.exits] + list(self.plan.safety)
        if any(condition.quantity == "Temperature" for condition in temperatures):
            yield "Temperatures are read from thermocouple 1: see that it is on the cell."
        if any(step.waveform is not None for step in steps):
            yield (
                "Every sample of a waveform is held until the next; the layout of .MWF files is "
                "known from three public files."
            )
        if any(limit.target != END for limit in self.plan.safety):
            yield (
                "A safety limit that jumps is watched where it jumps to as well: that step begins "
                "anew until the cell is back inside the limit."
            )
        if any(part.note and ascii_text(part.note) is None for part in _noted(self.plan)):
            yield "Notes with other than ASCII letters were left out."


def _levels(step: Step) -> list[Level]:
    return [leave.level for leave in step.exits]


def _noted(plan: Plan) -> Iterator[Step | LoopStart]:
    for instruction in plan.instructions:
        if isinstance(instruction, Step | LoopStart):
            yield instruction


def _control_step(
    steps: Element, kind: str, value: str | None = None, note: str | None = None
) -> Element:
    """Add a step that drives no current and has neither range nor options."""
    node = element(steps, "TestStep")
    element(node, "StepType", kind)
    element(node, "StepMode", _BLANK)
    element(node, "StepValue", value)
    for tag in ("Limits", "Ends", "Reports"):
        element(node, tag)
    _finish(node, None, None, note)
    return node


def _finish(node: Element, range_: str | None, option: str | None, note: str | None) -> None:
    element(node, "Range", range_)
    for number in (1, 2, 3):
        element(node, f"Option{number}", option)
    element(node, "StepNote", ascii_text(note))


def _level(level: Level) -> str:
    return f"{plain(level.value, least=1)}{'C' if level.unit == 'C' else ''}"


def _threshold(leave: Exit) -> str:
    if leave.quantity == "Time":
        return clock(leave.level.value) or ""
    if leave.quantity == "Temperature":
        return f"1/{plain(leave.level.value, least=1)}"
    return _level(leave.level)


MACCOR: Final = Format(
    "maccor",
    ".000",
    "application/xml",
    "utf-8",
    Capability(
        controls={
            "rest": UNDIRECTED,
            "current": DIRECTED,
            "voltage": DIRECTED,
            "cccv": DIRECTED,
            "power": DIRECTED,
            "waveform": UNDIRECTED,
        },
        exits={
            "rest": _AT_REST,
            "current": _LOADED,
            "voltage": _LOADED,
            "cccv": _LOADED,
            "power": _LOADED,
        },
        jumps=True,
        loops=4,
        marks=frozenset({"Advance cycle", "Pause", "End"}),
        c_rates=True,
        safety=frozenset(
            {
                "voltage_min",
                "voltage_max",
                "temperature_max",
                "charge_current_max",
                "discharge_current_max",
            }
        ),
        safety_jumps=True,
        reasons={
            "resistance": "no public procedure shows how a constant resistance is written",
            "Energy": "no public procedure shows an end on energy",
            "Power": "no public procedure shows an end on power",
            "Temperature <": "public procedures show thermocouple ends with >= only",
            "temperature_min": "public procedures show thermocouple ends with >= only",
            "Hold time": (
                "a step of constant current and voltage counts its whole time; write the time of "
                "the voltage alone, or that of both"
            ),
        },
    ),
    _write,
    _prepare,
    _check,
)
