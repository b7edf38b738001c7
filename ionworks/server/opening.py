"""Opening the embedded engine in the process of its client.

The first worker process starts before anything else is imported: it takes longest to get ready.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ionworks.server.jobs.shutdown import close_all_at_exit
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import Worker, worker_process

if TYPE_CHECKING:
    from ionworks.server.app import LocalApp


def open_app(folder: Path | None) -> LocalApp:
    """Open a folder as an embedded engine, see `ionworks.server.app.create_app`.

    Parameters
    ----------
    folder
        Where records and results live; None for the user's data folder.
    """
    worker = Worker(worker_process, Targets().warm)
    with ExitStack() as undo:
        undo.callback(worker.close)
        worker.begin()
        close_all_at_exit(worker.factory)
        from ionworks.server.app import create_app

        app = create_app(folder)
        undo.callback(app.close)
        app.services.jobs.prepare(worker)
        undo.pop_all()
    return app
