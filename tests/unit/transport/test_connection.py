"""Headers, retries by verb, compression, exceptions of ours, remote or local."""

import gzip
import http.server
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ionworks import errors
from ionworks.settings import Settings
from ionworks.transport.call import call
from ionworks.transport.connection import COMPRESSED_FROM, Connection, connect
from ionworks_api_client.api.job import get_job
from ionworks_api_client.api.project import create_project, delete_project, list_projects
from ionworks_api_client.models import ProjectRequest

pytestmark = pytest.mark.off_contract("plays services that fail in ways no contract describes")

Outcome = httpx.Response | Exception
URL = "https://api.example"


class Service:
    """Answers with one outcome after the other, the last one for ever; remembers requests."""

    def __init__(self, *outcomes: Outcome | Callable[[], Outcome]) -> None:
        self.outcomes = list(outcomes)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if callable(outcome):
            outcome = outcome()
        if isinstance(outcome, Exception):
            raise outcome
        return httpx.Response(outcome.status_code, headers=outcome.headers, content=outcome.content)


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def opened(naps: list[float]) -> Iterator[Callable[..., Connection]]:
    connections: list[Connection] = []

    def open_connection(service: Any, **options: Any) -> Connection:
        settings = Settings(**{"api_url": URL, "api_key": "KEY", **options})
        connections.append(
            connect(settings, transport=httpx.MockTransport(service), sleep=naps.append)
        )
        return connections[-1]

    yield open_connection
    for connection in connections:
        connection.close()


def ok() -> httpx.Response:
    return httpx.Response(200, json={"job_id": "j"})


# ---------------------------------------------------------------- headers


