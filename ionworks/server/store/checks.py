"""Which submissions were stored before a worker had checked them, and what the check found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import bindparam, select, update

from ionworks.server.store.database import Store
from ionworks.server.store.records import pieces
from ionworks.server.store.tables import simulations, submissions

_SET_NOTES = (
    update(simulations)
    .where(simulations.c.job_id == bindparam("job"))
    .values(notes=bindparam("new_notes"))
)


@frozen
class CheckState:
    """Whether a submission was checked.

    Attributes
    ----------
    unchecked
        What the check needs besides what is stored for the runs; None if it was made.
    problems
        Why no run of the submission can be computed; empty as long as none are known.
    """

    unchecked: dict[str, Any] | None
    problems: Sequence[str]


def state(store: Store, submission_id: str) -> CheckState:
    """Return whether a submission was checked; one that was deleted needs no check."""
    statement = select(submissions.c.unchecked, submissions.c.problems)
    with store.reading() as connection:
        row = connection.execute(statement.where(submissions.c.id == submission_id)).first()
    return CheckState(None, ()) if row is None else CheckState(row.unchecked, row.problems or ())


def reject(store: Store, submission_id: str, problems: Sequence[str]) -> None:
    """Record why no run of a submission can be computed."""
    _change(store, submission_id, problems=list(problems))


def accept(store: Store, submission_id: str) -> None:
    """Record that a submission was checked and has no problems."""
    _change(store, submission_id, unchecked=None)


def add_notes(store: Store, notes: Mapping[str, Sequence[Any]]) -> None:
    """Add notes to those that are stored for runs, by the ids of their jobs.

    A note that is stored already is not added again: a check that was interrupted is made again.
    """
    for job_ids in pieces(job_id for job_id, found in notes.items() if found):
        statement = select(simulations.c.job_id, simulations.c.notes)
        with store.writing() as connection:
            rows = connection.execute(statement.where(simulations.c.job_id.in_(job_ids))).all()
            changed = [
                {"job": row.job_id, "new_notes": _merged(row.notes or [], notes[row.job_id])}
                for row in rows
            ]
            if changed:
                connection.execute(_SET_NOTES, changed)


def _merged(stored: Sequence[Any], found: Sequence[Any]) -> list[Any]:
    return [*stored, *(note for note in found if note not in stored)]


def _change(store: Store, submission_id: str, **values: Any) -> None:
    with store.writing() as connection:
        connection.execute(
            update(submissions).where(submissions.c.id == submission_id).values(values)
        )
