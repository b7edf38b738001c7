"""Cell specifications with their components and materials."""

from __future__ import annotations

from typing import Any

from ionworks.server.call import Call
from ionworks.server.http.replies import Reply, nothing
from ionworks.server.store import cell_specs, records
from ionworks.server.store.tables import projects


def list_cell_specs(call: Call) -> dict[str, Any]:
    """List cell specifications, newest first."""
    items, total = cell_specs.page(call.services.store, call.query)
    return records.envelope(items, total)


def create_cell_spec(call: Call) -> dict[str, Any]:
    """Store a cell specification with its components and their materials."""
    store = call.services.store
    project_id = call.project_id
    records.require(store, projects, "project", project_id)
    return cell_specs.create(store, call.body, project_id)


def get_cell_spec(call: Call) -> dict[str, Any]:
    """Return one cell specification with its components."""
    return cell_specs.find(call.services.store, call.path["cell_spec_id"])


def update_cell_spec(call: Call) -> dict[str, Any]:
    """Change the given fields, components and materials."""
    return cell_specs.change(call.services.store, call.path["cell_spec_id"], call.body)


def delete_cell_spec(call: Call) -> Reply:
    """Delete a cell specification without cells."""
    cell_specs.remove(call.services.store, call.path["cell_spec_id"])
    return nothing()


def get_resolved_cell_spec(call: Call) -> dict[str, Any]:
    """Return one cell specification, components completed from their materials."""
    return cell_specs.resolved(get_cell_spec(call))
