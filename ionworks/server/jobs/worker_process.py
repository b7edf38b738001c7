"""A lane: one worker process that can be watched, killed and replaced without harm to others."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from loky.process_executor import ProcessPoolExecutor, ShutdownExecutorError

from ionworks.server.jobs.targets import WORKER_ENVIRONMENT, invoke, start_worker, warm

#: Makes an executor with one worker process; the seam where another kind of worker fits in.
ExecutorFactory = Callable[[], Executor]

_LOST = (BrokenProcessPool, ShutdownExecutorError, CancelledError)


class WorkerLost(Exception):
    """The worker process died, or was killed, before it answered."""


class WorkerStuck(Exception):
    """The worker showed no progress for as long as it may."""


class WorkerAbandoned(Exception):
    """Nobody wants what the worker is doing any more."""


def worker_process() -> Executor:
    """Start one process for Python calls; the user's script needs no ``__main__`` guard."""
    executor: Executor = ProcessPoolExecutor(
        max_workers=1, initializer=start_worker, initargs=(os.getpid(),), env=WORKER_ENVIRONMENT
    )
    return executor


class Lane:
    """One worker process.

    A process of its own, rather than a share in a pool of several: when it dies or is killed,
    only what it was doing is lost.

    Parameters
    ----------
    factory
        Starts the process.
    modules
        What the process loads first.
    """

    def __init__(self, factory: ExecutorFactory, modules: Sequence[str]) -> None:
        self._factory = factory
        self._modules = tuple(modules)
        self._executor: Executor | None = None
        self._lock = threading.Lock()
        self._closed = False
        #: Seconds per run of each model this process has built, as last measured.
        self.pace: dict[str, float] = {}
        self.busy = False

    def start(self) -> None:
        """Start the process and load its modules; returns when it is ready.

        Raises
        ------
        WorkerLost
            It could not start, or the lane was closed.
        """
        try:
            self._submit(warm, self._modules).result()
        except Exception as error:
            self.kill()
            raise WorkerLost(f"a worker process could not start: {error}") from error

    def call(
        self,
        target: str,
        payload: dict[str, Any],
        *,
        limit: float,
        tick: float,
        watch: Callable[[], bool] = lambda: False,
    ) -> Any:
        """Call a function by name in the process.

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
            Returns whether there was progress; may raise WorkerAbandoned.

        Raises
        ------
        WorkerLost, WorkerStuck, WorkerAbandoned
            The process is gone; the next call starts a new one.
        Exception
            What the function raised.
        """
        if self._executor is None:
            self.start()  # loading modules is no part of the call's time
        deadline = time.monotonic() + limit
        try:
            future = self._submit(invoke, target, payload)
            while not wait([future], timeout=tick).done:
                if watch():
                    deadline = time.monotonic() + limit
                elif time.monotonic() > deadline:
                    self.kill()
                    raise WorkerStuck(f"no progress in {limit:g} s")
            return future.result()
        except WorkerAbandoned:
            self.kill()
            raise
        except _LOST as error:
            self.kill()
            raise WorkerLost("the worker process died") from error

    def kill(self) -> None:
        """End the process at once; a later call starts another."""
        with self._lock:
            executor, self._executor = self._executor, None
            self.pace.clear()
        if isinstance(executor, ProcessPoolExecutor):
            executor.shutdown(wait=True, kill_workers=True)
        elif executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the process for good."""
        with self._lock:
            self._closed = True
        self.kill()

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        with self._lock:
            if self._closed:
                raise ShutdownExecutorError("the lane is closed")
            if self._executor is None:
                self._executor = self._factory()
            return self._executor.submit(function, *arguments)
