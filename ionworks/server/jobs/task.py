"""A task under way: what its worker has finished, and what it still owes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import uuid4

from ionworks.server.jobs import job_types
from ionworks.server.jobs.job_types import Kind
from ionworks.server.jobs.outcomes import OutcomeFile
from ionworks.server.jobs.worker_process import WorkerAbandoned
from ionworks.server.store import job_states
from ionworks.server.store.database import Store


class Progress:
    """Jobs a worker still owes, and the file where its notes appear.

    Parameters
    ----------
    store
        Where they are recorded.
    owner
        Owner of the jobs.
    kind
        What kind of jobs they are.
    job_ids
        The jobs.
    """

    def __init__(self, store: Store, owner: str, kind: Kind, job_ids: Sequence[str]) -> None:
        folder = store.folder / "outcomes"
        folder.mkdir(exist_ok=True)
        self.file = OutcomeFile(folder / job_types.file_name(kind, f"{owner}-{uuid4().hex}"))
        self.unfinished = dict.fromkeys(job_ids)
        self._store = store
        self._owner = owner
        self._kind = kind
        self._give_up_at: float | None = None

    def harvest(self) -> bool:
        """Record what the worker noted since the last look; returns whether it did."""
        notes = self.file.read_new()
        for job_id in self._kind.record(self._store, self._owner, notes):
            self.unfinished.pop(job_id, None)
        return bool(notes)

    def watch(self) -> bool:
        """Harvest; when all that is left was canceled, ask the worker to stop, and then make it.

        Raises
        ------
        WorkerAbandoned
            The worker has had the time its kind of jobs is given.
        """
        is_alive = self.harvest()
        owed = list(self.unfinished)
        if not owed or job_states.still_wanted(self._store, self._owner, owed):
            return is_alive
        if self._give_up_at is None:
            self._give_up_at = time.monotonic() + self._kind.patience
            self.file.ask_to_stop()
        if time.monotonic() >= self._give_up_at:
            raise WorkerAbandoned("all jobs under way were canceled")
        return is_alive
