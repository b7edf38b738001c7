"""Parameterized models: a model with the parameter values of a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, exists, select

from ionworks.server.call import Call
from ionworks.server.http.problems import Location, conflict, entry, invalid, not_found
from ionworks.server.http.replies import Reply, nothing
from ionworks.server.store import access, records
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.scope import everybodys
from ionworks.server.store.tables import (
    cell_specs,
    models,
    parameterized_models,
    projects,
    submissions,
)
from ionworks.server.submission.models import (
    PARAMETER_SET,
    ask,
    check_parameters,
    missing_parameter_set,
    split_parameters,
    stored_spec,
    variable_names,
)

_NOUN = "parameterized model"
_CELL = "cell specification"
_SUMMARY = (
    "id",
    "name",
    "description",
    "cell_spec_id",
    "model_id",
    "model_name",
    "created_at",
    "updated_at",
)
_CHANGEABLE = ("name", "description", "parameters", "simulation_settings")
_PHYSICS = ("parameter_set", "parameters", "simulation_settings")
_WHERE: Location = ["body", "parameters"]


def list_parameterized_models(call: Call) -> dict[str, Any]:
    """List parameterized models, newest first."""
    if (cell_spec_id := call.query.get("cell_spec_id")) is not None:
        records.require(call.services.store, cell_specs, _CELL, cell_spec_id)
    return _page(call, call.query)


def list_cell_parameterized_models(call: Call) -> dict[str, Any]:
    """List the parameterized models of a cell specification, newest first."""
    return _page(call, {**call.query, "cell_spec_id": _cell(call)["id"]})


def create_parameterized_model(call: Call) -> dict[str, Any]:
    """Store a parameterized model of a project."""
    project_id = call.project_id
    records.require(call.services.store, projects, "project", project_id)
    return _create(call, project_id, None)


def create_cell_parameterized_model(call: Call) -> dict[str, Any]:
    """Store a parameterized model of a cell specification, in the cell's project."""
    cell = _cell(call)
    project_id = call.body.get("project_id", cell["project_id"])
    if project_id != cell["project_id"]:
        message = f"the cell specification belongs to the project {cell['project_id']!r}"
        raise invalid([entry(["body", "project_id"], message, "value_error")])
    return _create(call, project_id, cell["id"])


def get_parameterized_model(call: Call) -> dict[str, Any]:
    """Return one parameterized model."""
    return _wire(call, [_stored(call)])[0]


def update_parameterized_model(call: Call) -> dict[str, Any]:
    """Change a parameterized model; its physics only before it is simulated."""
    return _update(call, _stored(call))


def update_cell_parameterized_model(call: Call) -> dict[str, Any]:
    """Change a parameterized model of a cell specification."""
    return _update(call, _stored_of_cell(call))


def delete_parameterized_model(call: Call) -> Reply:
    """Delete a parameterized model; its simulations stay."""
    identifier = call.path["parameterized_model_id"]
    records.remove(call.services.store, parameterized_models, _NOUN, identifier)
    return nothing()


def delete_cell_parameterized_model(call: Call) -> Reply:
    """Delete a parameterized model of a cell specification; its simulations stay."""
    stored = _stored_of_cell(call)
    records.remove(call.services.store, parameterized_models, _NOUN, stored["id"])
    return nothing()


def get_parameter_values(call: Call) -> dict[str, Any]:
    """Return all parameter values: numbers, and functions as PyBaMM writes them in JSON."""
    spec = stored_spec(call.services, _stored(call))
    target = call.services.jobs.targets.parameter_values
    values: dict[str, Any] = ask(call.services, target, {"model": spec})
    return values


def get_variable_names(call: Call) -> list[str]:
    """Return the names of all variables the model can report."""
    spec = stored_spec(call.services, _stored(call))
    return variable_names(call.services, spec)


