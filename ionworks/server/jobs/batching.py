"""Which jobs go to which worker, and how many at once; no threads and no storage here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from attrs import define, frozen

#: Sizes of chunks of a model whose pace is not known.
LARGEST_UNKNOWN, SMALLEST_UNKNOWN = 50, 10
#: Most jobs of a chunk: so many run again, each alone, if the worker dies of one of them.
LARGEST_CHUNK = 500
#: Seconds of work in the largest chunks, whose results are read and written together, and in the
#: smallest ones, below which the work on a chunk itself would count.
LONGEST_WORK, SHORTEST_WORK = 4.0, 0.1
#: Seconds of the shortest chunks that tell how long a job takes.
TELLING_WORK = 0.25
#: Workers above which chunks are larger, because the one process that hands them out would limit
#: the sweep, see benchmarks/scale.py. A worker writes results several times during such a chunk.
MANY_WORKERS = 16
LARGEST_OF_MANY, LONGEST_OF_MANY = 4000, 10.0
#: Seconds in which that process hands out a chunk and records its end.
_HANDLING = 0.02
_LEAST_PACE = 1e-4
#: Seconds of known work below which a second worker does not build the same model.
WORTH_BUILDING = 0.1
#: Seconds of known work below which no further worker is started, which takes about as long.
WORTH_STARTING = 2.0


def chunk_sizes(pace: float, workers: int) -> tuple[int, int]:
    """Return the sizes of the smallest and the largest chunk.

    Parameters
    ----------
    pace
        Seconds a job takes.
    workers
        Number of workers.
    """
    largest, longest, shortest = LARGEST_CHUNK, LONGEST_WORK, SHORTEST_WORK
    if workers > MANY_WORKERS:
        largest, longest = LARGEST_OF_MANY, LONGEST_OF_MANY
        # While each worker works on one chunk, all others get one.
        shortest = max(shortest, workers * _HANDLING)
    most = min(max(int(longest / pace), 1), largest)
    return min(math.ceil(shortest / pace), most), most


@frozen
class Chunk:
    """Some jobs of one submission for one worker; the store says which these are.

    Attributes
    ----------
    job_type, submission_id
        As they are stored.
    model_key
        What a worker prepares once, see `JobType.key`.
    size
        Most jobs to take.
    alone
        Whether it is one of the jobs with failed attempts, each of which may be what failed the
        chunk it was in.
    """

    job_type: str
    submission_id: str
    model_key: str
    size: int
    alone: bool


@define
class _Batch:
    job_type: str
    submission_id: str
    model_key: str
    #: Jobs without failed attempts.
    together: int = 0
    #: Jobs with failed attempts.
    alone: int = 0
    #: Seconds a job takes, if one chunk has ended. Not that of the model: protocols differ.
    pace: float | None = None
    #: Size of the chunks of the present round, and how many are left of it.
    size: int = 0
    chunks_left: int = 0

    def __len__(self) -> int:
        return self.together + self.alone

    def sizes(self, workers: int) -> tuple[int, int]:
        """Return the sizes of the smallest and the largest chunk for so many workers."""
        if self.pace is None:
            return SMALLEST_UNKNOWN, LARGEST_UNKNOWN
        return chunk_sizes(self.pace, workers)


class WaitingJobs:
    """Numbers of pending jobs by submission; the submissions are served in turn.

    A small one need not wait for a big one. Only the store knows the jobs themselves, so a number
    may be too large, when jobs were canceled, until `exhaust` corrects it.

    Parameters
    ----------
    workers
        Number of workers the jobs are spread over.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        #: By submission, the one whose turn it is first.
        self._batches: dict[str, _Batch] = {}

    def __len__(self) -> int:
        return sum(len(batch) for batch in self._batches.values())

    def count(self, submission_id: str, *, alone: bool) -> int:
        """Return how many jobs of a submission wait that run alone, or not."""
        batch = self._batches.get(submission_id)
        if batch is None:
            return 0
        return batch.alone if alone else batch.together

    def add(
        self,
        submission_id: str,
        model_key: str,
        number: int,
        *,
        job_type: str = "simulate",
        alone: bool = False,
    ) -> None:
        """Count jobs that became pending; parameters as of `Chunk`."""
        batch = self._batches.setdefault(submission_id, _Batch(job_type, submission_id, model_key))
        if alone:
            batch.alone += number
        else:
            batch.together += number

    def exhaust(self, chunk: Chunk) -> None:
        """Note that the store has no more jobs like those of a chunk."""
        batch = self._batches.get(chunk.submission_id)
        if batch is None:
            return
        if chunk.alone:
            batch.alone = 0
        else:
            batch.together = 0
        self._drop_if_empty(batch)

    def note_pace(self, submission_id: str, seconds: float, number: int) -> None:
        """Note how long a job took in a chunk of so many, for the sizes of the next chunks."""
        batch = self._batches.get(submission_id)
        # Most of a short time is the work on the chunk itself, and would make the next ones shorter
        # still.
        if batch is not None and (batch.pace is None or seconds * number > TELLING_WORK):
            # A chunk whose jobs failed at once takes no time that a clock measures.
            batch.pace = max(seconds, _LEAST_PACE)

    def shares(self, paces: Sequence[Mapping[str, float]]) -> int:
        """Return how many workers could run what waits at the same time.

        Parameters
        ----------
        paces
            Seconds per job of the models that the living workers have built, by key.
        """
        return sum(self._shares(batch, paces) for batch in self._batches.values())

    def _shares(self, batch: _Batch, paces: Sequence[Mapping[str, float]]) -> int:
        known = [pace[batch.model_key] for pace in paces if batch.model_key in pace]
        if known and min(known) * len(batch) < WORTH_STARTING:
            return 1
        smallest, _ = batch.sizes(self.workers)
        return math.ceil(batch.together / smallest) + batch.alone

    def take(self, own: dict[str, float], others: Sequence[dict[str, float]]) -> Chunk | None:
        """Return the next chunk for a worker, or None when it should wait.

        Parameters
        ----------
        own
            Seconds per job of the models the asking worker has built, by key.
        others
            The same of the other living workers.
        """
        for batch in list(self._batches.values()):
            self._batches[batch.submission_id] = self._batches.pop(batch.submission_id)
            if _is_worth_it(batch, own, others):
                chunk = self._cut(batch)
                self._drop_if_empty(batch)
                return chunk
        return None

    def _drop_if_empty(self, batch: _Batch) -> None:
        if not len(batch):
            del self._batches[batch.submission_id]

    def _cut(self, batch: _Batch) -> Chunk:
        """Take jobs off a batch, in rounds of one chunk for each worker.

        The chunks of a round are equal, and a round takes half of what is left: big chunks first,
        smaller ones towards the end, so that all workers finish at about the same time.
        """
        alone = not batch.together
        if alone:
            size = 1
            batch.alone -= 1
        else:
            if not batch.chunks_left:
                self._begin_round(batch)
            batch.chunks_left -= 1
            size = min(batch.size, batch.together)
            batch.together -= size
        return Chunk(batch.job_type, batch.submission_id, batch.model_key, size, alone)

    def _begin_round(self, batch: _Batch) -> None:
        least, most = batch.sizes(self.workers)
        batch.chunks_left = self.workers
        batch.size = math.ceil(batch.together / (2 * self.workers))
        if batch.size < least:  # the last round
            batch.chunks_left = min(self.workers, math.ceil(batch.together / least))
            batch.size = math.ceil(batch.together / batch.chunks_left)
        batch.size = min(batch.size, most)


def _is_worth_it(batch: _Batch, own: dict[str, float], others: Sequence[dict[str, float]]) -> bool:
    """Return whether a worker should start on a batch.

    Building a model takes a few tenths of a second, once. A worker that has not built it leaves a
    few remaining runs to one that has.
    """
    if batch.model_key in own:
        return True
    paces = [other[batch.model_key] for other in others if batch.model_key in other]
    return not paces or min(paces) * len(batch) > WORTH_BUILDING
