"""The simulations of a list that failed or were canceled."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ionworks.data.record_list import RecordList
from ionworks.records.job import FAILED_STATUSES
from ionworks.records.simulation import SettledSimulation
from ionworks.records.submission import EndedRun, Ending, RunStatus
from ionworks.workflows.simulations.simulation_wait import read_simulation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ionworks.records.simulation import Simulation, SimulationStatus
    from ionworks.transport.connection import Connection

__all__ = ["failed_simulations"]


def failed_simulations(
    connection: Connection, statuses: Iterable[SimulationStatus]
) -> list[Simulation]:
    """Return the records of simulations that failed or were canceled.

    Parameters
    ----------
    connection : Connection
        The connection to the service, from which the records fetch other fields on first access.
    statuses : iterable of SimulationStatus
        The statuses of all simulations.

    Returns
    -------
    list of Simulation
        In the order of the statuses.
    """
    load = partial(read_simulation, connection)
    # The statuses of consecutive runs share one object.
    endings: dict[int, Ending] = {}
    found: RecordList[Simulation] = RecordList()
    for each in statuses:
        status = each.status
        if status is None or status not in FAILED_STATUSES:
            continue
        if isinstance(each, RunStatus):
            shared = each.shared
            ending = endings.get(id(shared))
            if ending is None:
                ending = Ending(shared.submission, status, shared.error, shared.error_code, load)
                endings[id(shared)] = ending
            found.append(EndedRun(ending, each.index))
        else:
            fetch = partial(load, each.simulation_id)
            found.append(SettledSimulation.of_status(each, None, fetch))
    return found
