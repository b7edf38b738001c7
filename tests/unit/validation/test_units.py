"""Units and holes: data of a cell whose charge and voltage are known, in other units."""

from __future__ import annotations

import polars as pl
import pytest

from ionworks.validation import ValidationIssue, validate_time_series

TIME, VOLTAGE, CURRENT, STEP = "Time [s]", "Voltage [V]", "Current [A]", "Step count"
TEMPERATURE = "Temperature [degC]"
RATED = {"rated_capacity": 5.0, "voltage_window": (2.5, 4.2)}


def discharge(rate: float = 1.0, every: float = 10.0) -> pl.DataFrame:
    """A cell of 5 A.h: from 4.2 V to 2.5 V at a rate [1/h], and half an hour of rest."""
    seconds = pl.arange(0, int(3600 / rate / every) + 1, eager=True) * every
    rest = pl.arange(0, 181, eager=True) * 10.0
    end = float(seconds[-1])
    return pl.concat(
        [
            pl.DataFrame({TIME: seconds, VOLTAGE: 4.2 - 1.7 * seconds / end}).with_columns(
                pl.lit(5.0 * rate).alias(CURRENT), pl.lit(0).alias(STEP)
            ),
            pl.DataFrame({TIME: end + rest, VOLTAGE: 2.5 + 0.5 * rest / 1800}).with_columns(
                pl.lit(0.0).alias(CURRENT), pl.lit(1).alias(STEP)
            ),
        ]
    )


def only(issues: list[ValidationIssue]) -> ValidationIssue:
    assert len(issues) == 1, issues
    return issues[0]


@pytest.mark.parametrize("rate", [1 / 50, 1 / 20, 1.0, 5.0])
@pytest.mark.parametrize("ratings", [{}, RATED])
def test_the_right_units_have_no_issues(rate: float, ratings: dict) -> None:
    assert validate_time_series(discharge(rate, 60.0), strict=True, **ratings) == []


@pytest.mark.parametrize(
    ("column", "factor", "words", "ratings"),
    [
        # Five thousand of them: no cell of any size has such a current.
        (CURRENT, 1e3, "is the current in mA", {}),
        (CURRENT, 1e3, "is the current in mA", {"rated_capacity": 5.0}),
        (CURRENT, 1e-3, "is the current in kA", RATED),
        (TIME, 1 / 3600, "is the time in hours or minutes", {}),
        (TIME, 1 / 3600, "is the time in hours", {"rated_capacity": 5.0}),
        (TIME, 1 / 3600, "is the time in hours", RATED),
        (TIME, 1 / 60, "is the time in minutes", RATED),
        (TIME, 1e3, "or the time in ms", RATED),
        (VOLTAGE, 1e3, "are they in mV", {}),
        (VOLTAGE, 1e3, "are they in mV", RATED),
    ],
)
def test_another_unit_is_an_error(column: str, factor: float, words: str, ratings: dict) -> None:
    frame = discharge().with_columns(pl.col(column) * factor)
    wrong = [
        issue
        for issue in validate_time_series(frame, strict=True, **ratings)
        if issue.code == "IMPLAUSIBLE_UNIT"
    ]
    issue = only(wrong)
    assert issue.severity == "error"
    assert words in issue.message
    assert "pass columns={" in issue.message


def test_a_small_cell_in_milliamperes_is_known_by_its_rating() -> None:
    frame = discharge().with_columns(pl.col(CURRENT) / 50 * 1000)  # 100 mA.h at 100 mA

    assert validate_time_series(frame, strict=True) == []
    [first, _] = validate_time_series(frame, strict=True, rated_capacity=0.1)
    assert (first.code, first.column, first.step) == ("IMPLAUSIBLE_UNIT", CURRENT, 0)


def test_a_module_of_known_voltage_is_not_in_millivolts() -> None:
    frame = discharge().with_columns(pl.col(VOLTAGE) * 100)

    assert only(validate_time_series(frame, strict=True)).column == VOLTAGE
    assert validate_time_series(frame, strict=True, voltage_window=(250, 420)) == []


def test_kelvins_are_not_degrees_celsius() -> None:
    frame = discharge().with_columns(pl.lit(298.15).alias(TEMPERATURE))

    issue = only(validate_time_series(frame, strict=True))
    assert (issue.code, issue.column, issue.payload["unit"]) == (
        "IMPLAUSIBLE_UNIT",
        TEMPERATURE,
        "K",
    )


