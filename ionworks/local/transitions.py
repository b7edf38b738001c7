"""Job states in the store: each function is one transaction, safe against other processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import JSON, Connection, bindparam, func, select, update

from ionworks.local.outcomes import Outcome
from ionworks.local.store import Store, now
from ionworks.local.tables import jobs, model_specs, simulations, submissions

UNFINISHED = ("pending", "waiting", "processing")
FAILED = ("failed", "canceled")


@frozen
class Waiting:
    """A job that waits to be run."""

    id: str
    submission_id: str
    attempts: int


@frozen
class Submission:
    """What all runs of one submission share."""

    id: str
    model: dict[str, Any]
    protocol: str
    extra_variables: list[str]
    max_backward_jumps: int | None


def submission(store: Store, submission_id: str) -> Submission:
    """Read a submission."""
    statement = (
        select(
            submissions.c.id,
            func.coalesce(model_specs.c.spec, submissions.c.model, type_=JSON).label("model"),
            submissions.c.protocol,
            submissions.c.extra_variables,
            submissions.c.max_backward_jumps,
        )
        .outerjoin(model_specs, model_specs.c.id == submissions.c.model_spec_id)
        .where(submissions.c.id == submission_id)
    )
    with store.reading() as connection:
        return Submission(**connection.execute(statement).mappings().one())


def claim(store: Store, owner: str, job_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Start jobs: those still pending become processing and are returned as runs."""
    moment = now()
    pending = (jobs.c.id.in_(job_ids), jobs.c.owner == owner, jobs.c.status == "pending")
    runs = (
        select(jobs.c.id, simulations.c.experiment_parameters, simulations.c.design_parameters)
        .join(simulations, simulations.c.job_id == jobs.c.id)
        .where(*pending)
        .order_by(jobs.c.number)
    )
    with store.writing() as connection:
        rows = connection.execute(runs).all()
        connection.execute(
            update(jobs)
            .where(*pending)
            .values(status="processing", started_at=moment, updated_at=moment)
        )
    return [
        {"id": row.id, "experiment_parameters": row[1], "design_parameters": row[2]} for row in rows
    ]


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
_FINISH_SIMULATION = (
    update(simulations)
    .where(simulations.c.job_id == bindparam("job"))
    .values(
        metrics=bindparam("new_metrics"),
        storage_folder=bindparam("folder"),
        updated_at=bindparam("moment"),
    )
)


def finish(
    store: Store, owner: str, outcomes: Sequence[Outcome], folders: Sequence[str]
) -> list[str]:
    """Record outcomes of jobs this owner is processing.

    Parameters
    ----------
    store
        Where the jobs are.
    owner
        Who must still own them.
    outcomes
        What became of them.
    folders
        Where the results of each are.

    Returns
    -------
    list of str
        Ids of jobs that were canceled, deleted or taken over meanwhile; their outcomes are
        not recorded.
    """
    if not outcomes:
        return []
    moment = now()
    with store.writing() as connection:
        current = _processing(connection, owner, [outcome.id for outcome in outcomes])
        rows = [
            {
                "job": outcome.id,
                "new_status": "completed" if outcome.error is None else "failed",
                "new_error": outcome.error,
                "new_code": outcome.error_code,
                "seconds": outcome.compute_time,
                "new_metrics": outcome.metrics,
                "folder": folder if outcome.stored else None,
                "moment": moment,
            }
            for outcome, folder in zip(outcomes, folders, strict=True)
            if outcome.id in current
        ]
        if rows:
            connection.execute(_FINISH_JOB, rows)
            connection.execute(_FINISH_SIMULATION, rows)
    return [outcome.id for outcome in outcomes if outcome.id not in current]


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
            .returning(jobs.c.id, jobs.c.submission_id, jobs.c.attempts)
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
            .returning(jobs.c.number, jobs.c.id, jobs.c.submission_id, jobs.c.attempts)
        ).all()
    return [Waiting(*row[1:]) for row in sorted(rows)]


def _processing(connection: Connection, owner: str, job_ids: Sequence[str]) -> set[str]:
    statement = select(jobs.c.id).where(
        jobs.c.id.in_(job_ids), jobs.c.owner == owner, jobs.c.status == "processing"
    )
    return set(connection.scalars(statement))
