"""Rows that stand for runs in sequence: a row has the columns ``first`` and ``count``.

Runs of a submission that are equal in every column share a row. Whoever changes some of them
isolates these first, and then changes whole rows. The rows of one submission never overlap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from attrs import frozen

from ionworks.server.store.dialects import item, items, larger, smaller


@frozen(order=True)
class Range:
    """The runs from ``first`` up to, and without, ``end``."""

    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.end))


def ranges_of(indexes: Iterable[int]) -> list[Range]:
    """Return the runs with these indexes as ranges, the first one first."""
    found: list[Range] = []
    first = end = -1
    for index in sorted(set(indexes)):
        if index != end:
            if end > first:
                found.append(Range(first, end))
            first = index
        end = index + 1
    if end > first:
        found.append(Range(first, end))
    return found


def common(row: Range, wanted: Sequence[Range]) -> Iterator[Range]:
    """Yield the parts of wanted ranges, which are in order, that a row stands for."""
    position = max(bisect_right(wanted, Range(row.first, row.first)) - 1, 0)
    for each in wanted[position:]:
        if each.first >= row.end:
            return
        part = Range(max(row.first, each.first), min(row.end, each.end))
        if part.first < part.end:
            yield part


def overlapping(
    connection: sa.Connection,
    table: sa.Table,
    key: sa.ColumnElement[bool],
    wanted: Sequence[Range],
    *conditions: sa.ColumnElement[bool],
    columns: Sequence[sa.ColumnElement[Any]] = (),
) -> Sequence[sa.Row[Any]]:
    """Return the rows that stand for at least one wanted run, in the order of the runs.

    Parameters
    ----------
    connection, table
        The result has ``number``, ``first`` and ``end`` of its rows.
    key
        Which rows are of one submission, and so do not overlap.
    wanted
        Runs, in order.
    *conditions
        Further conditions on the rows.
    columns
        Further columns of the result.
    """
    if not wanted:
        return []
    first = table.c.first
    # The row with the first wanted run begins at it or before; SQLite would look at all before.
    begin = sa.select(sa.func.max(first)).where(key, first <= wanted[0].first).scalar_subquery()
    statement = (
        sa.select(table.c.number, first, (first + table.c.count).label("end"), *columns)
        .where(
            key,
            first >= sa.func.coalesce(begin, wanted[0].first),
            first < wanted[-1].end,
            *conditions,
        )
        .order_by(first)
    )
    return [
        row
        for row in connection.execute(statement)
        if next(common(Range(row.first, row.end), wanted), None) is not None
    ]


def begin_of(
    table: sa.Table, submission_id: Any, index: sa.ColumnElement[int]
) -> sa.ScalarSelect[int]:
    """Return where the row of a run begins, or the last row before it if the run was deleted.

    This is one look-up in an index. For conditions on ``first`` and ``count`` alone, SQLite would
    look at all rows of the submission before the run.
    """
    one = table.alias("one")
    return (
        sa.select(sa.func.max(one.c.first))
        .where(one.c.submission_id == submission_id, one.c.first <= index)
        .correlate_except(one)
        .scalar_subquery()
    )


def parts(
    connection: sa.Connection,
    table: sa.Table,
    wanted: Sequence[tuple[str, Range]],
    *conditions: sa.ColumnElement[bool],
    columns: Sequence[sa.ColumnElement[Any]] = (),
    values: Mapping[str, Any] | None = None,
    may_overlap: bool = False,
) -> Sequence[sa.Row[Any]]:
    """Return what rows of a table say about wanted runs of any submissions.

    Parameters
    ----------
    connection, table
        As of `overlapping`.
    wanted
        Submissions and ranges of their runs.
    *conditions
        On the rows. The statement is made once for each tuple of conditions, so give the same
        objects each time, with parameters for what differs.
    columns
        Columns of the result besides ``submission_id``, ``first`` and ``end``, which say for which
        of the wanted runs a row of the result is.
    values
        Of the parameters of conditions.
    may_overlap
        Whether rows of one submission may overlap; then all of them are looked at.

    Returns
    -------
    sequence of Row
        In no particular order.
    """
    listed = [[submission_id, each.first, each.end] for submission_id, each in wanted]
    statement = _parts(table, conditions, tuple(columns), may_overlap)
    given = {"wanted": orjson.dumps(listed).decode(), **(values or {})}
    return connection.execute(statement, given).all()


@lru_cache(maxsize=64)  # making the statement takes longer than running it
def _parts(
    table: sa.Table,
    conditions: tuple[sa.ColumnElement[bool], ...],
    columns: tuple[sa.ColumnElement[Any], ...],
    may_overlap: bool,
) -> sa.Select[Any]:
    """Return the statement of `parts`; its parameter ``wanted`` is JSON."""
    each = items(sa.bindparam("wanted", type_=sa.Text))
    kinds = (sa.Text, sa.BigInteger, sa.BigInteger)
    submission_id, first, end = (item(each, kind, place) for place, kind in enumerate(kinds))
    ends = table.c.first + table.c.count
    of_run = [table.c.submission_id == submission_id, table.c.first < end, ends > first]
    if not may_overlap:
        begin = begin_of(table, submission_id, first)
        of_run.append(table.c.first >= sa.func.coalesce(begin, first))
    return (
        sa.select(
            table.c.submission_id,
            larger(table.c.first, first).label("first"),
            smaller(ends, end).label("end"),
            *columns,
        )
        .select_from(each)
        .join(table, sa.and_(*of_run))
        .where(*conditions)
    )


def isolate(
    connection: sa.Connection,
    table: sa.Table,
    key: sa.ColumnElement[bool],
    wanted: Sequence[Range],
    *conditions: sa.ColumnElement[bool],
    counting: Sequence[sa.Column[int]] = (),
) -> Sequence[sa.Row[Any]]:
    """Split rows so that whole rows stand for the wanted runs, and return these.

    Parameters
    ----------
    connection
        In a transaction that writes.
    table, key, wanted, *conditions
        As of `overlapping`: runs without such a row are left out.
    counting
        Further columns that number the runs of a row: their value is that of the first one.

    Returns
    -------
    sequence of Row
        With ``number``, ``first`` and ``end``, in the order of their runs.
    """
    bounds = sorted({bound for each in wanted for bound in (each.first, each.end)})
    is_split = False
    rows = overlapping(connection, table, key, wanted, *conditions)
    for row in rows:
        cuts = bounds[bisect_right(bounds, row.first) : bisect_left(bounds, row.end)]
        if cuts:
            is_split = True
            split(connection, table, row, cuts, counting)
    if is_split:
        rows = overlapping(connection, table, key, wanted, *conditions)
    return rows


def split(
    connection: sa.Connection,
    table: sa.Table,
    row: sa.Row[Any],
    cuts: Sequence[int],
    counting: Sequence[sa.Column[int]],
) -> None:
    """Make one row into several: it keeps the runs up to the first cut.

    Parameters
    ----------
    connection
        In a transaction that writes.
    table, counting
        As of `isolate`.
    row
        With ``number``, ``first`` and ``end``.
    cuts
        The first runs of the new rows, in order.
    """
    copy, shorten = _splitting(table, tuple(counting))
    ends = [*cuts[1:], row.end]
    copies = [
        {"row": row.number, "new_first": cut, "new_count": end - cut}
        for cut, end in zip(cuts, ends, strict=True)
    ]
    connection.execute(copy, copies)
    connection.execute(shorten, {"row": row.number, "new_count": cuts[0] - row.first})


@lru_cache(maxsize=8)  # making the statements takes longer than running them
def _splitting(
    table: sa.Table, counting: tuple[sa.Column[int], ...]
) -> tuple[sa.Insert, sa.Update]:
    """Return the statements that copy a row for other runs, and that shorten it."""
    first = sa.bindparam("new_first", type_=sa.Integer)
    count = sa.bindparam("new_count", type_=sa.Integer)
    is_row = table.c.number == sa.bindparam("row")
    values: dict[str, Any] = {each.name: each for each in table.c if each.name != "number"}
    values |= {each.name: each + first - table.c.first for each in counting}
    values |= {"first": first, "count": count}
    source = sa.select(
        *(sa.type_coerce(value, table.c[name].type) for name, value in values.items())
    ).where(is_row)
    copy = sa.insert(table).from_select(list(values), source)
    return copy, sa.update(table).where(is_row).values(count=count)
