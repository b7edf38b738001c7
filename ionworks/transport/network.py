"""The network: connections that are kept, proxies, and deadlines for whole requests.

The timeouts of httpx limit each read and write, so that a reply of one byte per second never
exceeds them. The streams of this module cut them to what remains of the request, for TLS
handshakes, headers and bodies alike. Only the look-up of a name cannot be interrupted; the
resolver of the operating system has a limit of its own.
"""

import os
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from ionworks.settings import proxy_for
from ionworks.transport.timeouts import Clock, Deadline

Resolver = Callable[[str, int], Iterable[str]]

_PIECE = 1 << 16
"""Bytes that are written in one go: the deadline is checked between pieces."""

_deadline: ContextVar[Deadline] = ContextVar("deadline")


class NetworkTransport(httpx.BaseTransport):
    """The network, with the proxy that the system configures for each origin.

    The extension ``"total"`` of a request is the seconds until its reply must be complete, None
    if only its single reads and writes are limited.

    Parameters
    ----------
    backend : httpcore.NetworkBackend, optional
        Opens the connections.
    resolve : callable, optional
        Returns the addresses of a host and port.
    clock : callable, optional
        Returns monotonic seconds.
    """

    def __init__(
        self,
        backend: httpcore.NetworkBackend | None = None,
        *,
        resolve: Resolver | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.reset()
        _networks.add(self)
        self._backend = LimitedBackend(backend or httpcore.SyncBackend(), resolve or _addresses)
        self._clock = clock

    def reset(self) -> None:
        """Forget all connections without closing them."""
        self._by_origin: dict[tuple[str, str, int | None], httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; connections are kept and reused."""
        carrier = self._carrier(request.url)
        deadline = Deadline(request.extensions.get("total"), clock=self._clock)
        limits = request.extensions.get("timeout", {})
        # The pool itself waits for a free connection; the backend is not involved.
        pool = _limit(deadline, limits.get("pool"), httpx.PoolTimeout)
        sent = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "timeout": {**limits, "pool": pool}},
        )
        with _applied(deadline):
            response = carrier.handle_request(sent)
        response.stream = _Body(response.stream, deadline)
        return response

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for carrier in self._by_origin.values():
                carrier.close()
            self._by_origin.clear()

    def _carrier(self, url: httpx.URL) -> httpx.HTTPTransport:
        origin = (url.scheme, url.host, url.port)
        with self._lock:
            if origin not in self._by_origin:
                # Looking up the system's proxies is slow on some systems: done once per origin.
                # A proxy would look for loopback addresses on its own machine.
                bypassed = is_loopback(url.host)
                proxy = None if bypassed else proxy_for(f"{url.scheme}://{url.host}")
                carrier = httpx.HTTPTransport(proxy=proxy)
                # httpx has no argument for the backend of httpcore.
                carrier._pool._network_backend = self._backend  # noqa: SLF001
                self._by_origin[origin] = carrier
            return self._by_origin[origin]


_networks: weakref.WeakSet[NetworkTransport] = weakref.WeakSet()


def _reset_all() -> None:
    """Let a forked child make its own connections: with the parent's, replies would be mixed up."""
    for network in list(_networks):
        network.reset()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_reset_all)


def is_loopback(host: str) -> bool:
    """Whether a host of a URL is this machine, by name or address."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


class LimitedBackend(httpcore.NetworkBackend):
    """Opens connections whose operations end by the deadline of the current request.

    Parameters
    ----------
    backend : httpcore.NetworkBackend
        Opens the connections.
    resolve : callable
        Returns the addresses of a host and port.
    """

    def __init__(self, backend: httpcore.NetworkBackend, resolve: Resolver) -> None:
        self._backend = backend
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that accepts, each with a share of the remaining time.

        The standard library gives each address the whole timeout, and a host can have many.
        """
        deadline = _deadline.get()
        connecting = Deadline(timeout, clock=deadline.clock)
        addresses = list(self._resolve(host, port))
        for left in range(len(addresses), 0, -1):
            remaining = connecting.limit(_limit(deadline, None, httpcore.ConnectTimeout))
            share = None if remaining is None else remaining / left
            try:
                stream = self._backend.connect_tcp(
                    addresses[-left], port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 1:
                    raise
            else:
                return LimitedStream(stream)
        raise httpcore.ConnectError(f"{host} has no address")


class LimitedStream(httpcore.NetworkStream):
    """A connection whose operations end by the deadline of the current request.

    Parameters
    ----------
    stream : httpcore.NetworkStream
        The connection.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has arrived, at least one byte unless the connection has ended."""
        deadline = _deadline.get()
        began = deadline.clock()
        data = self._stream.read(max_bytes, _limit(deadline, timeout, httpcore.ReadTimeout))
        deadline.transferred(len(data), began)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        deadline = _deadline.get()
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            began = deadline.clock()
            self._stream.write(piece, _limit(deadline, timeout, httpcore.WriteTimeout))
            deadline.transferred(len(piece), began)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS, after the handshake."""
        limit = _limit(_deadline.get(), timeout, httpcore.ConnectTimeout)
        return LimitedStream(self._stream.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks about the socket."""
        return self._stream.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    """The body of a reply, which is read under the deadline of its request."""

    def __init__(self, stream: Any, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        chunks = iter(self._stream)
        while True:
            with _applied(self._deadline):
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    def close(self) -> None:
        self._stream.close()


@contextmanager
def _applied(deadline: Deadline) -> Iterator[None]:
    """Let the operations inside the context end by the deadline."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def _limit(deadline: Deadline, timeout: float | None, error: type[Exception]) -> float | None:
    """Return the timeout of one operation; raise the error if its request should have ended."""
    limit = deadline.limit(timeout)
    if limit is not None and limit <= 0:
        raise error("the request took too long as a whole")
    return limit


def _addresses(host: str, port: int) -> list[str]:
    """Look up a host; the order is that of the operating system."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise httpcore.ConnectError(str(problem)) from problem
    # The first element of a socket address is the host; the numeric form keeps an IPv6 scope.
    numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    return [socket.getnameinfo(address, numeric)[0] for *_, address in found]
