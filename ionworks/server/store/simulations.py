"""Simulations in the store: submissions, states and metrics."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypedDict
from uuid import uuid4

import orjson
import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import sqlite

from ionworks.server.store.blobs import folder_of
from ionworks.server.store.database import Store, now
from ionworks.server.store.records import DEFAULT_LIMIT, skipped
from ionworks.server.store.seeds import ORGANIZATION
from ionworks.server.store.tables import (
    experiment_templates,
    jobs,
    model_specs,
    parameterized_models,
    simulations,
    study_simulations,
    submissions,
)

#: Job states behind each word of the ``state`` filter.
_STATES = {
    "queued": ("pending", "waiting"),
    "running": ("processing",),
    "completed": ("completed",),
    "failed": ("failed", "canceled"),
}
_SUMMARY_LEAVES_OUT = ("simulation_data", "experiment_parameters", "design_parameters")

_WHOLE = (
    sa.select(
        simulations,
        jobs.c.status,
        jobs.c.error,
        jobs.c.error_code,
        jobs.c.updated_at.label("job_updated_at"),
        submissions.c.seed,
        experiment_templates.c.name.label("template_name"),
        parameterized_models.c.name.label("model_name"),
    )
    .join(jobs, jobs.c.id == simulations.c.job_id)
    .join(submissions, submissions.c.id == jobs.c.submission_id)
    .outerjoin(
        experiment_templates, experiment_templates.c.id == simulations.c.experiment_template_id
    )
    .outerjoin(
        parameterized_models, parameterized_models.c.id == simulations.c.parameterized_model_id
    )
)
# Built once, so that SQLAlchemy finds the compiled form without comparing the statements.
_ONE = _WHOLE.where(simulations.c.id == sa.bindparam("simulation_id"))
_STATUS = (
    sa.select(simulations.c.id, jobs.c.status, jobs.c.updated_at, jobs.c.error, jobs.c.error_code)
    .join(jobs, jobs.c.id == simulations.c.job_id)
    .where(simulations.c.id.in_(sa.bindparam("simulation_ids", expanding=True)))
)


def model_key(model: Mapping[str, Any]) -> str:
    """Return a text that is equal for equal model specs, whatever the order of their keys."""
    return orjson.dumps(model, option=orjson.OPT_SORT_KEYS).decode()


class Note(TypedDict):
    """A message about a request or a run: ``category`` is protocol, parameters or run."""

    category: str
    message: str


class RunParameters(TypedDict):
    """The parameters of one run, in the form the contract, the store and the engine share."""

    experiment_parameters: dict[str, float | str]
    design_parameters: dict[str, float]


@frozen
class SimulationBatch:
    """What all runs of one request share."""

    project_id: str
    model: dict[str, Any]
    parameterized_model_id: str | None
    template: Mapping[str, Any]
    extra_variables: list[str]
    max_backward_jumps: int | None
    study_id: str | None = None
    seed: int | None = None


def insert(
    store: Store,
    owner: str,
    batch: SimulationBatch,
    runs: Sequence[RunParameters],
    notes: Sequence[list[Note]],
    *,
    unchecked: Mapping[str, Any] | None = None,
) -> tuple[str, list[tuple[str, str]]]:
    """Store all runs of a batch with their notes, with a pending job each, in one transaction.

    ``unchecked`` is what their check needs if a worker has not made it, see `checks.CheckState`.

    Returns
    -------
    tuple
        The id of the submission, and the ids of simulation and job of each run.
    """
    moment = now()
    submission_id = str(uuid4())
    identifiers = [(str(uuid4()), str(uuid4())) for _ in runs]
    job_rows = [
        {
            "id": job_id,
            "job_type": "simulate",
            "project_id": batch.project_id,
            "submission_id": submission_id,
            "status": "pending",
            "owner": owner,
            "attempts": 0,
            "priority": 5,
            "created_at": moment,
            "updated_at": moment,
        }
        for _, job_id in identifiers
    ]
    title = batch.template["name"]
    simulation_rows = [
        {
            "id": simulation_id,
            "job_id": job_id,
            "project_id": batch.project_id,
            "parameterized_model_id": batch.parameterized_model_id,
            "experiment_template_id": batch.template["id"],
            "name": title if len(runs) == 1 else f"{title} {number}/{len(runs)}",
            **run,
            "notes": of_run,
            "metrics": {},
            "created_at": moment,
            "updated_at": moment,
        }
        for number, ((simulation_id, job_id), run, of_run) in enumerate(
            zip(identifiers, runs, notes, strict=True), start=1
        )
    ]
    # Equal specs are stored once, under the hash of their content.
    spec_id = hashlib.sha256(model_key(batch.model).encode()).hexdigest()
    shared = {
        "id": submission_id,
        "model": {},
        "model_spec_id": spec_id,
        "protocol": batch.template["protocol"],
        "extra_variables": batch.extra_variables,
        "max_backward_jumps": batch.max_backward_jumps,
        "seed": batch.seed,
        "unchecked": unchecked,
    }
    with store.writing() as connection:
        connection.execute(
            sqlite.insert(model_specs).on_conflict_do_nothing(),
            {"id": spec_id, "spec": batch.model},
        )
        connection.execute(sa.insert(submissions), shared)
        connection.execute(sa.insert(jobs), job_rows)
        connection.execute(sa.insert(simulations), simulation_rows)
        if batch.study_id is not None:
            assigned = {"study_id": batch.study_id, "created_at": moment}
            connection.execute(
                sa.insert(study_simulations),
                [{**assigned, "simulation_id": simulation_id} for simulation_id, _ in identifiers],
            )
    return submission_id, identifiers


def find(store: Store, simulation_id: str) -> dict[str, Any] | None:
    """Return one simulation in the form of the contract, or None."""
    with store.reading() as connection:
        row = connection.execute(_ONE, {"simulation_id": simulation_id}).first()
        return None if row is None else _wire(connection, [row])[0]


def page(store: Store, query: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Return one page of simulations, newest first, and the total number."""
    where = [
        simulations.c[name] == query[name]
        for name in ("parameterized_model_id", "project_id", "experiment_template_id")
        if name in query
    ]
    if "study_id" in query:
        assigned = sa.select(study_simulations.c.simulation_id).where(
            study_simulations.c.study_id == query["study_id"]
        )
        where.append(simulations.c.id.in_(assigned))
    if "state" in query:
        where.append(jobs.c.status.in_(_STATES[query["state"]]))
    statement = (
        _WHOLE.where(*where)
        .order_by(simulations.c.number.desc())
        .limit(query.get("limit", DEFAULT_LIMIT))
        .offset(skipped(query))
    )
    counting = (
        sa.select(sa.func.count())
        .select_from(simulations.join(jobs, jobs.c.id == simulations.c.job_id))
        .where(*where)
    )
    with store.reading() as connection:
        found = _wire(connection, connection.execute(statement).all())
        total = connection.scalar(counting) or 0
    return found, total


