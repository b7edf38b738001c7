"""Jobs of a process that only answers requests: the dispatcher runs them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

from ionworks.server.jobs import shutdown
from ionworks.server.jobs.batching import Chunk
from ionworks.server.jobs.crew import Crew, LocalCrew
from ionworks.server.jobs.delays import Delays
from ionworks.server.jobs.leases import lease_of
from ionworks.server.jobs.pool import WorkerPool
from ionworks.server.jobs.registry import CANCELABLE
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import ExecutorFactory, Worker, worker_process
from ionworks.server.store import dispatchers, run_ids, run_lookup, submissions
from ionworks.server.store.database import Store
from ionworks.server.store.dispatchers import INBOX, Dispatcher
from ionworks.server.store.faults import fault_of
from ionworks.server.store.job_states import PROCESSING

log = logging.getLogger(__name__)

NO_DISPATCHER: Final = (
    "no dispatcher is running; jobs go on as soon as one is started with "
    "'ionworks serve --role dispatch'"
)
#: Seconds for which it is not asked again what the dispatcher tells.
_REMEMBERED: Final = 0.5
#: Seconds between two removals of submissions that failed with the store.
_TIDYING_PERIOD: Final = 5.0


class WebJobs:
    """Takes the place of `Jobs` in a process whose jobs the dispatcher runs.

    One worker process answers questions about models, which requests wait for. A second one is
    started when it is busy.

    Parameters
    ----------
    store
        Records and results.
    targets
        What runs in a worker.
    factory
        Starts a worker process of this machine.
    crew
        Runs the worker process instead of this machine; it is closed with this.
    """

    def __init__(
        self,
        store: Store,
        *,
        targets: Targets | None = None,
        factory: ExecutorFactory = worker_process,
        crew: Crew | None = None,
    ) -> None:
        self.targets = targets or Targets()
        #: Id that new jobs and uploads carry.
        self.owner = INBOX
        self.checks = _ChecksOfDispatcher()
        self.phases = _PhasesOfDispatcher(self._told)
        self._store = store
        self._lease = lease_of(store)
        self._crew: Crew = crew or LocalCrew(1, factory)
        # Beside the processes that run the jobs: questions are short, and users wait for them.
        new_worker = partial(Worker, self._crew.start_spare, self.targets.warm)
        self._questions = WorkerPool(1, new_worker, _refuse)
        self._lock = threading.Lock()
        self._memory: tuple[float, Dispatcher | None] | None = None
        self._closing = threading.Event()
        self._tidying = threading.Thread(target=self._tidy_periodically, daemon=True)
        shutdown.remember(self)
        self._tidying.start()

    @property
    def writer(self) -> str:
        """Id of this process, see `Jobs.writer`."""
        return self._lease.id

    @property
    def workers(self) -> int:
        """Largest number of workers of the dispatcher; 1 if none is running."""
        told = self._told()
        return 1 if told is None else told.workers

    def prepare(self) -> None:
        """Start the worker process for questions in the background."""
        self._questions.start()

    def enqueue(
        self,
        submission_id: str,
        key: str,  # noqa: ARG002 the dispatcher reads it in the store
        number: int,
        *,
        job_type: str = "simulate",
    ) -> None:
        """Do nothing: the dispatcher finds the jobs in the store."""
        log.info("%d jobs (%s) of the submission %s are stored", number, job_type, submission_id)

    def worker_counts(self) -> tuple[int, int]:
        """Return how many processes for questions have started, and how many of these are busy."""
        return self._questions.counts()

    def delays(self) -> Delays:
        """Return what holds up jobs now."""
        told = self._told()
        if told is None:
            return Delays(absence=NO_DISPATCHER)
        return Delays(told.fault, told.trouble)

    def ask(self, target: str, payload: dict[str, Any]) -> Future[Any]:
        """Ask a worker process something, see `Jobs.ask`."""
        return self._questions.ask(target, payload)

    def cancel(self, *job_ids: str) -> None:
        """Cancel jobs unless they have ended; the dispatcher stops their workers soon after."""
        current = run_lookup.current_job_ids(self._store, job_ids)
        for states in CANCELABLE:
            states.cancel(self._store, *current)

    def close(self) -> None:
        """End the workers."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._questions.close()
        self._crew.close()
        self._tidying.join()
        self._lease.release()
        shutdown.forget(self)

    def _told(self) -> Dispatcher | None:
        """Return what the dispatcher told last, or a moment before."""
        with self._lock:
            moment = time.monotonic()
            if self._memory is None or moment - self._memory[0] > _REMEMBERED:
                self._memory = moment, dispatchers.running(self._store)
            return self._memory[1]

    def _tidy_periodically(self) -> None:
        """Remove the submissions of this process that failed with the store."""
        while not self._closing.wait(_TIDYING_PERIOD):
            try:
                submissions.discard_open(self._store, self.writer)
            except Exception as error:
                if fault_of(error) is None:
                    log.exception("could not remove submissions that failed")


class _ChecksOfDispatcher:
    """Leaves checks that were not made in time to the dispatcher, before the first run."""

    def expect(self, submission_id: str, indexes: Sequence[int], answer: Future[Any]) -> None:
        """Drop the late answer to a question about a submission."""


class _PhasesOfDispatcher:
    """Tells what the dispatcher's workers are doing, see `Phases`."""

    def __init__(self, told: Callable[[], Dispatcher | None]) -> None:
        self._told = told

    def of_submission(self, submission_id: str) -> dict[str, Any]:
        """Return ``phase`` and ``progress`` of a submission, as far as they are known."""
        told = self._told()
        return {} if told is None else dict(told.doing.get(submission_id, {}))

    def of_simulations(self, statuses: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return statuses of simulations with the phase of their submission where it is known."""
        return [self._with_phase(each) for each in statuses]

    def _with_phase(self, status: dict[str, Any]) -> dict[str, Any]:
        run = run_ids.parsed(status["simulation_id"])
        if run is None or status["status"] != PROCESSING:
            return status
        return {**status, **self.of_submission(run.submission_id)}


def _refuse(_worker: Worker, chunk: Chunk) -> None:
    raise RuntimeError(f"this process runs no jobs, such as those of {chunk.submission_id}")
