"""Requests of a served engine: each gets an id, a line in the log, and a place in the metrics."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen
from werkzeug.wsgi import ClosingIterator

from ionworks.server.app import LocalApp
from ionworks.server.http import request_ids
from ionworks.server.http.request_ids import ERROR_CODE, OPERATION, REQUEST_ID
from ionworks.server.operations import READY_PATH, Operations

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)


@frozen
class Request:
    """One request that was answered.

    Attributes
    ----------
    operation
        Operation of the contract, or ``unknown``.
    status
        Status code of the reply.
    error_code
        Code of the problem that ended it; None for none.
    seconds
        Until the reply was complete.
    """

    operation: str
    status: int
    error_code: str | None
    seconds: float


class Observed:
    """A served engine that tells what it answers.

    Parameters
    ----------
    app
        The engine.
    operations
        Answers ``/readyz``.
    note
        Learns of each request; None for nobody.
    """

    def __init__(
        self,
        app: LocalApp,
        operations: Operations,
        note: Callable[[Request], None] | None = None,
    ) -> None:
        self._app = app
        self._operations = operations
        self._note = note

    def body_limit(self, environ: WSGIEnvironment) -> int:
        """Return the largest size of a request's body, see `LocalApp.body_limit`."""
        return self._app.body_limit(environ)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") == READY_PATH:
            return self._operations(environ, start_response)
        began = time.perf_counter()
        identifier = request_ids.request_id(environ.get("HTTP_X_REQUEST_ID"))
        environ[REQUEST_ID] = identifier
        seen = [0]

        def start(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: tuple[type[BaseException], BaseException, TracebackType]
            | tuple[None, None, None]
            | None = None,
            /,
        ) -> Callable[[bytes], object]:
            seen[0] = int(status.partition(" ")[0])
            return start_response(status, [*headers, ("X-Request-ID", identifier)], exc_info)

        def end() -> None:
            self._end(environ, seen[0], time.perf_counter() - began)

        token = request_ids.current.set(identifier)
        try:
            content = self._app(environ, start)
        finally:
            request_ids.current.reset(token)
        # The server sends a file better than pieces of it.
        is_file = isinstance(content, environ["wsgi.file_wrapper"])
        if not is_file:
            return ClosingIterator(content, [end])
        end()
        return content

    def _end(self, environ: WSGIEnvironment, status: int, seconds: float) -> None:
        operation = environ.get(OPERATION, "unknown")
        request = Request(operation, status, environ.get(ERROR_CODE), seconds)
        if self._note is not None:
            self._note(request)
        if log.isEnabledFor(logging.INFO):
            fields: dict[str, Any] = {
                "request_id": environ[REQUEST_ID],
                "operation": operation,
                "status": status,
                "seconds": round(seconds, 6),
                "client": environ.get("REMOTE_ADDR"),
            }
            if request.error_code is not None:
                fields["error_code"] = request.error_code
            log.info(
                "%s %s %d in %.4f s",
                environ["REQUEST_METHOD"],
                request_ids.shown(environ.get("PATH_INFO", "")),
                status,
                seconds,
                extra=fields,
            )
