"""Numbers and units of BioLogic settings files: three decimals, in a suitable unit."""

from __future__ import annotations

import math
from typing import Final

from ionworks.ucp.cyclers.export.decimals import fixed
from ionworks.ucp.cyclers.plan import Level
from ionworks.ucp.problems import UCPError

COLUMN: Final = 20
"""Characters of a column."""

_CURRENTS: Final = (("A", 1.0), ("mA", 1e3), ("\u00b5A", 1e6), ("nA", 1e9))
_VOLTAGES: Final = (("V", 1.0), ("mV", 1e3))
_TIMES: Final = (("h", 3600), ("mn", 60))
_FREQUENCIES: Final = (("MHz", 1e-6), ("kHz", 1e-3), ("Hz", 1.0), ("mHz", 1e3))
_RANGES: Final = (
    (1e-5, "10 \u00b5A"),
    (1e-4, "100 \u00b5A"),
    (1e-3, "1 mA"),
    (1e-2, "10 mA"),
    (0.1, "100 mA"),
    (1.0, "1 A"),
    (10.0, "10 A"),
)
_LEAST: Final = 100
"""From this value on, three decimals are at least six significant digits."""
_MOST: Final = 10_000_000
"""Number of thousandths below which a value is shown in this unit: 9999.999."""


def current_text(amperes: float) -> tuple[str, str]:
    """Return a current and its unit.

    Raises
    ------
    UCPError
        If it needs more than three decimals in every unit.
    """
    return _in_unit(amperes, _CURRENTS)


def voltage_text(volts: float) -> tuple[str, str]:
    """Return a voltage and its unit.

    Raises
    ------
    UCPError
        If it needs more than three decimals in every unit.
    """
    return _in_unit(volts, _VOLTAGES)


def _in_unit(value: float, units: tuple[tuple[str, float], ...], least: int = 1) -> tuple[str, str]:
    """Return a value in the largest unit that keeps all its digits, or at least six of them.

    ``least`` is the smallest number of thousandths of a unit in which the value is written.
    """
    for unit, factor in units:
        thousandths = value * factor * 1000
        whole = round(thousandths)
        if least <= abs(whole) < _MOST and math.isclose(thousandths, whole, rel_tol=1e-9):
            return fixed(value * factor, 3), unit
    for unit, factor in units:
        if abs(value * factor) >= _LEAST:
            return fixed(value * factor, 3), unit
    unit, factor = units[0] if not value else units[-1]
    return _multiple(value * factor, 3, unit), unit


def _multiple(value: float, places: int, unit: str) -> str:
    """Return a number with this many decimals; the error says what the field can hold."""
    try:
        return fixed(value, places)
    except UCPError:
        raise UCPError(
            f"its field holds only multiples of {10**-places:.{places}f} {unit}"
        ) from None


def time_text(seconds: float) -> tuple[str, str]:
    """Return a time and its unit: whole hours, whole minutes, or seconds.

    Raises
    ------
    UCPError
        If it is not a whole number of milliseconds above 0.
    """
    milliseconds = seconds * 1000
    if abs(milliseconds - round(milliseconds)) > 1e-6 or round(milliseconds) < 1:
        raise UCPError("its field holds only whole numbers of milliseconds above 0")
    for unit, length in _TIMES:
        if seconds >= length and (seconds / length).is_integer():
            return fixed(seconds / length, 3), unit
    return fixed(seconds, 3), "s"


def amplitude_text(amplitude: Level) -> tuple[str, str]:
    """Return the amplitude of an impedance sweep and its unit.

    Raises
    ------
    UCPError
        If its field cannot hold it.
    """
    if amplitude.unit != "V":
        return current_text(amplitude.value)
    return _multiple(amplitude.value * 1000, 1, "mV"), "mV"


def frequency_text(hertz: float) -> tuple[str, str]:
    """Return a frequency and its unit, in which it is at least 1 if possible.

    Raises
    ------
    UCPError
        If its field cannot hold it.
    """
    return _in_unit(hertz, _FREQUENCIES, least=1000)


def open_circuit_text(volts: float) -> str:
    """Return the change of voltage in millivolts at which Open Circuit Voltage saves a point.

    Raises
    ------
    UCPError
        If its field cannot hold it.
    """
    return _multiple(volts * 1000, 2, "mV")


def capacity_text(ampere_hours: float | None) -> str:
    """Return a capacity with its unit; an unknown capacity is written as zero."""
    if ampere_hours is None:
        return "0.000 A.h"
    return f"{_multiple(ampere_hours * 1000, 3, 'mA.h')} mA.h"


def current_range(amperes: float) -> str | None:
    """Return the smallest current range that contains a current; None above the largest range."""
    limit = range_limit(amperes)
    return None if limit is None else dict(_RANGES)[limit]


def range_limit(amperes: float) -> float | None:
    """Return the largest current [A] of the smallest range that contains a current."""
    return next((limit for limit, _ in _RANGES if amperes <= limit * (1 + 1e-9)), None)
