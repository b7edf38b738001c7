"""The technique GCPL: each sequence has a current, a hold at the voltage it reaches, and a rest.

The current ends after ``t1`` or at ``EM``; ``EM`` is then held for ``tM`` or until the current is
below ``Im``; the rest takes ``tR``, and is left out if that is 0; ``nc cycles`` counts repetitions.
This is how the manual of EC-Lab, "Techniques and Applications", describes them. The order and the
sign of the current agree with the data of ``v1150_GCPL.mpt`` (project galvani); in the data of a
public file with five ``nc cycles`` the sequences run six times.
"""

from __future__ import annotations

from typing import Final

import attrs

from ionworks.ucp.cyclers.plan import Direction, Level, Step, StepEnd, voltage_comparison
from ionworks.ucp.cyclers.read.biologic_columns import UNCHANGING, Column, recording
from ionworks.ucp.cyclers.read.biologic_ranges import check_ranges
from ionworks.ucp.cyclers.read.biologic_sequences import Sequences, check_holdable, slow_end
from ionworks.ucp.cyclers.read.refusals import Unreadable

_KIND: Final = "GCPL"
_CURRENT, _HOLD, _REST, _TURN = range(4)
"""The parts of a sequence."""


def read_gcpl(sequences: Sequences) -> None:
    """Read all sequences."""
    for place, column in enumerate(sequences.technique.columns()):
        with sequences.refusing(place, _KIND, column):
            _sequence(sequences, place, column)


def _sequence(sequences: Sequences, place: int, column: Column) -> None:
    column.ignore((*UNCHANGING, "dunit dI/dt"))
    for label in ("dxM", "dI/dt"):
        column.expect(label, "0")
    column.expect("delta SoC (%)", "pass")
    if column.text("EL (V)") != "pass":
        raise Unreadable("it is repeated until the voltage after its rest passes EL")
    current = _current(sequences, column)
    hold = _hold(column, current)
    if column.amount("dq", "unit dq", "Ah").value and hold is not None:
        sequences.note_recording("charge")
    rest = _rest(column, current)
    if current is not None:
        check_ranges(sequences, column, current)
    target, repeats = column.whole("goto Ns'"), column.whole("nc cycles")
    column.check_all_heeded()
    turn = sequences.turn(place, _TURN)
    if current is None:
        sequences.turn(place, _CURRENT)
    else:
        behind = turn if rest is None else sequences.number(place, _REST)
        ends = tuple(
            # If the time is over before the voltage is reached, nothing is held.
            attrs.evolve(end, target=None if hold is None or end.quantity == "Voltage" else behind)
            for end in current.ends
        )
        sequences.add(place, f"{_KIND} current", attrs.evolve(current, ends=ends), _CURRENT)
    if hold is not None:
        sequences.builder.notes.append(
            "a hold of GCPL is read as skipped if the time t1 is over before the voltage EM is "
            "reached"
        )
        sequences.add(place, f"{_KIND} hold", hold, _HOLD)
    if rest is not None:
        sequences.add(place, f"{_KIND} rest", rest, _REST)
    sequences.loop(place, target, repeats, turn)


def _current(sequences: Sequences, column: Column) -> Step | None:
    """Return the step of constant current; None if it takes no time."""
    level, direction = _level(sequences, column)
    seconds = column.seconds("t1 (h:m:s)")
    limit = column.text("EM (V)")
    charge = column.amount("dQM", "unit dQM", "Ah")
    saved = recording(time=column.number("dt1 (s)"), voltage=column.volts("dE1 (mV)"))
    if not seconds and not level.value:
        return None
    if not seconds:
        raise Unreadable("it has a current, but its time t1 is 0")
    if not level.value:
        raise Unreadable("its current is 0 for the time t1")
    ends = [StepEnd("Time", ">", Level(seconds, "s"))]
    if limit != "pass":
        volts = Level(column.number("EM (V)"), "V")
        ends.append(StepEnd("Voltage", voltage_comparison(direction), volts))
    if charge.value:
        ends.append(StepEnd("Capacity", ">", charge))
    return Step("current", direction, level, ends=tuple(ends), recording=saved)


def _level(sequences: Sequences, column: Column) -> tuple[Level, Direction]:
    """Return the magnitude of the current and its direction.

    With ``I`` its sign counts, with a C-rate the row ``I sign``: in files that set ``I`` this row
    has ``> 0`` for currents of either sign, and their data have the sign of ``Is``.
    """
    column.expect("vs.", "<None>")
    shown = column.amount("Is", "unit Is", "A")
    applied, sign, hours = column.text("Set I/C"), column.text("I sign"), column.number("N")
    if applied == "I":
        return Level(abs(shown.value), "A"), "discharge" if shown.value < 0 else "charge"
    if applied not in ("C / N", "C x N"):
        raise Unreadable(f"the meaning of 'Set I/C' {applied!r} is not documented")
    if sign not in ("> 0", "< 0") or (shown.value < 0) != (sign == "< 0"):
        raise Unreadable(
            f"its direction is unclear: 'I sign' is {sign!r}, but Is is {shown.value:g} A"
        )
    if hours <= 0:
        raise Unreadable(f"its C-rate must be above 0, but N is {hours:g}")
    sequences.note_c_rate()
    rate = 1 / hours if applied == "C / N" else hours
    return Level(rate, "C"), "discharge" if sign == "< 0" else "charge"


def _hold(column: Column, current: Step | None) -> Step | None:
    """Return the step of constant voltage; None if it takes no time."""
    seconds = column.seconds("tM (h:m:s)")
    cutoff = column.amount("Im", "unit Im", "A")
    saved = recording(time=column.number("dtq (s)"))
    if not seconds:
        return None
    if current is None:
        raise Unreadable("it holds a voltage, but no current leads to it")
    volts = next((end.level for end in current.ends if end.quantity == "Voltage"), None)
    if volts is None:
        raise Unreadable("it holds a voltage, but its current has no limit EM")
    check_holdable(volts)
    if any(end.quantity == "Capacity" for end in current.ends):
        raise Unreadable("its limit of charge counts over its current and its hold")
    ends = [StepEnd("Time", ">", Level(seconds, "s"))]
    if cutoff.value < 0:
        raise Unreadable("its current Im is below 0")
    if cutoff.value:
        ends.append(StepEnd("Current", "<", cutoff))
    return Step("voltage", current.direction, volts, ends=tuple(ends), recording=saved)


def _rest(column: Column, current: Step | None) -> Step | None:
    """Return the rest; None if it takes no time, in which case its other ends do not count."""
    seconds = column.seconds("tR (h:m:s)")
    slow = column.number("dER/dt (mV/h)")
    saved = recording(time=column.number("dtR (s)"), voltage=column.volts("dER (mV)"))
    if not seconds:
        return None
    ends = [StepEnd("Time", ">", Level(seconds, "s"))]
    if slow and current is None:
        raise Unreadable("its rest ends at a slow change of the voltage, but no current led to it")
    if slow and current is not None and current.direction is not None:
        ends.append(slow_end(current.direction, slow))
    return Step("rest", ends=tuple(ends), recording=saved)
