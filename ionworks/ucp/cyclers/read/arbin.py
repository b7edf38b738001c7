"""Reading Arbin schedules, ``.sdu`` and ``.sdx``.

The first limit of a step that is met takes effect, as in the public simulators of schedules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

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
from ionworks.ucp.cyclers.read.arbin_registers import cycle_index_at, read_turn
from ionworks.ucp.cyclers.read.arbin_schedule import (
    CAPACITIES,
    CYCLE_INDEX,
    Row,
    RowLimit,
    Section,
    Values,
    is_on,
    kept_elsewhere,
    read_limits,
    read_sections,
    rows,
)
from ionworks.ucp.cyclers.read.numbers import finite
from ionworks.ucp.cyclers.read.plan_builder import Loop, PlanBuilder, ReadFile
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable
from ionworks.ucp.expressions import number_text

TITLE: Final = "Arbin schedule"
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
# Many saved schedules compare a falling current only after a second, once the current flows.
_CURRENTS: Final = {
    "PV_CHAN_Current": "PV_CHAN_Step_Time",
    "PV_CHAN_CV_Stage_Current": "PV_CHAN_CV_StageTime",
}
_NO_CLAMP: Final = 1e30
_TYPES: Final = {
    "Current Ramp(A)": "UCP has no current that changes steadily; write it as a drive cycle",
    "Current Simulation": "its samples are in another file, whose layout is not documented",
    "Write CAN Messages": "UCP cannot send messages to other devices",
}
_MEASURED_CELL: Final = "which of the auxiliary channels measures the cell is not in the file"


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
    refusals = Refusals(TITLE)
    sections = read_sections(content.decode("latin-1"), refusals)
    if "Schedule" not in sections or "Schedule_Step0" not in sections:
        refusals.add("the file", "it has no [Schedule] with steps")
    refusals.raise_any()
    reader = _Reader(PlanBuilder(refusals), sections, Values(sections))
    reader.safety()
    reader.chambers()
    reader.read_rows()
    for row in reader.rows.values():
        reader.step(row)
    reader.close()
    return reader.builder.read_file()


@define
class _Reader:
    builder: PlanBuilder
    sections: Mapping[str, Section]
    values: Values
    rows: dict[int, Row] = Factory(dict)
    labels: dict[str, int] = Factory(dict)
    resets: dict[int, frozenset[str]] = Factory(dict)

    # ------------------------------------------------------------ the whole schedule

    def safety(self) -> None:
        """Read the safety limits of the schedule, and note those that a protocol cannot hold."""
        schedule = self.sections["Schedule"]
        for quantity, (low_key, high_key, sign) in _SCOPES.items():
            low, _, high = schedule.get(f"m_{quantity}SafetyScope", "").partition("^")
            with self.builder.refusing(f"m_{quantity}SafetyScope"):
                if not is_on(schedule, f"m_bCheck{quantity}Safety", "0"):
                    continue
                if schedule.get(f"m_bDefault{quantity}SafetyMode", "0") != "0":
                    raise Unreadable("limits relative to the defaults of the channel are unknown")
                limits = Limit(low_key, sign * finite(low)), Limit(high_key, finite(high))
                self.builder.safety.extend(limits)
        with self.builder.refusing("m_PowerSafetyScope"):
            if is_on(schedule, "m_bCheckPowerSafety", "0"):
                raise Unreadable("UCP has no safety limit on power")
        for number in range(16):
            kind = self.sections.get(f"Schedule_UserDefineSafety{number}", {})
            if kind.get("m_szSafetyType"):
                name = kind["m_szSafetyType"]
                place = f"Schedule_UserDefineSafety{number}"
                self.builder.refusals.add(place, f"UCP has no safety limit {name}")
        for key, text in schedule.items():
            if key.startswith("m_Clamp"):
                self._clamp(key, text)
        self.builder.notes.extend(kept_elsewhere(self.sections))

    def _clamp(self, key: str, text: str) -> None:
        """Reject a bound on what the channel may supply; saved schedules have 3.4e38, no bound."""
        with self.builder.refusing(key):
            parts = text.split(",")
            if len(parts) != 3 or abs(finite(parts[1])) < _NO_CLAMP:
                raise Unreadable(f"the meaning of {text!r} is not documented")

    def chambers(self) -> None:
        """Note what the schedule sets on a chamber, and reject waiting for it."""
        for heading, section in self.sections.items():
            if not heading.startswith("Schedule_TestStg"):
                continue
            for number in range(16):
                element = f"Element{number}"
                if section.get(f"{element}_bTurnOn") != "1":
                    continue
                named = f"{section.get('m_szLabel')} ({section.get(f'{element}_strType')})"
                if section.get(f"{element}_bWaitSatisfaction", "0") != "0":
                    self.builder.refusals.add(named, "UCP cannot wait for a chamber")
                self.builder.notes.append(
                    f"{named} sets {section.get(f'{element}_fOutput')}: set the chamber by hand"
                )

    def read_rows(self) -> None:
        """Read labels and limits, by which the steps refer to each other."""
        self.rows = {row.number: row for row in rows(self.sections)}
        stated = self.sections["Schedule"].get("m_uStepNum")
        if stated != str(len(self.rows)):
            self.builder.refusals.add(
                "m_uStepNum", f"it is {stated}, but there are {len(self.rows)} steps"
            )
        for row in self.rows.values():
            if row.label in self.labels:
                self.builder.refusals.add(f"label {row.label!r}", "several steps have this label")
            self.labels.setdefault(row.label, row.number)
            with self.builder.refusing(_place(row), row.number):
                row.limits = list(read_limits(row, self.sections))

    def close(self) -> None:
        """End the test where the last step only sets registers, so that jumps to it end it too."""
        last = max(self.builder.steps)
        if self.builder.steps[last] is None and all(
            loop.end != last for loop in self.builder.loops
        ):
            self.builder.steps[last] = Mark("End", _place(self.rows[last]))

    # ------------------------------------------------------------ steps

    def step(self, row: Row) -> None:
        """Read a step."""
        if row.number in self.builder.steps:
            return  # its limits are unread already
        place = _place(row)
        with self.builder.refusing(place, row.number):
            row.check_keys()
            if row.sets_variables:
                self._variables(row, place)
            elif row.kind == "Internal Resistance":
                self.builder.steps[row.number] = self._resistance(row, place)
            elif row.kind == "Rest" and row.ends_at_once():
                self._check_goes_on(row, row.limits[0])
                self.builder.steps[row.number] = None
            else:
                self.builder.steps[row.number] = self._complete(row, self._held(row), place)

    def _complete(self, row: Row, step: Step, place: str) -> Step:
        """Return a step with its ends and its recording."""
        read = [self._end(row, step, limit) for limit in row.limits if limit.ends]
        ends = tuple(self._effective(row.number, step, read))
        if not ends:
            raise Unreadable("it has no end")
        return attrs.evolve(
            step,
            ends=ends,
            recording=self._recording(row),
            name=row.label,
            path=place,
            title=place,
        )

    def _held(self, row: Row) -> Step:
        text = row.keys.get("m_szCtrlValue", "")
        if row.kind == "Rest":
            _check_idle(row)
            if text not in ("", "0"):
                raise Unreadable(f"the meaning of a rest with the value {text} is not documented")
            return Step("rest")
        if row.kind == "Voltage(V)":
            _check_idle(row)
            # Seen in the schedules of beep's converter, each after the current it belongs to.
            return Step(
                "voltage",
                self._direction(row),
                Level(self.values.number(text, "m_szCtrlValue"), "V"),
            )
        if row.kind not in ("Current(A)", "C-Rate", "CCCV"):
            raise Unreadable(
                _TYPES.get(row.kind, "the meaning of this type of step is not documented")
            )
        direction, level = self._set_point(row)
        if row.kind != "CCCV":
            _check_idle(row)
            return Step("current", direction, level)
        if self.values.number(row.keys.get("m_szExtCtrlValue2") or "0", "m_szExtCtrlValue2") != 0:
            raise Unreadable("UCP has no resistance compensation")
        voltage = self.values.number(row.keys.get("m_szExtCtrlValue1", ""), "m_szExtCtrlValue1")
        return Step("cccv", direction, level, voltage)

    def _set_point(self, row: Row) -> tuple[Direction, Level]:
        text = row.keys.get("m_szCtrlValue", "")
        level = self.values.current(text, "m_szCtrlValue")
        if row.kind == "C-Rate":
            level = Level(self.values.number(text), "C")
        if level.value == 0:
            raise Unreadable("its current is 0")
        direction: Direction = "charge" if level.value > 0 else "discharge"
        return direction, Level(abs(level.value), level.unit)

    def _direction(self, row: Row) -> Direction:
        """Return the direction of a constant voltage: that of the current before it."""
        before = self.rows.get(row.number - 1)
        if before is None or before.kind not in ("Current(A)", "C-Rate", "CCCV"):
            raise Unreadable("the file does not say whether it charges or discharges")
        return self._set_point(before)[0]

    def _resistance(self, row: Row, place: str) -> Step | None:
        """Return the rest of a measurement of the internal resistance, without its pulses.

        Arbin's article on the measurement describes ten pulses of the amplitude, alternating about
        the offset (the second extra value), each as long as the first extra value; the data set of
        Severson et al. (2019), measured with the schedule of the project beep, has ten pulses of
        3.6C, positive and negative, of 30 ms. With the offset 0 they pass no charge.
        """
        amplitude = self.values.current(row.keys.get("m_szCtrlValue", ""), "m_szCtrlValue")
        length = self.values.number(row.keys.get("m_szExtCtrlValue1", ""), "m_szExtCtrlValue1")
        if self.values.number(row.keys.get("m_szExtCtrlValue2") or "0", "m_szExtCtrlValue2") != 0:
            raise Unreadable("its pulses have an offset, so that they charge or discharge the cell")
        measured = f"{number_text(abs(amplitude.value))} {amplitude.unit} for {length:g} ms"
        note = f"measures the internal resistance: ten pulses of +-{measured}, left out"
        self.builder.notes.append(f"{place} {note}")
        if row.ends_at_once():
            self._check_goes_on(row, row.limits[0])
            return None
        step = self._complete(row, Step("rest"), place)
        if any(end.quantity != "Time" for end in step.ends):
            raise Unreadable("it has an end other than its time, which its pulses could reach")
        return attrs.evolve(step, note=f"Arbin {note}")

    # ------------------------------------------------------------ registers and loops

    def _variables(self, row: Row, place: str) -> None:
        """Read a step that sets registers: a reset, a cycle count, or the end of a loop."""
        counts, resets = row.counts(), row.resets()
        if not all(limit.ends and limit.equations for limit in row.limits):
            raise Unreadable("it has a limit that does not end it, or that has no condition")
        self.resets[row.number] = resets
        self.builder.steps[row.number] = (
            Mark("Advance cycle", place) if CYCLE_INDEX in counts else None
        )
        if row.ends_at_once():
            self._check_goes_on(row, row.limits[0])
            if counts - {CYCLE_INDEX}:
                raise Unreadable(
                    f"it increments {', '.join(sorted(counts - {CYCLE_INDEX}))} outside a loop"
                )
        else:
            self._loop(row)

    def _check_goes_on(self, row: Row, limit: RowLimit) -> None:
        is_last = row.number + 1 == len(self.rows)
        if limit.goto != "Next Step" and not (is_last and limit.goto == "End Test"):
            raise Unreadable(f"it leads to {limit.goto!r}, not to the next step")

    def _loop(self, row: Row) -> None:
        turn = read_turn(row)
        start = self.labels.get(turn.back, -1)
        if not 0 <= start < row.number:
            raise Unreadable(f"it goes back to {turn.back!r}, which is not before it")
        if turn.on not in ("Next Step", "End Test"):
            raise Unreadable(
                f"after its last pass it leads to {turn.on!r}, not to the next step or the end"
            )
        by_index = turn.register == CYCLE_INDEX
        if by_index:
            passes = turn.stop - cycle_index_at(start, row.number, self.rows)
        else:
            self._check_counter(turn.register, start, row.number)
            passes = turn.stop
        if passes < 1:
            raise Unreadable(f"{turn.register} is never below {turn.stop}")
        ends_test = turn.on == "End Test" and row.number + 1 < len(self.rows)
        if by_index:
            loop = Loop(start, row.number, passes, ends_test=ends_test)
        else:
            name = f"Steps {start + 1} to {row.number + 1}"
            self.builder.steps[start - 1] = LoopStart(name, path=name)
            loop = Loop(start - 1, row.number, passes, opens=True, ends_test=ends_test)
        self.builder.loops.append(loop)

    def _check_counter(self, counter: str, start: int, end: int) -> None:
        """Check that a counter is 0 when its loop is entered, and counts nothing else."""
        if counter not in self.resets.get(start - 1, ()):
            raise Unreadable(f"its loop does not start after a reset of {counter}")
        if self.builder.steps[start - 1] is not None:
            raise Unreadable(f"the reset of {counter} before its loop also does something else")
        if any(counter in self.resets.get(inner, ()) for inner in range(start, end + 1)):
            raise Unreadable(f"{counter} is also used by a loop inside it")

    # ------------------------------------------------------------ ends

    def _end(self, row: Row, step: Step, limit: RowLimit) -> StepEnd:
        target = self._target(limit.goto)
        if not limit.equations:
            raise Unreadable("it has a limit without a condition")
        register, sign, text = limit.equations[0]
        rest = limit.equations[1:]
        operator = _SIGNS.get(sign)
        if operator is not None and register in _CURRENTS and step.direction is not None:
            end = _current(step, operator, self.values.current(text), target)
            held = step.control == "cccv" or (
                step.control == "voltage" and register == "PV_CHAN_Current"
            )
            delayed = len(rest) == 1 and rest[0] in {
                (_CURRENTS[register], later, "1") for later in (">", ">=")
            }
            tapers = end.operator == "<" and held and (delayed or not rest)
            rises = end.operator == ">" and not rest and register == "PV_CHAN_Current"
            if tapers or rises:
                return end
        elif register == _capacity_register(step) and operator == ">" and not rest:
            self._check_counts_from_start(row, register)
            return StepEnd("Capacity", ">", self.values.capacity(text), target)
        elif operator is not None and register in _REGISTERS and not rest:
            quantity, unit = _REGISTERS[register]
            is_held = quantity != "Hold time" or step.control == "cccv"
            if is_held and (unit != "s" or operator == ">"):
                return self._measured(quantity, operator, text, unit, target)
        named = " and ".join(" ".join(equation) for equation in limit.equations)
        reason = f": {_MEASURED_CELL}" if register.startswith("AV_") else ""
        raise Unreadable(f"its limit {named} has no counterpart in UCP{reason}")

    def _measured(
        self, quantity: str, operator: Comparison, text: str, unit: Unit, target: int | None
    ) -> StepEnd:
        value = self.values.number(text)
        if quantity == "Time" and value <= 0:
            raise Unreadable(f"its limit of {value:g} s ends it as soon as it begins")
        return StepEnd(quantity, operator, Level(value, unit), target)

    def _check_counts_from_start(self, row: Row, register: str) -> None:
        """Check that a register of capacity is 0 on every way into a step."""
        for other in self.rows.values():
            # A step whose limits cannot be read may lead anywhere.
            leads = not other.limits or any(
                limit.ends
                and (
                    limit.goto == row.label
                    or (limit.goto == "Next Step" and other.number + 1 == row.number)
                )
                for limit in other.limits
            )
            if leads and CAPACITIES not in self._resets_of(other):
                raise Unreadable(
                    f"{register} counts over several steps: {_place(other)} leads to this step "
                    "without a reset"
                )
        if row.number == 0:
            raise Unreadable(f"{register} may not be 0 when the test begins")

    def _resets_of(self, row: Row) -> frozenset[str]:
        return row.resets() if row.sets_variables else frozenset()

    def _target(self, goto: str) -> int | None:
        if goto == "Next Step":
            return None
        if goto in ("End Test", "Unsafe"):
            return END_TEST
        if goto not in self.labels:
            raise Unreadable(f"it leads to {goto!r}, but no step has this label")
        return self.labels[goto]

    def _effective(self, number: int, step: Step, ends: list[StepEnd]) -> Iterator[StepEnd]:
        """Yield the ends of a step, without those that the limit before them always precedes.

        At the value of a safety limit it is not documented whether the limit or the jump comes
        first; the protocol then ends the test, which leaves the cell alone.
        """
        seen: set[tuple[str, Comparison, Level]] = set()
        for end in ends:
            condition = (end.quantity, end.operator, end.level)
            jumps = end.target is not None and end.target != END_TEST
            if condition in seen:
                if jumps:
                    self.builder.notes.append(
                        f"{_place(self.rows[number])} has several limits at {end}: the first one "
                        "takes effect"
                    )
                continue
            seen.add(condition)
            scope = next((limit for limit in self.builder.safety if _ties(limit, step, end)), None)
            is_last = number + 1 == len(self.rows)
            if scope is None or end.target == END_TEST or (end.target is None and is_last):
                yield end
            elif end.target is None:
                raise Unreadable(
                    f"it goes on at {end}, where the limit {scope.key} of the whole schedule "
                    "ends the test"
                )
            else:
                self.builder.notes.append(
                    f"Steps jump at {end}, where the limit {scope.key} of the schedule ends the "
                    "test; which of them comes first is not documented: the protocol ends the test."
                )
                yield attrs.evolve(end, target=END_TEST)

    def _recording(self, row: Row) -> Recording:
        rules: dict[str, float] = {}
        for limit in row.limits:
            if limit.ends or not limit.logs or not limit.equations:
                continue
            register, sign, text = limit.equations[0]
            if register not in _RECORDS or _SIGNS.get(sign) != ">":
                raise Unreadable(f"UCP has no resolution {register} {sign} {text}")
            if len(limit.equations) > 1:
                self.builder.notes.append(
                    f"points that {register} saves under a second condition only are saved always"
                )
            name, amount = _RECORDS[register], self.values.number(text)
            rules[name] = min(rules.get(name, amount), amount)
        return Recording(**rules)


def _place(row: Row) -> str:
    return f"step {row.number + 1} {row.label!r} ({row.kind})"


def _check_idle(row: Row) -> None:
    """Reject values in fields that saved schedules leave empty for this type of step."""
    for name in ("m_szExtCtrlValue1", "m_szExtCtrlValue2"):
        if row.keys.get(name, "") not in ("", "0"):
            raise Unreadable(f"the meaning of its {name} of {row.keys[name]} is not documented")


def _capacity_register(step: Step) -> str:
    return f"PV_CHAN_{'Charge' if step.direction == 'charge' else 'Discharge'}_Capacity"


def _ties(limit: Limit, step: Step, end: StepEnd) -> bool:
    same = (limit.quantity, limit.operator, limit.value) == (
        end.quantity,
        end.operator,
        end.level.value,
    )
    return same and end.level.unit != "C" and limit.direction in (None, step.direction)


def _current(step: Step, operator: Comparison, level: Level, target: int | None) -> StepEnd:
    """Return an end on a signed current as an end on its magnitude."""
    charges = step.direction == "charge"
    if (level.value < 0) == charges and level.value != 0:
        raise Unreadable(f"its end at {level} is against the direction of the step")
    turned: Comparison = "<" if operator == ">" else ">"
    magnitude = Level(abs(level.value), level.unit)
    return StepEnd("Current", operator if charges else turned, magnitude, target)
