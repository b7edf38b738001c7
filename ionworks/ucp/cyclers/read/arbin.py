"""Reading Arbin schedules, ``.sdu`` and ``.sdx``."""

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
    LoopStart,
    Mark,
    Recording,
    Step,
    StepEnd,
    Unit,
)
from ionworks.ucp.cyclers.read.numbers import finite, whole
from ionworks.ucp.cyclers.read.plan_builder import Loop, PlanBuilder, ReadFile
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable

Equation: TypeAlias = tuple[str, Comparison, float]

TITLE: Final = "Arbin schedule"
_HEADING: Final = re.compile(r"\[(.+)\]\s*")
_COUNTERS: Final = {f"TC_Counter{number}": 1 << number for number in range(1, 5)}
_RESETS: Final = {1 << (15 + number): f"TC_Counter{number}" for number in range(1, 5)}
_CAPACITIES: Final = 15
_CYCLE_INDEX: Final = "PV_CHAN_Cycle_Index"
_RECORDS: Final = {"DV_Time": "time", "DV_Voltage": "voltage", "DV_Current": "current"}
_SIGNS: Final[dict[str, Comparison]] = {">": ">", ">=": ">", "<": "<", "<=": "<"}
_SCOPES: Final = {
    "Voltage": ("voltage_min", "voltage_max", 1),
    "Current": ("discharge_current_max", "charge_current_max", -1),
}
_REGISTERS: Final[dict[str, tuple[str, Unit]]] = {
    "PV_CHAN_Step_Time": ("Time", "s"),
    "PV_CHAN_CV_StageTime": ("Hold time", "s"),
    "PV_CHAN_Voltage": ("Voltage", "V"),
}
# Saved schedules compare a falling current only after a second, once the current flows.
_CURRENTS: Final[dict[str, list[Equation]]] = {
    "PV_CHAN_Current": [("PV_CHAN_Step_Time", ">", 1.0)],
    "PV_CHAN_CV_Stage_Current": [("PV_CHAN_CV_StageTime", ">", 1.0)],
}
_AT_ONCE: Final[list[Equation]] = [("PV_CHAN_Step_Time", ">", 0.0)]


def read(content: bytes, _assets: Mapping[str, bytes]) -> ReadFile:
    """Read a schedule.

    Parameters
    ----------
    content : bytes
        INI-like text in latin-1.

    Raises
    ------
    UCPError
        If it is not a schedule, or has steps that UCP cannot express; all of them are listed.
    """
    sections = _sections(content.decode("latin-1"))
    refusals = Refusals(TITLE)
    if "Schedule" not in sections or "Schedule_Step0" not in sections:
        refusals.add("the file", "it has no [Schedule] with steps")
    refusals.raise_any()
    reader = _Reader(PlanBuilder(refusals), sections)
    reader.safety()
    reader.read_labels()
    for number in range(len(reader.labels)):
        reader.step(number)
    return reader.builder.read_file()


def _sections(text: str) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    keys: dict[str, str] = {}
    for line in text.splitlines():
        heading = _HEADING.fullmatch(line)
        if heading:
            keys = sections.setdefault(heading.group(1), {})
        elif "=" in line:
            key, _, value = line.partition("=")
            keys[key] = value
    return sections


@define
class _Limit:
    """A limit of a step: where it leads to, and the equations joined by AND."""

    ends: bool
    logs: bool
    goto: str
    equations: list[Equation]


