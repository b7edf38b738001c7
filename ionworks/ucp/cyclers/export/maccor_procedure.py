"""The XML of a Maccor procedure."""

from __future__ import annotations

from itertools import count
from typing import Final
from xml.etree.ElementTree import Element

import attrs

from ionworks.ucp.cyclers.export.decimals import ascii_text, decimal_text
from ionworks.ucp.cyclers.export.markup import element, render
from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Instruction,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    StepEnd,
    safety_ends,
)

# Procedures pad words to eight characters, some of them with leading blanks.
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
    """Return the procedure of a plan that passed all checks: XML in UTF-8 with CRLF line ends."""
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<?maccor-application progid="Maccor Procedure File"?>',
        render(_Procedure(plan).tree(), _empty),
        "",
    )
    return "\r\n".join(lines).encode("utf-8")


def begins_with_rest(plan: Plan) -> bool:
    """Return whether the first instruction is a rest that no jump leads back to."""
    first = plan.instructions[0] if plan.instructions else None
    return isinstance(first, Step) and first.control == "rest" and 0 not in plan.jumped_to()


def one_current_limit(plan: Plan) -> bool:
    """Return whether both directions have the same current limit, as the channel itself has."""
    limits = [(limit.value, limit.target) for limit in plan.safety if limit.direction is not None]
    return len(limits) == 2 and limits[0] == limits[1]


def clock(seconds: float) -> str | None:
    """Return a time as ``HH:MM:SS`` or ``::.01``; None if it is neither whole nor in hundredths.

    Hours may exceed 24.
    """
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
    """Return an empty element: ``<Ends/>`` for a list, ``<Range></Range>`` for a field."""
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
                # A Maccor loop counts all passes, the first one included.
                ends = _control_step(steps, f" Loop {depth} ").find("Ends")
                if ends is None:
                    raise TypeError("_control_step adds a list of ends to every step")
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
            element(limits, "Voltage", decimal_text(step.voltage, least=1))
        ends = element(node, "Ends")
        for end in step.ends:
            operator = " = " if end.quantity == "Time" else _OPERATORS[end.operator]
            self.end(ends, _ENDS[end.quantity], operator, end.target, index, _threshold(end))
        self.safety(ends, index, step)
        reports = element(node, "Reports")
        for name, value in step.recording.rules().items():
            entry = element(reports, "ReportEntry")
            element(entry, "ReportType", _REPORTS[name])
            element(
                entry, "Value", clock(value) if name == "time" else decimal_text(value, least=1)
            )
        _finish(node, "A", "N", step.note)

    def safety(self, ends: Element, index: int, step: Step) -> None:
        """Add the safety limits to a step; on the first rest they apply to the whole channel."""
        is_channels = index == 0 and begins_with_rest(self.plan)
        watched = safety_ends(step, self.plan)
        if is_channels and one_current_limit(self.plan):
            # The channel has one current limit for both directions; a rest by itself has none.
            watched += safety_ends(attrs.evolve(step, direction="charge"), self.plan)
        for end in dict.fromkeys(watched):
            if end in step.ends and not is_channels:
                continue
            self.end(
                ends,
                _ENDS[end.quantity],
                _OPERATORS[end.operator],
                end.target,
                index,
                _threshold(end),
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
        number = self.last if leads_to == END_TEST else self.numbers[leads_to]
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
    """Add a step without range and options: a loop, a mark, a waveform or the end."""
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
    # ``0.5C`` is a multiple of the nominal capacity: per hour as a current, itself as a capacity.
    return f"{decimal_text(level.value, least=1)}{'C' if level.unit in ('C', 'Q_NOM') else ''}"


def _threshold(end: StepEnd) -> str:
    if end.quantity == "Time":
        return clock(end.level.value) or ""
    if end.quantity == "Temperature":
        # The number of the thermocouple comes before the slash.
        return f"1/{decimal_text(end.level.value, least=1)}"
    return _level(end.level)
