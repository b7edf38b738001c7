"""Each mode of the proxy breaks connections in its way; a proxy that works changes nothing."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.endurance.proxy import FlakyProxy

BODY = b"a reply of some length, so that it can be cut in two" * 10


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.host = self.headers["Host"]
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format, *args):  # noqa: A002 the name of the base class
        """Print nothing."""


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def proxy(server):
    proxy = FlakyProxy(server.server_port, pause=0)
    yield proxy
    proxy.close()


def test_a_working_proxy_forwards_several_requests_of_a_connection(proxy, server):
    with httpx.Client(base_url=proxy.url) as client:
        assert [client.get("/").content for _ in range(3)] == [BODY] * 3
    assert (proxy.connections, proxy.broken) == (1, 0)
    assert server.host == f"127.0.0.1:{server.server_port}"


@pytest.mark.parametrize("mode", ["delay", "drip"])
def test_slow_replies_arrive_whole(proxy, mode):
    proxy.mode = mode
    assert httpx.get(proxy.url).content == BODY


@pytest.mark.parametrize("mode", ["502", "503"])
def test_it_answers_in_the_servers_place(proxy, mode):
    with httpx.Client(base_url=proxy.url) as client:
        assert client.get("/").status_code == 200
        proxy.mode = mode
        assert client.get("/").status_code == int(mode)
        proxy.mode = "pass"
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("mode", ["reset", "truncate"])
def test_broken_connections_are_errors_and_counted(proxy, mode):
    proxy.mode = mode
    with pytest.raises(httpx.TransportError):
        httpx.get(proxy.url)
    assert proxy.broken == 1


def test_a_dropping_proxy_breaks_some_replies(proxy):
    proxy.mode = "drop"
    outcomes = set()
    with httpx.Client(base_url=proxy.url) as client:
        for _ in range(20):
            try:
                outcomes.add(client.get("/").status_code)
            except httpx.TransportError:
                outcomes.add("broken")
    assert outcomes == {200, "broken"}


def test_without_a_server_it_answers_502():
    proxy = FlakyProxy(1)  # nothing listens on port 1
    try:
        assert httpx.get(proxy.url).status_code == 502
    finally:
        proxy.close()


def test_an_unknown_mode_is_rejected(proxy):
    with pytest.raises(ValueError, match="unknown mode 'fast'; valid modes: pass, reset"):
        proxy.mode = "fast"
