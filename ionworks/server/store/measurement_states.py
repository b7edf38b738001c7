"""Processing states of measurements: the rows of their table are the jobs that process them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, literal_column, update

from ionworks.server.store.database import now
from ionworks.server.store.dialects import larger
from ionworks.server.store.job_states import PENDING, JobStates
from ionworks.server.store.records import Record
from ionworks.server.store.tables import measurements

RUNNING, READY, FAILED = "running", "ready", "failed"
UNFINISHED = (PENDING, RUNNING)
#: The type of these jobs; their table holds no other.
PROCESS_MEASUREMENT: Final = "process_measurement"
#: Times a measurement is tried when its data may not be the cause of the failure.
TRIES: Final = 2

_OUT_OF_TRIES = (
    "The process died each time it processed these data; often the machine is out of memory."
)


class _MeasurementStates(JobStates):
    """As for other jobs, but attempts are counted at the start.

    Measurements are processed by the server itself, so data that end a process leave it no time
    to count the failure.
    """

    def _started(self) -> dict[str, Any]:
        return {"attempts": measurements.c.attempts + 1}

    def _attempts(self, *, counts: bool) -> ColumnElement[int]:
        # As a number at least 0: a measurement may be put back before it was started.
        return measurements.c.attempts if counts else larger(measurements.c.attempts - 1, 0)

    def _stopped(self) -> dict[str, Any]:
        return {"updated_at": now()}

    def _failed(self, error_code: str, error: str) -> dict[str, Any]:  # noqa: ARG002 no column
        return failure(error)

    def _fail_exhausted(self, connection: Connection, orphaned_by: str) -> None:
        connection.execute(
            update(measurements)
            .where(
                measurements.c.owner == orphaned_by,
                measurements.c.processing_status == RUNNING,
                measurements.c.attempts >= TRIES,
            )
            .values(failure(_OUT_OF_TRIES))
        )


MEASUREMENTS: Final = _MeasurementStates(
    measurements,
    measurements.c.processing_status,
    processing=RUNNING,
    unfinished=UNFINISHED,
    submission=measurements.c.id,
    job_type=literal_column(f"'{PROCESS_MEASUREMENT}'"),
)


def failure(error: str) -> dict[str, Any]:
    """Return the columns of a measurement that failed; its data of before stay readable."""
    return {
        "processing_status": FAILED,
        "processing_error": error,
        "extension_folder": None,
        "updated_at": now(),
    }


def success(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a measurement that was processed."""
    return {"processing_status": READY, "updated_at": now(), **found}


def finish(
    connection: Connection, owner: str, measurement: Record, values: Mapping[str, Any]
) -> bool:
    """End the processing of a measurement; returns False when this owner is not processing it."""
    if measurement["owner"] != owner or measurement["processing_status"] not in UNFINISHED:
        return False
    connection.execute(
        update(measurements).where(measurements.c.id == measurement["id"]).values(values)
    )
    return True
