"""Columns of tables as arrays, and the units in which axes show them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from ionworks.doe.scalars import nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ionworks.data.frames import Frame

__all__ = ["Floats", "Scale", "Table", "column", "columns", "scale_of", "split_unit", "widen"]

Floats: TypeAlias = NDArray[np.float64]
Table: TypeAlias = "Frame | Mapping[str, Any]"
"""A polars or pandas frame, or a mapping of columns."""

_UNIT: Final = re.compile(r"(?P<base>.*?)\s*\[(?P<unit>[^\]]*)\]")
_SIGNS: Final = {"degC": "\u00b0C", "A.h": "A\u00b7h", "W.h": "W\u00b7h"}
_TIMES: Final = ((14 * 86400.0, "d", 86400.0), (7200.0, "h", 3600.0), (600.0, "min", 60.0))
"""Spans of time [s] from which on another unit is used, that unit, and its seconds."""
_SMALL: Final = 0.1
_WITH_MILLI: Final = frozenset({"V", "A", "W", "A.h", "W.h"})
_LEAST_SPANS: Final = {"degC": 1.0}
_LEAST_SHARE: Final = 1e-3
"""Smallest span of an axis, as a share of the largest value: less is mostly rounding."""


@attrs.frozen
class Scale:
    """How an axis shows a quantity.

    Attributes
    ----------
    label : str
        Label of the axis, such as ``"Time [h]"``.
    factor : float
        By which the values are multiplied.
    """

    label: str
    factor: float = 1.0


def columns(table: Table) -> list[str]:
    """Return the names of the columns of a table."""
    return [*(table if isinstance(table, Mapping) else table.columns)]


def column(table: Table, name: str) -> Floats:
    """Return a column of numbers; missing values are NaN.

    Raises
    ------
    ValueError
        If there is no such column, or its values are not numbers.
    """
    known = columns(table)
    if name not in known:
        raise ValueError(
            f"there is no column {name!r} to plot{nearest(name, known)}; available columns:"
            f" {', '.join(known)}"
        )
    values = np.asarray(table[name])
    if values.dtype.kind in "mM":
        raise ValueError(f"the column {name!r} has dates or durations: convert them to numbers")
    try:
        return values.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the column {name!r} cannot be plotted: {error}") from None


def split_unit(name: str) -> tuple[str, str]:
    """Divide a name such as ``"Voltage [V]"`` into quantity and unit; the unit can be empty."""
    found = _UNIT.fullmatch(name)
    return (name, "") if found is None else (found["base"], found["unit"])


def scale_of(name: str, values: Floats, shown: str = "") -> Scale:
    """Return how an axis shows a quantity: long times in hours, small values in milli-units.

    Parameters
    ----------
    name : str
        Name of the column.
    values : array
        Its values.
    shown : str
        Label that the axis has already: curves that are added to a plot get the unit of the others.
    """
    base, unit = split_unit(name)
    scales = [*_scales(base, unit)]
    for scale in scales:
        if scale.label == shown:
            return scale
    present = np.abs(values[np.isfinite(values)])
    largest = float(present.max()) if present.size else 0.0
    if unit == "s" and base == "Time":
        longer = [place for place, (least, _, _) in enumerate(_TIMES) if largest >= least]
        return scales[1 + longer[0]] if longer else scales[0]
    return scales[1 if unit in _WITH_MILLI and 0 < largest < _SMALL else 0]


def _scales(base: str, unit: str) -> list[Scale]:
    """Return the possible scales of a quantity, that of its column first."""
    if not unit:
        return [Scale(base)]
    others = []
    if unit == "s" and base == "Time":
        others = [(name, 1 / seconds) for _, name, seconds in _TIMES]
    elif unit in _WITH_MILLI:
        others = [(f"m{unit}", 1e3)]
    return [Scale(f"{base} [{_sign(each)}]", factor) for each, factor in [(unit, 1.0), *others]]


def _sign(unit: str) -> str:
    milli = unit.startswith("m") and unit[1:] in _SIGNS
    return f"m{_SIGNS[unit[1:]]}" if milli else _SIGNS.get(unit, unit)


def widen(axes: Axes, name: str, values: Floats) -> None:
    """Widen the y axis of values that hardly vary, so that rounding does not look like a signal."""
    present = np.abs(values[np.isfinite(values)])
    if not present.size:
        return
    least = _LEAST_SPANS.get(split_unit(name)[1], _LEAST_SHARE * float(present.max()))
    low, high = axes.get_ylim()
    if high - low < least:
        middle = (low + high) / 2
        axes.set_ylim(middle - least / 2, middle + least / 2)