@define
class _Reader:
    builder: PlanBuilder
    sections: Mapping[str, Mapping[str, str]]
    labels: list[str] = Factory(list)
    resets: dict[int, str] = Factory(dict)

    def safety(self) -> None:
        """Read the safety limits of the schedule."""
        schedule = self.sections["Schedule"]
        for quantity, (low_key, high_key, sign) in _SCOPES.items():
            if schedule.get(f"m_bCheck{quantity}Safety") != "1":
                continue
            low, _, high = schedule.get(f"m_{quantity}SafetyScope", "").partition("^")
            with self.builder.refusing(f"m_{quantity}SafetyScope"):
                limits = Limit(low_key, sign * finite(low)), Limit(high_key, finite(high))
                self.builder.safety.extend(limits)
        if schedule.get("m_bCheckPowerSafety") == "1":
            self.builder.refusals.add("m_PowerSafetyScope", "UCP has no safety limit on power")
        for number in range(16):
            kind = self.sections.get(f"Schedule_UserDefineSafety{number}", {})
            if kind.get("m_szSafetyType"):
                name = kind["m_szSafetyType"]
                place = f"Schedule_UserDefineSafety{number}"
                self.builder.refusals.add(place, f"UCP has no safety limit {name}")

    def read_labels(self) -> None:
        """Read the labels of the steps, by which limits refer to them."""
        number = 0
        while f"Schedule_Step{number}" in self.sections:
            self.labels.append(self.sections[f"Schedule_Step{number}"].get("m_szLabel", ""))
            number += 1
        stated = self.sections["Schedule"].get("m_uStepNum")
        if stated != str(number):
            self.builder.refusals.add("m_uStepNum", f"it is {stated}, but there are {number} steps")
        for label in {label for label in self.labels if self.labels.count(label) > 1}:
            self.builder.refusals.add(f"label {label!r}", "several steps have this label")

    def step(self, number: int) -> None:
        keys = self.sections[f"Schedule_Step{number}"]
        kind = keys.get("m_szStepCtrlType", "")
        place = f"step {number + 1} {self.labels[number]!r} ({kind})"
        with self.builder.refusing(place, number):
            limits = self._limits(number, keys)
            if kind == "Set Variable(s)":
                self._variables(number, place, keys, limits)
                return
            step = self._held(kind, keys)
            ends = [
                self._end(number, step, limit) for limit in limits if limit.ends and limit.equations
            ]
            self.builder.steps[number] = attrs.evolve(
                step,
                ends=tuple(ends),
                recording=self._recording(limits),
                name=self.labels[number],
                path=place,
                title=place,
            )
            if not ends:
                self.builder.refusals.add(place, "it has no end")

    def _limits(self, number: int, keys: Mapping[str, str]) -> list[_Limit]:
        count = whole(keys.get("m_uLimitNum", ""))
        limits = []
        for place in range(count):
            limit = self.sections.get(f"Schedule_Step{number}_Limit{place}")
            if limit is None:
                raise Unreadable(f"its limit {place} is missing")
            limits.append(
                _Limit(
                    limit.get("m_bStepLimit") == "1",
                    limit.get("m_bLogDataLimit") == "1",
                    limit.get("m_szGotoStep", ""),
                    _equations(limit),
                )
            )
        return limits

    def _held(self, kind: str, keys: Mapping[str, str]) -> Step:
        if kind == "Rest":
            _check_idle(keys)
            return Step("rest")
        if kind not in ("Current(A)", "C-Rate", "CCCV"):
            raise Unreadable("the meaning of this type of step is not documented")
        value = finite(keys.get("m_szCtrlValue", ""))
        if value == 0:
            raise Unreadable("its current is 0")
        direction: Direction = "charge" if value > 0 else "discharge"
        level = Level(abs(value), "C" if kind == "C-Rate" else "A")
        if kind != "CCCV":
            _check_idle(keys)
            return Step("current", direction, level)
        if finite(keys.get("m_szExtCtrlValue2") or "0") != 0:
            raise Unreadable("UCP has no resistance compensation")
        return Step("cccv", direction, level, finite(keys.get("m_szExtCtrlValue1", "")))

    def _variables(
        self, number: int, place: str, keys: Mapping[str, str], limits: list[_Limit]
    ) -> None:
        """Read a step that sets registers: a reset, a cycle count, a start or end of a loop."""
        reset = whole(keys.get("m_szCtrlValue") or "0")
        increment = whole(keys.get("m_szExtCtrlValue1") or "0")
        if whole(keys.get("m_szExtCtrlValue2") or "0"):
            raise Unreadable("registers that count down cannot be read")
        if not all(limit.ends and limit.equations for limit in limits):
            raise Unreadable("it has a limit that does not end it, or that has no condition")
        at_once = len(limits) == 1 and limits[0].equations == _AT_ONCE
        self.builder.steps[number] = None
        if reset in _RESETS and not increment and at_once:
            self._goes_on(number, limits[0])
            self.resets[number] = _RESETS[reset]
        elif reset == _CAPACITIES and not increment and at_once:
            self._goes_on(number, limits[0])
            self.resets[number] = "capacities"
        elif reset in (0, _CAPACITIES) and increment == 1 and at_once:
            self._goes_on(number, limits[0])
            self.builder.steps[number] = Mark("Advance cycle", place)
        elif reset == 0 and increment in _COUNTERS.values():
            self._loop(number, increment, limits)
        else:
            raise Unreadable(
                f"resetting the registers {reset} and incrementing {increment} is neither a loop "
                "nor a cycle count"
            )

    def _goes_on(self, number: int, limit: _Limit) -> None:
        is_last = number + 1 == len(self.labels)
        if limit.goto != "Next Step" and not (is_last and limit.goto == "End Test"):
            raise Unreadable(f"it leads to {limit.goto!r}, not to the next step")

    def _loop(self, number: int, increment: int, limits: list[_Limit]) -> None:
        """Read the end of a loop, which goes back while a counter is below a number."""
        counter = next(name for name, mask in _COUNTERS.items() if mask == increment)
        shape = [(limit.equations[0][:2], limit.equations[1:]) for limit in limits]
        if shape != [((counter, "<"), []), ((counter, ">"), [])]:
            raise Unreadable(
                f"it is not a loop, which goes back while {counter} < N and on at {counter} >= N"
            )
        count, other = (limit.equations[0][2] for limit in limits)
        start = self.labels.index(limits[0].goto) if limits[0].goto in self.labels else -1
        if count != other or not count.is_integer():
            raise Unreadable(
                f"its loop counts are {count:g} and {other:g}; they must be equal and whole"
            )
        if self.resets.get(start - 1) != counter:
            raise Unreadable(f"its loop does not start after a reset of {counter}")
        if any(
            self.resets.get(other_start) == counter and start <= other_start < number
            for other_start in self.resets
        ):
            raise Unreadable(f"{counter} is also used by a loop inside it")
        ends_test = limits[1].goto == "End Test" and number + 1 < len(self.labels)
        if limits[1].goto not in ("Next Step", "End Test"):
            raise Unreadable(f"after its last pass it leads to {limits[1].goto!r}")
        name = f"Steps {start + 1} to {number + 1}"
        self.builder.steps[start - 1] = LoopStart(name, path=name)
        self.builder.loops.append(
            Loop(start - 1, number, int(count), opens=True, ends_test=ends_test)
        )

    def _end(self, number: int, step: Step, limit: _Limit) -> StepEnd:
        target = self._target(limit.goto)
        register, operator, value = limit.equations[0]
        rest = limit.equations[1:]
        if register in _CURRENTS and step.direction is not None:
            end = _current(step, operator, value, target)
            tapers = end.operator == "<" and step.control == "cccv"
            # A rising current is compared alone, a falling one together with a time.
            alone = not rest and register == "PV_CHAN_Current"
            if (tapers and rest == _CURRENTS[register]) or (
                alone and (tapers or end.operator == ">")
            ):
                return end
        elif register == _capacity_register(step) and operator == ">" and not rest:
            if self.resets.get(number - 1) != "capacities":
                raise Unreadable(
                    f"{register} counts over several steps; it counts a single step only directly "
                    "after a reset"
                )
            return StepEnd("Capacity", ">", Level(value, "Ah"), target)
        elif register in _REGISTERS and not rest:
            quantity, unit = _REGISTERS[register]
            is_held = quantity != "Hold time" or step.control == "cccv"
            if is_held and (unit != "s" or operator == ">"):
                return StepEnd(quantity, operator, Level(value, unit), target)
        named = " and ".join(f"{left} {sign} {right:g}" for left, sign, right in limit.equations)
        raise Unreadable(f"UCP has no end {named}")

    def _target(self, goto: str) -> int | None:
        if goto == "Next Step":
            return None
        if goto in ("End Test", "Unsafe"):
            return END_TEST
        if goto not in self.labels:
            raise Unreadable(f"it leads to {goto!r}, but no step has this label")
        target = self.labels.index(goto)
        if self.resets.get(target - 1) == "capacities":
            raise Unreadable(f"it leads to {goto!r} and skips the reset before it")
        return target

    def _recording(self, limits: list[_Limit]) -> Recording:
        rules: dict[str, float] = {}
        for limit in limits:
            if limit.ends or not limit.logs or not limit.equations:
                continue
            register, operator, amount = limit.equations[0]
            if register not in _RECORDS or operator != ">":
                raise Unreadable(f"UCP has no resolution {register} {operator} {amount:g}")
            if len(limit.equations) > 1:
                self.builder.notes.append(
                    f"points are saved by {register} from the start of a step"
                )
            name = _RECORDS[register]
            rules[name] = min(rules.get(name, amount), amount)
        return Recording(**rules)


