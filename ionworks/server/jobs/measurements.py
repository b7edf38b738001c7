"""Jobs that process measurements: deriving steps and cycles of an uploaded time series.

polars does the work without Python's lock and on all cores, so a thread of the server is enough
and no request waits for it. A worker process would load PyBaMM first, which takes seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.observers import observer
from ionworks.server.jobs.targets import Targets
from ionworks.server.store import measurement_states, records
from ionworks.server.store.cell_measurements import folder_of
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import JobStates
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import measurements


class MeasurementJobs(JobType):
    """How the queue processes measurements: each is a submission of one job, itself."""

    name = "measurement"
    states: ClassVar[JobStates] = measurement_states.MEASUREMENTS
    runs_in_server = True
    #: A thread cannot be ended, so the result of a deleted measurement is awaited and removed.
    cancellation_grace = math.inf
    tries = measurement_states.TRIES
    outcome_suffix = ".measurement.jsonl"

    def target(self, targets: Targets) -> str:
        """Return the name of the function that processes a measurement."""
        return targets.process_measurement

    def key(self, store: Store, submission_id: str) -> str:  # noqa: ARG002 no part of the key
        """Return the same for all: there is nothing to prepare."""
        return measurement_states.PROCESS_MEASUREMENT

    def payload(
        self,
        store: Store,
        submission_id: str,
        job_ids: Sequence[str],  # noqa: ARG002 the same as the submission
    ) -> dict[str, Any]:
        """Return where the data of the measurement are, and where rows to be added wait."""
        row = records.require(store, measurements, "measurement", submission_id)
        return records.chosen(row, "id", "data_folder", "extension_folder")

    def record(self, store: Store, owner: str, outcomes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Record what was derived, or why the data cannot be processed."""
        for outcome in outcomes:
            error = outcome["error"]
            _end(
                store,
                owner,
                outcome["id"],
                measurement_states.success(outcome["found"])
                if error is None
                else measurement_states.failure(error),
            )
        return [outcome["id"] for outcome in outcomes]

    def fail(
        self,
        store: Store,
        owner: str,
        job_ids: Sequence[str],
        error_code: str,
        error: str,
    ) -> None:
        """Fail measurements that could not be processed for other reasons than their data."""
        for job_id in job_ids:
            _end(store, owner, job_id, measurement_states.failure(error))
        observer().jobs_ended(self.name, {error_code: len(job_ids)})


@repeatable
def _end(store: Store, owner: str, measurement_id: str, values: Mapping[str, Any]) -> None:
    """End the processing of a measurement and remove the files that no record names any more.

    The files go last: a process that dies in between leaves folders without a record, which the
    next start removes.
    """
    with store.writing() as connection:
        before = records.find(connection, measurements, measurement_id)
        if before is not None and not measurement_states.finish(connection, owner, before, values):
            return
    if before is None:  # deleted while it was processed, which wrote to its folder again
        store.blobs.discard(folder_of(measurement_id))
        return
    after = {**before, **values}
    for folder in (before["data_folder"], before["extension_folder"]):
        if folder not in (None, after["data_folder"], after["extension_folder"]):
            store.blobs.discard(folder)
