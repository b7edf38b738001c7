"""Cell instances: individual cells of a specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ionworks.server.call import Call
from ionworks.server.http.problems import bad_request, entry, invalid
from ionworks.server.http.replies import Reply, nothing
from ionworks.server.store import access, records
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import cell_instances, cell_specs, measurements

_NOUN = "cell"
_PARENT = "cell_specification_id"
_FIELDS = ("name", "batch_id", "date_manufactured", "measured_properties", "notes")
#: Fields of a record that was read before; accepted and ignored when it is sent back.
_READ_ONLY = (
    "id",
    _PARENT,
    "batch_name",
    "organization_id",
    "measurement_ids",
    "created_by",
    "created_by_email",
    "created_at",
    "updated_at",
)
_EMPTY: dict[str, Any] = {
    "batch_id": None,
    "date_manufactured": None,
    "measured_properties": {},
    "notes": None,
}


def list_cell_instances(call: Call) -> dict[str, Any]:
    """List the cells of a specification, newest first."""
    store = call.services.store
    specification_id = call.path["cell_spec_id"]
    records.require(store, cell_specs, "cell specification", specification_id)
    of_specification = cell_instances.c[_PARENT] == specification_id
    rows, total = records.page(store, cell_instances, call.query, of_specification)
    return records.envelope(_wire(call, rows), total)


@repeatable
def create_cell_instance(call: Call) -> dict[str, Any]:
    """Store a cell; a batch belongs to the specification of its first cell."""
    store = call.services.store
    specification_id = call.path["cell_spec_id"]
    records.require(store, cell_specs, "cell specification", specification_id)
    values = {**_EMPTY, **_fields(call), _PARENT: specification_id}
    with store.writing() as connection:
        _check_batch(connection, values)
        record = records.add(connection, cell_instances, values, noun=_NOUN, within=_PARENT)
    return _wire(call, [record])[0]


def get_cell_instance(call: Call) -> dict[str, Any]:
    """Return one cell."""
    return _wire(call, [_stored(call)])[0]


@repeatable
def update_cell_instance(call: Call) -> dict[str, Any]:
    """Change the given fields of a cell."""
    values = _fields(call)
    identifier = call.path["cell_instance_id"]
    with call.services.store.writing() as connection:
        record = records.alter(
            connection, cell_instances, _NOUN, identifier, values, within=_PARENT
        )
        _check_batch(connection, record)
    return _wire(call, [record])[0]


def delete_cell_instance(call: Call) -> Reply:
    """Delete a cell without measurements."""
    records.remove(call.services.store, cell_instances, _NOUN, call.path["cell_instance_id"])
    return nothing()


def _fields(call: Call) -> dict[str, Any]:
    values = records.fields(call.body, *_FIELDS, also=_READ_ONLY)
    text = values.get("date_manufactured")
    if text is not None:
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            message = f"{text!r} is not an ISO 8601 date, such as 2026-05-01"
            raise invalid([entry(["body", "date_manufactured"], message, "format")]) from error
    return values


def _check_batch(connection: sa.Connection, cell: Mapping[str, Any]) -> None:
    """Refuse a batch that has cells of another specification; raises a 400 Problem."""
    if cell["batch_id"] is None:
        return
    other = sa.select(cell_instances.c[_PARENT]).where(
        cell_instances.c.batch_id == cell["batch_id"], cell_instances.c[_PARENT] != cell[_PARENT]
    )
    found = connection.scalar(other)
    if found is not None:
        raise bad_request(
            f"The batch {cell['batch_id']!r} belongs to another cell specification, {found}."
        )


def _stored(call: Call) -> records.Record:
    identifier = call.path["cell_instance_id"]
    return records.require(call.services.store, cell_instances, _NOUN, identifier)


def _wire(call: Call, rows: Sequence[records.Record]) -> list[dict[str, Any]]:
    found: dict[str, list[str]] = {row["id"]: [] for row in rows}
    statement = (
        sa.select(measurements.c.cell_instance_id, measurements.c.id)
        .where(measurements.c.cell_instance_id.in_(list(found)))
        .order_by(measurements.c.number)
    )
    with call.services.store.reading() as connection:
        for cell_id, measurement_id in connection.execute(statement):
            found[cell_id].append(measurement_id)
    return [
        {
            **{name: value for name, value in row.items() if name != "number"},
            # The id of a batch is the name its cells give it.
            "batch_name": row["batch_id"],
            "measurement_ids": found[row["id"]],
            "organization_id": access.organization_id(),
        }
        for row in rows
    ]
