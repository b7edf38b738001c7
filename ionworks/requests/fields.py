"""Checks of the values people write into a config, each naming what is wrong and where."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

from ionworks.doe.scalars import finite

__all__ = ["named", "number", "text"]


def named(values: Any, where: str) -> Mapping[str, Any]:
    """Return a mapping, sure that its keys are names."""
    if not isinstance(values, Mapping):
        raise TypeError(
            f"{where} must be a mapping {{name: value}}, not {type(values).__name__} {values!r}"
        )
    for name in values:
        if not isinstance(name, str):
            raise TypeError(f"{where} has a key that is not text: {name!r}")
        if not name.strip():
            raise ValueError(f"{where} has an empty name: name the parameter")
    return values


def number(value: Any, where: str, alternative: str = "") -> float | int:
    """Return a finite number, whole ones as int: some inputs are counts."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        wanted = f"a number {alternative}".rstrip()
        raise TypeError(f"{where} must be {wanted}, not {value!r} ({type(value).__name__})")
    real = finite(value, where)
    return int(value) if isinstance(value, numbers.Integral) else real


def text(value: Any, where: str) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str):
        raise TypeError(f"{where} must be text, not {type(value).__name__} {value!r}")
    if not value.strip():
        raise ValueError(f"{where} is empty: give text, or leave it out if it is optional")
    return value
