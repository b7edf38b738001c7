"""States of jobs in the store; each function is one transaction, safe against other processes.

Three tables hold jobs: ``runs`` has those of simulations, whose rows stand for several (see
`run_states`), ``jobs`` those of pipelines, and each row of ``measurements`` is also the job that
processes it. The queue handles all through a `JobStates`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from attrs import frozen
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    func,
    literal,
    select,
    update,
)

from ionworks.server.store.database import Store, now
from ionworks.server.store.dialects import int_sum, unindexed
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import jobs

PENDING = "pending"
#: Of a simulation that is not computed, see `copies`.
WAITING = "waiting"
PROCESSING = "processing"
UNFINISHED = (PENDING, WAITING, PROCESSING)
FAILED = ("failed", "canceled")
#: What the contract calls the priority of a job; the engine serves all alike.
PRIORITY = 5
_ADOPTED_AT_ONCE = 10_000


@frozen
class Waiting:
    """How many jobs of one submission wait to be run."""

    submission_id: str
    job_type: str
    #: Whether each is to run alone, because it was part of a failed attempt.
    alone: bool
    number: int


class JobStates:
    """States of the jobs of one table.

    Attributes
    ----------
    size
        How many jobs a row stands for.

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
    submission
        Column of the submission that a job belongs to.
    job_type
        Column with the type of a job.
    """

    size: ClassVar[ColumnElement[int]] = literal(1)

    def __init__(
        self,
        table: Table,
        status: Column[Any],
        *,
        processing: str,
        unfinished: Sequence[str],
        submission: Column[Any],
        job_type: ColumnElement[Any],
    ) -> None:
        self.table = table
        self._status = status
        self._processing = processing
        self._unfinished = tuple(unfinished)
        self._submission = submission
        self._job_type = job_type

    @repeatable
    def claim(
        self, store: Store, owner: str, submission_id: str, limit: int, *, alone: bool
    ) -> list[str]:
        """Start pending jobs of a submission, oldest first.

        Parameters
        ----------
        store, owner, submission_id
            Whose jobs.
        limit
            Most jobs to start.
        alone
            Whether to start jobs that were part of a failed attempt, or only others.

        Returns
        -------
        list of str
            Ids in the order of creation; fewer than the limit if there are no more.
        """
        columns = self.table.c
        numbers = (
            select(columns.number)
            .where(
                self._submission == submission_id,
                self._status == PENDING,
                columns.owner == owner,
                self._runs_alone() == alone,
            )
            .order_by(columns.number)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with store.writing() as connection:
            rows = connection.execute(
                update(self.table)
                .where(columns.number.in_(numbers))
                .values({self._status.name: self._processing, **self._started()})
                .returning(columns.number, columns.id)
            ).all()
        return [row.id for row in sorted(rows)]

    def waiting(self, store: Store, owner: str) -> list[Waiting]:
        """Count an owner's pending jobs by submission, those of the oldest one first."""
        kinds = (self._submission, self._job_type, self._runs_alone())
        statement = (
            select(*kinds, int_sum(self.size))
            .where(self.table.c.owner == owner, self._status == PENDING)
            # PostgreSQL does not group by a constant, which the type is of most tables.
            .group_by(*(each for each in kinds if not getattr(each, "is_literal", False)))
            .order_by(func.min(self._age()))
        )
        with store.reading() as connection:
            return [Waiting(*row) for row in connection.execute(statement)]

    def all_processing(self, store: Store, owner: str) -> set[str]:
        """Return all jobs that the store says an owner is processing."""
        statement = select(self.table.c.id).where(
            self.table.c.owner == owner, self._status == self._processing
        )
        with store.reading() as connection:
            return set(connection.scalars(statement))

    @repeatable
    def put_back(
        self,
        store: Store,
        owner: str,
        job_ids: Collection[str],
        *,
        counts: bool,
        tries: int | None = None,
    ) -> int:
        """Make unfinished jobs pending again, except those that were canceled or deleted.

        Parameters
        ----------
        store, owner, job_ids
            Which jobs.
        counts
            Whether to record a failed attempt.
        tries
            Number of failed attempts from which jobs are left as they are, to be failed; None
            for no limit.

        Returns
        -------
        int
            Number of jobs that are pending again.
        """
        attempts = self._attempts(counts=counts)
        which = [self.table.c.owner == owner, self._has_not_ended()]
        if tries is not None:
            which.append(attempts < tries)
        values = {"attempts": attempts, **self._stopped()}
        with store.writing() as connection:
            return sum(self._change(connection, job_ids, which, self._pending(values)))

    @repeatable
    def fail(
        self, store: Store, owner: str, job_ids: Collection[str], error_code: str, error: str
    ) -> None:
        """Fail unfinished jobs of this owner."""
        which = [self.table.c.owner == owner, self._has_not_ended()]
        with store.writing() as connection:
            self._change(connection, job_ids, which, self._failed(error_code, error))

    @repeatable
    def cancel(self, store: Store, *job_ids: str) -> None:
        """Cancel jobs unless they have ended."""
        moment = now()
        values = {"status": "canceled", "completed_at": moment, "updated_at": moment}
        with store.writing() as connection:
            self._change(connection, job_ids, [self._has_not_ended()], values)

    def still_wanted(self, store: Store, owner: str, job_ids: Collection[str]) -> set[str]:
        """Return which jobs this owner is still processing."""
        with store.reading() as connection:
            return self.processing(connection, owner, job_ids)

    def processing(self, connection: Connection, owner: str, job_ids: Collection[str]) -> set[str]:
        """Return which jobs an owner is processing, within a transaction."""
        statement = select(self.table.c.id).where(
            self.table.c.id.in_(job_ids),
            self.table.c.owner == owner,
            self._status == self._processing,
        )
        return set(connection.scalars(statement))

    def other_owners(self, store: Store, owner: str) -> set[str]:
        """Return the owners of unfinished jobs, except this one."""
        theirs = self.table.c.owner
        statement = select(theirs).where(self._status.in_(self._unfinished), theirs != owner)
        with store.reading() as connection:
            return set(connection.scalars(statement.distinct()))

    def counts(self, store: Store) -> dict[str, int]:
        """Return the numbers of jobs that have not ended, of all owners, by state."""
        statement = (
            select(self._status, func.sum(self.size))
            .where(self._status.in_(self._unfinished))
            .group_by(self._status)
        )
        with store.reading() as connection:
            return {state: int(number) for state, number in connection.execute(statement)}

    def are_unfinished(self, store: Store, owner: str) -> bool:
        """Return whether an owner has jobs that have not ended."""
        statement = select(self.table.c.number).where(
            self._status.in_(self._unfinished), self.table.c.owner == owner
        )
        with store.reading() as connection:
            return connection.scalar(statement.limit(1)) is not None

    def adopt(self, store: Store, orphaned_by: str, owner: str) -> int:
        """Give the unfinished jobs of a dead owner to another; returns their number.

        They start again.
        """
        adopted = self._adopt(store, orphaned_by, owner, is_first=True)
        total = sum(adopted)
        # In pieces, between which others can write: a million jobs take seconds.
        while len(adopted) == _ADOPTED_AT_ONCE:
            adopted = self._adopt(store, orphaned_by, owner, is_first=False)
            total += sum(adopted)
        return total

    @repeatable
    def _adopt(
        self, store: Store, orphaned_by: str, owner: str, *, is_first: bool
    ) -> Sequence[int]:
        """Give rows of jobs to another owner, and return how many jobs each stands for."""
        number = self.table.c.number
        theirs = (
            select(number)
            .where(self.table.c.owner == orphaned_by, self._status.in_(self._unfinished))
            .limit(_ADOPTED_AT_ONCE)
        )
        statement = (
            update(self.table)
            .where(number.in_(theirs))
            .values(self._pending({"owner": owner, **self._stopped()}))
            .returning(self.size)
        )
        with store.writing() as connection:
            if is_first:
                self._fail_exhausted(connection, orphaned_by)
            return connection.scalars(statement).all()

    def _change(
        self,
        connection: Connection,
        job_ids: Collection[str],
        which: Sequence[ColumnElement[bool]],
        values: Mapping[str, Any],
    ) -> Sequence[int]:
        """Change those of some jobs that meet conditions; returns the sizes of the rows."""
        statement = update(self.table).where(self.table.c.id.in_(job_ids), *which)
        return connection.scalars(statement.values(values).returning(self.size)).all()

    def _pending(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self._status.name: PENDING, **values}

    def _has_not_ended(self) -> ColumnElement[bool]:
        """Return whether one of the jobs of a list of ids has not ended.

        SQLite would look through all unfinished jobs, of which there may be a million, instead of
        looking up the ids.
        """
        return unindexed(self._status).in_(self._unfinished)

    def _age(self) -> ColumnElement[Any]:
        """Return what is smaller for older jobs."""
        return self.table.c.number

    def _runs_alone(self) -> ColumnElement[bool]:
        """Return whether a job was part of a failed attempt."""
        return self.table.c.attempts > 0

    def _attempts(self, *, counts: bool) -> ColumnElement[int]:
        """Return the number of failed attempts of a job after one that counts, or does not."""
        return self.table.c.attempts + (1 if counts else 0)

    # What a change of state stores besides the state.
    def _started(self) -> dict[str, Any]:
        moment = now()
        return {"started_at": moment, "updated_at": moment}

    def _stopped(self) -> dict[str, Any]:
        return {"started_at": None, "updated_at": now()}

    def _failed(self, error_code: str, error: str) -> dict[str, Any]:
        moment = now()
        return {
            "status": "failed",
            "error": error,
            "error_code": error_code,
            "attempts": self._attempts(counts=True),
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
    submission=jobs.c.submission_id,
    job_type=jobs.c.job_type,
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
