"""PostgreSQL databases for the engines of tests: one for each folder, if there is a server.

``make test-postgres`` starts one, and gives its address in a variable of the environment. Then
every `Store` of a folder that names no database has one there instead of an SQLite file.
"""

from __future__ import annotations

import atexit
import os
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

_databases: dict[Path, str] = {}


def url_of(name: str) -> str:
    """Return the address of a database on the server of the tests."""
    assert SERVER is not None
    return sa.make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def use_for_stores() -> None:
    """Give each store a database on the server."""
    Store.__init__ = _with_database(Store.__init__)  # type: ignore[method-assign]


def drop_below(folder: Path) -> None:
    """Drop the databases of the folders below another one, when a test has ended."""
    for each in [each for each in _databases if each.is_relative_to(folder)]:
        _admin().execute(f'DROP DATABASE "{_databases.pop(each)}" WITH (FORCE)'.encode())


def _with_database(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def init(store: Store, folder: Path, database: str | None = None, **options: Any) -> None:
        original(store, folder, database or _database_of(Path(folder).resolve()), **options)

    return init


def _database_of(folder: Path) -> str:
    if folder not in _databases:
        name = f"test_{os.getpid()}_{len(_databases)}_{os.urandom(4).hex()}"
        _admin().execute(f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"'.encode())
        _databases[folder] = name
    return url_of(_databases[folder])


@cache
def _template() -> str:
    """Return the name of a database with empty tables: to make them takes longer than to copy."""
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
    connection = psycopg.connect(SERVER or "", autocommit=True)
    atexit.register(connection.close)
    return connection
