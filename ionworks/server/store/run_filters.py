"""Filters and order of lists of simulations, whose rows stand for several runs.

All runs of a row have the same status and times. Each has a name of its own, that of its
submission and its number, so a filter on names can choose some runs of a submission: these are
found without looking at each run, unless the number itself may be meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
import sqlalchemy as sa
from attrs import frozen

from ionworks.server.http.problems import entry, invalid
from ionworks.server.store import filters, run_parameters
from ionworks.server.store.dialects import item, items
from ionworks.server.store.ranges import Range, ranges_of
from ionworks.server.store.run_parameters import name_of
from ionworks.server.store.tables import old_ids, runs, submissions

NAME: Final = "name"
_OF_RUNS: Final = (
    "status", "created_at", "created_at_gt", "created_at_lt", "updated_at", "updated_at_gt",
    "updated_at_lt",
)  # fmt: skip
#: What can be ordered by. Runs of one submission were created together, in their order.
_ORDERS: Final[Mapping[str, tuple[sa.ColumnElement[Any], ...]]] = {
    "created_at": (),
    "updated_at": (runs.c.updated_at,),
    "name": (submissions.c.name,),
    "status": (runs.c.status,),
}
_HAS_OLD_IDS = sa.exists().where(old_ids.c.submission_id == submissions.c.id)
#: A part of a name, as clients send it; ``\%`` and ``\_`` are literal characters.
_PART = re.compile(r"ilike\.%((?:[^%_\\]|\\.)*)%", re.DOTALL)
#: What follows the name of the submission in the name of a run: `` 3/10``.
_NUMBER: Final = " 0123456789/"


def conditions(query: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    """Return the filters of a request on the status and the times of runs.

    Raises
    ------
    Problem
        422 if a filter cannot be read.
    """
    return filters.conditions(runs, {name: query[name] for name in _OF_RUNS if name in query})


def is_descending(query: Mapping[str, Any]) -> bool:
    """Return whether a request wants the last ones first, which is the default."""
    return bool(query.get("order", "desc") == "desc")


def order(query: Mapping[str, Any], first: sa.ColumnElement[int]) -> list[sa.UnaryExpression[Any]]:
    """Return the order of the rows of a list; without one, the newest are first.

    Parameters
    ----------
    query
        The request.
    first
        Index of the first run of a row.

    Raises
    ------
    Problem
        422 if simulations cannot be ordered by this field.
    """
    name = query.get("order_by", "created_at")
    if name not in _ORDERS:
        message = f"cannot order by {name!r}; known: {', '.join(_ORDERS)}"
        raise invalid([entry(["query", "order_by"], message, "enum")])
    columns = (*_ORDERS[name], submissions.c.number, first)
    return [each.desc() if is_descending(query) else each.asc() for each in columns]


@frozen
class Named:
    """The runs whose names match a filter.

    Attributes
    ----------
    whole
        Condition on the submissions of which all runs match.
    parts
        Rows of ``submission_id``, ``first`` and ``end`` for the runs of others; None if there are
        none.
    """

    whole: sa.ColumnElement[bool]
    parts: sa.Subquery | None


def named(connection: sa.Connection, text: str, *scope: sa.ColumnElement[bool]) -> Named:
    """Return the runs whose names match a filter.

    Parameters
    ----------
    connection
        A transaction.
    text
        The filter, such as ``ilike.%discharge%``.
    *scope
        Conditions on the submissions that are looked at.

    Raises
    ------
    Problem
        422 if the filter cannot be read.
    """
    alone = sa.and_(
        submissions.c.run_count == 1,
        ~_HAS_OLD_IDS,
        filters.condition(NAME, submissions.c.name, text),
    )
    several = sa.select(
        submissions.c.id, submissions.c.name, submissions.c.run_count, _HAS_OLD_IDS.label("is_old")
    ).where(
        sa.or_(submissions.c.run_count > 1, _HAS_OLD_IDS), submissions.c.name.is_not(None), *scope
    )
    guess = _guess_of(text)
    whole: list[str] = []
    parts: list[tuple[str, int, int]] = []
    for row in connection.execute(several):
        matches = None if row.is_old else guess(row.name)
        if matches is None:
            found = _ranges(connection, text, row)
            parts += [(row.id, each.first, each.end) for each in found]
        elif matches:
            whole.append(row.id)
    listed = _rows_of(whole)
    return Named(
        whole=sa.or_(alone, submissions.c.id.in_(sa.select(item(listed, sa.Text)))),
        parts=_parts(parts) if parts else None,
    )


def _guess_of(text: str) -> Callable[[str], bool | None]:
    """Return a function that tells from a submission's name whether its runs match a filter.

    It returns None if that depends on the numbers of the runs.
    """
    part = _PART.fullmatch(text)
    if part is not None:
        wanted = re.sub(r"\\(.)", r"\1", part[1]).lower()
        head = wanted.rstrip(_NUMBER)

        def guess(name: str) -> bool | None:
            if wanted in name.lower():
                return True
            # The end of what is wanted can be the number, or the beginning of it.
            return None if head != wanted and head in name.lower() else False

        return guess
    whole = text.removeprefix("eq.")
    if whole != text or re.match(r"[a-z]+\.", text) is None:
        return lambda name: None if whole.startswith(f"{name} ") else False
    return lambda _: None


def _ranges(connection: sa.Connection, text: str, row: sa.Row[Any]) -> Sequence[Range]:
    """Return the runs of a submission whose names match a filter, looking at each."""
    each = _rows_of(list(_names(connection, row)))
    matches = filters.condition(NAME, item(each, sa.Text, 1), text)
    return ranges_of(connection.scalars(sa.select(item(each, sa.BigInteger, 0)).where(matches)))


def _names(connection: sa.Connection, row: sa.Row[Any]) -> Iterator[tuple[int, str]]:
    """Yield the indexes and names of the runs of a submission."""
    if not row.is_old:
        yield from ((each, name_of(row.name, each, row.run_count)) for each in range(row.run_count))
        return
    # Some runs of earlier layouts have other names.
    for index, run in run_parameters.read(connection, row.id, [Range(0, row.run_count)]):
        yield index, run.get("name") or name_of(row.name, index, row.run_count)


def _rows_of(values: Sequence[Any]) -> sa.TableValuedAlias:
    """Return a table of any number of values, which are one parameter of a statement."""
    return items(sa.literal(orjson.dumps(values).decode(), sa.Text))


def _parts(parts: Sequence[tuple[str, int, int]]) -> sa.Subquery:
    each = _rows_of(parts)
    names = ("submission_id", "first", "end")
    kinds = (sa.Text, sa.BigInteger, sa.BigInteger)
    return sa.select(
        *(
            item(each, kind, place).label(name)
            for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
        )
    ).subquery("named_runs")
