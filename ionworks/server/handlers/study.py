"""Studies: groups of simulations and measurements of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ionworks.server.call import Call
from ionworks.server.http.problems import Problem, not_found
from ionworks.server.http.replies import Reply, created, nothing
from ionworks.server.store import cell_measurements, job_states, records
from ionworks.server.store.database import now
from ionworks.server.store.seeds import ORGANIZATION
from ionworks.server.store.tables import (
    jobs,
    measurements,
    projects,
    simulations,
    studies,
    study_measurements,
    study_simulations,
)

_NOUN = "study"
_FIELDS = ("name", "description")
_ASSIGNED = {"simulation_id": study_simulations, "measurement_id": study_measurements}
_COUNTS = {"simulation_count": study_simulations, "measurement_count": study_measurements}


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
    for table in _ASSIGNED.values():
        records.clear(call.services.store, table, table.c.study_id == study_id)
    records.remove(call.services.store, studies, _NOUN, study_id)
    return nothing()


def assign_study_simulation(call: Call) -> Reply | dict[str, Any]:
    """Put a simulation into a study of its project."""
    of_project = sa.select(simulations.c.id).where(
        simulations.c.id == call.path["simulation_id"],
        simulations.c.project_id == call.path["project_id"],
    )
    return _assign(call, "simulation", of_project)


def remove_study_simulation(call: Call) -> Reply:
    """Remove a simulation from a study; does nothing when it is not in it."""
    return _withdraw(call, "simulation", simulations)


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


def assign_study_measurement(call: Call) -> Reply | dict[str, Any]:
    """Put a measurement into a study of its project."""
    of_project = sa.select(measurements.c.id).where(
        measurements.c.id == call.path["measurement_id"],
        cell_measurements.in_project(call.path["project_id"]),
    )
    return _assign(call, "measurement", of_project)


def remove_study_measurement(call: Call) -> Reply:
    """Remove a measurement from a study; does nothing when it is not in it."""
    return _withdraw(call, "measurement", measurements)


def _assign(call: Call, noun: str, of_project: sa.Select[Any]) -> Reply | dict[str, Any]:
    """Assign the record that a statement finds; replies 201 if it was not assigned, else 200."""
    study_id = _stored(call)["id"]
    name = f"{noun}_id"
    identifier = call.path[name]
    table = _ASSIGNED[name]
    same = (table.c.study_id == study_id, table.c[name] == identifier)
    with call.services.store.writing() as connection:
        if connection.scalar(of_project) is None:
            project = call.path["project_id"]
            message = f"There is no {noun} {identifier!r} in the project {project!r}."
            raise Problem(404, "NOT_FOUND", message)
        made = connection.scalar(sa.select(table.c.created_at).where(*same))
        is_new = made is None
        if is_new:
            made = now()
            row = {"study_id": study_id, name: identifier, "created_at": made}
            connection.execute(sa.insert(table), row)
    content = {"study_id": study_id, name: identifier, "created_at": made}
    return created(content) if is_new else content


def _withdraw(call: Call, noun: str, table: sa.Table) -> Reply:
    study_id = _stored(call)["id"]
    name = f"{noun}_id"
    records.require(call.services.store, table, noun, call.path[name])
    assigned = _ASSIGNED[name]
    with call.services.store.writing() as connection:
        connection.execute(
            sa.delete(assigned).where(
                assigned.c.study_id == study_id, assigned.c[name] == call.path[name]
            )
        )
    return nothing()


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
        of_jobs = job_states.visible(connection)
        for name, table in _COUNTS.items():
            counted: sa.FromClause = table
            where: list[sa.ColumnElement[bool]] = [table.c.study_id.in_(identifiers)]
            if of_jobs and table is study_simulations:
                counted = table.join(simulations).join(jobs)
                where += of_jobs
            statement = (
                sa.select(table.c.study_id, sa.func.count())
                .select_from(counted)
                .where(*where)
                .group_by(table.c.study_id)
            )
            counts[name].update((row[0], row[1]) for row in connection.execute(statement))
    return [
        {
            **{name: value for name, value in row.items() if name != "number"},
            **{name: by_study[row["id"]] for name, by_study in counts.items()},
            # Validations are pipelines, which the engine does not run yet.
            "validation_count": 0,
            "organization_id": ORGANIZATION,
        }
        for row in rows
    ]
