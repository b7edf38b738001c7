"""Records in PostgreSQL: the address of the database, connections, transactions, migrations.

Writers work at the same time, in transactions that are serializable: one of them fails if together
they had a result that they could not have had one after the other. What failed so is repeated, see
`repetition`. A writer that cannot be repeated, or failed several times, excludes all others while
it works, as every writer does in SQLite.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
from contextlib import suppress
from typing import Any, Final

import sqlalchemy as sa

from ionworks.server.store.dialects import POSTGRESQL

#: The newest of the `migrations`.
REVISION: Final = "0002"
#: Seconds until a connection attempt fails.
_CONNECT_TIMEOUT: Final = 5
#: Key of the lock that a process holds while it makes or changes the tables.
_LAYING_OUT: Final = 0x696F6E776F726B73
#: All writers lock this table, which exists in every database of the engine and has one row.
_GATE: Final = "alembic_version"
_TOGETHER: Final = f"LOCK TABLE {_GATE} IN ROW SHARE MODE"
_ALONE: Final = f"LOCK TABLE {_GATE} IN EXCLUSIVE MODE"
_HELD: Final = sa.text(
    "SELECT classid::bigint, objid::bigint FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_OPTION: Final = "ionworks_gate"
#: A server notices within half a minute that the machine of a client is gone, and frees its locks.
_KEEPALIVES: Final = {
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
}
_EXAMPLE: Final = "postgresql://user:password@host/name or postgresql:///name?host=/socket/folder"


def url_of(database: str) -> sa.URL:
    """Return the address of a database as SQLAlchemy takes it.

    Raises
    ------
    ValueError
        It is not the address of a PostgreSQL database. The message does not repeat the address,
        which may have a password.
    """
    try:
        url = sa.make_url(database)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ValueError(f"the database is not given as a URL: write {_EXAMPLE}") from error
    if url.drivername not in (POSTGRESQL, f"{POSTGRESQL}+psycopg", "postgres"):
        raise ValueError(
            f"unknown kind of database {url.drivername!r}: write {_EXAMPLE}, or give no database "
            "for an SQLite file in the folder"
        )
    if not url.database:
        raise ValueError(f"the URL of the database lacks the name of the database: {_EXAMPLE}")
    return url.set(drivername=f"{POSTGRESQL}+psycopg")


def shown(database: str | sa.URL) -> str:
    """Return the address of a database without its password."""
    url = url_of(database) if isinstance(database, str) else database
    return url.set(drivername=POSTGRESQL).render_as_string(hide_password=True)


def refuse_without_password(database: str) -> None:
    """Refuse the address of a database on another machine that is used without a password.

    Raises
    ------
    ValueError
        There is neither a password nor a file with one or with a certificate, in the address or
        in PGPASSWORD, PGPASSFILE, PGSSLCERT.
    """
    url = url_of(database)
    has_secret = url.password or {"password", "passfile", "sslcert"} & url.query.keys()
    hosts = [host for host in _hosts(url) if not _is_here(host)]
    names = ("PGPASSWORD", "PGPASSFILE", "PGSSLCERT")
    if hosts and not has_secret and not any(map(os.environ.get, names)):
        raise ValueError(
            f"the database on {', '.join(hosts)} has no password: anybody on the network could read"
            " and change it; write postgresql://user:password@host/name, or set PGPASSFILE"
        )


def engine_of(url: sa.URL, *, busy_timeout: float, **options: Any) -> sa.Engine:
    """Return an engine with connections to a database.

    Parameters
    ----------
    url
        Made by `url_of`.
    busy_timeout
        Seconds that a statement waits for a lock.
    **options
        Further options of the engine.

    Raises
    ------
    RuntimeError
        The packages for PostgreSQL are not installed.
    """
    # PostgreSQL takes 0 for no limit.
    settings = {"lock_timeout": max(1, int(busy_timeout * 1000)), **_KEEPALIVES}
    try:
        engine = sa.create_engine(
            url,
            connect_args={
                "connect_timeout": _CONNECT_TIMEOUT,
                "application_name": "ionworks",
                "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            },
            # A connection of before a restart of the server is replaced, not a failed request.
            pool_pre_ping=True,
            **options,
        )
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "a PostgreSQL database needs further packages: "
            "python -m pip install 'ionworks-api[local,postgres]'"
        ) from error
    sa.event.listen(engine, "begin", _begin)
    return engine


def reading(engine: sa.Engine) -> sa.Engine:
    """Return the engine for transactions that see one consistent state of the records."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def writing(engine: sa.Engine, *, alone: bool) -> sa.Engine:
    """Return the engine for transactions that write, with others or excluding all others."""
    gate = _ALONE if alone else _TOGETHER
    return engine.execution_options(isolation_level="SERIALIZABLE", **{_OPTION: gate})


