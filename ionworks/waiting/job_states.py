"""The states of the jobs of a wait, as last seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ionworks.records.job import TERMINAL_STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["JobStates", "State", "StatesById", "is_terminal", "most_common"]

LEAST_TIME_OF_POLL = 0.8
"""Seconds that a poll may take at the end of a wait, or with a timeout of 0."""


class State(Protocol):
    """Any object with the status of a job."""

    @property
    def status(self) -> str | None:
        """The status, as named by the service."""
        ...

    @property
    def delay_reason(self) -> str | None:
        """Why a job that has not ended makes no progress, if anything holds it up."""
        ...


S = TypeVar("S", bound=State)
S_co = TypeVar("S_co", covariant=True)


def is_terminal(state: State) -> bool:
    """Whether a job has ended, according to its status."""
    return state.status in TERMINAL_STATUSES


def most_common(counts: Counter[str | None]) -> str | None:
    """Return the reason that most jobs have, None if no job has any."""
    del counts[None]
    return counts.most_common(1)[0][0] if counts else None


class JobStates(Protocol[S_co]):
    """The jobs of a wait. The loop asks for their states until none is pending."""

    @property
    def total(self) -> int:
        """Number of jobs."""
        ...

    @property
    def pending_count(self) -> int:
        """Number of those that have not ended, as far as is known."""
        ...

    @property
    def has_failure(self) -> bool:
        """Whether a job has ended in a way that ends the wait."""
        ...

    @property
    def is_cheap(self) -> bool:
        """Whether a poll costs the service little, so that it can be asked more often."""
        ...

    def poll(self, remaining: Callable[[], float]) -> bool:
        """Request the states of the pending jobs.

        Parameters
        ----------
        remaining : callable
            Returns the seconds until the end of the wait.

        Returns
        -------
        bool
            Whether any status has changed.
        """
        ...

    def statuses(self) -> Counter[str]:
        """Return the number of jobs by status, ``unknown`` before the first poll."""
        ...

    def delay_reason(self) -> str | None:
        """Return what holds up most of the jobs that are held up."""
        ...

    def detail(self) -> str | None:
        """Return the additional text to show, such as what is being done."""
        ...

    def share(self) -> float | None:
        """Return the share of a job that is done, if it is known: of several, the smallest."""
        ...

    def pending_ids(self) -> list[str]:
        """Return the ids of the jobs that have not ended."""
        ...

    def finished(self) -> Mapping[str, S_co]:
        """Return the states of the jobs that have ended, by id and in the order of the jobs."""
        ...


class StatesById(Generic[S]):
    """Jobs whose states are requested by their ids, in several requests if there are many.

    Parameters
    ----------
    ids : iterable of str
        The jobs; repeated ids are requested once.
    fetch : callable
        Takes ids and the seconds in which to request the state of each, and returns the states.
    batch : int
        Largest number of ids of one call of `fetch`.
    settled : callable
        Whether a state is final.
    failed : callable, optional
        Whether a final state is a failure, which ends the wait.
    text : callable, optional
        Returns the additional text of a single job.
    """

    def __init__(
        self,
        ids: Iterable[str],
        fetch: Callable[[Sequence[str], float], Mapping[str, S]],
        *,
        batch: int,
        settled: Callable[[S], bool],
        failed: Callable[[S], bool] | None = None,
        text: Callable[[S], str | None] | None = None,
    ) -> None:
        self._ids = list(dict.fromkeys(ids))
        self._fetch = fetch
        self._batch = batch
        self._settled = settled
        self._failed = failed
        self._text = text
        self._states: dict[str, S] = {}
        self._pending = list(self._ids)
        self._ended: list[str] = []

    @property
    def total(self) -> int:
        """Number of jobs."""
        return len(self._ids)

    @property
    def pending_count(self) -> int:
        """Number of those that have not ended."""
        return len(self._pending)

    @property
    def is_cheap(self) -> bool:
        """Return False: each job is looked up."""
        return False

    @property
    def has_failure(self) -> bool:
        """Whether a job has ended in a way that ends the wait."""
        return self._failed is not None and any(map(self._failed, self.finished().values()))

    def poll(self, remaining: Callable[[], float]) -> bool:
        """Request the states of the pending jobs; no further request is sent after the deadline."""
        changed = False
        try:
            for start in range(0, len(self._pending), self._batch):
                left = remaining()
                if start and left <= 0:
                    break
                ids = self._pending[start : start + self._batch]
                changed |= self._update(self._fetch(ids, max(left, LEAST_TIME_OF_POLL)))
        finally:
            # Also on Ctrl-C, so that jobs known to have ended are not reported as running.
            self._ended += filter(self._is_settled, self._pending)
            self._pending = [each for each in self._pending if not self._is_settled(each)]
        return changed

    @property
    def has_news(self) -> bool:
        """Whether jobs have ended since `take_ended` was called."""
        return bool(self._ended)

    def take_ended(self) -> list[str]:
        """Return the ids of the jobs that have ended since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def state(self, identifier: str) -> S:
        """Return the state of a job as last seen."""
        return self._states[identifier]

    def statuses(self) -> Counter[str]:
        """Return the number of jobs by status."""
        return Counter(
            "unknown" if state is None else state.status or "unknown"
            for state in map(self._states.get, self._ids)
        )

    def delay_reason(self) -> str | None:
        """Return what holds up most of the jobs that are held up."""
        return most_common(
            Counter(
                self._states[each].delay_reason for each in self._pending if each in self._states
            )
        )

    def detail(self) -> str | None:
        """Return the additional text for a single job."""
        state = self._states.get(self._ids[0]) if len(self._ids) == 1 else None
        return None if state is None or self._text is None else self._text(state)

    def share(self) -> float | None:
        """Return None: states of jobs that are asked for by their ids have none."""
        return None

    def pending_ids(self) -> list[str]:
        """Return the ids of the jobs that have not ended."""
        return list(self._pending)

    def finished(self) -> dict[str, S]:
        """Return the states of the jobs that have ended, in the order of the ids."""
        return {each: self._states[each] for each in self._ids if self._is_settled(each)}

    def _update(self, states: Mapping[str, S]) -> bool:
        changed = False
        for identifier, state in states.items():
            before = self._states.get(identifier)
            changed |= before is None or before.status != state.status
            self._states[identifier] = state
        return changed

    def _is_settled(self, identifier: str) -> bool:
        state = self._states.get(identifier)
        return state is not None and self._settled(state)
