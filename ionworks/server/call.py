"""What handlers receive: a request that the contract allows, and the parts of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from ionworks.server.http.contract import Contract
from ionworks.server.http.signed_links import Links
from ionworks.server.jobs.queue import Jobs
from ionworks.server.store.database import Store


@frozen
class Services:
    """The parts of the engine that handlers use.

    ``check_limit`` is the longest time, in seconds, that a request waits for a worker to check what
    it submits; None for no limit.
    """

    store: Store
    jobs: Jobs
    contract: Contract
    links: Links
    check_limit: float | None = None

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
