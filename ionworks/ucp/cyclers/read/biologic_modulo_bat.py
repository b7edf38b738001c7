"""The technique Modulo Bat: each sequence has a type of control and up to three limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Comparison,
    Direction,
    Impedance,
    Level,
    Recording,
    Step,
    StepEnd,
    Unit,
)
from ionworks.ucp.cyclers.read.biologic_columns import UNCHANGING, Column, amount, number
from ionworks.ucp.cyclers.read.biologic_ranges import check_ranges
from ionworks.ucp.cyclers.read.biologic_sequences import Sequences
from ionworks.ucp.cyclers.read.numbers import whole
from ionworks.ucp.cyclers.read.refusals import Unreadable

_POTENTIALS: Final = ("Ewe", "Ecell")
_RECORDS: Final[dict[str, tuple[str, Unit]]] = {
    "Time": ("time", "s"),
    "Ewe": ("voltage", "V"),
    "Ecell": ("voltage", "V"),
    "I": ("current", "A"),
}
_WATCHED: Final[dict[str, Unit]] = {
    "Time": "s",
    "Ewe": "V",
    "Ecell": "V",
    "I": "A",
    "|I|": "A",
    "|Q|": "Ah",
}
"""Quantities that the limits of a sequence watch, with their units."""

_MOST_BLOCKS: Final = 3
_NOT_ALWAYS_USED: Final = (
    *(f"ctrl{place}_val{part}" for place in range(1, 6) for part in ("", "_unit", "_vs")),
    "Apply I/C",
    "Apply I/C_1",
    "N",
    "N1",
    "charge/discharge",
    "charge/discharge_1",
    "current/potential",
    "ctrl_seq",
    "ctrl_repeat",
    "ctrl_trigger",
    "ctrl_TO_t",
    "ctrl_TO_t_unit",
    "ctrl_Nd",
    "ctrl_Na",
    "ctrl_corr",
    *(
        f"lim{block}_{row}"
        for block in range(1, _MOST_BLOCKS + 1)
        for row in ("type", "comp", "Q", "Qprev_pct", "value", "value_unit", "action", "seq")
    ),
    *(
        f"rec{block}_{row}"
        for block in range(1, _MOST_BLOCKS + 1)
        for row in ("type", "value", "value_unit")
    ),
    "auto rest",
    *UNCHANGING,
)
"""Rows that are read where a type of control uses them; elsewhere the software leaves old values
in them."""


def read_modulo_bat(sequences: Sequences) -> None:
    """Read all sequences."""
    for place, column in enumerate(sequences.technique.columns()):
        kind = column.text("ctrl_type", "")
        with sequences.refusing(place, kind, column):
            column.ignore(_NOT_ALWAYS_USED)
            column.expect("ctrl_tM", "0")
            if kind == "Loop":
                _loop(sequences, place, column)
            elif kind in _HELD:
                step = _HELD[kind](sequences, place, column)
                sequences.add(place, kind, _complete(sequences, place, step, column))
            else:
                raise Unreadable("the meaning of this type of control is not documented")
            column.check_all_heeded()


def _loop(sequences: Sequences, place: int, column: Column) -> None:
    if column.whole("lim_nb", "0"):
        raise Unreadable("the meaning of limits of a loop is not documented")
    column.ignore(("rec_nb",))
    end = sequences.turn(place, 0)
    sequences.loop(place, column.whole("ctrl_seq"), column.whole("ctrl_repeat"), end)


def _rest(_sequences: Sequences, _place: int, _column: Column) -> Step:
    return Step("rest")


def _check_single(column: Column) -> None:
    """Reject what public files do not have in a sequence with a single set point."""
    column.expect("current/potential", "current", "")
    for row in ("ctrl2_val", "ctrl3_val", "ctrl4_val", "ctrl5_val"):
        column.expect(row, "0", "")


def _constant_current(sequences: Sequences, _place: int, column: Column) -> Step:
    _check_reference(column, "<None>", "")
    _check_single(column)
    level, direction = _current(sequences, column)
    return Step("current", direction, level)


def _constant_voltage(sequences: Sequences, place: int, column: Column) -> Step:
    _check_reference(column, "Ref", "<None>", "")
    _check_single(column)
    voltage = column.amount("ctrl1_val", "ctrl1_val_unit", "V")
    direction = sequences.hold_direction(sequences.number(place), voltage)
    return Step("voltage", direction or _signed_direction(column), voltage)


def _signed_direction(column: Column) -> Direction | None:
    """Return the direction that a limit of the signed current ``I`` gives to a hold.

    A hold that ends once ``I`` is below 10 mA waits for a current that charges to fall.
    """
    for block in _limit_blocks(column):
        cells = _limit(column, block)
        if cells["type"] == "I" and cells["comp"] in ("<", ">"):
            return "charge" if cells["comp"] == "<" else "discharge"
    return None


def _current_then_voltage(sequences: Sequences, _place: int, column: Column) -> Step:
    """Read ``CC-CV``, which BT-Lab 1.81 has: a current, a voltage and the current at its end."""
    _check_reference(column, "<None>", "")
    for row in ("ctrl4_val", "ctrl5_val"):
        column.expect(row, "0", "")
    column.expect("Apply I/C_1", "I")
    level, direction = _current(sequences, column)
    voltage = column.amount("ctrl2_val", "ctrl2_val_unit", "V").value
    last = column.amount("ctrl3_val", "ctrl3_val_unit", "A")
    if last.value < 0:
        raise Unreadable("the current at its end is below 0")
    ends = (StepEnd("Current", "<", last),) if last.value else ()
    return Step("cccv", direction, level, voltage, ends)


def _impedance(sequences: Sequences, place: int, column: Column) -> Step:
    """Read ``PEIS`` and ``GEIS``: amplitude, first and last frequency, points of a decade.

    The data of ``v1150_MB.mpt``, a test file of the project galvani, have these frequencies.
    """
    _check_reference(column, "<None>", "")
    for row in ("ctrl4_val", "ctrl5_val"):
        column.expect(row, "0", "")
    unit: Unit = "V" if column.text("ctrl_type") == "PEIS" else "A"
    frequencies = [column.hertz(f"ctrl{row}_val", f"ctrl{row}_val_unit") for row in (2, 3)]
    leaving = [
        block
        for block in _limit_blocks(column)
        if _leads_to(sequences, place, _limit(column, block)) is not None
    ]
    if leaving:
        raise Unreadable("UCP has no limits that end an impedance sweep")
    if column.whole("lim_nb", "0"):
        sequences.builder.notes.append("limits of impedance sweeps were left out")
    return Step(
        "impedance",
        impedance=Impedance(
            column.amount("ctrl1_val", "ctrl1_val_unit", unit),
            min_frequency=min(frequencies),
            max_frequency=max(frequencies),
            points_per_decade=float(column.whole("ctrl_Nd")),
        ),
    )


_HELD: Final[dict[str, Callable[[Sequences, int, Column], Step]]] = {
    "Rest": _rest,
    "CC": _constant_current,
    "CV": _constant_voltage,
    "CC-CV": _current_then_voltage,
    "PEIS": _impedance,
    "GEIS": _impedance,
}


def _complete(sequences: Sequences, place: int, step: Step, column: Column) -> Step:
    """Return a step with its limits and what it records."""
    if step.control == "impedance":
        column.ignore(("lim_nb", "rec_nb"))
        return step
    blocks = _limit_blocks(column)
    ends = (*step.ends, *(_end(sequences, place, step, column, block) for block in blocks))
    if not ends:
        raise Unreadable("it has no end")
    step = attrs.evolve(step, ends=ends, recording=_recording(sequences, column))
    check_ranges(sequences, column, step)
    return step


def _recording(sequences: Sequences, column: Column) -> Recording:
    rules: dict[str, float] = {}
    for block in range(1, column.whole("rec_nb", "0") + 1):
        kind = column.text(f"rec{block}_type")
        if kind not in _RECORDS:
            sequences.note_recording(kind)
            continue
        name, unit = _RECORDS[kind]
        rule = column.amount(f"rec{block}_value", f"rec{block}_value_unit", unit).value
        if rule > 0:
            rules[name] = min(rules.get(name, rule), rule)
    return Recording(**rules)


def _check_reference(column: Column, *known: str) -> None:
    """Reject set points that are relative to another value."""
    against = column.text("ctrl1_val_vs", "")
    if against not in known:
        raise Unreadable(
            f"set points relative to {against} are not read; write an expression in UCP"
        )


def _flag(column: Column) -> Direction:
    flag = column.text("charge/discharge", "")
    if flag not in ("Charge", "Discharge"):
        raise Unreadable(f"its direction {flag!r} is unknown")
    return "charge" if flag == "Charge" else "discharge"


def _current(sequences: Sequences, column: Column) -> tuple[Level, Direction]:
    """Return a current and its direction; a negative current discharges."""
    direction = _flag(column)
    applied = column.text("Apply I/C", "I")
    if applied in ("C / N", "C x N"):
        hours = number(column.text("N"))
        if hours <= 0:
            raise Unreadable(f"its C-rate must be above 0, but N is {column.text('N')!r}")
        # Public files show the current without a sign; it is a number then, not the set point.
        if column.text("ctrl1_val", "").startswith("-"):
            raise Unreadable("its direction is unclear: it has a C-rate and a negative current")
        sequences.note_c_rate()
        return Level(1 / hours if applied == "C / N" else hours, "C"), direction
    if applied != "I":
        raise Unreadable(f"the meaning of 'Apply I/C' {applied!r} is not documented")
    level = column.amount("ctrl1_val", "ctrl1_val_unit", "A")
    if level.value < 0 and direction == "discharge":
        raise Unreadable("its current is negative, but it is marked as a discharge")
    if level.value < 0:
        return Level(-level.value, level.unit), "discharge"
    if level.value == 0:
        raise Unreadable("its current is 0")
    return level, direction


def _limit_blocks(column: Column) -> range:
    """Return the numbers of the limits of a sequence."""
    count = column.whole("lim_nb", "0")
    if count > _MOST_BLOCKS:
        raise Unreadable(f"it has {count} limits; at most {_MOST_BLOCKS} are read")
    return range(1, count + 1)


def _limit(column: Column, block: int) -> dict[str, str]:
    rows = ("type", "comp", "Q", "value", "value_unit", "action", "seq")
    return {row: column.text(f"lim{block}_{row}", "") for row in rows}


def _end(sequences: Sequences, place: int, step: Step, column: Column, block: int) -> StepEnd:
    cells = _limit(column, block)
    kind, comparison = cells["type"], cells["comp"]
    named = f"the limit {kind} {comparison} {cells['value']} {cells['value_unit']}"
    # EC-Lab writes "I limit" for a current. Other words make a limit relative to earlier values.
    absolute = ("Q limit", "I limit", "") if kind in ("I", "|I|") else ("Q limit", "")
    if cells["Q"] not in absolute or comparison not in ("<", ">") or kind not in _WATCHED:
        raise Unreadable(f"UCP does not have {named}")
    level = amount(cells["value"], cells["value_unit"], _WATCHED[kind])
    operator: Comparison = "<" if comparison == "<" else ">"
    target = _leads_to(sequences, place, cells)
    if kind == "Time" and operator == ">":
        return StepEnd("Time", ">", level, target)
    if kind in _POTENTIALS:
        return StepEnd("Voltage", operator, level, target)
    if kind == "|I|":
        return StepEnd("Current", operator, level, target)
    if kind == "|Q|" and operator == ">" and step.control in ("current", "voltage", "cccv"):
        return StepEnd("Capacity", operator, level, target)
    if kind == "I" and step.direction == "charge" and level.value >= 0:
        return StepEnd("Current", operator, level, target)
    if kind == "I" and step.direction == "discharge" and level.value <= 0:
        # A negative current whose magnitude falls is a rising number.
        turned: Comparison = ">" if operator == "<" else "<"
        return StepEnd("Current", turned, Level(-level.value, level.unit), target)
    raise Unreadable(f"UCP does not have {named}")


def _leads_to(sequences: Sequences, place: int, cells: dict[str, str]) -> int | None:
    """Return the number that a limit leads to; None for the next step."""
    following = place + 1
    match cells["action"]:
        case "Stop":
            if cells["seq"] not in ("", "9999"):
                raise Unreadable(f"it stops, but leads to sequence {cells['seq']}")
            if not sequences.is_last:
                raise Unreadable("it is not documented whether it stops the following techniques")
            return END_TEST
        case "Next sequence":
            # The converter of beep leads the last sequence of all to the number of no sequence.
            is_end = sequences.is_last and following == sequences.count
            if cells["seq"] not in ("", str(following), "9999" if is_end else ""):
                raise Unreadable(f"its next sequence is {cells['seq']}, not {following}")
            return None
        case "Goto sequence":
            target = whole(cells["seq"])
            return None if target == following else sequences.target(target)
    raise Unreadable(f"the action {cells['action']!r} is unknown")
