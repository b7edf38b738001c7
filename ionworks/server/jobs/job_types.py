"""What the queue needs to know of a type of jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ionworks.server.jobs.observers import observer
from ionworks.server.jobs.questions import Question
from ionworks.server.jobs.targets import Targets
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import JOBS, JobStates


class JobType(ABC):
    """What the jobs of one type give their worker, and how their outcomes are recorded."""

    #: What the jobs compute, in metrics and logs.
    name: ClassVar[str]
    #: Where the states of the jobs are stored.
    states: ClassVar[JobStates] = JOBS
    #: Whether a thread of the server runs the jobs rather than a worker process.
    runs_in_server: ClassVar[bool] = False
    #: Seconds a worker may go on after its jobs were canceled, to hand in what it has.
    cancellation_grace: ClassVar[float] = 0.0
    #: Fewest attempts before a failure is final; some causes get more, see `Failure`.
    tries: ClassVar[int] = 1
    #: End of the names of the files with outcomes.
    outcome_suffix: ClassVar[str]

    @abstractmethod
    def target(self, targets: Targets) -> str:
        """Return the name of the function that runs such jobs."""

    @abstractmethod
    def key(self, store: Store, submission_id: str) -> str:
        """Return a text that is equal for submissions whose preparation a worker can share."""

    @abstractmethod
    def payload(self, store: Store, submission_id: str, job_ids: Sequence[str]) -> dict[str, Any]:
        """Return the argument of the function, for claimed jobs of one submission."""

    def questions(
        self, targets: Targets, store: Store, submission_id: str, unchecked: Mapping[str, Any]
    ) -> Iterator[Question]:
        """Yield what a worker is asked about a submission before its first run.

        Parameters
        ----------
        targets, store, submission_id
            A submission that was stored unchecked.
        unchecked
            What was stored for its check.

        Raises
        ------
        NotImplementedError
            Submissions of this type are never stored unchecked.
        """
        message = f"{type(self).__name__}: the submission {submission_id!r} cannot be unchecked"
        raise NotImplementedError(message)

    @abstractmethod
    def record(self, store: Store, owner: str, outcomes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Record what a worker reported; returns the jobs that have ended."""

    def fail(
        self, store: Store, owner: str, job_ids: Sequence[str], error_code: str, error: str
    ) -> None:
        """Fail jobs that ended without an outcome; canceled and deleted ones may be among them."""
        self.states.fail(store, owner, job_ids, error_code, error)
        observer().jobs_ended(self.name, {error_code: len(job_ids)})
