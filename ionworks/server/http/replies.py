"""Replies of handlers besides plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from attrs import field, frozen

PARQUET = "application/vnd.apache.parquet"


@frozen
class Reply:
    """A reply that is not simply JSON with the contract's success code.

    An open file as content is sent piece by piece and closed.
    """

    status: int
    content: bytes | IO[bytes] = b""
    media_type: str | None = None
    headers: Mapping[str, str] = field(factory=dict)


def text(content: str) -> Reply:
    """Return a plain-text reply."""
    return Reply(200, content.encode(), "text/plain; charset=utf-8")


def created(content: Any) -> Reply:
    """Return a 201 reply, for operations that answer 200 when the record existed before."""
    return Reply(201, orjson.dumps(content), "application/json")


def nothing() -> Reply:
    """Return the reply to a deletion."""
    return Reply(204)
