"""One attempt of a worker at a task, and whether a failure is worth another."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen

from ionworks.server.jobs.checks import SubmissionRejected
from ionworks.server.jobs.observers import observer
from ionworks.server.jobs.outages import Interrupted
from ionworks.server.jobs.worker import (
    WorkerAbandoned,
    WorkerGone,
    WorkerLost,
    WorkerNotStarted,
    WorkerStuck,
)

log = logging.getLogger(__name__)


@frozen
class Failure:
    """Why jobs of a task did not finish, and the number of attempts after which they fail."""

    error_code: str
    message: str
    tries: int
    #: Whether it counts as an attempt; one that never began does not.
    counts: bool = True
    #: Whether each of the jobs would fail alone, too.
    is_of_all: bool = False
    #: Whether it is also of those jobs of the submission that still wait.
    is_of_submission: bool = False


#: The worker returned without an outcome for some of its jobs.
NO_OUTCOME = Failure("INTERNAL_ERROR", "The engine gave no outcome for this run.", 0)
#: The outcome could not be stored.
NO_RECORD = Failure(
    "INTERNAL_ERROR", "The engine could not record this run's outcome; its log says why.", 3
)
#: The worker process could not start; the jobs wait until one can.
NOT_STARTED = Failure("INTERNAL_ERROR", "No worker process could start.", 0, counts=False)

#: Attempts of a run whose worker's machine was lost: more than those of one whose process died,
#: because machines of a cluster are taken away for other reasons than the run.
GONE_TRIES = 4


def attempt(
    call: Callable[[], Any],
    *,
    run_limit: float,
    size: int,
    has_begun: Callable[[], bool],
    is_wanted: Callable[[], bool],
) -> Failure | None:
    """Have a worker do a task.

    Parameters
    ----------
    call
        Calls the worker.
    run_limit
        Longest time without progress, in seconds; for the message.
    size
        Number of jobs, for the log.
    has_begun
        Tells whether the worker has begun with the jobs.
    is_wanted
        Tells whether a job of the task has been neither canceled nor deleted meanwhile.

    Returns
    -------
    Failure or None
        None when the call returned.

    Raises
    ------
    Interrupted
        The engine closes.
    """
    try:
        call()
    except Interrupted:
        raise
    except WorkerNotStarted:
        return NOT_STARTED
    except SubmissionRejected as error:
        return Failure("VALIDATION_ERROR", str(error), 1, is_of_all=True, is_of_submission=True)
    except WorkerStuck:
        message = f"The run did not end within {run_limit:g} s and was stopped."
        return Failure("EXECUTION_TIMEOUT", message, 1)
    except (WorkerLost, WorkerAbandoned) as error:
        if isinstance(error, WorkerLost):
            observer().worker_lost()
        return _loss(error)
    except Exception as error:  # one task's failure must not stop the other jobs
        # The deletion of a measurement takes away the files that are being read.
        if is_wanted():
            log.exception("a task of %d jobs failed", size)
        message = f"{type(error).__name__}: {error}"
        # For example in the check, which is the same for all.
        return Failure("INTERNAL_ERROR", message, 1, is_of_all=not has_begun())
    return None


def _loss(error: WorkerLost | WorkerAbandoned) -> Failure:
    """Return the failure of jobs whose worker process has ended."""
    if isinstance(error, WorkerGone):
        if not error.is_suspicious:
            return evolve(NOT_STARTED, message=str(error))
        message = (
            f"The machine that computed this run was lost {GONE_TRIES} times; often it is out of "
            "memory, or it was taken away."
        )
        return Failure("INTERNAL_ERROR", message, GONE_TRIES)
    message = (
        "The worker process died twice while it computed this run alone or with others; "
        "often the machine is out of memory."
    )
    return Failure("INTERNAL_ERROR", message, 2)
