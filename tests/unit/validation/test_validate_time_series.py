"""Checks of a time series: each reports its problem and place, and no other problem."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from ionworks.validation import IssueCode, ValidationIssue, validate_time_series
from tests.measured import cycling

TIME, VOLTAGE, CURRENT, STEP = "Time [s]", "Voltage [V]", "Current [A]", "Step count"
DISCHARGE, CHARGE = "Discharge capacity [A.h]", "Charge capacity [A.h]"
ENERGY = "Discharge energy [W.h]"


def changed(row: int, **values: Any) -> pl.DataFrame:
    """The cycling data with other values in one row; columns are named by their first word."""
    frame = cycling()
    for word, value in values.items():
        name = next(each for each in frame.columns if each.lower().startswith(word))
        column = frame[name].cast(pl.Float64).to_list()
        column[row] = value
        frame = frame.with_columns(pl.Series(name, column, dtype=pl.Float64))
    return frame


def codes(issues: list[ValidationIssue]) -> list[str]:
    return [issue.code.value for issue in issues]


def only(issues: list[ValidationIssue]) -> ValidationIssue:
    assert len(issues) == 1, issues
    return issues[0]


def test_good_rows_have_no_issues() -> None:
    assert (
        validate_time_series(cycling(), strict=True, rated_capacity=1.0, voltage_window=(2.5, 4.2))
        == []
    )


@pytest.mark.parametrize("form", ["polars", "lazy", "pandas", "dict", "csv", "parquet"])
def test_every_form_of_table_is_checked_equally(form: str, tmp_path: Path) -> None:
    frame = changed(5, time=-1.0)
    data: Any = {
        "polars": lambda: frame,
        "lazy": frame.lazy,
        "pandas": frame.to_pandas,
        "dict": lambda: frame.to_dict(as_series=False),
        "csv": lambda: frame.write_csv(tmp_path / "a.csv") or tmp_path / "a.csv",
        "parquet": lambda: (
            frame.write_parquet(tmp_path / "a.parquet") or str(tmp_path / "a.parquet")
        ),
    }[form]()
    assert only(validate_time_series(data)).code is IssueCode.TIME_DECREASES


# ---------------------------------------------------------------- always


@pytest.mark.parametrize("name", [TIME, VOLTAGE, CURRENT, STEP])
def test_a_missing_column_is_named(name: str) -> None:
    issue = only(validate_time_series(cycling().drop(name)))
    assert (issue.code, issue.severity, issue.column) == ("MISSING_COLUMN", "error", name)


def test_a_column_of_text_is_named() -> None:
    frame = cycling().with_columns(pl.col(VOLTAGE).cast(pl.String))
    issue = only(validate_time_series(frame))
    assert (issue.code, issue.column) == ("NOT_NUMERIC", VOLTAGE)
    assert issue.payload == {"observed": "String"}


def test_an_unknown_column_can_contain_text() -> None:
    assert (
        validate_time_series(cycling().with_columns(pl.lit("x").alias("Remark")), strict=True) == []
    )


def test_no_rows() -> None:
    assert codes(validate_time_series(cycling().clear())) == ["EMPTY"]


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_missing_time(value: float | None) -> None:
    issue = validate_time_series(changed(7, time=value))[0]
    assert (issue.code, issue.row, issue.column) == ("MISSING_VALUE", 7, TIME)
    assert issue.payload["count"] == 1


def test_time_must_start_at_zero() -> None:
    issue = only(validate_time_series(cycling().with_columns(pl.col(TIME) + 5)))
    assert (issue.code, issue.row, issue.payload["observed"]) == ("TIME_NOT_FROM_ZERO", 0, 5.0)
    assert validate_time_series(cycling().with_columns(pl.col(TIME) + 1e-7)) == []


def test_time_must_not_decrease_but_can_repeat() -> None:
    frame = cycling()
    issue = only(validate_time_series(changed(12, time=frame[TIME][10])))
    assert (issue.code, issue.row, issue.payload) == ("TIME_DECREASES", 12, {"count": 1})
    assert validate_time_series(changed(12, time=frame[TIME][11])) == []


def test_step_counts_are_sequential() -> None:
    skipped = cycling().with_columns(
        pl.when(pl.col(STEP) > 2).then(pl.col(STEP) + 1).otherwise(STEP)
    )
    issue = only(validate_time_series(skipped))
    assert (issue.code, issue.row, issue.payload["count"]) == ("STEP_COUNT_NOT_SEQUENTIAL", 33, 1)

    from_one = cycling().with_columns(pl.col(STEP) + 1)
    assert only(validate_time_series(from_one)).code is IssueCode.STEP_COUNT_NOT_FROM_ZERO

    cyclers_own = cycling().with_columns(pl.col(STEP) % 3)
    issue = only(validate_time_series(cyclers_own))
    assert (issue.code, issue.row) == ("STEP_COUNT_NOT_SEQUENTIAL", 33)
    assert "Step from cycler" in issue.message


def test_step_counts_are_whole() -> None:
    issue = validate_time_series(changed(3, step=0.5))[0]
    assert (issue.code, issue.row) == ("STEP_COUNT_NOT_WHOLE", 3)
    assert validate_time_series(cycling().with_columns(pl.col(STEP).cast(pl.Float64))) == []


def test_reversed_current_is_found_by_the_steps() -> None:
    frame = cycling().with_columns(-pl.col(CURRENT))
    issue = only(validate_time_series(frame))
    assert (issue.code, issue.severity, issue.column) == ("CURRENT_REVERSED", "error", CURRENT)
    assert (issue.step, issue.row, issue.payload["steps"]) == (1, 11, [1, 2, 4, 5])
    # 1 A for 600 s through 0.2 V/A.h, in four steps.
    assert issue.payload["observed"]["against"] == pytest.approx(4 * 0.2 * 600 / 3600)


def test_one_step_in_the_wrong_direction_is_not_a_reversal() -> None:
    # A weak discharge after a strong one: the voltage recovers while it still discharges.
    frame = pl.concat(
        [
            pl.DataFrame({TIME: [0.0, 60.0], VOLTAGE: [4.0, 3.0], CURRENT: [3.0, 3.0], STEP: 0}),
            pl.DataFrame({TIME: [61.0, 90.0], VOLTAGE: [3.4, 3.5], CURRENT: [0.1, 0.1], STEP: 1}),
        ]
    ).cast({STEP: pl.Int64})
    assert validate_time_series(frame) == []
    issue = only(validate_time_series(frame, strict=True))
    assert (issue.code, issue.severity, issue.step) == ("STEP_VOLTAGE_DIRECTION", "warning", 1)


@pytest.mark.parametrize(("sign", "expected"), [(1, []), (-1, ["CURRENT_REVERSED"])])
def test_a_drive_cycle_is_judged_by_its_jumps(sign: int, expected: list[str]) -> None:
    current = [(-1) ** (k // 3) * (1 + 0.1 * k % 0.7) for k in range(60)]
    frame = pl.DataFrame(
        {
            TIME: [float(k) for k in range(60)],
            VOLTAGE: [3.7 - 0.05 * value for value in current],
            CURRENT: [sign * value for value in current],
            STEP: [0] * 60,
        }
    )
    assert codes(validate_time_series(frame)) == expected


def test_a_rest_does_not_determine_the_sign() -> None:
    frame = cycling().with_columns(pl.lit(0.0).alias(CURRENT))
    assert validate_time_series(frame.select(TIME, VOLTAGE, CURRENT, STEP)) == []


@pytest.mark.parametrize("name", [DISCHARGE, ENERGY])
def test_capacities_restart_with_each_step(name: str) -> None:
    carried = cycling().with_columns(
        # Not reset in rests and charges, as in the files of many cyclers.
        (pl.col(name) + pl.when(pl.col(STEP) > 1).then(pl.col(name).max()).otherwise(0)).alias(name)
    )
    issue = only(validate_time_series(carried))
    assert (issue.code, issue.column, issue.step, issue.row) == ("NOT_RESET", name, 2, 22)
    assert issue.payload["steps"] == [2, 3, 4, 5]


def test_the_first_row_of_a_step_can_contain_the_charge_since_the_last_row() -> None:
    # 60 s between the steps, so the first row of the discharge has them already.
    frame = pl.DataFrame(
        {
            TIME: [0.0, 60.0, 120.0, 180.0],
            VOLTAGE: [4.1, 4.1, 4.0, 3.9],
            CURRENT: [0.0, 0.0, 1.0, 1.0],
            STEP: [0, 0, 1, 1],
            DISCHARGE: [0.0, 0.0, 1 / 60, 2 / 60],
        }
    )
    assert validate_time_series(frame, strict=True) == []


# ---------------------------------------------------------------- limits


def test_the_voltage_window() -> None:
    issue = only(validate_time_series(cycling(), voltage_window=(3.0, 3.9)))
    assert (issue.code, issue.row) == ("OUTSIDE_VOLTAGE_WINDOW", 0)
    # Rests at 4.1 V, and discharges above 3.95 V: 22 rows and 3 of each.
    assert issue.payload["count"] == 2 * 11 + 2 * sum(4.0 - 0.2 * k / 60 > 3.95 for k in range(11))
    assert issue.payload["threshold"] == pytest.approx([2.95, 3.95])
    assert validate_time_series(cycling(), voltage_window=(3.7, 4.06)) == []


def test_the_rated_capacity() -> None:
    # 1/6 A.h flows in each step.
    issue = only(validate_time_series(cycling(), rated_capacity=0.1))
    assert (issue.code, issue.step, issue.payload["count"]) == ("ABOVE_RATED_CAPACITY", 1, 4)
    assert issue.payload["observed"] == pytest.approx([1 / 6] * 4)
    assert validate_time_series(cycling(), rated_capacity=0.12) == []


# ---------------------------------------------------------------- strict


@pytest.mark.parametrize("value", [None, math.nan, -math.inf])
def test_values_are_finite(value: float | None) -> None:
    frame = changed(4, voltage=value)
    assert validate_time_series(frame) == []
    issue = only(validate_time_series(frame, strict=True))
    assert (issue.code, issue.row, issue.column) == ("NOT_FINITE", 4, VOLTAGE)


def test_a_step_has_two_rows() -> None:
    frame = cycling().filter((pl.col(STEP) != 3) | (pl.col(TIME) == 3 * 601))
    issue = only(validate_time_series(frame, strict=True))
    assert (issue.code, issue.step, issue.payload["threshold"]) == ("FEW_POINTS", 3, 2)


def test_rows_are_not_repeated() -> None:
    frame = cycling()
    doubled = pl.concat([frame[:5], frame[4:]])
    issue = only(validate_time_series(doubled, strict=True))
    assert (issue.code, issue.row) == ("DUPLICATE_ROW", 5)


def test_capacities_rise_within_a_step() -> None:
    frame = changed(15, discharge=0.01)
    issue = only(validate_time_series(frame.drop(ENERGY), strict=True))
    assert (issue.code, issue.step, issue.column) == ("CUMULATIVE_DECREASES", 1, DISCHARGE)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (pl.col("Cycle count") + 1, 0),
        (pl.col("Cycle count") * 2, 33),
        ((1 - pl.col("Cycle count")).alias("Cycle count"), 0),
    ],
)
def test_cycle_counts_are_sequential(change: pl.Expr, row: int) -> None:
    issues = validate_time_series(cycling().with_columns(change), strict=True)
    assert {*codes(issues)} == {"CYCLE_COUNT"}
    assert issues[0].row == row


def test_capacities_agree_with_the_current() -> None:
    frame = cycling().with_columns(pl.col(DISCHARGE) * 1000)
    issue = only(validate_time_series(frame, strict=True))
    assert (issue.code, issue.step, issue.column) == ("CAPACITY_MISMATCH", 1, DISCHARGE)
    assert issue.payload["observed"] == pytest.approx([1000 / 6] * 2)
    assert validate_time_series(cycling().with_columns(pl.col(DISCHARGE) * 1.05), strict=True) == []


def test_units_that_are_a_thousand_times_too_small() -> None:
    frame = cycling().drop(DISCHARGE, CHARGE, ENERGY)
    millivolts = validate_time_series(frame.with_columns(pl.col(VOLTAGE) * 1000), strict=True)
    assert codes(millivolts) == ["IMPLAUSIBLE_UNIT"]
    assert millivolts[0].column == VOLTAGE
    milliamperes = validate_time_series(
        frame.with_columns(pl.col(CURRENT) * 1000), strict=True, rated_capacity=1.0
    )
    assert codes(milliamperes) == ["IMPLAUSIBLE_UNIT", "ABOVE_RATED_CAPACITY"]


def test_a_gap_is_a_warning() -> None:
    step = pl.DataFrame({TIME: [0.0, 1.0, 2.0, 700.0]})
    frame = step.with_columns(
        pl.lit(4.0).alias(VOLTAGE), pl.lit(0.0).alias(CURRENT), pl.lit(0).alias(STEP)
    )
    issue = only(validate_time_series(frame, strict=True))
    assert (issue.code, issue.severity, issue.step) == ("TIME_GAP", "warning", 0)
    assert issue.payload["observed"] == [698.0]
    assert validate_time_series(frame.with_columns(pl.col(TIME) / 2), strict=True) == []


def test_a_step_that_charges_and_discharges_is_a_warning() -> None:
    frame = pl.DataFrame(
        {
            TIME: [0.0, 60.0, 61.0, 121.0],
            VOLTAGE: [3.9, 3.8, 4.0, 4.1],
            CURRENT: [1.0, 1.0, -1.0, -1.0],
            STEP: [0, 0, 0, 0],
        }
    )
    issue = only(validate_time_series(frame, strict=True))
    assert (issue.code, issue.severity, issue.step) == ("MIXED_DIRECTIONS", "warning", 0)


# ---------------------------------------------------------------- what is done with it


def test_checks_can_be_skipped_by_name_or_all() -> None:
    frame = cycling().with_columns(pl.col(TIME) + 5, -pl.col(CURRENT))
    assert codes(validate_time_series(frame)) == ["TIME_NOT_FROM_ZERO", "CURRENT_REVERSED"]
    skipped = validate_time_series(frame, skip_checks=["TIME_NOT_FROM_ZERO"])
    assert codes(skipped) == ["CURRENT_REVERSED"]
    assert validate_time_series(frame, skip_checks=True) == []
    both = (IssueCode.CURRENT_REVERSED, "TIME_NOT_FROM_ZERO")
    assert validate_time_series(frame, skip_checks=both) == []


def test_errors_come_before_warnings() -> None:
    frame = changed(12, time=3000.0).with_columns(pl.col(TIME).cum_max(), pl.col(VOLTAGE) * 1000)
    severities = [issue.severity for issue in validate_time_series(frame, strict=True)]
    assert severities == sorted(severities)
    assert {*severities} == {"error", "warning"}


def test_the_names_of_codes_are_their_values() -> None:
    assert [code.name for code in IssueCode] == [code.value for code in IssueCode]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"strict": 1}, TypeError, "strict must be True or False"),
        ({"rated_capacity": "5"}, TypeError, "rated_capacity must be a number"),
        ({"rated_capacity": 0}, ValueError, "rated_capacity must be above 0"),
        ({"voltage_window": 4.2}, TypeError, "voltage_window must be a pair"),
        ({"voltage_window": (4.2, 2.5)}, ValueError, "voltage_window must be the lowest"),
        ({"voltage_window": (2.5,)}, ValueError, "voltage_window must be the lowest"),
        ({"skip_checks": "TIME_GAP"}, TypeError, "skip_checks must be a list"),
        ({"skip_checks": ["TIME_GAPS"]}, ValueError, "did you mean 'TIME_GAP'"),
    ],
)
def test_bad_arguments_are_named(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        validate_time_series(cycling(), **arguments)


def test_pandas_frames_can_have_an_index() -> None:
    frame = cycling().to_pandas()
    frame.index = pd.Index(range(100, 100 + len(frame)), name="number")
    assert validate_time_series(frame) == []
