"""Reading numbers with a unit, which are accepted wherever a plain number is."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

Dimension: TypeAlias = Literal[
    "voltage",
    "current",
    "c-rate",
    "power",
    "resistance",
    "capacity",
    "energy",
    "temperature",
    "time",
    "frequency",
    "soc",
]

CELSIUS_OFFSET: Final = 273.15
"""0 degC in kelvin."""

_SECONDS: Final = {"s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1}
_MINUTES: Final = {"m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60}
_HOURS: Final = {"h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600}

# Positive: multiply by it; negative: divide by its magnitude, which keeps 50 mA at exactly 0.05 A.
_UNITS: Final[dict[Dimension, dict[str, int]]] = {
    "voltage": {"v": 1, "mv": -1000},
    "current": {"a": 1, "ma": -1000},
    "c-rate": {"c": 1, "1/h": 1},
    "power": {"w": 1, "mw": -1000, "kw": 1000},
    "resistance": {"ohm": 1, "ohms": 1, "\u03c9": 1, "mohm": -1000},
    "capacity": {"ah": 1, "a.h": 1, "mah": -1000, "ma.h": -1000},
    "energy": {"wh": 1, "w.h": 1, "mwh": -1000, "mw.h": -1000, "kwh": 1000},
    "temperature": {"degc": 1, "\u00b0c": 1, "c": 1},
    "time": _SECONDS | _MINUTES | _HOURS,
    "frequency": {"hz": 1, "mhz": -1000, "khz": 1000},
    "soc": {"%": -100},
}

_WRITTEN: Final[dict[Dimension, str]] = {
    "voltage": "V, mV",
    "current": "A, mA",
    "c-rate": "C, C/n",
    "power": "W, mW, kW",
    "resistance": "Ohm, mOhm",
    "capacity": "Ah, mAh",
    "energy": "Wh, mWh, kWh",
    "temperature": "degC",
    "time": "s, min, h",
    "frequency": "Hz, mHz, kHz",
    "soc": "%",
}

_FIGURES: Final = r"(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBER: Final = re.compile(rf"\s*([-+]?{_FIGURES})\s*")
_WITH_UNIT: Final = re.compile(rf"\s*([-+]?{_FIGURES})\s*([^\s\d()\[\]+*-][^\s()\[\]+*-]*)\s*")
_C_FRACTION: Final = re.compile(rf"\s*({_FIGURES})?\s*C\s*(?:/\s*({_FIGURES}))?\s*", re.IGNORECASE)
_CLOCK: Final = re.compile(r"\s*(\d{1,6}(?::[0-5]?\d){1,2}(?:\.\d{1,9})?)\s*")


def plain_number(text: str) -> float | None:
    """Return the number a text spells in any notation, else None; may be infinite."""
    match = _NUMBER.fullmatch(text) if len(text) <= 200 else None
    return float(match.group(1)) if match else None


def scale(unit: str, dimension: Dimension) -> int | None:
    """Return the factor of a unit: positive multiplies, negative divides; None if unknown."""
    return _UNITS[dimension].get(unit.strip().lower())


def scaled(value: float, factor: int) -> float:
    """Apply a factor of :func:`scale`."""
    return value * factor if factor > 0 else value / -factor


def number_with_unit(text: str, dimension: Dimension) -> float | None:
    """Read ``2.5 V``, ``50 mA``, ``10 minutes``, ``C/20`` or (time) ``1:30:00``.

    Parameters
    ----------
    text : str
        A number and a unit.
    dimension : Dimension
        The dimension of the number.

    Returns
    -------
    float or None
        In V, A, 1/h, W, Ohm, A.h, W.h, degC, s or Hz; None for any other text.
    """
    if len(text) > 200:
        return None
    if dimension == "c-rate" and (rate := c_rate(text)) is not None:
        return rate
    if dimension == "time" and (clock := _CLOCK.fullmatch(text)):
        seconds = 0.0
        for part in clock.group(1).split(":"):
            seconds = seconds * 60 + float(part)
        return seconds
    match = _WITH_UNIT.fullmatch(text)
    factor = scale(match.group(2), dimension) if match else None
    if match is None or factor is None:
        return None
    return scaled(float(match.group(1)), factor)


def c_rate(text: str) -> float | None:
    """Read ``C/20``, ``0.5C`` or ``2 C``; None for any other text."""
    match = _C_FRACTION.fullmatch(text) if len(text) <= 200 else None
    if match is None:
        return None
    divisor = float(match.group(2) or 1)
    return float(match.group(1) or 1) / divisor if divisor else None


def unit_names(dimension: Dimension) -> str:
    """Return the units of a dimension as they are usually written, for messages."""
    return _WRITTEN[dimension]
