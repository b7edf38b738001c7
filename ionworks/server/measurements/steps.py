"""Steps of a time series, in one streaming pass of polars: ten million rows take seconds.

What a step needs of its first, last and neighbouring rows is first computed as columns of the rows
themselves, so that a single aggregation by step does the rest and no whole column is in memory.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from ionworks.server.measurements.classification import classified
from ionworks.server.measurements.columns import (
    CHARGE_CAPACITY,
    CHARGE_ENERGY,
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
    POWER,
    START_INDEX,
    STEP_COUNT,
    STEP_FROM_CYCLER,
    TEMPERATURE,
    TIME,
    VOLTAGE,
    MeasurementError,
)
from ionworks.ucp.step_table import COUNTERS, CYCLE_COUNTERS, in_step_schema

_SECONDS_PER_HOUR = 3600
#: Signals by their names in the columns of steps.
_SIGNALS = {"voltage [V]": VOLTAGE, "current [A]": CURRENT, "power [W]": POWER}
#: Taken from the first row of a step, if the series has them.
_CARRIED = (CYCLE_COUNT, STEP_FROM_CYCLER, CYCLE_FROM_CYCLER, LABEL, GROUP_NUMBER)
_INTEGRATED = (TIME, *_SIGNALS.values())
_ROW, _KEY, _NEXT_KEY, _KEY_TWO_BEFORE = "_row", "_key", "_next key", "_key two before"
_BEFORE = "_before"
_FIRST, _LAST, _INNER, _SPAN = "_first", "_last", "_inner", "_span"
_INNER_PAIR, _WARM_SPAN = "_inner pair", "_warm span"


def derive_steps(series: pl.LazyFrame) -> pl.DataFrame:
    """Return one row per step.

    Parameters
    ----------
    series
        Time series that `check` accepts.

    Returns
    -------
    polars.DataFrame
        The columns of `ionworks.ucp.step_table`. ``Start index`` and ``End index`` are rows of the
        series, both inclusive. Means are over time, by the trapezoidal rule, but that of the
        frequency over the samples; deviations are those of the samples. Capacities and energies
        come from the series' own columns where it has them, else from the integral of current and
        power over the rows of the step.
    """
    names = series.collect_schema().names()
    rows = _with_neighbours(_prepared(series, names), names)
    grouped = rows.group_by(_KEY).agg(_aggregations(names)).collect(engine="streaming").sort(_KEY)
    return in_step_schema(classified(_finished(grouped, names)))


def step_key(names: Collection[str]) -> pl.Expr:
    """Return the number of the step of each row.

    In a series without ``Step count``, a step begins wherever the cycler's own step or cycle number
    changes.
    """
    if STEP_COUNT in names:
        return pl.col(STEP_COUNT).cast(pl.Int64)
    known = [pl.col(name) for name in (STEP_FROM_CYCLER, CYCLE_FROM_CYCLER) if name in names]
    changes = pl.any_horizontal([column.ne_missing(column.shift()) for column in known])
    return changes.cast(pl.Int64).cum_sum() - 1


def _prepared(series: pl.LazyFrame, names: Collection[str]) -> pl.LazyFrame:
    """Return the columns that steps are derived from: numbers as floats, NaN as null."""
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
        .with_columns((pl.col(VOLTAGE) * pl.col(CURRENT)).alias(POWER))
    )


def _with_neighbours(rows: pl.LazyFrame, names: Collection[str]) -> pl.LazyFrame:
    """Add the position of each row in its step, and the changes since the previous row."""
    carried = [name for name in (TEMPERATURE, *COUNTERS) if name in names]
    # One shift of a struct: with one per column, polars' streaming engine buffers rows in each.
    rows = rows.with_columns(
        pl.struct(_KEY, *_INTEGRATED, *carried).shift().alias(_BEFORE),
        pl.col(_KEY).shift(2).alias(_KEY_TWO_BEFORE),
        pl.col(_KEY).shift(-1).alias(_NEXT_KEY),
    )
    is_first = pl.col(_KEY).ne_missing(_before(_KEY))
    is_last = pl.col(_KEY).ne_missing(pl.col(_NEXT_KEY))
    known = ~is_first & pl.col(POWER).is_not_null() & _before(POWER).is_not_null()
    rows = rows.with_columns(
        is_first.alias(_FIRST),
        is_last.alias(_LAST),
        (~is_first & ~is_last).alias(_INNER),
        (~is_last & (pl.col(_KEY) == pl.col(_KEY_TWO_BEFORE))).alias(_INNER_PAIR),
        pl.when(known).then(pl.col(TIME) - _before(TIME)).alias(_SPAN),
    )
    if TEMPERATURE in names:
        warm = (
            ~pl.col(_FIRST) & pl.col(TEMPERATURE).is_not_null() & _before(TEMPERATURE).is_not_null()
        )
        span = pl.when(warm).then(pl.col(TIME) - _before(TIME))
        rows = rows.with_columns(
            span.alias(_WARM_SPAN),
            ((pl.col(TEMPERATURE) + _before(TEMPERATURE)) * span / 2).alias(f"_area {TEMPERATURE}"),
        )
    return rows.with_columns(
        *(_area(pl.col(name), _before(name)).alias(f"_area {name}") for name in _SIGNALS.values()),
        *(_passed(name).alias(f"_passed {name}") for name in COUNTERS if name not in names),
    )


def _before(name: str) -> pl.Expr:
    """Return the value of the previous row; null in the first row."""
    return pl.col(_BEFORE).struct.field(name)


def _area(signal: pl.Expr, before: pl.Expr) -> pl.Expr:
    """Return the integral of a signal since the previous row, by the trapezoidal rule."""
    return (signal + before) * pl.col(_SPAN) / 2


def _passed(counter: str) -> pl.Expr:
    """Return the increase of a missing counter since the previous row [A.h or W.h].

    Positive and negative parts of the signal are integrated separately, so that the difference of
    the two counters is the integral of the signal.
    """
    name = CURRENT if "capacity" in counter else POWER
    sign = 1 if counter.startswith("Discharge") else -1  # positive current discharges
    now, before = ((sign * each).clip(lower_bound=0) for each in (pl.col(name), _before(name)))
    return _area(now, before) / _SECONDS_PER_HOUR


def _aggregations(names: Collection[str]) -> list[pl.Expr]:
    """Return the aggregations of the rows of a step."""
    found = [
        pl.len().alias("_rows"),
        pl.col(_ROW).min().alias(START_INDEX),
        pl.col(_ROW).max().alias(END_INDEX),
        pl.col(TIME).min().alias("Start time [s]"),
        pl.col(TIME).max().alias("End time [s]"),
        pl.col(_SPAN).sum(),
        *_jumps(),
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
        found += [pl.col(_WARM_SPAN).sum(), pl.col(f"_area {TEMPERATURE}").sum()]
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


def _jumps() -> list[pl.Expr]:
    """Return what the classification needs of the changes between successive inner rows."""
    inner, pair = pl.when(pl.col(_INNER)), pl.when(pl.col(_INNER_PAIR))
    current, voltage = (pl.col(name) - _before(name) for name in (CURRENT, VOLTAGE))
    return [
        inner.then(pl.col(CURRENT)).min().alias("_inner min current [A]"),
        inner.then(pl.col(CURRENT)).max().alias("_inner max current [A]"),
        pair.then(current.abs()).sum().alias("_journey"),
        pair.then(current**2).mean().alias("_jumps I"),
        pair.then(voltage**2).mean().alias("_jumps V"),
        pair.then(current * voltage).mean().alias("_jumps IV"),
    ]


def _at(place: str, name: str) -> pl.Expr:
    """Return the value in the one marked row of a step, as the maximum of a single value."""
    return pl.when(pl.col(place)).then(pl.col(name)).max()


def _spread(words: str, name: str) -> list[pl.Expr]:
    column = pl.col(name)
    return [
        column.min().alias(f"Min {words}"),
        column.max().alias(f"Max {words}"),
        column.mean().alias(f"Mean {words}"),
        # The standard deviation of one sample is null in polars, and 0 here.
        pl.when(column.count() > 0).then(column.std().fill_null(0.0)).alias(f"Std {words}"),
    ]


def _finished(grouped: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """Turn sums into means and gains, and add the sums over each cycle."""
    spans = {words: (name, pl.col(_SPAN)) for words, name in _SIGNALS.items()}
    if TEMPERATURE in names:
        spans["temperature [degC]"] = TEMPERATURE, pl.col(_WARM_SPAN)
    steps = grouped.with_columns(
        pl.col(_KEY).alias(STEP_COUNT),
        (pl.col("End time [s]") - pl.col("Start time [s]")).alias(DURATION),
        _cycle_count(names).alias(CYCLE_COUNT),
        *(
            pl.when(span > 0)
            .then(pl.col(f"_area {name}") / span)
            .otherwise(pl.col(f"Mean {words}"))
            .alias(f"Mean {words}")
            for words, (name, span) in spans.items()
        ),
        # Over the samples, and not over time.
        *(pl.col(f"Mean {words}").alias(f"_all mean {words}") for words in _SIGNALS),
        *(pl.col(f"Std {words}").alias(f"_all std {words}") for words in _SIGNALS),
        *(_gained(counter).alias(counter) for counter in COUNTERS if counter in names),
    )
    return steps.with_columns(
        (pl.col(DISCHARGE_CAPACITY) - pl.col(CHARGE_CAPACITY)).alias("Delta capacity [A.h]"),
        (pl.col(DISCHARGE_ENERGY) - pl.col(CHARGE_ENERGY)).alias("Delta energy [W.h]"),
        *(
            pl.col(name).sum().over(CYCLE_COUNT).alias(total)
            for name, total in CYCLE_COUNTERS.items()
        ),
    )


def _gained(counter: str) -> pl.Expr:
    """Return the increase of the series' own counter in a step.

    It is counted from the last row before the step, or from zero if the counter was reset there,
    which a lower value shows. The first step is counted from its own first row.
    """
    least, before = pl.col(f"_least {counter}"), pl.col(f"_before {counter}")
    start = pl.when(before.is_null()).then(least).when(least >= before).then(before).otherwise(0.0)
    return pl.coalesce(f"_last {counter}", f"_most {counter}") - start


def _cycle_count(names: Collection[str]) -> pl.Expr:
    """Return the cycle of a step: as given, else counted from the cycler's numbers, else 0."""
    if CYCLE_COUNT in names:
        return pl.col(CYCLE_COUNT).cast(pl.Int64)
    if CYCLE_FROM_CYCLER in names:
        cycle = pl.col(CYCLE_FROM_CYCLER)
        return cycle.ne_missing(cycle.shift()).cast(pl.Int64).cum_sum() - 1
    return pl.lit(0, pl.Int64)


def completed(given: pl.DataFrame, derived: pl.DataFrame) -> pl.DataFrame:
    """Return uploaded steps, with the derived columns they lack.

    Raises
    ------
    MeasurementError
        ``Step count`` is missing, or is not that of the time series.
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
