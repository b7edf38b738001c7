"""The tables of a result or a measurement, as a notebook shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ionworks.data.frames import Frame
    from ionworks.html.fragments import Markup

__all__ = ["size_of", "tables_html"]

_TIME: Final = "Time [s]"
_VOLTAGE: Final = "Voltage [V]"
_STEP_COLUMNS: Final = (
    "Step count",
    "Cycle count",
    "Step type",
    "Duration [s]",
    "End voltage [V]",
    "Mean current [A]",
    "Delta capacity [A.h]",
    "Termination",
)
_MOST_STEPS: Final = 10


def size_of(frame: Frame) -> str:
    """Return the size of a table in words."""
    rows, columns = frame.shape
    return f"<{rows:,} rows x {columns} columns>"


def tables_html(time_series: Frame, steps: Frame | None) -> list[Markup]:
    """Return the sizes of the tables, a small drawing of the voltage, and the first steps."""
    from ionworks.html.curves import curve
    from ionworks.html.fragments import fields, paragraph, table

    sizes = {"time_series": size_of(time_series)}
    parts = []
    if {_TIME, _VOLTAGE}.issubset(time_series.columns):
        parts.append(curve(time_series[_TIME], time_series[_VOLTAGE], _VOLTAGE))
    if steps is not None:
        sizes["steps"] = size_of(steps)
        columns = {
            name: [*steps[name][:_MOST_STEPS]] for name in _STEP_COLUMNS if name in steps.columns
        }
        # Measured steps, for example, have no termination.
        shown = {name: each for name, each in columns.items() if any(map(_is_present, each))}
        parts.append(table([*shown], zip(*shown.values(), strict=True)))
        if len(steps) > _MOST_STEPS:
            parts.append(paragraph(f"{_MOST_STEPS} of {len(steps):,} steps", is_muted=True))
    return [fields(sizes), *parts]


def _is_present(value: object) -> bool:
    """Return whether a cell has a value; pandas has NaN, which differs from itself, for none."""
    return value is not None and value == value  # noqa: PLR0124
