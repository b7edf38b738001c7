"""The jobs a worker is running, as the queue follows them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import uuid4

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.outcomes import OutcomeFile
from ionworks.server.jobs.worker import WorkerAbandoned
from ionworks.server.store.database import Store


class Task:
    """Jobs that one worker runs, and the file to which it writes their outcomes.

    Parameters
    ----------
    store
        Where outcomes are recorded.
    owner
        Owner of the jobs.
    job_type
        Their type.
    job_ids
        The jobs.
    """

    def __init__(self, store: Store, owner: str, job_type: JobType, job_ids: Sequence[str]) -> None:
        folder = store.folder / "outcomes"
        folder.mkdir(exist_ok=True)
        self.file = OutcomeFile(folder / f"{owner}-{uuid4().hex}{job_type.outcome_suffix}")
        #: Jobs without an outcome so far; a dictionary keeps their order.
        self.unfinished = dict.fromkeys(job_ids)
        self._store = store
        self._owner = owner
        self._job_type = job_type
        self._give_up_at: float | None = None

    def harvest(self) -> bool:
        """Record the outcomes written since the last call; returns whether there were any."""
        outcomes = self.file.read_new()
        for job_id in self._job_type.record(self._store, self._owner, outcomes):
            self.unfinished.pop(job_id, None)
        return bool(outcomes)

    def watch(self) -> bool:
        """Harvest; once all remaining jobs are canceled, ask the worker to stop, then end it.

        Raises
        ------
        WorkerAbandoned
            The cancellation grace period of the job type is over.
        """
        has_progress = self.harvest()
        unfinished = list(self.unfinished)
        if not unfinished:
            return has_progress
        if self._job_type.states.still_wanted(self._store, self._owner, unfinished):
            return has_progress
        if self._give_up_at is None:
            self._give_up_at = time.monotonic() + self._job_type.cancellation_grace
            self.file.ask_to_stop()
        if time.monotonic() >= self._give_up_at:
            raise WorkerAbandoned("all jobs of the worker were canceled")
        return has_progress
