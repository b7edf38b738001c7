"""The results of simulations in the order in which they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ionworks.errors import IonworksError
from ionworks.records.simulation_failure import failure_of, is_failed
from ionworks.requests.fields import one_of
from ionworks.waiting import polling
from ionworks.workflows.simulations.result_download import ON_ERROR, read_results
from ionworks.workflows.simulations.simulation_wait import Watched, id_of_target, jobs_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from ionworks.records.simulation import SimulationResult
    from ionworks.transport.connection import Connection
    from ionworks.workflows.simulations.result_download import OnError
    from ionworks.workflows.simulations.simulation_wait import Target

    Step: TypeAlias = polling.Watch | tuple[Target, SimulationResult | IonworksError]

__all__ = ["results_as_completed"]


class _UntilNews(Watched):
    """Simulations of a wait that is interrupted when one of them has ended."""

    @property
    def has_failure(self) -> bool:
        """Whether simulations have ended since the last call of `take_ended`."""
        return self.has_news


def results_as_completed(
    connection: Connection,
    targets: Sequence[Target],
    *,
    pace: polling.Pace,
    max_workers: int,
    on_error: OnError,
) -> Iterator[Step]:
    """Read the results of simulations as these end.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    targets : sequence of str or SubmittedRun
        The simulations; repeated ones count once.
    pace : Pace
        Timeout and polling interval.
    max_workers, on_error
        As of `read_results`.

    Returns
    -------
    iterator of tuple or Watch
        Each simulation with its result or, for "return", with its exception, and what to watch
        before the next ones. The clock starts when the iterator is first advanced.

    Raises
    ------
    ValueError
        Immediately, if `on_error` is unknown.
    JobFailedError, JobCanceledError
        If simulations failed or were canceled, for "raise": after the results that are there.
    WaitTimeoutError, NotFoundError, IonworksError
        As `wait_until_ended` and `read_results`.
    """
    one_of(on_error, "on_error", ON_ERROR)
    found = _outcomes(connection, targets, pace, max_workers, stop=on_error == "raise")
    return filter(_has_result, found) if on_error == "skip" else found


def _has_result(step: Step) -> bool:
    return isinstance(step, polling.Watch) or not isinstance(step[1], IonworksError)


def _outcomes(
    connection: Connection,
    targets: Sequence[Target],
    pace: polling.Pace,
    max_workers: int,
    *,
    stop: bool,
) -> Iterator[Step]:
    watched = _UntilNews(connection, targets, {}, stop_at_failure=False, is_whole=False)
    started = pace.clock()
    while watched.pending_count:
        yield polling.Watch(watched, jobs=jobs_on(connection), pace=pace, started=started)
        ended = watched.take_ended()
        ids = [*map(id_of_target, ended)]
        failed = {each.id: each for each in watched.records(ended) if is_failed(each)}
        completed = [each for each in ids if each not in failed]
        results = read_results(connection, completed, max_workers, "raise" if stop else "return")
        for target, identifier in zip(ended, ids, strict=True):
            if identifier not in failed:
                yield target, next(results)
                continue
            failure = failure_of([identifier], {identifier: failed[identifier]})
            if failure is not None and not stop:
                yield target, failure
        if failed and stop:
            remedy = "on_error='return' goes on with the others"
            failure = failure_of(map(id_of_target, targets), watched.finished(), remedy=remedy)
            if failure is not None:
                raise failure
