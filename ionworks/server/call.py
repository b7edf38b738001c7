"""What handlers receive: a request that the contract allows, and the parts of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Semaphore
from typing import Any

from attrs import field, frozen

from ionworks.server.http.contract import Contract
from ionworks.server.http.signed_links import Links
from ionworks.server.jobs.queue import Jobs
from ionworks.server.jobs.web import WebJobs
from ionworks.server.store.database import Store


@frozen
class Services:
    """The parts of the engine that handlers use.

    ``check_limit`` is the longest time, in seconds, that a request waits for a worker to check what
    it submits; None for no limit. A request that waits for an answer as long as it takes holds one
    of ``question_permits``; None for any number.
    """

    store: Store
    jobs: Jobs | WebJobs
    contract: Contract
    links: Links
    check_limit: float | None = None
    question_permits: Semaphore | None = None
    #: Idempotency keys of the requests that are being answered.
    keys_in_use: dict[str, object] = field(factory=dict, repr=False)

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
    idempotency_key
        Which repetitions of this request have in common; None without one.
    preferences
        What the client prefers, after RFC 7240, such as ``{"return": "minimal"}``.
    """

    services: Services
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    accept: str
    root: str
    idempotency_key: str | None = None
    preferences: Mapping[str, str | None] = field(factory=dict)

    def with_delay_reason(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a simulation, job, pipeline or measurement with what holds it up."""
        return {**record, "delay_reason": self.services.jobs.delays().reason(record)}
