"""Migrations of PostgreSQL databases: each brings the tables of one layout to the next.

The first one makes the tables of an empty database. A change of `ionworks.server.store.tables` adds
one, whose draft ``make migration CHANGE="..."`` writes; a released one is never changed.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Apply what a database lacks, in the transaction of the connection.

    Parameters
    ----------
    connection
        Of a transaction that writes.
    revision
        The last one to apply.
    """
    command.upgrade(config(connection), revision)


def is_known(revision: str) -> bool:
    """Return whether a database with this last migration can be brought to the newest layout."""
    try:
        return ScriptDirectory.from_config(config()).get_revision(revision) is not None
    except CommandError:
        return False


def config(connection: sa.Connection | None = None) -> Config:
    """Return the configuration of Alembic."""
    found = Config(attributes={"connection": connection})
    # A % begins a reference to another option.
    folder = str(Path(__file__).parent).replace("%", "%%")
    found.set_main_option("script_location", folder)
    found.set_main_option("path_separator", "os")
    return found
