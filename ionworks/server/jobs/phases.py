"""What is being done for simulations that have not ended, for those who wait for them.

It is known to the process that runs them, and to no other; nothing of it is stored.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from ionworks.server.jobs.pool import WorkerPool
from ionworks.server.jobs.task import Task
from ionworks.server.store import run_ids
from ionworks.server.store.job_states import PROCESSING, UNFINISHED

STARTING: Final = "starting workers"


class Phases:
    """Knows what the workers are doing.

    Parameters
    ----------
    workers
        The workers that run simulations.
    """

    def __init__(self, workers: WorkerPool) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        #: The tasks that are being run, by the submission of their jobs.
        self._tasks: dict[str, list[Task]] = {}

    def add(self, submission_id: str, task: Task) -> None:
        """Note that a task is run from now on."""
        with self._lock:
            self._tasks[submission_id] = [*self._tasks.get(submission_id, ()), task]

    def remove(self, submission_id: str, task: Task) -> None:
        """Note that a task is not run any more."""
        with self._lock:
            others = [each for each in self._tasks.pop(submission_id, ()) if each is not task]
            if others:
                self._tasks[submission_id] = others

    def of_submission(self, submission_id: str) -> dict[str, Any]:
        """Return ``phase`` and ``progress`` of a submission, as far as they are known."""
        tasks = self._tasks.get(submission_id, ())
        # The runs that were taken first are mostly those that have come furthest.
        known = next((task.file.doing for task in reversed(tasks) if task.file.doing), {})
        if not known and (tasks or self._workers.has_work(submission_id)):
            return self._before_work()
        return known

    def of_all(self) -> dict[str, dict[str, Any]]:
        """Return what is known of each submission whose jobs are run now."""
        with self._lock:
            running = list(self._tasks)
        found = {each: self.of_submission(each) for each in running}
        return {each: doing for each, doing in found.items() if doing}

    def of_simulations(self, statuses: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return statuses of simulations with ``phase`` and ``progress`` where these are known."""
        before_work = self._before_work()
        return [self._with_phase(each, before_work) for each in statuses]

    def _with_phase(self, status: dict[str, Any], before_work: Mapping[str, Any]) -> dict[str, Any]:
        if status["status"] not in UNFINISHED:
            return status
        known = self._of_running(status) if status["status"] == PROCESSING else {}
        return {**status, **(known or before_work)}

    def _of_running(self, status: Mapping[str, Any]) -> dict[str, Any]:
        run = run_ids.parsed(status["simulation_id"])
        if run is None:
            return {}
        job_id = run_ids.job_id(run.submission_id, run.index)
        tasks = self._tasks.get(run.submission_id, ())
        return next((task.file.doing for task in tasks if job_id in task.unfinished), {})

    def _before_work(self) -> dict[str, Any]:
        return {"phase": STARTING} if self._workers.is_starting else {}
