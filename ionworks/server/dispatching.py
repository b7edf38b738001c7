"""The dispatcher: a process that runs the jobs of web processes and answers no requests itself.

One process holds the lock of the dispatcher. Others wait for it, and take over when it ends or
dies: its jobs are then those of a dead process, which are adopted like any others.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ionworks.engine.compile_setting import compile_setting
from ionworks.server.jobs.crew import cluster_crew
from ionworks.server.jobs.delays import Delays
from ionworks.server.jobs.leases import lease_of
from ionworks.server.jobs.outages import Outages
from ionworks.server.jobs.queue import DEFAULT_RUN_LIMIT, Jobs
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import ExecutorFactory, worker_process
from ionworks.server.store import dispatchers
from ionworks.server.store.cleanup import prepared
from ionworks.server.store.database import Store, default_folder
from ionworks.server.store.dispatchers import INBOX
from ionworks.server.store.faults import explained, fault_of

log = logging.getLogger(__name__)

#: Seconds between two looks for new jobs.
INTAKE_PERIOD: Final = 0.25
#: Seconds between two attempts to get the lock of the dispatcher.
STANDBY_PERIOD: Final = 1.0
#: Shortest and longest time between two reports to users, in seconds.
_SHORTEST_SILENCE: Final = 1.0
_LONGEST_SILENCE: Final = 5.0
#: Seconds between two looks whether this process still holds its locks.
_RENEWAL_PERIOD: Final = 1.0
#: Seconds before a dispatcher that could not begin tries again.
_RETRY_PAUSE: Final = 5.0


class DispatcherProcess:
    """Runs the jobs of web processes while it holds the lock of the dispatcher.

    Parameters
    ----------
    store
        Records and results; closed at the end.
    new_jobs
        Makes the queue that runs them.
    """

    def __init__(self, store: Store, new_jobs: Callable[[], Jobs]) -> None:
        self.store = store
        #: The queue; None while another process is the dispatcher.
        self.jobs: Jobs | None = None
        self._trouble: str | None = None
        self._new_jobs = new_jobs
        self._lease = lease_of(store)
        self._closing = threading.Event()
        self._outages = Outages(self._closing)
        self._told: dispatchers.Dispatcher | None = None
        self._told_at = self._renewed_at = 0.0
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop all workers; the next dispatcher adopts unfinished jobs."""
        if not self._closing.is_set():
            self._closing.set()
            self._thread.join()
            self._lease.release()
            self.store.close()

    def delays(self) -> Delays:
        """Return what holds up jobs now; nothing while another process is the dispatcher."""
        jobs = self.jobs
        return Delays(absence=self._trouble) if jobs is None else jobs.delays()

    def _work(self) -> None:
        pause = 0.0
        while not self._closing.wait(pause):
            pause = STANDBY_PERIOD
            try:
                with self._lease.inherit(INBOX) as is_dispatcher:
                    self._trouble = None
                    if is_dispatcher:
                        self._dispatch()
            except Exception as error:
                pause = _RETRY_PAUSE
                fault = fault_of(error)
                self._trouble = str(error) if fault is None else fault.reason
                if fault is None and not isinstance(error, RuntimeError):
                    self._trouble = "this dispatcher failed; its log says why"
                    log.exception("this process cannot be the dispatcher; it tries again")
                else:
                    log.warning(
                        "this process cannot be the dispatcher: %s; it tries again", self._trouble
                    )

    def _dispatch(self) -> None:
        """Run jobs until this process ends."""
        jobs = self._new_jobs()
        self.jobs = jobs
        try:
            log.info("this process is the dispatcher")
            while not self._closing.is_set():
                try:
                    if not self._is_alone():
                        return
                    jobs.take_in(INBOX)
                    self._tell(jobs)
                except Exception as error:
                    fault = fault_of(error)
                    if fault is None:
                        log.exception("could not look for new jobs")
                    else:
                        self._outages.met(self, fault)
                else:
                    self._outages.passed(self)
                self._closing.wait(INTAKE_PERIOD)
        finally:
            self.jobs = None
            jobs.close()
            self._leave(jobs.owner)

    def _is_alone(self) -> bool:
        """Return whether no other process became the dispatcher while the database was away."""
        moment = time.monotonic()
        if moment - self._renewed_at < _RENEWAL_PERIOD:
            return True
        self._renewed_at = moment
        return self._lease.renew()

    def _tell(self, jobs: Jobs) -> None:
        """Tell users what holds up jobs and what is being done, unless they know."""
        silence = time.monotonic() - self._told_at
        if silence < _SHORTEST_SILENCE:
            return
        delays = jobs.delays()
        told = dispatchers.Dispatcher(
            jobs.owner, jobs.workers, delays.fault, delays.trouble, jobs.phases.of_all()
        )
        if told != self._told or silence >= _LONGEST_SILENCE:
            dispatchers.tell(self.store, told)
            self._told, self._told_at = told, time.monotonic()

    def _leave(self, owner: str) -> None:
        try:
            dispatchers.leave(self.store, owner)
        except Exception as error:
            if fault_of(error) is None:
                log.exception("could not store that this dispatcher has ended")


def open_dispatcher(
    folder: Path | None = None,
    *,
    database: str | None = None,
    blobs: str | None = None,
    workers: int | None = None,
    run_limit: float = DEFAULT_RUN_LIMIT,
    targets: Targets | None = None,
    factory: ExecutorFactory = worker_process,
    cluster: str | None = None,
) -> DispatcherProcess:
    """Open a folder to run the jobs that web processes store; parameters as of `create_app`.

    Raises
    ------
    ValueError, RuntimeError
        As `create_app`.
    """
    if not run_limit > 0:  # also rejects NaN
        raise ValueError(f"run_limit={run_limit} must be a time in seconds above 0")
    if workers is not None and workers < 1:
        raise ValueError(f"workers={workers} is not a number of processes: give 1 or more")
    compile_setting()
    folder = Path(folder) if folder is not None else default_folder()
    with explained(folder):
        store = prepared(folder, database, blobs)
        try:
            return DispatcherProcess(
                store,
                lambda: Jobs(
                    store,
                    workers=workers,
                    run_limit=run_limit,
                    targets=targets,
                    factory=factory,
                    crew=None if cluster is None else cluster_crew(cluster),
                ),
            )
        except BaseException:
            store.close()
            raise
