"""Which submissions were stored before a worker had checked them, and what the check found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import select, update

from ionworks.server.store.database import Store
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import submissions


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


@repeatable
def _change(store: Store, submission_id: str, **values: Any) -> None:
    with store.writing() as connection:
        connection.execute(
            update(submissions).where(submissions.c.id == submission_id).values(values)
        )
