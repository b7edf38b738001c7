"""Statuses of simulations, a thousand per request, and waiting until they have ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from ionworks.data.frames import load_in_background
from ionworks.errors import NotFoundError, reworded
from ionworks.records.simulation import SettledSimulation, Simulation, SimulationStatus
from ionworks.records.simulation_failure import MOST_NAMED, is_failed
from ionworks.transport.call import call
from ionworks.transport.timeouts import poll_within
from ionworks.waiting import polling
from ionworks.waiting.views import WaitView
from ionworks_api_client.api.simulation import get_simulation, get_simulation_statuses
from ionworks_api_client.models import SimulationStatusRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ionworks.transport.connection import Connection

__all__ = ["read_simulation", "read_statuses", "wait_until_ended"]

_LARGEST_REQUEST: Final = 1000
_JOBS = polling.Jobs(noun="simulation", resume="client.simulation.wait_for_completion")


def read_simulation(connection: Connection, simulation_id: str) -> Simulation:
    """Read one simulation's full record.

    Raises
    ------
    NotFoundError
        If the simulation does not exist.
    """
    model = call(get_simulation.sync_detailed, simulation_id, client=connection.api)
    return Simulation.from_model(model)


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
    ids: Sequence[str],
    *,
    jobs: Mapping[str, str | None],
    pace: polling.Pace,
    verbose: bool,
    stop_at_failure: bool,
    is_whole: bool,
) -> dict[str, Simulation]:
    """Wait until simulations have ended, successfully or not, or until one has failed.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    ids : sequence of str
        The simulations; repeated ones count once.
    jobs : Mapping
        Known job ids by simulation id.
    pace : Pace
        Timeout and polling interval.
    verbose : bool
        Whether to show the progress on standard error.
    stop_at_failure : bool
        Whether to return as soon as one has failed or was canceled.
    is_whole : bool
        Whether the records of those that have completed are fetched whole.

    Returns
    -------
    dict
        Records by id of those that have ended, in the order of the ids; they fetch missing fields
        on first access, except the reasons of failures that end the wait.

    Raises
    ------
    WaitTimeoutError
        If some have not ended within the timeout.
    NotFoundError
        If one of them does not exist.
    """
    unique = [*dict.fromkeys(ids)]
    view = WaitView.of(_JOBS.noun, unique) if verbose and unique else None
    failed = is_failed if stop_at_failure else None

    def fetch(asked: Sequence[str], seconds: float) -> dict[str, Simulation]:
        # What the wait returns or raises is fetched by its polls: in its time, and repeated.
        with poll_within(seconds):
            states = _read_states(connection, jobs, asked)
            failures = [*filter(failed, states.values())] if failed else []
            for record in failures[:MOST_NAMED]:
                _ = record.error  # fetches the record if the status has no reason
            if is_whole and not failures:
                for record in filter(polling.is_terminal, states.values()):
                    record.to_dict()
        if not all(map(polling.is_terminal, states.values())):
            # There is time for it now, and the results are mostly read next.
            load_in_background()
        return states

    return polling.wait(unique, fetch, jobs=_JOBS, pace=pace, view=view, failed=failed)


def _read_states(
    connection: Connection, jobs: Mapping[str, str | None], ids: Sequence[str]
) -> dict[str, Simulation]:
    """Read the state of each simulation as a record that fetches other fields on first access."""
    statuses = read_statuses(connection, ids)
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
        message = f"simulation {simulation_id!r} does not exist: {error.message}"
        raise reworded(error, message) from error
    if record.status is None and record.has_results:
        return Simulation.from_dict({**record, "status": "completed"})
    return record
