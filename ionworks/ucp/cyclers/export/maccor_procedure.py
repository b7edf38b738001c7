"""The XML of a Maccor procedure."""

from __future__ import annotations

from itertools import count
from typing import Final
from xml.etree.ElementTree import Element

import attrs

from ionworks.ucp.cyclers.export.capability import recording_rules
from ionworks.ucp.cyclers.export.decimals import ascii_text, plain
from ionworks.ucp.cyclers.export.markup import element, rendered
from ionworks.ucp.cyclers.plan import (
    END,
    Exit,
    Instruction,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    safety_exits,
)

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


def procedure(plan: Plan) -> bytes:
    """Return the procedure of a plan.

    Parameters
    ----------
    plan : Plan
        With nothing in it that the capability of the format lacks.

    Returns
    -------
    bytes
        XML in UTF-8, with the line ends of Windows.
    """
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<?maccor-application progid="Maccor Procedure File"?>',
        rendered(_Procedure(plan).tree(), _empty),
        "",
    )
    return "\r\n".join(lines).encode("utf-8")


def begins_with_rest(plan: Plan) -> bool:
    """Return whether the first step is a rest that is run once."""
    first = plan.instructions[0] if plan.instructions else None
    return isinstance(first, Step) and first.control == "rest" and 0 not in plan.jumped_to()


def one_current(plan: Plan) -> bool:
    """Return whether one limit of the current is for both directions, as a channel has it."""
    limits = [(limit.value, limit.target) for limit in plan.safety if limit.direction is not None]
    return len(limits) == 2 and limits[0] == limits[1]


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


def step_numbers(plan: Plan) -> dict[int, int]:
    """Return the step number of every instruction that becomes a step."""
    counter = count(1)
    return {
        index: next(counter)
        for index, instruction in enumerate(plan.instructions)
        if not isinstance(instruction, Mark) or instruction.kind != "End"
    }


def _empty(node: Element, opening: str) -> list[str]:
    """Return an element without content: lists are closed at once, fields are not."""
    if node.tag in ("Limits", "Ends", "Reports"):
        return [f"<{opening}/>"]
    return [f"<{opening}></{node.tag}>"]


class _Procedure:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.numbers = step_numbers(plan)
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
        is_channels = index == 0 and begins_with_rest(self.plan)
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
