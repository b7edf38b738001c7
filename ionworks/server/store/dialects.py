"""What SQLite and PostgreSQL write differently, as constructs, so that statements stay single."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement, ReturnTypeFromArgs

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"


class _Items(FunctionElement[Any]):
    """The items of a JSON array as a table with the column ``value``."""

    name = "items"
    inherit_cache = True


class _Item(FunctionElement[Any]):
    """A value of a row of `_Items`, or of a place in it, which is a list."""

    name = "item"
    inherit_cache = True

    def __init__(
        self, value: sa.ColumnElement[Any], place: str, kind: sa.types.TypeEngine[Any]
    ) -> None:
        super().__init__(value, sa.literal_column(place))
        self.type = kind


class larger(ReturnTypeFromArgs[Any]):  # noqa: N801 named as functions of SQL are
    """The largest of some values, none of which is null."""

    inherit_cache = True


class smaller(ReturnTypeFromArgs[Any]):  # noqa: N801
    """The smallest of some values, none of which is null."""

    inherit_cache = True


class _Unindexed(FunctionElement[Any]):
    """A column for whose condition no index is used."""

    name = "unindexed"
    inherit_cache = True


class _Matches(FunctionElement[bool]):
    """Whether a text matches a pattern, given as one of GLOB and one of LIKE."""

    name = "matches"
    inherit_cache = True
    type = sa.Boolean()


class NewRows(sa.Insert):
    """An insertion that leaves out rows whose key is stored already."""

    inherit_cache = True


def items(array: sa.ColumnElement[str]) -> sa.TableValuedAlias:
    """Return the items of a JSON array as a table: any number of values in one parameter."""
    return _Items(array).table_valued("value")


def item(
    of: sa.TableValuedAlias, kind: type[sa.types.TypeEngine[Any]], place: int | None = None
) -> sa.ColumnElement[Any]:
    """Return a column of the rows of `items`.

    Parameters
    ----------
    of
        The table.
    kind
        Type of the values: Text or BigInteger.
    place
        Index of the value in the item, which is a list; None if the items are the values.
    """
    return _Item(of.c.value, "" if place is None else str(place), kind())


def int_sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Return the sum of a column of integers, as an integer."""
    return sa.cast(sa.func.sum(column), sa.BigInteger)  # else a decimal in PostgreSQL


def unindexed(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return a column for whose condition SQLite does not use an index.

    PostgreSQL knows from its statistics which index is better.
    """
    found = _Unindexed(column)
    found.type = column.type
    return found


def matches(text: sa.ColumnElement[Any], glob: str, like: str) -> sa.ColumnElement[bool]:
    """Return whether a text matches a pattern, in which the case of letters counts.

    Parameters
    ----------
    text
        Any text.
    glob, like
        The pattern as GLOB and as LIKE read it, the latter with a backslash before literals.
        SQLite's LIKE ignores the case of ASCII letters and cannot be told not to.
    """
    return _Matches(text, sa.literal(glob), sa.literal(like))


def matches_ignoring_case(
    text: sa.ColumnElement[Any], glob: str, like: str
) -> sa.ColumnElement[bool]:
    """Return whether a text matches a pattern, whatever the case of its letters, as `matches`.

    Both databases get the function ``ionworks_lower`` from the store: their own ``lower`` knows
    ASCII letters only.
    """
    lower = sa.func.ionworks_lower
    return _Matches(lower(text), lower(sa.literal(glob)), lower(sa.literal(like)))


def insert_new(table: sa.Table) -> NewRows:
    """Return an insertion that leaves out rows whose key is stored already."""
    # Inline: SQLAlchemy would ask for the number of the row, in a place that is not its.
    return NewRows(table).inline()


def driver_sql(connection: sa.Connection, statement: str) -> str:
    """Return a statement with question marks for its parameters as the driver takes it."""
    return statement if connection.dialect.paramstyle == "qmark" else statement.replace("?", "%s")


@compiles(_Items, SQLITE)
def _items_sqlite(element: _Items, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Items, POSTGRESQL)
def _items_postgresql(element: _Items, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **options)} AS JSON))"


@compiles(_Item, SQLITE)
def _item_sqlite(element: _Item, compiler: SQLCompiler, **options: Any) -> str:
    value, place = _value_and_place(element, compiler, options)
    return f"json_extract({value}, '$[{place}]')" if place else value


@compiles(_Item, POSTGRESQL)
def _item_postgresql(element: _Item, compiler: SQLCompiler, **options: Any) -> str:
    value, place = _value_and_place(element, compiler, options)
    kind = element.type.compile(compiler.dialect)
    return (
        f"CAST({value} ->> {place} AS {kind})" if place else f"CAST({value} #>> '{{}}' AS {kind})"
    )


@compiles(larger, SQLITE)
def _larger_sqlite(element: larger, compiler: SQLCompiler, **options: Any) -> str:
    return f"max({compiler.process(element.clauses, **options)})"


@compiles(larger, POSTGRESQL)
def _larger_postgresql(element: larger, compiler: SQLCompiler, **options: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **options)})"


@compiles(smaller, SQLITE)
def _smaller_sqlite(element: smaller, compiler: SQLCompiler, **options: Any) -> str:
    return f"min({compiler.process(element.clauses, **options)})"


@compiles(smaller, POSTGRESQL)
def _smaller_postgresql(element: smaller, compiler: SQLCompiler, **options: Any) -> str:
    return f"least({compiler.process(element.clauses, **options)})"


@compiles(_Unindexed, SQLITE)
def _unindexed_sqlite(element: _Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    # The unary plus, see https://www.sqlite.org/optoverview.html.
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(_Unindexed, POSTGRESQL)
def _unindexed_postgresql(element: _Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_Matches, SQLITE)
def _matches_sqlite(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    text, glob, _ = element.clauses
    return f"{compiler.process(text, **options)} GLOB {compiler.process(glob, **options)}"


@compiles(_Matches, POSTGRESQL)
def _matches_postgresql(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    text, _, like = element.clauses
    return f"{compiler.process(text, **options)} LIKE {compiler.process(like, **options)}"


@compiles(NewRows, SQLITE, POSTGRESQL)
def _new_rows(element: NewRows, compiler: SQLCompiler, **options: Any) -> str:
    statement = compiler.visit_insert(element, **options)  # type: ignore[no-untyped-call]
    return f"{statement} ON CONFLICT DO NOTHING"


def _value_and_place(
    element: _Item, compiler: SQLCompiler, options: dict[str, Any]
) -> tuple[str, str]:
    value, place = element.clauses
    return compiler.process(value, **options), compiler.process(place, **options)
