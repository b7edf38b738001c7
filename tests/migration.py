"""Drafts of migrations: ``python -m tests.migration "what changes"``; it needs PostgreSQL.

The draft brings the tables that the present migrations make to those of the code. Read it before it
is committed: what is done with the records, nobody can derive. The newest one is `REVISION` in
`ionworks.server.store.postgresql`.
"""

import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import Script

from ionworks.server.store import migrations, team_tables  # noqa: F401 - adds its tables
from ionworks.server.store.postgresql import url_of
from tests.postgres import temporary_server

_VERSIONS = Path(migrations.__file__).parent / "versions"


def draft(database: str, message: str) -> Path:
    """Write the draft of a migration, and return its file."""
    name = f"{len(list(_VERSIONS.glob('layout_*.py'))) + 1:04}"
    engine = sa.create_engine(url_of(database))
    with engine.begin() as connection:
        migrations.upgrade(connection)
    with engine.begin() as connection:
        config = migrations.config(connection)
        made = command.revision(config, message, autogenerate=True, rev_id=name)
    engine.dispose()
    assert isinstance(made, Script)
    return Path(made.path).rename(_VERSIONS / f"layout_{name}.py")


if __name__ == "__main__":
    with temporary_server() as server:
        sys.stdout.write(f"{draft(server.url(), ' '.join(sys.argv[1:]))}\n")
