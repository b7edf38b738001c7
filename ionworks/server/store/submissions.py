"""Submissions of simulations in the store: all of their runs are stored, or none.

A million runs in one transaction keep all other writers waiting for minutes. They are stored in
pieces, and until the last piece is stored the submission is an open one, which readers leave out
and nobody runs.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.dialects import sqlite

from ionworks.server.http.problems import conflict
from ionworks.server.store import idempotency
from ionworks.server.store.database import Store, now
from ionworks.server.store.faults import fault_of
from ionworks.server.store.idempotency import Key
from ionworks.server.store.records import PIECE
from ionworks.server.store.simulations import Note, RunParameters, model_key, remove_unused
from ionworks.server.store.tables import (
    jobs,
    model_specs,
    open_submissions,
    simulations,
    study_simulations,
    submissions,
)

#: Submissions whose runs are being stored by this process. Others that are open failed, or belong
#: to another process.
_being_stored: set[str] = set()

# Of an open submission only: one that was completed meanwhile must not be deleted.
_SOME_OF_OPEN = (
    sa.select(jobs.c.id)
    .join(open_submissions, open_submissions.c.submission_id == jobs.c.submission_id)
    .where(jobs.c.submission_id == sa.bindparam("submission"))
    .order_by(jobs.c.number)
    .limit(PIECE)
)
_FROM_NUMBER = (
    sa.select(
        jobs.c.number,
        jobs.c.id,
        simulations.c.id.label("simulation_id"),
        simulations.c.notes,
        simulations.c.experiment_parameters,
        simulations.c.design_parameters,
    )
    .join(simulations, simulations.c.job_id == jobs.c.id)
    .where(
        jobs.c.submission_id == sa.bindparam("submission"), jobs.c.number > sa.bindparam("after")
    )
    .order_by(jobs.c.number)
    .limit(PIECE)
)
_COUNT = (
    sa.select(sa.func.count())
    .select_from(jobs)
    .where(jobs.c.submission_id == sa.bindparam("submission"))
)
_OF_ALL = sa.select(
    submissions.c.seed, submissions.c.run_count, _COUNT.scalar_subquery().label("stored")
).where(submissions.c.id == sa.bindparam("submission"))


@frozen
class SimulationBatch:
    """What all runs of one request share, and their number."""

    project_id: str
    model: dict[str, Any]
    parameterized_model_id: str | None
    template: Mapping[str, Any]
    extra_variables: list[str]
    max_backward_jumps: int | None
    count: int
    study_id: str | None = None
    seed: int | None = None
    #: What a check needs besides this and the runs, see `checks.CheckState`.
    for_check: Mapping[str, Any] = field(factory=dict)


@frozen
class Piece:
    """Some runs of a submission, with the notes of each."""

    runs: Sequence[RunParameters]
    notes: Sequence[list[Note]]


def insert(
    store: Store,
    owner: str,
    batch: SimulationBatch,
    pieces: Iterable[Piece],
    key: Key | None = None,
    *,
    is_checked: Callable[[], bool] = lambda: True,
) -> str:
    """Store all runs of a batch with a pending job each, and return the id of the submission.

    Other writers get in between two pieces. If a piece cannot be made or stored, nothing is left;
    if the store fails, `discard_open` deletes the rest later.

    Parameters
    ----------
    store, owner, batch
        Where, for which owner, and what all runs share.
    pieces
        Together the ``batch.count`` runs; of at most `PIECE` runs each.
    key
        Under which the submission is found when the request is repeated.
    is_checked
        Returns, when all pieces were made, whether a worker has checked all runs.

    Raises
    ------
    idempotency.KeyInUse
        Another process stored a submission under the key meanwhile.
    Problem
        409 if what the runs refer to was deleted meanwhile.
    """
    submission_id = str(uuid4())
    with _leaving_nothing(store, submission_id):
        stored = 0
        for piece in pieces:
            rows = _Rows(owner, batch, submission_id, piece, first=stored + 1)
            is_first, stored = stored == 0, stored + len(piece.runs)
            is_last = stored == batch.count
            unchecked = None if is_last and is_checked() else dict(batch.for_check)
            with store.writing() as connection:
                if is_first:
                    _insert_shared(connection, batch, submission_id, unchecked)
                    if not is_last:
                        _open(connection, owner, submission_id)
                rows.insert(connection)
                if is_last:
                    if not is_first:
                        _complete(connection, submission_id, unchecked)
                    if key is not None:
                        idempotency.record(connection, key, submission_id)
    return submission_id


def replies(store: Store, submission_id: str) -> Iterator[dict[str, Any]]:
    """Return the ids and notes of all runs of a submission, in their order.

    Raises
    ------
    Problem
        410 if some of the runs were deleted.
    """
    with store.reading() as connection:
        of_all = connection.execute(_OF_ALL, {"submission": submission_id}).first()
    if of_all is None or of_all.stored != of_all.run_count:
        raise idempotency.gone()
    return (
        {
            "simulation_id": row["simulation_id"],
            "job_id": row["id"],
            "already_existed": False,
            "seed": of_all.seed,
            "notes": row["notes"] or [],
        }
        for row in _rows_of(store, submission_id)
    )


def job_ids(store: Store, submission_id: str) -> Iterator[str]:
    """Yield the ids of the jobs of a submission, in the order of its runs."""
    return (row["id"] for row in _rows_of(store, submission_id))


class StoredRuns:
    """The runs of a submission in their order, read from the store whenever they are needed.

    Each has the ``id`` of its job, and its parameters.
    """

    def __init__(self, store: Store, submission_id: str) -> None:
        self._store = store
        self._submission_id = submission_id

    def __len__(self) -> int:
        with self._store.reading() as connection:
            return connection.scalar(_COUNT, {"submission": self._submission_id}) or 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = ("id", "experiment_parameters", "design_parameters")
        for row in _rows_of(self._store, self._submission_id):
            yield {name: row[name] for name in names}


def discard_open(store: Store, owner: str) -> None:
    """Delete the open submissions of an owner, except those that this process is storing."""
    statement = sa.select(open_submissions.c.submission_id).where(open_submissions.c.owner == owner)
    with store.reading() as connection:
        found = list(connection.scalars(statement))
    for submission_id in found:
        if submission_id not in _being_stored:
            _discard(store, submission_id)


@contextmanager
def _leaving_nothing(store: Store, submission_id: str) -> Iterator[None]:
    """Delete the pieces of a submission that fails, unless the store is what failed.

    To wait for a locked store once more would take longer than the client waits for the reply.
    """
    _being_stored.add(submission_id)
    try:
        yield
    except sa.exc.IntegrityError as error:
        _discard(store, submission_id)
        message = (
            "The protocol, model, study or project of these runs was deleted while they were "
            "stored; none was stored."
        )
        raise conflict(message) from error
    except BaseException as error:
        if fault_of(error) is None:
            _discard(store, submission_id)
        raise
    finally:
        _being_stored.discard(submission_id)


def _insert_shared(
    connection: sa.Connection,
    batch: SimulationBatch,
    submission_id: str,
    unchecked: Mapping[str, Any] | None,
) -> None:
    # Equal specs are stored once, under the hash of their content.
    spec_id = hashlib.sha256(model_key(batch.model).encode()).hexdigest()
    connection.execute(
        sqlite.insert(model_specs).on_conflict_do_nothing(), {"id": spec_id, "spec": batch.model}
    )
    shared = {
        "id": submission_id,
        "model": {},
        "model_spec_id": spec_id,
        "protocol": batch.template["protocol"],
        "extra_variables": batch.extra_variables,
        "max_backward_jumps": batch.max_backward_jumps,
        "seed": batch.seed,
        "run_count": batch.count,
        "unchecked": unchecked,
    }
    connection.execute(sa.insert(submissions), shared)


def _open(connection: sa.Connection, owner: str, submission_id: str) -> None:
    """Hide a submission from readers and from the queue."""
    connection.execute(
        sa.insert(open_submissions), {"submission_id": submission_id, "owner": owner}
    )


def _complete(
    connection: sa.Connection, submission_id: str, unchecked: Mapping[str, Any] | None
) -> None:
    """Show a submission to readers and to the queue."""
    connection.execute(
        sa.delete(open_submissions).where(open_submissions.c.submission_id == submission_id)
    )
    connection.execute(
        sa.update(submissions).where(submissions.c.id == submission_id).values(unchecked=unchecked)
    )


class _Rows:
    """The rows of one piece, made before the transaction that stores them."""

    def __init__(
        self, owner: str, batch: SimulationBatch, submission_id: str, piece: Piece, *, first: int
    ) -> None:
        moment = now()
        stamps = {"created_at": moment, "updated_at": moment}
        of_job = {
            "job_type": "simulate",
            "project_id": batch.project_id,
            "submission_id": submission_id,
            "status": "pending",
            "owner": owner,
            "attempts": 0,
            "priority": 5,
            **stamps,
        }
        of_run = {
            "project_id": batch.project_id,
            "parameterized_model_id": batch.parameterized_model_id,
            "experiment_template_id": batch.template["id"],
            "metrics": {},
            **stamps,
        }
        size = len(piece.runs)
        job_ids, simulation_ids = _neighbours(size), _neighbours(size)
        self._jobs = [{"id": job_id, **of_job} for job_id in job_ids]
        self._simulations = [
            {
                "id": simulation_id,
                "job_id": job_id,
                "name": _name(batch, number),
                **of_run,
                **run,
                "notes": notes,
            }
            for number, (simulation_id, job_id, run, notes) in enumerate(
                zip(simulation_ids, job_ids, piece.runs, piece.notes, strict=True), start=first
            )
        ]
        assigned = {"study_id": batch.study_id, "created_at": moment}
        self._assignments = [
            {**assigned, "simulation_id": simulation_id}
            for simulation_id in (simulation_ids if batch.study_id is not None else ())
        ]

    def insert(self, connection: sa.Connection) -> None:
        """Store the rows."""
        connection.execute(sa.insert(jobs), self._jobs)
        connection.execute(sa.insert(simulations), self._simulations)
        if self._assignments:
            connection.execute(sa.insert(study_simulations), self._assignments)


def _name(batch: SimulationBatch, number: int) -> str:
    title = batch.template["name"]
    return title if batch.count == 1 else f"{title} {number}/{batch.count}"


def _neighbours(count: int) -> list[str]:
    """Return random ids that share their first digits and are in order.

    They are neighbours in the indexes of the tables. Ids that are spread over the whole index
    change nearly all of its pages with each piece, and each changed page is written twice.
    """
    prefix = os.urandom(4)
    return sorted(str(UUID(bytes=prefix + os.urandom(12), version=4)) for _ in range(count))


def _rows_of(store: Store, submission_id: str) -> Iterator[sa.RowMapping]:
    """Yield the runs of a submission; no transaction stays open while they are used."""
    after = 0
    while True:
        with store.reading() as connection:
            found = connection.execute(_FROM_NUMBER, {"submission": submission_id, "after": after})
            rows = found.mappings().all()
        yield from rows
        if len(rows) < PIECE:
            return
        after = rows[-1]["number"]


def _discard(store: Store, submission_id: str) -> None:
    """Delete what is stored of an open submission, in pieces."""
    chosen = {"submission": submission_id}
    is_last = False
    while not is_last:
        with store.writing() as connection:
            connection.execute(
                sa.delete(simulations).where(simulations.c.job_id.in_(_SOME_OF_OPEN)), chosen
            )
            gone = connection.execute(sa.delete(jobs).where(jobs.c.id.in_(_SOME_OF_OPEN)), chosen)
            is_last = gone.rowcount < PIECE
            if is_last:
                remove_unused(connection, submission_id)
