"""Studies: groups of simulations and measurements of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ionworks.server.call import Call
from ionworks.server.http.problems import Problem, not_found
from ionworks.server.http.replies import Reply, created, nothing
from ionworks.server.store import access, cell_measurements, records, run_lookup, simulations
from ionworks.server.store.database import now
from ionworks.server.store.dialects import int_sum
from ionworks.server.store.ranges import Range, overlapping
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.run_ids import SIMULATION, RunId
from ionworks.server.store.tables import (
    measurements,
    projects,
    runs,
    studies,
    study_measurements,
    study_runs,
)

_NOUN = "study"
_FIELDS = ("name", "description")
_ASSIGNED = (study_runs, study_measurements)
_COUNTS = {
    "simulation_count": (study_runs, int_sum(study_runs.c.count)),
    "measurement_count": (study_measurements, sa.func.count()),
}


def list_studies(call: Call) -> dict[str, Any]:
    """List the studies of a project, newest first."""
    project_id = call.path["project_id"]
    records.require(call.services.store, projects, "project", project_id)
    of_project = studies.c.project_id == project_id
    rows, total = records.page(call.services.store, studies, call.query, of_project)
    return records.envelope(_wire(call, rows), total)


def create_study(call: Call) -> dict[str, Any]:
    """Create an empty study."""
    project_id = call.path["project_id"]
    records.require(call.services.store, projects, "project", project_id)
    values = {"description": None, **records.fields(call.body, *_FIELDS), "project_id": project_id}
    return _wire(call, [records.create(call.services.store, studies, values, noun=_NOUN)])[0]


def get_study(call: Call) -> dict[str, Any]:
    """Return one study."""
    return _wire(call, [_stored(call)])[0]


@repeatable
def update_study(call: Call) -> dict[str, Any]:
    """Rename or describe a study."""
    values = records.fields(call.body, *_FIELDS)
    identifier = _stored(call)["id"]
    with call.services.store.writing() as connection:
        record = records.alter(connection, studies, _NOUN, identifier, values, within="project_id")
    return _wire(call, [record])[0]


def delete_study(call: Call) -> Reply:
    """Delete a study; its simulations and measurements stay."""
    study_id = _stored(call)["id"]
    for table in _ASSIGNED:
        records.clear(call.services.store, table, table.c.study_id == study_id)
    records.remove(call.services.store, studies, _NOUN, study_id)
    return nothing()


@repeatable
def assign_study_simulation(call: Call) -> Reply | dict[str, Any]:
    """Put a simulation into a study of its project."""
    study_id = _stored(call)["id"]
    simulation_id = call.path["simulation_id"]
    of_project = runs.c.project_id == call.path["project_id"]
    with call.services.store.writing() as connection:
        run = run_lookup.find_one(connection, simulation_id, SIMULATION)
        if run is None or not _rows(connection, runs, run, of_project):
            raise _not_in_project(call, "simulation", simulation_id)
        of_study = study_runs.c.study_id == study_id
        made = _rows(connection, study_runs, run, of_study, columns=[study_runs.c.created_at])
        created_at = made[0].created_at if made else now()
        if not made:
            row = {
                "study_id": study_id,
                "submission_id": run.submission_id,
                "first": run.index,
                "count": 1,
                "created_at": created_at,
            }
            connection.execute(sa.insert(study_runs), row)
    content = {"study_id": study_id, "simulation_id": simulation_id, "created_at": created_at}
    return content if made else created(content)


@repeatable
def remove_study_simulation(call: Call) -> Reply:
    """Remove a simulation from a study; does nothing when it is not in it."""
    study_id = _stored(call)["id"]
    simulation_id = call.path["simulation_id"]
    with call.services.store.writing() as connection:
        run = run_lookup.find_one(connection, simulation_id, SIMULATION)
        if run is None or not _rows(connection, runs, run):
            raise not_found("simulation", simulation_id)
        simulations.withdraw(
            connection, study_id, run.submission_id, [Range(run.index, run.index + 1)]
        )
    return nothing()


def list_study_measurements(call: Call) -> dict[str, Any]:
    """List the measurements of a study, in the order they were assigned."""
    study_id = _stored(call)["id"]
    assigned = sa.select(study_measurements.c.number).where(
        study_measurements.c.measurement_id == measurements.c.id,
        study_measurements.c.study_id == study_id,
    )
    store = call.services.store
    rows, total = cell_measurements.page(
        store, call.query, assigned.exists(), ordering=[assigned.scalar_subquery()]
    )
    return records.envelope([call.with_delay_reason(row) for row in rows], total)


@repeatable
def assign_study_measurement(call: Call) -> Reply | dict[str, Any]:
    """Put a measurement into a study of its project."""
    study_id = _stored(call)["id"]
    measurement_id = call.path["measurement_id"]
    of_project = sa.select(measurements.c.id).where(
        measurements.c.id == measurement_id,
        cell_measurements.in_project(call.path["project_id"]),
    )
    same = _of_measurement(study_id, measurement_id)
    with call.services.store.writing() as connection:
        if connection.scalar(of_project) is None:
            raise _not_in_project(call, "measurement", measurement_id)
        made = connection.scalar(sa.select(study_measurements.c.created_at).where(same))
        is_new = made is None
        if is_new:
            made = now()
            row = {"study_id": study_id, "measurement_id": measurement_id, "created_at": made}
            connection.execute(sa.insert(study_measurements), row)
    content = {"study_id": study_id, "measurement_id": measurement_id, "created_at": made}
    return created(content) if is_new else content


@repeatable
def remove_study_measurement(call: Call) -> Reply:
    """Remove a measurement from a study; does nothing when it is not in it."""
    study_id = _stored(call)["id"]
    measurement_id = call.path["measurement_id"]
    records.require(call.services.store, measurements, "measurement", measurement_id)
    with call.services.store.writing() as connection:
        connection.execute(
            sa.delete(study_measurements).where(_of_measurement(study_id, measurement_id))
        )
    return nothing()


def _of_measurement(study_id: str, measurement_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        study_measurements.c.study_id == study_id,
        study_measurements.c.measurement_id == measurement_id,
    )


def _rows(
    connection: sa.Connection,
    table: sa.Table,
    run: RunId,
    *conditions: sa.ColumnElement[bool],
    columns: Sequence[sa.ColumnElement[Any]] = (),
) -> Sequence[sa.Row[Any]]:
    """Return the row of a run that meets conditions, if there is one."""
    key = sa.and_(table.c.submission_id == run.submission_id, *conditions)
    one = [Range(run.index, run.index + 1)]
    return overlapping(connection, table, key, one, columns=columns)


def _not_in_project(call: Call, noun: str, identifier: str) -> Problem:
    message = f"There is no {noun} {identifier!r} in the project {call.path['project_id']!r}."
    return Problem(404, "NOT_FOUND", message)


def _stored(call: Call) -> records.Record:
    """Return the study of a path; raises a 404 Problem unless it is in the path's project."""
    study_id = call.path["study_id"]
    study = records.require(call.services.store, studies, _NOUN, study_id)
    if study["project_id"] != call.path["project_id"]:
        raise not_found(_NOUN, study_id)
    return study


def _wire(call: Call, rows: Sequence[records.Record]) -> list[dict[str, Any]]:
    identifiers = [row["id"] for row in rows]
    counts = {name: dict.fromkeys(identifiers, 0) for name in _COUNTS}
    with call.services.store.reading() as connection:
        for name, (table, number) in _COUNTS.items():
            statement = (
                sa.select(table.c.study_id, number)
                .where(table.c.study_id.in_(identifiers))
                .group_by(table.c.study_id)
            )
            counts[name].update((row[0], row[1]) for row in connection.execute(statement))
    return [
        {
            **{name: value for name, value in row.items() if name != "number"},
            **{name: by_study[row["id"]] for name, by_study in counts.items()},
            # Validations are pipelines, which the engine does not run yet.
            "validation_count": 0,
            "organization_id": access.organization_id(),
        }
        for row in rows
    ]
