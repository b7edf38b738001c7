"""Failed uploads are deleted."""

from __future__ import annotations

import httpx
import pytest

from ionworks.errors import (
    IonworksError,
    ResponseDecodeError,
    ServerError,
    ServiceConnectionError,
    UnprocessableError,
)
from ionworks.workflows.measurements import signed_upload
from tests.measured import cycling
from tests.measurement_service import MeasurementService
from tests.unit.resources.cell_measurement.upload_requests import (
    CONFIRM,
    PUT,
    answer,
    cut,
    interrupt,
    request_of,
)

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
def test_a_failed_upload_is_deleted(name: str) -> None:
    stage, failure, error, is_repeatable = FAILURES[name]
    service = MeasurementService(failures={stage: failure})
    measurements = service.client().cell_measurement
    with pytest.raises(error) as caught:
        measurements.create("cell", request_of(cycling()))
    assert service.stages[-1] == "DELETE m1"
    assert (service.begun, service.stored, service.files) == ({}, {}, {})
    said = f"{caught.value}{getattr(caught.value, '__notes__', '')}"
    assert "nothing was stored" in said
    assert ("the call can be repeated" in said) is is_repeatable

    assert measurements.create("cell", request_of(cycling())).steps_created == 6


def test_an_upload_that_cannot_be_deleted_is_reported() -> None:
    service = MeasurementService(failures={PUT: cut, "DELETE m1": answer(500)})
    with pytest.raises(ServiceConnectionError) as caught:
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert "could not be deleted (answered 500" in str(caught.value)
    assert "client.cell_measurement.delete('m1')" in str(caught.value)


def test_an_upload_the_service_has_dropped_needs_no_removal() -> None:
    service = MeasurementService(failures={PUT: cut, "DELETE m1": answer(404)})
    with pytest.raises(ServiceConnectionError, match="nothing was stored"):
        service.client().cell_measurement.create("cell", request_of(cycling()))


def test_a_failed_initiation_has_nothing_to_delete() -> None:
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


def test_a_missing_upload_target_is_reported_and_the_upload_deleted() -> None:
    def elsewhere(request: httpx.Request) -> httpx.Response:
        target = {"filename": "a.txt", "signed_url": "https://storage.example/m1/a.txt"}
        return httpx.Response(201, json={"measurement_id": "m1", "uploads": [target]})

    service = MeasurementService(failures={"POST initiate-upload": elsewhere})
    with pytest.raises(ResponseDecodeError, match="no upload target for 'time_series"):
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert service.stages[-1] == "DELETE m1"


@pytest.mark.parametrize("url", ["ftp://storage.example/x", "file:///etc/passwd", "http://[", ""])
def test_an_invalid_signed_url_is_rejected(url: str) -> None:
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


def test_a_file_too_large_for_one_request_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    # A smaller limit, because writing a file of one GiB would be slow.
    monkeypatch.setattr(signed_upload, "LARGEST_FILE", 1000)
    service = MeasurementService()
    with pytest.raises(ValueError, match=r"per request.*extend") as caught:
        service.client().cell_measurement.create("cell", request_of(cycling()))
    assert service.stages == ["POST initiate-upload", "DELETE m1"]
    assert "nothing was stored" in caught.value.__notes__[0]
