"""`client.cell_measurement.read_time_series`: the file of a cycler as a time series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from ionworks.validation import validate_time_series

EXPORT = """Prüfstand 3;;;
t/min;Schritt;I/mA;U/mV
2,5;7;0;4200,5
3,5;7;-5000;4100
4,5;3;-5000;4000
"""
COLUMNS = {"Schritt": "Step from cycler", "-I/mA": "Current [A]"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="latin-1")
    return path


def test_a_file_becomes_a_valid_time_series(file: Path, stub_service: Any) -> None:
    service = stub_service({})
    read = service.client().cell_measurement.read_time_series

    frame = read(file, columns=COLUMNS, decimal_comma=True, skip_rows=1)

    assert frame.equals(
        pl.DataFrame(
            {
                "Time [s]": [0.0, 60.0, 120.0],
                "Step from cycler": [7, 7, 3],
                "Current [A]": [0.0, 5.0, 5.0],
                "Voltage [V]": [4.2005, 4.1, 4.0],
                "Step count": [0, 0, 1],
            }
        )
    )
    assert validate_time_series(frame) == []
    later = read(file, columns=COLUMNS, decimal_comma=True, skip_rows=1, from_zero=False)
    assert later["Time [s]"].to_list() == [150.0, 210.0, 270.0]
    one = {"-I/mA": "Current [A]"}
    whole = read(file, columns=one, decimal_comma=True, skip_rows=1, one_step=True)
    assert whole["Step count"].to_list() == [0, 0, 0]
    assert service.requests == []


def test_it_is_a_frame_of_the_library_of_the_client(file: Path, stub_service: Any) -> None:
    client = stub_service({}).client(dataframe_backend="pandas")
    frame = client.cell_measurement.read_time_series(str(file), decimal_comma=True, skip_rows=1)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["Current [A]"]) == [0.0, -5.0, -5.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": {"Strom/mA": "Current [A]"}}, "has no such column"),
        ({"columns": {"Schritt": "Step"}}, "unknown column 'Step'"),
        ({"skip_rows": -1}, "skip_rows"),
        ({"skip_rows": 0}, "no column of a measurement .* see columns, separator"),
        ({"skip_rows": 9}, "cannot be read: .* see columns, separator"),
        ({"separator": "::"}, "separator"),
    ],
)
def test_what_cannot_be_read_is_an_error(
    options: dict[str, Any], message: str, file: Path, stub_service: Any
) -> None:
    read = stub_service({}).client().cell_measurement.read_time_series
    with pytest.raises(ValueError, match=message):
        read(file, **{"decimal_comma": True, "skip_rows": 1, **options})


def test_other_arguments_are_errors(file: Path, stub_service: Any) -> None:
    read = stub_service({}).client().cell_measurement.read_time_series
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read(file.with_name("none.csv"))
    with pytest.raises(TypeError, match="decimal_comma must be True or False"):
        read(file, decimal_comma=1)
    with pytest.raises(TypeError):
        read(None)
