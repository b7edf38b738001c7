"""Which jobs go to which worker, and how many at once; no threads and no storage here."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence

from attrs import define, field, frozen

LARGEST_CHUNK = 50
SMALLEST_CHUNK = 10
#: Seconds of known work below which a second worker does not build the same model.
WORTH_BUILDING = 0.1


@frozen
class Chunk:
    """Jobs of one submission for one worker."""

    job_type: str
    submission_id: str
    model_key: str
    job_ids: tuple[str, ...]


@define
class _Batch:
    job_type: str
    submission_id: str
    model_key: str
    together: deque[str] = field(factory=deque)
    #: Jobs that get a chunk each, because one of them may be what failed their last chunk.
    alone: deque[str] = field(factory=deque)

    def __len__(self) -> int:
        return len(self.together) + len(self.alone)


class WaitingJobs:
    """Pending jobs by submission, served in turn so that a small one need not wait for a big one.

    Parameters
    ----------
    workers
        Number of workers the jobs are spread over.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._batches: deque[_Batch] = deque()

    def __len__(self) -> int:
        return sum(len(batch) for batch in self._batches)

    def add(
        self,
        submission_id: str,
        model_key: str,
        job_ids: Iterable[str],
        *,
        job_type: str = "simulate",
        alone: bool = False,
    ) -> None:
        """Append jobs.

        Parameters
        ----------
        submission_id, job_ids, job_type
            As they are stored.
        model_key
            What a worker prepares once, see `JobType.key`.
        alone
            Whether each of the jobs gets a chunk to itself.
        """
        batch = next((b for b in self._batches if b.submission_id == submission_id), None)
        if batch is None:
            batch = _Batch(job_type, submission_id, model_key)
            self._batches.append(batch)
        (batch.alone if alone else batch.together).extend(job_ids)

    def take(self, own: dict[str, float], others: Sequence[dict[str, float]]) -> Chunk | None:
        """Return the next chunk for a worker, or None when it should wait.

        Parameters
        ----------
        own
            Seconds per job of the models the asking worker has built, by key.
        others
            The same of the other living workers.
        """
        for _ in range(len(self._batches)):
            batch = self._batches[0]
            self._batches.rotate(-1)
            if _is_worth_it(batch, own, others):
                chunk = self._cut(batch)
                if not len(batch):
                    self._batches.remove(batch)
                return chunk
        return None

    def _cut(self, batch: _Batch) -> Chunk:
        """Take jobs off a batch: big chunks first, smaller ones towards the end.

        Small chunks at the end let all workers finish at about the same time.
        """
        if batch.together:
            share = math.ceil(len(batch.together) / (2 * self._workers))
            size = min(max(share, SMALLEST_CHUNK), LARGEST_CHUNK, len(batch.together))
            job_ids = tuple(batch.together.popleft() for _ in range(size))
        else:
            job_ids = (batch.alone.popleft(),)
        return Chunk(batch.job_type, batch.submission_id, batch.model_key, job_ids)


def _is_worth_it(batch: _Batch, own: dict[str, float], others: Sequence[dict[str, float]]) -> bool:
    """Return whether a worker should start on a batch.

    Building a model takes a few tenths of a second, once. A worker that has not built it leaves a
    few remaining runs to one that has.
    """
    if batch.model_key in own:
        return True
    paces = [other[batch.model_key] for other in others if batch.model_key in other]
    return not paces or min(paces) * len(batch) > WORTH_BUILDING
