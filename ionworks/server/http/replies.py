"""Replies of handlers besides plain data."""

from __future__ import annotations

import unicodedata
from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Any
from urllib.parse import quote

import orjson
from attrs import field, frozen
from werkzeug.http import dump_options_header

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


def created(content: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a 201 reply, for operations that answer 200 when the record existed before."""
    return Reply(201, orjson.dumps(content), "application/json", headers or {})


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


def attachment(name: str) -> dict[str, str]:
    """Return the header that has a browser save a reply under a file name, after RFC 6266."""
    options = {"filename": name}
    if not name.isascii() or "%" in name:  # some programs decode %20 in the plain option
        # For old programs, what is left of the name in ASCII, if anything.
        options["filename"] = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        options["filename*"] = f"UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": dump_options_header("attachment", options)}


def nothing() -> Reply:
    """Return the reply to a deletion."""
    return Reply(204)
