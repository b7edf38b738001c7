"""Stored records by table: read, list, insert, change, remove."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ionworks.server.http.problems import Problem, conflict, entry, invalid, not_found
from ionworks.server.store import filters
from ionworks.server.store.database import Store, now
from ionworks.server.store.repetition import repeatable

#: Records in one reply when the request names no limit.
DEFAULT_LIMIT = 100
#: Most rows stored or deleted in one transaction: it takes a few tenths of a second.
PIECE = 2000

#: Of the numbers that both databases take for a limit or an offset.
_LARGEST_INTEGER = 2**31 - 1
#: Most ids that an error reply names for one name, which several projects can have.
_MOST_NAMESAKES = 3

Record = dict[str, Any]
_Item = TypeVar("_Item")


def pieces(items: Iterable[_Item], size: int = PIECE) -> Iterator[list[_Item]]:
    """Yield the items in lists of at most this size."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


def plain(row: RowMapping) -> Record:
    """Return a row as a dictionary with plain text keys, as the JSON writer wants them."""
    return {str(name): value for name, value in row.items()}


def find(connection: Connection, table: Table, identifier: str) -> Record | None:
    """Return a record, or None."""
    found = connection.execute(select(table).where(table.c.id == identifier)).mappings().first()
    return None if found is None else plain(found)


def require(store: Store, table: Table, noun: str, identifier: str) -> Record:
    """Return a record; raises a 404 Problem when it does not exist."""
    with store.reading() as connection:
        record = find(connection, table, identifier)
        if record is None:
            raise missing(connection, table, noun, identifier)
    return record


def missing(connection: Connection, table: FromClause, noun: str, identifier: str) -> Problem:
    """Return the 404 Problem of an unknown id; it names the ids of records with such a name."""
    namesakes: Sequence[str] = ()
    if "name" in table.c:
        same = select(table.c.id).where(table.c.name == identifier).limit(_MOST_NAMESAKES)
        namesakes = connection.scalars(same).all()
    return not_found(noun, identifier, *namesakes)


def page(
    store: Store,
    table: FromClause,
    query: Mapping[str, Any],
    *conditions: ColumnElement[bool],
    ordering: Sequence[ColumnElement[Any]] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> tuple[list[Record], int]:
    """Return one page of a list and how many records there are in all.

    Parameters
    ----------
    store
        Where the records are.
    table
        Their table.
    query
        Filters, order, ``limit`` and ``offset`` as in the request.
    *conditions
        Further conditions.
    ordering
        The order, where the request cannot choose it.
    limit
        Most records, where the request has no limit.
    """
    where = [*filters.conditions(table, query), *conditions]
    statement = (
        select(table)
        .where(*where)
        .order_by(*(filters.order(table, query) if ordering is None else ordering))
        .limit(query.get("limit", limit))
        .offset(skipped(query))
    )
    with store.reading() as connection:
        rows = [plain(row) for row in connection.execute(statement).mappings()]
        total = connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
    return rows, total


def skipped(query: Mapping[str, Any]) -> int:
    """Return the offset of a request, limited to what databases take."""
    return min(int(query.get("offset", 0)), _LARGEST_INTEGER)


def envelope(items: list[Any], total: int) -> dict[str, Any]:
    """Return the usual form of a list reply."""
    return {"items": items, "count": len(items), "total": total}


@repeatable
def create(store: Store, table: Table, values: Mapping[str, Any], *, noun: str) -> Record:
    """Insert a record whose name must be unique in its project.

    Raises
    ------
    Problem
        409 with the id of the record that has the name.
    """
    with store.writing() as connection:
        return add(connection, table, values, noun=noun)


def add(
    connection: Connection,
    table: Table,
    values: Mapping[str, Any],
    *,
    noun: str,
    within: str = "project_id",
) -> Record:
    """Insert a record whose name must be unique among those with the same parent.

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
    refuse_taken(connection, table, record, noun=noun, within=within)
    connection.execute(insert(table), record)
    return record


def refuse_taken(
    connection: Connection,
    table: Table,
    record: Mapping[str, Any],
    *,
    noun: str,
    within: str = "project_id",
) -> None:
    """Refuse a name that another record with the same parent has; raises a 409 Problem."""
    same = [table.c.name == record["name"], table.c.id != record.get("id", "")]
    if within in table.c:
        same.append(table.c[within] == record[within])
    existing = connection.scalar(select(table.c.id).where(*same))
    if existing is not None:
        message = f"A {noun} named {record['name']!r} exists already: {existing}."
        raise conflict(message, existing)


@repeatable
def change(
    store: Store, table: Table, noun: str, identifier: str, values: Mapping[str, Any]
) -> Record:
    """Change some fields of a record and return it; raises a 404 Problem for an unknown id."""
    with store.writing() as connection:
        return alter(connection, table, noun, identifier, values)


def alter(
    connection: Connection,
    table: Table,
    noun: str,
    identifier: str,
    values: Mapping[str, Any],
    *,
    within: str | None = None,
) -> Record:
    """Change some fields of a record and return it.

    Parameters
    ----------
    connection, table, noun, identifier, values
        Which record, and what to change.
    within
        Column of the parent among whose records a new name must be free; None to take any name.

    Raises
    ------
    Problem
        404 for an unknown id, 409 with the id of another record that has the name.
    """
    before = find(connection, table, identifier)
    if before is None:
        raise missing(connection, table, noun, identifier)
    if within is not None and "name" in values:
        refuse_taken(connection, table, {**before, **values}, noun=noun, within=within)
    changed = {**values, "updated_at": now()}
    connection.execute(update(table).where(table.c.id == identifier).values(**changed))
    return {**before, **changed}


@repeatable
def remove(store: Store, table: Table, noun: str, identifier: str) -> None:
    """Delete a record.

    Raises
    ------
    Problem
        404 for an unknown id, 409 when other records refer to it.
    """
    try:
        with store.writing() as connection:
            gone = connection.execute(delete(table).where(table.c.id == identifier)).rowcount
            if not gone:
                raise missing(connection, table, noun, identifier)
    except IntegrityError as error:
        message = f"The {noun} {identifier!r} is in use; delete what uses it first."
        raise conflict(message) from error


@repeatable
def clear(store: Store, table: Table, condition: ColumnElement[bool]) -> None:
    """Delete the rows that meet a condition in pieces, so that other writers get in between."""
    some = select(table.c.number).where(condition).limit(PIECE)
    while True:
        with store.writing() as connection:
            gone = connection.execute(delete(table).where(table.c.number.in_(some))).rowcount
        if gone < PIECE:
            return


def chosen(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the named fields that a body has."""
    return {name: body[name] for name in names if name in body}


def fields(
    body: Mapping[str, Any],
    *names: str,
    also: Collection[str] = (),
    where: Sequence[str | int] = ("body",),
) -> dict[str, Any]:
    """Return the fields of a body; an unknown field is an error, not ignored.

    Parameters
    ----------
    body
        The body of the request, or a part of it.
    *names
        Fields that can be stored.
    also
        Fields that are accepted and left out, such as those of a record that was read before.
    where
        Place of the body in the request.

    Raises
    ------
    Problem
        422 that names every other field.
    """
    unknown = [name for name in body if name not in names and name not in also]
    if unknown:
        message = f"unknown field; valid fields: {', '.join(sorted(names))}"
        raise invalid([entry([*where, name], message, "unknown") for name in unknown])
    return chosen(body, *names)
