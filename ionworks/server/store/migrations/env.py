"""Runs migrations; Alembic executes this file."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from ionworks.server.store import (
    table_parts,
    tables,  # noqa: F401 - defines what the metadata has
    team_tables,  # noqa: F401 - defines what the metadata has
)

#: How a draft of a migration writes the two types that SQLite has under other names.
_NAMES = {id(table_parts.Text): "TEXT", id(table_parts.Integer): "INTEGER"}


def _name(_kind: str, item: Any, _context: Any) -> str | Literal[False]:
    return _NAMES.get(id(item), False)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=table_parts.metadata,
    render_item=_name,
)
context.run_migrations()
