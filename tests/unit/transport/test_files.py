"""Files behind redirects; credentials are sent only to the service."""

from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from ionworks.errors import NotFoundError, ResponseDecodeError, ServiceConnectionError
from ionworks.settings import Settings
from ionworks.transport.connection import Connection, connect
from ionworks.transport.files import (
    PARQUET,
    download,
    fetch,
    is_foreign,
    path_of,
    upload,
)

pytestmark = pytest.mark.off_contract("plays storage hosts, which no contract describes")

HOME = "https://api.example"
PATH = "/simulations/s/steps/download"
CREDENTIAL_HEADERS = ("x-api-key", "authorization", "x-organization-id", "cookie")
SECRETS = ("SECRETKEY", "SECRETTOKEN", "ORG")

Handler = Callable[[httpx.Request], httpx.Response]


def fetched(
    handler: Handler,
    *,
    url: str = HOME,
    headers: Mapping[str, str] | None = None,
    **credentials: str,
) -> bytes:
    settings = Settings(
        api_url=url, organization_id="ORG", **(credentials or {"api_key": "SECRETKEY"})
    )
    connection = connect(settings, transport=httpx.MockTransport(handler), sleep=lambda _: None)
    with connection.http, connection.outside:
        return fetch(PATH, http=connection.http, outside=connection.outside, headers=headers)


class Elsewhere:
    """Redirects along a list of locations, then returns bytes; stores the requests."""

    def __init__(self, *locations: str, status: int = 307) -> None:
        self.locations = list(locations)
        self.status = status
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.locations:
            location = self.locations.pop(0)
            cookie = {"Set-Cookie": "session=SECRETCOOKIE"}
            return httpx.Response(self.status, headers={"Location": location, **cookie})
        return httpx.Response(200, content=b"PAR1")


def leaked(request: httpx.Request) -> list[str]:
    return [name for name in CREDENTIAL_HEADERS if name in request.headers]


def test_bytes_can_be_read_at_once() -> None:
    server = Elsewhere()
    assert fetched(server) == b"PAR1"
    (request,) = server.requests
    assert request.headers["Accept"] == PARQUET == "application/vnd.apache.parquet"
    assert request.headers["X-API-Key"] == "SECRETKEY"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("credential", [{"api_key": "SECRETKEY"}, {"token": "SECRETTOKEN"}])
def test_credentials_never_reach_the_storage(status: int, credential: dict[str, str]) -> None:
    server = Elsewhere("https://storage.example/file?signature=abc", status=status)
    assert fetched(server, **credential) == b"PAR1"
    home, storage = server.requests
    assert leaked(home)
    assert str(storage.url) == "https://storage.example/file?signature=abc"
    assert leaked(storage) == []
    everything = f"{storage.headers.raw}{storage.url}"
    assert not any(secret in everything for secret in (*SECRETS, "SECRETCOOKIE"))
    assert storage.method == "GET"


@pytest.mark.parametrize(
    "location",
    [
        "https://api.example.evil/x",
        "https://evil.example/api.example",
        "https://api.example:8443/x",
        "//storage.example/x",
        "https://user:pw@storage.example/x",
        "https://API.EXAMPLE@evil.example/x",
        "https://sub.api.example/x",
    ],
)
def test_every_other_origin_is_foreign(location: str) -> None:
    server = Elsewhere(location)
    fetched(server)
    foreign = server.requests[1]
    assert [name for name in leaked(foreign) if name != "authorization"] == []
    assert "SECRET" not in foreign.headers.get("authorization", "")


def test_another_scheme_of_the_same_host_is_foreign() -> None:
    server = Elsewhere("https://api.example/x")
    fetched(server, url="http://api.example")
    assert leaked(server.requests[1]) == []


@pytest.mark.parametrize(
    "location", ["/storage/tok", "https://api.example/storage/tok", "https://api.example:443/x"]
)
def test_the_own_origin_keeps_the_credentials(location: str) -> None:
    server = Elsewhere(location)
    fetched(server)
    assert server.requests[1].headers["X-API-Key"] == "SECRETKEY"


def test_a_redirect_back_to_the_service_leaks_no_credentials() -> None:
    server = Elsewhere("https://storage.example/a", "/b", "https://api.example/c")
    fetched(server)
    assert [str(request.url) for request in server.requests] == [
        HOME + PATH,
        "https://storage.example/a",
        "https://storage.example/b",
        "https://api.example/c",
    ]
    assert [bool(leaked(request)) for request in server.requests] == [True, False, False, True]


