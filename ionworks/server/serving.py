"""Serving an engine over HTTP with waitress, beside connections that only occupy it.

Waitress reads requests in one thread, and only complete ones take one of its threads: idle and slow
connections cost a file descriptor each. What it lacks is here: a body of a request that is refused
anyway is not kept, large bodies are kept in the engine's folder and not in the temporary folder of
the system, which often is in memory, and requests that arrive too slowly are cut.
"""

from __future__ import annotations

import io
import logging
import math
import select
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, Protocol

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer

from ionworks.server.app import LARGEST_FILE
from ionworks.server.http.excerpts import cut

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

#: Requests answered at the same time.
THREADS = 32
#: Of these, requests that wait for a worker, which may take minutes; the others stay quick.
QUESTIONS = 24
#: Seconds for which requests that had begun are answered when the server is stopped.
GRACE = 20.0
#: Most connections, if the system allows that many file descriptors.
_CONNECTIONS = 4000
#: File descriptors for everything else: the store, worker processes, files in use.
_OTHER_DESCRIPTORS = 300
#: Without poll, as on Windows, Python's select takes at most 512 sockets.
_SELECT_CONNECTIONS = 400
#: Seconds after which an idle connection is closed, and when all connections are taken. Clients
#: that reuse connections close them themselves after 5 s, as httpx does.
_IDLE = 60
_IDLE_IN_OVERFLOW = 10
#: Seconds in which the headers of a request must arrive, and in which its body may pause.
_SLOWEST_HEADERS = 30.0
#: Least mean speed of a body, in bytes per second.
_LEAST_SPEED = 500.0
#: Seconds between two looks whether the last requests are answered.
_LONGEST_WAIT = 0.1
#: Bytes of a body that are kept in memory.
_IN_MEMORY = 256 * 1024


class Application(Protocol):
    """What is served: a WSGI application that limits bodies."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""

    def body_limit(self, environ: WSGIEnvironment) -> int:
        """Return the largest size of a request's body, see `LocalApp.body_limit`."""


def make_server(
    app: Application,
    listener: socket.socket,
    folder: Path,
    prefix: str = "",
    *,
    threads: int = THREADS,
    grace: float = GRACE,
) -> Any:
    """Return a server of an engine.

    Its ``run`` method returns after ``stop`` was called, when all requests are answered that had
    begun, or when it is interrupted.

    Parameters
    ----------
    app
        The engine.
    listener
        A socket bound to the address.
    folder
        Where large bodies are kept while they arrive.
    prefix
        Path of the engine's URL behind a reverse proxy; the proxy may remove it or not.
    threads
        Requests answered at the same time.
    grace
        Longest time after ``stop`` for the requests that had begun, in seconds.
    """
    # It warns of each request that waits for a thread, which is not worth a line.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    can_poll = hasattr(select, "poll")
    return _Server(
        app,
        _sock=listener,
        sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        bind_socket=False,
        folder=folder,
        threads=threads,
        grace=grace,
        connection_limit=_connection_limit() if can_poll else _SELECT_CONNECTIONS,
        asyncore_use_poll=can_poll,
        channel_timeout=_IDLE,
        cleanup_interval=5,
        # The application limits bodies.
        max_request_body_size=LARGEST_FILE + 1,
        url_prefix=prefix,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )


def _connection_limit() -> int:
    """Raise the limit of file descriptors, and return how many connections are possible."""
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _OTHER_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return _CONNECTIONS
    return max(1, min(_CONNECTIONS, soft - _OTHER_DESCRIPTORS))


