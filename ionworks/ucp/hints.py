"""Words of cyclers and other formats, and the terms to use instead of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from ionworks.ucp.problems import suggestion
from ionworks.ucp.vocabulary import folded, mode_of

_BRACKETED: Final = re.compile(r"\s*\[[^\[\]]*\]\s*$")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("cutoff", "cutoffs", "until", "end", "termination", "terminations", "stop", "limits"),
        ("ends",),
    ),
    **dict.fromkeys(("time", "length", "maxtime", "steptime", "timeout"), ("duration",)),
    **dict.fromkeys(("period", "dt", "timestep", "sampling", "samplerate"), ("resolution", "time")),
    **dict.fromkeys(
        ("times", "count", "cycles", "loops", "repeats", "repetitions", "iterations"), ("repeat",)
    ),
    **dict.fromkeys(("fmin", "startfrequency", "lowfrequency"), ("min_frequency",)),
    **dict.fromkeys(("fmax", "endfrequency", "highfrequency"), ("max_frequency",)),
    **dict.fromkeys(("soc", "startsoc"), ("initial_soc",)),
    **dict.fromkeys(("temp", "ambient", "ambienttemperature", "t"), ("temperature",)),
    **dict.fromkeys(("vmax", "uppervoltage", "overvoltage"), ("voltage_max",)),
    **dict.fromkeys(("vmin", "lowervoltage", "undervoltage"), ("voltage_min",)),
    **dict.fromkeys(
        ("current", "currentmax", "maxcurrent", "imax", "overcurrent"),
        ("charge_current_max", "discharge_current_max"),
    ),
    **dict.fromkeys(("comment", "description", "text"), ("note",)),
    **dict.fromkeys(("type", "form", "waveform"), ("shape",)),
    **dict.fromkeys(("rate", "setpoint", "target"), ("value",)),
    **dict.fromkeys(("label", "id"), ("name",)),
}
_MODES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("cc", "constantcurrent", "galvanostatic", "i", "a", "amp", "amps"),
        "did you mean 'Current' (A) or 'C-rate'?",
    ),
    **dict.fromkeys(
        ("cv", "constantvoltage", "potentiostatic", "v", "volt", "volts", "hold"),
        "did you mean 'Voltage'?",
    ),
    **dict.fromkeys(("cp", "constantpower", "w", "watt", "watts"), "did you mean 'Power'?"),
    **dict.fromkeys(("cr", "constantresistance", "ohm", "load"), "did you mean 'Resistance'?"),
    "c": "did you mean 'C-rate'?",
    "cccv": (
        "write two steps: mode Current or C-rate up to the voltage, then mode Voltage to hold it"
    ),
}
_CONTROLLED: Final = "write Charge or Discharge with a 'mode'"
_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("cc", "cv", "cp", "cccv", "pulse", "hold", "constantcurrent"), _CONTROLLED),
    **dict.fromkeys(
        ("ocv", "pause", "wait", "relax", "relaxation", "opencircuit"), "did you mean 'Rest'?"
    ),
    **dict.fromkeys(
        ("loop", "cycle", "repeat", "for", "while", "do"),
        "write a repeated group as a block: 'Cycles: {repeat: 3, steps: [...]}'",
    ),
    **dict.fromkeys(("temperature", "chamber"), "did you mean 'Ambient temperature'?"),
    **dict.fromkeys(("setvariable", "set", "variable", "variables"), "did you mean 'Control'?"),
    **dict.fromkeys(("impedance", "geis", "peis"), "did you mean 'EIS'?"),
    **dict.fromkeys(
        ("goto", "if", "jump"), "write a jump on an end: {'Voltage < 3': {goto: name}}"
    ),
}
_QUANTITIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("v", "u", "e", "ewe", "ecell", "cellvoltage", "terminalvoltage"), "did you mean 'Voltage'?"
    ),
    **dict.fromkeys(("i", "amps", "cellcurrent"), "did you mean 'Current'?"),
    **dict.fromkeys(("t", "temp", "celltemperature", "aux"), "did you mean 'Temperature'?"),
    **dict.fromkeys(("steptime", "duration"), "did you mean 'Time'?"),
    **dict.fromkeys(
        ("totaltime", "testtime"),
        "Time is the time of the step; set a variable to 'Total time' and compare that",
    ),
    **dict.fromkeys(
        ("ah", "q", "charge", "chargecapacity", "dischargecapacity", "stepcapacity"),
        "did you mean 'Capacity'? It counts from the start of the step, in its direction",
    ),
    **dict.fromkeys(("wh", "chargeenergy", "dischargeenergy"), "did you mean 'Energy'?"),
    **dict.fromkeys(("p", "watts"), "did you mean 'Power'?"),
    **dict.fromkeys(("cycle", "cycles", "cyclenumber", "loop"), "did you mean 'Cycle count'?"),
    **dict.fromkeys(("dv/dt", "d(voltage)/dt", "dvdt"), "did you mean 'd/dt(Voltage)'?"),
    **dict.fromkeys(("dt/dt", "d(temperature)/dt"), "did you mean 'd/dt(Temperature)'?"),
}
_MARKERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("stop", "exit", "finish", "endtest", "done"), "did you mean 'End'?"),
    **dict.fromkeys(("advcycle", "nextcycle", "newcycle"), "did you mean 'Advance cycle'?"),
}


def field_hint(word: str, allowed: Collection[str]) -> str:
    """Return a hint at the field that an unknown one was meant to be, to append to a message.

    A word of the same meaning, the same words in another order, or the nearest spelling.
    """
    if folded(word) in ("goto", "next") and "ends" in allowed:
        return "; write a jump on an end: {'Time > 60': {goto: name}}"
    known = [name for name in _FIELDS.get(folded(word), ()) if name in allowed]
    known += [name for name in allowed if _parts(name) == _parts(word)]
    if known:
        return f"; did you mean {' or '.join(map(repr, dict.fromkeys(known)))}?"
    mode = mode_of(word)
    if mode is not None and "mode" in allowed:
        return f"; write 'mode: {mode}' and the number as 'value'"
    return suggestion(word, allowed)


def _parts(name: str) -> list[str]:
    return sorted(re.split(r"[\s_-]+", name[:200].strip().lower()))


def mode_hint(word: str) -> str:
    """Return a hint at the mode that a word of other formats means, or an empty text."""
    return _hint(word, _MODES)


def kind_hint(word: str) -> str:
    """Return a hint at the kind of step that a word of other formats means, or an empty text."""
    return _hint(word, _KINDS)


def quantity_hint(word: str) -> str:
    """Return a hint at the quantity that a word of other formats means, or an empty text."""
    return _hint(_BRACKETED.sub("", word[:200]), _QUANTITIES)


def marker_hint(word: str) -> str:
    """Return a hint at the marker that a word of other formats means, or an empty text."""
    return _hint(word, _MARKERS)


def _hint(word: str, words: Mapping[str, str]) -> str:
    found = words.get(folded(word.strip()))
    return f"; {found}" if found else ""
