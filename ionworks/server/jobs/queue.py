"""Jobs: waiting runs, the workers that run them, and what happens when something dies."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import loky
from attrs import define, field

from ionworks.server.jobs import shutdown
from ionworks.server.jobs.batching import Chunk, WaitingRuns
from ionworks.server.jobs.job_types import Kind, kind_of, kind_of_file
from ionworks.server.jobs.leases import Owner
from ionworks.server.jobs.outcomes import OutcomeFile
from ionworks.server.jobs.retries import NO_OUTCOME, NO_RECORD, Failure, attempt
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.task import Progress
from ionworks.server.jobs.worker_process import ExecutorFactory, Lane, WorkerLost, worker_process
from ionworks.server.store import job_states
from ionworks.server.store.database import Store

log = logging.getLogger(__name__)

#: Workers when nobody says how many: each takes about half a gigabyte.
MOST_DEFAULT_WORKERS = 8
#: Longest time a worker may go without finishing a run, in seconds.
DEFAULT_RUN_LIMIT = 3600.0
#: Longest time for a question to a worker (a model's parameters, a check), in seconds.
QUERY_LIMIT = 300.0
#: Seconds between two looks at what a worker has finished.
PROGRESS_PERIOD = 0.25
#: Seconds between two looks for jobs whose owner died.
RECOVERY_PERIOD = 5.0


@define
class _Query:
    """A question to a worker, and where the answer goes."""

    target: str
    payload: dict[str, Any]
    answer: Future[Any] = field(factory=Future)


class Jobs:
    """Runs the store's pending jobs in worker processes.

    Worker processes start with the first job or question, or when `prepare` is called.

    Parameters
    ----------
    store
        Records and results.
    workers
        Number of worker processes; None for one per core, at most eight.
    targets
        What runs in a worker.
    run_limit
        Longest time a worker may go without finishing a run, in seconds.
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
        self._factory = factory
        self._owner = Owner(store.folder / "owners")
        self._condition = threading.Condition()
        self._waiting = WaitingRuns(self._workers)
        self._queries: deque[_Query] = deque()
        self._lanes: dict[Lane, threading.Thread] = {}
        self._spare: Lane | None = None
        self._postponed: deque[str] = deque()
        #: Jobs in the hands of a worker, and the seconds it is given when they are canceled.
        self._under_way: dict[str, float] = {}
        self._closing = threading.Event()
        self._caretaker = threading.Thread(target=self._take_care, daemon=True)
        shutdown.remember(self)
        self.recover()
        self._caretaker.start()

    @property
    def owner(self) -> str:
        """Id new jobs must carry to be run here."""
        return self._owner.id

    def prepare(self) -> None:
        """Start the worker processes, in the background."""
        with self._condition:
            self._open_lanes()

    def enqueue(
        self, submission_id: str, key: str, job_ids: Sequence[str], *, job_type: str = "simulate"
    ) -> None:
        """Run stored jobs of one submission, whose owner is this process.

        Parameters
        ----------
        submission_id, job_ids, job_type
            As they are stored.
        key
            What a worker prepares once, see `Kind.key`.
        """
        with self._condition:
            self._waiting.add(submission_id, key, job_ids, job_type=job_type)
            self._open_lanes()
            self._condition.notify_all()

    def query(self, target: str, payload: dict[str, Any]) -> Any:
        """Ask a worker something and wait for the answer.

        Raises
        ------
        WorkerLost, WorkerStuck
            The worker died or did not answer in time.
        Exception
            What the target raised.
        """
        query = _Query(target, payload)
        with self._condition:
            if self._closing.is_set():
                raise WorkerLost("the engine is closed")
            self._queries.append(query)
            self._open_lanes()
            if self._spare is None and all(lane.busy for lane in self._lanes):
                self._spare = self._open_lane()
            self._condition.notify_all()
        return query.answer.result()

    def cancel(self, job_id: str) -> None:
        """Cancel a job unless it has ended; returns when its worker has handed in what it has.

        A run under way is dropped when it ends.
        """
        job_states.cancel(self._store, job_id)
        with self._condition:
            self._condition.wait_for(
                lambda: self._under_way.get(job_id, 0.0) == 0.0 or self._closing.is_set(),
                self._under_way.get(job_id, 0.0),
            )

    def recover(self) -> None:
        """Take over the unfinished jobs of owners that died."""
        for other in job_states.other_owners(self._store, self.owner):
            with self._owner.inherit(other) as orphaned:
                if orphaned:
                    self._adopt(other)

    def close(self) -> None:
        """Stop all workers; unfinished jobs are taken up by whoever opens the folder next."""
        with self._condition:
            if self._closing.is_set():
                return
            self._closing.set()
            lanes = dict(self._lanes)
            self._condition.notify_all()
        for lane in lanes:
            lane.close()
        for thread in [*lanes.values(), self._caretaker]:
            if thread is not threading.current_thread():
                thread.join()
        self._owner.release()
        shutdown.forget(self)

    def _adopt(self, other: str) -> None:
        """Take over one dead owner's jobs: first what it finished, then what it owed."""
        for path in sorted((self._store.folder / "outcomes").glob(f"{other}-*.jsonl")):
            file = OutcomeFile(path)
            kind_of_file(path).record(self._store, other, file.read_new())
            file.delete()
        adopted = job_states.adopt(self._store, other, self.owner)
        self._enqueue_again(adopted)
        if adopted:
            log.info("took over %d unfinished jobs", len(adopted))

    def _enqueue_again(self, waiting: Sequence[job_states.Waiting]) -> None:
        """Queue jobs that were under way before; those that failed a try run alone."""
        keys = {
            submission_id: kind_of(job_type).key(self._store, submission_id)
            for submission_id, job_type in {(job.submission_id, job.job_type) for job in waiting}
        }
        with self._condition:
            for job in waiting:
                self._waiting.add(
                    job.submission_id,
                    keys[job.submission_id],
                    [job.id],
                    job_type=job.job_type,
                    alone=job.attempts > 0,
                )
            if waiting:
                self._open_lanes()
                self._condition.notify_all()

    def _take_care(self) -> None:
        """Look for orphaned and postponed jobs until the end."""
        while not self._closing.wait(RECOVERY_PERIOD):
            try:
                self._resume_postponed()
                self.recover()
            except Exception:  # a busy or full disk now may be fine the next time
                log.exception("could not look for unfinished jobs")

    def _resume_postponed(self) -> None:
        """Queue chunks again whose bookkeeping failed."""
        postponed = [self._postponed.popleft() for _ in range(len(self._postponed))]
        if postponed:
            self._settle(postponed, NO_RECORD, alone=True)

    def _open_lanes(self) -> None:
        """Start the workers that are missing; the caller holds the condition."""
        if self._closing.is_set():
            return
        running = len(self._lanes) - (self._spare is not None)
        for _ in range(self._workers - running):
            self._open_lane()

    def _open_lane(self) -> Lane:
        lane = Lane(self._factory, self.targets.warm)
        thread = threading.Thread(target=self._serve, args=(lane,), daemon=True)
        self._lanes[lane] = thread
        thread.start()
        return lane

    def _serve(self, lane: Lane) -> None:
        """Work through queries and chunks with one worker until the end."""
        failure: Exception | None = None
        try:
            lane.start()
            shutdown.close_all_at_exit()
            while (work := self._next_work(lane)) is not None:
                if isinstance(work, _Query):
                    self._answer(lane, work)
                else:
                    self._run_or_postpone(lane, work)
                with self._condition:
                    lane.busy = False
                    self._condition.notify_all()
        except Exception as error:  # whoever waits for the lane must not wait for ever
            failure = error
            if not self._closing.is_set():
                log.exception("a worker of the embedded engine ended")
        finally:
            lane.close()
            for query in self._drop(lane):
                query.answer.set_exception(failure or WorkerLost("the engine was closed"))

    def _drop(self, lane: Lane) -> list[_Query]:
        """Forget a lane that ended; returns the questions nobody is left to answer."""
        with self._condition:
            del self._lanes[lane]
            if self._spare is lane:
                self._spare = None
            self._condition.notify_all()
            if self._lanes:
                return []
            queries, self._queries = list(self._queries), deque()
            return queries

    def _next_work(self, lane: Lane) -> _Query | Chunk | None:
        """Wait for something to do; None when there will be nothing more."""
        with self._condition:
            while not self._closing.is_set():
                work = self._pick(lane)
                if work is not None:
                    lane.busy = True
                    return work
                self._condition.wait()
        return None

    def _pick(self, lane: Lane) -> _Query | Chunk | None:
        if self._queries:
            return self._queries.popleft()
        if lane is self._spare:
            return None
        others = [other.pace for other in self._lanes if other is not lane]
        return self._waiting.take(lane.pace, others)

    def _answer(self, lane: Lane, query: _Query) -> None:
        """Answer one question."""
        try:
            answer = lane.call(query.target, query.payload, limit=QUERY_LIMIT, tick=QUERY_LIMIT)
        except Exception as error:  # noqa: BLE001 whoever asked gets it
            query.answer.set_exception(error)
        else:
            query.answer.set_result(answer)

    def _run_or_postpone(self, lane: Lane, chunk: Chunk) -> None:
        """Run a chunk; when the store fails, leave it for later rather than end the lane."""
        try:
            self._run(lane, chunk)
        except Exception:
            log.exception("could not keep the books of %d runs", len(chunk.job_ids))
            self._postponed.extend(chunk.job_ids)

    def _run(self, lane: Lane, chunk: Chunk) -> None:
        """Run a chunk and see to what it left unfinished."""
        kind = kind_of(chunk.job_type)
        job_ids = job_states.claim(self._store, self.owner, chunk.job_ids)
        if not job_ids:
            return
        task = Progress(self._store, self.owner, kind, job_ids)
        with self._busy_with(job_ids, kind):
            started = time.monotonic()
            failure = self._call(lane, chunk, kind, task)
            task.harvest()
            task.file.delete()
        if failure is None:
            lane.pace[chunk.model_key] = (time.monotonic() - started) / len(job_ids)
            failure = NO_OUTCOME
        if task.unfinished:
            self._settle(list(task.unfinished), failure, alone=len(job_ids) == 1)

    @contextmanager
    def _busy_with(self, job_ids: Sequence[str], kind: Kind) -> Iterator[None]:
        """Let who cancels one of these jobs wait for what its worker has."""
        longest = 2 * kind.patience
        with self._condition:
            self._under_way |= dict.fromkeys(job_ids, longest)
        try:
            yield
        finally:
            with self._condition:
                for job_id in job_ids:
                    del self._under_way[job_id]
                self._condition.notify_all()

    def _call(self, lane: Lane, chunk: Chunk, kind: Kind, task: Progress) -> Failure | None:
        """Have a worker run a chunk; returns what kept it from finishing, if anything."""

        def call() -> None:
            payload = kind.payload(self._store, chunk.submission_id, list(task.unfinished))
            lane.call(
                kind.target(self.targets),
                {
                    **payload,
                    "blobs": str(self._store.blobs.folder),
                    "outcomes": str(task.file.path),
                    "threads": self._workers,
                },
                limit=self._run_limit,
                tick=PROGRESS_PERIOD,
                watch=task.watch,
            )

        return attempt(call, run_limit=self._run_limit, size=len(chunk.job_ids))

    def _settle(self, job_ids: list[str], failure: Failure, *, alone: bool) -> None:
        """Fail runs that used up their tries, queue the others again, each alone.

        A chunk that failed does not say which of its runs was the cause; one that held a single
        run does.
        """
        if self._closing.is_set():
            job_states.put_back(self._store, self.owner, job_ids, counts=False)
            return
        again = job_states.put_back(self._store, self.owner, job_ids, counts=True)
        lost = [job.id for job in again if alone and job.attempts >= failure.tries]
        if lost:
            job_states.fail(self._store, self.owner, lost, failure.error_code, failure.message)
        self._enqueue_again([job for job in again if job.id not in lost])
