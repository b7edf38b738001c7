"""The job queue: jobs that wait, the workers that run them, retries and recovery."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import loky

from ionworks.server.jobs import shutdown
from ionworks.server.jobs.batching import Chunk
from ionworks.server.jobs.checks import Checks
from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.leases import Lease
from ionworks.server.jobs.outcomes import OutcomeFile
from ionworks.server.jobs.pool import WorkerPool
from ionworks.server.jobs.registry import STATES, job_type_of, job_type_of_file
from ionworks.server.jobs.retries import NO_OUTCOME, NO_RECORD, Failure, attempt
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.task import Task
from ionworks.server.jobs.worker import ExecutorFactory, Worker, worker_process, worker_thread
from ionworks.server.store import cleanup, job_states
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import Waiting

log = logging.getLogger(__name__)

#: Most worker processes by default: each takes about half a gigabyte.
MOST_DEFAULT_WORKERS = 8
#: Longest time a worker may go without finishing a run, in seconds.
DEFAULT_RUN_LIMIT = 3600.0
#: Seconds between two reads of what a worker has finished.
PROGRESS_PERIOD = 0.25
#: Seconds between two searches for jobs whose owner died, and for jobs to be retried.
RECOVERY_PERIOD = 5.0


class Jobs:
    """Runs the store's pending jobs in worker processes, or in a thread of this one.

    Workers start with the first job or question, or when `prepare` is called.

    Parameters
    ----------
    store
        Records and results.
    workers
        Number of worker processes; None for one per core, at most eight.
    targets
        What runs in a worker.
    run_limit
        Longest time a worker process may go without finishing a run, in seconds.
    factory
        Starts a worker process.
    """

    def __init__(
        self,
        store: Store,
        *,
        workers: int | None = None,
        targets: Targets | None = None,
        run_limit: float = DEFAULT_RUN_LIMIT,
        factory: ExecutorFactory = worker_process,
    ) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"workers={workers} is not a number of processes: give 1 or more")
        self.targets = targets or Targets()
        self._store = store
        self._workers = workers or min(loky.cpu_count(), MOST_DEFAULT_WORKERS)
        self._run_limit = run_limit
        self._lease = Lease(store.folder / "owners")
        self._processes = WorkerPool(
            self._workers, lambda: Worker(factory, self.targets.warm), self._run_or_defer
        )
        self._server_thread = WorkerPool(1, lambda: Worker(worker_thread), self._run_or_defer)
        #: Jobs that could not be claimed, or whose outcome could not be stored.
        self._deferred: deque[tuple[JobType, list[str]]] = deque()
        self._running_changed = threading.Condition()
        #: Jobs a worker is running, and how long a request that cancels them waits for it [s].
        self._running: dict[str, float] = {}
        self._closing = threading.Event()
        #: Checks of submissions that were stored unchecked.
        self.checks = Checks(store, self.targets, self._closing)
        self._recovery = threading.Thread(target=self._recover_periodically, daemon=True)
        shutdown.remember(self)
        self.recover()
        self._recovery.start()

    @property
    def owner(self) -> str:
        """Id that new jobs and uploads must carry to be run here."""
        return self._lease.id

    def prepare(self) -> None:
        """Start the worker processes, in the background."""
        self._processes.start()

    def enqueue(
        self, submission_id: str, key: str, job_ids: Sequence[str], *, job_type: str = "simulate"
    ) -> None:
        """Run stored jobs of one submission, whose owner is this process.

        Parameters
        ----------
        submission_id, job_ids, job_type
            As they are stored.
        key
            What a worker prepares once, see `JobType.key`.
        """
        self._pool(job_type_of(job_type)).add(submission_id, key, job_ids, job_type=job_type)

    def ask(self, target: str, payload: dict[str, Any]) -> Future[Any]:
        """Ask a worker process something.

        Returns
        -------
        Future
            The answer. Its exception is WorkerLost or WorkerStuck if the worker died or did not
            answer in time, else what the target raised.

        Raises
        ------
        WorkerLost
            The engine is closed.
        """
        return self._processes.ask(target, payload)

    def cancel(self, job_id: str) -> None:
        """Cancel a job unless it has ended; returns when its worker has handed in what it has.

        The result of a simulation that is running is dropped when it ends.
        """
        job_states.cancel(self._store, job_id)
        with self._running_changed:
            self._running_changed.wait_for(
                lambda: self._running.get(job_id, 0.0) == 0.0 or self._closing.is_set(),
                self._running.get(job_id, 0.0),
            )

    def recover(self) -> None:
        """Adopt the unfinished jobs of owners that died, and remove their uploads."""
        others = cleanup.other_owners(self._store, self.owner)
        for states in STATES:
            others |= states.other_owners(self._store, self.owner)
        for other in sorted(others):
            with self._lease.inherit(other) as is_dead:
                if is_dead:
                    self._adopt(other)
        cleanup.expired(self._store)

    def close(self) -> None:
        """Stop all workers; the next process that opens the folder adopts unfinished jobs.

        A measurement that is being processed is finished first.
        """
        with self._running_changed:
            if self._closing.is_set():
                return
            self._closing.set()
            self._running_changed.notify_all()
        self._processes.close()
        self._server_thread.close()
        if self._recovery is not threading.current_thread():
            self._recovery.join()
        # Last: as long as a worker may still store something, no other process adopts its jobs.
        self._lease.release()
        shutdown.forget(self)

    def _pool(self, job_type: JobType) -> WorkerPool:
        return self._server_thread if job_type.runs_in_server else self._processes

    def _adopt(self, other: str) -> None:
        """Adopt one dead owner's jobs: record what it finished, then queue the rest."""
        cleanup.abandoned_by(self._store, other)
        for path in sorted((self._store.folder / "outcomes").glob(f"{other}-*.jsonl")):
            file = OutcomeFile(path)
            job_type_of_file(path).record(self._store, other, file.read_new())
            file.delete()
        for states in STATES:
            adopted = states.adopt(self._store, other, self.owner)
            self._enqueue_again(adopted)
            if adopted:
                log.info("adopted %d unfinished jobs", len(adopted))

    def _enqueue_again(self, waiting: Sequence[Waiting]) -> None:
        """Queue jobs that were started before; those with failed attempts run alone."""
        groups: dict[tuple[str, str, bool], list[str]] = {}
        for job in waiting:
            group = (job.job_type, job.submission_id, job.attempts > 0)
            groups.setdefault(group, []).append(job.id)
        for (name, submission_id, alone), job_ids in groups.items():
            job_type = job_type_of(name)
            key = job_type.key(self._store, submission_id)
            self._pool(job_type).add(submission_id, key, job_ids, job_type=name, alone=alone)

    def _recover_periodically(self) -> None:
        while not self._closing.wait(RECOVERY_PERIOD):
            try:
                self._retry_deferred()
                self.recover()
            except Exception:  # a busy or full disk now may be fine the next time
                log.exception("could not look for unfinished jobs")

    def _retry_deferred(self) -> None:
        while self._deferred:
            job_type, job_ids = self._deferred[0]
            self._settle(job_type, job_ids, NO_RECORD, alone=True)
            self._deferred.popleft()  # not before: if the store fails again, they stay deferred

    def _run_or_defer(self, worker: Worker, chunk: Chunk) -> None:
        """Run a chunk; when the store fails, retry its jobs later rather than end the worker."""
        job_type = job_type_of(chunk.job_type)
        try:
            self._run(worker, job_type, chunk)
        except Exception:
            log.exception("could not store the outcomes of %d jobs", len(chunk.job_ids))
            self._deferred.append((job_type, list(chunk.job_ids)))

    def _run(self, worker: Worker, job_type: JobType, chunk: Chunk) -> None:
        """Run a chunk, record its outcomes and settle the jobs that have none."""
        job_ids = job_type.states.claim(self._store, self.owner, chunk.job_ids)
        if not job_ids:
            return
        task = Task(self._store, self.owner, job_type, job_ids)
        with self._marked_running(job_ids, job_type):
            started = time.monotonic()
            failure = self._call(worker, chunk, job_type, task)
            task.harvest()
            task.file.delete()
        if failure is None:
            worker.pace[chunk.model_key] = (time.monotonic() - started) / len(job_ids)
            failure = NO_OUTCOME
        if task.unfinished:
            is_cause_known = len(job_ids) == 1 or failure.is_of_all
            self._settle(job_type, list(task.unfinished), failure, alone=is_cause_known)

    @contextmanager
    def _marked_running(self, job_ids: Sequence[str], job_type: JobType) -> Iterator[None]:
        """Let a request that cancels one of these jobs wait for what its worker hands in."""
        # Twice: the worker is asked to stop up to one period after the job was canceled.
        longest = 2 * job_type.cancellation_grace
        with self._running_changed:
            self._running |= dict.fromkeys(job_ids, longest)
        try:
            yield
        finally:
            with self._running_changed:
                for job_id in job_ids:
                    del self._running[job_id]
                self._running_changed.notify_all()

    def _call(self, worker: Worker, chunk: Chunk, job_type: JobType, task: Task) -> Failure | None:
        """Have a worker run a chunk; returns what kept it from finishing, if anything."""

        def ask(target: str, payload: dict[str, Any]) -> Any:
            limit = self._run_limit
            return worker.call(target, payload, limit=limit, tick=PROGRESS_PERIOD, watch=task.watch)

        def call() -> None:
            self.checks.ensure(job_type, chunk.submission_id, ask)
            payload = job_type.payload(self._store, chunk.submission_id, list(task.unfinished))
            worker.call(
                job_type.target(self.targets),
                {
                    **payload,
                    "blobs": str(self._store.blobs.folder),
                    "outcomes": str(task.file.path),
                    "threads": self._workers,
                },
                # A thread cannot be ended, so a limit would free nothing.
                limit=math.inf if job_type.runs_in_server else self._run_limit,
                tick=PROGRESS_PERIOD,
                watch=task.watch,
            )

        return attempt(call, run_limit=self._run_limit, size=len(chunk.job_ids))

    def _settle(
        self, job_type: JobType, job_ids: list[str], failure: Failure, *, alone: bool
    ) -> None:
        """Fail jobs that used up their attempts and queue the others again, each alone.

        A chunk that failed does not tell which of its jobs was the cause; one with a single job
        does.
        """
        store, states = self._store, job_type.states
        if self._closing.is_set():
            states.put_back(store, self.owner, job_ids, counts=False)
            return
        tries = max(failure.tries, job_type.tries)
        waiting = [
            job
            for job in states.put_back(store, self.owner, job_ids, counts=True)
            if not alone or job.attempts < tries
        ]
        again = {job.id for job in waiting}
        ended = [job_id for job_id in job_ids if job_id not in again]
        if ended:
            job_type.fail(store, self.owner, ended, failure.error_code, failure.message)
        self._enqueue_again(waiting)
