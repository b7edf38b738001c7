"""The job queue: jobs that wait, the workers that run them, retries and recovery."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import loky
from attrs import evolve, frozen

from ionworks.server.jobs import adoption, shutdown
from ionworks.server.jobs.batching import Chunk
from ionworks.server.jobs.checks import Checks
from ionworks.server.jobs.crew import Crew, LocalCrew
from ionworks.server.jobs.delays import Delays
from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.leases import lease_of
from ionworks.server.jobs.observers import observer
from ionworks.server.jobs.outages import Interrupted, Outages
from ionworks.server.jobs.phases import Phases
from ionworks.server.jobs.pool import WorkerPool
from ionworks.server.jobs.registry import CANCELABLE, STATES, job_type_of
from ionworks.server.jobs.retries import NO_OUTCOME, NO_RECORD, Failure, attempt
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.task import Task
from ionworks.server.jobs.worker import (
    ExecutorFactory,
    Worker,
    WorkerLost,
    WorkerNotStarted,
    worker_process,
    worker_thread,
)
from ionworks.server.store import (
    cleanup,
    compaction,
    copies,
    records,
    run_lookup,
    submissions,
)
from ionworks.server.store.database import Store
from ionworks.server.store.dispatchers import INBOX
from ionworks.server.store.faults import fault_of

log = logging.getLogger(__name__)

#: Most worker processes by default: each takes about half a gigabyte.
MOST_DEFAULT_WORKERS = 8
#: Longest time a worker may go without finishing a run, in seconds.
DEFAULT_RUN_LIMIT = 3600.0
#: Seconds between two reads of what a worker has finished.
PROGRESS_PERIOD = 0.25
#: Seconds between two comparisons of the queue with the store: jobs whose owner died, and jobs of
#: this process that are neither running nor waiting, because something failed.
RECOVERY_PERIOD = 5.0
#: Seconds between two looks for packs of results most of whose runs were deleted.
COMPACTION_PERIOD = 60.0
#: Workers that may be dead when they are given jobs before that counts as an attempt of the jobs.
DEAD_WORKERS = 3


@frozen(eq=False)
class _Claim:
    """What tells the jobs of one claim from those of another."""

    #: Seconds a request that cancels one of the jobs waits for what its worker hands in.
    handing_in: float


class Jobs:
    """Runs the store's pending jobs in worker processes, or in a thread of this one.

    Workers start when there is work for them, the first one also when `prepare` is called.

    The states of jobs are in the store alone. The queue counts the pending ones of each submission
    and claims them there; a thread that has claimed jobs keeps them, through failures of the store,
    until the store says that they ended or wait again. What is neither counted nor kept is found by
    comparing the two.

    Parameters
    ----------
    store
        Records and results.
    workers
        Largest number of worker processes; None for one per core, at most eight.
    targets
        What runs in a worker.
    run_limit
        Longest time a worker process may go without finishing a run, in seconds.
    factory
        Starts a worker process of this machine.
    crew
        Runs the worker processes instead of this machine; it is closed with the queue.
    worker, keep
        The first worker, and what takes an idle one at the end, see `WorkerPool`.
    """

    def __init__(
        self,
        store: Store,
        *,
        workers: int | None = None,
        targets: Targets | None = None,
        run_limit: float = DEFAULT_RUN_LIMIT,
        factory: ExecutorFactory = worker_process,
        crew: Crew | None = None,
        worker: Worker | None = None,
        keep: Callable[[Worker], None] | None = None,
    ) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"workers={workers} is not a number of processes: give 1 or more")
        self.targets = targets or Targets()
        self._store = store
        most = workers or min(loky.cpu_count(), MOST_DEFAULT_WORKERS)
        self._crew: Crew = crew or LocalCrew(most, factory)
        self._run_limit = run_limit
        self._lease = lease_of(store)
        new_worker = partial(Worker, self._crew.start, self.targets.warm)
        new_spare = partial(Worker, self._crew.start_spare, self.targets.warm)
        self._processes = WorkerPool(self._crew.size, new_worker, self._run, keep, new_spare)
        self._crew.follow(self._processes.resize)
        self._server_thread = WorkerPool(1, lambda: Worker(worker_thread), self._run)
        #: Held while jobs are claimed, so that none is claimed and not yet in `_running`.
        self._claiming = threading.Lock()
        self._running_changed = threading.Condition()
        #: Jobs that a thread has claimed and not settled.
        self._running: dict[str, _Claim] = {}
        self._closing = threading.Event()
        self._outages = Outages(self._closing)
        #: Checks of submissions that were stored unchecked.
        self.checks = Checks(store, self.targets, self._closing)
        self.phases = Phases(self._processes)
        self._recovery = threading.Thread(target=self._recover_periodically, daemon=True)
        shutdown.remember(self)
        try:
            if worker is not None:
                self._processes.start(worker)  # before unfinished jobs need one
            self.recover()
        except BaseException:
            self.close()  # else its lease would keep others from adopting the same jobs
            raise
        self._recovery.start()

    @property
    def owner(self) -> str:
        """Id that new jobs and uploads must carry to be run here."""
        return self._lease.id

    @property
    def writer(self) -> str:
        """Id of this process, which submissions carry until all of their runs are stored."""
        return self._lease.id

    @property
    def workers(self) -> int:
        """Largest number of worker processes now, at least 1."""
        return max(self._crew.size, 1)

    def prepare(self) -> None:
        """Start the first worker process in the background, see `WorkerPool.start`."""
        self._processes.start()

    def enqueue(
        self, submission_id: str, key: str, number: int, *, job_type: str = "simulate"
    ) -> None:
        """Run stored jobs of one submission, whose owner is this process.

        Parameters
        ----------
        submission_id, job_type
            As they are stored.
        key
            What a worker prepares once, see `JobType.key`.
        number
            How many jobs there are, or were added.
        """
        log.info("%d jobs (%s) of the submission %s are queued", number, job_type, submission_id)
        self._pool(job_type_of(job_type)).add(submission_id, key, number, job_type=job_type)

    def worker_counts(self) -> tuple[int, int]:
        """Return how many worker processes have started, and how many of these are busy."""
        return self._processes.counts()

    def delays(self) -> Delays:
        """Return what holds up jobs now."""
        fault = self._outages.fault
        trouble = self._crew.trouble or self._processes.trouble
        return Delays(None if fault is None else fault.reason, trouble)

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

    def cancel(self, *job_ids: str) -> None:
        """Cancel jobs unless they have ended; returns when workers have handed in what they have.

        The result of a simulation that is running is dropped when it ends.
        """
        current = run_lookup.current_job_ids(self._store, job_ids)
        for states in CANCELABLE:
            states.cancel(self._store, *current)
        with self._running_changed:
            claims = {(each, self._running[each]) for each in current if each in self._running}
            self._running_changed.wait_for(
                lambda: self._closing.is_set() or claims.isdisjoint(self._running.items()),
                max((claim.handing_in for _, claim in claims), default=0.0),
            )

    def recover(self) -> None:
        """Adopt the unfinished jobs of owners that died, and remove their uploads and files.

        Also queue jobs of this process that should be and are not.
        """
        self._lease.renew()
        others = adoption.others(self._store, self.owner) | self._lease.others()
        for other in sorted(others - {INBOX}):
            with self._lease.inherit(other) as is_dead:
                if is_dead:
                    adoption.adopt(self._store, other, self.owner)
        submissions.discard_open(self._store, self.owner)  # those that failed with the store
        copies.settle_all(self._store)
        self._find_lost()
        cleanup.expired(self._store)

    def take_in(self, owner: str) -> None:
        """Run the jobs that other processes store under this owner, from now on as its own."""
        waiting = [states for states in STATES if states.are_unfinished(self._store, owner)]
        for states in waiting:
            states.adopt(self._store, owner, self.owner)
        if waiting:
            self._find_lost()

    def close(self) -> None:
        """Stop all workers, after a measurement that is being processed; jobs go on elsewhere."""
        with self._running_changed:
            if self._closing.is_set():
                return
            self._closing.set()
            self._running_changed.notify_all()
        self._processes.close()
        self._server_thread.close()
        self._crew.close()
        if self._recovery.is_alive() and self._recovery is not threading.current_thread():
            self._recovery.join()
        # Last: as long as a worker may still store something, no other process adopts its jobs.
        self._lease.release()
        shutdown.forget(self)

    def _pool(self, job_type: JobType) -> WorkerPool:
        return self._server_thread if job_type.runs_in_server else self._processes

    def _find_lost(self) -> None:
        """Queue the jobs of this process that are neither running nor waiting in memory.

        Such are adopted jobs, those of a request that failed after it stored them, and those whose
        claim was stored although the store reported a failure.
        """
        for states in STATES:
            with self._claiming:
                # Before the store is read: a job that ends in between is not running afterwards.
                running = set(self._running)
                lost = states.all_processing(self._store, self.owner) - running
                if lost:
                    log.warning("%d jobs were not run to an end and start again", len(lost))
                    states.put_back(self._store, self.owner, lost, counts=False)
            for group in states.waiting(self._store, self.owner):
                job_type = job_type_of(group.job_type)
                missing = group.number - self._pool(job_type).count(group)
                if missing > 0:
                    self._pool(job_type).add(
                        group.submission_id,
                        job_type.key(self._store, group.submission_id),
                        missing,
                        job_type=group.job_type,
                        alone=group.alone,
                    )

    def _recover_periodically(self) -> None:
        compacted_at = time.monotonic()
        while not self._closing.wait(RECOVERY_PERIOD):
            try:
                self.recover()
                if time.monotonic() - compacted_at >= COMPACTION_PERIOD:
                    compacted_at = time.monotonic()
                    compaction.compact(self._store, self.owner)
            except Exception as error:
                fault = fault_of(error)
                if fault is None:
                    log.exception("could not look for unfinished jobs and unused results")
                else:
                    self._outages.met(self, fault)
            else:
                self._outages.passed(self)

    def _run(self, worker: Worker, chunk: Chunk) -> None:
        """Run the jobs of a chunk until they have ended, or wait again, in the store."""
        job_type = job_type_of(chunk.job_type)
        # Twice: the worker is asked to stop up to one period after the job was canceled.
        claim = _Claim(2 * job_type.cancellation_grace)
        try:
            job_ids = self._outages.insist(lambda: self._claim(job_type, chunk, claim))
            if job_ids:
                failure = self._run_claimed(worker, job_type, chunk, job_ids)
                if failure is not None and failure.is_of_submission:
                    self._fail_waiting(job_type, chunk, failure, claim)
        except Interrupted:
            log.info("the engine closes while its store fails; its jobs go on when it is opened")
        except Exception:  # the comparison with the store finds the jobs
            log.exception("a chunk of jobs was not run to its end")
        finally:
            self._forget(claim)

    def _forget(self, claim: _Claim) -> None:
        with self._running_changed:
            # Another thread may have claimed a job since it was put back.
            for job_id in [each for each, its in self._running.items() if its is claim]:
                del self._running[job_id]
            self._running_changed.notify_all()

    def _claim(self, job_type: JobType, chunk: Chunk, claim: _Claim) -> list[str]:
        with self._claiming:
            job_ids = job_type.states.claim(
                self._store, self.owner, chunk.submission_id, chunk.size, alone=chunk.alone
            )
            with self._running_changed:
                self._running |= dict.fromkeys(job_ids, claim)
        if len(job_ids) < chunk.size:
            self._pool(job_type).exhaust(chunk)
        return job_ids

    def _fail_waiting(
        self, job_type: JobType, chunk: Chunk, failure: Failure, claim: _Claim
    ) -> None:
        """Fail the jobs of a submission that still wait, in pieces between which others write."""
        piece = evolve(chunk, size=records.PIECE, alone=False)
        while job_ids := self._outages.insist(lambda: self._claim(job_type, piece, claim)):
            self._outages.insist(
                partial(
                    job_type.fail,
                    self._store,
                    self.owner,
                    job_ids,
                    failure.error_code,
                    failure.message,
                )
            )
            self._forget(claim)

    def _run_claimed(
        self, worker: Worker, job_type: JobType, chunk: Chunk, job_ids: list[str]
    ) -> Failure | None:
        """Run claimed jobs, record their outcomes and settle the jobs that have none.

        Returns
        -------
        Failure or None
            Why some have none.
        """
        task = self._outages.insist(
            lambda: Task(self._store, self.owner, job_type, job_ids, self._outages)
        )
        self.phases.add(chunk.submission_id, task)
        try:
            started = time.monotonic()
            failure = self._call(worker, chunk, job_type, task)
            seconds = time.monotonic() - started
            log.info("%d jobs of %s took %.3f s", len(job_ids), chunk.submission_id, seconds)
            observer().chunk_ended(job_type.name, seconds)
            if failure is None:
                pace = seconds / len(job_ids)
                worker.pace[chunk.model_key] = pace
                self._pool(job_type).note_pace(chunk.submission_id, pace, len(job_ids))
                failure = NO_OUTCOME
            failure = self._end(task) or failure
            if not task.unfinished:
                return None
            is_cause = len(job_ids) == 1 or failure.is_of_all
            self._settle(job_type, chunk, task, failure, is_cause=is_cause)
            return failure
        finally:
            self.phases.remove(chunk.submission_id, task)
            task.forget_faults()

    def _call(self, worker: Worker, chunk: Chunk, job_type: JobType, task: Task) -> Failure | None:
        """Have a worker run a chunk; returns what kept it from finishing, if anything."""
        limit = self._run_limit

        def ask(target: str, payload: dict[str, Any]) -> Any:
            return worker.call(target, payload, limit=limit, tick=PROGRESS_PERIOD, watch=task.watch)

        def call() -> WorkerLost | None:
            task.harvest()  # what an earlier attempt finished before the store failed
            if not task.unfinished:
                return None
            try:
                self.checks.ensure(job_type, chunk.submission_id, ask)
                payload = job_type.payload(self._store, chunk.submission_id, list(task.unfinished))
                worker.call(
                    job_type.target(self.targets),
                    {
                        **payload,
                        "blobs": self._store.blobs.address,
                        "outcomes": str(task.file.path),
                        "owner": self.owner,
                        "threads": self.workers,
                    },
                    # A thread cannot be ended, so a limit would free nothing.
                    limit=math.inf if job_type.runs_in_server else limit,
                    tick=PROGRESS_PERIOD,
                    watch=task.watch,
                )
            except WorkerLost as lost:
                return lost
            return None

        def call_living() -> None:
            for tries_left in reversed(range(DEAD_WORKERS)):
                lost = self._outages.insist(call)
                if lost is None:
                    return
                if isinstance(lost, WorkerNotStarted) or task.has_begun or not tries_left:
                    raise lost

        def is_wanted() -> bool:
            look = partial(
                job_type.states.still_wanted, self._store, self.owner, list(task.unfinished)
            )
            return bool(self._outages.insist(look))

        return attempt(
            call_living,
            run_limit=limit,
            size=len(task.unfinished),
            has_begun=lambda: task.has_begun,
            is_wanted=is_wanted,
        )

    def _end(self, task: Task) -> Failure | None:
        """Record the last outcomes of a task; returns why that is impossible, or None."""
        failure = None
        try:
            self._outages.insist(task.harvest)
        except Interrupted:
            raise  # and keep the file, for the next process
        except Exception:
            log.exception("could not record the outcomes of %d jobs", len(task.unfinished))
            failure = NO_RECORD
        self._outages.insist(task.file.delete)
        return failure

    def _settle(
        self, job_type: JobType, chunk: Chunk, task: Task, failure: Failure, *, is_cause: bool
    ) -> None:
        """Fail jobs that used up their attempts and queue the others again, each alone.

        A chunk that failed does not tell which of its jobs was the cause; one with a single job
        does.
        """
        job_ids = list(task.unfinished)
        counts = failure.counts and not self._closing.is_set()
        tries = max(failure.tries, job_type.tries) if counts and is_cause else None
        number = self._outages.insist(
            lambda: job_type.states.put_back(
                self._store, self.owner, job_ids, counts=counts, tries=tries
            )
        )
        if tries is not None and number < len(job_ids):
            self._outages.insist(
                lambda: job_type.fail(
                    self._store, self.owner, job_ids, failure.error_code, failure.message
                )
            )
        if number:
            self._pool(job_type).add(
                chunk.submission_id,
                chunk.model_key,
                number,
                job_type=chunk.job_type,
                alone=counts or chunk.alone,
            )
