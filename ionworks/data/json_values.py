"""Conversion of Python values to JSON types."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any


def plain(value: Any, where: str) -> Any:
    """Convert a value to JSON types.

    Parameters
    ----------
    value : object
        Text, numbers (also of NumPy), mappings with text keys, lists, tuples, arrays, dates.
    where : str
        Name of the argument in messages.

    Returns
    -------
    object
        New containers; NaN and infinities are ``None``, dates are ISO 8601 text.

    Raises
    ------
    TypeError
        If it contains a value of another type; the message gives the place.
    ValueError
        If it contains itself.
    """
    try:
        return _plain(value, where)
    except RecursionError:
        raise ValueError(f"{where} is nested too deeply, or contains itself") from None


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, float):
        # float() because NumPy's float64 is a subclass of float.
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, Mapping):
        return {_key(key, where): _plain(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, date):
        return value.isoformat()
    return _plain(_unwrapped(value, where), where)


def _unwrapped(value: Any, where: str) -> Any:
    """Convert NumPy scalars and arrays to Python values without importing NumPy."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(
        f"{where} is a {type(value).__name__}, which JSON cannot express: give numbers, text, "
        "lists or mappings"
    )


def _key(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{where} has the key {key!r}: keys must be text")
    return key
