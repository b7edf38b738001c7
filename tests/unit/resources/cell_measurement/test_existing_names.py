"""Names that exist already, and waiting for processing."""

from __future__ import annotations

import httpx
import pytest

from ionworks.errors import (
    ConflictError,
    MeasurementProcessingError,
    WaitTimeoutError,
)
from ionworks.records.cell_measurement import MeasurementBundle
from tests.measured import cycling
from tests.measurement_service import MeasurementService
from tests.unit.resources.cell_measurement.upload_requests import (
    CONFIRM,
    request_of,
)

# ---------------------------------------------------------------- names that are taken


def test_an_existing_name_is_a_conflict_with_its_id() -> None:
    service = MeasurementService()
    measurements = service.client().cell_measurement
    measurements.create("cell", request_of(cycling()))
    with pytest.raises(ConflictError) as caught:
        measurements.create("cell", request_of(cycling()))
    assert caught.value.existing_id == "m1"
    assert [*service.stored] == ["m1"]


def test_a_name_taken_during_the_upload_deletes_only_the_own_upload() -> None:
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
    # The rows are not checked.
    again = measurements.create_or_get("cell", request_of(cycling().clear()))
    assert (made.id, again.id) == ("m1", "m1")
    assert isinstance(again, MeasurementBundle)
    assert service.stages[before:] == ["GET cell_measurements", "GET m1"]


def test_create_or_get_knows_its_options() -> None:
    service = MeasurementService()
    with pytest.raises(TypeError, match="unknown option 'strict'; valid options: validate_strict"):
        service.client().cell_measurement.create_or_get("cell", request_of(cycling()), strict=True)
    assert service.requests == []


def test_create_or_get_survives_a_race() -> None:
    service = MeasurementService()
    client = service.client()
    client.cell_measurement.create("cell", request_of(cycling()))
    service.failures["GET cell_measurements"] = lambda _: httpx.Response(200, json={"items": []})
    assert client.cell_measurement.create_or_get("cell", request_of(cycling())).id == "m1"


def test_create_or_get_reports_an_existing_one_that_failed() -> None:
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


def test_waiting_for_several_keeps_their_order_and_reports_all_failures() -> None:
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


def test_a_list_raises_as_soon_as_one_could_not_be_processed() -> None:
    service = MeasurementService(polls=1000)
    for name, status in {"a": "pending", "b": "failed", "c": "ready"}.items():
        service.stored[name] = {"id": name, "processing_status": status}
    with pytest.raises(MeasurementProcessingError) as caught:
        service.client().cell_measurement.wait_for_processing(["a", "b", "c"], timeout=None)
    assert caught.value.pending == ("a",)
    assert [*caught.value.finished] == ["b", "c"]


def test_a_wait_that_is_too_short_says_how_to_continue() -> None:
    service = MeasurementService(polls=1000)
    with pytest.raises(WaitTimeoutError, match="wait_for_processing") as caught:
        service.client().cell_measurement.create("cell", request_of(cycling()), timeout=0)
    assert caught.value.pending == ("m1",)
    assert [*service.stored] == ["m1"]
