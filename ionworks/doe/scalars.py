"""Values as they must be: numbers, the keys of a mapping, and guesses at misspelt words."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["finite", "integer", "known_fields", "nearest", "whole"]


def finite(value: Any, where: str) -> float:
    """Return a number as a float, or say what is wrong with it.

    Parameters
    ----------
    value : number
        A Python or NumPy number.
    where : str
        What to call it in the message.

    Raises
    ------
    TypeError
        If it is not a real number (True and False are none).
    ValueError
        If it is infinite or not a number.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{where} must be a number, not {value!r} ({type(value).__name__})")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{where} must be a finite number, not {value!r}")
    return number


def whole(value: Any, where: str, *, smallest: int) -> int:
    """Return a whole number as an int, or say what is wrong with it.

    Parameters
    ----------
    value : number
        An integer, or a float without a fraction (JSON does not tell them apart).
    where : str
        What to call it in the message.
    smallest : int
        The least value allowed.

    Raises
    ------
    TypeError
        If it is not a real number.
    ValueError
        If it has a fraction or is too small.
    """
    finite(value, where)
    number = int(value)
    if number != value:
        raise ValueError(f"{where} must be a whole number, not {value!r}")
    if number < smallest:
        raise ValueError(f"{where} must be at least {smallest}, not {number}")
    return number


def known_fields(value: Any, where: str, known: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of a mapping that are not None.

    Raises
    ------
    TypeError
        If it is no mapping.
    ValueError
        If a key is not known.
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


def nearest(word: object, known: Iterable[str]) -> str:
    """Return " (did you mean ...?)" with the known words nearest to `word`, or nothing."""
    known = list(known)
    close = difflib.get_close_matches(str(word), known, n=3, cutoff=0.6)
    if not close:
        # Case matters in names such as "Grid", but not for guessing what was meant.
        lower = {name.lower(): name for name in known}
        close = [lower[name] for name in difflib.get_close_matches(str(word).lower(), lower, n=1)]
    return f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""


def integer(value: Any, where: str, *, least: int, most: int | None = None, hint: str = "") -> None:
    """Refuse what is no whole number within its range; `hint` helps those who ask for more."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{where} must be a whole number, not {value!r}")
    if value < least or (most is not None and value > most):
        upper = "" if most is None else f" and at most {most}"
        remedy = hint if value > least else ""
        raise ValueError(f"{where} must be at least {least}{upper}, not {value}{remedy}")
