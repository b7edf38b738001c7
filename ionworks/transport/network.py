"""The network: connections that are kept, proxies, and deadlines for whole requests.

The timeouts of httpx limit each read and write, so that a reply of one byte per second never
exceeds them. They are cut to what remains of the request, for TLS handshakes, headers and bodies
alike. Only the look-up of a name cannot be interrupted; the resolver of the operating system has a
limit of its own.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpx

from ionworks.settings import proxy_for
from ionworks.transport.timeouts import Clock, Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpcore import NetworkBackend

    from ionworks.transport.limited_streams import Resolver


class NetworkTransport(httpx.BaseTransport):
    """The network, with the proxy that the system configures for each origin.

    The extension ``"total"`` of a request is the seconds until its reply must be complete, None
    if only its single reads and writes are limited.

    Parameters
    ----------
    backend : httpcore.NetworkBackend, optional
        Opens the connections, by default with sockets.
    resolve : callable, optional
        Returns the addresses of a host and port, by default those that the system knows.
    clock : callable, optional
        Returns monotonic seconds.
    """

    def __init__(
        self,
        backend: NetworkBackend | None = None,
        *,
        resolve: Resolver | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.reset()
        _networks.add(self)
        self._backend = backend
        self._resolve = resolve
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
        pool = deadline.limit(limits.get("pool"), httpx.PoolTimeout)
        sent = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "timeout": {**limits, "pool": pool}},
        )
        with deadline.applied():
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
        # Loads httpcore, which a client of the embedded engine does not need.
        from ionworks.transport.limited_streams import LimitedBackend

        origin = (url.scheme, url.host, url.port)
        with self._lock:
            if origin not in self._by_origin:
                # Looking up the system's proxies is slow on some systems: done once per origin.
                # A proxy would look for loopback addresses on its own machine.
                bypassed = is_loopback(url.host)
                proxy = None if bypassed else proxy_for(f"{url.scheme}://{url.host}")
                carrier = httpx.HTTPTransport(proxy=proxy)
                # httpx has no argument for the backend of httpcore.
                carrier._pool._network_backend = LimitedBackend(  # noqa: SLF001
                    self._backend, self._resolve
                )
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


class _Body(httpx.SyncByteStream):
    """The body of a reply, which is read under the deadline of its request."""

    def __init__(self, stream: Any, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        chunks = iter(self._stream)
        while True:
            with self._deadline.applied():
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    def close(self) -> None:
        self._stream.close()
