"""What learns how jobs go, for metrics: nothing, unless a program installs an observer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


class Observer:
    """Learns what happens to jobs; this one forgets it."""

    def chunk_ended(self, job_type: str, seconds: float) -> None:
        """Note that a worker has ended a chunk of jobs of a type, see `JobType.name`."""

    def jobs_ended(self, job_type: str, ends: Mapping[str, int]) -> None:
        """Note that jobs have ended; their numbers by error code, or ``completed``."""

    def worker_lost(self) -> None:
        """Note that a worker died while it had jobs."""

    def store_failed(self, error_code: str) -> None:
        """Note that jobs began to wait for the store."""


_observers = [Observer()]


def observer() -> Observer:
    """Return the observer of this process."""
    return _observers[-1]


def install(new: Observer) -> None:
    """Have an observer learn what happens from now on."""
    _observers[:] = [new]


def ends_of(outcomes: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Count the jobs that outcomes of any type end, by error code, or ``completed``."""
    ends: Counter[str] = Counter()
    for outcome in outcomes:
        if "ids" in outcome:
            failed = Counter(code or "UNKNOWN" for code, _ in outcome["errors"].values())
            ends.update(failed)
            ends["completed"] += len(outcome["ids"]) - failed.total()
        elif "error" in outcome:  # not the progress of a pipeline
            ends["completed" if outcome["error"] is None else _code(outcome)] += 1
    return +ends


def _code(outcome: Mapping[str, Any]) -> str:
    return outcome.get("error_code") or "INVALID_DATA"
