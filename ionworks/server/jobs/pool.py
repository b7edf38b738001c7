"""Workers of one kind, and the chunks and questions that wait for them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from attrs import define, field

from ionworks.server.jobs import shutdown
from ionworks.server.jobs.batching import Chunk, WaitingJobs
from ionworks.server.jobs.worker import Worker, WorkerLost

log = logging.getLogger(__name__)

#: Longest time for a question to a worker (a model's parameters, a check), in seconds.
QUERY_LIMIT = 300.0


@define
class _Query:
    """A question to a worker, and where the answer goes."""

    target: str
    payload: dict[str, Any]
    answer: Future[Any] = field(factory=Future)


class WorkerPool:
    """Workers, each driven by a thread; they start with the first chunk or question.

    Parameters
    ----------
    size
        Number of workers.
    new_worker
        Makes a worker, which the pool starts.
    run
        Runs a chunk with a worker.
    """

    def __init__(
        self, size: int, new_worker: Callable[[], Worker], run: Callable[[Worker, Chunk], None]
    ) -> None:
        self._size = size
        self._new_worker = new_worker
        self._run = run
        self._condition = threading.Condition()
        self._waiting = WaitingJobs(size)
        self._queries: deque[_Query] = deque()
        self._workers: dict[Worker, threading.Thread] = {}
        self._spare: Worker | None = None
        self._closing = False

    def start(self) -> None:
        """Start the workers, in the background."""
        with self._condition:
            self._start_missing()

    def add(
        self,
        submission_id: str,
        key: str,
        job_ids: Iterable[str],
        *,
        job_type: str,
        alone: bool = False,
    ) -> None:
        """Run jobs of one submission, see `WaitingJobs.add`."""
        with self._condition:
            self._waiting.add(submission_id, key, job_ids, job_type=job_type, alone=alone)
            self._start_missing()
            self._condition.notify_all()

    def ask(self, target: str, payload: dict[str, Any]) -> Future[Any]:
        """Ask a worker something, see `Jobs.ask`."""
        query = _Query(target, payload)
        with self._condition:
            if self._closing:
                raise WorkerLost("the engine is closed")
            self._queries.append(query)
            self._start_missing()
            # Jobs may take an hour: a question asked meanwhile gets a worker that runs no jobs.
            if self._spare is None and all(worker.busy for worker in self._workers):
                self._spare = self._start_worker()
            self._condition.notify_all()
        return query.answer

    def close(self) -> None:
        """Stop all workers."""
        with self._condition:
            self._closing = True
            workers = dict(self._workers)
            self._condition.notify_all()
        for worker in workers:
            worker.close()
        for thread in workers.values():
            if thread is not threading.current_thread():
                thread.join()

    def _start_missing(self) -> None:
        """Start the workers that are missing; the caller holds the condition."""
        if self._closing:
            return
        running = len(self._workers) - (self._spare is not None)
        for _ in range(self._size - running):
            self._start_worker()

    def _start_worker(self) -> Worker:
        worker = self._new_worker()
        thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
        self._workers[worker] = thread
        thread.start()
        return worker

    def _serve(self, worker: Worker) -> None:
        """Work through questions and chunks with one worker until the pool closes."""
        failure: Exception | None = None
        try:
            worker.start()
            shutdown.close_all_at_exit(worker.factory)
            while (work := self._next_work(worker)) is not None:
                if isinstance(work, _Query):
                    _answer(worker, work)
                else:
                    self._run(worker, work)
                with self._condition:
                    worker.busy = False
                    self._condition.notify_all()
        except Exception as error:  # a thread that waits for an answer must not wait for ever
            failure = error
            if not self._closing:
                log.exception("a worker of the embedded engine ended")
        finally:
            worker.close()
            for query in self._drop(worker):
                query.answer.set_exception(failure or WorkerLost("the engine was closed"))

    def _drop(self, worker: Worker) -> list[_Query]:
        """Forget a worker that ended; returns the questions no worker is left to answer."""
        with self._condition:
            del self._workers[worker]
            if self._spare is worker:
                self._spare = None
            self._condition.notify_all()
            if self._workers:
                return []
            queries, self._queries = list(self._queries), deque()
            return queries

    def _next_work(self, worker: Worker) -> _Query | Chunk | None:
        """Wait for something to do; None when the pool closes."""
        with self._condition:
            while not self._closing:
                work = self._pick(worker)
                if work is not None:
                    worker.busy = True
                    return work
                self._condition.wait()
        return None

    def _pick(self, worker: Worker) -> _Query | Chunk | None:
        if self._queries:
            return self._queries.popleft()
        if worker is self._spare:
            return None
        others = [other.pace for other in self._workers if other is not worker]
        return self._waiting.take(worker.pace, others)


def _answer(worker: Worker, query: _Query) -> None:
    try:
        answer = worker.call(query.target, query.payload, limit=QUERY_LIMIT, tick=QUERY_LIMIT)
    except Exception as error:  # noqa: BLE001 raised where the question was asked
        query.answer.set_exception(error)
    else:
        query.answer.set_result(answer)