def test_a_key_travels_in_its_header(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    opened(service).http.get("/jobs/j")
    headers = service.requests[0].headers
    assert headers["X-API-Key"] == "KEY"
    assert "Authorization" not in headers
    assert headers["Accept"] == "application/json"
    assert headers["User-Agent"].startswith("ionworks/")
    assert "X-Organization-Id" not in headers
    assert "X-Ionworks-Internal-Client" not in headers


def test_a_token_travels_alone(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    opened(service, token="JWT").http.get("/jobs/j")
    headers = service.requests[0].headers
    assert headers["Authorization"] == "Bearer JWT"
    assert "X-API-Key" not in headers


def test_optional_headers(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    opened(service, organization_id="ORG", is_internal=True).http.get("/jobs/j")
    headers = service.requests[0].headers
    assert headers["X-Organization-Id"] == "ORG"
    assert headers["X-Ionworks-Internal-Client"] == "1"


def test_the_generated_client_sends_the_same_headers(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    connection = opened(service)
    call(get_job.sync_detailed, "j", client=connection.api)
    headers = service.requests[0].headers
    assert headers["X-API-Key"] == "KEY"
    assert "Authorization" not in headers
    assert "KEY" not in repr(connection.api)
    assert "KEY" not in repr(connection)


def test_every_request_has_time_limits(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    connection = opened(service, timeout=7.0)
    connection.http.get("/jobs/j")
    connection.outside.get("https://storage.example/x")
    for request in service.requests:
        assert request.extensions["timeout"] == {
            "connect": 7.0, "read": 7.0, "write": 7.0, "pool": 7.0,
        }  # fmt: skip


def test_redirects_are_not_followed_with_credentials(opened: Callable[..., Connection]) -> None:
    service = Service(httpx.Response(302, headers={"Location": "https://evil.example"}))
    assert opened(service).http.get("/jobs/j").status_code == 302
    assert len(service.requests) == 1


# ---------------------------------------------------------------- retries

CONNECT = httpx.ConnectError("refused")
CONNECT_TIMEOUT = httpx.ConnectTimeout("slow")
POOL_TIMEOUT = httpx.PoolTimeout("busy")
READ_TIMEOUT = httpx.ReadTimeout("slow")
WRITE_TIMEOUT = httpx.WriteTimeout("slow")
READ_ERROR = httpx.ReadError("reset")
WRITE_ERROR = httpx.WriteError("reset")
DROPPED = httpx.RemoteProtocolError("server disconnected")
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
def test_what_is_repeated_depends_on_the_verb(
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
def test_a_retry_after_without_sense_falls_back_to_jitter(
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


def test_a_body_cut_short_is_fetched_again(opened: Callable[..., Connection]) -> None:
    tries: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        tries.append(request.method)
        return httpx.Response(200, stream=CutShort()) if len(tries) == 1 else ok()

    assert opened(serve).http.get("/jobs/j").json() == {"job_id": "j"}
    assert len(tries) == 2


def test_a_submission_whose_reply_is_cut_short_is_not_sent_again(
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
        # The fifth byte of the header after the time says how hard it was tried.
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
def test_the_network_speaks_in_our_exceptions(
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
def test_a_success_without_the_promised_form_is_an_error(
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
def test_json_by_any_name_is_read(content_type: str, opened: Callable[..., Connection]) -> None:
    reply = httpx.Response(200, content=b'{"job_id": "j"}', headers={"Content-Type": content_type})
    assert call(get_job.sync_detailed, "j", client=opened(Service(reply)).api).job_id == "j"


@pytest.mark.parametrize(
    "reply", [httpx.Response(204), httpx.Response(200, json={"deleted": True})]
)
def test_a_delete_needs_no_body(reply: httpx.Response, opened: Callable[..., Connection]) -> None:
    connection = opened(Service(reply))
    assert call(delete_project.sync_detailed, "p", client=connection.api) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, "\ud800"])
def test_what_json_cannot_say_is_never_sent(
    value: object, opened: Callable[..., Connection]
) -> None:
    service = Service(ok())
    body = ProjectRequest.from_dict({"name": "n", "extra": value})
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        call(create_project.sync_detailed, client=opened(service).api, body=body)
    assert service.requests == []


def test_an_endless_url_is_never_sent(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    with pytest.raises(ValueError, match="no valid URL"):
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


# ---------------------------------------------------------------- the network


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every GET with a job; remembers request lines and peers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.client_address))
        body = b'{"job_id": "j"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Loopback(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.seen: list[tuple[str, object]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_real_connection_is_kept_and_reused(loopback: Loopback) -> None:
    connection = connect(Settings(api_url=loopback.url, api_key="KEY"))
    for _ in range(3):
        assert call(get_job.sync_detailed, "j", client=connection.api).job_id == "j"
    connection.close()
    assert [path for path, _ in loopback.seen] == ["/jobs/j"] * 3
    assert len({peer for _, peer in loopback.seen}) == 1


def test_the_proxy_of_the_system_is_used(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", loopback.url)
    monkeypatch.setenv("http_proxy", loopback.url)
    connection = connect(Settings(api_url="http://service.invalid", api_key="KEY"))
    assert call(get_job.sync_detailed, "j", client=connection.api).job_id == "j"
    connection.close()
    assert [path for path, _ in loopback.seen] == ["http://service.invalid/jobs/j"]


def test_nobody_at_home(naps: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        connection = connect(Settings(api_url=url, api_key="KEY", max_retries=2), sleep=naps.append)
        with pytest.raises(errors.ServiceConnectionError, match="check api_url"):
            call(get_job.sync_detailed, "j", client=connection.api)
        connection.close()
    assert len(naps) == 2


# ---------------------------------------------------------------- life and place


def test_a_closed_connection_may_be_closed_again(opened: Callable[..., Connection]) -> None:
    connection = opened(Service(ok()))
    connection.close()
    connection.close()
    assert connection.http.is_closed
    assert connection.outside.is_closed


class Carrier(httpx.MockTransport):
    closed = False

    def close(self) -> None:
        self.closed = True


def test_a_forgotten_connection_closes_itself() -> None:
    carrier = Carrier(lambda _: ok())
    connection = connect(Settings(api_url=URL, api_key="KEY"), transport=carrier)
    http = connection.http
    del connection
    assert not carrier.closed, "whoever still holds the client can still send"
    del http
    assert carrier.closed


def test_a_url_of_a_service_never_starts_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ionworks.server.app", None)
    connect(Settings(api_url="http://127.0.0.1:9", api_key="KEY")).close()


def test_a_missing_engine_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ionworks.server.app", raising=False)
    monkeypatch.setitem(sys.modules, "flask", None)
    for name in [name for name in sys.modules if name.startswith("ionworks.server")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"pip install 'ionworks-api\[local\]'") as caught:
        connect(Settings(api_url="local", is_local=True))
    assert caught.value.name == "flask"


def test_a_list_keeps_its_bare_array(opened: Callable[..., Connection]) -> None:
    connection = opened(Service(httpx.Response(200, json=[{"id": "p"}])))
    projects = call(list_projects.sync_detailed, client=connection.api)
    assert isinstance(projects, list)
    assert projects[0].id == "p"
