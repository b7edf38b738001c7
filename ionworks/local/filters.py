"""The filter grammar of list requests: ``name=ilike.%x%``, ``created_at_gt=...``, order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, false

from ionworks.local.problems import entry, invalid
from ionworks.local.store import timestamp

_RANGES = ("_gt", "_lt")
_TIMES = ("created_at", "updated_at")
_OPERATORS: dict[str, Callable[[Column[Any], str], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "neq": lambda column, value: column != value,
    "ilike": lambda column, value: column.ilike(value),
    "like": lambda column, value: column.like(value),
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "in": lambda column, value: column.in_(_members(value)),
}


def conditions(table: Table, query: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return the filters of a request as conditions on a table.

    Columns every record of this engine leaves empty (``created_by_email``) match nothing.
    """
    found = []
    for name, value in query.items():
        column, _, bound = name.rpartition("_")
        if f"_{bound}" in _RANGES and column in _TIMES:
            # The names say gt and lt, the service means "from" and "to": both ends included.
            operator = "gte" if bound == "gt" else "lte"
            found.append(_OPERATORS[operator](table.c[column], _moment(name, value)))
        elif name == "created_by_email":
            found.append(false())
        elif name in table.c and isinstance(value, str):
            found.append(_condition(table.c[name], value))
    return found


def order(table: Table, query: Mapping[str, Any]) -> list[ColumnElement[Any]]:
    """Return the order a request asks for; without one, the newest first.

    Raises
    ------
    Problem
        422 when ``order_by`` is not a column of the records.
    """
    name = query.get("order_by", "created_at")
    known = [column.name for column in table.c if column.name != "number"]
    if name not in known:
        message = f"cannot order by {name!r}; known: {', '.join(known)}"
        raise invalid([entry(["query", "order_by"], message, "enum")])
    descending = query.get("order", "desc") == "desc"
    columns = (table.c[name], table.c.number)
    return [column.desc() if descending else column.asc() for column in columns]


def _condition(column: Column[Any], value: str) -> ColumnElement[bool]:
    """Return ``<operator>.<value>`` as a condition; a bare value means equality."""
    operator, dot, rest = value.partition(".")
    if dot and operator in _OPERATORS:
        return _OPERATORS[operator](column, rest)
    return column == value


def _members(value: str) -> list[str]:
    """Return the members of ``(a,b)``."""
    return value.strip("()").split(",")


def _moment(name: str, value: str) -> str:
    """Return a time of a request in the form of the store."""
    try:
        return timestamp(datetime.fromisoformat(value))
    except ValueError as error:
        message = f"{value!r} is not an ISO 8601 date or time, such as 2026-05-14T09:30:00Z"
        raise invalid([entry(["query", name], message, "format")]) from error
