"""Parts of a time series: rows, steps, cycles, columns, and thinning that keeps extremes."""

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
#: Columns that increase; their extremes are at the ends of a bin, not worth points of their own.
_PLACES = (TIME, STEP_COUNT, CYCLE_COUNT)
#: Above any step count, and still an integer of polars.
_BEYOND = 2**62
_ROW, _STRETCH = "_row", "_stretch"


def _once_each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


@frozen
class Selection:
    """Which part of a time series is requested; None does not restrict it.

    Attributes
    ----------
    row_start, row_stop : int or None
        Rows from 0; the stop is excluded.
    step_from, step_to, cycle_from, cycle_to : int or None
        Step counts and cycle counts, both ends included.
    columns : tuple of str
        Names in the requested order; empty for all.
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
        """Whether the steps must be known to find the rows."""
        limits = (self.step_from, self.step_to, self.cycle_from, self.cycle_to)
        return any(limit is not None for limit in limits)


def select(series: pl.LazyFrame, steps: pl.DataFrame | None, wanted: Selection) -> pl.LazyFrame:
    """Return a part of a time series, in the order of its rows.

    Parameters
    ----------
    series
        The whole time series.
    steps
        Its steps; needed for ranges of steps and cycles.
    wanted
        The part.

    Raises
    ------
    MeasurementError
        A column does not exist, or ``max_points`` is too small.
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
    """Return the requested rows as half-open ranges, in order and without overlap."""
    first = wanted.row_start or 0
    stop = total if wanted.row_stop is None else min(wanted.row_stop, total)
    for start, end in _step_ranges(total, steps, wanted):
        if max(start, first) < min(end, stop):
            yield max(start, first), min(end, stop)


def _step_ranges(
    total: int, steps: pl.DataFrame | None, wanted: Selection
) -> Iterable[tuple[int, int]]:
    """Return the rows of the requested steps; adjacent steps make one range."""
    if not wanted.needs_steps:
        return [(0, total)]
    if steps is None:
        raise MeasurementError(
            "the steps are not known yet: wait until the measurement is processed"
        )
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
    """Return ranges of rows; slices, so that polars reads only these parts of the file."""
    if not pieces:
        return series.head(0)
    return pl.concat([series.slice(start, stop - start) for start, stop in pieces])


def _telling_rows(
    series: pl.LazyFrame,
    pieces: Sequence[tuple[int, int]],
    signals: Sequence[str],
    max_points: int,
) -> pl.Series:
    """Return at most ``max_points`` row numbers that keep the extremes of some signals.

    The rows are divided into bins of equal length. Of each bin, the rows with the least and the
    greatest value of each signal are kept, the first such row if there are several, and of the
    whole the first and the last row. Without a signal, the first row of each bin is kept.
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
    """Return the rows of the extremes of each bin, in two streaming passes over the rows."""
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
    """Return the signals whose extremes are kept: numeric, and not increasing by nature."""
    return [
        name
        for name in signals
        if name in schema and name not in _PLACES and schema[name].is_numeric()
    ]
