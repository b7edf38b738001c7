"""The known columns of a time series, and expressions that all checks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "CAPACITIES",
    "CUMULATIVE",
    "CURRENT",
    "CYCLE",
    "KNOWN",
    "MOST",
    "REQUIRED",
    "STEP",
    "TEMPERATURE",
    "TIME",
    "VOLTAGE",
    "conversion_hint",
    "number",
    "previous",
]

TIME = "Time [s]"
VOLTAGE = "Voltage [V]"
CURRENT = "Current [A]"
STEP = "Step count"
CYCLE = "Cycle count"
TEMPERATURE = "Temperature [degC]"
REQUIRED = (TIME, VOLTAGE, CURRENT, STEP)

CAPACITIES = ("Discharge capacity [A.h]", "Charge capacity [A.h]")
CUMULATIVE = (*CAPACITIES, "Discharge energy [W.h]", "Charge energy [W.h]")
KNOWN = (*REQUIRED, CYCLE, TEMPERATURE, *CUMULATIVE)
"""Columns that the checks know; other columns are not checked."""

MOST = 0.5
"""Share of the values of a column from which most of them have another unit."""


def number(name: str) -> pl.Expr:
    """Return a column as floats, with null for NaN and infinities."""
    import polars as pl

    column = pl.col(name).cast(pl.Float64)
    return pl.when(column.is_finite()).then(column)


def previous(name: str) -> str:
    """Return the name of the column with the values of the row above."""
    return f"previous {name}"


def conversion_hint(column: str, unit: str) -> str:
    """Return how to convert a column that is in another unit."""
    source = f"{column.partition(' [')[0]} ({unit})"
    return f"If so, name the column {source!r} and pass columns={{{source!r}: {column!r}}}"
