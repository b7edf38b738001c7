"""Parts of a time series: rows, steps, cycles, columns, and few points with all extremes."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks.server.measurements import (
    LEAST_POINTS,
    MeasurementError,
    Selection,
    derive_steps,
    select,
)

PLACES = ("Time [s]", "Step count", "Cycle count")


def frame_of(lengths, cycles, signal=None):
    """A series of steps of given lengths, each in a given cycle."""
    rows = [
        {"Step count": step, "Cycle count": cycle}
        for step, (length, cycle) in enumerate(zip(lengths, cycles, strict=True))
        for _ in range(length)
    ]
    count = len(rows)
    return pl.DataFrame(rows).with_columns(
        pl.int_range(count).cast(pl.Float64).alias("Time [s]"),
        pl.Series("Voltage [V]", signal or [3.0] * count),
        pl.Series("Current [A]", [1.0] * count),
    )


def part(frame, **wanted):
    return select(frame.lazy(), derive_steps(frame.lazy()), Selection(**wanted)).collect()


limits = st.none() | st.integers(0, 12)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=6),
    *[limits] * 6,
)
def test_ranges_select_the_same_rows_as_a_filter(
    steps, row_start, row_stop, step_from, step_to, low, high
):
    lengths, cycles = zip(*steps, strict=True)
    frame = frame_of(lengths, cycles)
    kept = [
        (row_start is None or index >= row_start)
        and (row_stop is None or index < row_stop)
        and (step_from is None or row["Step count"] >= step_from)
        and (step_to is None or row["Step count"] <= step_to)
        and (low is None or row["Cycle count"] >= low)
        and (high is None or row["Cycle count"] <= high)
        for index, row in enumerate(frame.to_dicts())
    ]

    found = part(
        frame,
        row_start=row_start,
        row_stop=row_stop,
        step_from=step_from,
        step_to=step_to,
        cycle_from=low,
        cycle_to=high,
    )

    assert found.equals(frame.filter(pl.Series(kept)))


signals = st.lists(
    st.floats(-1e3, 1e3) | st.just(float("nan")) | st.none(), min_size=1, max_size=300
)


@given(signals, st.integers(LEAST_POINTS, 60))
def test_thinned_points_include_extremes_and_ends(signal, max_points):
    frame = frame_of([len(signal)], [0], signal)
    values = [value for value in signal if value is not None and not math.isnan(value)]

    found = part(frame, max_points=max_points)

    assert 0 < found.height <= max_points
    assert found["Time [s]"].is_sorted()
    assert found.join(frame, on="Time [s]", how="semi").height == found.height
    assert found["Time [s]"].first() == 0
    assert found["Time [s]"].last() == len(signal) - 1
    if len(signal) <= max_points:
        assert found.height == len(signal)
    kept = [value for value in found["Voltage [V]"] if value is not None and not math.isnan(value)]
    assert (min(kept, default=None), max(kept, default=None)) == (
        min(values, default=None),
        max(values, default=None),
    )


def test_every_bin_keeps_its_extremes():
    # A spike of one sample in each of 20 stretches; sampling every n-th row would lose them.
    signal = [5.0 if row % 500 == 123 else 3.0 for row in range(10_000)]
    frame = frame_of([10_000], [0], signal)

    found = part(frame, max_points=82)

    assert found.filter(pl.col("Voltage [V]") == 5.0).height == 20


def test_points_are_thinned_within_a_range():
    frame = frame_of([1000, 1000, 1000], [0, 1, 2])

    found = part(frame, step_from=1, step_to=1, max_points=50)

    assert found["Step count"].unique().to_list() == [1]
    assert (found["Time [s]"].first(), found["Time [s]"].last()) == (1000, 1999)


def test_columns_have_the_requested_order_and_keep_their_extremes():
    signal = [5.0 if row == 777 else 3.0 for row in range(2000)]
    frame = frame_of([2000], [0], signal).with_columns(
        pl.Series("Pressure [Pa]", [9.0 if row == 1313 else 1.0 for row in range(2000)])
    )

    found = part(frame, columns=["Pressure [Pa]", "Time [s]"], max_points=20)

    assert found.columns == ["Pressure [Pa]", "Time [s]"]
    assert found["Pressure [Pa]"].max() == 9.0
    assert 777.0 not in found["Time [s]"]


def test_increasing_columns_alone_are_thinned_evenly():
    frame = frame_of([1000], [0])

    found = part(frame, columns=["Time [s]"], max_points=12)

    assert found["Time [s]"].to_list() == [*range(0, 1000, 100), 999]


def test_invalid_selections_are_rejected_by_name():
    frame = frame_of([1000], [0])
    many = frame.with_columns(pl.lit(1.0).alias(f"x{i}") for i in range(9))

    with pytest.raises(MeasurementError, match=r"no column 'Volts'; known: Step count"):
        part(frame, columns=["Volts"])
    with pytest.raises(MeasurementError, match="too few for the extremes of 9 columns: ask for 20"):
        part(many, columns=[f"x{i}" for i in range(9)], max_points=19)
    with pytest.raises(MeasurementError, match="the steps are not known yet"):
        select(frame.lazy(), None, Selection(step_from=0))
    assert part(frame, step_from=7).is_empty()
    assert part(frame, step_from=7, max_points=10).is_empty()
