"""Retries of requests, and the pauses between them."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from ionworks import errors
from ionworks.transport.connection import COMPRESSED_FROM, Connection
from ionworks.transport.retries import _POSTS_WITHOUT_EFFECT
from ionworks_api_client.api import OPERATIONS
from tests.unit.transport.recording_service import (
    CONNECT,
    CONNECT_TIMEOUT,
    DROPPED,
    READ_TIMEOUT,
    Service,
    ok,
)

pytestmark = pytest.mark.off_contract("plays services that fail in ways no contract describes")

POOL_TIMEOUT = httpx.PoolTimeout("busy")
WRITE_TIMEOUT = httpx.WriteTimeout("slow")
READ_ERROR = httpx.ReadError("reset")
WRITE_ERROR = httpx.WriteError("reset")
LOCAL = httpx.LocalProtocolError("our fault")

READING = ("GET", "HEAD")
REPLACING = ("PUT", "DELETE")
SUBMITTING = ("POST", "PATCH")
RULES = [
    # failure, verbs that repeat it
    (CONNECT, READING + REPLACING + SUBMITTING),
    (CONNECT_TIMEOUT, READING + REPLACING + SUBMITTING),
    (POOL_TIMEOUT, READING + REPLACING + SUBMITTING),
    (429, READING + REPLACING + SUBMITTING),
    (READ_ERROR, READING + REPLACING),
    (WRITE_ERROR, READING + REPLACING),
    (DROPPED, READING + REPLACING),
    (READ_TIMEOUT, READING),
    (WRITE_TIMEOUT, READING),
    (502, READING),
    (503, READING),
    (504, READING),
    (LOCAL, ()),
    (400, ()),
    (401, ()),
    (404, ()),
    (408, ()),
    (409, ()),
    (422, ()),
    (500, ()),
    (501, ()),
]


@pytest.mark.parametrize("verb", READING + REPLACING + SUBMITTING)
@pytest.mark.parametrize(("failure", "repeating"), RULES, ids=lambda value: str(value)[:40])
def test_retries_depend_on_the_verb(
    failure: Exception | int,
    repeating: tuple[str, ...],
    verb: str,
    opened: Callable[..., Connection],
    naps: list[float],
) -> None:
    outcome = httpx.Response(failure) if isinstance(failure, int) else failure
    service = Service(outcome, ok())
    connection = opened(service)
    if verb in repeating:
        assert connection.http.request(verb, "/jobs/j").status_code == 200
        assert len(service.requests) == 2
        assert len(naps) == 1
    else:
        with pytest.raises(errors.IonworksError):
            connection.http.request(verb, "/jobs/j")
        assert len(service.requests) == 1
        assert naps == []


@pytest.mark.parametrize("path", ["/simulations/statuses", "/simulations/plan"])
@pytest.mark.parametrize("failure", [READ_ERROR, READ_TIMEOUT, httpx.Response(502)], ids=str)
def test_a_post_that_changes_nothing_is_repeated_like_a_get(
    failure: Exception | httpx.Response,
    path: str,
    opened: Callable[..., Connection],
    naps: list[float],
) -> None:
    service = Service(failure, ok())
    reply = opened(service).http.post(path, json={"simulation_ids": ["s"]})
    assert reply.status_code == 200
    assert len(service.requests) == 2
    assert service.requests[0].read() == service.requests[1].read() != b""
    assert len(naps) == 1


def test_posts_without_effect_are_operations_of_the_contract() -> None:
    posts = {each.path for each in OPERATIONS.values() if each.method == "POST"}
    assert set(_POSTS_WITHOUT_EFFECT) <= posts


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_retries_are_counted(
    retries: int, opened: Callable[..., Connection], naps: list[float]
) -> None:
    service = Service(httpx.Response(503))
    with pytest.raises(errors.ServerError, match="status 503"):
        opened(service, max_retries=retries).http.get("/jobs/j")
    assert len(service.requests) == retries + 1
    assert len(naps) == retries


def test_each_request_has_all_its_retries(opened: Callable[..., Connection]) -> None:
    service = Service(httpx.Response(503), ok(), httpx.Response(503), ok())
    connection = opened(service, max_retries=1)
    assert connection.http.get("/jobs/j").status_code == 200
    assert connection.http.get("/jobs/j").status_code == 200


def test_pauses_grow_with_full_jitter_up_to_a_cap(
    opened: Callable[..., Connection], naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return high

    monkeypatch.setattr("ionworks.transport.retries.random.uniform", uniform)
    with pytest.raises(errors.ServerError):
        opened(Service(httpx.Response(503)), max_retries=7).http.get("/jobs/j")
    assert naps == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert {low for low, _ in drawn} == {0.0}


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(("asked", "waited"), [("3", 3.0), ("60", 60.0), ("86400", 60.0)])
def test_retry_after_is_obeyed_up_to_a_cap(
    asked: str,
    waited: float,
    verb: str,
    opened: Callable[..., Connection],
    naps: list[float],
) -> None:
    service = Service(httpx.Response(429, headers={"Retry-After": asked}), ok())
    opened(service).http.request(verb, "/jobs/j")
    assert naps == [waited]


def test_retry_after_as_a_date_far_ahead_is_capped(
    opened: Callable[..., Connection], naps: list[float]
) -> None:
    header = {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}
    opened(Service(httpx.Response(503, headers=header), ok())).http.get("/jobs/j")
    assert naps == [60.0]


@pytest.mark.parametrize("asked", ["soon", "-5", "0", "1e3", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_an_invalid_retry_after_falls_back_to_jitter(
    asked: str, opened: Callable[..., Connection], naps: list[float]
) -> None:
    service = Service(httpx.Response(503, headers={"Retry-After": asked}), ok())
    opened(service).http.get("/jobs/j")
    assert len(naps) == 1
    assert 0.0 <= naps[0] <= 0.5


class CutShort(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b'{"job_id"'
        raise httpx.ReadError("cut")


def test_a_truncated_body_is_fetched_again(opened: Callable[..., Connection]) -> None:
    tries: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        tries.append(request.method)
        return httpx.Response(200, stream=CutShort()) if len(tries) == 1 else ok()

    assert opened(serve).http.get("/jobs/j").json() == {"job_id": "j"}
    assert len(tries) == 2


def test_a_submission_with_a_truncated_reply_is_not_sent_again(
    opened: Callable[..., Connection],
) -> None:
    tries: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        tries.append(request.method)
        return httpx.Response(200, stream=CutShort())

    with pytest.raises(errors.ServiceConnectionError, match="cut"):
        opened(serve).http.post("/projects", json={})
    assert tries == ["POST"]


def test_a_repeated_submission_has_the_same_body(opened: Callable[..., Connection]) -> None:
    service = Service(CONNECT, httpx.Response(429), ok())
    opened(service).http.post("/projects", json={"name": "x" * COMPRESSED_FROM})
    bodies = {request.content for request in service.requests}
    assert len(service.requests) == 3
    assert len(bodies) == 1
