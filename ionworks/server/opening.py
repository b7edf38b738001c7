"""Opening the embedded engine in the process of its client.

The first worker process starts before anything else is imported: it takes longest to get ready.
When the engine is closed, one that is idle is kept for the next client of the same process.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ionworks.server.jobs.shutdown import close_all_at_exit, remember
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import Worker, worker_process
from ionworks.server.store.forks import after_fork_in_child

if TYPE_CHECKING:
    from ionworks.server.app import LocalApp

#: Seconds for which an idle worker process is kept.
KEPT_FOR = 60.0


class _Spare:
    """At most one worker process that no engine has, with its imports and models."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._is_closed = False
        remember(self)
        after_fork_in_child(self._forget)

    def take(self) -> Worker | None:
        """Return the worker, if there is one that was not ended since."""
        with self._lock:
            worker, self._worker = self._worker, None
        return worker if worker is not None and worker.is_started else None

    def keep(self, worker: Worker) -> None:
        """Keep a worker for a while, instead of the one before."""
        with self._lock:
            superfluous = worker if self._is_closed else self._worker
            if not self._is_closed:
                self._worker = worker
        if superfluous is not None:
            superfluous.close()
        timer = threading.Timer(KEPT_FOR, self._drop, [worker])
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """End the worker, if there is one, and keep no other: the program ends."""
        self._is_closed = True
        worker = self.take()
        if worker is not None:
            worker.close()

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            if self._worker is not worker:
                return
            self._worker = None
        worker.close()

    def _forget(self) -> None:
        """Leave the worker to the parent, in a forked child process."""
        self._lock = threading.Lock()
        self._worker = None


_spare = _Spare()


def open_app(folder: Path | None) -> LocalApp:
    """Open a folder as an embedded engine, see `ionworks.server.app.create_app`.

    Parameters
    ----------
    folder
        Where records and results live; None for the user's data folder.
    """
    worker = _spare.take() or Worker(worker_process, Targets().warm)
    with ExitStack() as undo:
        undo.callback(worker.close)
        worker.begin()
        close_all_at_exit(worker.factory)
        from ionworks.server.app import create_app

        app = create_app(folder)
        undo.callback(app.close)
        app.services.jobs.prepare(worker, _spare.keep)
        undo.pop_all()
    return app
