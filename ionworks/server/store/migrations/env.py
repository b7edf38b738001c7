"""Runs migrations; Alembic executes this file."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from ionworks.server.store import tables, team_tables  # noqa: F401 - adds its tables to the others

#: How a draft of a migration writes the two types that SQLite has under other names.
_NAMES = {id(tables.Text): "TEXT", id(tables.Integer): "INTEGER"}


def _name(_kind: str, item: Any, _context: Any) -> str | Literal[False]:
    return _NAMES.get(id(item), False)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    render_item=_name,
)
context.run_migrations()
