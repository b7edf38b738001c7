"""Connections: headers, the network, proxies, closing, local or remote."""

import http.server
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ionworks import Ionworks, errors
from ionworks.settings import Settings
from ionworks.transport.call import call
from ionworks.transport.connection import Connection, connect
from ionworks.transport.engine import open_engine
from ionworks_api_client.api.job import get_job
from ionworks_api_client.api.project import list_projects
from tests.unit.transport.recording_service import (
    URL,
    Service,
    ok,
)

pytestmark = pytest.mark.off_contract("plays services that fail in ways no contract describes")


# ---------------------------------------------------------------- headers


def test_a_key_is_sent_in_its_header(opened: Callable[..., Connection]) -> None:
    service = Service(ok())
    opened(service).http.get("/jobs/j")
    headers = service.requests[0].headers
    assert headers["X-API-Key"] == "KEY"
    assert "Authorization" not in headers
    assert headers["Accept"] == "application/json"
    assert headers["User-Agent"].startswith("ionworks/")
    assert "X-Organization-Id" not in headers
    assert "X-Ionworks-Internal-Client" not in headers


def test_a_token_is_sent_without_a_key(opened: Callable[..., Connection]) -> None:
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


# ---------------------------------------------------------------- the network


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every GET with a job and stores request lines and peers."""

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
        """Write no log."""


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


def test_a_proxy_is_not_asked_for_this_machine(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    connection = connect(Settings(api_url=loopback.url, api_key="KEY"))
    assert call(get_job.sync_detailed, "j", client=connection.api).job_id == "j"
    connection.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://service.example",
        "http://192.168.1.5:8000",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "HTTP://[2001:db8::1]:8000/api",
    ],
)
@pytest.mark.parametrize(
    ("credential", "name"), [({"api_key": "SECRET"}, "API key"), ({"token": "SECRET"}, "token")]
)
def test_a_credential_on_plain_http_is_warned_about(
    url: str, credential: dict[str, str], name: str
) -> None:
    with pytest.warns(UserWarning, match="unencrypted") as issued:
        Ionworks(api_url=url, **credential).close()

    (warning,) = issued
    assert warning.filename == __file__
    message = str(warning.message)
    assert f"the {name} is sent to " in message
    assert "https://" in message
    assert "SECRET" not in message


def test_a_program_without_a_name_is_warned_too() -> None:
    program = "from ionworks import Ionworks\nIonworks('KEY', 'http://service.example').close()"

    with pytest.warns(UserWarning, match="unencrypted") as issued:
        exec(compile(program, "a cell", "exec"), {})  # noqa: S102 - as notebooks and tools do

    assert [warning.filename for warning in issued] == ["a cell"]


@pytest.mark.parametrize(
    "url",
    [
        "https://service.example",
        "http://localhost:8000",
        "http://engine.localhost",
        "http://127.0.0.1:8000",
        "http://127.8.9.10",
        "http://[::1]:8000",
    ],
)
def test_a_credential_that_stays_private_is_not_warned_about(url: str) -> None:
    Ionworks("SECRET", url).close()


def test_the_proxy_of_the_system_is_used(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", loopback.url)
    monkeypatch.setenv("http_proxy", loopback.url)
    with pytest.warns(UserWarning, match="unencrypted"):
        connection = connect(Settings(api_url="http://service.invalid", api_key="KEY"))
    assert call(get_job.sync_detailed, "j", client=connection.api).job_id == "j"
    connection.close()
    assert [path for path, _ in loopback.seen] == ["http://service.invalid/jobs/j"]


def test_a_refused_connection_is_reported(naps: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        connection = connect(Settings(api_url=url, api_key="KEY", max_retries=2), sleep=naps.append)
        with pytest.raises(errors.ServiceConnectionError, match="check api_url"):
            call(get_job.sync_detailed, "j", client=connection.api)
        connection.close()
    assert len(naps) == 2


# ---------------------------------------------------------------- life and place


def test_a_closed_connection_can_be_closed_again(opened: Callable[..., Connection]) -> None:
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
    assert not carrier.closed, "an object that refers to the client can still send"
    del http
    assert carrier.closed


def test_a_url_of_a_service_never_starts_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ionworks.server.app", None)
    connect(Settings(api_url="http://127.0.0.1:9", api_key="KEY")).close()


def test_a_missing_engine_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flask", None)
    # The attribute too: afterwards it would be the package of the import that fails here.
    monkeypatch.delattr("ionworks.server", raising=False)
    for name in [name for name in sys.modules if name.startswith("ionworks.server")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"pip install 'ionworks-api\[local\]'") as caught:
        open_engine(None)
    assert caught.value.name == "flask"


def test_serving_without_the_packages_names_the_extra() -> None:
    program = "import runpy, sys; sys.modules['flask'] = None; "
    program += "runpy.run_module('ionworks.local', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr == (
        "ionworks.local: serving the embedded engine needs extra packages: pip install"
        " 'ionworks-api[local]' (flask is missing)\n"
    )


# ---------------------------------------------------------------- errors


def missing(_: httpx.Request) -> httpx.Response:
    headers = {"x-correlation-id": "id-of-the-request"}
    return httpx.Response(404, json={"message": "There is no job."}, headers=headers)


def test_only_errors_of_a_remote_service_have_the_id_of_their_request(
    opened: Callable[..., Connection],
) -> None:
    for is_local, said in (
        (False, "There is no job. (status 404, request id id-of-the-request)"),
        (True, "There is no job. (status 404)"),
    ):
        connection = opened(missing, is_local=is_local)
        with pytest.raises(errors.NotFoundError) as caught:
            call(get_job.sync_detailed, "j", client=connection.api)
        assert str(caught.value) == said


def modules_of(error: BaseException) -> list[str]:
    """Return the modules of the frames in a traceback, but for that of the test."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    return [Path(frame.filename).stem for frame in frames]


def test_the_traceback_of_an_error_reply_ends_at_the_call(
    opened: Callable[..., Connection],
) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        call(get_job.sync_detailed, "j", client=opened(missing).api)

    assert modules_of(caught.value) == ["call"]


def test_the_cause_of_a_failed_connection_has_no_traceback(
    opened: Callable[..., Connection],
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request) from OSError("refused")

    with pytest.raises(errors.ServiceConnectionError) as caught:
        call(get_job.sync_detailed, "j", client=opened(refuse, max_retries=0).api)

    assert modules_of(caught.value) == ["call"]
    cause = caught.value.__cause__
    assert isinstance(cause, httpx.ConnectError)
    assert cause.__traceback__ is None


def test_a_list_keeps_its_bare_array(opened: Callable[..., Connection]) -> None:
    connection = opened(Service(httpx.Response(200, json=[{"id": "p"}])))
    projects = call(list_projects.sync_detailed, client=connection.api)
    assert isinstance(projects, list)
    assert projects[0].id == "p"
