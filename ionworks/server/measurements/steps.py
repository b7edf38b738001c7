"""Steps of a time series, in one streaming pass of polars: ten million rows take seconds.

No row is ever visited from Python and no whole column is held: what a step needs of its first,
its last and its neighbouring rows becomes columns of the rows themselves, so that one grouping
does the rest.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from ionworks.server.measurements.classification import classified
from ionworks.server.measurements.columns import (
    CHARGE_CAPACITY,
    CHARGE_ENERGY,
    COUNTERS,
    CURRENT,
    CYCLE_COUNT,
    CYCLE_FROM_CYCLER,
    DISCHARGE_CAPACITY,
    DISCHARGE_ENERGY,
    DURATION,
    END_INDEX,
    FREQUENCY,
    GROUP_NUMBER,
    LABEL,
    START_INDEX,
    STEP_COUNT,
    STEP_FROM_CYCLER,
    STEP_TYPE,
    TEMPERATURE,
    TIME,
    VOLTAGE,
    MeasurementError,
)

_SECONDS_PER_HOUR = 3600
_POWER = "Power [W]"
#: Signals every statistic is taken of, with the words the columns are named by.
_SIGNALS = {"voltage [V]": VOLTAGE, "current [A]": CURRENT, "power [W]": _POWER}
#: Carried from the first row of a step, where the series has them.
_CARRIED = (CYCLE_COUNT, STEP_FROM_CYCLER, CYCLE_FROM_CYCLER, LABEL, GROUP_NUMBER)
_INTEGRATED = (TIME, *_SIGNALS.values())
_ROW, _KEY, _NEXT_KEY = "_row", "_key", "_next key"
_BEFORE = "_before"
_FIRST, _LAST, _INNER, _SPAN = "_first", "_last", "_inner", "_span"

STEP_COLUMNS = (
    STEP_COUNT,
    CYCLE_COUNT,
    STEP_TYPE,
    LABEL,
    GROUP_NUMBER,
    STEP_FROM_CYCLER,
    CYCLE_FROM_CYCLER,
    START_INDEX,
    END_INDEX,
    "Start time [s]",
    "End time [s]",
    DURATION,
    *(
        f"{word} {signal}"
        for signal in _SIGNALS
        for word in ("Start", "End", "Min", "Max", "Mean", "Std")
    ),
    *(f"{word} frequency [Hz]" for word in ("Min", "Max", "Mean", "Std")),
    *(f"{word} temperature [degC]" for word in ("Min", "Max", "Mean")),
    *COUNTERS,
    "Delta capacity [A.h]",
    "Delta energy [W.h]",
    *(f"Cycle {name[0].lower()}{name[1:]}" for name in COUNTERS),
)
"""Columns of the steps, in their order; those a series says nothing about are null."""


def derive_steps(series: pl.LazyFrame) -> pl.DataFrame:
    """Return one row per step.

    Parameters
    ----------
    series
        Time series that `checks.faults` finds nothing wrong with.

    Returns
    -------
    polars.DataFrame
        `STEP_COLUMNS`. ``Start index`` and ``End index`` are rows of the series, both inclusive.
        Means of voltage, current and power are over time, by the trapezoidal rule; deviations
        are those of the samples. Capacities and energies come from the series' own columns where
        it has them, else from the integral of current and power over the rows of the step.
    """
    names = series.collect_schema().names()
    rows = _with_neighbours(_prepared(series, names), names)
    grouped = rows.group_by(_KEY).agg(_aggregations(names)).collect(engine="streaming").sort(_KEY)
    steps = classified(_finished(grouped, names))
    return steps.select(
        pl.col(name) if name in steps.columns else pl.lit(None, pl.Float64).alias(name)
        for name in STEP_COLUMNS
    )


def step_key(names: Collection[str]) -> pl.Expr:
    """Return what is the same in all rows of a step, counting up from step to step.

    A series without ``Step count`` has a new step wherever the cycler's own step or cycle number
    changes.
    """
    if STEP_COUNT in names:
        return pl.col(STEP_COUNT).cast(pl.Int64)
    known = [pl.col(name) for name in (STEP_FROM_CYCLER, CYCLE_FROM_CYCLER) if name in names]
    changes = pl.any_horizontal([column.ne_missing(column.shift()) for column in known])
    return changes.cast(pl.Int64).cum_sum() - 1


def _prepared(series: pl.LazyFrame, names: Collection[str]) -> pl.LazyFrame:
    """Return the columns a step is made of: numbers as floats, what is not a number as null."""
    numbers = [
        name
        for name in (TIME, VOLTAGE, CURRENT, TEMPERATURE, FREQUENCY, *COUNTERS)
        if name in names
    ]
    return (
        series.with_row_index(_ROW)
        .select(
            pl.col(_ROW).cast(pl.Int64),
            step_key(names).alias(_KEY),
            *(pl.col(name).cast(pl.Float64).fill_nan(None) for name in numbers),
            *(pl.col(name) for name in _CARRIED if name in names),
        )
        .with_columns((pl.col(VOLTAGE) * pl.col(CURRENT)).alias(_POWER))
    )


def _with_neighbours(rows: pl.LazyFrame, names: Collection[str]) -> pl.LazyFrame:
    """Add what a row is in its step, and what happened since the row before it."""
    counters = [name for name in COUNTERS if name in names]
    # One shift of all columns together: each of its own would be a pipe in which rows pile up.
    rows = rows.with_columns(
        pl.struct(_KEY, *_INTEGRATED, *counters).shift().alias(_BEFORE),
        pl.col(_KEY).shift(-1).alias(_NEXT_KEY),
    )
    is_first = pl.col(_KEY).ne_missing(_before(_KEY))
    is_last = pl.col(_KEY).ne_missing(pl.col(_NEXT_KEY))
    known = ~is_first & pl.col(_POWER).is_not_null() & _before(_POWER).is_not_null()
    rows = rows.with_columns(
        is_first.alias(_FIRST),
        is_last.alias(_LAST),
        (~is_first & ~is_last).alias(_INNER),
        pl.when(known).then(pl.col(TIME) - _before(TIME)).alias(_SPAN),
    )
    return rows.with_columns(
        *(_area(pl.col(name), _before(name)).alias(f"_area {name}") for name in _SIGNALS.values()),
        *(_passed(name).alias(f"_passed {name}") for name in COUNTERS if name not in names),
    )


def _before(name: str) -> pl.Expr:
    """Return the value of the row before; null in the first row."""
    return pl.col(_BEFORE).struct.field(name)


def _area(signal: pl.Expr, before: pl.Expr) -> pl.Expr:
    """Return the area under a signal since the row before, by the trapezoidal rule."""
    return (signal + before) * pl.col(_SPAN) / 2


def _passed(counter: str) -> pl.Expr:
    """Return what a counter the series lacks would have gained since the row before.

    Both directions are integrated on their own, so that their difference is the integral of the
    signal itself.
    """
    name = CURRENT if "capacity" in counter else _POWER
    sign = 1 if counter.startswith("Discharge") else -1
    now, before = ((sign * each).clip(lower_bound=0) for each in (pl.col(name), _before(name)))
    return _area(now, before) / _SECONDS_PER_HOUR


def _aggregations(names: Collection[str]) -> list[pl.Expr]:
    """Return everything one grouping finds out about the rows of a step."""
    found = [
        pl.len().alias("_rows"),
        pl.col(_ROW).min().alias(START_INDEX),
        pl.col(_ROW).max().alias(END_INDEX),
        pl.col(TIME).min().alias("Start time [s]"),
        pl.col(TIME).max().alias("End time [s]"),
        pl.col(_SPAN).sum(),
        pl.when(pl.col(_INNER)).then(pl.col(CURRENT).abs()).mean().alias("_inner size"),
        pl.col(CURRENT).abs().mean().alias("_size"),
        *(_at(_FIRST, name).alias(name) for name in _CARRIED if name in names),
    ]
    for words, name in _SIGNALS.items():
        found += [
            _at(_FIRST, name).alias(f"Start {words}"),
            _at(_LAST, name).alias(f"End {words}"),
            *_spread(words, name),
            pl.col(f"_area {name}").sum(),
            pl.when(pl.col(_INNER)).then(pl.col(name)).std().alias(f"_inner std {words}"),
            pl.when(pl.col(_INNER)).then(pl.col(name)).mean().alias(f"_inner mean {words}"),
        ]
    if FREQUENCY in names:
        found += _spread("frequency [Hz]", FREQUENCY)
    if TEMPERATURE in names:
        found += _spread("temperature [degC]", TEMPERATURE)
    for counter in COUNTERS:
        if counter in names:
            found += [
                pl.col(counter).min().alias(f"_least {counter}"),
                pl.col(counter).max().alias(f"_most {counter}"),
                _at(_LAST, counter).alias(f"_last {counter}"),
                pl.when(pl.col(_FIRST)).then(_before(counter)).max().alias(f"_before {counter}"),
            ]
        else:
            found.append(pl.col(f"_passed {counter}").sum().alias(counter))
    return found


def _at(place: str, name: str) -> pl.Expr:
    """Return the value in the one row of a step that is marked: the greatest of one is itself."""
    return pl.when(pl.col(place)).then(pl.col(name)).max()


def _spread(words: str, name: str) -> list[pl.Expr]:
    column = pl.col(name)
    return [
        column.min().alias(f"Min {words}"),
        column.max().alias(f"Max {words}"),
        column.mean().alias(f"Mean {words}"),
        # One sample deviates from nothing.
        pl.when(column.count() > 0).then(column.std().fill_null(0.0)).alias(f"Std {words}"),
    ]


def _finished(grouped: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """Turn sums into means and gains, and add what cycles know of their steps."""
    span = pl.col(_SPAN)
    steps = grouped.with_columns(
        pl.col(_KEY).alias(STEP_COUNT),
        (pl.col("End time [s]") - pl.col("Start time [s]")).alias(DURATION),
        _cycle_count(names).alias(CYCLE_COUNT),
        *(
            pl.when(span > 0)
            .then(pl.col(f"_area {name}") / span)
            .otherwise(pl.col(f"Mean {words}"))
            .alias(f"Mean {words}")
            for words, name in _SIGNALS.items()
        ),
        *(_gained(counter).alias(counter) for counter in COUNTERS if counter in names),
    )
    return steps.with_columns(
        (pl.col(DISCHARGE_CAPACITY) - pl.col(CHARGE_CAPACITY)).alias("Delta capacity [A.h]"),
        (pl.col(DISCHARGE_ENERGY) - pl.col(CHARGE_ENERGY)).alias("Delta energy [W.h]"),
        *(
            pl.col(name).sum().over(CYCLE_COUNT).alias(f"Cycle {name[0].lower()}{name[1:]}")
            for name in COUNTERS
        ),
    )


def _gained(counter: str) -> pl.Expr:
    """Return what the series' own counter gained in a step.

    It starts from the row before the step, or from zero when it was reset there, which shows in
    a lower value. The first step starts from its own first row.
    """
    least, before = pl.col(f"_least {counter}"), pl.col(f"_before {counter}")
    start = pl.when(before.is_null()).then(least).when(least >= before).then(before).otherwise(0.0)
    return pl.coalesce(f"_last {counter}", f"_most {counter}") - start


def _cycle_count(names: Collection[str]) -> pl.Expr:
    """Return the cycle of a step: as given, else counted from the cycler's, else the only one."""
    if CYCLE_COUNT in names:
        return pl.col(CYCLE_COUNT).cast(pl.Int64)
    if CYCLE_FROM_CYCLER in names:
        cycle = pl.col(CYCLE_FROM_CYCLER)
        return cycle.ne_missing(cycle.shift()).cast(pl.Int64).cum_sum() - 1
    return pl.lit(0, pl.Int64)


def completed(given: pl.DataFrame, derived: pl.DataFrame) -> pl.DataFrame:
    """Return steps somebody gave, with the derived columns they lack.

    Raises
    ------
    MeasurementError
        They have no ``Step count``, or not the step counts of the series, each once.
    """
    if STEP_COUNT not in given.columns:
        raise MeasurementError(
            f"the steps lack {STEP_COUNT!r}; they have {', '.join(given.columns)}"
        )
    if not given[STEP_COUNT].dtype.is_numeric():
        raise MeasurementError(f"{STEP_COUNT!r} of the steps holds {given[STEP_COUNT].dtype}")
    keyed = given.with_columns(pl.col(STEP_COUNT).cast(pl.Int64))
    counts = keyed[STEP_COUNT].sort()
    if not counts.equals(derived[STEP_COUNT].sort()):
        raise MeasurementError(
            f"the steps are not those of the time series: {counts.len()} of them, "
            f"the series has {derived.height}, or their {STEP_COUNT!r} differs"
        )
    lacking = [name for name in derived.columns if name not in keyed.columns]
    return keyed.join(derived.select(STEP_COUNT, *lacking), on=STEP_COUNT, how="left").sort(
        STEP_COUNT
    )
