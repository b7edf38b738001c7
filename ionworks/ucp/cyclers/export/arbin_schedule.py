"""The steps of a schedule: what each holds, and the limits that end it or save a point.

Types, registers and masks are those of ``20170630-3_6C_9per_5C.sdu`` of the project beep and of the
schedules its converter was made from. A step's first limit that is met wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

import attrs

from ionworks.ucp.cyclers.export.arbin_template import STEP_KEYS, Section
from ionworks.ucp.cyclers.export.capability import recording_rules
from ionworks.ucp.cyclers.export.decimals import ascii_text, plain
from ionworks.ucp.cyclers.plan import (
    END,
    Exit,
    Instruction,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    safety_exits,
)

_END_TEST: Final = "End Test"
_NEXT: Final = "Next Step"
_RESET_CAPACITIES: Final = 15
_RESET_COUNTER: Final = 1 << 15
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
"""Left side, sign and right side; several are joined by AND."""

AT_ONCE: Final[Equation] = ("PV_CHAN_Step_Time", ">", "0")


def schedule_steps(
    plan: Plan, *, is_sdx: bool, current_range: str, watched: Plan, extra: Section
) -> list[tuple[str, Section]]:
    """Return the sections of all steps and limits.

    Parameters
    ----------
    plan : Plan
        What is written.
    is_sdx : bool
        Whether the schedule is of MITS 8.
    current_range : str
        Of MITS Pro 7.
    watched : Plan
        A plan whose safety limits every step has to watch itself.
    extra : dict
        Keys of a step this project does not know, from a template.
    """
    writer = _Writer(plan, is_sdx, current_range, watched, extra)
    sections: list[tuple[str, Section]] = []
    for number, (step, limits) in enumerate(writer.all()):
        sections.append((f"Schedule_Step{number}", step))
        sections += [
            (f"Schedule_Step{number}_Limit{place}", limit) for place, limit in enumerate(limits)
        ]
    return sections


class _Writer:
    def __init__(
        self, plan: Plan, is_sdx: bool, current_range: str, watched: Plan, extra: Section
    ) -> None:
        self.plan = plan
        self.is_sdx = is_sdx
        self.current_range = current_range
        self.watched = watched
        self.extra = extra
        counter = count(1)
        # What leads to a step that counts its own capacity leads to the reset before it.
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
                    yield self.variables(label, _RESET_CAPACITIES, 0, index - 1, follows=index)
                    label = f"{label} - step"
                yield self.step(label, index, part)
            else:
                yield self.control(label, index, part)

    def control(self, label: str, index: int, part: Instruction) -> tuple[Section, list[Section]]:
        match part:
            case LoopStart():
                depth = len(self.plan.loops_around(index)) + 1
                return self.variables(label, _RESET_COUNTER << depth, 0, index)
            case LoopEnd():
                depth = len(self.plan.loops_around(index))
                counter = f"TC_Counter{depth}"
                step, _ = self.variables(label, 0, 1 << depth, index)
                first = self.labels[part.start + 1]
                passes = str(part.count)
                limits = [
                    _limit(first, [(counter, "<", passes)]),
                    _limit(self.goto(index, None), [(counter, ">=", passes)]),
                ]
                return {**step, "m_uLimitNum": "2"}, limits
        return self.variables(label, 0, _COUNT_CYCLE, index)

    def variables(
        self, label: str, reset: int, increment: int, index: int, follows: int | None = None
    ) -> tuple[Section, list[Section]]:
        """Return a step that sets registers and goes on at once."""
        goto = _NEXT if follows is not None else self.goto(index, None)
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
        sign = -1 if step.direction == "discharge" else 1
        value = "" if step.set_point is None else plain(sign * step.set_point.value)
        unit = None if step.set_point is None else step.set_point.unit
        kind = {"rest": "Rest", "cccv": "CCCV"}.get(step.control)
        keys = {
            "m_szLabel": label,
            "m_szStepCtrlType": kind or ("C-Rate" if unit == "C" else "Current(A)"),
            "m_szCtrlValue": value,
        }
        if step.control == "current":
            keys["m_szExtCtrlValue2"] = "0"
        if step.voltage is not None:
            keys |= {"m_szExtCtrlValue1": plain(step.voltage), "m_szExtCtrlValue2": "0"}
        largest = 0.0 if step.set_point is None else step.set_point.value
        limits = [
            _limit(self.goto(index, leave.target), self.equations(step, leave))
            for leave in dict.fromkeys((*safety_exits(step, self.watched), *step.exits))
        ]
        limits += [
            _limit(_NEXT, [(_RECORDS[name], ">", plain(amount))], ends=False)
            for name, amount in recording_rules(step.recording)
        ]
        return self.finished(keys, len(limits), largest), limits

    def finished(self, keys: Section, limits: int, largest: float = 0.0) -> Section:
        step = {**STEP_KEYS, **self.extra, **keys, "m_uLimitNum": str(limits)}
        if self.is_sdx:
            del step["m_szCurrentRange"]
            step["m_nMaxCurrent"] = plain(largest)
        else:
            step["m_szCurrentRange"] = self.current_range
        return step

    def goto(self, index: int, target: int | None) -> str:
        leads_to = self.plan.target(index, target)
        if leads_to == END:
            return _END_TEST
        return _NEXT if target is None else self.labels[leads_to]

    def equations(self, step: Step, leave: Exit) -> list[Equation]:
        """Return the conditions of an exit, all of which are met together."""
        value = plain(leave.level.value)
        if leave.quantity != "Current":
            register = _REGISTERS.get(leave.quantity) or _capacity_register(step)
            return [(register, f"{leave.operator}=", value)]
        # Currents have a sign: what falls in magnitude rises while discharging.
        charges = step.direction == "charge"
        sign = leave.operator if charges else {">": "<", "<": ">"}[leave.operator]
        signed = value if charges else f"-{value}"
        if leave.operator == ">":
            return [("PV_CHAN_Current", f"{sign}=", signed)]
        if self.is_sdx:
            return [("PV_CHAN_Current", f"{sign}=", signed), ("PV_CHAN_Step_Time", ">", "1")]
        return [("PV_CHAN_CV_Stage_Current", sign, signed), ("PV_CHAN_CV_StageTime", ">", "1")]


def _capacity_register(step: Step) -> str:
    return f"PV_CHAN_{'Charge' if step.direction == 'charge' else 'Discharge'}_Capacity"


def counts_capacity(step: Step) -> bool:
    """Return whether a step ends on its capacity, for which the registers are reset before."""
    return any(leave.quantity == "Capacity" for leave in step.exits)


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
    """Return what a label says beside its number, in letters no part of the file splits at."""
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


def watching(plan: Plan, keys: frozenset[str]) -> Plan:
    """Return a plan with only those safety limits that steps watch themselves."""
    limits = tuple(limit for limit in plan.safety if limit.key not in keys)
    return attrs.evolve(plan, safety=limits)
