"""What handlers receive, and what they return besides plain data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import orjson
from attrs import field, frozen

from ionworks.server.http.contract import Contract
from ionworks.server.http.signed_links import Links

if TYPE_CHECKING:
    from ionworks.server.jobs.queue import Jobs
    from ionworks.server.store.database import Store

PARQUET = "application/vnd.apache.parquet"


@frozen
class Services:
    """The parts of the engine that handlers use."""

    store: Store
    jobs: Jobs
    contract: Contract
    links: Links

    @property
    def folder(self) -> Path:
        """Where records and results are."""
        return self.store.folder


@frozen
class Call:
    """One request that the contract allows.

    Parameters
    ----------
    services
        The parts of the engine.
    path
        Path parameters by name.
    query
        Query parameters that were given, with the types of the contract.
    body
        Decoded JSON body; None without one.
    accept
        The Accept header.
    root
        Address of the server as the client knows it, without trailing slash.
    """

    services: Services
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    accept: str
    root: str


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
