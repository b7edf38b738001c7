"""Checks of a time series that need all rows: time and steps must not decrease."""

from __future__ import annotations

import polars as pl

from ionworks.server.measurements.columns import (
    CYCLE_COUNT,
    STEP_COUNT,
    TIME,
    MeasurementError,
    schema_faults,
)

_ROW = "_row"
_ORDERED = (TIME, STEP_COUNT)


def check(series: pl.LazyFrame) -> None:
    """Check that steps can be derived from a time series.

    Raises
    ------
    MeasurementError
        With every fault, each with the first row that has it.
    """
    schema = series.collect_schema()
    faults = schema_faults(schema)
    if not faults:
        faults = _row_faults(series, [name for name in _ORDERED if name in schema])
    if faults:
        raise MeasurementError("; ".join(faults))


def _row_faults(series: pl.LazyFrame, ordered: list[str]) -> list[str]:
    wholes = [name for name in (STEP_COUNT, CYCLE_COUNT) if name in series.collect_schema()]
    checked = list(dict.fromkeys([*ordered, *wholes]))
    rows = (
        series.select(pl.col(name).cast(pl.Float64) for name in checked)
        .with_row_index(_ROW)
        .with_columns(pl.col(name).shift().alias(f"_before {name}") for name in ordered)
    )
    questions = {
        **{
            f"{n!r} is empty or not finite": ~pl.col(n).is_finite().fill_null(False)
            for n in ordered
        },
        **{f"{n!r} goes back": pl.col(n) < pl.col(f"_before {n}") for n in ordered},
        **{f"{n!r} is not a whole number": pl.col(n) != pl.col(n).round() for n in wholes},
    }
    found = rows.select(
        pl.len().alias("rows"),
        *(pl.when(q).then(pl.col(_ROW)).min().alias(words) for words, q in questions.items()),
    ).collect(engine="streaming")
    if found["rows"].item() == 0:
        return ["the time series has no rows"]
    firsts = {words: found[words].item() for words in questions}
    return [f"{words} in row {first}" for words, first in firsts.items() if first is not None]
