"""Submissions of simulations in the store: all of their runs are stored, or none.

The parameters of a million runs in one transaction keep all other writers waiting for seconds.
They are stored in pieces; until the last piece is stored, the submission is an open one and has no
runs, so that readers do not see it and no worker runs it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from attrs import field, frozen

from ionworks.server.http.problems import conflict
from ionworks.server.store import access, copies, idempotency, run_digests, run_ids, run_parameters
from ionworks.server.store.database import Store, now
from ionworks.server.store.dialects import insert_new, int_sum
from ionworks.server.store.faults import fault_of
from ionworks.server.store.idempotency import Key
from ionworks.server.store.job_states import PENDING, PRIORITY
from ionworks.server.store.ranges import Range
from ionworks.server.store.records import pieces
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.run_lookup import IdsOfRuns
from ionworks.server.store.run_parameters import Piece
from ionworks.server.store.simulations import model_key, remove_unused
from ionworks.server.store.tables import (
    model_specs,
    open_submissions,
    run_pieces,
    runs,
    study_runs,
    submissions,
)

#: Submissions whose runs are being stored by this process. Others that are open failed, or belong
#: to another process.
_being_stored: set[str] = set()

_COUNT = sa.select(sa.func.coalesce(int_sum(runs.c.count), 0)).where(
    runs.c.submission_id == sa.bindparam("submission")
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
    study_ids: Sequence[str] = ()
    seed: int | None = None
    #: Whether runs that are equal to others, stored or of this batch, get their results.
    reuse: bool = True
    #: What a check needs besides this and the runs, see `checks.CheckState`.
    for_check: Mapping[str, Any] = field(factory=dict)


def insert(
    store: Store,
    owner: str,
    batch: SimulationBatch,
    pieces: Iterable[Piece],
    key: Key | None = None,
    *,
    writer: str | None = None,
    is_checked: Callable[[], bool] = lambda: True,
) -> str:
    """Store all runs of a batch with a job each, and return the id of the submission.

    Jobs are pending, except those of `copies`.

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
    writer
        Owner of the submission while it is open; None for the owner of the runs.
    is_checked
        Returns, when all pieces were made, whether a worker has checked all runs.

    Raises
    ------
    idempotency.KeyInUse
        Another process stored a submission under the key meanwhile.
    Problem
        409 if what the runs refer to was deleted meanwhile.
    """
    submission_id = run_ids.new_submission_id()
    moment = now()
    spec_id, content = content_of(batch)
    search = copies.Search(store, submission_id, owner, content, reuse=batch.reuse)
    shared = {"id": submission_id, "model_spec_id": spec_id, "content_digest": content}

    @repeatable
    def store_piece(
        row: Mapping[str, Any], unchecked: Mapping[str, Any] | None, *, is_last: bool
    ) -> None:
        with store.writing() as connection:
            if row["first"] == 0:
                _insert_shared(connection, batch, {**shared, "unchecked": unchecked})
                if not is_last:
                    _open(connection, writer or owner, submission_id)
            connection.execute(sa.insert(run_pieces), row)
            search.store_digests(connection, is_last=is_last)
            if is_last:
                if row["first"] > 0:
                    _complete(connection, submission_id, unchecked)
                _insert_runs(connection, owner, batch, submission_id, moment, search.copies)
                if key is not None:
                    idempotency.record(connection, key, submission_id)

    with _leaving_nothing(store, submission_id):
        stored = 0
        for piece in pieces:
            first, stored = stored, stored + len(piece.runs)
            is_last = stored == batch.count
            unchecked = None if is_last and is_checked() else dict(batch.for_check)
            row = run_parameters.row_of(submission_id, first, piece)
            search.look_up(first, piece.runs)
            store_piece(row, unchecked, is_last=is_last)
    return submission_id


def content_of(batch: SimulationBatch) -> tuple[str, bytes]:
    """Return the digests of a model, and of all that determines results but for parameters."""
    spec_id = hashlib.sha256(model_key(batch.model).encode()).hexdigest()
    # In a team, results are not taken from another project, which others may not read.
    scope = spec_id if access.current() is None else f"{spec_id} {batch.project_id}"
    return spec_id, run_digests.of_content(
        scope, batch.template["protocol"], batch.extra_variables, batch.max_backward_jumps
    )


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
    return _replies(store, submission_id, of_all.seed)


def pending_count(store: Store, submission_id: str) -> int:
    """Return how many runs of a submission wait to be computed."""
    with store.reading() as connection:
        chosen = {"submission": submission_id}
        return connection.scalar(_COUNT.where(runs.c.status == PENDING), chosen) or 0


class StoredRuns:
    """The runs of a submission in their order, read from the store whenever they are needed.

    Each has its ``index``, the ``id`` of its job, and its parameters.
    """

    def __init__(self, store: Store, submission_id: str) -> None:
        self._store = store
        self._submission_id = submission_id

    def __len__(self) -> int:
        with self._store.reading() as connection:
            return connection.scalar(_COUNT, {"submission": self._submission_id}) or 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for index, run in run_parameters.stored(self._store, self._submission_id):
            yield {"index": index, **for_worker(self._submission_id, index, run)}


def for_worker(submission_id: str, index: int, run: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run as a worker takes it, with the id of its job."""
    return {
        "id": run_ids.job_id(submission_id, index),
        "experiment_parameters": run["experiment_parameters"],
        "design_parameters": run["design_parameters"],
    }


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
    connection: sa.Connection, batch: SimulationBatch, shared: Mapping[str, Any]
) -> None:
    # Equal specs are stored once, under the hash of their content.
    spec = {"id": shared["model_spec_id"], "spec": batch.model}
    connection.execute(insert_new(model_specs), spec)
    row = {
        **shared,
        "project_id": batch.project_id,
        "user_id": access.submitter(),
        "name": batch.template["name"],
        "parameterized_model_id": batch.parameterized_model_id,
        "experiment_template_id": batch.template["id"],
        "model": {},
        "protocol": batch.template["protocol"],
        "extra_variables": batch.extra_variables,
        "max_backward_jumps": batch.max_backward_jumps,
        "seed": batch.seed,
        "run_count": batch.count,
    }
    connection.execute(sa.insert(submissions), row)


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


