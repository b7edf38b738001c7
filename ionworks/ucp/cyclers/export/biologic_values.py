"""Numbers and units of BioLogic settings files: three decimals, in a suitable unit."""

from __future__ import annotations

import math
from typing import Final

from ionworks.ucp.cyclers.export.decimals import fixed

_CURRENTS: Final = (("A", 1.0), ("mA", 1e3), ("\u00b5A", 1e6), ("nA", 1e9))
_VOLTAGES: Final = (("V", 1.0), ("mV", 1e3))
_TIMES: Final = (("h", 3600), ("mn", 60))
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
"""From here on three decimals are at least six significant digits."""
_MOST: Final = 10_000_000
"""Number of thousandths below which a value is shown in this unit: 9999.999."""


def current_text(amperes: float) -> tuple[str, str]:
    """Return a current and its unit."""
    return _in_unit(amperes, _CURRENTS)


def voltage_text(volts: float) -> tuple[str, str]:
    """Return a voltage and its unit."""
    return _in_unit(volts, _VOLTAGES)


def _in_unit(value: float, units: tuple[tuple[str, float], ...]) -> tuple[str, str]:
    """Return a value in the largest unit that keeps all its digits, or at least six of them."""
    for unit, factor in units:
        thousandths = value * factor * 1000
        whole = round(thousandths)
        if 0 < abs(whole) < _MOST and math.isclose(thousandths, whole, rel_tol=1e-9):
            return fixed(value * factor, 3), unit
    for unit, factor in units:
        if abs(value * factor) >= _LEAST:
            return fixed(value * factor, 3), unit
    unit, factor = units[0] if not value else units[-1]
    return fixed(value * factor, 3), unit


def time_text(seconds: float) -> tuple[str, str]:
    """Return a time and its unit: whole hours, whole minutes, or seconds."""
    for unit, length in _TIMES:
        if seconds >= length and (seconds / length).is_integer():
            return fixed(seconds / length, 3), unit
    return fixed(seconds, 3), "s"


def capacity_text(ampere_hours: float | None) -> str:
    """Return a capacity with its unit; an unknown capacity is written as zero."""
    if ampere_hours is None:
        return "0.000 A.h"
    return f"{fixed(ampere_hours * 1000, 3)} mA.h"


def current_range(amperes: float) -> str | None:
    """Return the smallest current range that contains a current; None above the largest range."""
    return next((name for limit, name in _RANGES if amperes <= limit * (1 + 1e-9)), None)
