"""Techniques of EC-Lab and BT-Lab that hold one thing: a rest, a current, a voltage or a sweep.

Their rows are those of public settings files of EC-Lab 11.4x to 11.6x and BT-Lab 1.74; lists of the
same parameters are in the projects biologic-com and aurora-unicycler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from ionworks.ucp.cyclers.plan import (
    Direction,
    Impedance,
    Level,
    Recording,
    Step,
    StepEnd,
    voltage_comparison,
)
from ionworks.ucp.cyclers.read.biologic_columns import UNCHANGING, Column, recording
from ionworks.ucp.cyclers.read.biologic_ranges import check_ranges
from ionworks.ucp.cyclers.read.biologic_sequences import Sequences, slow_end
from ionworks.ucp.cyclers.read.refusals import Unreadable

_MEASURING: Final = ("pw", "Na", "corr", "va pourcent", "record", "dt (s)", "inc. cycle")
"""Rows that set how an impedance is measured and when points before it are saved."""

_AVERAGED: Final = ("<Ewe>", "<Ecell>")
_RATE_DELAY: Final = 1.0
"""Time [s] from which on UCP checks a rate of change."""


def read_technique(sequences: Sequences) -> None:
    """Read all sequences of a technique in `READERS`."""
    kind, read = READERS[sequences.technique.name]
    for place, column in enumerate(sequences.technique.columns()):
        with sequences.refusing(place, kind, column):
            column.ignore(UNCHANGING)
            steps = list(read(sequences, place, column))
            repeats = _repeats(column)
            column.check_all_heeded()
            for part, step in enumerate(steps):
                check_ranges(sequences, column, step)
                sequences.add(place, kind, step, part)
            last = sequences.number(place, len(steps) - 1)
            sequences.loop(place, column.whole("goto Ns'", "0"), repeats, last)


def _repeats(column: Column) -> int:
    """Return how often the sequences are repeated after the first pass, from ``goto Ns'`` on.

    Impedance techniques have two counts. ``nr cycles`` is that of ``goto Ns'``; how ``nc cycles``,
    which repeats the sweep alone, counts is not documented.
    """
    column.ignore(("goto Ns'",))
    if "nr cycles" not in column.cells:
        return column.whole("nc cycles", "0")
    if column.whole("nc cycles"):
        raise Unreadable("how 'nc cycles' counts the sweeps is not documented")
    return column.whole("nr cycles")


def _open_circuit(sequences: Sequences, place: int, column: Column) -> Iterator[Step]:
    """Yield a rest, which may end when the voltage changes slowly.

    Where no current before it tells whether the voltage rises or falls, two rests watch it: the
    first ends once it no longer falls, the second once it no longer rises.
    """
    slow = column.number("dER/dt (mV/h)")
    averages = column.text("record", "Ewe") in _AVERAGED
    volts = 0 if averages else column.volts("dER (mV)")
    column.ignore(("dER (mV)",))
    time = _time(column, "tR (h:m:s)")
    rest = Step("rest", recording=recording(time=column.number("dtR (s)"), voltage=volts))
    direction = sequences.relaxing_from(sequences.number(place))
    if slow and time.level.value <= _RATE_DELAY:
        sequences.builder.notes.append(
            f"a rest of {time.level} is too short to end at a slow change of the voltage"
        )
    elif slow and direction is None:
        sequences.builder.notes.append(
            f"a rest that ends when the voltage changes by less than {slow:g} mV/h was read as two "
            "rests: one until it no longer falls, one until it no longer rises"
        )
        left = Level(time.level.value - _RATE_DELAY, "s")
        behind = sequences.turn(place, 2)
        late = attrs.evolve(time, target=behind)
        yield attrs.evolve(rest, ends=(late, slow_end("charge", slow)))
        yield attrs.evolve(rest, ends=(attrs.evolve(time, level=left), slow_end("discharge", slow)))
        return
    ends = (time, slow_end(direction, slow)) if slow and direction else (time,)
    yield attrs.evolve(rest, ends=ends)


def _chronopotentiometry(_sequences: Sequences, _place: int, column: Column) -> Iterator[Step]:
    _check_absolute(column, "<None>")
    level = column.amount("Is", "unit Is", "A")
    charge = column.amount("dQM", "unit dQM", "Ah")
    averages = column.text("record") in _AVERAGED
    volts = 0 if averages else column.volts("dEs (mV)")
    column.ignore(("dEs (mV)",))
    saved = recording(time=column.number("dts (s)"), voltage=volts)
    limit = column.text("EM (V)")
    ends = [_time(column, "ts (h:m:s)")]
    if not level.value:
        if limit != "pass":
            raise Unreadable("on which side of EM a rest ends is not documented")
        # Without a current the limit of charge is never reached.
        yield Step("rest", ends=tuple(ends), recording=saved)
        return
    direction: Direction = "discharge" if level.value < 0 else "charge"
    if limit != "pass":
        volts_limit = Level(column.number("EM (V)"), "V")
        ends.append(StepEnd("Voltage", voltage_comparison(direction), volts_limit))
    if charge.value:
        ends.append(StepEnd("Capacity", ">", charge))
    yield Step("current", direction, Level(abs(level.value), "A"), None, tuple(ends), saved)


def _chronoamperometry(sequences: Sequences, place: int, column: Column) -> Iterator[Step]:
    _check_absolute(column, "Ref")
    for label in ("Imax", "Imin"):
        if column.text(label) != "pass":
            raise Unreadable(f"{label} has a sign, but the currents of UCP are magnitudes")
    column.expect("dQM", "0")
    column.ignore(("unit Imax", "unit Imin", "unit dQM"))
    voltage = Level(column.number("Ei (V)"), "V")
    direction = sequences.hold_direction(sequences.number(place), voltage)
    ends = (_time(column, "ti (h:m:s)"),)
    yield Step(
        "voltage", direction, voltage, ends=ends, recording=_current_recording(sequences, column)
    )


def _current_recording(sequences: Sequences, column: Column) -> Recording:
    column.ignore(("dI", "unit dI", "dt (s)", "dta (s)"))
    charge = column.amount("dQ", "unit dQ", "Ah").value
    if column.text("record") == "<I>":
        return recording(time=column.number("dta (s)"))
    if charge:
        sequences.note_recording("charge")
    change = column.amount("dI", "unit dI", "A").value
    return recording(time=column.number("dt (s)"), current=change)


def _potentiostatic_impedance(sequences: Sequences, place: int, column: Column) -> Iterator[Step]:
    """Yield the hold before the sweep, if there is one, and the sweep around its voltage."""
    column.ignore(("dI", "unit dI"))
    held, seconds = column.number("E (V)"), column.seconds("tE (h:m:s)")
    against = column.text("vs.")
    if against == "Ref" and seconds:
        volts = Level(held, "V")
        direction = sequences.hold_direction(sequences.number(place), volts)
        yield Step("voltage", direction, volts, ends=(StepEnd("Time", ">", Level(seconds, "s")),))
        sequences.builder.notes.append(
            f"the instrument holds {volts} during the impedance sweep that follows its hold"
        )
    elif against == "Ref":
        raise Unreadable(f"UCP has no impedance sweep that begins at {held:g} V without a hold")
    elif against != "Eoc" or held or seconds:
        raise Unreadable(
            f"set points relative to {against} are not read; write an expression in UCP"
        )
    yield _sweep(column, Level(column.volts("Va (mV)"), "V"))


def _galvanostatic_impedance(_sequences: Sequences, _place: int, column: Column) -> Iterator[Step]:
    """Yield the rest before the sweep, if there is one, and the sweep without a mean current."""
    column.ignore(("dE (mV)",))
    _check_absolute(column, "<None>")
    if column.amount("Is", "unit Is", "A").value:
        raise Unreadable("UCP has no impedance sweep during a current")
    if column.text("Ia/Va") != "Ia":
        raise Unreadable("UCP has no sweep of currents with an amplitude of the voltage")
    seconds = column.seconds("tIs (h:m:s)")
    if seconds:
        yield Step("rest", ends=(StepEnd("Time", ">", Level(seconds, "s")),))
    yield _sweep(column, column.amount("Ia", "unit  Ia", "A"))


def _sweep(column: Column, amplitude: Level) -> Step:
    column.ignore(_MEASURING)
    if "Multi Sine" in column.cells:
        # Before EC-Lab 11 these rows say the same as those below; Nt is the other way to give Nd.
        for label, known in (("Multi Sine", "0"), ("Sel Nd", "1"), ("Log", "1")):
            column.expect(label, known)
        column.ignore(("Nt",))
    else:
        column.expect("Mode", "Single sine")
        column.expect("Points", "per decade")
        column.expect("spacing", "Logarithmic")
    frequencies = column.hertz("fi", "unit fi"), column.hertz("ff", "unit ff")
    return Step(
        "impedance",
        impedance=Impedance(
            amplitude,
            min_frequency=min(frequencies),
            max_frequency=max(frequencies),
            points_per_decade=float(column.whole("Nd")),
        ),
    )


def _check_absolute(column: Column, absolute: str) -> None:
    """Reject set points that are relative to another value."""
    against = column.text("vs.")
    if against != absolute:
        raise Unreadable(
            f"set points relative to {against} are not read; write an expression in UCP"
        )


def _time(column: Column, label: str) -> StepEnd:
    seconds = column.seconds(label)
    if not seconds:
        raise Unreadable(f"its time {label.partition(' ')[0]} is 0")
    return StepEnd("Time", ">", Level(seconds, "s"))


_Read = Callable[[Sequences, int, Column], Iterator[Step]]

READERS: Final[dict[str, tuple[str, _Read]]] = {
    "Open Circuit Voltage": ("OCV", _open_circuit),
    "Chronopotentiometry": ("CP", _chronopotentiometry),
    "Chronoamperometry / Chronocoulometry": ("CA", _chronoamperometry),
    "Potentio Electrochemical Impedance Spectroscopy": ("PEIS", _potentiostatic_impedance),
    "Galvano Electrochemical Impedance Spectroscopy": ("GEIS", _galvanostatic_impedance),
}
"""Short name and reader of each technique, by its name in files."""
