"""Uploads of `client.cell_measurement`: what travels, and what is left when something fails."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest

from ionworks.errors import (
    ConflictError,
    IonworksError,
    MeasurementProcessingError,
    MeasurementValidationError,
    NotFoundError,
    ResponseDecodeError,
    ServerError,
    ServiceConnectionError,
    UnprocessableError,
    WaitTimeoutError,
)
from ionworks.records.cell_measurement import MeasurementBundle
from ionworks.workflows.measurements import signed_upload
from tests.measured import cycling
from tests.measurement_service import PARQUET, MeasurementService

CONFIRM = "POST confirm-upload"
PUT = "PUT time_series.parquet"


def request_of(frame: Any, **fields: Any) -> dict[str, Any]:
    return {"measurement": {"name": "C/20", **fields}, "time_series": frame}


def cut(request: httpx.Request) -> httpx.Response:
    """The connection breaks after the first piece of the body."""
    next(iter(request.stream))
    raise httpx.WriteError("connection reset by peer", request=request)


def interrupt(_: httpx.Request) -> httpx.Response:
    raise KeyboardInterrupt


def answer(status: int) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, json={"detail": f"answered {status}"})


# ---------------------------------------------------------------- what travels


def test_an_upload_is_begun_sent_confirmed_and_waited_for() -> None:
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
def test_every_form_of_table_arrives_as_it_was(form: str, tmp_path: Path) -> None:
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


def test_a_parquet_file_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    cycling().write_parquet(path, compression="snappy")
    service = MeasurementService()
    service.client().cell_measurement.create("cell", request_of(str(path)))
    assert service.files["m1"]["time_series.parquet"] == path.read_bytes()
    assert path.exists()


def test_whole_numbers_among_others_are_one_column() -> None:
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


def test_steps_of_ones_own_go_to_their_place() -> None:
    service = MeasurementService()
    steps = {"Step count": [0, 1], "Step type": ["Rest", "Discharge"]}
    client = service.client()
    client.cell_measurement.create("cell", {**request_of(cycling()), "steps": steps})
    assert service.frame("m1", "steps.parquet").to_dict(as_series=False) == steps
    assert "steps" not in service.body(CONFIRM)


def test_steps_that_are_no_table_send_nothing() -> None:
    service = MeasurementService()
    with pytest.raises(TypeError, match=r"data\['steps'\] must be a polars or pandas data frame"):
        service.client().cell_measurement.create("cell", {**request_of(cycling()), "steps": 3})
    assert service.requests == []


def test_steps_without_a_place_go_with_the_confirmation() -> None:
    def without_steps(request: httpx.Request) -> httpx.Response:
        target = {"filename": None, "signed_url": "https://storage.example/m1/time_series.parquet"}
        return httpx.Response(201, json={"measurement_id": "m1", "uploads": [target]})

    service = MeasurementService(failures={"POST initiate-upload": without_steps})
    steps = pl.DataFrame({"Step count": [0, 1]})
    service.client().cell_measurement.create("cell", {**request_of(cycling()), "steps": steps})
    assert service.body(CONFIRM)["steps"] == {"Step count": [0, 1]}
    assert [*service.files["m1"]] == ["time_series.parquet"]


def test_times_and_what_json_cannot_say_are_written_as_it_can() -> None:
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


def test_not_waiting_asks_for_nothing_more() -> None:
    service = MeasurementService()
    client = service.client()
    bundle = client.cell_measurement.create(
        "cell", request_of(cycling()), wait_for_processing=False
    )
    assert service.stages[-1] == CONFIRM
    assert bundle.processing_status == "pending"


# ---------------------------------------------------------------- before anything is sent


def test_unfit_rows_send_nothing() -> None:
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
def test_a_doubt_is_a_warning_at_the_line_that_uploads(method: str) -> None:
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
def test_files_that_are_no_tables(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    service = MeasurementService()
    with pytest.raises(ValueError, match=message):
        service.client().cell_measurement.create("cell", request_of(path))
    assert service.requests == []


# ---------------------------------------------------------------- failures on the way


FAILURES = {
    "the connection breaks in the PUT": (PUT, cut, ServiceConnectionError, True),
    "the storage fails": (PUT, answer(503), ServerError, True),
    "the storage refuses": (PUT, answer(403), PermissionError, True),
    "Ctrl-C in the PUT": (PUT, interrupt, KeyboardInterrupt, True),
    "the confirmation breaks": (CONFIRM, cut, ServiceConnectionError, True),
    "the confirmation fails": (CONFIRM, answer(500), ServerError, True),
    "the confirmation is refused": (CONFIRM, answer(422), UnprocessableError, False),
    "Ctrl-C in the confirmation": (CONFIRM, interrupt, KeyboardInterrupt, True),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_fails_on_the_way_is_taken_back(name: str) -> None:
    stage, failure, error, is_repeatable = FAILURES[name]
    service = MeasurementService(failures={stage: failure})
    measurements = service.client().cell_measurement
    with pytest.raises(error) as caught:
        measurements.create("cell", request_of(cycling()))
    assert service.stages[-1] == "DELETE m1"
    assert (service.begun, service.stored, service.files) == ({}, {}, {})
    said = f"{caught.value}{getattr(caught.value, '__notes__', '')}"
    assert "nothing was stored" in said
    assert ("the same call may be made again" in said) is is_repeatable

    assert measurements.create("cell", request_of(cycling())).steps_created == 6


def test_what_cannot_be_taken_back_is_said() -> None:
    service = MeasurementService(failures={PUT: cut, "DELETE m1": answer(500)})
    with pytest.raises(ServiceConnectionError) as caught:
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert "could not be taken back (answered 500" in str(caught.value)
    assert "client.cell_measurement.delete('m1')" in str(caught.value)


def test_an_upload_the_service_has_dropped_needs_no_removal() -> None:
    service = MeasurementService(failures={PUT: cut, "DELETE m1": answer(404)})
    with pytest.raises(ServiceConnectionError, match="nothing was stored"):
        service.client().cell_measurement.create("cell", request_of(cycling()))


def test_a_beginning_that_fails_has_nothing_to_take_back() -> None:
    service = MeasurementService(failures={"POST initiate-upload": cut})
    with pytest.raises(ServiceConnectionError):
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert service.stages == ["POST initiate-upload"]


def test_a_put_is_repeated_with_the_whole_file() -> None:
    service = MeasurementService(failures={PUT: cut})
    client = service.client(max_retries=1)
    client.cell_measurement.create("cell", request_of(cycling()))
    assert service.stages.count(PUT) == 2
    assert service.frame("m1").equals(cycling())


def test_ctrl_c_while_the_server_works_keeps_the_upload(
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = MeasurementService(failures={"GET m1": interrupt})
    measurements = service.client().cell_measurement
    with pytest.raises(KeyboardInterrupt):
        measurements.create("cell", request_of(cycling()))
    assert [*service.stored] == ["m1"]
    assert "client.cell_measurement.wait_for_processing('m1')" in capsys.readouterr().err
    assert measurements.wait_for_processing("m1").processing_status == "ready"


def test_a_missing_place_is_said_and_taken_back() -> None:
    def elsewhere(request: httpx.Request) -> httpx.Response:
        target = {"filename": "a.txt", "signed_url": "https://storage.example/m1/a.txt"}
        return httpx.Response(201, json={"measurement_id": "m1", "uploads": [target]})

    service = MeasurementService(failures={"POST initiate-upload": elsewhere})
    with pytest.raises(ResponseDecodeError, match="no place for 'time_series"):
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert service.stages[-1] == "DELETE m1"


@pytest.mark.parametrize("url", ["ftp://storage.example/x", "file:///etc/passwd", "http://[", ""])
def test_a_signed_url_must_be_one(url: str) -> None:
    def wrong(request: httpx.Request) -> httpx.Response:
        target = {"filename": "time_series.parquet", "signed_url": url}
        return httpx.Response(201, json={"measurement_id": "m1", "uploads": [target]})

    service = MeasurementService(failures={"POST initiate-upload": wrong})
    with pytest.raises((ResponseDecodeError, IonworksError)):
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert "storage.example" not in {each.url.host for each in service.requests}


def test_a_signed_url_does_not_go_from_https_to_http() -> None:
    def plain(request: httpx.Request) -> httpx.Response:
        target = {"filename": None, "signed_url": "http://storage.example/m1/time_series.parquet"}
        return httpx.Response(201, json={"measurement_id": "m1", "uploads": [target]})

    service = MeasurementService(failures={"POST initiate-upload": plain})
    with pytest.raises(ResponseDecodeError, match="from https to plain http"):
        service.client().cell_measurement.create("cell", request_of(cycling()))


def test_a_file_too_large_for_one_piece_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # A file of a gibibyte would take its time.
    monkeypatch.setattr(signed_upload, "LARGEST_FILE", 1000)
    service = MeasurementService()
    with pytest.raises(ValueError, match=r"in one piece.*extend") as caught:
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert service.stages == ["POST initiate-upload", "DELETE m1"]
    assert "nothing was stored" in caught.value.__notes__[0]


# ---------------------------------------------------------------- names that are taken


def test_a_taken_name_is_a_conflict_with_its_id() -> None:
    service = MeasurementService()
    measurements = service.client().cell_measurement
    measurements.create("cell", request_of(cycling()))
    with pytest.raises(ConflictError) as caught:
        measurements.create("cell", request_of(cycling()))
    assert caught.value.existing_id == "m1"
    assert [*service.stored] == ["m1"]


def test_a_name_taken_meanwhile_takes_only_the_own_upload_back() -> None:
    service = MeasurementService()

    def somebody_was_faster(request: httpx.Request) -> httpx.Response:
        service.stored["theirs"] = {
            "id": "theirs",
            "name": "C/20",
            "cell_instance_id": "cell",
            "processing_status": "ready",
        }
        return service(request)

    service.failures[CONFIRM] = somebody_was_faster
    with pytest.raises(ConflictError) as caught:
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert caught.value.existing_id == "theirs"
    assert ([*service.stored], service.begun) == (["theirs"], {})


def test_create_or_get_looks_before_it_uploads() -> None:
    service = MeasurementService()
    measurements = service.client().cell_measurement
    made = measurements.create_or_get("cell", request_of(cycling()))
    before = len(service.requests)
    # The rows are not even looked at.
    again = measurements.create_or_get("cell", request_of(cycling().clear()))
    assert (made.id, again.id) == ("m1", "m1")
    assert isinstance(again, MeasurementBundle)
    assert service.stages[before:] == ["GET cell_measurements", "GET m1"]


def test_create_or_get_knows_its_options() -> None:
    service = MeasurementService()
    with pytest.raises(TypeError, match="no option 'strict'; there are validate_strict"):
        service.client().cell_measurement.create_or_get("cell", request_of(cycling()), strict=True)
    assert service.requests == []


def test_create_or_get_survives_a_race() -> None:
    service = MeasurementService()
    client = service.client()
    client.cell_measurement.create("cell", request_of(cycling()))
    service.failures["GET cell_measurements"] = lambda _: httpx.Response(200, json={"items": []})
    assert client.cell_measurement.create_or_get("cell", request_of(cycling())).id == "m1"


def test_create_or_get_tells_of_one_that_failed() -> None:
    service = MeasurementService()
    client = service.client()
    client.cell_measurement.create("cell", request_of(cycling()))
    service.stored["m1"] |= {"processing_status": "failed", "processing_error": "bad rows"}
    with pytest.raises(MeasurementProcessingError, match=r"bad rows.*delete\('m1'\)"):
        client.cell_measurement.create_or_get("cell", request_of(cycling()))


# ---------------------------------------------------------------- processing


def test_rows_the_server_cannot_process_are_an_error_with_its_reason() -> None:
    def failed(_: httpx.Request) -> httpx.Response:
        record = {"processing_status": "failed", "processing_error": "step 3 has no rows"}
        return httpx.Response(200, json={**service.stored["m1"], **record})

    service = MeasurementService(failures={"GET m1": failed})
    with pytest.raises(MeasurementProcessingError) as caught:
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert caught.value.failures == {"m1": "step 3 has no rows"}
    assert [*service.stored] == ["m1"]


def test_waiting_for_several_keeps_their_order_and_tells_all_failures() -> None:
    service = MeasurementService(polls=2)
    statuses = {"a": "pending", "b": "failed", "c": None, "d": "failed"}
    for name, status in statuses.items():
        service.stored[name] = {"id": name, "processing_status": status}
    measurements = service.client().cell_measurement
    found = measurements.wait_for_processing([*statuses], raise_on_failure=False)
    assert [(each.id, each.processing_status) for each in found] == [
        ("a", "ready"),
        ("b", "failed"),
        ("c", None),
        ("d", "failed"),
    ]
    with pytest.raises(MeasurementProcessingError) as caught:
        measurements.wait_for_processing(found)
    assert [*caught.value.failures] == ["b", "d"]


def test_a_wait_that_is_too_short_says_how_to_go_on() -> None:
    service = MeasurementService(polls=1000)
    with pytest.raises(WaitTimeoutError, match="wait_for_processing") as caught:
        service.client().cell_measurement.create("cell", request_of(cycling()), timeout=0)
    assert caught.value.pending == ("m1",)
    assert [*service.stored] == ["m1"]


# ---------------------------------------------------------------- extending, files, properties


def later(first: int) -> pl.DataFrame:
    """Rows of the cycling from a step on."""
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


AS_IT_WAS = "the measurement is as it was"
AGAIN = f"{AS_IT_WAS}; the same call may be made again"
UNKNOWN = "whether the rows were added is not known"
ADD, CONFIRM_ADDED = "PUT time_series_extend.parquet", "POST confirm-extend"


@pytest.mark.parametrize(
    ("stage", "failure", "error", "words"),
    [
        (ADD, cut, ServiceConnectionError, AGAIN),
        (ADD, interrupt, KeyboardInterrupt, AGAIN),
        (
            CONFIRM_ADDED,
            answer(404),
            NotFoundError,
            f"{AS_IT_WAS}; the same call may be made again",
        ),
        (CONFIRM_ADDED, answer(422), UnprocessableError, AS_IT_WAS),
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
    assert ("again" in said) is (words != AS_IT_WAS)
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


def test_one_file_that_fails_takes_all_back(tmp_path: Path) -> None:
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
        ("nowhere", ValueError, r"paths\[0\] names 'nowhere', which is no file"),
        ([__file__, __file__], ValueError, "two files called 'test_measurement_upload.py'"),
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
