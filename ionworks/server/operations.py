"""What operators ask a process of the server: ``/healthz``, ``/readyz`` and ``/metrics``.

They need no key, and tell no secrets and nothing about users. ``/metrics`` is answered only on an
address of its own, because it tells how much the server is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import orjson

from ionworks.server.readiness import Readiness

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

READY_PATH: Final = "/readyz"
_JSON: Final = ("Content-Type", "application/json")


class Operations:
    """A WSGI application for operators, and for processes that answer nobody else.

    Parameters
    ----------
    readiness
        Of this process.
    metrics
        Returns the metrics of this process, and their media type; None to have no ``/metrics``.
    """

    def __init__(
        self, readiness: Readiness, metrics: Callable[[], tuple[bytes, str]] | None = None
    ) -> None:
        self._readiness = readiness
        self._metrics = metrics

    def body_limit(self, _environ: WSGIEnvironment) -> int:
        """Return 0: no request has a body."""
        return 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            status, header, content = "405 Method Not Allowed", _JSON, b"{}"
        else:
            status, header, content = self._answer(environ.get("PATH_INFO", ""))
        headers = [header, ("Cache-Control", "no-store"), ("Content-Length", str(len(content)))]
        start_response(status, headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else content]

    def _answer(self, path: str) -> tuple[str, tuple[str, str], bytes]:
        if path == "/healthz":
            return "200 OK", _JSON, _text({"status": "ok"})
        if path == READY_PATH:
            report = self._readiness.report()
            is_ready = report["status"] == "ready"
            return "200 OK" if is_ready else "503 Service Unavailable", _JSON, _text(report)
        if path == "/metrics" and self._metrics is not None:
            content, media_type = self._metrics()
            return "200 OK", ("Content-Type", media_type), content
        problem = {"error_code": "NOT_FOUND", "message": "There is nothing at this path."}
        return "404 Not Found", _JSON, _text(problem)


def _text(content: Any) -> bytes:
    return orjson.dumps(content)
