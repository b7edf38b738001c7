"""Limits for each user of a team, so that one cannot keep the others waiting."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
from attrs import field, frozen

from ionworks.server.http.problems import Problem, forbidden
from ionworks.server.store import access
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import UNFINISHED
from ionworks.server.store.tables import jobs, runs, submissions

_MINUTE: Final = 60.0


@frozen
class Limits:
    """Limits of each user.

    Attributes
    ----------
    requests_per_minute
        Requests that one web process answers, on average over a minute.
    pending_runs
        Runs and pipelines that have been submitted and have not ended.
    largest_submission
        Runs of one request.
    """

    requests_per_minute: int = 1200
    pending_runs: int = 1_000_000
    largest_submission: int = 1_000_000

    def __attrs_post_init__(self) -> None:
        for name in ("requests_per_minute", "pending_runs", "largest_submission"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 1")

    def check_submission(self, store: Store, count: int) -> None:
        """Refuse a submission of so many runs if it is too large, or too many are unfinished.

        Raises
        ------
        Problem
            403. Two requests at the same time may exceed the limit together.
        """
        if count > self.largest_submission:
            raise forbidden(
                f"This submission has {count} runs, and the server allows {self.largest_submission}"
                " in one: split it."
            )
        unfinished = _unfinished(store)
        if unfinished + count > self.pending_runs:
            raise forbidden(
                f"You have {unfinished} unfinished runs, and the server allows "
                f"{self.pending_runs}: before you submit {count} more, wait for some to end, or "
                "cancel some."
            )


def _unfinished(store: Store) -> int:
    """Return how many unfinished runs and pipelines the user of a request has, in all projects."""
    user_id = access.user_id()
    mine = submissions.c.user_id == user_id
    of_runs = (
        sa.select(sa.func.coalesce(sa.func.sum(runs.c.count), 0))
        .join(submissions, submissions.c.id == runs.c.submission_id)
        .where(mine, runs.c.status.in_(UNFINISHED))
    )
    of_jobs = (
        sa.select(sa.func.count())
        .select_from(jobs)
        .join(submissions, submissions.c.id == jobs.c.submission_id)
        .where(mine, jobs.c.status.in_(UNFINISHED))
    )
    # Also those in projects that the user has left.
    with access.acting(None), store.reading() as connection:
        return (connection.scalar(of_runs) or 0) + (connection.scalar(of_jobs) or 0)


@frozen
class Rate:
    """Counts the requests of users, each of whom may save up those of one minute.

    Parameters
    ----------
    per_minute
        Requests that each user may send.
    clock
        Returns the time in seconds.
    """

    per_minute: int
    _clock: Callable[[], float]
    #: User id -> requests left, and when they were counted.
    _left: dict[str, tuple[float, float]] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def count(self, user_id: str) -> None:
        """Count a request; raises a 429 Problem if the user has none left."""
        now = self._clock()
        speed = self.per_minute / _MINUTE
        with self._lock:
            left, since = self._left.get(user_id, (float(self.per_minute), now))
            left = min(left + (now - since) * speed, float(self.per_minute))
            is_allowed = left >= 1
            self._left[user_id] = (left - 1 if is_allowed else left, now)
        if not is_allowed:
            wait = max(1, math.ceil((1 - left) / speed))
            message = (
                f"You sent more than {self.per_minute} requests in a minute: wait {wait} s, and "
                "ask for the states of many runs in one request."
            )
            raise Problem(429, "TOO_MANY_REQUESTS", message, headers={"Retry-After": str(wait)})