def _create(call: Call, project_id: str, cell_spec_id: str | None) -> dict[str, Any]:
    body = records.fields(call.body, "model_id", "project_id", *_CHANGEABLE)
    services = call.services
    values = {
        "project_id": project_id,
        "model_id": body["model_id"],
        "name": body["name"],
        "description": body.get("description"),
        **_values(body.get("parameters", {})),
        "simulation_settings": body.get("simulation_settings"),
        "cell_spec_id": cell_spec_id,
    }
    with services.store.reading() as connection:
        # First, because building and testing the model takes longer.
        records.refuse_taken(connection, parameterized_models, values, noun=_NOUN)
    spec = stored_spec(services, values)
    values["notes"] = check_parameters(services, spec, _WHERE)
    record = records.create(services.store, parameterized_models, values, noun=_NOUN)
    return _wire(call, [record])[0]


@repeatable
def _update(call: Call, stored: records.Record) -> dict[str, Any]:
    services = call.services
    values = records.fields(call.body, *_CHANGEABLE)
    if "parameters" in values:
        values |= _values(values["parameters"])
    changed = {**stored, **values}
    changes_physics = any(changed[name] != stored[name] for name in _PHYSICS)
    if changes_physics:
        spec = stored_spec(services, changed)
        values["notes"] = check_parameters(services, spec, _WHERE)
    with services.store.writing() as connection:
        if changes_physics:
            _refuse_simulated(connection, stored["id"])
        record = records.alter(
            connection, parameterized_models, _NOUN, stored["id"], values, within="project_id"
        )
    return _wire(call, [record])[0]


def _values(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters of a request as they are stored."""
    parameter_set, given = split_parameters(parameters, _WHERE)
    if parameter_set is None and not given:
        raise missing_parameter_set(_WHERE)
    return {"parameter_set": parameter_set or "", "parameters": given}


def _refuse_simulated(connection: Connection, identifier: str) -> None:
    """Refuse a change after which stored results would not be those of the parameters."""
    # Members of other projects may have simulated it, too.
    all_submissions = everybodys(submissions)
    used = select(all_submissions.c.id).where(
        all_submissions.c.parameterized_model_id == identifier
    )
    if connection.scalar(select(exists(used))):
        raise conflict(
            "Parameters and settings of a parameterized model that has been simulated cannot "
            "change; make a new one with the new values."
        )


def _page(call: Call, query: Mapping[str, Any]) -> dict[str, Any]:
    rows, total = records.page(call.services.store, parameterized_models, query)
    items = _wire(call, rows)
    if query.get("summary", False):
        items = [{name: item[name] for name in _SUMMARY} for item in items]
    return records.envelope(items, total)


def _cell(call: Call) -> records.Record:
    return records.require(call.services.store, cell_specs, _CELL, call.path["cell_spec_id"])


def _stored(call: Call) -> records.Record:
    identifier = call.path["parameterized_model_id"]
    return records.require(call.services.store, parameterized_models, _NOUN, identifier)


def _stored_of_cell(call: Call) -> records.Record:
    """Return a parameterized model; raises a 404 Problem unless it belongs to the path's cell."""
    cell, stored = _cell(call), _stored(call)
    if stored["cell_spec_id"] != cell["id"]:
        raise not_found(f"{_NOUN} of the {_CELL} {cell['id']!r}", stored["id"])
    return stored


def _wire(call: Call, stored: Iterable[records.Record]) -> list[dict[str, Any]]:
    hidden = ("number", "parameter_set", "parameters")
    rows = list(stored)
    used = {record["model_id"] for record in rows}
    with call.services.store.reading() as connection:
        named = select(models.c.id, models.c.name).where(models.c.id.in_(used))
        names = {row.id: row.name for row in connection.execute(named)}
    return [
        {
            "simulation_settings": None,
            "notes": None,
            **{name: value for name, value in record.items() if name not in hidden},
            "model_name": names.get(record["model_id"]),
            "organization_id": access.organization_id(),
            "parameters": _parameters(record),
        }
        for record in rows
    ]


def _parameters(record: records.Record) -> dict[str, Any]:
    own = record["parameter_set"]
    return {**({PARAMETER_SET: own} if own else {}), **record["parameters"]}
