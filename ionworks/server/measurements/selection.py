"""Parts of a time series: rows, steps, cycles, columns, and few points that keep the extremes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import polars as pl
from attrs import field, frozen

from ionworks.server.measurements.columns import (
    CURRENT,
    CYCLE_COUNT,
    END_INDEX,
    START_INDEX,
    STEP_COUNT,
    TIME,
    VOLTAGE,
    MeasurementError,
)

LEAST_POINTS: Final = 10
#: Columns that say where a row is; their extremes are the ends of a stretch, which stay anyway.
_PLACES = (TIME, STEP_COUNT, CYCLE_COUNT)
#: No series has as many steps; polars takes no larger numbers.
_BEYOND = 2**62
_ROW, _STRETCH = "_row", "_stretch"


def _once_each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


@frozen
class Selection:
    """Which part of a time series is wanted; what is None does not narrow it.

    Attributes
    ----------
    row_start, row_stop : int or None
        Rows from 0; the stop is left out.
    step_from, step_to, cycle_from, cycle_to : int or None
        Step counts and cycle counts, both ends included.
    columns : tuple of str
        Names in the order wanted; empty for all.
    max_points : int or None
        At least `LEAST_POINTS`.
    """

    row_start: int | None = None
    row_stop: int | None = None
    step_from: int | None = None
    step_to: int | None = None
    cycle_from: int | None = None
    cycle_to: int | None = None
    columns: tuple[str, ...] = field(default=(), converter=_once_each)
    max_points: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection()

    @property
    def needs_steps(self) -> bool:
        """Whether one has to know where the steps are."""
        limits = (self.step_from, self.step_to, self.cycle_from, self.cycle_to)
        return any(limit is not None for limit in limits)


def select(series: pl.LazyFrame, steps: pl.DataFrame | None, wanted: Selection) -> pl.LazyFrame:
    """Return a part of a time series, rows in their order.

    Parameters
    ----------
    series
        The whole.
    steps
        Its steps; needed for ranges of steps and cycles.
    wanted
        Which part.

    Raises
    ------
    MeasurementError
        A column is not there.
    """
    names = series.collect_schema().names()
    unknown = [name for name in wanted.columns if name not in names]
    if unknown:
        raise MeasurementError(
            f"no column {', '.join(map(repr, unknown))}; known: {', '.join(names)}"
        )
    total = series.select(pl.len()).collect().item()
    pieces = list(_row_ranges(total, steps, wanted))
    if wanted.max_points is not None:
        rows = _telling_rows(
            series, pieces, wanted.columns or (VOLTAGE, CURRENT), wanted.max_points
        )
        chosen = series.with_row_index(_ROW).filter(pl.col(_ROW).is_in(rows.implode()))
    else:
        chosen = _sliced(series, pieces)
    return chosen.select(wanted.columns or names)


def _row_ranges(
    total: int, steps: pl.DataFrame | None, wanted: Selection
) -> Iterator[tuple[int, int]]:
    """Return the rows wanted as half-open ranges that grow and do not touch."""
    first = wanted.row_start or 0
    stop = total if wanted.row_stop is None else min(wanted.row_stop, total)
    for start, end in _step_ranges(total, steps, wanted):
        if max(start, first) < min(end, stop):
            yield max(start, first), min(end, stop)


def _step_ranges(
    total: int, steps: pl.DataFrame | None, wanted: Selection
) -> Iterable[tuple[int, int]]:
    """Return where the steps wanted are; steps that follow each other make one range."""
    if not wanted.needs_steps:
        return [(0, total)]
    if steps is None:
        raise MeasurementError("where the steps are is not known yet")
    within = pl.lit(value=True)
    for name, least, most in (
        (STEP_COUNT, wanted.step_from, wanted.step_to),
        (CYCLE_COUNT, wanted.cycle_from, wanted.cycle_to),
    ):
        if least is not None:
            within &= pl.col(name) >= min(least, _BEYOND)
        if most is not None:
            within &= pl.col(name) <= min(most, _BEYOND)
    begins = pl.col(START_INDEX) != (pl.col(END_INDEX).shift() + 1)
    ranges = (
        steps.filter(within)
        .sort(START_INDEX)
        .group_by(begins.fill_null(value=True).cum_sum().alias("range"), maintain_order=True)
        .agg(pl.col(START_INDEX).min(), pl.col(END_INDEX).max() + 1)
    )
    return ranges.select(START_INDEX, END_INDEX).iter_rows()


def _sliced(series: pl.LazyFrame, pieces: Sequence[tuple[int, int]]) -> pl.LazyFrame:
    """Return some ranges of rows; a slice of a scan reads no more of the file than it needs."""
    if not pieces:
        return series.head(0)
    return pl.concat([series.slice(start, stop - start) for start, stop in pieces])


def _telling_rows(
    series: pl.LazyFrame,
    pieces: Sequence[tuple[int, int]],
    signals: Sequence[str],
    max_points: int,
) -> pl.Series:
    """Return at most so many row numbers that tell most about some signals.

    The rows are cut into stretches of equal length; of each stretch those with the least and the
    greatest value of each signal stay, the first of them where there are several. So do the first
    and the last row of all. Without a signal, the first row of each stretch stays.
    """
    watched = _watched(series.collect_schema(), signals)
    count = sum(stop - start for start, stop in pieces)
    rows = _sliced(series.with_row_index(_ROW), pieces).select(
        pl.col(_ROW).cast(pl.Int64),
        *(pl.col(name).cast(pl.Float64).fill_nan(None) for name in watched),
    )
    if count <= max_points:
        return rows.select(_ROW).collect(engine="streaming")[_ROW]
    stretches = (max_points - 2) // max(1, 2 * len(watched))
    if stretches == 0:
        least = 2 * len(watched) + 2
        raise MeasurementError(
            f"max_points={max_points} is too few for the extremes of {len(watched)} columns: "
            f"ask for {least} or more, or for fewer columns"
        )
    place = pl.col("_place").cast(pl.Int64)
    rows = rows.with_row_index("_place").with_columns((place * stretches // count).alias(_STRETCH))
    ends = pl.Series([pieces[0][0], pieces[-1][1] - 1], dtype=pl.Int64)
    return pl.concat([ends, _extreme_rows(rows, watched)]).unique().sort()


def _extreme_rows(rows: pl.LazyFrame, watched: Sequence[str]) -> pl.Series:
    """Return where each stretch has its extremes; two streaming passes hold no column whole."""
    if not watched:
        firsts = rows.group_by(_STRETCH).agg(pl.col(_ROW).min()).collect(engine="streaming")
        return firsts[_ROW]
    extremes = rows.group_by(_STRETCH).agg(
        *(pl.col(name).min().alias(f"min {name}") for name in watched),
        *(pl.col(name).max().alias(f"max {name}") for name in watched),
    )
    found = (
        rows.join(extremes.collect(engine="streaming").lazy(), on=_STRETCH)
        .group_by(_STRETCH)
        .agg(
            pl.when(pl.col(name) == pl.col(f"{which} {name}"))
            .then(pl.col(_ROW))
            .min()
            .alias(f"{which} {name}")
            for name in watched
            for which in ("min", "max")
        )
        .drop(_STRETCH)
        .collect(engine="streaming")
    )
    return pl.concat(found.get_columns()).drop_nulls()


def _watched(schema: pl.Schema, signals: Sequence[str]) -> list[str]:
    """Return the signals that have extremes of their own."""
    return [
        name
        for name in signals
        if name in schema and name not in _PLACES and schema[name].is_numeric()
    ]
