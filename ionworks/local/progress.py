"""A chunk under way: what its worker has finished, and what it still owes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from ionworks.local import transitions
from ionworks.local.blobs import folder_of
from ionworks.local.lanes import WorkerAbandoned
from ionworks.local.outcomes import Outcome, OutcomeFile
from ionworks.local.store import Store


class Progress:
    """Runs a worker still owes, and the file where finished ones appear.

    Parameters
    ----------
    store
        Where outcomes are recorded.
    owner
        Owner of the jobs.
    job_ids
        Jobs of the chunk.
    """

    def __init__(self, store: Store, owner: str, job_ids: Sequence[str]) -> None:
        folder = store.folder / "outcomes"
        folder.mkdir(exist_ok=True)
        self.file = OutcomeFile(folder / f"{owner}-{uuid4().hex}.jsonl")
        self.unfinished = dict.fromkeys(job_ids)
        self._store = store
        self._owner = owner

    def harvest(self) -> bool:
        """Record what the worker finished since the last look; returns whether it did."""
        outcomes = self.file.read_new()
        record(self._store, self._owner, outcomes)
        for outcome in outcomes:
            self.unfinished.pop(outcome.id, None)
        return bool(outcomes)

    def watch(self) -> bool:
        """Harvest, and raise WorkerAbandoned when all that is left was canceled."""
        if self.harvest():
            return True
        owed = list(self.unfinished)
        if owed and not transitions.still_wanted(self._store, self._owner, owed):
            raise WorkerAbandoned("all runs under way were canceled")
        return False


def record(store: Store, owner: str, outcomes: Sequence[Outcome]) -> None:
    """Record outcomes; results of runs nobody wants any more are removed."""
    folders = [folder_of(outcome.id) for outcome in outcomes]
    for job_id in transitions.finish(store, owner, outcomes, folders):
        store.blobs.delete(folder_of(job_id))
