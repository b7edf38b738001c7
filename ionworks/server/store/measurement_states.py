"""Processing states of measurements: each function is one transaction, safe against others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select, update

from ionworks.server.store import records
from ionworks.server.store.database import Store, now
from ionworks.server.store.records import Record
from ionworks.server.store.tables import measurements, uploads

PENDING, RUNNING, READY, FAILED = "pending", "running", "ready", "failed"
UNFINISHED = (PENDING, RUNNING)

_OUT_OF_TRIES = (
    "The process died each time it processed these data; often the machine is out of memory."
)


def claim(store: Store, owner: str, measurement_id: str) -> Record | None:
    """Start on a pending measurement and return it; None when there is nothing to do any more."""
    with store.writing() as connection:
        started = connection.execute(
            update(measurements)
            .where(*_mine(owner, measurement_id, PENDING))
            .values(processing_status=RUNNING, attempts=measurements.c.attempts + 1)
        )
        return records.find(connection, measurements, measurement_id) if started.rowcount else None


def finish(store: Store, owner: str, measurement_id: str, found: Mapping[str, Any]) -> bool:
    """Note what was derived; returns False when the measurement was deleted or taken over."""
    return _end(store, owner, measurement_id, {"processing_status": READY, **found})


def fail(store: Store, owner: str, measurement_id: str, error: str) -> bool:
    """Note why nothing was derived; what was ready before stays readable."""
    values = {"processing_status": FAILED, "processing_error": error, "extension_folder": None}
    return _end(store, owner, measurement_id, values)


def put_back(store: Store, owner: str, measurement_id: str) -> None:
    """Make a measurement that was started pending again."""
    _end(store, owner, measurement_id, {"processing_status": PENDING})


def orphans(store: Store, owner: str) -> set[str]:
    """Return who else owns unfinished measurements or open uploads."""
    processed = select(measurements.c.owner).where(
        measurements.c.processing_status.in_(UNFINISHED), measurements.c.owner != owner
    )
    uploading = select(uploads.c.owner).where(uploads.c.owner != owner)
    with store.reading() as connection:
        return {*connection.scalars(processed), *connection.scalars(uploading)}


def adopt(store: Store, orphaned_by: str, owner: str, tries: int) -> list[str]:
    """Take over a dead owner's measurements, except those that were its end too often.

    Returns
    -------
    list of str
        Ids of measurements that are pending now.
    """
    theirs = (
        measurements.c.owner == orphaned_by,
        measurements.c.processing_status.in_(UNFINISHED),
    )
    used_up = (measurements.c.processing_status == RUNNING, measurements.c.attempts >= tries)
    with store.writing() as connection:
        connection.execute(
            update(measurements)
            .where(*theirs, *used_up)
            .values(
                processing_status=FAILED,
                processing_error=_OUT_OF_TRIES,
                extension_folder=None,
                updated_at=now(),
            )
        )
        rows = connection.execute(
            update(measurements)
            .where(*theirs)
            .values(owner=owner, processing_status=PENDING)
            .returning(measurements.c.number, measurements.c.id)
        ).all()
    return [row.id for row in sorted(rows)]


def _end(store: Store, owner: str, measurement_id: str, values: Mapping[str, Any]) -> bool:
    with store.writing() as connection:
        ended = connection.execute(
            update(measurements)
            .where(*_mine(owner, measurement_id, RUNNING))
            .values(**values, updated_at=now())
        )
    return bool(ended.rowcount)


def _mine(owner: str, measurement_id: str, status: str) -> tuple[ColumnElement[bool], ...]:
    return (
        measurements.c.id == measurement_id,
        measurements.c.owner == owner,
        measurements.c.processing_status == status,
    )
