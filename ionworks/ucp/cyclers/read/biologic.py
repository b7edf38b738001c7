"""Reading settings files of BT-Lab and EC-Lab that have one technique, Modulo Bat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import attrs
from attrs import define

from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Comparison,
    Direction,
    Level,
    Limit,
    Recording,
    Step,
    StepEnd,
    Unit,
)
from ionworks.ucp.cyclers.read.numbers import finite, whole
from ionworks.ucp.cyclers.read.plan_builder import Loop, PlanBuilder, ReadFile
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable

TITLE: Final = "BioLogic settings file"
_COLUMN: Final = 20
_TECHNIQUE: Final = re.compile(r"Technique : (\d+)")
_SAFETY: Final = re.compile(r"\t(.+?) = (-?[\d.,]+) (\S+)")
_FACTORS: Final[dict[str, tuple[Unit, float]]] = {
    "V": ("V", 1),
    "mV": ("V", 1e-3),
    "A": ("A", 1),
    "mA": ("A", 1e-3),
    "\u00b5A": ("A", 1e-6),
    "uA": ("A", 1e-6),
    "nA": ("A", 1e-9),
    "pA": ("A", 1e-12),
    "d": ("s", 86400),
    "h": ("s", 3600),
    "mn": ("s", 60),
    "s": ("s", 1),
    "ms": ("s", 1e-3),
    "A.h": ("Ah", 1),
    "mA.h": ("Ah", 1e-3),
    "\u00b5A.h": ("Ah", 1e-6),
}
_POTENTIALS: Final = ("Ewe", "Ecell")
_RECORDS: Final[dict[str, tuple[str, Unit]]] = {
    "Time": ("time", "s"),
    "Ewe": ("voltage", "V"),
    "Ecell": ("voltage", "V"),
    "I": ("current", "A"),
}
_WATCHED: Final[dict[str, Unit]] = {"Time": "s", "Ewe": "V", "Ecell": "V", "I": "A", "|I|": "A"}
"""Quantities that the limits of a sequence watch, with their units."""

_SAFETY_WORDS: Final = ("for t >", "Do not start on E overload")


def read(content: bytes, _assets: Mapping[str, bytes]) -> ReadFile:
    """Read a settings file.

    Parameters
    ----------
    content : bytes
        Text in the encoding cp1252.

    Raises
    ------
    UCPError
        If it has other techniques, or sequences that UCP cannot express; all are listed.
    """
    lines = content.decode("cp1252", "replace").splitlines()
    refusals = Refusals(TITLE)
    begins = [number for number, line in enumerate(lines) if _TECHNIQUE.fullmatch(line.strip())]
    techniques = [lines[begin + 1].strip() for begin in begins if begin + 1 < len(lines)]
    for name in techniques:
        if name != "Modulo Bat":
            refusals.add(f"technique {name!r}", "only the technique Modulo Bat can be read")
    if len(techniques) != 1:
        refusals.add("the file", f"it has {len(techniques)} techniques; it must have one")
    refusals.raise_any()
    reader = _Reader(PlanBuilder(refusals))
    reader.head(lines[: begins[0]])
    reader.table(lines[begins[0] + 2 :])
    return reader.builder.read_file()


@define
class _Reader:
    builder: PlanBuilder

    def head(self, lines: list[str]) -> None:
        """Read safety limits and capacity."""
        is_safety = False
        for line in lines:
            name, _, value = line.partition(" : ")
            if line.strip() == "Safety Limits :":
                is_safety = True
            elif is_safety and line.startswith("\t"):
                self._limit(line)
            else:
                is_safety = False
            if name == "Battery capacity":
                self._battery_capacity(value)

    def _battery_capacity(self, text: str) -> None:
        value, _, unit = text.strip().partition(" ")
        with self.builder.refusing("Battery capacity"):
            # The software writes an unknown capacity as zero.
            self.builder.nominal_capacity = _amount(value, unit, "Ah").value or None

    def _limit(self, line: str) -> None:
        if line.strip().startswith(_SAFETY_WORDS):
            self.builder.notes.append(f"a protocol cannot hold the setting {line.strip()!r}")
            return
        match = _SAFETY.fullmatch(line.rstrip())
        name = match.group(1) if match else line.strip()
        keys = {
            **{f"{potential} min": ("voltage_min",) for potential in _POTENTIALS},
            **{f"{potential} max": ("voltage_max",) for potential in _POTENTIALS},
            "|I|": ("charge_current_max", "discharge_current_max"),
        }.get(name)
        if match is None or keys is None:
            self.builder.refusals.add("Safety Limits", f"UCP has no safety limit {name!r}")
            return
        with self.builder.refusing("Safety Limits"):
            wanted: Unit = "A" if name == "|I|" else "V"
            value = _amount(match.group(2), match.group(3), wanted).value
            self.builder.safety.extend(Limit(key, value) for key in keys)

    def table(self, lines: list[str]) -> None:
        """Read the rows of the technique."""
        rows: dict[str, list[str]] = {}
        for line in lines:
            if not line.strip():
                break
            cells = [
                line[start : start + _COLUMN].strip() for start in range(0, len(line), _COLUMN)
            ]
            if cells[0] in rows:
                self.builder.refusals.add("the table", f"it has two rows {cells[0]}")
            rows[cells[0]] = cells[1:]
        count = len([cell for cell in rows.get("Ns", ["0"]) if cell])
        for number in range(count):
            column = {
                label: cells[number] if number < len(cells) else "" for label, cells in rows.items()
            }
            self._sequence(number, column)

    def _sequence(self, number: int, column: Mapping[str, str]) -> None:
        kind = column.get("ctrl_type", "")
        place = f"sequence {number} ({kind})"
        with self.builder.refusing(place, number):
            if kind == "Loop":
                self._loop(number, column)
                return
            step = self._held(number, kind, column)
            self.builder.steps[number] = attrs.evolve(
                step,
                ends=self._ends(number, step, column),
                recording=self._recording(column),
                name=f"Sequence {number}",
                path=place,
                title=place,
            )

    def _loop(self, number: int, column: Mapping[str, str]) -> None:
        self.builder.steps[number] = None
        # The file counts repetitions: one less than the number of passes.
        loop = Loop(_whole(column, "ctrl_seq"), number, _whole(column, "ctrl_repeat") + 1)
        if any(other.end >= loop.start for other in self.builder.loops):
            raise Unreadable("it is not documented how nested loops are counted")
        self.builder.loops.append(loop)

    def _held(self, number: int, kind: str, column: Mapping[str, str]) -> Step:
        if kind == "Rest":
            return Step("rest")
        if kind == "CC":
            _check_reference(column, ("<None>", ""))
            level, direction = _current(column)
            return Step("current", direction, level)
        if kind == "CV":
            _check_reference(column, ("Ref", "<None>", ""))
            voltage = _amount(column.get("ctrl1_val", ""), column.get("ctrl1_val_unit", ""), "V")
            return Step("voltage", self._direction_of_hold(number, voltage, column), voltage)
        raise Unreadable("the meaning of this type of control is not documented")

    def _direction_of_hold(
        self, number: int, voltage: Level, column: Mapping[str, str]
    ) -> Direction:
        """Return the direction of a constant voltage: that of the current that led to it.

        Without such a current, the field ``charge/discharge`` of the sequence is used.
        """
        before = self.builder.steps.get(number - 1)
        if isinstance(before, Step) and before.control == "current" and before.direction:
            turns = (end for end in before.ends if end.target is None)
            if any((end.quantity, end.level) == ("Voltage", voltage) for end in turns):
                return before.direction
        return _flag(column)

    def _ends(self, number: int, step: Step, column: Mapping[str, str]) -> tuple[StepEnd, ...]:
        ends = [
            _end(number, step, block, column) for block in range(1, _whole(column, "lim_nb") + 1)
        ]
        if not ends:
            raise Unreadable("it has no end")
        return tuple(ends)

    def _recording(self, column: Mapping[str, str]) -> Recording:
        rules: dict[str, float] = {}
        for block in range(1, _whole(column, "rec_nb") + 1):
            kind = column.get(f"rec{block}_type", "")
            if kind not in _RECORDS:
                self.builder.notes.append(f"the recording by a change of {kind} was left out")
                continue
            name, unit = _RECORDS[kind]
            value = column.get(f"rec{block}_value", "")
            amount = _amount(value, column.get(f"rec{block}_value_unit", ""), unit).value
            if amount > 0:
                rules[name] = min(rules.get(name, amount), amount)
        return Recording(**rules)


def _amount(value: str, unit: str, wanted: Unit) -> Level:
    """Return a number and its unit in the base unit, which must be the wanted one."""
    if unit not in _FACTORS:
        raise Unreadable(f"the unit {unit!r} is unknown")
    number = finite(value.replace(",", "."))
    base, factor = _FACTORS[unit]
    if base != wanted:
        raise Unreadable(f"{value} {unit} must be in a unit of {wanted}")
    # Division rounds correctly, so that 50 mA becomes exactly 0.05 A.
    return Level(number / round(1 / factor) if factor < 1 else number * factor, base)


def _whole(column: Mapping[str, str], label: str) -> int:
    return whole(column.get(label, ""), label)


def _check_reference(column: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Reject set points that are relative to another value."""
    against = column.get("ctrl1_val_vs", "")
    if against not in known:
        raise Unreadable(f"UCP has no set points relative to {against}")


