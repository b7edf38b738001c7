"""Extending measurements, file measurements and properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest

from ionworks.errors import (
    MeasurementValidationError,
    NotFoundError,
    ServerError,
    ServiceConnectionError,
    UnprocessableError,
)
from tests.measured import cycling
from tests.measurement_service import MeasurementService
from tests.unit.resources.cell_measurement.upload_requests import (
    CONFIRM,
    answer,
    cut,
    interrupt,
    request_of,
)

# ---------------------------------------------------------------- extending, files, properties


def later(first: int) -> pl.DataFrame:
    """Rows of the cycling data from a given step on."""
    return cycling(3).filter(pl.col("Step count") >= first)


def test_rows_are_added_at_the_end() -> None:
    service = MeasurementService()
    client = service.client()
    client.cell_measurement.create("cell", request_of(cycling()))
    record = client.cell_measurement.extend("m1", later(6))
    assert service.stages[-4:] == [
        "POST initiate-extend",
        "PUT time_series_extend.parquet",
        "POST confirm-extend",
        "GET m1",
    ]
    assert service.frame("m1", "time_series_extend.parquet").equals(later(6))
    assert record.processing_status == "ready"


def test_an_extension_may_begin_within_a_step_but_is_checked() -> None:
    service = MeasurementService()
    client = service.client()
    client.cell_measurement.create("cell", request_of(cycling()))
    client.cell_measurement.extend("m1", later(7)[5:])
    with pytest.raises(MeasurementValidationError, match="TIME_DECREASES"):
        client.cell_measurement.extend("m1", later(6).reverse())
    with pytest.raises(MeasurementValidationError, match="MISSING_COLUMN"):
        client.cell_measurement.extend("m1", later(6).drop("Step count"))


UNCHANGED = "the measurement is unchanged"
REPEATABLE = f"{UNCHANGED}; the call can be repeated"
UNKNOWN = "it is unknown whether the rows were added"
ADD, CONFIRM_ADDED = "PUT time_series_extend.parquet", "POST confirm-extend"


@pytest.mark.parametrize(
    ("stage", "failure", "error", "words"),
    [
        (ADD, cut, ServiceConnectionError, REPEATABLE),
        (ADD, interrupt, KeyboardInterrupt, REPEATABLE),
        (
            CONFIRM_ADDED,
            answer(404),
            NotFoundError,
            f"{UNCHANGED}; the call can be repeated",
        ),
        (CONFIRM_ADDED, answer(422), UnprocessableError, UNCHANGED),
        (CONFIRM_ADDED, answer(500), ServerError, UNKNOWN),
        (CONFIRM_ADDED, cut, ServiceConnectionError, UNKNOWN),
        (CONFIRM_ADDED, interrupt, KeyboardInterrupt, UNKNOWN),
    ],
)
def test_an_extension_that_fails_leaves_the_measurement(
    stage: str, failure: Any, error: type[BaseException], words: str
) -> None:
    service = MeasurementService()
    client = service.client()
    client.cell_measurement.create("cell", request_of(cycling()))
    service.failures[stage] = failure
    with pytest.raises(error) as caught:
        client.cell_measurement.extend("m1", later(6))
    said = f"{caught.value}{getattr(caught.value, '__notes__', '')}"
    assert words in said
    assert ("repeated" in said) is (words == REPEATABLE)
    assert [*service.stored] == ["m1"]
    assert not any(stage.startswith("DELETE") for stage in service.stages)
    client.cell_measurement.extend("m1", later(6))


def test_files_are_stored_together(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.jpg", "b c.mpr", "d.txt")]
    for path in paths:
        path.write_bytes(path.name.encode() * 100_000)
    service = MeasurementService()
    made = service.client().cell_measurement.create_file(
        "cell", "Teardown", paths, notes="photos", tags="post mortem"
    )
    names = [path.name for path in paths]
    assert service.body("POST initiate-upload") == {
        "measurement": {"name": "Teardown", "notes": "photos"},
        "measurement_type": "file",
        "filenames": names,
    }
    assert service.body(CONFIRM) == {
        "cell_instance_id": "cell",
        "measurement": {"name": "Teardown", "notes": "photos", "tags": ["post mortem"]},
        "measurement_type": "file",
        "filenames": names,
    }
    assert service.files[made.id] == {path.name: path.read_bytes() for path in paths}
    types = {
        each.url.path.rpartition("/")[2]: each.headers["Content-Type"]
        for each in service.requests
        if each.method == "PUT"
    }
    assert types["a.jpg"] == "image/jpeg"
    assert types["b c.mpr"] == "application/octet-stream"


def test_one_file_that_fails_deletes_all(tmp_path: Path) -> None:
    paths = [tmp_path / f"{index}.bin" for index in range(6)]
    for path in paths:
        path.write_bytes(b"x" * 10)
    service = MeasurementService(failures={"PUT 3.bin": answer(500)})
    with pytest.raises(ServerError, match="nothing was stored"):
        service.client().cell_measurement.create_file("cell", "Files", paths)
    assert (service.begun, service.stored, service.files) == ({}, {}, {})


@pytest.mark.parametrize(
    ("paths", "error", "message"),
    [
        ([], ValueError, "paths is empty"),
        (3, TypeError, "paths must be a path"),
        ([3], TypeError, r"paths\[0\] must be a path"),
        ("nowhere", ValueError, r"paths\[0\] is 'nowhere', which is not a file"),
        ([__file__, __file__], ValueError, "two files called 'test_extension_and_files.py'"),
    ],
)
def test_bad_paths_send_nothing(paths: Any, error: type[Exception], message: str) -> None:
    service = MeasurementService()
    with pytest.raises(error, match=message):
        service.client().cell_measurement.create_file("cell", "Files", paths)
    assert service.requests == []


def test_properties_need_no_upload(stub_service: Any) -> None:
    record = {"id": "m", "name": "Mass", "measurement_type": "properties"}
    route = "POST /cell_instances/c/cell_measurements/create"
    service = stub_service({route: httpx.Response(201, json=record)})
    mass = {"mass": {"value": np.float64(68.4), "unit": "g"}}
    made = service.client().cell_measurement.create_properties("c", "Mass", mass, tags=["a"])
    assert made.id == "m"
    body = {"name": "Mass", "measurement_type": "properties", "tags": ["a"]}
    assert service.sent == [
        (route, {}, {**body, "properties": {"mass": {"value": 68.4, "unit": "g"}}})
    ]
    with pytest.raises(ValueError, match="properties is empty"):
        service.client().cell_measurement.create_properties("c", "Mass", {})


# ---------------------------------------------------------------- progress


def test_long_transfers_are_shown_and_short_ones_are_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(b"\0" * (9 << 20))
    measurements = MeasurementService().client().cell_measurement
    measurements.create("cell", request_of(cycling()))
    measurements.create_file("cell", "quiet", large, verbose=False)
    assert capsys.readouterr() == ("", "")
    measurements.create_file("cell", "loud", large)
    out, err = capsys.readouterr()
    assert out == ""
    assert "uploading 'loud': 9 of 9 MiB" in err
