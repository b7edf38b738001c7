"""Checks of numbers and of the keys of a mapping, and suggestions for misspelt names."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["finite", "integer", "known_fields", "nearest", "similar_names", "whole_range"]


def finite(value: Any, where: str) -> float:
    """Check a finite number and return it as a float.

    Parameters
    ----------
    value : number
        A Python or NumPy number.
    where : str
        Name of the argument in messages.

    Raises
    ------
    TypeError
        If it is not a real number; bool is not accepted.
    ValueError
        If it is infinite or NaN.
    """
    # Most values are floats, and the check of an abstract class is slow.
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{where} must be a number, not {value!r} ({type(value).__name__})")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{where} must be a finite number, not {value!r}")
    return number


def integer(
    value: Any,
    where: str,
    *,
    least: int,
    most: int | None = None,
    accept_floats: bool = False,
    hint: str = "",
) -> int:
    """Return an integer as a Python int.

    Parameters
    ----------
    value : number
        A Python or NumPy integer.
    where : str
        Name of the argument in the message.
    least, most : int
        Allowed range, both ends included.
    accept_floats : bool, optional
        Whether a float without a fraction is accepted too: JSON does not distinguish 2.0 from 2.
    hint : str, optional
        Appended to the message for a value that is too large.

    Raises
    ------
    TypeError
        If it is not an integer, or with `accept_floats` not a number.
    ValueError
        If it has a fraction, is not finite or is out of range.
    """
    kinds = (numbers.Integral, numbers.Real) if accept_floats else numbers.Integral
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise TypeError(f"{where} must be a whole number, not {value!r} ({type(value).__name__})")
    real = finite(value, where)
    # An integer is not converted by way of a float, which would round it above 2**53.
    number = int(value) if isinstance(value, numbers.Integral) else int(real)
    if number != value:
        raise ValueError(f"{where} must be a whole number, not {value!r}")
    if number < least or (most is not None and number > most):
        upper = "" if most is None else f" and at most {most}"
        remedy = hint if number > least else ""
        raise ValueError(f"{where} must be at least {least}{upper}, not {number}{remedy}")
    return number


def whole_range(value: Any, where: str, *, accept_one: bool = False) -> tuple[int, int]:
    """Check a range: a pair of whole numbers that are not negative, the first not above the second.

    Parameters
    ----------
    value : iterable of int
        The pair.
    where : str
        Name of the argument in the message.
    accept_one : bool, optional
        Whether a single number is accepted too, as a range of this number alone.

    Raises
    ------
    TypeError, ValueError
        If it is not such a pair.
    """
    if accept_one and not isinstance(value, bool) and isinstance(value, numbers.Integral):
        value = (value, value)
    must = f"{where} must be a pair of whole numbers such as (0, 100), not {value!r}"
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(must)
    pair = tuple(value)
    if len(pair) != 2:
        raise ValueError(must)
    first, last = integer(pair[0], where, least=0), integer(pair[1], where, least=0)
    if first > last:
        raise ValueError(f"{where} ends before it begins: {value!r}")
    return first, last


def known_fields(value: Any, where: str, known: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of a mapping that are not None.

    Raises
    ------
    TypeError
        If it is not a mapping.
    ValueError
        If a key is unknown; the message lists the valid keys.
    """
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{where} must be a mapping with keys {', '.join(known)}, not"
            f" {type(value).__name__} {value!r}"
        )
    for key in value:
        if key not in known:
            raise ValueError(
                f"{where} has the unknown key {key!r}{nearest(key, known)}; valid keys:"
                f" {', '.join(known)}"
            )
    return {key: item for key, item in value.items() if item is not None}


def similar_names(word: object, known: Iterable[str]) -> str:
    """Return up to three known names similar to `word`, quoted and joined by "or"."""
    # Case is ignored: "Grid" is close to "grid".
    spellings = {name.lower(): name for name in known}
    close = difflib.get_close_matches(str(word).lower(), spellings, n=3, cutoff=0.6)
    return " or ".join(repr(spellings[match]) for match in close)


def nearest(word: object, known: Iterable[str]) -> str:
    """Return " (did you mean ...?)" with the known names nearest to `word`, or an empty string."""
    close = similar_names(word, known)
    return f" (did you mean {close}?)" if close else ""
