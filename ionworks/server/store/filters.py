"""The filter grammar of list requests: ``name=ilike.%x%``, ``created_at_gt=...``, order.

A filter is ``<operator>.<value>``; a bare value means equality. A text that begins with lower-case
letters and a dot is always read as an operator, and an unknown operator is rejected; with ``eq.``
in front, any text is a value. Null is neither equal nor unequal to anything, as in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, Column, ColumnElement, FromClause, null

from ionworks.server.http.problems import Problem, entry, invalid
from ionworks.server.store.database import timestamp
from ionworks.server.store.dialects import matches, matches_ignoring_case

#: Parameters with this grammar; others that name a column are compared for equality.
GRAMMATICAL: Final = (
    "id",
    "name",
    "description",
    "status",
    "form_factor",
    "created_by_email",
    "created_at",
    "updated_at",
    "start_time",
)
TIMES: Final = ("created_at", "updated_at", "start_time")
#: Columns of the service that are empty in every record of this engine.
_EMPTY = ("created_by_email",)
# The names say gt and lt, but the service includes both ends.
_RANGES = {"_gt": "gte", "_lt": "lte"}
#: Columns that are not in replies.
_NOT_ORDERED = ("number", "owner", "attempts", "data_folder", "extension_folder")
#: Limits under which SQLite answers any pattern quickly.
_LONGEST_PATTERN = 1000
_MOST_MEMBERS = 1000
_OPERATOR = re.compile(r"([a-z]+)\.(.*)", re.DOTALL)
_MEMBER = r""""(?:[^"\\]|\\["\\])*"|[^,"()]*"""
_LIST = re.compile(rf"\((?:{_MEMBER})(?:,(?:{_MEMBER}))*\)")

_COMPARISONS: dict[str, Callable[[ColumnElement[Any], str], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "neq": lambda column, value: column != value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}
_PATTERNS: dict[str, Callable[[ColumnElement[Any], str, str], ColumnElement[bool]]] = {
    "like": matches,
    "ilike": matches_ignoring_case,
}
OPERATORS: Final = (*_COMPARISONS, *_PATTERNS, "in")


def conditions(table: FromClause, query: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return the filters of a request as conditions on a table.

    Parameters that do not name a column of the table are left to the caller.

    Raises
    ------
    Problem
        422 for an unknown operator, an invalid time, and a list or pattern that cannot be read.
    """
    found = []
    for parameter, text in query.items():
        name, operator = _column_of(parameter)
        if name not in table.c and name not in _EMPTY:
            continue
        # A comparison with null is null, so no record matches.
        column: ColumnElement[Any] = null() if name in _EMPTY else table.c[name]
        if operator is not None:
            found.append(_compared(parameter, name, column, operator, text))
        elif name in GRAMMATICAL:
            found.append(condition(name, column, text))
        elif isinstance(text, str):
            found.append(column == text)
    return found


def order(table: FromClause, query: Mapping[str, Any]) -> list[ColumnElement[Any]]:
    """Return the order a request asks for; without one, the newest first.

    Records without a value come last in both directions, and equal ones by creation.

    Raises
    ------
    Problem
        422 when ``order_by`` is not a column of the records that can be ordered.
    """
    name = query.get("order_by", "created_at")
    known = [
        column.name
        for column in table.c
        if column.name not in _NOT_ORDERED and not isinstance(column.type, JSON)
    ]
    if name not in known:
        message = f"cannot order by {name!r}; known: {', '.join(known)}"
        raise invalid([entry(["query", "order_by"], message, "enum")])
    descending = query.get("order", "desc") == "desc"
    columns: tuple[ColumnElement[Any], ...] = (table.c[name], table.c.number)
    return [(column.desc() if descending else column.asc()).nulls_last() for column in columns]


def containing(column: Column[Any], part: str) -> ColumnElement[bool]:
    """Return the condition that a text column contains a part, ignoring case."""
    return matches_ignoring_case(column, f"*{_glob(part)}*", f"%{_like(part)}%")


def _column_of(parameter: str) -> tuple[str, str | None]:
    """Return the column of a parameter, and the operator if its name has one."""
    name, operator = parameter[:-3], _RANGES.get(parameter[-3:])
    return (name, operator) if operator is not None and name in TIMES else (parameter, None)


def condition(name: str, column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Return ``<operator>.<value>`` as a condition on a column; a bare value means equality.

    Raises
    ------
    Problem
        422 as for `conditions`; it gives the parameter by its name.
    """
    match = _OPERATOR.fullmatch(text)
    operator, value = ("eq", text) if match is None else match.groups()
    if operator in _COMPARISONS:
        return _compared(name, name, column, operator, value)
    if operator == "in":
        members = _members(name, value)
        return column.in_([_operand(name, name, member) for member in members])
    if operator not in _PATTERNS:
        raise _refused(
            name,
            f"unknown operator {operator!r}; valid operators: {', '.join(OPERATORS)}. "
            f"Write eq.{text} for the text itself",
        )
    if name in TIMES:
        raise _refused(name, f"{operator!r} compares texts, and {name} is a time")
    return _PATTERNS[operator](column, *_patterns(name, value))


def _compared(
    parameter: str, name: str, column: ColumnElement[Any], operator: str, value: str
) -> ColumnElement[bool]:
    return _COMPARISONS[operator](column, _operand(parameter, name, value))


def _operand(parameter: str, name: str, value: str) -> str:
    """Return a value as the store keeps it."""
    if name not in TIMES:
        return value
    try:
        return timestamp(datetime.fromisoformat(value))
    except (ValueError, OverflowError) as error:
        message = f"{value!r} is not an ISO 8601 date or time, such as 2026-05-14T09:30:00Z"
        raise _refused(parameter, message) from error


def _members(parameter: str, value: str) -> list[str]:
    """Return the members of ``(a,b)``; one with a comma, bracket or quote is quoted."""
    if not _LIST.fullmatch(value):
        message = (
            f"{value!r} is not a list such as (a,b); "
            'quote a member with a comma, bracket or quote: in.("a,b",c)'
        )
        raise _refused(parameter, message)
    inside = value[1:-1]
    members = re.findall(rf"(?:^|,)({_MEMBER})", inside) if inside else []
    if len(members) > _MOST_MEMBERS:
        raise _refused(parameter, f"the list has more than {_MOST_MEMBERS} members")
    return [
        re.sub(r"\\(.)", r"\1", member[1:-1]) if member.startswith('"') else member
        for member in members
    ]


def _patterns(parameter: str, pattern: str) -> tuple[str, str]:
    r"""Return a pattern as GLOB and as LIKE; ``\%`` and ``\_`` are literal characters."""
    if len(pattern) > _LONGEST_PATTERN:
        raise _refused(parameter, f"the pattern is longer than {_LONGEST_PATTERN} characters")
    glob, like = [], []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            escaped = next(characters, None)
            if escaped is None:
                raise _refused(parameter, r"the pattern ends in a backslash; write \\ for one")
            glob.append(_glob(escaped))
            like.append(_like(escaped))
        else:
            glob.append({"%": "*", "_": "?"}.get(character) or _glob(character))
            like.append(character)
    return "".join(glob), "".join(like)


def _glob(text: str) -> str:
    """Return a GLOB that matches exactly this text."""
    return re.sub(r"([*?\[])", r"[\1]", text)


def _like(text: str) -> str:
    """Return a LIKE pattern that matches exactly this text."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def _refused(parameter: str, message: str) -> Problem:
    return invalid([entry(["query", parameter], message, "filter")])
