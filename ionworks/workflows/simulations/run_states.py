"""The states of the runs of a submission, requested for all of them at once."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from functools import partial
from itertools import compress
from typing import TYPE_CHECKING, Final

import attrs

from ionworks.errors import NotFoundError
from ionworks.records.job import FAILED_STATUSES
from ionworks.records.simulation_failure import naming
from ionworks.records.submission import (
    EndedRun,
    Ending,
    RunStatus,
    SharedStatus,
    SubmittedRun,
    made_together,
)
from ionworks.transport.call import call, given
from ionworks.transport.timeouts import poll_within
from ionworks.waiting.job_states import LEAST_TIME_OF_POLL, is_terminal, most_common
from ionworks_api_client.api.simulation import get_submission_statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ionworks.records.simulation import Simulation, SimulationStatus
    from ionworks.records.submission import Submission
    from ionworks.transport.connection import Connection
    from ionworks_api_client.models import StatusOfRuns, SubmissionStatuses

__all__ = ["RunStates", "read_run_statuses"]

_ALL_AGAIN: Final = 100
"""Every so many polls all statuses are requested. The service finds changes by its clock, which may
be set back."""


@attrs.frozen
class _State:
    """What consecutive runs have in common."""

    status: str | None = None
    error: str | None = None
    error_code: str | None = None
    delay_reason: str | None = None


def read_run_statuses(
    connection: Connection, submission: Submission, indexes: Sequence[int]
) -> list[SimulationStatus]:
    """Read the statuses of runs of a submission.

    Returns
    -------
    list of SimulationStatus
        In the order of the indexes, each once; runs that were deleted are left out.
    """
    is_whole = [*indexes] == [*range(len(indexes))]
    wanted = indexes if is_whole else sorted(set(indexes))
    found: list[SimulationStatus] = []
    try:
        reply = _request(connection, submission)
    except NotFoundError:  # all of its runs were deleted
        return []
    with made_together():
        for each in reply.statuses:
            values = each.to_dict()
            shared = SharedStatus(submission, **{name: values.get(name) for name in _STATUS})
            start, end = _places(wanted, each)
            found += RunStatus.of_many(shared, wanted[start:end])
    if is_whole or wanted == indexes:
        return found
    by_id = {each.simulation_id: each for each in found}
    ids = dict.fromkeys(map(submission.simulation_id, indexes))
    return [by_id[identifier] for identifier in ids if identifier in by_id]


def _request(
    connection: Connection, submission: Submission, changed_since: str | None = None
) -> SubmissionStatuses:
    return call(
        get_submission_statuses.sync_detailed,
        submission.id,
        client=connection.api,
        changed_since=given(changed_since),
    )


def _places(indexes: Sequence[int], runs: StatusOfRuns) -> tuple[int, int]:
    """Return where runs in sequence are among sorted indexes."""
    start = bisect_left(indexes, runs.first)
    return start, bisect_left(indexes, runs.first + runs.count, lo=start)


class RunStates:
    """Some runs of a submission, as `ionworks.waiting.job_states.JobStates`.

    Each run is a number, that of its state, in an array in the order of the runs. So memory and
    time do not depend on how the runs are distributed over the states.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    submission : Submission
        The submission.
    indexes : iterable of int
        The runs to wait for.
    read : callable
        Reads the full record of a simulation by its id.
    stop_at_failure : bool
        Whether a failed or canceled run ends the wait.
    """

    def __init__(
        self,
        connection: Connection,
        submission: Submission,
        indexes: Iterable[int],
        read: Callable[[str], Simulation],
        *,
        stop_at_failure: bool,
    ) -> None:
        self._submission = submission
        self._indexes = array("q", sorted(set(indexes)))
        self._read = read
        self._stop_at_failure = stop_at_failure
        self._states = [_State()]
        self._is_open = [True]
        #: Places of the runs that have ended since `take_ended` was called.
        self._ended = array("L")
        self._number_of = {_State(): 0}
        self._numbers = array("L", bytes(array("L").itemsize * len(self._indexes)))
        self._counts = Counter({0: len(self._indexes)})
        self._endings: dict[int, Ending] = {}
        self._ask = partial(_request, connection, submission)
        self._as_of: str | None = None
        self._stored: int | None = None
        self._polls = 0
        self._phase: str | None = None
        self._share: float | None = None

    @property
    def total(self) -> int:
        """Number of runs."""
        return len(self._indexes)

    @property
    def pending_count(self) -> int:
        """Number of those that have not ended."""
        return sum(count for state, count in self._counted() if not is_terminal(state))

    @property
    def is_cheap(self) -> bool:
        """Return True: one request tells what has changed."""
        return True

    @property
    def has_failure(self) -> bool:
        """Whether a run has ended in a way that ends the wait."""
        return self._stop_at_failure and any(
            state.status in FAILED_STATUSES for state, _ in self._counted()
        )

    def poll(self, remaining: Callable[[], float]) -> bool:
        """Request the statuses that have changed; from time to time, all of them.

        Raises
        ------
        NotFoundError
            If a run that has not ended does not exist.
        """
        self._polls += 1
        is_whole = self._as_of is None or self._polls % _ALL_AGAIN == 0
        with poll_within(max(remaining(), LEAST_TIME_OF_POLL)):
            reply = self._ask(None if is_whole else self._as_of)
            if not is_whole and reply.count != self._stored:
                is_whole, reply = True, self._ask(None)  # some have been deleted
            changed = self._update(reply)
            if is_whole:
                self._refuse_missing(reply)
        self._as_of, self._stored = reply.as_of, reply.count
        self._phase, self._share = reply.phase or None, reply.to_dict().get("progress")
        return changed

    def statuses(self) -> Counter[str]:
        """Return the number of runs by status."""
        found: Counter[str] = Counter()
        for state, count in self._counted():
            found[state.status or "unknown"] += count
        return found

    def delay_reason(self) -> str | None:
        """Return what holds up most of the runs that are held up."""
        found: Counter[str | None] = Counter()
        for state, count in self._counted():
            if not is_terminal(state):
                found[state.delay_reason] += count
        return most_common(found)

    def detail(self) -> str | None:
        """Return what is being done for the runs, if the service tells."""
        return self._phase if self.pending_count else None

    def share(self) -> float | None:
        """Return the share that is done of the run that is least advanced, if it is known."""
        return self._share if self.pending_count else None

    def pending_ids(self) -> list[str]:
        """Return the ids of the runs that have not ended."""
        pending = map(self._is_open.__getitem__, self._numbers)
        return [*map(self._submission.simulation_id, compress(self._indexes, pending))]

    @property
    def has_news(self) -> bool:
        """Whether runs have ended since `take_ended` was called."""
        return bool(self._ended)

    def take_ended(self) -> list[SubmittedRun]:
        """Return the runs that have ended since the last call."""
        ended, self._ended = self._ended, array("L")
        return [SubmittedRun(self._submission, self._indexes[place]) for place in ended]

    def finished(self) -> dict[str, Simulation]:
        """Return the records of the runs that have ended, by id."""
        return {
            self._submission.simulation_id(index): EndedRun(self._ending(number), index)
            for index, number in zip(self._indexes, self._numbers, strict=True)
            if not self._is_open[number]
        }

    def record(self, index: int) -> Simulation:
        """Return the record of a run that has ended."""
        number = self._numbers[bisect_left(self._indexes, index)]
        return EndedRun(self._ending(number), index)

    def _ending(self, number: int) -> Ending:
        """Return what the records of the runs in a final state share."""
        ending = self._endings.get(number)
        if ending is None:
            status, error, error_code, _ = attrs.astuple(self._states[number])
            ending = Ending(self._submission, status, error, error_code, self._read)
            self._endings[number] = ending
        return ending

    def _counted(self) -> Iterator[tuple[_State, int]]:
        return ((self._states[number], count) for number, count in self._counts.items() if count)

    def _update(self, reply: SubmissionStatuses) -> bool:
        """Take over the statuses of a reply; return whether any has changed."""
        changed = False
        for each in reply.statuses:
            start, end = _places(self._indexes, each)
            values = each.to_dict()
            state = _State(**{name: values.get(name) for name in _NAMES})
            number = self._number(state)
            numbers_before = Counter(self._numbers[start:end])
            if not self._is_open[number] and any(map(self._is_open.__getitem__, numbers_before)):
                was_open = map(self._is_open.__getitem__, self._numbers[start:end])
                self._ended.extend(compress(range(start, end), was_open))
            for before, count in numbers_before.items():
                changed |= self._states[before].status != state.status
                self._counts[before] -= count
                self._counts[number] += count
            self._numbers[start:end] = array("L", [number]) * (end - start)
        return changed

    def _number(self, state: _State) -> int:
        number = self._number_of.setdefault(state, len(self._states))
        if number == len(self._states):
            self._states.append(state)
            self._is_open.append(not is_terminal(state))
        return number

    def _refuse_missing(self, reply: SubmissionStatuses) -> None:
        """Raise an exception if a run that has not ended is not among all statuses of a reply."""
        after = 0
        for each in (*reply.statuses, None):
            start, end = (self.total, self.total) if each is None else _places(self._indexes, each)
            for place in range(after, start):
                if not is_terminal(self._states[self._numbers[place]]):
                    self._refuse(self._submission.simulation_id(self._indexes[place]))
            after = max(after, end)

    def _refuse(self, simulation_id: str) -> None:
        try:
            self._read(simulation_id)
        except NotFoundError as error:
            raise naming(simulation_id, error) from None


_NAMES: Final = tuple(field.name for field in attrs.fields(_State))
_STATUS: Final = (*_NAMES, "updated_at")
