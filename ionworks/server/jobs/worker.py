"""One worker: a process, or a thread of this one, that calls functions for the queue."""

from __future__ import annotations

import os
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any

from loky.process_executor import ProcessPoolExecutor, ShutdownExecutorError

from ionworks.server.jobs.targets import WORKER_ENVIRONMENT, invoke, start_worker, warm

#: Makes an executor with one worker.
ExecutorFactory = Callable[[], Executor]

#: Longest time for a process to start and import its modules, in seconds.
START_LIMIT = 300.0

#: What a call raises when its process has died, or was killed.
LOST = (BrokenProcessPool, ShutdownExecutorError, CancelledError)


class WorkerLost(Exception):
    """The worker process died, or was killed, before it answered."""


class WorkerNotStarted(WorkerLost):
    """The worker process could not start, or was closed."""


class WorkerGone(WorkerLost):
    """The machine of the worker process has left, or cannot be reached.

    Parameters
    ----------
    reason
        What happened.
    is_suspicious
        Whether what the worker was doing may be the cause.
    """

    def __init__(self, reason: str, *, is_suspicious: bool) -> None:
        super().__init__(reason)
        self.is_suspicious = is_suspicious


class WorkerStuck(Exception):
    """The worker showed no progress within the time limit."""


class WorkerAbandoned(Exception):
    """All jobs of the worker were canceled."""


def worker_process() -> Executor:
    """Start one process for Python calls; the user's script needs no ``__main__`` guard."""
    executor: Executor = ProcessPoolExecutor(
        max_workers=1, initializer=start_worker, initargs=(os.getpid(),), env=WORKER_ENVIRONMENT
    )
    return executor


def worker_thread() -> Executor:
    """Start one thread of this process for Python calls."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="ionworks-jobs")


class KillableExecutor(Executor):
    """An executor whose calls can be ended."""

    @abstractmethod
    def kill(self) -> None:
        """End the process and its calls at once, for good."""


def end_process(executor: Executor) -> None:
    """Kill the process of an executor, or let its thread end after its call."""
    if isinstance(executor, KillableExecutor):
        executor.kill()
    elif isinstance(executor, ProcessPoolExecutor):
        executor.shutdown(wait=True, kill_workers=True)
    else:
        executor.shutdown(wait=False, cancel_futures=True)


class Worker:
    """One worker that can be watched and, if it is a process, killed and replaced.

    Each has an executor to itself, rather than a share in a pool of several: when its process
    dies or is killed, only what it was doing is lost.

    Parameters
    ----------
    factory
        Starts the process or thread.
    modules
        What it imports first.
    """

    def __init__(self, factory: ExecutorFactory, modules: Sequence[str] = ()) -> None:
        self._factory = factory
        self._modules = tuple(modules)
        self._executor: Executor | None = None
        #: The import of the modules, once it was begun.
        self._warming: Future[Any] | None = None
        self._lock = threading.Lock()
        self._closed = False
        #: Seconds per job of each model this worker has built, as last measured.
        self.pace: dict[str, float] = {}
        #: When it began what it is doing now, by `time.monotonic`; None while it waits.
        self.busy_since: float | None = None
        #: Whether it was started and not ended; its process may have died unnoticed.
        self.is_started = False
        #: Environment variables with which it was last started.
        self.environment: dict[str, str] = {}

    def begin(self) -> None:
        """Start the worker without waiting for it; `start` tells whether that went well."""
        with self._lock:
            if self._warming is not None:
                return
        # `start` raises what keeps it from starting
        with suppress(Exception):
            self._warming = self._submit(warm, self._modules)

    def start(self) -> None:
        """Start the worker and import its modules; returns when it is ready.

        Raises
        ------
        WorkerNotStarted
            It could not start, or was closed.
        """
        try:
            warming = self._warming or self._submit(warm, self._modules)
            warming.result(timeout=START_LIMIT)
        except Exception as error:
            self.kill()
            reason = str(error).partition("\n")[0] or type(error).__name__
            if not isinstance(error, WorkerGone):
                reason = f"a worker process could not start: {reason}"
            raise WorkerNotStarted(reason) from error
        self.is_started = True

    def call(
        self,
        target: str,
        payload: dict[str, Any],
        *,
        limit: float,
        tick: float,
        watch: Callable[[], bool] = lambda: False,
    ) -> Any:
        """Call a function by name in the worker.

        Parameters
        ----------
        target
            ``module:function``.
        payload
            Its argument.
        limit
            Longest time without progress, in seconds.
        tick
            Time between two calls of ``watch``, in seconds.
        watch
            Returns whether there was progress; may raise WorkerAbandoned. What it raises ends the
            process.

        Raises
        ------
        WorkerLost, WorkerStuck, WorkerAbandoned
            The process was ended; the next call starts a new one.
        WorkerNotStarted
            That failed.
        Exception
            What the function raised.
        """
        if not self.is_started:
            self.start()  # before the clock starts: importing modules is not the call's time
        deadline = time.monotonic() + limit
        try:
            future = self._submit(invoke, target, payload)
            # `wait` does not report a future that was canceled before a thread took it.
            while not future.cancelled() and not wait([future], timeout=tick).done:
                # The time a call waits for its turn in a cluster does not count.
                if self._watched(watch) or not future.running():
                    deadline = time.monotonic() + limit
                elif time.monotonic() > deadline:
                    self.kill()
                    raise WorkerStuck(f"no progress in {limit:g} s")
            return future.result()
        except WorkerGone:
            self.kill()
            raise
        except LOST as error:
            self.kill()
            raise WorkerLost("the worker process died") from error

    def _watched(self, watch: Callable[[], bool]) -> bool:
        try:
            return watch()
        except Exception:
            self.kill()  # else it would go on, and the next call would wait for it
            raise

    def kill(self) -> None:
        """End the process at once, or let the thread end after its call; a later call restarts."""
        with self._lock:
            executor, self._executor = self._executor, None
            self._warming = None
            self.is_started = False
            self.pace.clear()
        # Outside the lock: ending a process takes a moment, during which `close` may be called.
        if executor is not None:
            end_process(executor)

    def close(self) -> None:
        """End the worker for good."""
        with self._lock:
            self._closed = True
        self.kill()

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        with self._lock:
            if self._closed:
                raise ShutdownExecutorError("the worker is closed")
            if self._executor is None:
                self.environment = dict(os.environ)
                self._executor = self._factory()
            return self._executor.submit(function, *arguments)
