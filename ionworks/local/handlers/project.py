"""Projects: one user, all rights."""

from __future__ import annotations

from typing import Any

from ionworks.local import records
from ionworks.local.calls import Call, Reply, nothing
from ionworks.local.problems import conflict
from ionworks.local.seeds import DEFAULT_PROJECT, ORGANIZATION
from ionworks.local.tables import projects

_NOUN = "project"


def list_projects(call: Call) -> dict[str, Any]:
    """List projects, newest first."""
    rows, total = records.page(call.services.store, projects, call.query)
    return records.envelope([_wire(row) for row in rows], total)


def create_project(call: Call) -> dict[str, Any]:
    """Make an empty project."""
    values = {"description": None, **records.chosen(call.body, "name", "description")}
    return _wire(records.create(call.services.store, projects, values, noun=_NOUN))


def get_project(call: Call) -> dict[str, Any]:
    """Return one project."""
    return _wire(records.require(call.services.store, projects, _NOUN, call.path["project_id"]))


def update_project(call: Call) -> dict[str, Any]:
    """Rename or describe a project."""
    values = records.chosen(call.body, "name", "description")
    project_id = call.path["project_id"]
    return _wire(records.change(call.services.store, projects, _NOUN, project_id, values))


def delete_project(call: Call) -> Reply:
    """Delete an empty project; the default project stays."""
    project_id = call.path["project_id"]
    if project_id == DEFAULT_PROJECT:
        raise conflict("The default project holds the ready-made models and stays.")
    records.remove(call.services.store, projects, _NOUN, project_id)
    return nothing()


def _wire(record: records.Record) -> dict[str, Any]:
    fields = {name: value for name, value in record.items() if name != "number"}
    return {**fields, "organization_id": ORGANIZATION}
