"""Cell specifications in the store, with their components and materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from ionworks.server.http.problems import bad_request, conflict, entry, invalid
from ionworks.server.store import access, records
from ionworks.server.store.database import Store, now
from ionworks.server.store.records import Record
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.scope import everybodys
from ionworks.server.store.tables import cell_components, cell_instances, cell_specs, materials

#: The components a specification can have.
SLOTS = ("anode", "cathode", "electrolyte", "separator", "case")
_NOUN = "cell specification"
_FIELDS = ("name", "form_factor", "manufacturer", "ratings", "properties", "source", "notes")
#: Fields of a record that was read before; accepted and ignored when it is sent back.
_READ_ONLY = (
    "id",
    "organization_id",
    "created_at",
    "updated_at",
    "created_by",
    "created_by_email",
    "instance_ids",
    "component_type",
    *(f"{slot}_id" for slot in SLOTS),
)
_EMPTY: Record = {
    "form_factor": None,
    "manufacturer": None,
    "ratings": {},
    "properties": {},
    "source": {},
    "notes": None,
}
#: Of all users.
_COMPONENTS, _SPECS = everybodys(cell_components), everybodys(cell_specs)


@repeatable
def create(store: Store, body: Mapping[str, Any], project_id: str) -> Record:
    """Store a specification with its components; raises a 409 Problem for a name that is taken."""
    known = (*_FIELDS, *SLOTS)
    given = records.fields(body, *known, also=("project_id", *_READ_ONLY))
    values = {**_EMPTY, **records.chosen(given, *_FIELDS), "project_id": project_id}
    with store.writing() as connection:
        record = records.add(connection, cell_specs, values, noun=_NOUN)
        _keep_components(connection, record["id"], given)
        return _wire(connection, [record], full=True)[0]


@repeatable
def change(store: Store, identifier: str, body: Mapping[str, Any]) -> Record:
    """Change the given fields; components and materials are changed, or created."""
    given = records.fields(body, *_FIELDS, *SLOTS, also=("project_id", *_READ_ONLY))
    values = records.chosen(given, *_FIELDS)
    with store.writing() as connection:
        record = records.alter(
            connection, cell_specs, _NOUN, identifier, values, within="project_id"
        )
        _keep_components(connection, identifier, given)
        return _wire(connection, [record], full=True)[0]


def find(store: Store, identifier: str) -> Record:
    """Return one specification with its components; raises a 404 Problem for an unknown id."""
    record = records.require(store, cell_specs, _NOUN, identifier)
    with store.reading() as connection:
        return _wire(connection, [record], full=True)[0]


def page(store: Store, query: Mapping[str, Any]) -> tuple[list[Record], int]:
    """Return one page of specifications and the total number."""
    rows, total = records.page(store, cell_specs, query, *_conditions(query))
    with store.reading() as connection:
        return _wire(connection, rows, full=query.get("full", False)), total


def resolved(specification: Record) -> Record:
    """Return a specification whose components also have the properties of their materials.

    A component's own property takes precedence.
    """
    filled = {
        slot: {**part, "properties": {**_definition(part), **part["properties"]}}
        for slot in SLOTS
        if (part := specification[slot]) is not None
    }
    return {**specification, **filled}


def remove(store: Store, identifier: str) -> None:
    """Delete a specification without cells; its materials stay."""
    records.remove(store, cell_specs, _NOUN, identifier)


def _definition(component: Record) -> Record:
    material = component["material"]
    return {} if material is None else dict(material["definition"])


def _conditions(query: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    """Return the filters on the materials of a specification, and the excluded one."""
    asked: list[tuple[Sequence[str], str | None]] = []
    if "material_id" in query:
        asked.append(([query["material_id"]], None))
    if "material_ids" in query:
        asked.append((query["material_ids"], None))
    asked += [
        ([query[f"{slot}_material_id"]], slot) for slot in SLOTS if f"{slot}_material_id" in query
    ]
    found = [_has_material(identifiers, slot) for identifiers, slot in asked]
    if "exclude_cell_spec_id" in query:
        found.append(cell_specs.c.id != query["exclude_cell_spec_id"])
    return found


def _has_material(identifiers: Sequence[str], slot: str | None) -> sa.ColumnElement[bool]:
    where = [
        cell_components.c.cell_spec_id == cell_specs.c.id,
        cell_components.c.material_id.in_(identifiers),
    ]
    if slot is not None:
        where.append(cell_components.c.component_type == slot)
    return sa.exists().where(*where)


def _keep_components(connection: sa.Connection, identifier: str, given: Mapping[str, Any]) -> None:
    """Change or create the given components."""
    for slot in SLOTS:
        if slot in given:
            _keep_component(connection, identifier, slot, given[slot])


def _keep_component(
    connection: sa.Connection, identifier: str, slot: str, body: Mapping[str, Any]
) -> None:
    where = ["body", slot]
    given = records.fields(
        body, "properties", "material", "material_id", also=_READ_ONLY, where=where
    )
    statement = sa.select(cell_components).where(
        cell_components.c.cell_spec_id == identifier, cell_components.c.component_type == slot
    )
    before = connection.execute(statement).mappings().first()
    material_id = None if before is None else before["material_id"]
    if given.get("material") is not None:
        material_id = _keep_material(connection, given["material"], material_id, where)
    elif given.get("material_id") is not None:
        material_id = given["material_id"]
        if records.find(connection, materials, material_id) is None:
            raise bad_request(f"The {slot} names a material {material_id!r} that is not stored.")
    moment = now()
    values = {"material_id": material_id, "updated_at": moment}
    if before is None:
        row = {
            **values,
            "id": str(uuid4()),
            "cell_spec_id": identifier,
            "component_type": slot,
            "properties": given.get("properties", {}),
            "created_at": moment,
        }
        connection.execute(sa.insert(cell_components), row)
    else:
        # Merged, so that one property can be changed without repeating the others.
        values["properties"] = {**before["properties"], **given.get("properties", {})}
        connection.execute(
            sa.update(cell_components).where(cell_components.c.id == before["id"]).values(**values)
        )


def _keep_material(
    connection: sa.Connection,
    body: Mapping[str, Any],
    current_id: str | None,
    where: Sequence[str],
) -> str:
    """Return the id of the material with a name and manufacturer, which is created if missing."""
    given = records.fields(
        body, "name", "manufacturer", "definition", also=_READ_ONLY, where=[*where, "material"]
    )
    current = records.find(connection, materials, current_id) if current_id else None
    name = given.get("name", current and current["name"])
    if name is None:
        message = "material without a name: give the name it is stored under"
        raise invalid([entry(["body", *where[1:], "material", "name"], message, "missing")])
    known = current is not None and current["name"] == name
    manufacturer = given.get("manufacturer", current["manufacturer"] if current and known else None)
    same = (
        materials.c.name == name,
        materials.c.manufacturer.is_not_distinct_from(manufacturer),
    )
    stored = connection.execute(sa.select(materials).where(*same)).mappings().first()
    moment = now()
    if stored is None:
        values = {
            "id": str(uuid4()),
            "name": name,
            "organization_id": access.organization_of_new(),
            "manufacturer": manufacturer,
            "definition": given.get("definition", {}),
            "created_at": moment,
            "updated_at": moment,
        }
        connection.execute(sa.insert(materials), values)
        return str(values["id"])
    if given.get("definition") and given["definition"] != stored["definition"]:
        _refuse_others(connection, stored)
        connection.execute(
            sa.update(materials)
            .where(materials.c.id == stored["id"])
            .values(definition=given["definition"], updated_at=moment)
        )
    return str(stored["id"])


def _refuse_others(connection: sa.Connection, material: sa.RowMapping) -> None:
    """Refuse to change a material that is part of cells which the user may not change."""
    user = access.current()
    if user is None:
        return
    editable = [name for name, role in user.roles.items() if role.allows(access.Role.EDITOR)]
    used = sa.select(_COMPONENTS.c.id).join(_SPECS, _SPECS.c.id == _COMPONENTS.c.cell_spec_id)
    by_others = used.where(
        _COMPONENTS.c.material_id == material["id"], _SPECS.c.project_id.not_in(editable)
    )
    if connection.scalar(sa.select(sa.exists(by_others))):
        raise conflict(
            f"Cells that you may not change have the material {material['name']!r}, so its "
            "definition stays: leave the definition out, or name a material of your own.",
            material["id"],
        )


def _wire(connection: sa.Connection, rows: Sequence[Record], *, full: bool) -> list[Record]:
    """Return specifications as they go to the wire, with or without their components."""
    identifiers = [row["id"] for row in rows]
    components = _components(connection, identifiers)
    cells: dict[str, list[str]] = {identifier: [] for identifier in identifiers}
    built = (
        sa.select(cell_instances.c.cell_specification_id, cell_instances.c.id)
        .where(cell_instances.c.cell_specification_id.in_(identifiers))
        .order_by(cell_instances.c.number)
    )
    for specification_id, cell_id in connection.execute(built):
        cells[specification_id].append(cell_id)
    wired = []
    for row in rows:
        parts = {slot: components.get((row["id"], slot)) for slot in SLOTS}
        item = {name: value for name, value in row.items() if name != "number"}
        item |= {f"{slot}_id": part and part["id"] for slot, part in parts.items()}
        item |= {"instance_ids": cells[row["id"]], "organization_id": access.organization_id()}
        wired.append({**item, **parts} if full else item)
    return wired


def _components(
    connection: sa.Connection, identifiers: Sequence[str]
) -> dict[tuple[str, str], Record]:
    """Return the components of some specifications, by specification and slot."""
    parts = connection.execute(
        sa.select(cell_components).where(cell_components.c.cell_spec_id.in_(identifiers))
    )
    found = {
        (row["cell_spec_id"], row["component_type"]): records.plain(row) for row in parts.mappings()
    }
    used = {part["material_id"] for part in found.values()} - {None}
    stored = connection.execute(sa.select(materials).where(materials.c.id.in_(sorted(used))))
    by_id = {row["id"]: records.plain(row) for row in stored.mappings()}
    for part in found.values():
        material = by_id.get(part["material_id"])
        part["material"] = material and {
            k: v for k, v in material.items() if k not in ("number", "organization_id")
        }
        del part["number"], part["cell_spec_id"]
    return found
