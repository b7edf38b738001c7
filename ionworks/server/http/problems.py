"""Problems of requests: error replies with status, code, message and details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson

from ionworks.server.http.excerpts import abridged, cut

#: Names and indices that lead to a value of a request, such as ``["body", "name"]``.
Location = list[str | int]

#: Most problems that an error reply describes.
MOST_ENTRIES = 20


class Problem(Exception):
    """A request that ends with an error reply.

    Parameters
    ----------
    status
        HTTP status code of the reply.
    error_code
        Constant for programs.
    message
        For people: what was wrong and what to do.
    detail
        Further data; any JSON value.
    headers
        Additional headers of the reply.
    """

    def __init__(
        self,
        status: int,
        error_code: str,
        message: str,
        detail: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        # The messages in a list of entries are abridged already, each on its own.
        self.message = message if isinstance(detail, list) else abridged(message)
        super().__init__(self.message)
        self.status = status
        self.error_code = error_code
        self.detail = detail
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """Return the JSON body of the reply."""
        content = {"error_code": self.error_code, "message": self.message, "detail": self.detail}
        return orjson.dumps(content)


def not_found(noun: str, identifier: str, *namesakes: str) -> Problem:
    """Return the problem of an unknown id.

    Parameters
    ----------
    noun, identifier
        What was looked for.
    *namesakes
        Ids of records whose name was given for the id.
    """
    message = f"There is no {noun} with the id {cut(identifier)!r}."
    if len(namesakes) == 1:
        message += f" That is the name of the {noun} with the id {namesakes[0]!r}: give the id."
    elif namesakes:
        ids = ", ".join(map(repr, namesakes))
        message += f" That is the name of several, with the ids {ids}: give the id."
    return Problem(404, "NOT_FOUND", message)


def bad_request(message: str, detail: Any = None) -> Problem:
    """Return the problem of a request that contradicts itself or what is stored."""
    return Problem(400, "BAD_REQUEST", message, detail)


def forbidden(message: str) -> Problem:
    """Return the problem of a request that is not allowed."""
    return Problem(403, "FORBIDDEN", message)


def conflict(message: str, existing_id: str | None = None) -> Problem:
    """Return the problem of something that exists already or is still in use."""
    detail = None if existing_id is None else {"existing_id": existing_id}
    return Problem(409, "CONFLICT", message, detail)


def not_implemented(message: str) -> Problem:
    """Return the problem of an operation the embedded engine does not have."""
    return Problem(501, "NOT_IMPLEMENTED", message)


def entry(location: Sequence[str | int], message: str, kind: str) -> dict[str, Any]:
    """Return one element of the detail list of a refused request.

    Of long values in its location and message, only the beginning is left.
    """
    place = [cut(part) if isinstance(part, str) else part for part in location]
    return {"loc": place, "msg": abridged(message), "type": kind}


def invalid(entries: Sequence[dict[str, Any]]) -> Problem:
    """Return the problem of the values that the contract or the engine rejects.

    Only the first `MOST_ENTRIES` are described.
    """
    found = list(entries)[:MOST_ENTRIES]
    message = "; ".join(map(_sentence, found))
    if len(entries) > MOST_ENTRIES:
        message += f"; and more: these are the first {MOST_ENTRIES}"
    return Problem(422, "VALIDATION_ERROR", message, found)


def refuse(entries: Iterable[dict[str, Any]]) -> None:
    """Raise the problem of the values that are rejected, if there are any.

    Parameters
    ----------
    entries
        Read as far as they are described, so that the search for a similar name is not made for
        thousands of wrong names.
    """
    if found := list(islice(entries, MOST_ENTRIES + 1)):
        raise invalid(found)


def _sentence(item: dict[str, Any]) -> str:
    """Return one entry as text; the location is left out where it is the whole body."""
    return item["msg"] if item["loc"] == ["body"] else f"{_dotted(item['loc'])}: {item['msg']}"


def _dotted(location: Sequence[str | int]) -> str:
    """Return a location as people write it: ``body.rows[0].type``."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
