"""Requests for operations that no resource has a method for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import httpx

from ionworks.data.json_values import plain
from ionworks.errors import ResponseDecodeError
from ionworks.records.record import Record
from ionworks.requests.fields import text
from ionworks.resources.resource import Resource
from ionworks.transport import files
from ionworks.transport.error_replies import is_json

__all__ = ["RawRequests"]

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PLACE: Final = re.compile(r"\{[^{}]*\}")


class RawRequests(Resource):
    """Send requests to any path, with the credentials, retries and exceptions of all others."""

    def send(
        self,
        method: str,
        path: str,
        ids: Sequence[str | Record],
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request; the parameters and the reply are those of `ionworks.Ionworks.request`."""
        verb = text(method, "method").upper()
        if verb not in _METHODS:
            raise ValueError(f"method must be one of {', '.join(_METHODS)}, not {method!r}")
        for name, given in (("params", params), ("headers", headers)):
            if given is not None and not isinstance(given, Mapping):
                raise TypeError(f"{name} must map names to values, not {given!r}")
        query = {name: value for name, value in (params or {}).items() if value is not None}
        http = self._connection.http
        request = http.build_request(
            verb,
            self._filled(path, ids),
            params=query or None,
            json=None if json is None else plain(json, "json"),
            headers=None if headers is None else dict(headers),
        )
        reply = http.send(request)
        if not reply.is_redirect:
            return _content(reply)
        if verb != "GET":
            raise ResponseDecodeError(
                f"{verb} {path} was redirected, which only downloads may be",
                status_code=reply.status_code,
            )
        return files.fetch(
            str(request.url),
            http=http,
            outside=self._connection.outside,
            accept=request.headers["Accept"],
            headers=headers,
        )

    def _filled(self, path: str, ids: Sequence[str | Record]) -> str:
        """Return a path with ids in its places, each percent-encoded so that it is one segment."""
        # With the URL of another host, the credentials would be sent there.
        if not text(path, "path").startswith("/") or path.startswith("//"):
            raise ValueError(
                f"path must start with one slash, such as '/jobs/{{job_id}}', not {path!r}"
            )
        if "?" in path or "#" in path:
            raise ValueError(f"path must have no query, give it as params: {path!r}")
        places = _PLACE.findall(path)
        if len(places) != len(ids):
            raise ValueError(f"{path!r} has {len(places)} places for ids, but {len(ids)} are given")
        encoded = [
            quote(self._identifier(identifier, place[1:-1]), safe="")
            for place, identifier in zip(places, ids, strict=True)
        ]
        return _PLACE.sub(lambda _: encoded.pop(0), path)


def _content(reply: httpx.Response) -> Any:
    """Return the body of a reply: parsed JSON, other bytes, or None if it is empty."""
    if not reply.content:
        return None
    if not is_json(reply.headers.get("Content-Type", "")):
        return reply.content
    try:
        return reply.json()
    except ValueError as problem:
        raise ResponseDecodeError(
            f"{reply.request.method} {reply.url.path}: the reply is not valid JSON: {problem}",
            status_code=reply.status_code,
            data=reply.content,
        ) from problem
