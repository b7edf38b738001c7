"""Stored records by table: read, list, insert, change, remove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Connection,
    RowMapping,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ionworks.local import filters
from ionworks.local.problems import conflict, not_found
from ionworks.local.store import Store, now

#: Records in one reply when the request names no limit.
DEFAULT_LIMIT = 100

Record = dict[str, Any]


def plain(row: RowMapping) -> Record:
    """Return a row as a dictionary with plain text keys, as the JSON writer wants them."""
    return {str(name): value for name, value in row.items()}


def find(connection: Connection, table: Table, identifier: str) -> Record | None:
    """Return a record, or None."""
    found = connection.execute(select(table).where(table.c.id == identifier)).mappings().first()
    return None if found is None else plain(found)


def require(store: Store, table: Table, noun: str, identifier: str) -> Record:
    """Return a record; raises a 404 Problem when there is none."""
    with store.reading() as connection:
        record = find(connection, table, identifier)
    if record is None:
        raise not_found(noun, identifier)
    return record


def page(store: Store, table: Table, query: Mapping[str, Any]) -> tuple[list[Record], int]:
    """Return one page of a list and how many records there are in all.

    Parameters
    ----------
    store
        Where the records are.
    table
        Their table.
    query
        Filters, order, ``limit`` and ``offset`` as in the request.
    """
    where = filters.conditions(table, query)
    statement = (
        select(table)
        .where(*where)
        .order_by(*filters.order(table, query))
        .limit(query.get("limit", DEFAULT_LIMIT))
        .offset(query.get("offset", 0))
    )
    with store.reading() as connection:
        rows = [plain(row) for row in connection.execute(statement).mappings()]
        total = connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
    return rows, total


def envelope(items: list[Any], total: int) -> dict[str, Any]:
    """Return the usual form of a list reply."""
    return {"items": items, "count": len(items), "total": total}


def create(store: Store, table: Table, values: Mapping[str, Any], *, noun: str) -> Record:
    """Insert a record whose name must be new within its project.

    Raises
    ------
    Problem
        409 with the id of the record that has the name already.
    """
    moment = now()
    record = {
        "id": str(uuid4()),
        **values,
        "created_at": moment,
        "updated_at": moment,
    }
    same = [table.c.name == record["name"]]
    if "project_id" in table.c:
        same.append(table.c.project_id == record["project_id"])
    with store.writing() as connection:
        existing = connection.scalar(select(table.c.id).where(*same))
        if existing is not None:
            message = f"There is a {noun} named {record['name']!r} already: {existing}."
            raise conflict(message, existing)
        connection.execute(insert(table), record)
    return record


def change(
    store: Store, table: Table, noun: str, identifier: str, values: Mapping[str, Any]
) -> Record:
    """Change some fields of a record and return it; raises a 404 Problem when there is none."""
    with store.writing() as connection:
        connection.execute(
            update(table).where(table.c.id == identifier).values(**values, updated_at=now())
        )
        record = find(connection, table, identifier)
    if record is None:
        raise not_found(noun, identifier)
    return record


def remove(store: Store, table: Table, noun: str, identifier: str) -> None:
    """Delete a record.

    Raises
    ------
    Problem
        404 when there is none, 409 when other records need it.
    """
    try:
        with store.writing() as connection:
            gone = connection.execute(delete(table).where(table.c.id == identifier)).rowcount
    except IntegrityError as error:
        message = f"The {noun} {identifier!r} is in use; delete what uses it first."
        raise conflict(message) from error
    if not gone:
        raise not_found(noun, identifier)


def chosen(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the named fields that a body holds."""
    return {name: body[name] for name in names if name in body}
