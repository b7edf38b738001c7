"""Uploading measurements: what is sent, and the checks before it."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest

from ionworks.errors import (
    IonworksError,
    MeasurementValidationError,
    ServiceConnectionError,
)
from ionworks.records.cell_measurement import MeasurementBundle
from tests.measured import cycling
from tests.measurement_service import PARQUET, MeasurementService
from tests.unit.resources.cell_measurement.upload_requests import (
    CONFIRM,
    PUT,
    cut,
    request_of,
)

# ---------------------------------------------------------------- what travels


def test_an_upload_is_initiated_sent_confirmed_and_waited_for() -> None:
    service = MeasurementService(polls=1)
    client = service.client()
    bundle = client.cell_measurement.create(
        "cell", request_of(cycling(), notes="first", tags=["a"], protocol={"name": "C/20"})
    )
    assert service.stages == [
        "POST initiate-upload",
        PUT,
        CONFIRM,
        "GET m1",
        "GET m1",
    ]
    assert service.body("POST initiate-upload") == {
        "measurement": {"name": "C/20", "notes": "first"}
    }
    assert service.body(CONFIRM) == {
        "cell_instance_id": "cell",
        "measurement_type": "time_series",
        "measurement": {
            "name": "C/20",
            "notes": "first",
            "tags": ["a"],
            "protocol": {"name": "C/20"},
        },
    }
    assert service.frame("m1").equals(cycling())
    assert isinstance(bundle, MeasurementBundle)
    assert (bundle.id, bundle.name, bundle.steps_created) == ("m1", "C/20", 6)
    assert bundle.measurement.name == bundle["name"] == "C/20"
    assert bundle.processing_status == "ready"


def test_credentials_do_not_reach_the_storage() -> None:
    service = MeasurementService()
    service.client(organization_id="ORG").cell_measurement.create("cell", request_of(cycling()))
    put = service.requests[service.stages.index(PUT)]
    assert put.url.host == "storage.example"
    assert not {"x-api-key", "authorization", "x-organization-id", "cookie"} & {*put.headers}
    assert put.headers["Content-Type"] == PARQUET
    assert int(put.headers["Content-Length"]) == len(service.files["m1"]["time_series.parquet"])


@pytest.mark.parametrize("form", ["polars", "lazy", "pandas", "dict", "arrays", "csv", "csv.gz"])
def test_every_form_of_table_is_uploaded_unchanged(form: str, tmp_path: Path) -> None:
    frame = cycling()
    service = MeasurementService()
    path = tmp_path / f"rows.{form}"
    if form.startswith("csv"):
        text = frame.write_csv().encode()
        path.write_bytes(gzip.compress(text) if form.endswith("gz") else text)
    data: Any = {
        "polars": frame,
        "lazy": frame.lazy(),
        "pandas": frame.to_pandas(),
        "dict": frame.to_dict(as_series=False),
        "arrays": {name: frame[name].to_numpy() for name in frame.columns},
    }.get(form, path)
    service.client().cell_measurement.create("cell", request_of(data))
    assert service.frame("m1").equals(frame)


def test_a_parquet_file_is_sent_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    cycling().write_parquet(path, compression="snappy")
    service = MeasurementService()
    service.client().cell_measurement.create("cell", request_of(str(path)))
    assert service.files["m1"]["time_series.parquet"] == path.read_bytes()
    assert path.exists()


def test_integers_among_floats_make_one_column() -> None:
    columns = cycling().to_dict(as_series=False) | {"Temperature [degC]": [25, 25.5] * 33}
    service = MeasurementService()
    service.client().cell_measurement.create("cell", request_of(columns))
    assert service.frame("m1")["Temperature [degC]"].to_list() == [25.0, 25.5] * 33


def test_nothing_is_left_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client = MeasurementService(failures={PUT: cut}).client()
    with pytest.raises(ServiceConnectionError):
        client.cell_measurement.create("cell", request_of(cycling()))
    made = client.cell_measurement.create("cell", request_of(cycling()))
    client.cell_measurement.time_series(made.id)
    assert [*tmp_path.iterdir()] == []


def test_given_steps_are_sent_to_their_upload_target() -> None:
    service = MeasurementService()
    steps = {"Step count": [0, 1], "Step type": ["Rest", "Discharge"]}
    client = service.client()
    client.cell_measurement.create("cell", {**request_of(cycling()), "steps": steps})
    assert service.frame("m1", "steps.parquet").to_dict(as_series=False) == steps
    assert "steps" not in service.body(CONFIRM)


def test_steps_that_are_not_a_table_send_nothing() -> None:
    service = MeasurementService()
    with pytest.raises(TypeError, match=r"data\['steps'\] must be a polars or pandas data frame"):
        service.client().cell_measurement.create("cell", {**request_of(cycling()), "steps": 3})
    assert service.requests == []


def test_steps_without_an_upload_target_are_sent_with_the_confirmation() -> None:
    def without_steps(request: httpx.Request) -> httpx.Response:
        target = {"filename": None, "signed_url": "https://storage.example/m1/time_series.parquet"}
        return httpx.Response(201, json={"measurement_id": "m1", "uploads": [target]})

    service = MeasurementService(failures={"POST initiate-upload": without_steps})
    steps = pl.DataFrame({"Step count": [0, 1]})
    service.client().cell_measurement.create("cell", {**request_of(cycling()), "steps": steps})
    assert service.body(CONFIRM)["steps"] == {"Step count": [0, 1]}
    assert [*service.files["m1"]] == ["time_series.parquet"]


def test_times_and_nan_are_converted_to_json() -> None:
    service = MeasurementService()
    service.client().cell_measurement.create(
        "cell",
        request_of(
            cycling(),
            start_time=datetime(2026, 5, 8, 12, tzinfo=UTC),
            end_time="8 May 2026 14:00",
            test_setup={"channel_number": np.int64(3)},
            notes=None,
        ),
    )
    measurement = service.body(CONFIRM)["measurement"]
    assert measurement == {
        "name": "C/20",
        "start_time": "2026-05-08T12:00:00+00:00",
        "end_time": "2026-05-08T14:00:00",
        "test_setup": {"channel_number": 3},
    }


def test_not_waiting_sends_no_further_request() -> None:
    service = MeasurementService()
    client = service.client()
    bundle = client.cell_measurement.create(
        "cell", request_of(cycling()), wait_for_processing=False
    )
    assert service.stages[-1] == CONFIRM
    assert bundle.processing_status == "pending"


# ---------------------------------------------------------------- before anything is sent


def test_invalid_rows_send_nothing() -> None:
    service = MeasurementService()
    frame = cycling().with_columns(-pl.col("Current [A]"))
    with pytest.raises(MeasurementValidationError, match="CURRENT_REVERSED") as caught:
        service.client().cell_measurement.create("cell", request_of(frame))
    assert service.requests == []
    assert [issue.code for issue in caught.value.errors] == ["CURRENT_REVERSED"]
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, IonworksError)


@pytest.mark.parametrize("kind", ["frame", "lazy", "csv"])
def test_strict_checks_and_skipping(kind: str, tmp_path: Path) -> None:
    frame = cycling().with_columns(pl.col("Discharge capacity [A.h]") * 1000)
    data: Any = frame if kind == "frame" else frame.lazy()
    if kind == "csv":
        data = tmp_path / "rows.csv"
        frame.write_csv(data)
    service = MeasurementService()
    measurements = service.client().cell_measurement
    with pytest.raises(MeasurementValidationError, match="CAPACITY_MISMATCH"):
        measurements.create("cell", request_of(data), validate_strict=True)
    assert service.requests == []
    measurements.create(
        "cell", request_of(data), validate_strict=True, skip_checks=["CAPACITY_MISMATCH"]
    )
    with pytest.raises(MeasurementValidationError, match="ABOVE_RATED"):
        measurements.create("other", request_of(data), rated_capacity=0.1)
    with pytest.raises(MeasurementValidationError, match="OUTSIDE_VOLTAGE"):
        measurements.create("other", request_of(data), voltage_window=(3.9, 4.0))


@pytest.mark.parametrize("method", ["create", "create_or_get"])
def test_a_warning_points_to_the_line_that_uploads(method: str) -> None:
    columns = cycling().to_dict(as_series=False)
    columns["Time [s]"][-1] += 1e6
    del columns["Charge capacity [A.h]"]
    service = MeasurementService()
    upload = getattr(service.client().cell_measurement, method)
    with pytest.warns(UserWarning, match="TIME_GAP: .* in step 5") as caught:
        upload("cell", request_of(columns), validate_strict=True)
    assert [each.filename for each in caught] == [__file__]
    assert service.stages[-1] == "GET m1"


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([], TypeError, "data must be a mapping"),
        ({"time_series": {}}, ValueError, r"data\['measurement'\] is missing"),
        ({"measurement": {"name": "n"}}, ValueError, r"data\['time_series'\] is missing"),
        ({"measurment": {}}, ValueError, "unknown key 'measurment' .did you mean 'measurement'"),
        (request_of({}, name=""), ValueError, r"data\['measurement'\]\['name'\] is empty"),
        (request_of({}, name="n" * 256), ValueError, "at most 255 characters, not 256"),
        (request_of({}, start_time="soon"), ValueError, "start_time.* must be a date"),
        (request_of({}, tags=3), TypeError, "tags.* must be a list of text"),
        (request_of({}, protocol="C/20"), TypeError, "protocol.* must be a mapping"),
        (request_of(3), TypeError, r"data\['time_series'\] must be a polars or pandas data frame"),
        (request_of("nowhere.csv"), ValueError, "'nowhere.csv', which does not exist"),
        (request_of({"a": "x"}), TypeError, r"data\['time_series'\]\['a'\] must be a list"),
        (request_of({"a": [1], "b": [1, 2]}), ValueError, "differ in length"),
        (request_of({3: [1]}), TypeError, "names must be text"),
    ],
)
def test_bad_data_send_nothing(data: Any, error: type[Exception], message: str) -> None:
    service = MeasurementService()
    with pytest.raises(error, match=message):
        service.client().cell_measurement.create("cell", data)
    assert service.requests == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.csv", b"", "cannot be read"),
        ("rows.parquet", b"PAR1 and then nothing", "cannot be read"),
        ("rows.xlsx", b"PK", "neither .csv nor .parquet"),
    ],
)
def test_files_that_are_not_tables(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    service = MeasurementService()
    with pytest.raises(ValueError, match=message):
        service.client().cell_measurement.create("cell", request_of(path))
    assert service.requests == []
