"""Units in the names of columns, and what a column of a cycler's export looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from ionworks.ucp.quantities import conversion, unit_in

__all__ = ["KNOWN_COLUMNS", "TEXT_COLUMNS", "NamedUnit", "look_alikes", "named_unit", "read_factor"]

TEXT_COLUMNS: Final = ("Label", "Group number", "Step from cycler", "Cycle from cycler")
"""Columns of a measurement that can contain text."""
KNOWN_COLUMNS: Final = (
    "Time [s]",
    "Voltage [V]",
    "Current [A]",
    "Step count",
    "Cycle count",
    "Temperature [degC]",
    "Discharge capacity [A.h]",
    "Charge capacity [A.h]",
    "Discharge energy [W.h]",
    "Charge energy [W.h]",
    "Frequency [Hz]",
    *TEXT_COLUMNS,
)
"""Columns of a measurement that have a meaning."""

_SPELLINGS: Final = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("amp", "amps", "ampere", "amperes"), "A"),
    **dict.fromkeys(("volt", "volts"), "V"),
    **dict.fromkeys(("milliamp", "milliamps"), "mA"),
    **dict.fromkeys(("millivolt", "millivolts"), "mV"),
    **dict.fromkeys(("celsius", "deg c", "deg. c", "\u00b0 c"), "degC"),
    "kelvin": "K",
}
"""Units in words and in any case -> their symbols."""
_SYMBOLS: Final = (
    *("s", "ms", "us", "min", "h", "A", "mA", "uA", "kA", "V", "mV", "uV", "kV"),
    *("A.h", "Ah", "mA.h", "mAh", "uAh", "W.h", "Wh", "mW.h", "mWh", "kWh", "Hz", "mHz", "kHz"),
    *("degC", "\u00b0C", "K"),
)
"""Units that columns of cyclers have; those that differ in case only are not among them."""
_ANY_CASE: Final = {each.lower(): each for each in _SYMBOLS}

_BRACKETS: Final = re.compile(r"(?P<base>.*?)\s*[(\[{<]\s*(?P<unit>[^()\[\]{}<>]+?)\s*[)\]}>]\s*")
_BEHIND: Final = re.compile(r"(?P<base>.*\S)\s*[/,]\s*(?P<unit>[^/,]+?)\s*")
_LAST_WORD: Final = re.compile(r"(?P<base>.*[^\W_])[\s_]+(?P<unit>[^\W_]+)\s*")

_LOOKS: Final = {
    "Time [s]": "time, test time, total time, elapsed time, run time, running time, testtime, t",
    "Voltage [V]": "voltage, potential, cell voltage, terminal voltage, battery voltage, "
    "cell potential, measured voltage, ecell, ewe, vcell, v, u",
    "Current [A]": "current, cell current, battery current, measured current, i",
    "Step count": "step count, stepcount",
    "Step from cycler": "step, step index, step number, step no, step id, stepindex, stepid, ns",
}
"""Columns -> the names, without unit, case and punctuation, that others give them."""


@frozen
class NamedUnit:
    """A name divided into the quantity and the unit it contains; the unit can be empty."""

    base: str
    unit: str


def read_factor(unit: str, target: str) -> tuple[float, float]:
    """Return factor and offset that convert a unit to that of a column.

    Raises
    ------
    ValueError
        If the unit is unknown, or not one of the quantity of the column.
    """
    wanted = unit_in(target)
    if not wanted:
        raise ValueError(f"{target!r} has no unit")
    text = unit.strip()
    lowered = text.lower()
    if wanted == "degC" and lowered in {"c", "k"}:
        symbol = {"c": "degC", "k": "K"}[lowered]
    else:
        # In names, MA and MV are milliamperes and millivolts in capitals.
        symbol = _SPELLINGS.get(lowered, _ANY_CASE.get(lowered, text))
    return conversion(symbol, wanted)


def named_unit(name: str, target: str) -> NamedUnit:
    """Divide the name of a column that could be `target` into quantity and unit.

    ``Current(mA)``, ``I/mA``, ``Current, mA``, ``current_mA`` and ``Amps`` contain a unit. A unit
    in brackets or behind a slash is returned even if it is not one of the target's.
    """
    name = name.strip()
    if name.lower() in _SPELLINGS:
        return NamedUnit(name, name)
    if match := _BRACKETS.fullmatch(name):
        return NamedUnit(match["base"], match["unit"])
    for pattern, is_any in ((_BEHIND, True), (_LAST_WORD, False)):
        match = pattern.fullmatch(name)
        if match and (_is_unit_of(match["unit"], target) or (is_any and _is_unit(match["unit"]))):
            return NamedUnit(match["base"], match["unit"])
    return NamedUnit(name, "")


def look_alikes(target: str, names: Iterable[str]) -> list[str]:
    """Return the columns that could be `target` under another name, the most likely first.

    If none has a usual name, the only column with a unit of the target's quantity.
    """
    looks = _LOOKS.get(target, "").split(", ")
    read = {name: named_unit(name, target) for name in names if name not in KNOWN_COLUMNS}
    found = {
        name: looks.index(plain)
        for name, each in read.items()
        for plain in _plain(each)
        if plain in looks and (not each.unit or _is_unit_of(each.unit, target))
    }
    if found:
        return sorted(found, key=lambda name: found[name])
    if target == "Time [s]":  # the time of a step, or of a day, is not that of the test
        return []
    by_unit = [name for name, each in read.items() if _is_unit_of(each.unit, target)]
    return by_unit if len(by_unit) == 1 else []


def _plain(name: NamedUnit) -> Iterator[str]:
    words = " ".join(re.findall(r"[^\W_]+", name.base)).lower()
    if words in _SPELLINGS:  # "Amps" is a current in A
        unit = _SPELLINGS[words]
        yield {"A": "current", "mA": "current", "V": "voltage", "mV": "voltage"}.get(unit, "time")
    yield words


def _is_unit_of(unit: str, target: str) -> bool:
    try:
        read_factor(unit, target)
    except ValueError:
        return False
    return bool(unit)


def _is_unit(text: str) -> bool:
    return text.lower() in _ANY_CASE or text.lower() in _SPELLINGS
