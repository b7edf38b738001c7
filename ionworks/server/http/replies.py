"""Replies of handlers besides plain data."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Any

import orjson
from attrs import field, frozen

PARQUET = "application/vnd.apache.parquet"
#: Items of a list that are written as JSON at once.
_PIECE = 5000


@frozen
class Reply:
    """A reply that is not simply JSON with the contract's success code.

    An open file as content is sent piece by piece and closed. A generator is sent as it yields.
    """

    status: int
    content: bytes | IO[bytes] | Generator[bytes, None, None] = b""
    media_type: str | None = None
    headers: Mapping[str, str] = field(factory=dict)


def text(content: str) -> Reply:
    """Return a plain-text reply."""
    return Reply(200, content.encode(), "text/plain; charset=utf-8")


def created(content: Any) -> Reply:
    """Return a 201 reply, for operations that answer 200 when the record existed before."""
    return Reply(201, orjson.dumps(content), "application/json")


def created_list(items: Iterable[Any]) -> Reply:
    """Return a 201 reply with a JSON list, which is made while it is sent if it is long."""
    rest = iter(items)
    first = list(islice(rest, _PIECE))
    if len(first) < _PIECE:
        return created(first)
    return Reply(201, _json_list(first, rest), "application/json")


def _json_list(items: list[Any], rest: Iterator[Any]) -> Generator[bytes, None, None]:
    separator = b"["
    while items:
        yield separator + orjson.dumps(items)[1:-1]
        separator = b","
        items = list(islice(rest, _PIECE))
    yield b"]"


def nothing() -> Reply:
    """Return the reply to a deletion."""
    return Reply(204)
