"""What a time series must be, and what can be added to one."""

import polars as pl
import pytest

from ionworks.server.measurements import MeasurementError, check, extended, extension_faults

GOOD = {
    "Time [s]": [0.0, 1.0, 1.0],
    "Voltage [V]": [3.0, 3.1, 3.2],
    "Current [A]": [0, 1, 1],
    "Step count": [0, 0, 1],
}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"Voltage [V]": None, "Step count": None}, "lacks 'Voltage .V.', 'Step count' or 'Step"),
        ({"Current [A]": ["a", "b", "c"]}, "'Current .A.' holds String, not numbers"),
        ({"Time [s]": [0.0, 2.0, 1.0]}, "'Time .s.' goes back in row 2"),
        ({"Time [s]": [0.0, None, 1.0]}, "'Time .s.' is empty or not finite in row 1"),
        ({"Time [s]": [0.0, 1.0, float("inf")]}, "not finite in row 2"),
        ({"Step count": [0, 1, 0]}, "'Step count' goes back in row 2"),
        ({"Step count": [0, None, 1]}, "'Step count' is empty"),
        ({"Step count": [0, 0.5, 1]}, "'Step count' is not a whole number in row 1"),
        ({"Cycle count": [0, 0, 1.5]}, "'Cycle count' is not a whole number in row 2"),
        ({"Time [s]": [1.0, 0.0, 1.0], "Step count": [1, 1, 0]}, r"row 1; 'Step count' goes back"),
    ],
)
def test_every_fault_is_reported_with_its_place(columns, words):
    merged = {name: value for name, value in {**GOOD, **columns}.items() if value is not None}

    with pytest.raises(MeasurementError, match=words):
        check(pl.LazyFrame(merged, strict=False))


def test_a_series_without_rows_is_refused():
    with pytest.raises(MeasurementError, match="no rows"):
        check(pl.LazyFrame(GOOD).head(0))


def test_a_good_series_passes():
    check(pl.LazyFrame(GOOD))
    check(pl.LazyFrame({**GOOD, "Cycle count": [0.0, 0.0, 1.0]}))


def added(**columns):
    return pl.LazyFrame(
        {"Time [s]": [2], "Voltage [V]": [3], "Current [A]": [1.5], "Step count": [1], **columns}
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (added().drop("Current [A]"), ["the rows to add lack 'Current [A]'"]),
        (added(Extra=[1]), ["the time series has no 'Extra'"]),
        (
            added(**{"Voltage [V]": ["x"]}),
            ["'Voltage [V]' holds String, the time series has Float64"],
        ),
        (added(**{"Time [s]": [0.5]}), ["'Time [s]' goes back: the time series ends at 1.0"]),
        (added(**{"Step count": [0]}), ["'Step count' goes back", "begin at 0"]),
        (added(**{"Time [s]": pl.Series([None], dtype=pl.Float64)}), ["begin at None"]),
        (added().head(0), ["no rows to add"]),
    ],
)
def test_rows_that_cannot_follow_are_refused(rows, words):
    faults = "; ".join(extension_faults(pl.LazyFrame(GOOD), rows))

    assert all(word in faults for word in words), faults


def test_rows_that_follow_are_added_in_the_types_of_the_series():
    series = pl.LazyFrame(GOOD).with_columns(pl.col("Current [A]").cast(pl.Float64))

    assert extension_faults(series, added()) == []
    whole = extended(series, added().select("Step count", "Current [A]", "Voltage [V]", "Time [s]"))

    assert whole.collect_schema() == series.collect_schema()
    assert whole.collect().row(-1) == (2.0, 3.0, 1.5, 1)
