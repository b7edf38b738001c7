"""Checks and step types of files of a real cycler: a Bitrode that cycled the cell of a car."""

from __future__ import annotations

import polars as pl
import pytest

from ionworks.server.measurements import derive_steps
from ionworks.validation import validate_time_series
from tests.paths import ROOT

FOLDER = ROOT / "examples" / "data" / "nissan_leaf"
RATED = {"rated_capacity": 33.1, "voltage_window": (3.0, 4.2)}
TYPES = {
    "REST": "Rest",
    "DCHG": "Constant current discharge",
    # The cycler charges with constant current and then constant voltage in one step.
    "CHRG": "Unknown step type",
}


@pytest.fixture(scope="module", params=["1c", "2c", "3c"])
def rows(request: pytest.FixtureRequest) -> pl.DataFrame:
    file = FOLDER / f"cell-discharge-bitrode-{request.param}.csv"
    step = pl.col("Step")
    return (
        pl.scan_csv(file, truncate_ragged_lines=True)
        .select(
            pl.col("Time(s)") - pl.col("Time(s)").first(),
            "Current(A)",
            "Voltage(V)",
            (step != step.shift()).fill_null(value=False).cum_sum().alias("Step count"),
            "Mode",
        )
        .collect()
    )


COLUMNS = {"Time(s)": "Time [s]", "-Current(A)": "Current [A]", "Voltage(V)": "Voltage [V]"}


@pytest.mark.parametrize("ratings", [{}, RATED])
def test_the_files_pass_the_strict_checks(rows: pl.DataFrame, ratings: dict) -> None:
    assert validate_time_series(rows, strict=True, columns=COLUMNS, **ratings) == []


@pytest.mark.parametrize("ratings", [{}, RATED])
@pytest.mark.parametrize(
    ("name", "factor", "column"),
    [
        ("Time(s)", 1 / 3600, "Time [s]"),
        ("Current(A)", 1000, "Current [A]"),
        ("Voltage(V)", 1000, "Voltage [V]"),
    ],
)
def test_other_units_are_found(
    rows: pl.DataFrame, name: str, factor: float, column: str, ratings: dict
) -> None:
    frame = rows.with_columns(pl.col(name) * factor)
    issues = validate_time_series(frame, strict=True, columns=COLUMNS, **ratings)
    assert [i.column for i in issues if i.code == "IMPLAUSIBLE_UNIT"] == [column]


def test_each_missing_column_is_found_among_those_of_the_cycler(rows: pl.DataFrame) -> None:
    issues = validate_time_series(rows)
    found = {issue.column: issue.payload["looks_like"] for issue in issues}
    assert found == {
        "Time [s]": ["Time(s)"],
        "Current [A]": ["Current(A)"],
        "Voltage [V]": ["Voltage(V)"],
    }


def test_the_types_of_the_steps_are_those_the_cycler_says(rows: pl.DataFrame) -> None:
    modes = rows.group_by("Step count", maintain_order=True).agg(pl.col("Mode").first())["Mode"]
    steps = derive_steps(
        rows.lazy().select(
            pl.col("Time(s)").alias("Time [s]"),
            (-pl.col("Current(A)")).alias("Current [A]"),
            pl.col("Voltage(V)").alias("Voltage [V]"),
            "Step count",
        )
    )
    assert steps["Step type"].to_list() == [TYPES[mode] for mode in modes]
