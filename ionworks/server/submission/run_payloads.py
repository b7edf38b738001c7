"""What a worker is asked about a stored run: its model and protocol as they were submitted."""

from __future__ import annotations

from typing import Any

from ionworks.server.http.problems import not_found
from ionworks.server.jobs.simulations import SimulationJobs
from ionworks.server.store import run_ids, run_lookup
from ionworks.server.store.database import Store


def payload_of(store: Store, simulation_id: str) -> dict[str, Any]:
    """Return what a worker needs to compute a simulation.

    Raises
    ------
    Problem
        404 if there is no such simulation.
    """
    with store.reading() as connection:
        found = run_lookup.stored(connection, [simulation_id])
    if simulation_id not in found:
        raise not_found("simulation", simulation_id)
    run, _ = found[simulation_id]
    job_id = run_ids.job_id(run.submission_id, run.index)
    return SimulationJobs().payload(store, run.submission_id, [job_id])
