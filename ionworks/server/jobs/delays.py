"""Why jobs make no progress, in words for their users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from ionworks.server.store import job_states, measurement_states

#: States of jobs of any table that have not ended, and of those that are run.
_UNFINISHED: Final = {*job_states.UNFINISHED, *measurement_states.UNFINISHED}
_RUNNING: Final = {job_states.PROCESSING, measurement_states.RUNNING}


@frozen
class Delays:
    """What holds up jobs.

    Attributes
    ----------
    fault
        What is wrong with the store.
    trouble
        Why no worker can start.
    absence
        Why no process runs the jobs.
    """

    fault: str | None = None
    trouble: str | None = None
    absence: str | None = None

    def reason(self, record: Mapping[str, Any]) -> str | None:
        """Return why a job makes no progress; None if it has ended, or nothing holds it up.

        Parameters
        ----------
        record
            A job, or a record with the status of its job: a simulation, pipeline or measurement.
        """
        # The server itself processes measurements.
        needs_worker = "processing_status" not in record
        status = record["status" if needs_worker else "processing_status"]
        if status not in _UNFINISHED:
            return None
        if self.absence is not None:
            return self.absence
        if self.fault is not None:
            return f"{self.fault}; jobs go on as soon as this has passed"
        if needs_worker and status not in _RUNNING and self.trouble is not None:
            return f"{self.trouble}; the engine keeps trying"
        return None
