"""Requests for what has no method: `client.request`, `get`, `post`, `patch`, `put`, `delete`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest

from ionworks import Ionworks, errors
from ionworks.records.project import Project
from ionworks.records.simulation import SimulationResponse

JOB = {"id": "j", "status": "running", "job_type": "simulate"}
pytestmark = pytest.mark.off_contract("calls operations that the contract does not have")


def test_ids_take_the_places_in_braces_and_stay_one_segment(stub_service: Any) -> None:
    service = stub_service({"GET /a/x%2Fy%20z/b/%3Fq": {"found": 1}})

    assert service.client().get("/a/{a_id}/b/{b_id}", "x/y z", "?q") == {"found": 1}


@pytest.mark.parametrize("verb", ["post", "put", "patch"])
def test_bodies_queries_and_headers_are_sent(verb: str, stub_service: Any) -> None:
    service = stub_service({f"{verb.upper()} /things": {"id": "t"}})
    body = {"day": dt.date(2026, 5, 1), "rows": (1, 2)}

    send = getattr(service.client(), verb)
    reply = send("/things", params={"dry": True, "no": None}, json=body, headers={"X-Extra": "e"})

    assert reply == {"id": "t"}
    sent = {"day": "2026-05-01", "rows": [1, 2]}
    assert service.sent == [(f"{verb.upper()} /things", {"dry": "true"}, sent)]
    assert service.requests[0].headers["X-Extra"] == "e"
    assert service.requests[0].headers["X-API-Key"] == "KEY"


@pytest.mark.parametrize("method", ["get", "GET"])
def test_the_method_can_be_given_in_any_case(method: str, stub_service: Any) -> None:
    assert stub_service({"GET /jobs/j": JOB}).client().request(method, "/jobs/{}", "j") == JOB


def test_replies_that_are_not_json_are_bytes_and_empty_ones_none(stub_service: Any) -> None:
    file = httpx.Response(200, content=b"PAR1", headers={"Content-Type": "application/x"})
    client = stub_service({"GET /file": file, "DELETE /jobs/j": httpx.Response(204)}).client()

    assert client.get("/file") == b"PAR1"
    assert client.delete("/jobs/{job_id}", "j") is None


def test_a_reply_that_is_not_what_it_says_is_an_error(stub_service: Any) -> None:
    broken = httpx.Response(200, content=b"{", headers={"Content-Type": "application/json"})

    with pytest.raises(errors.ResponseDecodeError, match="GET /jobs: the reply is not valid JSON"):
        stub_service({"GET /jobs": broken}).client().get("/jobs")


def test_failures_are_the_exceptions_of_other_requests(stub_service: Any) -> None:
    refused = httpx.Response(422, json={"detail": [{"loc": ["body", "n"], "msg": "too large"}]})
    client = stub_service({"POST /jobs": refused}).client()

    with pytest.raises(errors.UnprocessableError, match=r"body\.n: too large"):
        client.post("/jobs", json={"n": 9})
    with pytest.raises(errors.NotFoundError):
        client.get("/nothing")


def test_reads_are_repeated_after_a_dropped_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)  # the pause before the repetition
    replies: list[Any] = [httpx.RemoteProtocolError("dropped"), httpx.Response(200, json=JOB)]

    def serve(request: httpx.Request) -> httpx.Response:
        reply = replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    client = Ionworks("KEY", transport=httpx.MockTransport(serve))
    assert client.get("/jobs/{job_id}", "j") == JOB
    assert replies == []


def test_a_download_is_followed_without_the_credentials() -> None:
    seen: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == "api.test":
            return httpx.Response(302, headers={"Location": "https://storage.test/file?sig=1"})
        return httpx.Response(200, content=b"PAR1")

    transport = httpx.MockTransport(serve)
    client = Ionworks("KEY", "https://api.test/v1", transport=transport)

    assert (
        client.get("/files/{file_id}", "f", params={"part": 2}, headers={"X-Tenant": "t"})
        == b"PAR1"
    )
    assert [each.headers.get("X-Tenant") for each in seen] == ["t", "t", None]
    assert seen[-2].url == "https://api.test/v1/files/f?part=2"
    assert "X-API-Key" not in seen[-1].headers


def test_records_stand_for_their_ids(stub_service: Any) -> None:
    client = stub_service({"GET /jobs/j": JOB, "GET /projects/p/jobs/j": JOB}).client()
    run = SimulationResponse(simulation_id="s", job_id="j")

    assert client.get("/jobs/{job_id}", run) == JOB
    assert client.get("/projects/{project_id}/jobs/{job_id}", Project(id="p"), run) == JOB
    with pytest.raises(TypeError, match="job_id must be the id as text or its record, not Project"):
        client.get("/jobs/{job_id}", Project(id="p"))


def test_only_downloads_may_be_redirected(stub_service: Any) -> None:
    moved = httpx.Response(307, headers={"Location": "https://elsewhere.test/"})

    with pytest.raises(errors.ResponseDecodeError, match="POST /jobs was redirected"):
        stub_service({"POST /jobs": moved}).client().post("/jobs", json={})


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("FETCH", "/jobs"), "method must be one of GET, POST, PUT, PATCH, DELETE, not 'FETCH'"),
        (("GET", "jobs"), "path must start with one slash"),
        (("GET", "https://elsewhere.test/jobs"), "path must start with one slash"),
        (("GET", "//elsewhere.test/jobs"), "path must start with one slash"),
        (("GET", "/jobs?limit=1"), "give it as params"),
        (("GET", "/jobs/{job_id}"), "has 1 places for ids, but 0 are given"),
        (("GET", "/jobs", "j"), "has 0 places for ids, but 1 are given"),
        (("GET", "/jobs/{job_id}", ".."), "must be the id of a record"),
        (("GET", "/jobs/{job_id}", 7), "must be the id as text"),
    ],
)
def test_invalid_arguments_are_refused_before_anything_is_sent(
    arguments: tuple[Any, ...], problem: str, stub_service: Any
) -> None:
    service = stub_service({})

    with pytest.raises((ValueError, TypeError), match=problem):
        service.client().request(*arguments)

    assert service.requests == []


@pytest.mark.parametrize("given", [{"params": [("limit", 1)]}, {"headers": "Accept: text/plain"}])
def test_queries_and_headers_are_mappings(given: dict[str, Any], stub_service: Any) -> None:
    service = stub_service({})

    with pytest.raises(TypeError, match=f"{next(iter(given))} must map names to values"):
        service.client().get("/jobs", **given)

    assert service.requests == []
