"""Deadlines of whole requests on a network that is replaced by a function, or plays tricks."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpcore
import httpx
import pytest

from ionworks import errors
from ionworks.settings import Settings
from ionworks.transport import files
from ionworks.transport.connection import Connection, connect
from ionworks.transport.network import NetworkTransport
from ionworks.transport.timeouts import LEAST_RATE, at_least, poll_within
from tests.clock import Clock

pytestmark = pytest.mark.off_contract("plays services that answer too slowly")

URL = "http://127.0.0.1:1"
JSON = b'{"job_id": "j"}'


def reply_of(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


@attrs.define
class Network(httpcore.NetworkBackend):
    """Connections with one reply, of which `size` bytes arrive in each `pace` seconds."""

    clock: Clock
    reply: bytes = reply_of(JSON)
    at_once: int = 0
    size: int = 1
    pace: float = 1.0
    connecting: float = 0.0
    write_pace: float = 0.0
    received: int = 0
    sent: int = 0
    connections: list[tuple[str, float | None]] = attrs.field(factory=list)
    dead: frozenset[str] = frozenset()
    refusal: str | None = None

    def connect_tcp(self, host: str, _: int, timeout: float | None = None, *__: Any) -> Stream:
        self.connections.append((host, timeout))
        pause = 1e9 if host in self.dead else self.connecting
        self.spend(pause, timeout, httpcore.ConnectTimeout)
        return Stream(self, self.reply)

    def spend(self, seconds: float, timeout: float | None, error: type[Exception]) -> None:
        """Let time pass as a socket does, which raises when its timeout is over."""
        assert timeout is None or timeout > 0
        if timeout is not None and timeout < seconds:
            self.clock.now += timeout
            raise error("timed out")
        self.clock.now += seconds


@attrs.define
class Stream(httpcore.NetworkStream):
    network: Network
    left: bytes

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        size = self.network.at_once if self.network.sent == 0 else 0
        if not size:
            self.network.spend(self.network.pace, timeout, httpcore.ReadTimeout)
            size = min(max_bytes, self.network.size)
        piece, self.left = self.left[:size], self.left[size:]
        self.network.sent += len(piece)
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.network.spend(self.network.write_pace, timeout, httpcore.WriteTimeout)
        self.network.received += len(buffer)

    def start_tls(
        self, _: ssl.SSLContext, __: str | None = None, timeout: float | None = None
    ) -> Stream:
        self.network.spend(self.network.connecting, timeout, httpcore.ConnectTimeout)
        if self.network.refusal is not None:
            cause = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
            cause.verify_message = self.network.refusal
            raise httpcore.ConnectError(str(cause)) from cause
        return self

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(clock: Clock) -> Iterator[Callable[..., Connection]]:
    connections: list[Connection] = []

    def open_connection(network: Network, **options: Any) -> Connection:
        settings = Settings(**{"api_url": URL, "api_key": "KEY", "max_retries": 0, **options})
        transport = NetworkTransport(network, clock=clock)
        connections.append(connect(settings, transport=transport, sleep=clock.sleep))
        return connections[-1]

    yield open_connection
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize("at_once", [0, len(reply_of(b""))], ids=["headers", "body"])
def test_a_byte_a_second_does_not_defeat_the_limit(
    at_once: int, verb: str, clock: Clock, opened: Callable[..., Connection]
) -> None:
    network = Network(clock, reply_of(b" " * 1000 + JSON), at_once=at_once)

    with pytest.raises(errors.RequestTimeoutError, match="longer than 10"):
        opened(network).http.request(verb, "/jobs/j")

    assert clock() == pytest.approx(10.0, abs=0.1)
    assert network.sent <= at_once + 10


def test_a_service_that_hardly_reads_does_not_defeat_the_limit(
    clock: Clock, opened: Callable[..., Connection]
) -> None:
    network = Network(clock, write_pace=5.0)

    with pytest.raises(errors.RequestTimeoutError, match="WriteTimeout"):
        opened(network).http.post("/projects", content=bytes(10_000_000))

    assert network.received < 1_000_000


@pytest.mark.parametrize("rate", [2 * LEAST_RATE, LEAST_RATE // 2])
def test_a_large_reply_may_take_its_time_on_a_slow_network(
    rate: int, clock: Clock, opened: Callable[..., Connection]
) -> None:
    body = b" " * 100 * LEAST_RATE + JSON
    network = Network(clock, reply_of(body), size=rate)
    connection = opened(network)

    if rate < LEAST_RATE:
        with pytest.raises(errors.RequestTimeoutError):
            connection.http.get("/jobs/j")
        assert network.sent < 20 * LEAST_RATE
    else:
        assert connection.http.get("/jobs/j").json() == {"job_id": "j"}
        assert clock() > 50.0


def test_a_large_request_leaves_no_more_time_for_the_reply(
    clock: Clock, opened: Callable[..., Connection]
) -> None:
    network = Network(clock, write_pace=0.01)

    with pytest.raises(errors.RequestTimeoutError):
        opened(network).http.post("/projects", content=bytes(10_000_000))

    assert network.received > 10_000_000
    assert clock() < 15.0


def test_building_a_model_may_take_longer(clock: Clock, opened: Callable[..., Connection]) -> None:
    network = Network(clock, size=1000, pace=200.0)

    with at_least(300):
        assert opened(network).http.post("/models").status_code == 200


def test_a_file_has_no_limit_as_a_whole(clock: Clock, opened: Callable[..., Connection]) -> None:
    content = bytes(600)
    connection = opened(Network(clock, reply_of(content)))

    fetched = files.fetch("/x/download", http=connection.http, outside=connection.outside)

    assert fetched == content
    assert clock() > files.STORAGE_TIMEOUT


def test_a_poll_ends_with_its_wait_and_is_sent_once(
    clock: Clock, opened: Callable[..., Connection]
) -> None:
    network = Network(clock)
    connection = opened(network, max_retries=5)

    with poll_within(2.0, clock=clock):
        for _ in range(2):
            with pytest.raises(errors.RequestTimeoutError, match="took too long"):
                connection.http.get("/jobs/j")

    assert clock() == pytest.approx(2.0, abs=0.1)
    assert len(network.connections) == 1
    assert clock.pauses == []


def test_a_poll_without_limit_has_that_of_each_request(
    clock: Clock, opened: Callable[..., Connection]
) -> None:
    connection = opened(Network(clock), timeout=7.0)

    with poll_within(float("inf"), clock=clock), pytest.raises(errors.RequestTimeoutError):
        connection.http.get("/jobs/j")

    assert clock() == pytest.approx(7.0, abs=0.1)


def test_connecting_and_the_handshake_count(
    clock: Clock, opened: Callable[..., Connection]
) -> None:
    network = Network(clock, connecting=6.0)

    with pytest.raises(errors.RequestTimeoutError, match="ConnectTimeout"):
        opened(network, api_url="https://127.0.0.1:1").http.get("/jobs/j")

    assert clock() == pytest.approx(10.0)


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_invalid_certificate_is_reported_at_once(
    verb: str, clock: Clock, opened: Callable[..., Connection]
) -> None:
    network = Network(clock, refusal="certificate has expired")
    connection = opened(network, api_url="https://127.0.0.1:1", max_retries=5)

    with pytest.raises(errors.CertificateError, match=r"of 127\.0\.0\.1 is .*has expired"):
        connection.http.request(verb, "/jobs/j")

    assert len(network.connections) == 1
    assert clock.pauses == []


def test_a_slow_look_up_leaves_no_time_to_connect(clock: Clock) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        clock.now += 20.0
        return ["192.0.2.1"]

    transport = NetworkTransport(Network(clock), resolve=resolve, clock=clock)
    request = httpx.Request("GET", URL, extensions={"total": 300.0, "timeout": {"connect": 10.0}})

    with pytest.raises(httpx.ConnectTimeout):
        transport.handle_request(request)
    transport.close()


@pytest.mark.parametrize("alive", ["192.0.2.4", None])
def test_the_addresses_of_a_host_share_the_time(alive: str | None, clock: Clock) -> None:
    addresses = [f"192.0.2.{number}" for number in range(1, 5)]
    dead = frozenset(addresses) - {alive}
    network = Network(clock, size=1000, pace=0.0, dead=dead)
    transport = NetworkTransport(network, resolve=lambda host, port: addresses, clock=clock)
    request = httpx.Request("GET", URL, extensions={"total": 10.0, "timeout": {"connect": 10.0}})

    if alive is None:
        with pytest.raises(httpx.ConnectTimeout):
            transport.handle_request(request)
        assert clock() == pytest.approx(10.0)
    else:
        assert transport.handle_request(request).status_code == 200
    assert network.connections == [(each, pytest.approx(2.5)) for each in addresses]
    transport.close()


# ---------------------------------------------------------------- real sockets


class Dripping(threading.Thread):
    """A server whose second reply comes at a byte every few milliseconds, until it is stopped."""

    most = 20_000

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0
        self.is_stopped = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def run(self) -> None:
        with self._listening, self._listening.accept()[0] as connection:
            connection.recv(1 << 16)
            connection.sendall(reply_of(JSON))
            connection.recv(1 << 16)
            for byte in reply_of(b" " * self.most):
                try:
                    connection.sendall(bytes([byte]))
                except ConnectionError:
                    return
                self.sent += 1
                if self.is_stopped.wait(0.005):
                    return


@pytest.mark.parametrize("is_poll", [False, True])
def test_a_real_service_that_drips_does_not_defeat_the_limit(is_poll: bool) -> None:
    server = Dripping()
    server.start()
    connection = connect(Settings(api_url=server.url, api_key="KEY", max_retries=0))
    connection.http.get("/jobs/j")
    connection.http.timeout = httpx.Timeout(60.0 if is_poll else 0.05)
    try:
        with (
            pytest.raises(errors.RequestTimeoutError),
            poll_within(0.05) if is_poll else contextlib.nullcontext(),
        ):
            connection.http.get("/jobs/j")
    finally:
        server.is_stopped.set()
        connection.close()
        server.join()
    assert server.sent < server.most
