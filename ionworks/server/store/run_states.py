"""States of simulations in the store, as their jobs: rows that stand for several runs.

The queue knows a run by the id that is made from its submission and index, see `run_ids`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from ionworks.server.store import copies, run_ids
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import (
    FAILED,
    PENDING,
    PROCESSING,
    UNFINISHED,
    WAITING,
    JobStates,
)
from ionworks.server.store.ranges import Range, isolate, parts, ranges_of, split
from ionworks.server.store.records import pieces
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import COUNTING, runs

#: The type of these jobs; their table holds no other.
SIMULATE: Final = "simulate"

_END: Final = (runs.c.first + runs.c.count).label("end")
#: Conditions for `parts`, of which it makes a statement once.
_ARE_RUN_BY: Final = (runs.c.owner == sa.bindparam("owner"), runs.c.status == PROCESSING)


class RunStates(JobStates):
    """States of simulations; what changes only some runs of a row splits the row first."""

    size: ClassVar[sa.ColumnElement[int]] = runs.c.count

    @repeatable
    def claim(
        self, store: Store, owner: str, submission_id: str, limit: int, *, alone: bool
    ) -> list[str]:
        """Start pending runs of a submission, those with the smallest index first."""
        key = runs.c.submission_id == submission_id
        which = (runs.c.status == PENDING, runs.c.owner == owner, self._runs_alone() == alone)
        columns: list[sa.ColumnElement[Any]] = [runs.c.number, runs.c.first, _END]
        statement = sa.select(*columns).where(key, *which).order_by(runs.c.first).limit(limit)
        chosen: list[Range] = []
        numbers: list[int] = []
        left = limit
        with store.writing() as connection:
            for row in connection.execute(statement).all():
                end = min(row.end, row.first + left)
                if end < row.end:
                    split(connection, runs, row, [end], COUNTING)
                chosen.append(Range(row.first, end))
                numbers.append(row.number)
                left -= len(chosen[-1])
                if not left:
                    break
            started = {"status": PROCESSING, **self._started()}
            connection.execute(sa.update(runs).where(runs.c.number.in_(numbers)).values(started))
        return [run_ids.job_id(submission_id, index) for each in chosen for index in each]

    def all_processing(self, store: Store, owner: str) -> set[str]:
        """Return all runs that the store says an owner is processing."""
        statement = sa.select(runs.c.submission_id, runs.c.first, _END).where(
            runs.c.owner == owner, runs.c.status == PROCESSING
        )
        with store.reading() as connection:
            return _job_ids(connection.execute(statement))

    def processing(
        self, connection: sa.Connection, owner: str, job_ids: Collection[str]
    ) -> set[str]:
        """Return which runs an owner is processing, within a transaction."""
        wanted = [(each, part) for each, ranges in by_submission(job_ids) for part in ranges]
        return _job_ids(parts(connection, runs, wanted, *_ARE_RUN_BY, values={"owner": owner}))

    def _pending(self, values: Mapping[str, Any]) -> dict[str, Any]:
        # A copy that another owner adopts still waits for the run it is a copy of.
        status = sa.case((runs.c.status == WAITING, WAITING), else_=PENDING)
        return {"status": status, **values}

    def _age(self) -> sa.ColumnElement[Any]:
        return runs.c.created_at  # a row that is split off gets a new number

    def _change(
        self,
        connection: sa.Connection,
        job_ids: Collection[str],
        which: Sequence[sa.ColumnElement[bool]],
        values: Mapping[str, Any],
    ) -> Sequence[int]:
        sizes: list[int] = []
        for submission_id, wanted in by_submission(job_ids):
            key = runs.c.submission_id == submission_id
            rows = isolate(connection, runs, key, wanted, *which, counting=COUNTING)
            sizes += [row.end - row.first for row in rows]
            for numbers in pieces([row.number for row in rows]):
                chosen = runs.c.number.in_(numbers)
                connection.execute(sa.update(runs).where(chosen).values(values))
            if values.get("status") in FAILED:
                copies.settle_after(connection, submission_id, wanted)
        return sizes


RUNS: Final = RunStates(
    runs,
    runs.c.status,
    processing=PROCESSING,
    unfinished=UNFINISHED,
    submission=runs.c.submission_id,
    job_type=sa.literal_column(f"'{SIMULATE}'"),
)


def by_submission(job_ids: Collection[str]) -> Iterator[tuple[str, list[Range]]]:
    """Yield submissions and ranges of their runs; ids of other jobs are left out."""
    indexes: Mapping[str, list[int]] = defaultdict(list)
    for identifier in job_ids:
        run = run_ids.parsed(identifier)
        if run is not None and run.kind == run_ids.JOB:
            indexes[run.submission_id].append(run.index)
    for submission_id, of_submission in indexes.items():
        yield submission_id, ranges_of(of_submission)


def _job_ids(rows: Iterable[sa.Row[Any]]) -> set[str]:
    return {
        run_ids.job_id(row.submission_id, index)
        for row in rows
        for index in range(row.first, row.end)
    }
