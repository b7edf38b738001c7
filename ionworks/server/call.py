"""What handlers receive: a request that the contract allows, and the parts of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Semaphore
from typing import Any

from attrs import field, frozen

from ionworks.server.http.contract import Contract
from ionworks.server.http.problems import entry, invalid
from ionworks.server.http.signed_links import Links
from ionworks.server.jobs.queue import Jobs
from ionworks.server.jobs.web import WebJobs
from ionworks.server.store import access
from ionworks.server.store.database import Store
from ionworks.server.team.limits import Limits


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
    #: Of the users of a team; None for a single user.
    limits: Limits | None = None
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

    @property
    def default_project_id(self) -> str | None:
        """Project of requests that name none; None if the user has no such project."""
        user = access.current()
        return access.DEFAULT_PROJECT if user is None else user.default_project_id

    @property
    def project_id(self) -> str:
        """Project that the body names, or else the default project.

        Raises
        ------
        Problem
            422 if the body names none and the user has no default project.
        """
        project_id = self.body.get("project_id", self.default_project_id)
        if project_id is None:
            message = "name the project: you have no default project"
            raise invalid([entry(["body", "project_id"], message, "missing")])
        return str(project_id)

    def with_delay_reason(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a simulation, job, pipeline or measurement with what holds it up."""
        return {**record, "delay_reason": self.services.jobs.delays().reason(record)}
