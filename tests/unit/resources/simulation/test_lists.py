"""Lists of simulations."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.data.paging import Page
from ionworks.data.record_list import RecordList
from ionworks.errors import (
    BadRequestError,
)
from ionworks.records.project import Project
from ionworks.records.protocol import Protocol
from ionworks.records.study import Study
from tests.unit.resources.simulation.simulation_service import (
    Service,
)


def serve_list(service: Service, total: int, page: int = 100) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params.get("offset", 0))
        limit = int(request.url.params.get("limit", page))
        rows = [{"id": f"s{n}"} for n in range(total)][offset : offset + limit]
        return httpx.Response(200, json={"simulations": rows, "total": total})

    service.replies["/simulations"] = serve


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({}, {"project_id": "PROJ"}),
        ({"project_id": "OTHER"}, {"project_id": "OTHER"}),
        ({"parameterized_model_id": "m"}, {"parameterized_model_id": "m"}),
        (
            {"study_id": "st", "protocol_id": "p", "state": "failed", "summary": True},
            {
                "study_id": "st",
                "experiment_template_id": "p",
                "state": "failed",
                "summary": "true",
            },
        ),
    ],
)
def test_list_sends_its_arguments(
    client: Ionworks, service: Service, arguments: dict[str, Any], query: dict[str, str]
) -> None:
    serve_list(service, 2)

    simulations = client.simulation.list(**arguments)

    assert service.sent == [("GET", "/simulations", query, None)]
    assert isinstance(simulations, list)
    assert [each.id for each in simulations] == ["s0", "s1"]


def test_a_list_without_window_is_the_whole_list(client: Ionworks, service: Service) -> None:
    serve_list(service, 250)

    simulations = client.simulation.list("m")

    assert [each.id for each in simulations] == [f"s{n}" for n in range(250)]
    assert [query.get("offset") for _, _, query, _ in service.sent] == [None, "100", "200"]


def test_a_list_with_a_window_is_a_page(client: Ionworks, service: Service) -> None:
    serve_list(service, 250)

    page = client.simulation.list("m", limit=20, offset=240)

    assert isinstance(page, Page)
    assert (page.count, page.total, len(service.sent)) == (10, 250, 1)


@pytest.fixture
def scoped(service: Service) -> Service:
    """A service that lists simulations only by model or study."""
    rows = {
        "m1": [("a", "2026-01-01"), ("b", "2026-01-03")],
        "m2": [("c", "2026-01-02"), ("b", "2026-01-03")],
        "m3": [],
    }

    def models(request: httpx.Request) -> httpx.Response:
        items = [{"id": each, "name": each} for each in rows]
        offset = int(request.url.params.get("offset", 0))
        batch = items[offset : offset + 2]
        return httpx.Response(200, json={"items": batch, "count": len(batch), "total": len(items)})

    def simulations(request: httpx.Request) -> httpx.Response:
        model_id = request.url.params.get("parameterized_model_id")
        if model_id is None:
            return httpx.Response(422, json={"detail": "give parameterized_model_id or study_id"})
        found = [{"id": each, "created_at": created} for each, created in rows[model_id]]
        return httpx.Response(200, json={"simulations": found, "total": len(found)})

    service.replies |= {"/parameterized_models": models, "/simulations": simulations}
    return service


def test_a_service_that_requires_a_scope_is_listed_model_by_model(
    client: Ionworks, scoped: Service
) -> None:
    simulations = client.simulation.list(state="completed")

    assert [each.id for each in simulations] == ["b", "c", "a"]
    models = [query for _, path, query, _ in scoped.sent if path == "/parameterized_models"]
    assert [query["summary"] for query in models] == ["true", "true"]
    assert [query["project_id"] for query in models] == ["PROJ", "PROJ"]
    narrow = [query for _, path, query, _ in scoped.sent if path == "/simulations"][1:]
    assert [query["parameterized_model_id"] for query in narrow] == ["m1", "m2", "m3"]
    assert {(query["summary"], query["state"]) for query in narrow} == {("true", "completed")}


def test_a_window_of_a_list_model_by_model(client: Ionworks, scoped: Service) -> None:
    page = client.simulation.list(limit=2)

    assert isinstance(page, Page)
    assert [each.id for each in page] == ["b", "c"]
    assert [each.id for each in page.walk()] == ["b", "c", "a"]
    assert page.total == 3


def test_without_a_project_the_required_scope_is_explained(scoped: Service) -> None:
    with (
        Ionworks("key", "https://api.test", transport=httpx.MockTransport(scoped)) as client,
        pytest.raises(Exception, match="or a project_id to list") as caught,
    ):
        client.simulation.list()

    assert getattr(caught.value, "status_code", None) == 422


def test_the_error_of_a_scoped_list_is_raised(client: Ionworks, service: Service) -> None:
    service.replies["/simulations"] = lambda _: httpx.Response(400, json={"detail": "no"})

    with pytest.raises(BadRequestError):
        client.simulation.list("m")

    assert len(service.sent) == 1


WANTED = {
    "name": "50%",
    "status": ["failed", "canceled"],
    "created_after": "2026-05-08",
    "updated_before": date(2026, 6, 1),
    "order_by": "updated_at",
    "order": "asc",
}


def test_filters_are_sent_to_a_service_that_has_them(client: Ionworks, service: Service) -> None:
    service.capabilities = {"simulation_filters": True}
    serve_list(service, 1)

    assert [each.id for each in client.simulation.list("m", **WANTED)] == ["s0"]

    assert service.sent[-1][2] == {
        "parameterized_model_id": "m",
        "name": r"ilike.%50\%%",
        "status": 'in.("failed","canceled")',
        "created_at_gt": "2026-05-08",
        "updated_at_lt": "2026-06-01",
        "order_by": "updated_at",
        "order": "asc",
    }


RECORDS = [
    {"id": "e", "name": "Sweep 2/2", "status": "completed", "created_at": "2026-05-09T00:00:00Z"},
    {"id": "d", "name": "Sweep 1/2", "status": "failed", "created_at": "2026-05-09T00:00:00Z"},
    {"id": "c", "name": "sweep", "status": "canceled", "created_at": "2026-05-08T02:00:00+02:00"},
    {"id": "b", "name": "Rest", "status": "completed", "created_at": "2026-05-07T23:59:59Z"},
    {"id": "a"},
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"name": "SWEEP"}, "edc"),
        ({"name": "x", "name_exact": "Rest"}, "b"),
        ({"status": "completed"}, "eb"),
        ({"status": "in.(failed,canceled)"}, "dc"),
        ({"status": ("failed", "canceled"), "name": "1/2"}, "d"),
        ({"created_after": "2026-05-08"}, "edc"),
        ({"created_before": "2026-05-08"}, "cb"),
        ({"updated_after": "2026-05-08"}, ""),
        ({"order": "asc"}, "abcde"),
        ({"order_by": "name"}, "cedba"),
        ({"order_by": "status", "order": "asc", "name": None}, "cebda"),
    ],
)
def test_simulations_of_other_services_are_filtered_by_the_client(
    client: Ionworks, service: Service, wanted: dict[str, Any], found: str
) -> None:
    service.answer("/simulations", {"simulations": RECORDS, "total": len(RECORDS)})

    listed = client.simulation.list(study_id="st", **wanted)
    assert [each.id for each in listed] == [*found]
    assert isinstance(listed, RecordList)
    page = client.simulation.list(study_id="st", limit=2, offset=1, **wanted)

    assert isinstance(page, Page)
    assert ([each.id for each in page], page.total) == ([*found[1:3]], len(found))
    assert all(query == {"study_id": "st"} for _, _, query, _ in service.sent)


@pytest.mark.parametrize(
    ("wanted", "kind", "message"),
    [
        ({"nam": "x"}, TypeError, "unknown filter 'nam'; valid filters: created_after"),
        ({"order_by": "owner"}, ValueError, "order_by must be one of created_at, updated_at"),
        ({"status": []}, ValueError, "status must name at least one status"),
        ({"status": "neq.failed"}, ValueError, "status must be a status or several"),
        ({"status": 3}, TypeError, "status must be text or a list of texts, not 3"),
        (
            {"status": ["failed", "cancelled"]},
            ValueError,
            "did you mean 'canceled'",
        ),
        ({"created_after": "soon"}, ValueError, "created_after must be a date"),
    ],
)
def test_a_wrong_filter_is_refused_before_any_request(
    client: Ionworks, service: Service, wanted: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        client.simulation.list("m", **wanted)

    assert service.sent == []


def test_runs_of_a_submission_are_sorted_by_their_numbers(
    client: Ionworks, service: Service
) -> None:
    names = ["Sweep 10/10", "Sweep 9/10", "Rest", "Sweep 1/10"]
    records = [{"id": name, "name": name} for name in names]
    service.answer("/simulations", {"simulations": records, "total": len(records)})

    found = client.simulation.list("m", order_by="name", order="asc")

    assert [each.id for each in found] == ["Rest", "Sweep 1/10", "Sweep 9/10", "Sweep 10/10"]


def test_statuses_can_be_an_iterator(client: Ionworks, service: Service) -> None:
    service.answer("/simulations", {"simulations": RECORDS, "total": len(RECORDS)})

    found = client.simulation.list("m", status=iter(["failed", "canceled"]))

    assert found == client.simulation.list("m", status=["failed", "canceled"]) != []


def test_a_list_takes_records_for_ids(client: Ionworks, service: Service) -> None:
    serve_list(service, 1)

    client.simulation.list(
        study_id=Study(id="st"), protocol_id=Protocol(id="p"), project_id=Project(id="q")
    )

    assert service.sent[-1][2] == {
        "study_id": "st",
        "experiment_template_id": "p",
        "project_id": "q",
    }
