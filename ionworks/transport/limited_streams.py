"""Connections whose operations end by the deadline of the current request.

httpcore is imported here and not in `ionworks.transport.network`, so that a client that sends
nothing over the network does not load it.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from ionworks.errors import CertificateError
from ionworks.transport.timeouts import Deadline

Resolver = Callable[[str, int], Iterable[str]]

_PIECE = 1 << 16
"""Bytes that are written in one go: the deadline is checked between pieces."""


class LimitedBackend(httpcore.NetworkBackend):
    """Opens connections whose operations end by the deadline of the current request.

    Parameters
    ----------
    backend : httpcore.NetworkBackend, optional
        Opens the connections, by default with sockets.
    resolve : callable, optional
        Returns the addresses of a host and port, by default those that the system knows.
    """

    def __init__(
        self, backend: httpcore.NetworkBackend | None = None, resolve: Resolver | None = None
    ) -> None:
        self._backend = backend or httpcore.SyncBackend()
        self._resolve = resolve or _addresses

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
        deadline = Deadline.current()
        connecting = Deadline(timeout, clock=deadline.clock)
        addresses = list(self._resolve(host, port))
        for left in range(len(addresses), 0, -1):
            remaining = deadline.limit(
                connecting.limit(None, httpcore.ConnectTimeout), httpcore.ConnectTimeout
            )
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
        deadline = Deadline.current()
        began = deadline.clock()
        data = self._stream.read(max_bytes, deadline.limit(timeout, httpcore.ReadTimeout))
        deadline.transferred(len(data), began)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        deadline = Deadline.current()
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            began = deadline.clock()
            self._stream.write(piece, deadline.limit(timeout, httpcore.WriteTimeout))
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
        """Return the connection with TLS, after the handshake.

        Raises
        ------
        CertificateError
            If the certificate of the server is not valid; no repetition of the request helps.
        """
        limit = Deadline.current().limit(timeout, httpcore.ConnectTimeout)
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, limit)
        except httpcore.ConnectError as problem:
            cause = problem.__cause__
            if not isinstance(cause, ssl.SSLCertVerificationError):
                raise
            raise CertificateError(
                f"the certificate of {server_hostname} is not valid: {cause.verify_message}; check"
                " the host in api_url, the clock of this computer and whether it trusts the issuer"
                " (SSL_CERT_FILE)"
            ) from problem
        return LimitedStream(stream)

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks about the socket."""
        return self._stream.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    """Look up a host; the order is that of the operating system."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise httpcore.ConnectError(str(problem)) from problem
    # The first element of a socket address is the host; the numeric form keeps an IPv6 scope.
    numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    return [socket.getnameinfo(address, numeric)[0] for *_, address in found]
