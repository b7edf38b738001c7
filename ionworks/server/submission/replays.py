"""Runs that are computed again, with the model and protocol as they were at their submission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ionworks.server.call import Services
from ionworks.server.http.problems import not_found
from ionworks.server.jobs.simulations import SimulationJobs
from ionworks.server.store import run_ids, run_lookup, simulations, submissions
from ionworks.server.store.database import Store
from ionworks.server.store.idempotency import Key
from ionworks.server.store.run_parameters import Piece, RunParameters
from ionworks.server.store.tables import submissions as table

_OF_SUBMISSION = sa.select(table.c.seed).where(table.c.id == sa.bindparam("submission"))


def payload_of(store: Store, simulation_id: str) -> tuple[str, dict[str, Any]]:
    """Return the submission of a simulation, and what a worker needs to compute it.

    Raises
    ------
    Problem
        404 if there is no such simulation.
    """
    with store.reading() as connection:
        run = run_lookup.find_one(connection, simulation_id, run_ids.SIMULATION)
    if run is None:
        raise not_found("simulation", simulation_id)
    job_id = run_ids.job_id(run.submission_id, run.index)
    return run.submission_id, SimulationJobs().payload(store, run.submission_id, [job_id])


def replay(services: Services, simulation: Mapping[str, Any], key: Key | None) -> str:
    """Store and start a run like a stored one; returns the id of the submission.

    Parameters
    ----------
    services
        The parts of the engine.
    simulation
        The stored one, in the form of the contract.
    key
        Under which the submission is found when the request is repeated.
    """
    store = services.store
    submission_id, payload = payload_of(store, simulation["id"])
    with store.reading() as connection:
        seed = connection.scalar(_OF_SUBMISSION, {"submission": submission_id})
    batch = submissions.SimulationBatch(
        project_id=simulation["project_id"],
        model=payload["model"],
        parameterized_model_id=simulation["parameterized_model_id"],
        template={
            "id": simulation["experiment_template_id"],
            "name": simulation["name"],
            "protocol": payload["protocol"],
        },
        extra_variables=payload["extra_variables"],
        max_backward_jumps=payload["max_backward_jumps"],
        count=1,
        seed=seed,
        reuse=False,
    )
    [run] = payload["runs"]
    parameters = RunParameters(
        experiment_parameters=run["experiment_parameters"],
        design_parameters=run["design_parameters"],
    )
    # What is said of the run itself is said anew.
    notes = [note for note in simulation["notes"] if note["category"] != "run"]
    piece = Piece([parameters], [notes])
    new = submissions.insert(store, services.jobs.owner, batch, [piece], key)
    services.jobs.enqueue(new, simulations.model_key(batch.model), 1)
    return new
