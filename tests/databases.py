"""PostgreSQL databases for the engines of tests: one for each folder, if there is a server.

``make test-postgres`` starts one, and gives its address in a variable of the environment. Then
every `Store` of a folder that names no database has one there instead of an SQLite file.
"""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
import sqlalchemy as sa

from ionworks.server.store.database import Store
from tests.postgres import VARIABLE

# Read here, because the environment of tests has no variables of ours.
SERVER: Final = os.environ.get(VARIABLE)

#: For tests of the SQLite file itself.
needs_sqlite = pytest.mark.skipif(SERVER is not None, reason="about the SQLite file")

#: Fixtures that open an engine, and words without which a module of tests opens none itself.
_FIXTURES: Final = frozenset({"open_app", "shared_app", "local_client", "served_url"})
_WORDS: Final = re.compile(r"\b(Store|create_app|open_app|client_of)\b|\bopened(_\w+)?\(")
#: In modules with servers for themselves, whatever the variable says.
_OWN_SERVER: Final = "temporary_server"

#: Databases in use, by folder, and those whose tests have ended.
_used: dict[Path, _Database] = {}
_free: list[_Database] = []

#: To empty the tables of a database takes a tenth of the time of copying one.
_EMPTY: Final = b"""
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica; -- no foreign keys
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences
        WHERE last_value IS NOT NULL;
END $$
"""
_OTHERS: Final = b"""
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def url_of(name: str) -> str:
    """Return the address of a database on the server of the tests."""
    assert SERVER is not None
    return sa.make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def has_one_here(item: pytest.Item) -> bool:
    """Return whether a test may open a database on this server.

    The others, more than half, have passed in the run on SQLite, and would do the same here: they
    have a stub for a server, need no records, or start PostgreSQL themselves.
    """
    source = _source(item.path)
    if _OWN_SERVER in source:
        return False
    fixtures = getattr(item, "fixturenames", ())
    return not _FIXTURES.isdisjoint(fixtures) or _WORDS.search(source) is not None


@cache
def _source(module: Path) -> str:
    return module.read_text(encoding="utf-8")


def use_for_stores() -> None:
    """Give each store a database on the server."""
    Store.__init__ = _with_database(Store.__init__)  # type: ignore[method-assign]


def release_below(folder: Path) -> None:
    """Leave the databases of the folders below another one to other tests."""
    ended = [each for each in _used if each.is_relative_to(folder)]
    _free.extend(_used.pop(each) for each in ended)


class _Database:
    """A database with empty tables, and a connection to it."""

    def __init__(self) -> None:
        self.name = f"test_{os.getpid()}_{os.urandom(4).hex()}"
        # To make the tables takes longer than to copy them.
        _admin().execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{_template()}"'.encode())
        self._connection = _connection(url_of(self.name))

    def is_left(self) -> bool:
        """Return whether no engine is connected to it any more."""
        return self._connection.execute(_OTHERS).fetchone() == (0,)

    def empty(self) -> None:
        """Delete all rows, and number the next ones from 1."""
        self._connection.execute(_EMPTY)


def _with_database(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def init(store: Store, folder: Path, database: str | None = None, **options: Any) -> None:
        original(store, folder, database or _database_of(Path(folder).resolve()), **options)

    return init


def _database_of(folder: Path) -> str:
    if folder not in _used:
        # An engine that a test left open may still write.
        found = next(filter(_Database.is_left, _free), None)
        if found is None:
            found = _Database()
        else:
            _free.remove(found)
            found.empty()
        _used[folder] = found
    return url_of(_used[folder].name)


@cache
def _template() -> str:
    """Return the name of a database with empty tables."""
    name = f"template_{os.getpid()}"
    _admin().execute(f'CREATE DATABASE "{name}"'.encode())
    engine = sa.create_engine(sa.make_url(url_of(name)).set(drivername="postgresql+psycopg"))
    from ionworks.server.store import migrations

    with engine.begin() as connection:
        migrations.upgrade(connection)
    engine.dispose()
    return name


@cache
def _admin() -> psycopg.Connection[Any]:
    return _connection(SERVER or "")


def _connection(url: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(url, autocommit=True)
    atexit.register(connection.close)
    return connection
