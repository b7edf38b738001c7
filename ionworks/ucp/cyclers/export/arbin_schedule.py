"""The steps of a schedule, and the limits that end a step or save a point.

Step types, registers and masks are those of ``20170630-3_6C_9per_5C.sdu`` of the project beep and
of the schedules its converter is based on. The first limit of a step that is met takes effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

import attrs

from ionworks.ucp.cyclers.export.arbin_template import STEP_KEYS, Section
from ionworks.ucp.cyclers.export.decimals import ascii_text, decimal_text
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

_END_TEST: Final = "End Test"
_NEXT: Final = "Next Step"
# Masks of the registers that a step "Set Variable(s)" resets or increments.
_RESET_CAPACITIES: Final = 15
"""All registers of capacity and energy."""
_RESET_COUNTER: Final = 1 << 15
"""Shifted by the number of the counter: bit 16 resets TC_Counter1."""
_COUNT_CYCLE: Final = 1
_EQUATIONS: Final = 3
_LABEL_LETTERS: Final = 40
_REGISTERS: Final = {
    "Time": "PV_CHAN_Step_Time",
    "Hold time": "PV_CHAN_CV_StageTime",
    "Voltage": "PV_CHAN_Voltage",
}
_RECORDS: Final = {"time": "DV_Time", "voltage": "DV_Voltage", "current": "DV_Current"}

Equation = tuple[str, str, str]
"""Left side, sign and right side; the equations of a limit are joined by AND."""

AT_ONCE: Final[Equation] = ("PV_CHAN_Step_Time", ">", "0")


def schedule_steps(
    plan: Plan,
    *,
    is_sdx: bool,
    current_range: str,
    watched: Plan,
    extra: Section,
) -> list[tuple[str, Section]]:
    """Return the sections of all steps and limits.

    Parameters
    ----------
    plan : Plan
        The plan to write.
    is_sdx : bool
        Whether the schedule is for MITS 8.
    current_range : str
        Current range of every step, in MITS Pro 7.
    watched : Plan
        A plan whose safety limits are written as limits of every step.
    extra : dict
        Step keys of a template that `STEP_KEYS` does not have.
    """
    writer = _Writer(plan, is_sdx, current_range, watched, extra)
    sections: list[tuple[str, Section]] = []
    for number, (step, limits) in enumerate(writer.all()):
        sections.append((f"Schedule_Step{number}", step))
        sections += [
            (f"Schedule_Step{number}_Limit{place}", limit) for place, limit in enumerate(limits)
        ]
    return sections


def count_steps(plan: Plan) -> int:
    """Return how many steps a schedule of a plan has, with the resets before ends on capacity."""
    resets = sum(counts_capacity(step) for _, step in plan.steps())
    ends = sum(isinstance(part, Mark) and part.kind == "End" for part in plan.instructions)
    return len(plan.instructions) - ends + resets


class _Writer:
    def __init__(
        self,
        plan: Plan,
        is_sdx: bool,
        current_range: str,
        watched: Plan,
        extra: Section,
    ) -> None:
        self.plan = plan
        self.is_sdx = is_sdx
        self.current_range = current_range
        self.watched = watched
        self.extra = extra
        counter = count(1)
        # A step that ends on capacity is preceded by a reset. The label belongs to the reset, so
        # that jumps to the step run the reset too.
        self.labels = {
            index: f"{next(counter)} {_label(part)}"
            for index, part in enumerate(plan.instructions)
            if not (isinstance(part, Mark) and part.kind == "End")
        }

    def all(self) -> Iterator[tuple[Section, list[Section]]]:
        for index, part in enumerate(self.plan.instructions):
            if index not in self.labels:
                continue
            label = self.labels[index]
            if isinstance(part, Step):
                if counts_capacity(part):
                    yield self.variables(label, _RESET_CAPACITIES, 0, _NEXT)
                    label = f"{label} - step"
                yield self.step(label, index, part)
            else:
                yield self.control(label, index, part)

    def control(self, label: str, index: int, part: Instruction) -> tuple[Section, list[Section]]:
        goto = self.goto(index, None)
        match part:
            case LoopStart():
                depth = len(self.plan.loops_around(index)) + 1
                return self.variables(label, _RESET_COUNTER << depth, 0, goto)
            case LoopEnd():
                depth = len(self.plan.loops_around(index))
                counter = f"TC_Counter{depth}"
                step, _ = self.variables(label, 0, 1 << depth, goto)
                # The counter is incremented before the limits are compared: after the last of N
                # passes it is N, so the loop goes back while it is below N.
                first = self.labels[part.start + 1]
                passes = str(part.count)
                limits = [
                    _limit(first, [(counter, "<", passes)]),
                    _limit(goto, [(counter, ">=", passes)]),
                ]
                return {**step, "m_uLimitNum": "2"}, limits
        return self.variables(label, 0, _COUNT_CYCLE, goto)

    def variables(
        self, label: str, reset: int, increment: int, goto: str
    ) -> tuple[Section, list[Section]]:
        """Return a step that sets registers and then goes on immediately."""
        keys = {
            "m_szLabel": label,
            "m_szStepCtrlType": "Set Variable(s)",
            "m_szCtrlValue": str(reset),
            "m_szExtCtrlValue1": str(increment),
            "m_szExtCtrlValue2": "0",
        }
        limit = _limit(goto, [AT_ONCE], logs=False)
        return self.finished(keys, 1), [limit]

    def step(self, label: str, index: int, step: Step) -> tuple[Section, list[Section]]:
        sign = "-" if step.direction == "discharge" else ""
        value = ""
        is_rate = step.set_point is not None and step.set_point.unit == "C"
        rate_type = is_rate and not self.is_sdx
        if step.set_point is not None:
            value = decimal_text(step.set_point.value) if rate_type else _current(step.set_point)
        kind = {"rest": "Rest", "cccv": "CCCV"}.get(step.control)
        keys = {
            "m_szLabel": label,
            "m_szStepCtrlType": kind or ("C-Rate" if rate_type else "Current(A)"),
            "m_szCtrlValue": f"{sign}{value}",
        }
        if step.control == "current" and not self.is_sdx:
            keys["m_szExtCtrlValue2"] = "0"
        if step.voltage is not None:
            keys |= {"m_szExtCtrlValue1": decimal_text(step.voltage), "m_szExtCtrlValue2": "0"}
        # Arbin documents that 0 lets MITS choose the range.
        largest = 0.0 if step.set_point is None or is_rate else step.set_point.value
        limits = [
            _limit(self.goto(index, end.target), self.equations(step, end))
            for end in dict.fromkeys((*safety_ends(step, self.watched), *step.ends))
        ]
        limits += [
            _limit(_NEXT, [(_RECORDS[name], ">", decimal_text(amount))], ends=False)
            for name, amount in step.recording.rules().items()
        ]
        return self.finished(keys, len(limits), largest), limits

    def finished(self, keys: Section, limits: int, largest: float = 0.0) -> Section:
        step = {**STEP_KEYS, **self.extra, **keys, "m_uLimitNum": str(limits)}
        if self.is_sdx:
            step.setdefault("m_BlockByte", "")
            del step["m_szCurrentRange"]
            step["m_nMaxCurrent"] = decimal_text(largest)
        else:
            step["m_szCurrentRange"] = self.current_range
        return step

    def goto(self, index: int, target: int | None) -> str:
        leads_to = self.plan.target(index, target)
        if leads_to == END_TEST:
            return _END_TEST
        return _NEXT if target is None else self.labels[leads_to]

    def equations(self, step: Step, end: StepEnd) -> list[Equation]:
        """Return the equations of an end, joined by AND."""
        if end.quantity != "Current":
            value = decimal_text(end.level.value)
            register = _REGISTERS.get(end.quantity) or _capacity_register(step)
            return [(register, f"{end.operator}=", value)]
        # Currents have a sign here: while discharging, a falling magnitude is a rising current.
        value = _current(end.level)
        charges = step.direction == "charge"
        sign = end.operator if charges else {">": "<", "<": ">"}[end.operator]
        signed = value if charges else f"-{value}"
        if end.operator == ">":
            return [("PV_CHAN_Current", f"{sign}=", signed)]
        # A falling current is compared after a second only, once the current of the step flows.
        if self.is_sdx:
            return [("PV_CHAN_Current", f"{sign}=", signed), ("PV_CHAN_Step_Time", ">", "1")]
        return [("PV_CHAN_CV_Stage_Current", sign, signed), ("PV_CHAN_CV_StageTime", ">", "1")]


def _current(level: Level) -> str:
    """Return a current as MITS 8 saves it: ``0.05 * MV_NominalCapacity``, or in amperes."""
    if level.unit == "A":
        return decimal_text(level.value)
    factor = decimal_text(level.value)
    return "MV_NominalCapacity" if factor == "1" else f"{factor} * MV_NominalCapacity"


def _capacity_register(step: Step) -> str:
    return f"PV_CHAN_{'Charge' if step.direction == 'charge' else 'Discharge'}_Capacity"


def counts_capacity(step: Step) -> bool:
    """Return whether a step ends on capacity, which needs a reset of the registers before it.

    The registers count over several steps, an end of the protocol over its own step only.
    """
    return any(end.quantity == "Capacity" for end in step.ends)


def _limit(
    goto: str, equations: list[Equation], *, ends: bool = True, logs: bool = True
) -> Section:
    limit = {
        "m_bStepLimit": str(int(ends)),
        "m_bLogDataLimit": str(int(logs)),
        "m_szGotoStep": goto,
    }
    for number in range(_EQUATIONS):
        sides = equations[number] if number < len(equations) else ("", "", "")
        for name, text in zip(("Left", "CompareSign", "Right"), sides, strict=True):
            limit[f"Equation{number}_sz{name}"] = text
    return limit


def _label(part: Instruction) -> str:
    """Return the text of a label, limited to characters that have no meaning in the file."""
    match part:
        case LoopStart():
            text = f"begin {part.name}"
        case LoopEnd():
            text = "repeat"
        case Mark():
            text = part.kind
        case Step():
            text = ascii_text(part.name) or part.control
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in text)
    return " ".join((ascii_text(kept) or "step").split())[:_LABEL_LETTERS]


def without_limits(plan: Plan, keys: frozenset[str]) -> Plan:
    """Return a plan without the safety limits that apply to the whole schedule."""
    limits = tuple(limit for limit in plan.safety if limit.key not in keys)
    return attrs.evolve(plan, safety=limits)
