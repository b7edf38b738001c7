"""The served engine beside connections that only occupy it, and bodies it does not want."""

import contextlib
import errno
import socket
from concurrent.futures import Future
from time import monotonic
from types import SimpleNamespace

import httpx
import pytest
from waitress import wasyncore

from ionworks.server import serving
from ionworks.server.error_replies import LARGEST_BODY
from ionworks.server.http.addresses import Addresses
from ionworks.server.serving import make_server
from tests.unit.server.engines import running
from tests.unit.server.uploading import initiate, make_cell, parquet, series

KEY = "secret"
BODY_BEGUN = (
    "POST /simulations/statuses HTTP/1.1\r\nHost: {host}\r\nX-API-Key: secret\r\n"
    "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
)
HEADERS_BEGUN = "GET /projects HTTP/1.1\r\nHost: {host}\r\nX-Padding: a"


@pytest.fixture
def server(open_app, folder):
    """A server that listens, and does not run."""
    listener = socket.create_server(("127.0.0.1", 0))
    addresses = Addresses("127.0.0.1", listener.getsockname()[1], "https://cells.test/ionworks")
    app = open_app(api_key=KEY, addresses=addresses)
    server = make_server(app, listener, folder, addresses.prefix)
    yield server
    wasyncore.close_all(server._map)
    server.task_dispatcher.shutdown()


@pytest.fixture
def served(server):
    """Run the server in a thread."""
    with running(server):
        yield server


@pytest.fixture
def url(served):
    return f"http://127.0.0.1:{served.effective_port}"


@pytest.fixture
def api(url):
    with httpx.Client(base_url=url, headers={"X-API-Key": KEY}, timeout=60) as client:
        yield client


@pytest.fixture
def connect(server):
    """Open connections that send the beginning of a request."""
    host = ("127.0.0.1", int(server.effective_port))
    with contextlib.ExitStack() as stack:

        def open_connections(count, text=""):
            connections = [
                stack.enter_context(socket.create_connection(host)) for _ in range(count)
            ]
            for connection in connections:
                connection.settimeout(60)
                connection.sendall(text.format(host=f"127.0.0.1:{host[1]}").encode())
            return connections

        yield open_connections


def reply_to(connection):
    """Return the status and the rest of a reply."""
    text = b""
    while piece := connection.recv(65536):
        text += piece
    return int(text.split()[1]), text


def test_idle_and_half_open_connections_do_not_block_the_others(connect, api):
    connect(300)
    connect(60, HEADERS_BEGUN)
    connect(60, BODY_BEGUN)

    assert [api.get("/projects").status_code for _ in range(3)] == [200] * 3


def test_all_waiting_connections_are_accepted_at_once_up_to_the_limit(connect, server):
    server.adj.connection_limit = len(server._map) + 20
    connect(30)

    server.handle_accept()

    assert len(server.active_channels) == 20


@pytest.mark.parametrize("text", [HEADERS_BEGUN, BODY_BEGUN])
def test_a_request_that_does_not_end_is_cut(connect, api, served, text):
    [connection] = connect(1, text)
    api.get("/healthz")  # the server has read the connection's bytes as well
    now = monotonic()

    served.trigger.pull_trigger(lambda: served.maintenance(now + 29))
    api.get("/healthz")
    assert not any(each.will_close for each in served.active_channels.values())
    served.trigger.pull_trigger(lambda: served.maintenance(now + 40))

    assert connection.recv(1) == b""


def test_it_is_cut_in_time_when_the_clock_of_the_system_is_set_back(
    connect, api, served, monkeypatch
):
    [connection] = connect(1, HEADERS_BEGUN)
    api.get("/healthz")
    now = monotonic()

    monkeypatch.setattr("waitress.server.time", SimpleNamespace(time=lambda: 0.0))
    monkeypatch.setattr("ionworks.server.serving.monotonic", lambda: now + 40)
    served.trigger.pull_trigger()

    assert connection.recv(1) == b""


