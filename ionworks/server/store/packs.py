"""Packs: the results of runs that were written together, in one folder.

A pack is recorded together with the end of its runs, in one transaction. What no run refers to any
more is removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from attrs import field, frozen

from ionworks.server.store import columns, copies, provenances
from ionworks.server.store.database import now
from ionworks.server.store.job_states import PROCESSING
from ionworks.server.store.ranges import Range, common, isolate, overlapping, ranges_of
from ionworks.server.store.scope import everybodys
from ionworks.server.store.tables import COUNTING, packs, runs

#: Runs of all users.
_USERS = everybodys(runs)
_END = (
    sa.update(runs)
    .where(runs.c.number == sa.bindparam("row"))
    .values(
        status=sa.bindparam("new_status"),
        error=sa.bindparam("new_error"),
        error_code=sa.bindparam("new_code"),
        notes=sa.bindparam("new_notes"),
        compute_time=sa.bindparam("seconds"),
        pack=sa.bindparam("new_pack"),
        position=sa.bindparam("new_position"),
        completed_at=sa.bindparam("moment"),
        updated_at=sa.bindparam("moment"),
    )
)


@frozen
class Pack:
    """Runs of a submission that ended together.

    Attributes
    ----------
    submission_id
        The submission.
    indexes
        Which runs, in increasing order; the place of a run here is its position.
    folder
        Where their results are; None for runs without any.
    metrics
        Columns with a value for each position, see `ionworks.ucp.metric_columns`.
    rows
        Number of ``steps`` and ``points`` of each position; None if it is not known.
    errors
        Code and message of runs that failed, by position.
    notes
        Sentences about runs, by position.
    compute_time
        Seconds that all took together.
    provenance
        How they were computed; None if it is not known.
    """

    submission_id: str
    indexes: Sequence[int]
    folder: str | None
    metrics: Mapping[str, Any]
    rows: Mapping[str, Sequence[int]] | None = None
    errors: Mapping[int, tuple[str, str]] = field(factory=dict)
    notes: Mapping[int, Sequence[str]] = field(factory=dict)
    compute_time: float = 0.0
    provenance: Mapping[str, Any] | None = None

    def end_of(self, position: int) -> tuple[Any, ...]:
        """Return how a run ended: status, error code, error and notes."""
        code, error = self.errors.get(position, (None, None))
        return ("completed" if error is None else "failed", code, error, self.notes.get(position))


def record(connection: sa.Connection, owner: str, pack: Pack) -> bool:
    """End the runs of a pack that this owner is processing.

    Not those that were canceled, deleted or adopted by another owner meanwhile.

    Returns
    -------
    bool
        Whether there were such runs.
    """
    key = runs.c.submission_id == pack.submission_id
    which = (runs.c.owner == owner, runs.c.status == PROCESSING)
    wanted = ranges_of(pack.indexes)
    rows = overlapping(connection, runs, key, wanted, *which)
    current = {
        index
        for row in rows
        for part in common(Range(row.first, row.end), wanted)
        for index in part
    }
    if not current:
        return False
    number = None if pack.folder is None else _insert(connection, pack)
    moment = now()
    shared = {
        "seconds": pack.compute_time / len(pack.indexes),
        "new_pack": number,
        "moment": moment,
    }
    stretches = dict(_stretches(pack, current))
    changes = []
    ends = sorted(stretches)
    position = 0
    for row in isolate(connection, runs, key, ends, *which, counting=COUNTING):
        while ends[position].end <= row.first:
            position += 1
        stretch = ends[position]
        start = stretches[stretch]
        status, code, error, notes = pack.end_of(start)
        changes.append(
            {
                "row": row.number,
                "new_status": status,
                "new_code": code,
                "new_error": error,
                "new_notes": notes,
                "new_position": None if number is None else start + row.first - stretch.first,
                **shared,
            }
        )
    connection.execute(_END, changes)
    copies.settle_after(connection, pack.submission_id, ends)
    return True


def exists(connection: sa.Connection, folder: str) -> bool:
    """Return whether a folder belongs to a recorded pack."""
    statement = sa.select(packs.c.number).where(packs.c.folder == folder)
    return connection.scalar(statement) is not None


def remove_unused(connection: sa.Connection, numbers: Collection[int]) -> list[str]:
    """Delete the records of packs that no run refers to, and return their folders."""
    users = sa.exists().where(_USERS.c.pack == packs.c.number)
    unused = sa.delete(packs).where(packs.c.number.in_(numbers), ~users)
    return list(connection.scalars(unused.returning(packs.c.folder)))


def _insert(connection: sa.Connection, pack: Pack) -> int:
    row = {
        "folder": pack.folder,
        "run_count": len(pack.indexes),
        "metrics": columns.compressed(pack.metrics),
        "rows": None if pack.rows is None else columns.compressed(pack.rows),
        "provenance": provenances.store(connection, pack.provenance),
    }
    number: int = connection.execute(sa.insert(packs).returning(packs.c.number), row).scalar_one()
    return number


def _stretches(pack: Pack, current: Collection[int]) -> Iterator[tuple[Range, int]]:
    """Yield runs in sequence that ended equally, with the position of the first one."""
    start = None
    for position, index in enumerate(pack.indexes):
        goes_on = (
            start is not None
            and index in current
            and index == pack.indexes[position - 1] + 1
            and pack.end_of(position) == pack.end_of(start)
        )
        if not goes_on:
            if start is not None:
                yield Range(pack.indexes[start], pack.indexes[position - 1] + 1), start
            start = position if index in current else None
    if start is not None:
        yield Range(pack.indexes[start], pack.indexes[-1] + 1), start
