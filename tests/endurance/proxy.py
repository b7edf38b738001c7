"""A TCP proxy between clients and server that fails like a bad network or gateway."""

from __future__ import annotations

import random
import socket
import struct
import threading
from typing import Final

#: What the proxy does to connections; ``pass`` is a proxy that works.
MODES: Final = ("pass", "reset", "drop", "delay", "502", "503", "truncate", "drip")
_REASONS: Final = {"502": "Bad Gateway", "503": "Service Unavailable"}
_PIECE: Final = 65536
#: Bytes that a drip sends one by one.
_DRIPPED: Final = 40


class FlakyProxy:
    """Forwards connections to a port of this machine, in one of several modes.

    Parameters
    ----------
    port
        The port of the server. While nothing listens there, the proxy answers 502 as gateways do.
    seed
        Of the moments at which connections break.
    pause
        Seconds of one delay; a drip pauses a tenth of it after each byte.
    """

    def __init__(self, port: int, *, seed: int = 0, pause: float = 0.5) -> None:
        self._upstream = ("127.0.0.1", port)
        self._random = random.Random(seed)
        self._pause = pause
        self._mode = "pass"
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        #: Connections accepted, and those broken on purpose.
        self.connections = 0
        self.broken = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._host = self.url.replace("http://", "Host: ").encode() + b"\r\n"
        self._upstream_host = f"Host: 127.0.0.1:{port}\r\n".encode()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def mode(self) -> str:
        """What happens to connections; a change concerns open connections too."""
        return self._mode

    @mode.setter
    def mode(self, value: str) -> None:
        if value not in MODES:
            raise ValueError(f"unknown mode {value!r}; valid modes: {', '.join(MODES)}")
        self._mode = value

    def close(self) -> None:
        """Close all connections and stop listening."""
        self._closing.set()
        # Closing a socket does not wake a thread that waits in accept; a connection does.
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()
        with self._lock:
            for each in self._open:
                _shut(each)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._closing.is_set():
                client.close()
                return
            self.connections += 1
            if self._mode == "reset":
                self._break(client)
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._upstream, timeout=5)
        except OSError:
            _answer(client, "502")
            client.close()
            return
        server.settimeout(None)
        with self._lock:
            self._open |= {client, server}
        back = threading.Thread(target=self._forward_replies, args=(server, client), daemon=True)
        back.start()
        self._forward_requests(client, server)
        back.join()
        with self._lock:
            self._open -= {client, server}
        client.close()
        server.close()

    def _forward_requests(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while piece := client.recv(_PIECE):
                if self._mode in _REASONS:
                    self.broken += 1
                    _answer(client, self._mode)
                    break
                if self._mode == "reset":
                    self._break(client)
                    break
                # As a reverse proxy does: a server may answer only to its own address.
                server.sendall(piece.replace(self._host, self._upstream_host, 1))
        except OSError:  # one side has gone: so does the other
            pass
        finally:
            _shut(server)

    def _forward_replies(self, server: socket.socket, client: socket.socket) -> None:
        try:
            while piece := server.recv(_PIECE):
                if not self._reply(client, piece):
                    break
        except OSError:
            pass
        finally:
            _shut(client)
            _shut(server)

    def _reply(self, client: socket.socket, piece: bytes) -> bool:
        """Send a piece of a reply as the mode wants it; returns whether the connection goes on."""
        if self._mode == "drop" and self._random.random() < 0.5:
            self._break(client)
            return False
        if self._mode == "truncate":
            self.broken += 1
            client.sendall(piece[: len(piece) // 2])
            return False
        if self._mode == "delay":
            self._closing.wait(self._pause)
        if self._mode == "drip":
            for position in range(min(_DRIPPED, len(piece))):
                client.sendall(piece[position : position + 1])
                self._closing.wait(self._pause / 10)
            piece = piece[_DRIPPED:]
        client.sendall(piece)
        return True

    def _break(self, client: socket.socket) -> None:
        """End a connection with a reset, as a router that has lost it."""
        self.broken += 1
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _answer(client: socket.socket, status: str) -> None:
    body = f"<html><h1>{status} {_REASONS[status]}</h1></html>"
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: text/html\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    client.sendall((head + body).encode())


def _shut(connection: socket.socket) -> None:
    """End a connection in both directions, so that threads that wait for it go on."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # it has ended already
        return
