"""Rows added at the end of a time series."""

from __future__ import annotations

import polars as pl

from ionworks.server.measurements.columns import STEP_COUNT, TIME

_CONTINUED = (TIME, STEP_COUNT)


def extension_faults(series: pl.LazyFrame, added: pl.LazyFrame) -> list[str]:
    """Return why rows cannot follow a time series; empty when they can.

    Only the columns, the last row of the series and the first added row are checked.
    """
    old, new = series.collect_schema(), added.collect_schema()
    faults = []
    missing = [name for name in old if name not in new]
    if missing:
        faults.append(f"the rows to add lack {', '.join(map(repr, missing))}")
    unknown = [name for name in new if name not in old]
    if unknown:
        faults.append(f"the time series has no {', '.join(map(repr, unknown))}")
    faults += [
        f"the column {name!r} holds {new[name]}, the time series has {old[name]}"
        for name in old
        if name in new and not _fits(new[name], old[name])
    ]
    return faults or _seam_faults(series, added)


def extended(series: pl.LazyFrame, added: pl.LazyFrame) -> pl.LazyFrame:
    """Return a time series with rows added; its columns and types stay."""
    schema = series.collect_schema()
    return pl.concat([series, added.select(pl.col(name).cast(schema[name]) for name in schema)])


def _seam_faults(series: pl.LazyFrame, added: pl.LazyFrame) -> list[str]:
    names = [name for name in _CONTINUED if name in series.collect_schema()]
    last = series.select(names).last().collect()
    first = added.select(names).first().collect()
    if first.is_empty():
        return ["there are no rows to add"]
    return [
        f"{name!r} goes back: the time series ends at {last[name].item()}, "
        f"the rows to add begin at {first[name].item()}"
        for name in names
        if last.height and not _follows(first[name].item(), last[name].item())
    ]


def _follows(first: float | None, last: float) -> bool:
    return first is not None and first >= last


def _fits(new: pl.DataType, old: pl.DataType) -> bool:
    """Return whether values of one type can be stored in a column of another."""
    return new in (old, pl.Null) or (new.is_numeric() and old.is_numeric())
