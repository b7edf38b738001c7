"""Techniques of EC-Lab and BT-Lab that hold one thing: a rest, a current, a voltage or a sweep.

Their rows are those of public settings files of EC-Lab 11.4x to 11.6x and BT-Lab 1.74; lists of the
same parameters are in the projects biologic-com and aurora-unicycler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ionworks.ucp.cyclers.plan import (
    Impedance,
    Level,
    Recording,
    Step,
    StepEnd,
    Unit,
    voltage_comparison,
)
from ionworks.ucp.cyclers.read.biologic_columns import UNCHANGING, Column, recording
from ionworks.ucp.cyclers.read.biologic_sequences import Sequences
from ionworks.ucp.cyclers.read.refusals import Unreadable

_MEASURING: Final = ("pw", "Na", "corr", "va pourcent", "record", "dt (s)", "inc. cycle")
"""Rows that set how an impedance is measured and when points before it are saved."""


def read_technique(sequences: Sequences) -> None:
    """Read all sequences of a technique in `READERS`."""
    kind, read = READERS[sequences.technique.name]
    for place, column in enumerate(sequences.technique.columns()):
        with sequences.builder.refusing(sequences.place(place, kind), sequences.number(place)):
            column.ignore(UNCHANGING)
            steps = list(read(sequences, place, column))
            target, repeats = column.whole("goto Ns'", "0"), column.whole("nc cycles", "0")
            column.check_all_heeded()
            for part, step in enumerate(steps):
                sequences.add(place, kind, step, part)
            sequences.loop(place, target, repeats, sequences.number(place, len(steps) - 1))


def _open_circuit(sequences: Sequences, place: int, column: Column) -> Iterator[Step]:
    slow = sequences.slow_end(sequences.number(place), column.number("dER/dt (mV/h)"))
    averages = column.text("record", "Ewe") in ("<Ewe>", "<Ecell>")
    volts = 0 if averages else column.number("dER (mV)") / 1000
    column.ignore(("dER (mV)",))
    ends = (_time(column, "tR (h:m:s)"), *slow)
    yield Step(
        "rest", ends=ends, recording=recording(time=column.number("dtR (s)"), voltage=volts)
    )


def _chronopotentiometry(_sequences: Sequences, _place: int, column: Column) -> Iterator[Step]:
    column.expect("vs.", "<None>")
    level = column.amount("Is", "unit Is", "A")
    charge = column.amount("dQM", "unit dQM", "Ah")
    averages = column.text("record") in ("<Ewe>", "<Ecell>")
    volts = 0 if averages else column.number("dEs (mV)") / 1000
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
    direction = "discharge" if level.value < 0 else "charge"
    if limit != "pass":
        volts_limit = Level(column.number("EM (V)"), "V")
        ends.append(StepEnd("Voltage", voltage_comparison(direction), volts_limit))
    if charge.value:
        ends.append(StepEnd("Capacity", ">", charge))
    yield Step("current", direction, Level(abs(level.value), "A"), None, tuple(ends), saved)


def _chronoamperometry(sequences: Sequences, place: int, column: Column) -> Iterator[Step]:
    against = column.text("vs.")
    if against != "Ref":
        raise Unreadable(f"UCP has no set points relative to {against}")
    for label in ("Imax", "Imin"):
        if column.text(label) != "pass":
            raise Unreadable(f"{label} has a sign, but the currents of UCP are magnitudes")
    column.expect("dQM", "0")
    column.ignore(("unit Imax", "unit Imin", "unit dQM"))
    voltage = Level(column.number("Ei (V)"), "V")
    direction = sequences.hold_direction(sequences.number(place), voltage)
    ends = (_time(column, "ti (h:m:s)"),)
    yield Step("voltage", direction, voltage, ends=ends, recording=_current_recording(column))


def _current_recording(column: Column) -> Recording:
    column.ignore(("dI", "unit dI", "dQ", "unit dQ", "dt (s)", "dta (s)"))
    if column.text("record") == "<I>":
        return recording(time=column.number("dta (s)"))
    change = column.amount("dI", "unit dI", "A").value
    return recording(time=column.number("dt (s)"), current=change)


def _potentiostatic_impedance(
    sequences: Sequences, place: int, column: Column
) -> Iterator[Step]:
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
        raise Unreadable(f"UCP has no set points relative to {against}")
    yield _sweep(column, Level(column.number("Va (mV)") / 1000, "V"))


def _galvanostatic_impedance(
    _sequences: Sequences, _place: int, column: Column
) -> Iterator[Step]:
    """Yield the rest before the sweep, if there is one, and the sweep without a mean current."""
    column.ignore(("dE (mV)",))
    column.expect("vs.", "<None>")
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
    column.expect("Mode", "Single sine")
    column.expect("Points", "per decade")
    column.expect("spacing", "Logarithmic")
    # Whether they count repetitions or passes is not documented for these two.
    column.expect("nc cycles", "0")
    column.expect("nr cycles", "0")
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


def _time(column: Column, label: str) -> StepEnd:
    seconds = column.seconds(label)
    if not seconds:
        raise Unreadable(f"its time {label.partition(' ')[0]} is 0")
    unit: Unit = "s"
    return StepEnd("Time", ">", Level(seconds, unit))


_Read = Callable[[Sequences, int, Column], Iterator[Step]]

READERS: Final[dict[str, tuple[str, _Read]]] = {
    "Open Circuit Voltage": ("OCV", _open_circuit),
    "Chronopotentiometry": ("CP", _chronopotentiometry),
    "Chronoamperometry / Chronocoulometry": ("CA", _chronoamperometry),
    "Potentio Electrochemical Impedance Spectroscopy": ("PEIS", _potentiostatic_impedance),
    "Galvano Electrochemical Impedance Spectroscopy": ("GEIS", _galvanostatic_impedance),
}
"""Short name and reader of each technique, by its name in files."""
