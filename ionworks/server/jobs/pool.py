"""Workers of one kind, and the chunks and questions that wait for them."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from attrs import define, field

from ionworks.server.jobs.batching import Chunk, WaitingJobs
from ionworks.server.jobs.outages import growing_pauses
from ionworks.server.jobs.worker import Worker, WorkerGone, WorkerLost, WorkerNotStarted
from ionworks.server.store.job_states import Waiting

log = logging.getLogger(__name__)

#: Longest time for a question to a worker (a model's parameters, a check), in seconds.
QUERY_LIMIT = 300.0
#: Workers a question may lose: one may have died before, a second one because of the question.
QUERY_TRIES = 3
#: Failed starts in a row after which users are told that workers cannot start.
START_TRIES = 2
#: Shortest and longest pause between two starts of a worker that fail, in seconds.
FIRST_START_PAUSE = 0.5
LONGEST_START_PAUSE = 30.0
#: Jobs are left to a worker that has built their model, unless it is busy for more seconds.
SOON = 1.0


@define
class _Query:
    """A question to a worker, and where the answer goes."""

    target: str
    payload: dict[str, Any]
    answer: Future[Any] = field(factory=Future)


class WorkerPool:
    """Workers, each driven by a thread; as many are started as there is work for.

    A worker that ends is started again as soon as there is work, after growing pauses when it
    cannot start.

    Parameters
    ----------
    size
        Largest number of workers.
    new_worker
        Makes a worker, which the pool starts.
    run
        Runs a chunk with a worker.
    keep
        Takes one idle worker when the pool closes, which would be closed otherwise.
    new_spare
        Makes a worker beyond ``size``, for questions while all others are busy; ``new_worker`` if
        not given.
    """

    def __init__(
        self,
        size: int,
        new_worker: Callable[[], Worker],
        run: Callable[[Worker, Chunk], None],
        keep: Callable[[Worker], None] | None = None,
        new_spare: Callable[[], Worker] | None = None,
    ) -> None:
        self._size = size
        self._new_worker = new_worker
        self._new_spare = new_spare or new_worker
        self._run = run
        self._condition = threading.Condition()
        self._waiting = WaitingJobs(max(size, 1))
        self._queries: deque[_Query] = deque()
        self._workers: dict[Worker, threading.Thread] = {}
        self._spare: Worker | None = None
        self._trouble: WorkerNotStarted | None = None
        self._closing = False
        self._resizings = 0
        self._keep = keep
        self._kept: Worker | None = None

    @property
    def trouble(self) -> str | None:
        """Why no worker can start; None when one has, or none was needed so far."""
        with self._condition:
            if self._trouble is None or any(worker.is_started for worker in self._workers):
                return None
            return str(self._trouble)

    @property
    def is_starting(self) -> bool:
        """Whether the first workers start, so that nothing is done so far."""
        with self._condition:
            is_possible = bool(self._workers) and self._trouble is None
            return is_possible and not any(worker.is_started for worker in self._workers)

    def counts(self) -> tuple[int, int]:
        """Return how many workers have started, and how many of these are busy."""
        with self._condition:
            started = [worker for worker in self._workers if worker.is_started]
        return len(started), sum(worker.busy_since is not None for worker in started)

    def resize(self, size: int) -> None:
        """Change the largest number of workers; those that are running stay."""
        with self._condition:
            self._size = size
            self._waiting.workers = max(size, 1)
            self._resizings += 1
            self._wake()

    def has_work(self, submission_id: str) -> bool:
        """Whether jobs of a submission wait for a worker."""
        with self._condition:
            return any(self._waiting.count(submission_id, alone=alone) for alone in (False, True))

    def start(self, worker: Worker | None = None) -> None:
        """Start a first worker, in the background, unless there is one.

        Parameters
        ----------
        worker
            The first worker of a new pool, which may have been started; a new one if not given.
        """
        with self._condition:
            if not self._workers and not self._closing and self._size:
                self._add_worker(worker)

    def add(
        self,
        submission_id: str,
        key: str,
        number: int,
        *,
        job_type: str,
        alone: bool = False,
    ) -> None:
        """Run pending jobs of one submission, see `WaitingJobs.add`."""
        with self._condition:
            self._waiting.add(submission_id, key, number, job_type=job_type, alone=alone)
            self._wake()

    def exhaust(self, chunk: Chunk) -> None:
        """Note that the store has no more jobs like those of a chunk."""
        with self._condition:
            self._waiting.exhaust(chunk)

    def note_pace(self, submission_id: str, seconds: float, number: int) -> None:
        """Note how long a job of a submission took, see `WaitingJobs.note_pace`."""
        with self._condition:
            self._waiting.note_pace(submission_id, seconds, number)

    def count(self, group: Waiting) -> int:
        """Return how many of the jobs that the store counts are known to wait."""
        with self._condition:
            return self._waiting.count(group.submission_id, alone=group.alone)

    def ask(self, target: str, payload: dict[str, Any]) -> Future[Any]:
        """Ask a worker something, see `Jobs.ask`."""
        query = _Query(target, payload)
        with self._condition:
            if self._closing:
                raise WorkerLost("the engine is closed")
            self._queries.append(query)
            self._wake()
            # Jobs may take an hour: a question asked meanwhile gets a worker that runs no jobs.
            if self._spare is None and all(worker.busy_since for worker in self._workers):
                self._spare = self._add_worker(self._new_spare())
        return query.answer

    def close(self) -> None:
        """Stop all workers."""
        with self._condition:
            self._closing = True
            workers = dict(self._workers)
            if self._keep is not None:
                # From now on it gets no work, because the pool closes.
                idle = (each for each in workers if each.is_started and each.busy_since is None)
                self._kept = next(idle, None)
            self._condition.notify_all()
        for worker in workers:
            self._close_worker(worker)
        for thread in workers.values():
            if thread is not threading.current_thread():
                thread.join()
        if self._keep is not None and self._kept is not None:
            self._keep(self._kept)
        self._refuse_queries(WorkerLost("the engine was closed"))

    def _wake(self) -> None:
        """Have the workers look for work; the caller holds the condition."""
        self._add_missing()
        self._condition.notify_all()

    def _add_missing(self) -> None:
        """Add workers for what waits, if those that are idle or start are too few for it.

        The caller holds the condition.
        """
        if self._closing:
            return
        regular = [worker for worker in self._workers if worker is not self._spare]
        idle = sum(worker.busy_since is None for worker in regular)
        work = len(self._queries) + self._waiting.shares([worker.pace for worker in regular])
        for _ in range(min(work - idle, self._size - len(regular))):
            self._add_worker()

    def _add_worker(self, worker: Worker | None = None) -> Worker:
        worker = worker or self._new_worker()
        thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
        self._workers[worker] = thread
        thread.start()
        return worker

    def _serve(self, worker: Worker) -> None:
        """Work through questions and chunks with one worker until the pool closes."""
        try:
            while self._start(worker) and (work := self._next_work(worker)) is not None:
                if isinstance(work, _Query):
                    _answer(worker, work)
                else:
                    self._run(worker, work)
                with self._condition:
                    worker.busy_since = None
                    self._condition.notify_all()
        finally:
            with self._condition:
                if not self._closing:
                    self._workers.pop(worker)
                    if worker is self._spare:
                        self._spare = None
                    self._wake()  # more may have left than had to
            self._close_worker(worker)

    def _is_surplus(self, worker: Worker) -> bool:
        """Whether there are more workers than the pool may have now."""
        with self._condition:
            regular = len(self._workers) - (self._spare is not None)
            return worker is not self._spare and regular > self._size

    def _close_worker(self, worker: Worker) -> None:
        if worker is not self._kept:
            worker.close()

    def _start(self, worker: Worker) -> bool:
        """Start a worker that is not; returns False when the pool closes, or became smaller."""
        failures = 0
        pauses = growing_pauses(FIRST_START_PAUSE, LONGEST_START_PAUSE)
        while not worker.is_started:
            if self._closing or self._is_surplus(worker):
                return False
            try:
                worker.start()
            except WorkerNotStarted as error:
                failures += 1
                if failures >= START_TRIES:
                    self._tell(error)
                    self._wait_for_work(worker, next(pauses))
            else:
                if self._trouble is not None:
                    log.warning("worker processes start again")
                    self._trouble = None
        return True

    def _tell(self, error: WorkerNotStarted) -> None:
        """Let users know that workers cannot start: those who ask, and those whose jobs wait."""
        if self._closing:
            return
        if str(self._trouble) != str(error):  # once, not for every worker and start
            # The message says all about a process that died; an error in it needs its traceback.
            has_died = isinstance(error.__cause__, (BrokenProcessPool, WorkerGone))
            log.warning("%s; trying again", error, exc_info=None if has_died else error)
        self._trouble = error
        self._refuse_queries(error)

    def _refuse_queries(self, error: WorkerLost) -> None:
        with self._condition:
            queries, self._queries = self._queries, deque()
        for query in queries:
            query.answer.set_exception(error)

    def _wait_for_work(self, worker: Worker, pause: float) -> None:
        """Wait after a failed start: for a question, or for a pause if jobs wait then.

        Also until the size of the pool changes: what kept the worker from starting may have passed.
        """
        due = time.monotonic() + pause
        with self._condition:
            before = self._resizings
            while not self._closing and not self._queries and self._resizings == before:
                has_jobs = len(self._waiting) > 0 and worker is not self._spare
                left = due - time.monotonic() if has_jobs else None
                if left is not None and left <= 0:
                    return
                self._condition.wait(left)

    def _next_work(self, worker: Worker) -> _Query | Chunk | None:
        """Wait for something to do; None when the pool closes."""
        with self._condition:
            while not self._closing:
                work = self._pick(worker)
                if work is not None:
                    worker.busy_since = time.monotonic()
                    self._add_missing()
                    return work
                # Jobs that are left to another worker are looked at again, because it may hang.
                self._condition.wait(SOON if len(self._waiting) else None)
        return None

    def _pick(self, worker: Worker) -> _Query | Chunk | None:
        if self._queries:
            return self._queries.popleft()
        if worker is self._spare:
            return None
        long_ago = time.monotonic() - SOON
        others = [
            other.pace
            for other in self._workers
            if other is not worker and (other.busy_since is None or other.busy_since > long_ago)
        ]
        return self._waiting.take(worker.pace, others)


def _answer(worker: Worker, query: _Query) -> None:
    """Answer a question; when the worker dies, start another and ask again."""
    failure: Exception | None = None
    for _ in range(QUERY_TRIES):
        try:
            answer = worker.call(query.target, query.payload, limit=QUERY_LIMIT, tick=QUERY_LIMIT)
        except WorkerLost as error:
            failure = error
        except Exception as error:  # noqa: BLE001 raised where the question was asked
            query.answer.set_exception(error)
            return
        else:
            query.answer.set_result(answer)
            return
    query.answer.set_exception(failure)
