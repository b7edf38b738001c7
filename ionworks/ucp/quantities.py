"""Quantities with units, as cell specifications hold them, in the units of PyBaMM's parameters.

A unit is a product of symbols with whole exponents: ``mol.m-3``, ``g/cm3``, ``mAh``, ``W/(m.K)``.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from ionworks.ucp.units import CELSIUS_OFFSET

_BASES: Final = ("kg", "m", "s", "A", "K", "mol")
_ZERO: Final = (0,) * len(_BASES)

#: Symbol -> size in base units, and the exponents of the base units.
_UNITS: Final[dict[str, tuple[float, tuple[int, ...]]]] = {
    "g": (1e-3, (1, 0, 0, 0, 0, 0)),
    "m": (1.0, (0, 1, 0, 0, 0, 0)),
    "s": (1.0, (0, 0, 1, 0, 0, 0)),
    "A": (1.0, (0, 0, 0, 1, 0, 0)),
    "K": (1.0, (0, 0, 0, 0, 1, 0)),
    "mol": (1.0, (0, 0, 0, 0, 0, 1)),
    "V": (1.0, (1, 2, -3, -1, 0, 0)),
    "W": (1.0, (1, 2, -3, 0, 0, 0)),
    "J": (1.0, (1, 2, -2, 0, 0, 0)),
    "N": (1.0, (1, 1, -2, 0, 0, 0)),
    "Pa": (1.0, (1, -1, -2, 0, 0, 0)),
    "F": (1.0, (-1, -2, 4, 2, 0, 0)),
    "S": (1.0, (-1, -2, 3, 2, 0, 0)),
    "Ohm": (1.0, (1, 2, -3, -2, 0, 0)),
    "Hz": (1.0, (0, 0, -1, 0, 0, 0)),
    "L": (1e-3, (0, 3, 0, 0, 0, 0)),
    "h": (3600.0, (0, 0, 1, 0, 0, 0)),
    "Ah": (3600.0, (0, 0, 1, 1, 0, 0)),
    "Wh": (3600.0, (1, 2, -2, 0, 0, 0)),
}
#: Symbols without prefixes: `dmin` and `m%` are not units.
_ALONE: Final[dict[str, tuple[float, tuple[int, ...]]]] = {
    "min": (60.0, (0, 0, 1, 0, 0, 0)),
    "%": (0.01, _ZERO),
    "1": (1.0, _ZERO),
    "-": (1.0, _ZERO),
}
_SPELLINGS: Final = {
    "\u03a9": "Ohm",
    "ohm": "Ohm",
    "l": "L",
    "hr": "h",
    "sec": "s",
    "\u00b0C": "degC",
    "\u2103": "degC",
}
_PREFIXES: Final = {
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "\u00b5": 1e-6,
    "\u03bc": 1e-6,
    "m": 1e-3,
    "c": 1e-2,
    "d": 1e-1,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
}
_CELSIUS: Final = "degC"
_POWERS: Final = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b", "0123456789-"
)
_FACTOR: Final = re.compile(r"(?P<symbol>[^\W\d]+|%|1|\u03a9|\u00b0C|\u2103)(?P<power>-?\d+)?")
_IN_NAME: Final = re.compile(r"\[([^\[\]]*)\]\s*$")


@frozen
class Unit:
    """A unit: its size in base units, their exponents, and its zero point in base units."""

    size: float
    exponents: tuple[int, ...]
    zero: float = 0.0


class DimensionError(ValueError):
    """A unit that measures another quantity than the wanted one."""


def read_unit(text: str) -> Unit:
    """Read a unit.

    Raises
    ------
    ValueError
        If it contains an unknown symbol.
    """
    plain = text.strip().translate(_POWERS).replace("**", "").replace("^", "")
    if _SPELLINGS.get(plain, plain) == _CELSIUS:
        return Unit(1.0, _UNITS["K"][1], CELSIUS_OFFSET)
    size, exponents = 1.0, _ZERO
    above, *below = plain.replace("(", "").replace(")", "").split("/")
    for sign, part in ((1, above), *((-1, part) for part in below)):
        for factor in filter(None, re.split(r"[.*\u00b7\u22c5\s]+", part)):
            match = _FACTOR.fullmatch(factor)
            if match is None:
                raise ValueError(f"the unit {text!r} cannot be read at {factor!r}")
            one, own = _symbol(match["symbol"], text)
            power = sign * int(match["power"] or 1)
            size *= one**power
            exponents = tuple(a + power * b for a, b in zip(exponents, own, strict=True))
    return Unit(size, exponents)


def _symbol(given: str, text: str) -> tuple[float, tuple[int, ...]]:
    symbol = _SPELLINGS.get(given, given)
    if found := _ALONE.get(symbol, _UNITS.get(symbol)):
        return found
    prefix, base = symbol[:1], _SPELLINGS.get(symbol[1:], symbol[1:])
    if prefix in _PREFIXES and base in _UNITS:
        size, exponents = _UNITS[base]
        return _PREFIXES[prefix] * size, exponents
    raise ValueError(f"the unit {text!r} contains the unknown symbol {given!r}")


def unit_in(name: str) -> str:
    """Return the unit in brackets at the end of a parameter's name; empty if it has none."""
    match = _IN_NAME.search(name)
    return match[1] if match else ""


def conversion(unit: str, wanted: str) -> tuple[float, float]:
    """Return factor and offset of a conversion: ``value * factor + offset`` is in the wanted unit.

    Raises
    ------
    ValueError
        If one of the units is unknown.
    DimensionError
        If they have different dimensions.
    """
    source, target = read_unit(unit), read_unit(wanted)
    if source.exponents != target.exponents:
        raise DimensionError(f"cannot convert {unit!r} to {wanted or 1!r}: the dimensions differ")
    return source.size / target.size, (source.zero - target.zero) / target.size


def converted(value: float, unit: str, wanted: str) -> float:
    """Return a value in another unit.

    Raises
    ------
    ValueError
        If one of the units is unknown, or they have different dimensions.
    """
    if unit == wanted:
        return value
    factor, offset = conversion(unit, wanted)
    return value * factor + offset
