"""The end of a served engine: what had begun is answered."""

import contextlib
import socket
import threading

import pytest
from waitress import wasyncore

from ionworks.server import serving
from ionworks.server.serving import make_server
from tests.unit.server.engines import wait_until

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class Slow:
    """An application that answers when it is told to."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()

    def body_limit(self, _environ):
        return 1000

    def __call__(self, _environ, start_response):
        self.begun.release()
        assert self.may_end.wait(60)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def start(slow, tmp_path):
    """Run a server in a thread; returns it, and its thread."""
    with contextlib.ExitStack() as stack:

        def run(**options):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            server = make_server(slow, listener, tmp_path, threads=2, **options)
            thread = threading.Thread(target=server.run)
            thread.start()
            stack.callback(wasyncore.close_all, server._map)
            stack.callback(thread.join)
            stack.callback(slow.may_end.set)
            stack.callback(server.stop)
            return server, thread

        yield run


@pytest.fixture
def connect():
    with contextlib.ExitStack() as stack:

        def connect(server):
            address = ("127.0.0.1", int(server.effective_port))
            connection = stack.enter_context(socket.create_connection(address))
            connection.settimeout(60)
            return connection

        yield connect


def received(connection):
    text = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            text += piece
    return text


def test_requests_that_had_begun_are_answered(start, connect, slow):
    server, thread = start()
    connections = [connect(server) for _ in range(3)]
    for each in connections:  # the third waits for a thread
        each.sendall(REQUEST)
    slow.begun.acquire()

    server.stop()
    wait_until(lambda: not server.accepting)
    slow.may_end.set()

    assert [received(each)[-4:] for each in connections] == [b"done"] * 3
    thread.join(60)
    assert not thread.is_alive()


def test_a_body_that_is_being_sent_is_awaited(start, connect, slow):
    server, _ = start()
    slow.may_end.set()
    connection = connect(server)
    connection.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nab")
    wait_until(lambda: [each.request for each in server.active_channels.values() if each.request])

    server.stop()
    wait_until(lambda: not server.accepting)
    connection.sendall(b"cd")

    assert received(connection).endswith(b"done")


def test_idle_connections_do_not_delay_the_end(start, connect):
    server, thread = start()
    idle = connect(server)
    wait_until(lambda: server.active_channels)

    server.stop()
    thread.join(60)

    assert not thread.is_alive()
    assert received(idle) == b""


def test_nobody_connects_any_more(start, connect, slow):
    server, _ = start()
    connect(server).sendall(REQUEST)
    slow.begun.acquire()

    server.stop()
    wait_until(lambda: not server.accepting)

    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_requests_that_take_too_long_are_given_up(start, connect, slow, caplog, monkeypatch):
    monkeypatch.setattr(serving, "_LONGEST_WAIT", 0.01)
    server, _ = start(grace=0.0)
    connect(server).sendall(REQUEST)
    slow.begun.acquire()

    server.stop()

    wait_until(lambda: "1 connections are closed before their reply is sent" in caplog.text)
