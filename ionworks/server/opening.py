"""Opening the embedded engine in the process of its client.

The first worker process starts before anything else is imported: it takes longest to get ready.
When the engine is closed, one that is idle is kept for the next client of the same process.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ionworks.server.jobs.shutdown import remember
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import Worker, worker_process
from ionworks.server.store.forks import after_fork_in_child

if TYPE_CHECKING:
    from distributed import Client

    from ionworks.server.app import LocalApp

#: Seconds for which an idle worker process is kept.
KEPT_FOR = 60.0
#: What means nothing to workers: pytest changes this variable for every test of a user, and
#: libraries set some with an underscore for themselves when they are imported, such as polars.
_MEANINGLESS = ("PYTEST_CURRENT_TEST", "_")


class _Spare:
    """At most one worker process that no engine has, with its imports and models."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._worker: Worker | None = None
        self._timer: threading.Timer | None = None
        self._is_closed = False
        remember(self)
        after_fork_in_child(self._forget)

    def take(self) -> Worker | None:
        """Return the worker, if there is one that is like a new one.

        It is ended if the environment variables are not those it was started with.
        """
        worker = self._removed()
        if worker is None or (worker.is_started and _is_current(worker.environment)):
            return worker
        worker.close()
        return None

    def keep(self, worker: Worker) -> None:
        """Keep a worker for a while, instead of the one before.

        A child process of multiprocessing keeps none: it would wait for it when it ends.
        """
        with self._lock:
            superfluous = self._removed()
            if self._is_closed or multiprocessing.parent_process() is not None:
                superfluous = worker
            else:
                self._worker = worker
                self._timer = threading.Timer(KEPT_FOR, self._drop, [worker])
                self._timer.daemon = True
                self._timer.start()
        if superfluous is not None:
            superfluous.close()

    def close(self) -> None:
        """End the worker, if there is one, and keep no other: the program ends."""
        with self._lock:
            self._is_closed = True
        worker = self._removed()
        if worker is not None:
            worker.close()

    def _removed(self, only: Worker | None = None) -> Worker | None:
        """Stop keeping the worker, and return it; None if no worker, or another one, is kept."""
        with self._lock:
            worker = self._worker
            if worker is None or only not in (None, worker):
                return None
            if self._timer is not None:
                self._timer.cancel()
            self._worker = self._timer = None
        return worker

    def _drop(self, worker: Worker) -> None:
        if self._removed(worker) is not None:
            worker.close()

    def _forget(self) -> None:
        """Leave the worker to the parent, in a forked child process, which may keep its own."""
        self._lock = threading.RLock()
        self._worker = self._timer = None
        remember(self)


def _is_current(environment: dict[str, str]) -> bool:
    """Return whether environment variables are those of this process now."""
    now = os.environ
    differing = (name for name in {*environment, *now} if environment.get(name) != now.get(name))
    return all(name.startswith(_MEANINGLESS) for name in differing)


_spare = _Spare()


def open_app(
    folder: Path | None, *, starts_worker: bool = True, cluster: str | Client | None = None
) -> LocalApp:
    """Open a folder as an embedded engine, see `ionworks.server.app.create_app`.

    Parameters
    ----------
    folder
        Where records and results live; None for the user's data folder.
    starts_worker
        Whether the first worker starts now, and not when there is work for it.
    cluster
        The Dask cluster whose workers are used instead, see `create_app`.
    """
    if cluster is not None:
        from ionworks.server.app import create_app

        app = create_app(folder, cluster=cluster)
        if starts_worker:
            app.services.jobs.prepare()
        return app
    worker = None
    if starts_worker:
        worker = _spare.take() or Worker(worker_process, Targets().warm)
    try:
        if worker is not None:
            worker.begin()
        from ionworks.server.app import create_app

        return create_app(folder, worker=worker, keep=_spare.keep)
    except BaseException:
        if worker is not None:
            worker.close()
        raise
