"""Uploads in other units: the ratings of the specification, and columns that are converted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ionworks.errors import MeasurementValidationError
from ionworks.validation import validate_time_series
from tests.measured import cycling
from tests.measurement_service import MeasurementService
from tests.unit.resources.cell_measurement.upload_requests import request_of

COIN = {
    "capacity": {"value": 1.0, "unit": "mA.h"},
    "voltage_min": {"value": 2500, "unit": "mV"},
    "voltage_max": {"value": 4.2, "unit": "V"},
}
COLUMNS = {
    "Test Time(min)": "Time [s]",
    "-Current(mA)": "Current [A]",
    "Potential": ("Voltage [V]", "mV"),
}


def exported() -> pl.DataFrame:
    """The cycling data as another program writes them: in min, mA and mV, positive on charge."""
    return cycling().select(
        (pl.col("Time [s]") / 60).alias("Test Time(min)"),
        (pl.col("Current [A]") * -1000).alias("Current(mA)"),
        (pl.col("Voltage [V]") * 1000).alias("Potential"),
        pl.exclude("Time [s]", "Current [A]", "Voltage [V]"),
    )


def test_the_ratings_of_the_specification_tell_the_unit() -> None:
    rows = cycling().select("Time [s]", "Voltage [V]", "Current [A]", "Step count")
    service = MeasurementService(ratings=COIN)
    with pytest.raises(MeasurementValidationError, match="is the current in mA") as caught:
        service.client().cell_measurement.create("cell", request_of(rows), validate_strict=True)
    assert [issue.code for issue in caught.value.errors] == ["IMPLAUSIBLE_UNIT"]
    assert service.stages == ["GET cell", "GET spec"]


def test_the_ratings_of_the_specification_do_not_limit_the_test() -> None:
    """A formation leaves the window, and a window that is given is meant to be kept."""
    ratings = {"voltage_min": {"value": 3.9}, "voltage_max": {"value": 4.0}}
    service = MeasurementService(ratings=ratings)
    create = service.client().cell_measurement.create
    create("cell", request_of(cycling()), validate_strict=True)
    with pytest.raises(MeasurementValidationError, match="OUTSIDE_VOLTAGE_WINDOW"):
        create("other", request_of(cycling()), validate_strict=True, voltage_window=(3.9, 4.0))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"validate_strict": True, "rated_capacity": 1.0, "voltage_window": (2.5, 4.2)},
        {"validate_strict": True, "skip_checks": ["IMPLAUSIBLE_UNIT"]},
        {"validate_strict": True, "skip_checks": True},
    ],
)
def test_ratings_are_read_only_if_they_are_used(options: dict[str, Any]) -> None:
    service = MeasurementService(ratings=COIN)
    service.client().cell_measurement.create("cell", request_of(cycling()), **options)
    assert "GET spec" not in service.stages


def test_a_rating_that_cannot_be_read_is_reported() -> None:
    service = MeasurementService(ratings={"capacity": {"value": 5, "unit": "bananas"}})
    create = service.client().cell_measurement.create
    with pytest.warns(UserWarning, match="do not use the rating 'capacity'") as caught:
        create("cell", request_of(cycling()), validate_strict=True)
    assert [each.filename for each in caught] == [__file__]


@pytest.mark.parametrize("form", ["frame", "lazy", "csv", "parquet", "pandas"])
def test_columns_are_renamed_and_converted(form: str, tmp_path: Path) -> None:
    frame = exported()
    data: Any = {"frame": frame, "lazy": frame.lazy()}.get(form, tmp_path / f"rows.{form}")
    if form == "csv":
        frame.write_csv(data)
    elif form == "parquet":
        frame.write_parquet(data)
    elif form == "pandas":
        data = frame.to_pandas()
    service = MeasurementService()
    service.client().cell_measurement.create("cell", request_of(data), columns=COLUMNS)
    stored = service.frame("m1")
    assert stored.columns == ["Time [s]", "Current [A]", "Voltage [V]", *cycling().columns[3:]]
    for name in ("Time [s]", "Current [A]", "Voltage [V]"):
        assert stored[name].to_list() == pytest.approx(cycling()[name].to_list())
    if form == "parquet":
        assert pl.read_parquet(data).equals(frame)


def test_columns_are_converted_before_they_are_checked() -> None:
    assert validate_time_series(exported(), strict=True, columns=COLUMNS) == []
    reversed_sign = {**COLUMNS, "Current(mA)": "Current [A]"}
    del reversed_sign["-Current(mA)"]
    [issue] = validate_time_series(exported().drop("^.*charge.*$"), columns=reversed_sign)
    assert issue.code == "CURRENT_REVERSED"


def test_columns_of_an_extension_are_converted() -> None:
    service = MeasurementService()
    create = service.client().cell_measurement.create
    made = create("cell", request_of(exported()), columns=COLUMNS)
    later = exported().with_columns(pl.col("Test Time(min)") + 100, pl.col("Step count") + 6)
    service.client().cell_measurement.extend(made.id, later, columns=COLUMNS)
    stored = service.frame("m1", "time_series_extend.parquet")
    assert stored["Time [s]"].to_list() == pytest.approx((cycling()["Time [s]"] + 6000).to_list())


def test_create_or_get_converts_columns_too() -> None:
    service = MeasurementService()
    create_or_get = service.client().cell_measurement.create_or_get
    create_or_get("cell", request_of(exported()), columns=COLUMNS)
    assert "Current [A]" in service.frame("m1").columns


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"Current(mA)": "Curent [A]"}, "did you mean 'Current \\[A\\]'"),
        ({"Current": "Current [A]"}, "the name contains no unit"),
        ({"Curent(mA)": "Current [A]"}, "did you mean 'Current\\(mA\\)'"),
    ],
)
def test_a_mapping_that_is_wrong_sends_nothing(columns: dict[str, str], words: str) -> None:
    service = MeasurementService()
    with pytest.raises(ValueError, match=words):
        service.client().cell_measurement.create("cell", request_of(exported()), columns=columns)
    assert service.requests == []
