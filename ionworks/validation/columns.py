"""The columns of a time series that have a meaning, and expressions every check shares."""

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
    "REQUIRED",
    "STEP",
    "TIME",
    "VOLTAGE",
    "number",
    "previous",
]

TIME = "Time [s]"
VOLTAGE = "Voltage [V]"
CURRENT = "Current [A]"
STEP = "Step count"
CYCLE = "Cycle count"
REQUIRED = (TIME, VOLTAGE, CURRENT, STEP)

CAPACITIES = ("Discharge capacity [A.h]", "Charge capacity [A.h]")
CUMULATIVE = (*CAPACITIES, "Discharge energy [W.h]", "Charge energy [W.h]")
KNOWN = (*REQUIRED, CYCLE, "Temperature [degC]", *CUMULATIVE)
"""Columns the service knows; others are kept as they are."""


def number(name: str) -> pl.Expr:
    """Return a column as floats; what is no finite number is null."""
    import polars as pl

    column = pl.col(name).cast(pl.Float64)
    return pl.when(column.is_finite()).then(column)


def previous(name: str) -> str:
    """Return the name of the column that holds the values of the row above."""
    return f"previous {name}"