def test_further_headers_are_sent_to_the_service_only() -> None:
    server = Elsewhere("/a", "https://storage.example/b", "https://api.example/c")
    fetched(server, headers={"X-Tenant": "t", "accept": "text/html"})
    assert [request.headers.get("X-Tenant") for request in server.requests] == ["t", "t", None, "t"]
    assert {request.headers["Accept"] for request in server.requests} == {PARQUET}


def test_no_cookie_is_kept() -> None:
    server = Elsewhere("/a", "https://storage.example/b", "https://storage.example/c")
    fetched(server)
    assert len(server.requests) == 4
    assert not any("cookie" in request.headers for request in server.requests)


def test_a_prefix_of_the_service_is_kept() -> None:
    server = Elsewhere()
    fetched(server, url="https://api.example/prefix")
    assert str(server.requests[0].url) == f"https://api.example/prefix{PATH}"


def test_endless_redirects_are_an_error() -> None:
    server = Elsewhere(*[f"/{number}" for number in range(50)])
    with pytest.raises(ResponseDecodeError, match="redirected more than 5 times"):
        fetched(server)
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("http://storage.example/x", "from https to plain http"),
        ("file:///etc/passwd", "'file' URL"),
        ("ftp://storage.example/x", "'ftp' URL"),
    ],
)
def test_a_redirect_to_a_forbidden_url_is_rejected(location: str, message: str) -> None:
    server = Elsewhere(location)
    with pytest.raises(ResponseDecodeError, match=message):
        fetched(server)
    assert len(server.requests) == 1


def test_a_redirect_with_an_invalid_url_is_rejected() -> None:
    with pytest.raises(ServiceConnectionError, match="Invalid port: 'port'"):
        fetched(Elsewhere("https://host:port/x"))


@pytest.mark.parametrize("status", [202, 204, 304])
def test_a_reply_without_a_file_is_an_error(status: int) -> None:
    with pytest.raises(ResponseDecodeError, match=f"status {status}"):
        fetched(lambda _: httpx.Response(status))


def test_a_file_the_service_does_not_have() -> None:
    with pytest.raises(NotFoundError, match="not ready"):
        fetched(lambda _: httpx.Response(404, json={"detail": "not ready"}))


def test_a_file_the_storage_does_not_have() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.example":
            return httpx.Response(302, headers={"Location": "https://storage.example/x?sig=S3CR3T"})
        return httpx.Response(404, text="<Error><Code>NoSuchKey</Code></Error>")

    with pytest.raises(NotFoundError, match="NoSuchKey"):
        fetched(serve)


def test_a_transient_failure_of_the_storage_is_retried() -> None:
    tries: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        tries.append(request.url.host)
        if request.url.host == "api.example":
            return httpx.Response(302, headers={"Location": "https://storage.example/x"})
        return httpx.Response(503 if len(tries) < 4 else 200, content=b"PAR1")

    assert fetched(serve) == b"PAR1"
    assert tries == ["api.example", *["storage.example"] * 3]


def test_a_signed_url_is_not_shown_when_the_storage_is_unreachable() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.example":
            return httpx.Response(302, headers={"Location": "https://storage.example/x?sig=S3CR3T"})
        raise httpx.ConnectError("away")

    with pytest.raises(ServiceConnectionError, match=r"storage\.example") as caught:
        fetched(serve)
    assert "S3CR3T" not in str(caught.value)


@pytest.mark.parametrize(
    ("identifier", "path"),
    [("a", "/x/a/y"), ("../users/me", "/x/..%2Fusers%2Fme/y"), ("a#b ?c", "/x/a%23b%20%3Fc/y")],
)
def test_ids_stay_one_segment(identifier: str, path: str) -> None:
    assert path_of("/x/{thing_id}/y", thing_id=identifier) == path


# ---------------------------------------------------------------- to and from disk


class Unread(httpx.BaseTransport):
    """Passes requests with unread bodies, unlike `httpx.MockTransport`."""

    def __init__(self, handler: Handler) -> None:
        self.handle_request = handler


def opened(handler: Handler, url: str = HOME, **options: int) -> Connection:
    settings = Settings(api_url=url, api_key="SECRETKEY", organization_id="ORG", **options)
    return connect(settings, transport=Unread(handler), sleep=lambda _: None)


