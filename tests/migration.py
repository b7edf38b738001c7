"""Drafts of migrations: ``python -m tests.migration "what changes"``.

It needs PostgreSQL, see `tests.postgres`. With ``first`` it writes the tables of the first release
again, as long as there is no release.
"""

import re
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from ionworks.server.store import migrations, tables, team_tables  # noqa: F401 - adds its tables
from tests.postgres import temporary_server

_VERSIONS = Path(migrations.__file__).parent / "versions"
_LOWER = """\
-- PostgreSQL's lower() knows ASCII letters only in the collation of the columns.
CREATE FUNCTION ionworks_lower(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower($1 COLLATE "und-x-icu") COLLATE "C" $$;
"""


def first() -> str:
    """Return the statements that make all tables in an empty database."""
    dialect = postgresql.dialect()
    statements = []
    for table in tables.metadata.sorted_tables:
        elements = [CreateTable(table), *map(CreateIndex, sorted(table.indexes, key=_name))]
        statements += [str(each.compile(dialect=dialect)).strip() for each in elements]
    written = _LOWER + "".join(f"\n{each.expandtabs(4)};\n" for each in statements)
    return re.sub(r" +$", "", written, flags=re.MULTILINE)


def draft(url: str, message: str) -> None:
    """Write the draft of a migration to the tables of the code."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        migrations.upgrade(connection)
        number = len(list(_VERSIONS.glob("layout_*.py"))) + 1
        made = command.revision(
            migrations.config(connection), message, autogenerate=True, rev_id=f"{number:04}"
        )
        Path(made.path).rename(_VERSIONS / f"layout_{number:04}.py")
    engine.dispose()


def _name(index: sa.Index) -> str:
    return str(index.name)


if __name__ == "__main__":
    if sys.argv[1:] == ["first"]:
        (_VERSIONS / "layout_0001.sql").write_text(first(), encoding="utf-8")
    else:
        with temporary_server() as server:
            draft(server.url(), " ".join(sys.argv[1:]))
