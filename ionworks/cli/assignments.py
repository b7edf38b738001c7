"""Values that are given as ``NAME=VALUE``: numbers, texts, and the values of a sweep."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["assigned", "assigned_columns", "numbers", "swept", "text_or_number", "value_rows"]

_FORMS: Final = (
    "a number, a list 'A,B,C', a range 'MIN:MAX:COUNT', or 'normal:MEAN:STD:COUNT'; a range of a"
    " random design needs no COUNT"
)
_NORMAL: Final = "normal"
_UNIT: Final = "@"


def assigned(items: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return the values of an option that is given as ``NAME=VALUE``, once for each name.

    Parameters
    ----------
    items : sequence of str or None
        As they were given. Names may contain ``=``, values must not.
    option : str
        Name of the option in messages.

    Raises
    ------
    ValueError
        If one is not of this form, or a name is given twice.
    """
    found: dict[str, str] = {}
    for item in items or ():
        name, _, value = (part.strip() for part in item.rpartition("="))
        if not name or not value:
            raise ValueError(f"{option} {item!r} must be NAME=VALUE")
        if name in found:
            raise ValueError(f"{option} gives {name!r} twice")
        found[name] = value
    return found


def assigned_columns(items: Sequence[str] | None) -> dict[str, Any]:
    """Return the columns of ``--column``, given as ``NAME=COLUMN`` or ``NAME=COLUMN@UNIT``.

    Raises
    ------
    ValueError
        As of `assigned`.
    """
    return {
        name: (target.strip(), text_or_number(unit.strip())) if has_unit else target.strip()
        for name, value in assigned(items, "--column").items()
        for target, has_unit, unit in [value.partition(_UNIT)]
    }


def numbers(items: Sequence[str] | None, option: str) -> dict[str, float]:
    """Return the numbers of an option ``NAME=NUMBER``.

    Raises
    ------
    ValueError
        As of `assigned`; also if a value is not a finite number.
    """
    return {
        name: _number(value, f"{option} {name!r}", "a number; `ionworks sweep` takes several")
        for name, value in assigned(items, option).items()
    }


def text_or_number(value: str) -> float | str:
    """Return a value as a number if it is one, else as it is."""
    try:
        return float(value)
    except ValueError:
        return value


def swept(items: Sequence[str] | None, option: str) -> list[dict[str, Any]]:
    """Return rows of a design for an option ``NAME=VALUES``.

    Parameters
    ----------
    items : sequence of str or None
        As they were given: ``NAME=1``, ``NAME=1,2,3``, ``NAME=MIN:MAX:COUNT``, ``NAME=MIN:MAX`` or
        ``NAME=normal:MEAN:STD:COUNT``.
    option : str
        Name of the option in messages.

    Returns
    -------
    list of dict
        Rows as `ionworks.doe` describes them.

    Raises
    ------
    ValueError
        If a value has another form.
    """
    found = assigned(items, option)
    return [
        {"name": name, **value_rows(each, f"{option} {name!r}")} for name, each in found.items()
    ]


def value_rows(values: str, where: str) -> dict[str, Any]:
    """Return the fields of one row of a design, without its name."""
    head, *rest = values.split(":")
    if head.strip().lower() == _NORMAL and len(rest) in {2, 3}:
        return {"type": "normal", **_fields(("mean", "std", "count"), rest, where)}
    if len(rest) in {1, 2}:
        return {"type": "range", **_fields(("min", "max", "count"), [head, *rest], where)}
    if rest:
        raise ValueError(f"{where} must be {_FORMS}, not {values!r}")
    return {"type": "discrete", "values": [_number(each, where) for each in values.split(",")]}


def _fields(names: Sequence[str], values: Sequence[str], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: _number(value, where) for name, value in zip(names, values, strict=False)
    }
    if "count" in found:
        if not found["count"].is_integer() or found["count"] < 1:
            raise ValueError(f"{where}: the count must be a whole number above 0")
        found["count"] = int(found["count"])
    return found


def _number(text: str, where: str, wanted: str = _FORMS) -> float:
    value = text_or_number(text.strip())
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueError(f"{where} must be {wanted}, not {text.strip()!r}")
    return value
