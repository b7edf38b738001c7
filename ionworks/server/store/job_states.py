"""Job states in the store: each function is one transaction, safe against other processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, bindparam, select, update

from ionworks.server.store.database import Store, now
from ionworks.server.store.tables import jobs

UNFINISHED = ("pending", "waiting", "processing")
FAILED = ("failed", "canceled")


@frozen
class Waiting:
    """A job that waits to be run."""

    id: str
    submission_id: str
    job_type: str
    attempts: int


def claim(store: Store, owner: str, job_ids: Sequence[str]) -> list[str]:
    """Start jobs: those still pending become processing and are returned in their order."""
    moment = now()
    pending = (jobs.c.id.in_(job_ids), jobs.c.owner == owner, jobs.c.status == "pending")
    with store.writing() as connection:
        rows = connection.execute(
            update(jobs)
            .where(*pending)
            .values(status="processing", started_at=moment, updated_at=moment)
            .returning(jobs.c.number, jobs.c.id)
        ).all()
    return [row.id for row in sorted(rows)]


_FINISH_JOB = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(
        status=bindparam("new_status"),
        error=bindparam("new_error"),
        error_code=bindparam("new_code"),
        compute_time=bindparam("seconds"),
        completed_at=bindparam("moment"),
        updated_at=bindparam("moment"),
    )
)


def ending(note: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a worker noted of the end of a job, for `finish`."""
    return {
        "job": note["id"],
        "new_status": "completed" if note["error"] is None else "failed",
        "new_error": note["error"],
        "new_code": note["error_code"],
        "seconds": note["compute_time"],
        "moment": now(),
    }


def finish(
    connection: Connection, owner: str, endings: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """End jobs this owner is processing.

    Returns
    -------
    list of dict
        The endings that were recorded; not those of jobs that were canceled, deleted or taken
        over meanwhile.
    """
    current = _processing(connection, owner, [row["job"] for row in endings])
    rows = [row for row in endings if row["job"] in current]
    if rows:
        connection.execute(_FINISH_JOB, rows)
    return rows


def fail(store: Store, owner: str, job_ids: Sequence[str], error_code: str, error: str) -> None:
    """Fail unfinished jobs of this owner."""
    moment = now()
    with store.writing() as connection:
        connection.execute(
            update(jobs)
            .where(jobs.c.id.in_(job_ids), jobs.c.owner == owner, jobs.c.status.in_(UNFINISHED))
            .values(
                status="failed",
                error=error,
                error_code=error_code,
                completed_at=moment,
                updated_at=moment,
            )
        )


def put_back(store: Store, owner: str, job_ids: Sequence[str], *, counts: bool) -> list[Waiting]:
    """Make jobs this owner is processing pending again; ``counts`` notes a failed attempt."""
    mine = (jobs.c.id.in_(job_ids), jobs.c.owner == owner, jobs.c.status == "processing")
    with store.writing() as connection:
        rows = connection.execute(
            update(jobs)
            .where(*mine)
            .values(
                status="pending",
                started_at=None,
                updated_at=now(),
                attempts=jobs.c.attempts + (1 if counts else 0),
            )
            .returning(jobs.c.id, jobs.c.submission_id, jobs.c.job_type, jobs.c.attempts)
        ).all()
    return [Waiting(*row) for row in rows]


def cancel(store: Store, job_id: str) -> None:
    """Cancel a job unless it has ended."""
    moment = now()
    with store.writing() as connection:
        connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.status.in_(UNFINISHED))
            .values(status="canceled", completed_at=moment, updated_at=moment)
        )


def still_wanted(store: Store, owner: str, job_ids: Sequence[str]) -> set[str]:
    """Return which jobs this owner is still processing."""
    with store.reading() as connection:
        return _processing(connection, owner, job_ids)


def other_owners(store: Store, owner: str) -> list[str]:
    """Return the owners of unfinished jobs, but this one."""
    statement = (
        select(jobs.c.owner).where(jobs.c.status.in_(UNFINISHED), jobs.c.owner != owner).distinct()
    )
    with store.reading() as connection:
        return list(connection.scalars(statement))


def adopt(store: Store, orphaned_by: str, owner: str) -> list[Waiting]:
    """Give all unfinished jobs of a dead owner to another; what was under way starts anew."""
    with store.writing() as connection:
        rows = connection.execute(
            update(jobs)
            .where(jobs.c.owner == orphaned_by, jobs.c.status.in_(UNFINISHED))
            .values(owner=owner, status="pending", started_at=None, updated_at=now())
            .returning(
                jobs.c.number, jobs.c.id, jobs.c.submission_id, jobs.c.job_type, jobs.c.attempts
            )
        ).all()
    return [Waiting(*row[1:]) for row in sorted(rows)]


def _processing(connection: Connection, owner: str, job_ids: Sequence[str]) -> set[str]:
    statement = select(jobs.c.id).where(
        jobs.c.id.in_(job_ids), jobs.c.owner == owner, jobs.c.status == "processing"
    )
    return set(connection.scalars(statement))
