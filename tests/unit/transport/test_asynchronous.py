"""The generated client's asynchronous functions: the same connection as the synchronous ones."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest

from ionworks import errors
from ionworks.settings import Settings
from ionworks.transport.connection import Connection, connect
from ionworks_api_client.api.job import get_job
from ionworks_api_client.api.project import create_project
from ionworks_api_client.api.protocol import parse_protocol_file
from ionworks_api_client.models import ProjectRequest, ProtocolFileUpload
from ionworks_api_client.types import File
from tests.unit.transport.recording_service import DROPPED, READ_TIMEOUT, Service

pytestmark = pytest.mark.off_contract("replies with few fields, and from other programs")

JOB = {"job_id": "j/1", "status": "running", "job_type": "simulate"}


def ended(reply: Any) -> httpx.Response:
    return httpx.Response(200, json=reply)


def test_a_remote_service_gets_the_same_request_as_from_a_synchronous_function(
    opened: Callable[..., Connection],
) -> None:
    service = Service(ended(JOB))
    api = opened(service, organization_id="ORG").api

    found = asyncio.run(get_job.asyncio_detailed("j/1", client=api))
    get_job.sync_detailed("j/1", client=api)

    assert found.parsed is not None
    assert found.parsed.job_id == "j/1"
    asynchronous, synchronous = service.requests
    assert asynchronous.url == synchronous.url
    assert asynchronous.url.raw_path == b"/jobs/j%2F1"
    assert asynchronous.headers == synchronous.headers
    assert asynchronous.headers["X-API-Key"] == "KEY"
    assert asynchronous.headers["X-Organization-Id"] == "ORG"


class Engine:
    """A WSGI application that plays the embedded engine."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.threads.append(threading.get_ident())
        self.bodies.append(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(JOB).encode()]

    def close(self) -> None:
        pass


def test_the_embedded_engine_is_called_in_a_thread() -> None:
    engine = Engine()
    connection = connect(Settings(api_url="local", is_local=True), engine=engine)

    found = asyncio.run(get_job.asyncio("j/1", client=connection.api))

    assert found is not None
    assert found.job_id == "j/1"
    assert threading.get_ident() not in engine.threads
    connection.close()


@pytest.mark.parametrize("failure", [DROPPED, READ_TIMEOUT, httpx.Response(503)], ids=str)
def test_requests_are_repeated_as_those_of_synchronous_functions(
    failure: Any, opened: Callable[..., Connection], naps: list[float]
) -> None:
    service = Service(failure, ended(JOB))

    assert asyncio.run(get_job.asyncio("j", client=opened(service).api)) is not None
    assert len(naps) == 1


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (httpx.Response(404, json={"detail": "no such job"}), errors.NotFoundError),
        (httpx.Response(401), errors.AuthenticationError),
        (httpx.ConnectError("refused"), errors.ServiceConnectionError),
        (READ_TIMEOUT, errors.RequestTimeoutError),
    ],
    ids=str,
)
def test_failures_are_the_exceptions_of_synchronous_functions(
    outcome: Any, kind: type[Exception], opened: Callable[..., Connection]
) -> None:
    api = opened(Service(outcome), max_retries=0).api

    with pytest.raises(kind):
        asyncio.run(get_job.asyncio("j", client=api))


def test_bodies_are_sent(opened: Callable[..., Connection]) -> None:
    service = Service(ended({"id": "p", "name": "n"}), ended({"protocol": "steps: []"}))
    api = opened(service).api
    upload = ProtocolFileUpload(file=File(payload=io.BytesIO(b"<xml/>"), file_name="a.xml"))

    async def send() -> None:
        await create_project.asyncio_detailed(client=api, body=ProjectRequest(name="n"))
        await parse_protocol_file.asyncio_detailed(client=api, body=upload)

    asyncio.run(send())

    project, file = service.requests
    assert json.loads(project.content) == {"name": "n"}
    assert b"<xml/>" in file.content


def test_other_methods_of_the_asynchronous_client_work(opened: Callable[..., Connection]) -> None:
    service = Service(ended(JOB))
    connection = opened(service)
    http = connection.api.get_async_httpx_client()

    async def chunks() -> Any:
        yield b'{"a":'
        yield b"1}"

    async def use() -> list[Any]:
        async with http.stream("GET", "/jobs/j") as reply:
            pieces = [piece async for piece in reply.aiter_bytes()]
        await http.post("/jobs", content=chunks())
        return pieces

    assert json.loads(b"".join(asyncio.run(use()))) == JOB
    assert service.requests[1].content == b'{"a":1}'


def test_many_requests_are_answered_at_the_same_time(opened: Callable[..., Connection]) -> None:
    meeting = threading.Barrier(3, timeout=30)

    def meet() -> httpx.Response:
        meeting.wait()
        return ended(JOB)

    api = opened(Service(meet)).api

    async def ask() -> list[Any]:
        return await asyncio.gather(*(get_job.asyncio("j", client=api) for _ in range(3)))

    assert len(asyncio.run(ask())) == 3


def test_nothing_is_sent_after_either_client_is_closed(opened: Callable[..., Connection]) -> None:
    service = Service(ended(JOB))
    connection, other = opened(service), opened(service)

    async def use_and_ask_again() -> None:
        async with connection.api as api:
            await get_job.asyncio("j", client=api)
        await get_job.asyncio("j", client=connection.api)

    with pytest.raises(errors.ClientClosedError, match="closed"):
        asyncio.run(use_and_ask_again())
    assert get_job.sync("j", client=connection.api) is not None, "the synchronous one is open"

    other.close()
    with pytest.raises(errors.ClientClosedError, match="closed"):
        asyncio.run(get_job.asyncio("j", client=other.api))
    assert len(service.requests) == 2