def test_pulses_may_move_the_voltage_with_hardly_any_charge() -> None:
    """An ohmic jump says nothing about the unit of the time, and neither do small changes."""
    count = 21
    frames = []
    for step in range(20):
        current = 15.0 if step % 2 == 0 else 0.0
        time = step * 10.0 + pl.arange(0, count, eager=True) / (count - 1) * 10
        jump = 0.6 if current else 0.0
        frames.append(
            pl.DataFrame({TIME: time}).with_columns(
                (3.6 - jump - 0.005 * (pl.col(TIME) - step * 10.0)).alias(VOLTAGE),
                pl.lit(current).alias(CURRENT),
                pl.lit(step).alias(STEP),
            )
        )
    frame = pl.concat(frames)

    assert validate_time_series(frame, strict=True, **RATED) == []
    assert validate_time_series(frame, strict=True) == []


# ---------------------------------------------------------------- holes


def without(frame: pl.DataFrame, start: float, seconds: float) -> pl.DataFrame:
    """The rows without those inside of an interval."""
    return frame.filter((pl.col(TIME) <= start) | (pl.col(TIME) >= start + seconds))


@pytest.mark.parametrize("every", [1.0, 10.0, 30.0, 60.0])
@pytest.mark.parametrize("start", [0.0, 1800.0])
def test_a_hole_while_current_flows_is_an_error(every: float, start: float) -> None:
    frame = without(discharge(every=every), start, 710)

    issue = only(validate_time_series(frame, strict=True))
    assert (issue.code, issue.severity, issue.step) == ("TIME_GAP", "error", 0)
    assert issue.payload["observed"][0] == pytest.approx(710, abs=every)
    assert validate_time_series(frame) == []
    assert validate_time_series(frame, strict=True, skip_checks=["TIME_GAP"]) == []


def test_two_holes_are_found() -> None:
    frame = without(without(discharge(), 600, 710), 2000, 500)

    issue = only(validate_time_series(frame, strict=True))
    assert issue.payload["observed"] == [710.0]
    assert only(validate_time_series(without(frame, 600, 0), strict=True)).step == 0


@pytest.mark.parametrize(
    "keep",
    [
        # Logged faster at the start, logged at ever longer intervals, and a hole of a few rows.
        (pl.col(TIME) <= 60) | (pl.col(TIME) % 120 == 0),
        pl.col(TIME).is_in([round(10 * 1.2**i, -1) for i in range(33)] + [0.0, 3600.0]),
        ~pl.col(TIME).is_between(1805, 1875),
    ],
)
def test_uneven_logging_is_no_hole(keep: pl.Expr) -> None:
    frame = discharge().filter(keep | (pl.col(STEP) == 1))

    assert validate_time_series(frame, strict=True) == []


def test_a_rest_can_be_logged_rarely() -> None:
    frame = without(discharge(), 4000, 590)

    assert validate_time_series(frame, strict=True) == []


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("names", "missing", "words"),
    [
        (
            ["Test Time(s)", "Step Time(s)", "Current(mA)", "Voltage(V)", STEP],
            CURRENT,
            "columns={'Current(mA)': 'Current [A]'}, which converts mA to A (factor 0.001)",
        ),
        (
            ["Test Time(s)", "Step Time(s)", "Current(mA)", "Voltage(V)", STEP],
            TIME,
            "pass columns={'Test Time(s)': 'Time [s]'}",
        ),
        (["time/h", "Ecell/V", "<I>/mA", STEP], TIME, "converts h to s (factor 3600)"),
        (["time/h", "Ecell/V", "<I>/mA", STEP], VOLTAGE, "columns={'Ecell/V': 'Voltage [V]'}"),
        (["Seconds", "Amps", "Potential", STEP], CURRENT, "columns={'Amps': 'Current [A]'}"),
        (
            ["Seconds", "Amps", "Potential", STEP],
            VOLTAGE,
            "pass columns={'Potential': ('Voltage [V]', 'V')} if it is in V",
        ),
        (
            [TIME, CURRENT, VOLTAGE, "Step_Index"],
            STEP,
            "columns={'Step_Index': 'Step from cycler'}",
        ),
        (
            [TIME, CURRENT, VOLTAGE, "Step_Index"],
            STEP,
            "'Step from cycler'} keeps; client.cell_measurement.read_time_series(path) counts",
        ),
        (
            [TIME, CURRENT, VOLTAGE, "Step from cycler"],
            STEP,
            "is missing; client.cell_measurement.read_time_series(path) counts",
        ),
        ([TIME, CURRENT, VOLTAGE, "StepCount"], STEP, "pass columns={'StepCount': 'Step count'}"),
        (["Step Time(s)", CURRENT, VOLTAGE, STEP], TIME, "the table has 'Step Time(s)'"),
    ],
)
def test_a_missing_column_is_suggested(names: list[str], missing: str, words: str) -> None:
    frame = pl.DataFrame({name: [0.0, 1.0] for name in names})

    [issue] = [issue for issue in validate_time_series(frame) if issue.column == missing]
    assert issue.code == "MISSING_COLUMN"
    assert words in issue.message
