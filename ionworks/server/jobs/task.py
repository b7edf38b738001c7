"""The jobs a worker is running, as the queue follows them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.observers import ends_of, observer
from ionworks.server.jobs.outages import Outages, growing_pauses
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
    outages
        Learns of failures of the store.
    """

    def __init__(
        self,
        store: Store,
        owner: str,
        job_type: JobType,
        job_ids: Sequence[str],
        outages: Outages,
    ) -> None:
        folder = store.folder / "outcomes"
        folder.mkdir(exist_ok=True)
        self.file = OutcomeFile(folder / f"{owner}-{uuid4().hex}{job_type.outcome_suffix}")
        #: Jobs without an outcome so far; a dictionary keeps their order.
        self.unfinished = dict.fromkeys(job_ids)
        self._store = store
        self._owner = owner
        self._job_type = job_type
        self._outages = outages
        #: Outcomes that were read and not recorded yet.
        self._outcomes: list[dict[str, Any]] = []
        self._give_up_at: float | None = None
        #: While the store fails: pauses between two attempts, and when the next one is due.
        self._pauses = growing_pauses()
        self._next_attempt = -math.inf

    @property
    def has_begun(self) -> bool:
        """Whether a worker has begun with the jobs: the first thing it does is make the file."""
        return self.file.path.exists()

    def harvest(self) -> None:
        """Record the outcomes written since the last call."""
        self._read()
        self._record()

    def watch(self) -> bool:
        """Harvest; once all remaining jobs are canceled, ask the worker to stop, then end it.

        A failure of the store does not concern the worker, which computes on; its outcomes are
        recorded when the store works again.

        Returns
        -------
        bool
            Whether there was progress, or the worker waits for the disk to take its results.

        Raises
        ------
        WorkerAbandoned
            The cancellation grace period of the job type is over.
        """
        has_progress = False
        try:
            has_progress = self._read() or self._is_blocked()
            if time.monotonic() >= self._next_attempt:
                self._record()
                self._end_unwanted()
                self._outages.passed(self)
                self._pauses = growing_pauses()
        except WorkerAbandoned:
            raise
        except Exception as error:  # noqa: BLE001 `failed` raises what is no fault of the store
            self._outages.failed(self, error)
            self._next_attempt = time.monotonic() + next(self._pauses)
        return has_progress

    def forget_faults(self) -> None:
        """Stop telling of faults, because no worker has the jobs any more."""
        self._outages.passed(self)
        self._outages.passed(self.file)

    def _read(self) -> bool:
        """Read the outcomes written since the last call; returns whether the worker wrote any.

        That it begins another step does not count: a run that never ends must be noticed.
        """
        before = self.file.reports
        self._outcomes += self.file.read_new()
        return self.file.reports > before

    def _record(self) -> None:
        for job_id in self._job_type.record(self._store, self._owner, self._outcomes):
            self.unfinished.pop(job_id, None)
        if self._outcomes:
            observer().jobs_ended(self._job_type.name, ends_of(self._outcomes))
        self._outcomes.clear()

    def _is_blocked(self) -> bool:
        """Return whether the worker waits for the disk, and tell users why."""
        fault = self.file.blocked_by()
        if fault is None:
            self._outages.passed(self.file)
        else:
            self._outages.met(self.file, fault)
        return fault is not None

    def _end_unwanted(self) -> None:
        """End the worker when all jobs it has not finished were canceled."""
        unfinished = list(self.unfinished)
        if not unfinished:
            return
        # Almost always the first one tells: a look at each of hundreds takes ten times as long, and
        # this is done several times a second for each worker.
        for some in (unfinished[:1], unfinished[1:]):
            if self._job_type.states.still_wanted(self._store, self._owner, some):
                return
        if self._give_up_at is None:
            self._give_up_at = time.monotonic() + self._job_type.cancellation_grace
            self.file.ask_to_stop()
        if time.monotonic() >= self._give_up_at:
            raise WorkerAbandoned("all jobs of the worker were canceled")