def sent(handler: Handler, goal: str, path: Path, *, url: str = HOME) -> list[int]:
    connection, done = opened(handler, url), []
    upload(
        goal,
        path,
        http=connection.http,
        outside=connection.outside,
        content_type=PARQUET,
        progress=done.append,
    )
    return done


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.parquet"
    path.write_bytes(bytes(range(256)) * 4096)
    return path


@pytest.mark.parametrize(
    ("goal", "is_home"),
    [
        ("https://storage.example/x?signature=abc", False),
        ("https://api.example/storage/x", True),
        ("/storage/x", True),
        ("https://api.example:8443/x", False),
    ],
)
def test_an_upload_streams_and_sends_no_credentials_to_the_storage(
    goal: str, is_home: bool, file: Path
) -> None:
    requests, bodies = [], []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        bodies.extend(request.stream)
        return httpx.Response(200)

    done = sent(handler, goal, file)
    (request,) = requests
    assert request.method == "PUT"
    assert (leaked(request) != []) is is_home
    assert request.headers["Content-Type"] == PARQUET
    assert request.headers["Content-Length"] == str(1 << 20)
    assert "Transfer-Encoding" not in request.headers
    assert b"".join(bodies) == file.read_bytes()
    assert len(bodies) > 1
    assert done[-1] == 1 << 20
    assert done == sorted(done)


def test_a_repeated_upload_starts_from_the_beginning(file: Path) -> None:
    bodies: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        bodies.append(b"".join(request.stream))
        if len(bodies) == 1:
            raise httpx.ReadError("cut", request=request)
        return httpx.Response(200)

    done = sent(handler, "/x", file)
    assert bodies == [file.read_bytes()] * 2
    assert done.count(1 << 20) == 2


def test_a_file_that_shrinks_during_the_upload_is_an_error(file: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        file.write_bytes(b"short")
        return httpx.Response(200, content=b"".join(request.stream))

    with pytest.raises(OSError, match="became 1048571 bytes shorter during the upload"):
        sent(handler, "/x", file)


def test_a_file_that_grows_during_the_upload_is_sent_with_its_first_size(file: Path) -> None:
    before = file.read_bytes()

    def handler(request: httpx.Request) -> httpx.Response:
        file.write_bytes(before + b"more")
        assert b"".join(request.stream) == before
        return httpx.Response(200)

    sent(handler, "/x", file)


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ("http://storage.example/x", "from https to plain http"),
        ("ftp://storage.example/x", "an upload was sent to a 'ftp' URL"),
        ("https://storage.example:port/x", "an invalid URL"),
    ],
)
def test_an_upload_to_a_forbidden_url_is_rejected(goal: str, message: str, file: Path) -> None:
    server = Elsewhere()
    with pytest.raises(ResponseDecodeError, match=message):
        sent(server, goal, file)
    assert server.requests == []


def downloaded(handler: Handler, target: Path, **options: int) -> list[int]:
    connection, done = opened(handler, **options), []
    download(
        PATH,
        target,
        http=connection.http,
        outside=connection.outside,
        params={"columns": ["a", "b"]},
        progress=done.append,
    )
    return done


@pytest.mark.parametrize("retries", [0, 3])
def test_a_download_is_streamed_to_disk(tmp_path: Path, retries: int) -> None:
    content = bytes(range(256)) * 4096
    server = Elsewhere("https://storage.example/file?signature=abc")

    def handler(request: httpx.Request) -> httpx.Response:
        reply = server(request)
        return reply if reply.is_redirect else httpx.Response(200, content=iter([content] * 3))

    target = tmp_path / "file"
    target.write_bytes(b"something older and longer" * 1_000_000)
    done = downloaded(handler, target, max_retries=retries)
    assert target.read_bytes() == content * 3
    assert len(done) > 3
    assert done[-1] == 3 << 20
    home, storage = server.requests
    assert home.url.params.get_list("columns") == ["a", "b"]
    assert leaked(storage) == []
    assert "columns" not in storage.url.params


def test_a_failed_download_is_an_error_without_a_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    with pytest.raises(NotFoundError, match="gone"):
        downloaded(lambda _: httpx.Response(404, json={"detail": "gone"}), target)
    with pytest.raises(ResponseDecodeError, match="got status 204"):
        downloaded(lambda _: httpx.Response(204), target)
    assert not target.exists()


def test_foreign_origins() -> None:
    with opened(Elsewhere()).http as http:
        assert is_foreign("https://storage.example/x", http=http)
        assert not is_foreign("https://api.example/storage/x", http=http)
        assert not is_foreign("/storage/x", http=http)
