"""Access to the embedded engine in this process: function calls instead of a socket."""

import io
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import httpx

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Engine(Protocol):
    """A WSGI application that can be closed."""

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer one request."""
        ...

    def close(self) -> None:
        """Stop its workers."""
        ...


class EngineTransport(httpx.BaseTransport):
    """Calls a WSGI application, and streams large bodies to it.

    This wraps `httpx.WSGITransport` because of two limitations: it reads the whole body before it
    calls the application, and it passes the path as text where WSGI expects its bytes decoded as
    Latin-1.

    Parameters
    ----------
    application : callable
        The WSGI application.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application."""
        given: dict[str, Any] = {}
        if not isinstance(request.stream, httpx.ByteStream):
            given["wsgi.input"] = io.BufferedReader(_Body(request.stream))
            # The replacement request keeps the headers, including Content-Length, without the body,
            # which the application reads from wsgi.input.
            request = httpx.Request(
                request.method,
                request.url,
                headers=request.headers,
                stream=httpx.ByteStream(b""),
                extensions={"streamed": request},
            )

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            path = environ["PATH_INFO"].encode("utf-8").decode("latin-1")
            return self._application({**environ, **given, "PATH_INFO": path}, start_response)

        return httpx.WSGITransport(app=application).handle_request(request)


class _Body(io.RawIOBase):
    """The body of a request as a file for WSGI."""

    def __init__(self, stream: Any) -> None:
        self._chunks = iter(stream)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
