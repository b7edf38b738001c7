"""States of jobs in the store; each function is one transaction, safe against other processes.

Two tables hold jobs: ``jobs``, and ``measurements``, whose rows are also the jobs that process
them. The queue handles both through a `JobStates`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Column, ColumnElement, Connection, Table, bindparam, select, update

from ionworks.server.store.database import Store, now
from ionworks.server.store.tables import jobs, open_submissions

PENDING = "pending"
PROCESSING = "processing"
UNFINISHED = (PENDING, "waiting", PROCESSING)
FAILED = ("failed", "canceled")


@frozen
class Waiting:
    """A job that waits to be run."""

    id: str
    submission_id: str
    job_type: str
    attempts: int


class JobStates:
    """States of the jobs of one table.

    Parameters
    ----------
    table
        Its columns ``number``, ``id``, ``owner`` and ``attempts`` mean the same in every table.
    status
        Column of the state; a job that waits is ``pending`` in every table.
    processing
        State of a job that is being run.
    unfinished
        All states of jobs that have not ended.
    waiting
        Columns from which a `Waiting` is made, in the order of its fields.
    """

    def __init__(
        self,
        table: Table,
        status: Column[Any],
        *,
        processing: str,
        unfinished: Sequence[str],
        waiting: Sequence[ColumnElement[Any]],
    ) -> None:
        self.table = table
        self._status = status
        self._processing = processing
        self._unfinished = tuple(unfinished)
        self._waiting = tuple(waiting)

    def claim(self, store: Store, owner: str, job_ids: Sequence[str]) -> list[str]:
        """Start those jobs that are still pending; returns their ids in the order of creation."""
        columns = self.table.c
        with store.writing() as connection:
            rows = connection.execute(
                update(self.table)
                .where(*self._owned(owner, job_ids), self._status == PENDING)
                .values({self._status.name: self._processing, **self._started()})
                .returning(columns.number, columns.id)
            ).all()
        return [row.id for row in sorted(rows)]

    def put_back(
        self, store: Store, owner: str, job_ids: Sequence[str], *, counts: bool
    ) -> list[Waiting]:
        """Make unfinished jobs pending again; ``counts`` records a failed attempt.

        Returns
        -------
        list of Waiting
            Not those that were canceled or deleted meanwhile.
        """
        with store.writing() as connection:
            return self._returned(
                connection, self._owned(owner, job_ids), self._stopped(counts=counts)
            )

    def fail(
        self, store: Store, owner: str, job_ids: Sequence[str], error_code: str, error: str
    ) -> None:
        """Fail unfinished jobs of this owner."""
        with store.writing() as connection:
            connection.execute(
                update(self.table)
                .where(*self._owned(owner, job_ids), self._status.in_(self._unfinished))
                .values(self._failed(error_code, error))
            )

    def still_wanted(self, store: Store, owner: str, job_ids: Sequence[str]) -> set[str]:
        """Return which jobs this owner is still processing."""
        with store.reading() as connection:
            return self.processing(connection, owner, job_ids)

    def processing(self, connection: Connection, owner: str, job_ids: Sequence[str]) -> set[str]:
        """Return which jobs an owner is processing, within a transaction."""
        statement = select(self.table.c.id).where(
            *self._owned(owner, job_ids), self._status == self._processing
        )
        return set(connection.scalars(statement))

    def other_owners(self, store: Store, owner: str) -> set[str]:
        """Return the owners of unfinished jobs, except this one."""
        theirs = self.table.c.owner
        statement = select(theirs).where(self._status.in_(self._unfinished), theirs != owner)
        with store.reading() as connection:
            return set(connection.scalars(statement.distinct()))

    def adopt(self, store: Store, orphaned_by: str, owner: str) -> list[Waiting]:
        """Give the unfinished jobs of a dead owner to another; they start again."""
        theirs = (self.table.c.owner == orphaned_by,)
        with store.writing() as connection:
            self._fail_exhausted(connection, orphaned_by)
            return self._returned(
                connection, theirs, {"owner": owner, **self._stopped(counts=False)}
            )

    def _returned(
        self,
        connection: Connection,
        which: Sequence[ColumnElement[bool]],
        values: Mapping[str, Any],
    ) -> list[Waiting]:
        rows = connection.execute(
            update(self.table)
            .where(*which, self._status.in_(self._unfinished))
            .values({self._status.name: PENDING, **values})
            .returning(self.table.c.number, *self._waiting)
        ).all()
        return [Waiting(*row[1:]) for row in sorted(rows)]

    def _owned(self, owner: str, job_ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
        return self.table.c.id.in_(job_ids), self.table.c.owner == owner

    # What a change of state stores besides the state.
    def _started(self) -> dict[str, Any]:
        moment = now()
        return {"started_at": moment, "updated_at": moment}

    def _stopped(self, *, counts: bool) -> dict[str, Any]:
        attempts = self.table.c.attempts + (1 if counts else 0)
        return {"started_at": None, "updated_at": now(), "attempts": attempts}

    def _failed(self, error_code: str, error: str) -> dict[str, Any]:
        moment = now()
        return {
            "status": "failed",
            "error": error,
            "error_code": error_code,
            "completed_at": moment,
            "updated_at": moment,
        }

    def _fail_exhausted(self, connection: Connection, orphaned_by: str) -> None:
        """Fail jobs that may be what ended their owner; none of those in worker processes."""


JOBS = JobStates(
    jobs,
    jobs.c.status,
    processing=PROCESSING,
    unfinished=UNFINISHED,
    waiting=(jobs.c.id, jobs.c.submission_id, jobs.c.job_type, jobs.c.attempts),
)


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


def visible(connection: Connection) -> list[ColumnElement[bool]]:
    """Return conditions that leave out the jobs of submissions that are still being stored.

    Usually there are no such submissions, and no condition slows a list down.
    """
    hidden = connection.scalars(select(open_submissions.c.submission_id)).all()
    return [jobs.c.submission_id.not_in(hidden)] if hidden else []


def ending(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a worker reported of the end of a job, for `finish`."""
    return {
        "job": outcome["id"],
        "new_status": "completed" if outcome["error"] is None else "failed",
        "new_error": outcome["error"],
        "new_code": outcome["error_code"],
        "seconds": outcome["compute_time"],
        "moment": now(),
    }


def finish(
    connection: Connection, owner: str, endings: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """End jobs of the table ``jobs`` that this owner is processing.

    Returns
    -------
    list of dict
        The endings that were recorded; not those of jobs that were canceled, deleted or adopted
        by another owner meanwhile.
    """
    current = JOBS.processing(connection, owner, [row["job"] for row in endings])
    rows = [row for row in endings if row["job"] in current]
    if rows:
        connection.execute(_FINISH_JOB, rows)
    return rows


def cancel(store: Store, job_id: str) -> None:
    """Cancel a job of the table ``jobs`` unless it has ended."""
    moment = now()
    with store.writing() as connection:
        connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.status.in_(UNFINISHED))
            .values(status="canceled", completed_at=moment, updated_at=moment)
        )