def _insert_runs(
    connection: sa.Connection,
    owner: str,
    batch: SimulationBatch,
    submission_id: str,
    moment: str,
    found: Sequence[copies.Copy],
) -> None:
    """Store all runs, as pending ones or as copies."""
    shared = {
        "submission_id": submission_id,
        "project_id": batch.project_id,
        "owner": owner,
        "attempts": 0,
        "priority": PRIORITY,
        "created_at": moment,
        "updated_at": moment,
    }
    for rows in pieces(copies.rows_of(found, batch.count)):
        connection.execute(sa.insert(runs), [{**shared, **each} for each in rows])
    if found:
        copies.settle_new(connection, submission_id, len(found))
    assigned = [
        {
            "study_id": study_id,
            "submission_id": submission_id,
            "first": 0,
            "count": batch.count,
            "created_at": moment,
        }
        for study_id in batch.study_ids
    ]
    if assigned:
        connection.execute(sa.insert(study_runs), assigned)


def _replies(store: Store, submission_id: str, seed: int | None) -> Iterator[dict[str, Any]]:
    for piece in pieces(run_parameters.stored(store, submission_id)):
        whole = Range(piece[0][0], piece[-1][0] + 1)
        with store.reading() as connection:
            ids = IdsOfRuns(connection, [(submission_id, whole)])
        for index, run in piece:
            of_run = ids.of(submission_id, index)
            yield {
                "simulation_id": of_run.simulation_id,
                "job_id": of_run.job_id,
                "already_existed": False,
                "seed": seed,
                "notes": run["notes"],
            }


@repeatable
def _discard(store: Store, submission_id: str) -> None:
    """Delete an open submission; one that was completed meanwhile stays."""
    is_open = sa.exists().where(open_submissions.c.submission_id == submission_id)
    with store.writing() as connection:
        if connection.scalar(sa.select(is_open)):
            run_parameters.remove(connection, submission_id)
            remove_unused(connection, submission_id)