class _Server(TcpWSGIServer):
    """A server that closes connections whose requests arrive too slowly."""

    def __init__(self, app: Application, *, folder: Path, grace: float, **options: Any) -> None:
        self.app = app
        self.folder = folder
        self._grace = grace
        self._is_stopping = False
        self.channel_class = _Channel
        self._next_maintenance = 0.0
        super().__init__(app, **options)
        # Waitress would go by the clock of the system, which may be set back by hours.
        self.next_channel_cleanup = math.inf

    def stop(self) -> None:
        """Have `run` return when the requests that have begun are answered.

        A signal handler may call it.
        """
        self._is_stopping = True
        with suppress(OSError):  # it has ended
            self.pull_trigger()

    def run(self) -> None:
        """Answer requests until `stop` is called."""
        try:
            while self._map and not self._is_stopping:
                self._loop_once(self.adj.asyncore_loop_timeout)
            if self._is_stopping:
                self._end_requests()
        except (SystemExit, KeyboardInterrupt):
            log.info("interrupted")
        self.task_dispatcher.shutdown()
        if self._is_stopping:
            wasyncore.close_all(self._map, ignore_all=True)

    def _loop_once(self, timeout: float) -> None:
        wasyncore.loop(timeout, use_poll=self.adj.asyncore_use_poll, map=self._map, count=1)

    def _end_requests(self) -> None:
        """Accept no connections, and close each as soon as its requests are answered."""
        self.handle_accept()  # those that clients have opened
        self._loop_once(0.0)  # what they have sent
        self.accepting = False
        self.del_channel()
        self.socket.close()
        deadline = monotonic() + self._grace
        while busy := [each for each in self.active_channels.values() if each.is_busy]:
            if monotonic() > deadline:
                log.warning("%d connections are closed before their reply is sent", len(busy))
                return
            for channel in list(self.active_channels.values()):
                channel.will_close = channel.will_close or not channel.is_busy
            self._loop_once(_LONGEST_WAIT)

    def readable(self) -> bool:
        """Look for connections to close from time to time, and tell whether more may connect."""
        now = monotonic()
        if now >= self._next_maintenance:
            self._next_maintenance = now + self.adj.cleanup_interval
            self.maintenance(now)
        return bool(super().readable())

    def handle_accept(self) -> None:
        """Accept all connections that wait.

        Waitress accepts one and then looks at each open connection, which takes milliseconds when
        there are thousands.
        """
        before = -1
        while before < len(self._map) < self.adj.connection_limit:
            before = len(self._map)
            super().handle_accept()

    def maintenance(self, now: float) -> None:
        """Mark the connections to close, at a time of the monotonic clock."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.request is not None:
                is_over = channel.request.is_too_slow(now)
            else:
                is_over = (
                    self.in_connection_overflow
                    and not channel.requests
                    and channel.last_activity < now - _IDLE_IN_OVERFLOW
                )
            if is_over:
                channel.will_close = True


class _Channel(HTTPChannel):
    """A connection."""

    _last_activity = 0.0

    @property
    def last_activity(self) -> float:
        """When something was received or sent, by the monotonic clock."""
        return self._last_activity

    @last_activity.setter
    def last_activity(self, _time: float) -> None:
        self._last_activity = monotonic()

    def parser_class(self, adjustments: Any) -> _Parser:
        """Begin a request."""
        return _Parser(adjustments, self)

    @property
    def is_busy(self) -> bool:
        """Whether a request was begun whose reply is not sent yet."""
        is_begun = self.request is not None and not self.request.empty
        return bool(self.connected and (is_begun or self.requests or self.total_outbufs_len))

    def del_channel(self, sockets: Any = None) -> None:
        """Forget a connection that was closed, and the request it had begun."""
        super().del_channel(sockets)
        if self.request is not None:
            self.request.close()


class _Parser(HTTPRequestParser):
    """A request that is being received."""

    body_rcv: Any
    error: Any
    expect_continue: bool
    content_length: int
    body_bytes_received: int

    def __init__(self, adjustments: Any, channel: _Channel) -> None:
        super().__init__(adjustments)
        self._channel = channel
        self._began = monotonic()

    def is_too_slow(self, now: float) -> bool:
        """Whether the request has taken too long to arrive."""
        allowed = _SLOWEST_HEADERS + self.body_bytes_received / _LEAST_SPEED
        return now - self._began > allowed

    def received(self, data: bytes) -> int:
        """Receive a part of the request, and return how many bytes were read."""
        size: int = super().received(data)
        if self.error is not None:  # waitress answers itself, and would repeat all of a bad line
            self.error.body = cut(self.error.body)
        return size

    def parse_header(self, header: bytes) -> None:
        """Read the headers, and decide what to do with the body."""
        super().parse_header(header)
        if self.body_rcv is None:
            return
        server = self._channel.server
        environ = self._channel.task_class(self._channel, self).get_environment()
        limit = server.app.body_limit(environ)
        if self.expect_continue and (limit == 0 or self.content_length > limit):
            # The client waits before it sends the body, so it can be told at once.
            self.body_rcv = None
            self.content_length = 0
            self.expect_continue = False
            self.headers["CONNECTION"] = "close"
            return
        self.body_rcv.buf = _Body(limit, server.folder)


class _Body:
    """The body of a request; keeps nothing of one that is larger than its limit.

    Such a body is received to its end, because many clients read no reply before they have sent it.
    """

    def __init__(self, limit: int, folder: Path) -> None:
        self._limit = limit
        self._size = 0
        # Closed with the request.
        self._file: IO[bytes] = SpooledTemporaryFile(  # noqa: SIM115
            max_size=_IN_MEMORY, dir=str(folder)
        )
        self._error: OSError | None = None

    def __len__(self) -> int:
        return self._size

    def append(self, data: bytes) -> None:
        """Receive a part."""
        self._size += len(data)
        if self._size > self._limit:
            self.close()
        elif self._error is None:
            try:
                self._file.write(data)
            except OSError as error:  # the disk is full: the application says so in its reply
                self._error = error
                self.close()

    def getfile(self) -> IO[bytes]:
        """Return what was received, to be read from its start."""
        if self._file.closed:
            return io.BufferedReader(_Lost(self._error))
        self._file.seek(0)
        return self._file

    def getbuf(self) -> _Body:
        """Return what the parser closes after the reply."""
        return self

    def close(self) -> None:
        """Forget what was received."""
        self._file.close()


class _Lost(io.RawIOBase):
    """A body that was not kept."""

    def __init__(self, error: OSError | None) -> None:
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        # Werkzeug takes an OSError for a client that has gone.
        raise RuntimeError("the body of the request was not kept") from self._error
