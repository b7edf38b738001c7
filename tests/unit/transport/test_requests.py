"""Compression of requests, and the errors that replies and the network cause."""

import gzip
import json
from collections.abc import Callable

import httpx
import pytest

from ionworks import errors
from ionworks.transport.call import call
from ionworks.transport.connection import COMPRESSED_FROM, Connection
from ionworks_api_client.api.job import get_job
from ionworks_api_client.api.project import create_project, delete_project
from ionworks_api_client.models import ProjectRequest
from tests.unit.transport.recording_service import (
    CONNECT,
    CONNECT_TIMEOUT,
    DROPPED,
    READ_TIMEOUT,
    Service,
    ok,
)

pytestmark = pytest.mark.off_contract("plays services that fail in ways no contract describes")

# ---------------------------------------------------------------- compression


@pytest.mark.parametrize(("size", "compressed"), [(-1, False), (0, True), (1, True)])
def test_large_json_is_compressed(
    size: int, compressed: bool, opened: Callable[..., Connection]
) -> None:
    service = Service(ok())
    empty = len(b'{"name":""}')
    payload = {"name": "x" * (COMPRESSED_FROM + size - empty)}
    opened(service).http.post("/projects", json=payload)
    (request,) = service.requests
    assert (request.headers.get("Content-Encoding") == "gzip") is compressed
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Length"] == str(len(request.content))
    body = gzip.decompress(request.content) if compressed else request.content
    assert json.loads(body) == payload
    assert len(body) == COMPRESSED_FROM + size
    if compressed:
        # The byte after mtime in the gzip header is the compression level.
        assert request.content[4:9] == b"\x00\x00\x00\x00\x04"
        assert request.headers["X-API-Key"] == "KEY"


def test_other_bodies_are_not_compressed(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    content = b"x" * (COMPRESSED_FROM + 1)
    opened(service).http.post("/models/upload-custom", files={"file": content})
    assert "Content-Encoding" not in service.requests[0].headers


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (CONNECT, errors.ServiceConnectionError, "refused"),
        (DROPPED, errors.ServiceConnectionError, "disconnected"),
        (httpx.UnsupportedProtocol("odd"), errors.ServiceConnectionError, "odd"),
        (httpx.ProxyError("proxy"), errors.ServiceConnectionError, "proxy"),
        (READ_TIMEOUT, errors.RequestTimeoutError, "took longer than 3.0 s"),
        (CONNECT_TIMEOUT, errors.RequestTimeoutError, "ConnectTimeout"),
        (httpx.ConnectError(""), errors.ServiceConnectionError, "ConnectError"),
    ],
)
def test_network_errors_become_client_exceptions(
    failure: Exception,
    kind: type[Exception],
    words: str,
    opened: Callable[..., Connection],
) -> None:
    connection = opened(Service(failure), timeout=3.0)
    with pytest.raises(kind, match=words) as caught:
        call(get_job.sync_detailed, "j", client=connection.api)
    assert "GET https://api.example/jobs/j" in str(caught.value)
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(502, html="<html><title>Bad Gateway</title></html>"),
        httpx.Response(520, text="odd"),
        httpx.Response(404, json=["a", "list"]),
        httpx.Response(404, json="text"),
        httpx.Response(500),
    ],
)
def test_an_error_reply_is_never_parsed_as_success(
    reply: httpx.Response, opened: Callable[..., Connection]
) -> None:
    connection = opened(Service(reply), max_retries=0)
    with pytest.raises(errors.IonworksError) as caught:
        call(get_job.sync_detailed, "j", client=connection.api)
    assert caught.value.status_code == reply.status_code
    assert not isinstance(caught.value, errors.ResponseDecodeError)


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, html="<html>login</html>"),
        httpx.Response(200, json=["no", "job"]),
        httpx.Response(200, json={"no": "id"}),
        httpx.Response(200, json=None),
        httpx.Response(200, content=b""),
        httpx.Response(204),
        httpx.Response(302, headers={"Location": "/login"}),
        httpx.Response(
            200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")
        ),
    ],
    ids=["html", "list", "no id", "null", "empty", "204", "302", "gzip"],
)
def test_a_success_that_does_not_conform_to_the_contract_is_an_error(
    reply: httpx.Response, opened: Callable[..., Connection]
) -> None:
    def serve(_: httpx.Request) -> httpx.Response:
        return reply

    with pytest.raises(errors.ResponseDecodeError):
        call(get_job.sync_detailed, "j", client=opened(serve, max_retries=0).api)


@pytest.mark.parametrize("status", [200, 201, 202, 203])
def test_any_success_is_a_success(status: int, opened: Callable[..., Connection]) -> None:
    service = Service(httpx.Response(status, json={"job_id": "j"}))
    assert call(get_job.sync_detailed, "j", client=opened(service).api).job_id == "j"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/x+json"])
def test_every_json_media_type_is_read(
    content_type: str, opened: Callable[..., Connection]
) -> None:
    reply = httpx.Response(200, content=b'{"job_id": "j"}', headers={"Content-Type": content_type})
    assert call(get_job.sync_detailed, "j", client=opened(Service(reply)).api).job_id == "j"


@pytest.mark.parametrize(
    "reply", [httpx.Response(204), httpx.Response(200, json={"deleted": True})]
)
def test_a_delete_needs_no_body(reply: httpx.Response, opened: Callable[..., Connection]) -> None:
    connection = opened(Service(reply))
    assert call(delete_project.sync_detailed, "p", client=connection.api) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, "\ud800"])
def test_values_without_a_json_form_are_never_sent(
    value: object, opened: Callable[..., Connection]
) -> None:
    service = Service(ok())
    body = ProjectRequest.from_dict({"name": "n", "extra": value})
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        call(create_project.sync_detailed, client=opened(service).api, body=body)
    assert service.requests == []


def test_a_url_that_is_too_long_is_never_sent(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    with pytest.raises(ValueError, match="URL of the request is invalid"):
        call(get_job.sync_detailed, "x" * 70_000, client=opened(service).api)
    assert service.requests == []


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("../users/me", b"/jobs/..%2Fusers%2Fme"),
        ("a#b ?c", b"/jobs/a%23b%20%3Fc"),
        ("a/b", b"/jobs/a%2Fb"),
        ("\N{GREEK SMALL LETTER ALPHA}", b"/jobs/%CE%B1"),
    ],
)
def test_an_id_stays_one_segment(
    identifier: str, path: bytes, opened: Callable[..., Connection]
) -> None:
    service = Service(ok())
    call(get_job.sync_detailed, identifier, client=opened(service).api)
    assert service.requests[0].url.raw_path == path