class Lock:
    """A lock that a process holds, at most one at a time, until it ends or releases it.

    The server frees it when it notices that the process is gone: at once, or half a minute later
    if its machine is gone.

    Parameters
    ----------
    engine
        The database whose processes exclude each other.
    name
        What is locked.
    """

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._key = key_of(name)
        self._connection: sa.Connection | None = None

    def acquire(self) -> bool:
        """Take the lock unless another process holds it; returns whether this one does."""
        if self._is_held():
            return True
        # Outside of the pool: the lock belongs to the connection.
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.detach()
            if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(self._key))):
                self._connection = connection
                return True
        except BaseException:
            connection.close()
            raise
        connection.close()
        return False

    def release(self) -> None:
        """Free the lock, if this process holds it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(sa.exc.DBAPIError):  # then the server has freed it
            # Closing it would free it too, but some time after this process goes on.
            connection.execute(sa.select(sa.func.pg_advisory_unlock(self._key)))
        connection.close()

    def _is_held(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(sa.select(1))
        except sa.exc.DBAPIError:  # the server restarted
            self._connection.close()
            self._connection = None
        return self._connection is not None


def held_keys(connection: sa.Connection) -> set[int]:
    """Return the keys of all locks that processes hold."""
    return {(high << 32 | low) - (high >> 31 << 64) for high, low in connection.execute(_HELD)}


def key_of(name: str) -> int:
    """Return the number by which PostgreSQL knows a lock."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def lay_out(engine: sa.Engine, url: sa.URL, *, has_results: bool) -> None:
    """Bring the tables of a database to the layout of this version.

    Parameters
    ----------
    engine, url
        The database.
    has_results
        Whether the engine has results, which an empty database does not know.

    Raises
    ------
    RuntimeError
        The database belongs to another program or to a later version of this one, or is empty
        although there are results.
    """
    with engine.connect() as connection:
        if sa.inspect(connection).has_table(_GATE) and _revision(connection) == REVISION:
            return
    # Loaded only here: Alembic is needed once for each version of this package.
    from ionworks.server.store import migrations

    with engine.begin() as connection:
        # Several processes may open a new database at once: they wait as long as it takes.
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LAYING_OUT)))
        names = sa.inspect(connection).get_table_names()
        if _GATE not in names:
            if names:
                raise RuntimeError(
                    f"{shown(url)} belongs to another program: it has tables ({names[0]}) that "
                    "ionworks did not make; use another database"
                )
            # Opening removes results without records: all of them, if these were missing.
            if has_results:
                raise RuntimeError(
                    f"there are results, but {shown(url)} is empty: restore it from a backup, or "
                    "use another folder"
                )
            encoding = connection.scalar(sa.text("SHOW server_encoding"))
            if encoding != "UTF8":
                raise RuntimeError(
                    f"{shown(url)} has the encoding {encoding}: make it with ENCODING 'UTF8'"
                )
        elif not migrations.is_known(_revision(connection)):
            raise RuntimeError(
                f"{shown(url)} was changed by a later version of ionworks: upgrade this one, or "
                "use another database"
            )
        migrations.upgrade(connection)


def _revision(connection: sa.Connection) -> str:
    """Return the migration that was applied last."""
    column: sa.ColumnClause[str] = sa.column("version_num", sa.Text)
    return str(connection.execute(sa.select(column).select_from(sa.table(_GATE))).scalar_one())


def _begin(connection: sa.Connection) -> None:
    gate = connection.get_execution_options().get(_OPTION)
    if gate is not None:
        # As the first statement: what a transaction sees is fixed by the first one that reads,
        # and LOCK TABLE does not read. An advisory lock is taken by a statement that does.
        connection.exec_driver_sql(gate)


def _hosts(url: sa.URL) -> list[str]:
    """Return the machines or socket folders of an address; it may have several."""
    given = url.query.get("host", ())
    listed = [given] if isinstance(given, str) else list(given)
    return [url.host or "", *(host for each in listed for host in each.split(","))]


def _is_here(host: str) -> bool:
    """Return whether a database is on this machine: at a Unix socket or a loopback address."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