@pytest.mark.parametrize("is_full", [False, True])
def test_when_all_connections_are_taken_idle_ones_are_closed_early(connect, api, served, is_full):
    [connection] = connect(1)
    api.get("/healthz")
    address = connection.getsockname()
    [idle] = [each for each in served.active_channels.values() if each.addr == address]
    closes = Future()

    def maintain():
        served.in_connection_overflow = is_full
        served.maintenance(idle.last_activity + 11)
        closes.set_result(idle.will_close)

    served.trigger.pull_trigger(maintain)

    assert closes.result() == is_full


def test_a_request_that_is_no_http_is_not_repeated_in_the_reply(connect, served):
    (connection,) = connect(1, f"{'x' * 5000} / HTTP/1.1\r\nHost: {{host}}\r\n\r\n")

    reply = connection.makefile("rb").read()

    assert b" 400 Bad Request" in reply
    assert b"x" * 100 in reply
    assert b"x" * 201 not in reply


@pytest.mark.usefixtures("served")
def test_a_client_that_waits_before_a_large_body_is_told_at_once(connect):
    text = BODY_BEGUN.replace("1000\r\n", f"{LARGEST_BODY + 1}\r\nExpect: 100-continue\r\n")
    for sent, status in ((text, 413), (text.replace("secret", "wrong"), 401)):
        [connection] = connect(1, sent.removesuffix("{{"))

        assert reply_to(connection)[0] == status


def test_a_body_is_only_kept_if_it_will_be_read(connect, served, monkeypatch):
    kept = []
    monkeypatch.setattr(
        serving.SpooledTemporaryFile, "write", lambda _file, data: kept.append(len(data))
    )
    text = BODY_BEGUN.replace("secret", "wrong").replace("1000", "1000000")
    [connection] = connect(1, text)
    connection.sendall(b"x" * 999_999)
    connection.shutdown(socket.SHUT_WR)

    assert reply_to(connection)[0] == 401
    assert kept == []


def chunked(size):
    yield from (b" " * 65536 for _ in range(size // 65536 + 1))


@pytest.mark.off_contract("the checks cannot read a stream twice")
def test_a_chunked_body_that_is_too_large_is_413(api, served):
    served.app._server.flask.config["MAX_CONTENT_LENGTH"] = 100_000

    reply = api.post(
        "/simulations/statuses",
        content=chunked(200_000),
        headers={"Content-Type": "application/json"},
    )

    assert reply.status_code == 413
    assert reply.json()["error_code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.off_contract("the path has the prefix of the public URL")
@pytest.mark.folder_blobs("the links are those of the object store")
def test_files_pass_through_the_folder_of_the_engine(api, url, folder, monkeypatch):
    monkeypatch.setattr("ionworks.server.serving._IN_MEMORY", 1000)
    monkeypatch.setenv("TMPDIR", "/nowhere")
    upload = initiate(api, make_cell(api))
    [link] = [each["signed_url"] for each in upload["uploads"] if "series" in each["filename"]]

    assert link.startswith("https://cells.test/ionworks/storage/")
    reply = api.put(link.replace("https://cells.test", url), content=parquet(series()))

    assert reply.status_code == 200
    assert [each for each in folder.iterdir() if each.name.startswith("tmp")] == []


def test_a_full_disk_is_reported_and_later_requests_are_answered(api, monkeypatch):
    def fail(_file, _data):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(serving.SpooledTemporaryFile, "write", fail)
        reply = api.post("/simulations/statuses", json={"simulation_ids": []})

    assert reply.status_code == 507
    assert reply.json()["error_code"] == "INSUFFICIENT_STORAGE"
    assert api.post("/simulations/statuses", json={"simulation_ids": []}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "rebound.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_foreign_page_gets_no_answer_even_with_the_key(api, headers, status):
    reply = api.get("/projects", headers=headers)

    assert reply.status_code == status
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.off_contract("the path has the prefix of the public URL")
def test_the_path_of_the_public_url_is_optional(api):
    for path in ("/projects", "/ionworks/projects"):
        assert api.get(path, headers={"Host": "cells.test"}).status_code == 200
