"""What the tables of the store are made of: types for both databases, and common columns."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, MetaData, Table, UniqueConstraint, text

from ionworks.server.store.dialects import POSTGRESQL

#: Texts sort by the numbers of their characters in both databases.
Text = sa.Text().with_variant(sa.Text(collation="C"), POSTGRESQL)
#: Integers have up to 64 bits in both databases.
Integer = sa.Integer().with_variant(sa.BigInteger(), POSTGRESQL)

metadata = MetaData()


def required(
    name: str, kind: Any = Text, *, index: bool | None = None, unique: bool | None = None
) -> Column[Any]:
    """Return a column that allows no null."""
    return Column(name, kind, nullable=False, index=index, unique=unique)


def parent(
    name: str,
    target: str,
    *,
    ondelete: Literal["CASCADE"] | None = None,
    index: bool | None = None,
    unique: bool | None = None,
) -> Column[Any]:
    """Return a column with the id of the record that this one belongs to."""
    key = ForeignKey(target, ondelete=ondelete)
    return Column(name, Text, key, nullable=False, index=index, unique=unique)


def times() -> tuple[Column[Any], ...]:
    """Return the columns with the times of creation and of the last change."""
    return required("created_at"), required("updated_at")


def numbered(name: str, *items: Column[Any] | Index | UniqueConstraint) -> Table:
    """Return a table whose rows are numbered in the order in which they were inserted."""
    return Table(name, metadata, Column("number", Integer, primary_key=True), *items)


def identified(name: str, *items: Column[Any] | Index | UniqueConstraint) -> Table:
    """Return a numbered table whose rows have ids too."""
    return numbered(name, Column("id", Text, nullable=False, unique=True), *items)


def records(name: str, *items: Column[Any] | Index | UniqueConstraint) -> Table:
    """Return a table of records: number and id come first, times of creation and change last."""
    return identified(name, *items, *times())


def unique_names(table: str, *parents: str, where: str | None = None) -> Index:
    """Return the index by which PostgreSQL keeps names unique, within a parent or among all.

    Of their digests: an index takes texts of at most 2,700 bytes. SQLite needs none: only one
    writer at a time looks for the name and inserts it. Its files of earlier layouts may have
    records of the same name.
    """
    names: list[Any] = [*parents, text("md5(name)")]
    which = None if where is None else text(where)
    index = Index(f"{table}_by_name", *names, unique=True, postgresql_where=which)
    return index.ddl_if(dialect=POSTGRESQL)
