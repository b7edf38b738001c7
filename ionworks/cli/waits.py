"""Waiting for simulations and fits by their ids, and the report about how they ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
import typer

from ionworks.cli.exits import Code
from ionworks.cli.kinds import JOBS, Kind, find
from ionworks.cli.output import table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ionworks.cli.session import Session

__all__ = [
    "Job", "TimeLimit", "countdown", "exit_code", "find_jobs", "report", "require_waiting",
    "wait_for",
]  # fmt: skip

_COLUMNS: Final = ("id", "kind", "name", "status", "error")
_SUCCESS: Final = "completed"

TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--timeout", metavar="SECONDS", min=0.0, show_default=False,
        help="Longest time to wait; without limit by default.",
    ),
]  # fmt: skip
"""The option of commands that wait."""


def require_waiting(what: str, *, waits: bool, **options: Any) -> None:
    """Refuse options that require waiting if the command does not wait.

    Raises
    ------
    ValueError
        If one of the options is given; the message names it.
    """
    for name, value in options.items():
        if not waits and value is not None and value is not False:
            option = f"--{name.replace('_', '-')}"
            raise ValueError(f"{option} requires waiting for {what}: leave out --no-wait")


def countdown(timeout: float | None) -> Callable[[], float | None]:
    """Return a function that tells how many seconds of a time limit are left; None without one."""
    deadline = None if timeout is None else time.monotonic() + timeout
    return lambda: None if deadline is None else max(deadline - time.monotonic(), 0.0)


@attrs.frozen(kw_only=True)
class Job:
    """A simulation, pipeline or simple pipeline.

    Attributes
    ----------
    id : str
        Its id.
    kind : Kind
        What it is.
    status : str or None
        The last known status.
    name, error : str or None
        Its name, if it is known without a request for each, and why it failed.
    """

    id: str
    kind: Kind
    status: str | None = None
    name: str | None = None
    error: str | None = None

    @classmethod
    def of(cls, kind: Kind, record: Mapping[str, Any]) -> Job:
        """Make it of a record."""
        return cls(
            id=record["id"],
            kind=kind,
            status=record["status"],
            name=record["name"],
            error=record["error"],
        )


def find_jobs(session: Session, ids: Sequence[str]) -> list[Job]:
    """Return what ids are of; one request tells all that are simulations.

    Raises
    ------
    NotFoundError
        If nothing that runs has one of the ids.
    """
    statuses = {each.simulation_id: each for each in session.client.simulation.get_statuses(ids)}
    jobs = []
    for each in ids:
        status = statuses.get(each)
        if status is not None:
            jobs.append(
                Job(id=each, kind=Kind.SIMULATION, status=status.status, error=status.error)
            )
        else:
            found = find(session.client, each, among=JOBS)
            jobs.append(Job.of(found.kind, found.record))
    return jobs


def wait_for(session: Session, jobs: Sequence[Job], timeout: float | None = None) -> list[Job]:
    """Wait until all have ended, and return them as they ended.

    Parameters
    ----------
    session : Session
        Shows progress unless it is quiet.
    jobs : sequence of Job
        What to wait for.
    timeout : float, optional
        Longest time in seconds, for all together.

    Raises
    ------
    WaitTimeoutError
        If some have not ended in time.
    """
    remaining = countdown(timeout)
    options: dict[str, Any] = {"verbose": not session.output.quiet, "raise_on_failure": False}

    ended: dict[str, Job] = {}
    simulations = [each.id for each in jobs if each.kind is Kind.SIMULATION]
    if simulations:
        session.client.simulation.wait_for_completion(simulations, remaining(), **options)
        for status in session.client.simulation.get_statuses(simulations):
            ended[status.simulation_id] = Job(
                id=status.simulation_id,
                kind=Kind.SIMULATION,
                status=status.status,
                error=status.error,
            )
    for each in jobs:
        if each.kind is Kind.SIMULATION:
            continue
        client = session.client
        resource = client.pipeline if each.kind is Kind.PIPELINE else client.simple_pipeline
        record = resource.wait_for_completion(each.id, remaining(), **options)
        ended[each.id] = Job.of(each.kind, record)
    return [ended[each.id] for each in jobs if each.id in ended]


def report(session: Session, jobs: Sequence[Job]) -> None:
    """Write the statuses of jobs as the result of the command."""
    documents = [
        {"id": each.id, "kind": each.kind.value, "status": each.status, "error": each.error}
        for each in jobs
    ]
    session.output.result(documents, lambda: _view(jobs))


def exit_code(statuses: Iterable[str | None]) -> Code:
    """Return the exit code for the statuses of jobs that have ended."""
    return Code.DONE if all(each == _SUCCESS for each in statuses) else Code.FAILED


def _view(jobs: Sequence[Job]) -> RenderableType:
    return table([attrs.asdict(each) for each in jobs], _COLUMNS)