def _check_idle(keys: Mapping[str, str]) -> None:
    """Reject values in fields that saved schedules leave empty for this type of step."""
    for name in ("m_szExtCtrlValue1", "m_szExtCtrlValue2"):
        if keys.get(name, "") not in ("", "0"):
            raise Unreadable(f"the meaning of its {name} of {keys[name]} is not documented")


def _capacity_register(step: Step) -> str:
    return f"PV_CHAN_{'Charge' if step.direction == 'charge' else 'Discharge'}_Capacity"


def _current(step: Step, operator: Comparison, amperes: float, target: int | None) -> StepEnd:
    """Return an end on a signed current as an end on its magnitude."""
    charges = step.direction == "charge"
    if (amperes < 0) == charges and amperes != 0:
        raise Unreadable(f"its end at {amperes:g} A is against the direction of the step")
    turned: Comparison = "<" if operator == ">" else ">"
    unit: Unit = "A"
    return StepEnd("Current", operator if charges else turned, Level(abs(amperes), unit), target)


def _equations(limit: Mapping[str, str]) -> list[Equation]:
    equations: list[Equation] = []
    for number in range(3):
        left = limit.get(f"Equation{number}_szLeft", "")
        if not left:
            continue
        sign = limit.get(f"Equation{number}_szCompareSign", "")
        # For measured numbers < and <= mean the same. A counter can equal its number, where they
        # differ by one pass: only the two signs of a loop are read.
        counts = left in _COUNTERS and sign not in ("<", ">=")
        if sign not in _SIGNS or counts:
            raise Unreadable(f"its limit {left} {sign} cannot be read")
        right = finite(limit.get(f"Equation{number}_szRight", ""))
        equations.append((left, _SIGNS[sign], right))
    return equations
