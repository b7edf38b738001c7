"""Statuses of simulations, a thousand per request, and waiting until they have ended."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from ionworks.data.frames import load_in_background
from ionworks.data.record_list import RecordList
from ionworks.errors import NotFoundError
from ionworks.records.simulation import SettledSimulation, Simulation, SimulationStatus
from ionworks.records.simulation_failure import MOST_NAMED, failure_of, is_failed, naming
from ionworks.records.submission import SubmittedRun, are_runs, made_together
from ionworks.transport.call import call
from ionworks.transport.timeouts import poll_within
from ionworks.waiting import polling
from ionworks.waiting.job_states import StatesById, is_terminal, most_common
from ionworks.waiting.jobs import Jobs
from ionworks.waiting.views import WaitView
from ionworks.workflows.simulations.run_states import RunStates, read_run_statuses
from ionworks_api_client.api.simulation import get_simulation, get_simulation_statuses
from ionworks_api_client.models import SimulationStatusRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ionworks.records.submission import Submission
    from ionworks.transport.connection import Connection
    from ionworks.waiting.job_states import JobStates

__all__ = [
    "JOBS",
    "Target",
    "Watched",
    "id_of_target",
    "jobs_on",
    "read_simulation",
    "read_statuses",
    "read_statuses_of",
    "wait_until_ended",
]

_LARGEST_REQUEST: Final = 1000
JOBS: Final = Jobs(
    noun="simulation",
    resume="client.simulation.wait_for_completion",
    find="client.history()",
)


def jobs_on(connection: Connection) -> Jobs:
    """Return how messages refer to the simulations of a connection."""
    jobs = JOBS.on(connection.settings)
    if connection.journal is None:
        return attrs.evolve(jobs, find="client.simulation.list()")
    return jobs


def read_simulation(connection: Connection, simulation_id: str) -> Simulation:
    """Read one simulation's full record.

    Raises
    ------
    NotFoundError
        If the simulation does not exist.
    """
    model = call(get_simulation.sync_detailed, simulation_id, client=connection.api)
    return Simulation.from_model(model)


Target: TypeAlias = str | SubmittedRun
"""A simulation to wait for: its id, or a run of a submission that the service can ask about."""


def read_statuses_of(connection: Connection, targets: Sequence[Target]) -> list[SimulationStatus]:
    """Read the statuses of simulations given by their ids, and of runs of submissions.

    Returns
    -------
    list of SimulationStatus
        In the order of the targets, each once; unknown simulations are left out.
    """
    ids, runs = _apart(targets)
    if not ids and len(runs) == 1:
        [(submission, indexes)] = runs
        return read_run_statuses(connection, submission, indexes)
    found: dict[str, SimulationStatus] = read_statuses(connection, ids)
    for submission, indexes in runs:
        statuses = read_run_statuses(connection, submission, indexes)
        found |= {each.simulation_id: each for each in statuses}
    wanted = dict.fromkeys(map(id_of_target, targets))
    return [found[identifier] for identifier in wanted if identifier in found]


def _apart(targets: Sequence[Target]) -> tuple[list[str], list[tuple[Submission, list[int]]]]:
    """Return ids, each once, and the submissions of runs, each with the indexes of its runs."""
    if are_runs(targets):
        return [], _by_submission(targets)
    ids = dict.fromkeys(each for each in targets if isinstance(each, str))
    return [*ids], _by_submission([each for each in targets if not isinstance(each, str)])


_SUBMISSION, _INDEX = attrgetter("shared"), attrgetter("index")


def _by_submission(runs: Sequence[SubmittedRun]) -> list[tuple[Submission, list[int]]]:
    # Mostly all are of one submission, of which there may be a million.
    if len({*map(id, map(_SUBMISSION, runs))}) == 1:
        return [(runs[0].shared, [*map(_INDEX, runs)])]
    found: dict[str, tuple[Submission, list[int]]] = {}
    for submission, group in groupby(runs, key=_SUBMISSION):
        _, indexes = found.setdefault(submission.id, (submission, []))
        indexes += map(_INDEX, group)
    return [*found.values()]


def read_statuses(connection: Connection, ids: Sequence[str]) -> dict[str, SimulationStatus]:
    """Read the statuses of many simulations; unknown simulations are left out.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    ids : sequence of str
        Any number; one request per thousand.
    """
    found: dict[str, SimulationStatus] = {}
    for start in range(0, len(ids), _LARGEST_REQUEST):
        asked = [*ids[start : start + _LARGEST_REQUEST]]
        # Without a limit the service returns only the first hundred.
        body = SimulationStatusRequest(simulation_ids=asked, limit=len(asked))
        rows = call(get_simulation_statuses.sync_detailed, client=connection.api, body=body)
        found |= {row.simulation_id: SimulationStatus.from_model(row) for row in rows}
    return found


def wait_until_ended(
    connection: Connection,
    targets: Sequence[Target],
    *,
    jobs: Mapping[str, str | None],
    pace: polling.Pace,
    verbose: bool,
    stop_at_failure: bool,
    is_whole: bool,
) -> polling.Waiting[list[Simulation]]:
    """Wait until simulations have ended, successfully or not, or until one has failed.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    targets : sequence of str or SubmittedRun
        The simulations; repeated ones count once.
    jobs : Mapping
        Known job ids by simulation id.
    pace : Pace
        Timeout and polling interval.
    verbose : bool
        Whether to show the progress on standard error.
    stop_at_failure : bool
        Whether one that has failed or was canceled raises an exception as soon as it is known.
    is_whole : bool
        Whether the records of those that have completed are fetched whole.

    Returns
    -------
    list of Simulation
        Their records, in the order of the targets. They fetch missing fields on first access,
        except the reasons of failures that end the wait.

    Raises
    ------
    JobFailedError, JobCanceledError
        If one has failed or was canceled, and `stop_at_failure` is set.
    WaitTimeoutError
        If some have not ended within the timeout.
    NotFoundError
        If one of them does not exist.
    """
    watched = Watched(connection, targets, jobs, stop_at_failure=stop_at_failure, is_whole=is_whole)
    view = None
    if verbose and watched.total:
        first = targets[0] if isinstance(targets[0], str) else targets[0].simulation_id
        label = f"{JOBS.noun} {first}" if watched.total == 1 else f"{watched.total} {JOBS.noun}s"
        view = WaitView(label, watched.total)
    yield polling.Watch(watched, jobs=jobs_on(connection), pace=pace, view=view)
    ids = map(id_of_target, targets)
    failure = failure_of(ids, watched.finished()) if watched.has_failure else None
    if failure is not None:
        raise failure
    return watched.records(targets)


def id_of_target(target: Target) -> str:
    """Return the id of a simulation to wait for."""
    return target if isinstance(target, str) else target.simulation_id


class Watched:
    """The simulations of a wait: runs of submissions, and others by their ids.

    Parameters
    ----------
    connection, targets, jobs, stop_at_failure, is_whole
        As of `wait_until_ended`.

    Attributes
    ----------
    read : callable
        Returns the statuses of simulations by their ids, with a request unless it is replaced.
    """

    def __init__(
        self,
        connection: Connection,
        targets: Sequence[Target],
        jobs: Mapping[str, str | None],
        *,
        stop_at_failure: bool,
        is_whole: bool,
    ) -> None:
        failed = is_failed if stop_at_failure else None

        def fetch(asked: Sequence[str], seconds: float) -> dict[str, Simulation]:
            # What the wait returns or raises is fetched by its polls: in its time, and repeated.
            with poll_within(seconds):
                statuses = self.read(asked)
                self._note_phases(statuses)
                states = _read_states(connection, jobs, asked, statuses)
                failures = [*filter(failed, states.values())] if failed else []
                for record in failures[:MOST_NAMED]:
                    _ = record.error  # fetches the record if the status has no reason
                if is_whole and not failures:
                    for record in filter(is_terminal, states.values()):
                        record.to_dict()
            return states

        self.read: Callable[[Sequence[str]], Mapping[str, SimulationStatus]]
        self.read = partial(read_statuses, connection)
        #: The last statuses of those of which the service tells what is being done.
        self._told: dict[str, SimulationStatus] = {}
        self._by_id: dict[str, SubmittedRun] = {}
        ids, runs = _apart(targets)
        if connection.shares_polls:
            # One request for the ids of many waits costs less than one for each submission.
            small = [each for each in runs if len(each[1]) <= _LARGEST_REQUEST]
            self._by_id = {
                each.simulation_id(index): SubmittedRun(each, index)
                for each, indexes in small
                for index in indexes
            }
            ids += self._by_id
            runs = [each for each in runs if len(each[1]) > _LARGEST_REQUEST]
        self._others = StatesById(
            ids,
            fetch,
            batch=_LARGEST_REQUEST,
            settled=is_terminal,
            failed=failed,
        )
        self._runs = {
            submission.id: RunStates(
                connection,
                submission,
                indexes,
                partial(read_simulation, connection),
                stop_at_failure=stop_at_failure,
            )
            for submission, indexes in runs
        }
        self._parts: list[JobStates[Simulation]] = [*self._runs.values(), self._others]

    @property
    def total(self) -> int:
        """Number of simulations."""
        return sum(part.total for part in self._parts)

    @property
    def pending_count(self) -> int:
        """Number of those that have not ended, as far as is known."""
        return sum(part.pending_count for part in self._parts)

    @property
    def is_cheap(self) -> bool:
        """Whether a poll costs the service little."""
        return all(part.is_cheap for part in filter(_is_pending, self._parts))

    @property
    def has_failure(self) -> bool:
        """Whether a simulation has ended in a way that ends the wait."""
        return any(part.has_failure for part in self._parts)

    def poll(self, remaining: Callable[[], float]) -> bool:
        """Request the states of the pending simulations; return whether any has changed."""
        changed = False
        for number, part in enumerate(filter(_is_pending, self._parts)):
            if number and remaining() <= 0:
                break
            changed |= part.poll(remaining)
        if self.pending_count:
            # There is time for it now, and the results are mostly read next.
            load_in_background()
        return changed

    def statuses(self) -> Counter[str]:
        """Return the number of simulations by status."""
        return sum((part.statuses() for part in self._parts), Counter())

    def delay_reason(self) -> str | None:
        """Return what holds up simulations."""
        return next(filter(None, (part.delay_reason() for part in self._parts)), None)

    def detail(self) -> str | None:
        """Return what is being done for simulations, if the service tells."""
        of_others = most_common(Counter(status.phase for status in self._told.values()))
        return next(filter(None, (part.detail() for part in self._runs.values())), of_others)

    def share(self) -> float | None:
        """Return the share that is done of the least advanced one, if it is known."""
        shares = [part.share() for part in self._runs.values()]
        shares += [status.progress for status in self._told.values()]
        return min((each for each in shares if each is not None), default=None)

    def _note_phases(self, statuses: Mapping[str, SimulationStatus]) -> None:
        for identifier, status in statuses.items():
            self._told.pop(identifier, None)
            if status.phase is not None:
                self._told[identifier] = status

    def pending_ids(self) -> list[str]:
        """Return the ids of the simulations that have not ended."""
        return [each for part in self._parts for each in part.pending_ids()]

    def finished(self) -> dict[str, Simulation]:
        """Return the records of the simulations that have ended, by id."""
        return {name: each for part in self._parts for name, each in part.finished().items()}

    @property
    def has_news(self) -> bool:
        """Whether simulations have ended since `take_ended` was called."""
        return self._others.has_news or any(part.has_news for part in self._runs.values())

    def take_ended(self) -> list[Target]:
        """Return the simulations that have ended since the last call."""
        runs = [run for part in self._runs.values() for run in part.take_ended()]
        return [*runs, *(self._by_id.get(each, each) for each in self._others.take_ended())]

    def ids_to_ask(self) -> list[str]:
        """Return the ids that the next poll gives to `read`."""
        return self._others.pending_ids()

    def has_requests(self, statuses: Mapping[str, SimulationStatus]) -> bool:
        """Whether a poll sends requests although `read` returns these statuses without one."""
        return any(map(_is_pending, self._runs.values())) or any(
            each not in statuses or is_terminal(statuses[each]) for each in self.ids_to_ask()
        )

    def records(self, targets: Sequence[Target]) -> list[Simulation]:
        """Return the records of simulations that have ended, in the order of the targets."""
        with made_together():
            return RecordList(
                self._runs[target.shared.id].record(target.index)
                if isinstance(target, SubmittedRun) and target.shared.id in self._runs
                else self._others.state(id_of_target(target))
                for target in targets
            )


def _is_pending(part: JobStates[Simulation]) -> bool:
    return part.pending_count > 0


def _read_states(
    connection: Connection,
    jobs: Mapping[str, str | None],
    ids: Sequence[str],
    statuses: Mapping[str, SimulationStatus],
) -> dict[str, Simulation]:
    """Return the state of each simulation as a record that fetches other fields on first access.

    A simulation without status is looked up.
    """
    return {
        identifier: SettledSimulation.of_status(
            statuses[identifier],
            jobs.get(identifier),
            partial(read_simulation, connection, identifier),
        )
        if identifier in statuses
        else _unlisted(connection, identifier)
        for identifier in ids
    }


def _unlisted(connection: Connection, simulation_id: str) -> Simulation:
    """Look up a simulation that is missing in the statuses; in most cases it does not exist."""
    try:
        record = read_simulation(connection, simulation_id)
    except NotFoundError as error:
        raise naming(simulation_id, error) from None
    if record.status is None and record.has_results:
        return Simulation.from_dict({**record, "status": "completed"})
    return record