def _flag(column: Mapping[str, str]) -> Direction:
    flag = column.get("charge/discharge", "")
    if flag not in ("Charge", "Discharge"):
        raise Unreadable(f"its direction {flag!r} is unknown")
    return "charge" if flag == "Charge" else "discharge"


def _current(column: Mapping[str, str]) -> tuple[Level, Direction]:
    """Return a current and its direction; a negative current discharges."""
    direction = _flag(column)
    applied = column.get("Apply I/C", "I")
    if applied in ("C / N", "C x N"):
        number = finite(column.get("N", "").replace(",", "."))
        if number <= 0:
            raise Unreadable(f"its C-rate must be above 0, but N is {column.get('N')!r}")
        return Level(1 / number if applied == "C / N" else number, "C"), direction
    if applied != "I":
        raise Unreadable(f"the meaning of 'Apply I/C' {applied!r} is not documented")
    level = _amount(column.get("ctrl1_val", ""), column.get("ctrl1_val_unit", ""), "A")
    if level.value < 0 and direction == "discharge":
        raise Unreadable("its current is negative, but it is marked as a discharge")
    if level.value < 0:
        return Level(-level.value, level.unit), "discharge"
    if level.value == 0:
        raise Unreadable("its current is 0")
    return level, direction


def _end(number: int, step: Step, block: int, column: Mapping[str, str]) -> StepEnd:
    cells = {
        row: column.get(f"lim{block}_{row}", "")
        for row in ("type", "comp", "Q", "value", "value_unit", "action", "seq")
    }
    kind, comparison = cells["type"], cells["comp"]
    named = f"the limit {kind} {comparison} {cells['value']} {cells['value_unit']}"
    # EC-Lab writes "I limit" for a current. Other words make a limit relative to earlier values.
    absolute = ("Q limit", "I limit", "") if kind in ("I", "|I|") else ("Q limit", "")
    if cells["Q"] not in absolute or comparison not in ("<", ">") or kind not in _WATCHED:
        raise Unreadable(f"UCP does not have {named}")
    level = _amount(cells["value"], cells["value_unit"], _WATCHED[kind])
    operator: Comparison = "<" if comparison == "<" else ">"
    target = _leads_to(number, cells)
    if kind == "Time" and operator == ">":
        return StepEnd("Time", ">", level, target)
    if kind in _POTENTIALS:
        return StepEnd("Voltage", operator, level, target)
    if kind == "|I|":
        return StepEnd("Current", operator, level, target)
    if kind == "I" and step.direction == "charge" and level.value >= 0:
        return StepEnd("Current", operator, level, target)
    if kind == "I" and step.direction == "discharge" and level.value <= 0:
        # A negative current whose magnitude falls is a rising number.
        turned: Comparison = ">" if operator == "<" else "<"
        return StepEnd("Current", turned, Level(-level.value, level.unit), target)
    raise Unreadable(f"UCP does not have {named}")


def _leads_to(number: int, cells: Mapping[str, str]) -> int | None:
    match cells["action"]:
        case "Stop":
            if cells["seq"] not in ("", "9999"):
                raise Unreadable(f"it stops, but leads to sequence {cells['seq']}")
            return END_TEST
        case "Next sequence":
            if cells["seq"] not in ("", str(number + 1)):
                raise Unreadable(f"its next sequence is {cells['seq']}, not {number + 1}")
            return None
        case "Goto sequence":
            target = _whole(cells, "seq")
            return None if target == number + 1 else target
    raise Unreadable(f"the action {cells['action']!r} is unknown")
