"""The linked techniques of a settings file: Modulo Bat wherever it can run the steps.

An impedance sweep is a separate technique, ``Potentio`` or ``Galvano Electrochemical Impedance
Spectroscopy``, with the rows of files saved by EC-Lab 11.4x to 11.6x. A repeat around a sweep or
around another repeat is the technique ``Loop``, which goes back to an earlier technique; Modulo
Bat cannot hold either.

``nt times`` of a Loop counts the repetitions after the first pass. Two independent readers of such
files add 1 (those of the projects aurora and phoenix), and a laboratory whose instructions ask for
15 runs of its EC-Lab file has 14 in the file. The converter of the project beep writes the number
of passes instead, without data that shows what ran. In data of EC-Lab 11.50 with Modulo Bat in a
Loop every pass of the Loop repeats the loop inside Modulo Bat anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from ionworks.ucp.cyclers.export.biologic_sequences import Locale, Sequences
from ionworks.ucp.cyclers.export.biologic_values import (
    COLUMN,
    amplitude_text,
    current_range,
    frequency_text,
    open_circuit_text,
)
from ionworks.ucp.cyclers.export.decimals import fixed
from ionworks.ucp.cyclers.export.format import Settings
from ionworks.ucp.cyclers.plan import (
    Impedance,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
)

MODULO_BAT: Final = "Modulo Bat"
OPEN_CIRCUIT: Final = "Open Circuit Voltage"
POTENTIO: Final = "Potentio Electrochemical Impedance Spectroscopy"
GALVANO: Final = "Galvano Electrochemical Impedance Spectroscopy"
LOOP: Final = "Loop"


@frozen
class Technique:
    """A technique: its name, and the instructions of the plan that it runs.

    Attributes
    ----------
    first : int
        Of a Loop, the number of the technique that it goes back to.
    """

    name: str
    indices: tuple[int, ...]
    first: int = 0


def techniques(plan: Plan) -> list[Technique]:
    """Return the techniques that run a plan, in order; they are numbered from 1."""
    outer = linked_loops(plan)
    found: list[Technique] = []
    together: list[int] = []
    firsts: dict[int, int] = {}

    def close() -> None:
        if together:
            found.append(Technique(MODULO_BAT, tuple(together)))
            together.clear()

    for index, part in enumerate(plan.instructions):
        name = alone(plan, index)
        if index in outer:
            close()
            firsts[index] = len(found) + 1
        elif isinstance(part, LoopEnd) and part.start in outer:
            close()
            found.append(Technique(LOOP, (index,), firsts[part.start]))
        elif name is not None:
            close()
            found.append(Technique(name, (index,)))
        elif isinstance(part, Step | LoopEnd):
            together.append(index)
    close()
    return found


def linked_loops(plan: Plan) -> dict[int, int]:
    """Return the start and end of every loop that must be a technique."""
    return {
        start: end
        for start, end in plan.loops()
        if any(
            isinstance(plan.instructions[index], LoopStart) or alone(plan, index) is not None
            for index in range(start + 1, end)
        )
    }


def alone(plan: Plan, index: int) -> str | None:
    """Return the technique of a step that Modulo Bat does not run; None for other instructions.

    A sweep around the voltage of the cell takes this voltage from the technique before it, which
    is Open Circuit Voltage in the public files.
    """
    part = plan.instructions[index]
    if not isinstance(part, Step):
        return None
    if part.impedance is not None:
        return POTENTIO if part.impedance.amplitude.unit == "V" else GALVANO
    after = neighbor(plan, index, 1)
    if part.control == "rest" and after is not None and after.impedance is not None:
        return OPEN_CIRCUIT if after.impedance.amplitude.unit == "V" else None
    return None


def neighbor(plan: Plan, index: int, side: int) -> Step | None:
    """Return the step next to an instruction; None where a loop or the test begins or ends."""
    at = index + side
    while 0 <= at < len(plan.instructions):
        part = plan.instructions[at]
        if not isinstance(part, Mark) or part.kind != "Advance cycle":
            return part if isinstance(part, Step) else None
        at += side
    return None


def lines(plan: Plan, settings: Settings, technique: Technique) -> Iterator[str]:
    """Yield the rows of a technique."""
    if technique.name == MODULO_BAT:
        yield from Sequences(plan, settings, technique.indices).rows()
        return
    [index] = technique.indices
    part = plan.instructions[index]
    rows: list[tuple[str, str]] = []
    if isinstance(part, LoopEnd):
        rows = [("goto Ne", str(technique.first)), ("nt times", str(part.count - 1))]
    elif isinstance(part, Step):
        low, high = (fixed(volts, 3) for volts in settings.options["voltage_range"])
        ranges = [("E range min (V)", low), ("E range max (V)", high)]
        if part.impedance is None:
            rows = [*_open_circuit(part), *ranges]
        else:
            rows = [*_sweep(part.impedance), *ranges, *_run(part.impedance, settings)]
    in_locale = Locale(settings.options["decimal_separator"])
    for label, text in rows:
        yield label.ljust(COLUMN) + in_locale(text).ljust(COLUMN)


def _open_circuit(step: Step) -> Iterator[tuple[str, str]]:
    [seconds] = [end.level.value for end in step.ends]
    yield "tR (h:m:s)", duration_text(seconds)
    yield "dER/dt (mV/h)", "0.0"
    yield "record", "Ewe"
    yield "dER (mV)", open_circuit_text(step.recording.voltage or 0)
    yield "dtR (s)", fixed(step.recording.time or 0, 4)


def duration_text(seconds: float) -> str:
    """Return a duration as hours, minutes and seconds.

    Examples
    --------
    >>> duration_text(90), duration_text(0.1), duration_text(360000)
    ('0:01:30.0000', '0:00:0.1000', '100:00:0.0000')
    """
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{fixed(rest / 1000, 4)}"


def _sweep(sweep: Impedance) -> Iterator[tuple[str, str]]:
    """Yield the rows up to the voltage range: a sweep from the highest to the lowest frequency."""
    yield "Mode", "Single sine"
    is_potentio = sweep.amplitude.unit == "V"
    amplitude, unit = amplitude_text(sweep.amplitude)
    if is_potentio:
        yield from (("E (V)", "0.0000"), ("vs.", "Eoc"), ("tE (h:m:s)", "0:00:0.0000"))
        yield from (("record", "0"), ("dI", "0.000"), ("unit dI", "mA"), ("dt (s)", "0.000"))
    else:
        yield from (("Is", "0.000"), ("unit Is", "mA"), ("vs.", "<None>"))
        yield from (("tIs (h:m:s)", "0:00:0.0000"), ("record", "0"))
        yield from (("dE (mV)", "0.000"), ("dt (s)", "0.000"))
    for label, hertz in (("fi", sweep.max_frequency), ("ff", sweep.min_frequency)):
        yield from zip((label, f"unit {label}"), frequency_text(hertz or 0), strict=True)
    yield from (("Nd", f"{sweep.points_per_decade or 0:.0f}"), ("Points", "per decade"))
    yield "spacing", "Logarithmic"
    if is_potentio:
        yield "Va (mV)", amplitude
    else:
        yield from (("Ia/Va", "Ia"), ("Ia", amplitude), ("unit  Ia", unit), ("va pourcent", "0.10"))
    yield from (("pw", "0.10"), ("Na", "2"), ("corr", "0"))


def _run(sweep: Impedance, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the rows from the current range on."""
    is_potentio = sweep.amplitude.unit == "V"
    yield "I Range", "Auto" if is_potentio else current_range(sweep.amplitude.value) or ""
    yield "Bandwidth", settings.options["software"].defaults["Bandwidth"]
    yield from (("nc cycles", "0"), ("goto Ns'", "0"), ("nr cycles", "0"), ("inc. cycle", "0"))
