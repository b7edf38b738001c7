"""Checks of submissions that were stored before a worker had checked them.

A request does not wait for workers that are still loading PyBaMM. Its question stays in their
queue, and the answer is recorded when it comes. What was not recorded, because the process ended
or the store failed, is asked again before the first run. A submission with problems fails with the
message that the request would have been refused with.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import Any, Final

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.questions import with_rest
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import WorkerLost
from ionworks.server.store import checks, run_parameters
from ionworks.server.store.database import Store
from ionworks.server.store.faults import fault_of

log = logging.getLogger(__name__)

#: Seconds between two looks whether the engine is being closed.
_PERIOD: Final = 0.5


class SubmissionRejected(Exception):
    """A submission has problems, so none of its jobs can run."""


class Checks:
    """Makes and records the checks of stored submissions, each once at a time.

    Parameters
    ----------
    store
        Where they are recorded.
    targets
        What checks them in a worker.
    closing
        Set when the engine is being closed.
    """

    def __init__(self, store: Store, targets: Targets, closing: threading.Event) -> None:
        self._store = store
        self._targets = targets
        self._closing = closing
        self._lock = threading.Lock()
        #: Submissions whose check is being made.
        self._under_way: dict[str, Future[None]] = {}

    def expect(self, submission_id: str, indexes: Sequence[int], answer: Future[Any]) -> None:
        """Record the answer to a question about a submission when it comes.

        Parameters
        ----------
        submission_id
            A submission that was just stored.
        indexes
            Its runs, in the order of the question.
        answer
            What the worker was asked before the submission was stored.
        """
        if self._begin(submission_id) is not None:
            return  # its jobs were found in the store, and a worker is asked for them

        def record(answer: Future[Any]) -> None:
            try:
                self._record(submission_id, indexes, answer)
            except Exception as error:  # the submission stays unchecked
                is_expected = isinstance(error, WorkerLost) or fault_of(error) is not None
                log.log(
                    logging.INFO if is_expected else logging.ERROR,
                    "a check failed (%s); it is made again before the first run",
                    error,
                    exc_info=not is_expected,
                )
            finally:
                self._end(submission_id)

        answer.add_done_callback(record)

    def ensure(
        self, job_type: JobType, submission_id: str, ask: Callable[[str, dict[str, Any]], Any]
    ) -> None:
        """Check a submission unless that was done.

        Parameters
        ----------
        job_type, submission_id
            The submission.
        ask
            Asks a worker: takes the name of a function and its argument, and returns the answer.

        Raises
        ------
        SubmissionRejected
            It has problems.
        Exception
            What ``ask`` raises.
        """
        while True:
            state = checks.state(self._store, submission_id)
            if state.problems:
                raise SubmissionRejected("; ".join(state.problems))
            if state.unchecked is None:
                return
            other = self._begin(submission_id)
            if other is not None:
                self._wait_for(other)
                continue
            try:
                self._make(job_type, submission_id, state.unchecked, ask)
            finally:
                self._end(submission_id)

    def _make(
        self,
        job_type: JobType,
        submission_id: str,
        unchecked: Mapping[str, Any],
        ask: Callable[[str, dict[str, Any]], Any],
    ) -> None:
        for question in job_type.questions(self._targets, self._store, submission_id, unchecked):
            found = _found(partial(ask, question.target, question.payload))
            if found["problems"]:
                problems = with_rest(found["problems"], question.rest)
                checks.reject(self._store, submission_id, problems)
                return
            self._add_notes(submission_id, question.indexes, found["notes"])
        checks.accept(self._store, submission_id)

    def _begin(self, submission_id: str) -> Future[None] | None:
        """Mark a check as under way; returns the one that is, if another thread makes it."""
        with self._lock:
            other = self._under_way.get(submission_id)
            if other is None:
                self._under_way[submission_id] = Future()
            return other

    def _end(self, submission_id: str) -> None:
        with self._lock:
            ended = self._under_way.pop(submission_id)
        ended.set_result(None)

    def _wait_for(self, other: Future[None]) -> None:
        while not wait([other], timeout=_PERIOD).done:
            if self._closing.is_set():
                raise WorkerLost("the engine is closed")

    def _record(self, submission_id: str, indexes: Sequence[int], answer: Future[Any]) -> None:
        found = _found(answer.result)
        if found["problems"]:
            checks.reject(self._store, submission_id, found["problems"])
        else:
            self._add_notes(submission_id, indexes, found["notes"])
            checks.accept(self._store, submission_id)

    def _add_notes(self, submission_id: str, indexes: Sequence[int], notes: Sequence[Any]) -> None:
        # There may be notes of more runs, with which these were compared.
        by_index = dict(zip(indexes, notes, strict=False))
        run_parameters.add_notes(self._store, submission_id, by_index)


def _found(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a worker found; as in a request, wrong values and types are problems."""
    try:
        return answer()
    except (ValueError, TypeError) as error:
        return {"problems": [str(error)], "notes": []}
