"""What is said of all runs of a submission at once: its receipt, and their statuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from ionworks.server.http.problems import Problem
from ionworks.server.store import columns, idempotency
from ionworks.server.store.database import BUSY_TIMEOUT, Store, timestamp
from ionworks.server.store.dialects import int_sum
from ionworks.server.store.records import plain
from ionworks.server.store.tables import run_pieces, runs, submissions

#: A change is dated before it is committed: by as much as a writer waits for others, and takes.
_LATEST_COMMIT: Final = timedelta(seconds=BUSY_TIMEOUT + 10.0)

_SHARED: Final = ("status", "error", "error_code", "updated_at")
_ROWS = (
    sa.select(runs.c.first, runs.c.count, *(runs.c[name] for name in _SHARED))
    .where(runs.c.submission_id == sa.bindparam("submission"))
    .where(runs.c.updated_at >= sa.bindparam("changed_since"))
    .order_by(runs.c.first)
)
_STORED = sa.select(sa.func.coalesce(int_sum(runs.c.count), 0)).where(
    runs.c.submission_id == sa.bindparam("submission")
)
_SUBMISSION = sa.select(
    submissions.c.seed, submissions.c.run_count, _STORED.scalar_subquery().label("stored")
).where(submissions.c.id == sa.bindparam("submission"))
_NOTES = (
    sa.select(run_pieces.c.first, run_pieces.c.count.label("size"), run_pieces.c.content)
    .where(run_pieces.c.submission_id == sa.bindparam("submission"))
    .where(run_pieces.c.first >= sa.bindparam("first"))
    .order_by(run_pieces.c.first)
    .limit(1)
)


def receipt(store: Store, submission_id: str) -> dict[str, Any]:
    """Return the receipt of a submission, in the form of the contract.

    Raises
    ------
    Problem
        410 if some of the runs were deleted.
    """
    with store.reading() as connection:
        found = connection.execute(_SUBMISSION, {"submission": submission_id}).first()
    if found is None or found.stored != found.run_count:
        raise idempotency.gone()
    return {
        "submission_id": submission_id,
        "count": found.run_count,
        "seed": found.seed,
        "notes": _merged(_notes(store, submission_id), ["notes"]),
    }


def statuses(store: Store, submission_id: str, changed_since: str) -> dict[str, Any]:
    """Return the statuses of the runs of a submission, in the form of the contract.

    Parameters
    ----------
    store, submission_id
        The submission.
    changed_since
        The ``as_of`` of an earlier answer, or empty text for all runs.

    Raises
    ------
    Problem
        404 if there is no such submission.
    """
    # Before the records are read. Changes that are dated before this are among them.
    as_of = timestamp(datetime.now(UTC) - _LATEST_COMMIT)
    chosen = {"submission": submission_id, "changed_since": changed_since}
    with store.reading() as connection:
        # There may be as many rows as runs, so they are joined while they are read.
        rows = connection.execute(_ROWS, chosen).mappings()
        merged = _merged(map(plain, rows), _SHARED)
        found = connection.execute(_SUBMISSION, {"submission": submission_id}).first()
    if found is None:
        message = f"There is no submission {submission_id!r}, or all of its runs were deleted."
        raise Problem(404, "NOT_FOUND", message)
    return {
        "submission_id": submission_id,
        "count": found.stored,
        "as_of": as_of,
        "statuses": merged,
    }


def _merged(rows: Iterator[dict[str, Any]], shared: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows, joined with the next one where both are equal in what runs share."""
    found: list[dict[str, Any]] = []
    for row in rows:
        last = found[-1] if found else None
        if (
            last is not None
            and last["first"] + last["count"] == row["first"]
            and all(last[name] == row[name] for name in shared)
        ):
            last["count"] += row["count"]
        else:
            found.append(row)
    return found


def _notes(store: Store, submission_id: str) -> Iterator[dict[str, Any]]:
    """Yield the notes of runs that have any; no transaction stays open while they are used."""
    first = 0
    while True:
        with store.reading() as connection:
            chosen = {"submission": submission_id, "first": first}
            piece = connection.execute(_NOTES, chosen).first()
        if piece is None:
            return
        first = piece.first
        content = columns.decoded(piece.content)
        for notes, count in columns.stretches(content, "notes", piece.size):
            if notes:
                yield {"first": first, "count": count, "notes": notes}
            first += count