def summary(simulation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a simulation without its larger fields."""
    return {name: value for name, value in simulation.items() if name not in _SUMMARY_LEAVES_OUT}


def statuses(store: Store, simulation_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the statuses of those ids that exist, in their order."""
    with store.reading() as connection:
        rows = connection.execute(_STATUS, {"simulation_ids": list(simulation_ids)})
        found = {
            row[0]: {
                "simulation_id": row[0],
                "status": row[1],
                "updated_at": row[2],
                "error": row[3],
                "error_code": row[4],
            }
            for row in rows
        }
    return [found[identifier] for identifier in simulation_ids if identifier in found]


def scalar_parameters(store: Store, model_ids: Collection[str]) -> dict[str, Any]:
    """Return the parameters that replace published values, by parameterized model."""
    statement = sa.select(parameterized_models.c.id, parameterized_models.c.parameters).where(
        parameterized_models.c.id.in_(sorted(model_ids))
    )
    with store.reading() as connection:
        return {row.id: row.parameters for row in connection.execute(statement)}


def remove(store: Store, simulation_id: str) -> None:
    """Delete a simulation and its job, and its submission and spec if this was their last use."""
    of_simulation = sa.select(simulations.c.job_id).where(simulations.c.id == simulation_id)
    with store.writing() as connection:
        job_id = connection.scalar(of_simulation)
        submission_id = connection.scalar(
            sa.select(jobs.c.submission_id).where(jobs.c.id == job_id)
        )
        connection.execute(sa.delete(simulations).where(simulations.c.id == simulation_id))
        connection.execute(sa.delete(jobs).where(jobs.c.id == job_id))
        others = sa.exists().where(jobs.c.submission_id == submission_id)
        gone = sa.delete(submissions).where(submissions.c.id == submission_id, ~others)
        spec_ids = connection.scalars(gone.returning(submissions.c.model_spec_id)).all()
        users = sa.exists().where(submissions.c.model_spec_id == model_specs.c.id)
        connection.execute(sa.delete(model_specs).where(model_specs.c.id.in_(spec_ids), ~users))


def folder(simulation: Mapping[str, Any]) -> str:
    """Return the folder of a simulation's results, which need not exist."""
    return folder_of(simulation["job_id"])


def _wire(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[dict[str, Any]]:
    """Return simulations in the form of the contract, with the ids of their studies."""
    in_studies: dict[str, list[str]] = {row.id: [] for row in rows}
    assigned = (
        sa.select(study_simulations.c.simulation_id, study_simulations.c.study_id)
        .where(study_simulations.c.simulation_id.in_(list(in_studies)))
        .order_by(study_simulations.c.number)
    )
    for simulation_id, study_id in connection.execute(assigned):
        in_studies[simulation_id].append(study_id)
    return [{**_fields(row), "study_ids": in_studies[row.id]} for row in rows]


def _fields(row: sa.Row[Any]) -> dict[str, Any]:
    template_id = row.experiment_template_id
    model_id = row.parameterized_model_id
    return {
        "id": row.id,
        "name": row.name,
        "project_id": row.project_id,
        "organization_id": ORGANIZATION,
        "parameterized_model_id": model_id,
        "experiment_template_id": template_id,
        "experiment_id": template_id,
        "design_id": None,
        "job_id": row.job_id,
        "status": row.status,
        "error": row.error,
        "error_code": row.error_code,
        "storage_folder": row.storage_folder,
        "simulation_data": None,
        "metrics": row.metrics,
        "design_parameters": row.design_parameters,
        "experiment_parameters": row.experiment_parameters,
        "experiment": template_id and {"id": template_id, "name": row.template_name},
        "parameterized_model": model_id and {"id": model_id, "name": row.model_name},
        "design": {"design_parameters": row.design_parameters, "seed": row.seed},
        "created_at": row.created_at,
        "updated_at": max(row.updated_at, row.job_updated_at),
        "notes": [*(row.notes or ()), *_notes_of_run(row.metrics)],
    }


def _notes_of_run(metrics: Mapping[str, Any]) -> list[Note]:
    return [{"category": "run", "message": sentence} for sentence in metrics.get("notes", ())]
