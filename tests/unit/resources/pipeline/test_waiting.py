"""Waiting for pipelines, listing and changing them."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError, JobFailedError, WaitTimeoutError
from ionworks.records.pipeline import Pipeline
from ionworks.resources.pipeline import PipelineResource
from tests.clock import Clock
from tests.unit.resources.pipeline.configuration import RECORD


def waiting(client: Ionworks, clock: Clock | None = None) -> PipelineResource:
    clock = clock or Clock()
    return PipelineResource(client._connection, clock=clock, sleep=clock.sleep)


# ---------------------------------------------------------------- waiting

RUNNING, COMPLETED = {**RECORD, "status": "running"}, {**RECORD, "status": "completed"}


def element(cost: float, evaluations: int) -> list[dict[str, Any]]:
    progress = {"best_cost": cost, "evaluations": evaluations}
    return [
        {"name": "entry", "status": "completed"},
        {"name": "data_fit", "status": "running", "progress": progress},
    ]


def test_waiting_shows_best_cost_and_evaluations(
    stub_service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    service = stub_service(
        {
            "GET /pipelines/p1": (RECORD, RUNNING, RUNNING, COMPLETED),
            "GET /pipelines/p1/elements": (element(0.5, 40), element(0.25, 80)),
        }
    )

    record = waiting(service.client()).wait_for_completion("p1")

    assert record.is_terminal
    assert not record.is_failed
    lines = shown.getvalue().splitlines()
    assert lines[0].startswith("pipeline p1: pending")
    assert "data_fit: best cost 0.5 after 40 evaluations" in lines[1]
    assert "best cost 0.25 after 80 evaluations" in lines[2]
    assert lines[-1].startswith("pipeline p1: completed")


def test_a_quiet_wait_requests_only_the_record(stub_service: Any, capsys: Any) -> None:
    service = stub_service({"GET /pipelines/p1": (RUNNING, COMPLETED)})

    waiting(service.client()).wait_for_completion(Pipeline(id="p1"), verbose=False)

    assert [route for route, _, _ in service.sent] == ["GET /pipelines/p1"] * 2
    assert capsys.readouterr() == ("", "")


def test_a_failed_pipeline_is_an_error_with_the_servers_message(stub_service: Any) -> None:
    failed = {**RECORD, "status": "failed", "error": "element 'data_fit': no bounds"}
    service = stub_service({"GET /pipelines/p1": failed})

    with pytest.raises(IonworksError, match="element 'data_fit': no bounds") as caught:
        waiting(service.client()).wait_for_completion("p1", verbose=False)

    assert isinstance(caught.value, JobFailedError)
    assert caught.value.job.id == "p1"


def test_the_reason_is_looked_up_in_the_elements(stub_service: Any) -> None:
    elements = [{"name": "data_fit", "status": "failed", "error": "the solver gave up"}]
    service = stub_service(
        {
            "GET /pipelines/p1": {**RECORD, "status": "failed"},
            "GET /pipelines/p1/elements": elements,
        }
    )
    with pytest.raises(JobFailedError, match="element 'data_fit': the solver gave up"):
        waiting(service.client()).wait_for_completion("p1", verbose=False)


@pytest.mark.parametrize(("status", "raises"), [("failed", False), ("canceled", True)])
def test_canceled_and_tolerated_pipelines_are_returned(
    stub_service: Any, status: str, raises: bool
) -> None:
    service = stub_service({"GET /pipelines/p1": {**RECORD, "status": status}})
    record = waiting(service.client()).wait_for_completion(
        "p1", verbose=False, raise_on_failure=raises
    )
    assert record.status == status
    assert record.is_failed


def test_a_wait_that_takes_too_long_is_a_timeout(stub_service: Any) -> None:
    clock = Clock()
    service = stub_service({"GET /pipelines/p1": RUNNING})

    with pytest.raises(TimeoutError, match="keeps running") as caught:
        waiting(service.client(), clock).wait_for_completion("p1", verbose=False)

    assert clock.now == pytest.approx(600)
    assert isinstance(caught.value, WaitTimeoutError)
    assert caught.value.pending == ("p1",)


def test_the_server_decides_whether_a_pipeline_has_ended(stub_service: Any) -> None:
    odd = {**RECORD, "status": "archived", "is_terminal": True, "is_failed": False}
    service = stub_service({"GET /pipelines/p1": odd})
    assert waiting(service.client()).wait_for_completion("p1", verbose=False).status == "archived"


# ---------------------------------------------------------------- lists and changes


def test_list_sends_filters_unchanged(stub_service: Any) -> None:
    service = stub_service({"GET /pipelines": {"pipelines": [RECORD], "total": 3}})

    page = service.client(project_id="P").pipeline.list(
        limit=1,
        offset=2,
        id="eq.p1",
        name="ilike.%NMC%",
        status="in.(failed,canceled)",
        created_at_gt="2026-05-08",
        order_by="name",
        order="asc",
    )

    assert (page.items, page.count, page.total) == ([Pipeline.from_dict(RECORD)], 1, 3)
    query = {
        "project_id": "P",
        "limit": "1",
        "skip": "2",
        "id": "eq.p1",
        "name": "ilike.%NMC%",
        "status": "in.(failed,canceled)",
        "created_at_gt": "2026-05-08",
        "order_by": "name",
        "order": "asc",
    }
    assert service.sent == [("GET /pipelines", query, None)]


def test_walking_pages_of_pipelines(stub_service: Any) -> None:
    pages = tuple({"pipelines": [{"id": name}], "total": 2} for name in "ab")
    service = stub_service({"GET /pipelines": pages})
    listed = service.client(project_id="P").pipeline.list(limit=1)
    assert [each.id for each in listed.walk()] == ["a", "b"]
    assert [query.get("skip") for _, query, _ in service.sent] == [None, "1"]


def test_update_cancel_and_delete(stub_service: Any) -> None:
    service = stub_service(
        {
            "PATCH /pipelines/p1": {**RECORD, "name": "Renamed"},
            "POST /pipelines/p1/cancel": {**RECORD, "status": "canceled"},
            "DELETE /pipelines/p1": httpx.Response(204),
        }
    )
    pipelines = service.client().pipeline

    assert pipelines.update("p1", name="Renamed", description="notes").name == "Renamed"
    assert pipelines.cancel("p1").is_terminal
    assert pipelines.delete("p1") is None
    assert service.sent == [
        ("PATCH /pipelines/p1", {}, {"name": "Renamed", "description": "notes"}),
        ("POST /pipelines/p1/cancel", {}, {}),
        ("DELETE /pipelines/p1", {}, None),
    ]
