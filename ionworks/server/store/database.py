"""The store: records in SQLite or PostgreSQL and a folder for results, shared by processes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import platformdirs
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateColumn

from ionworks.server.store import (
    access,
    forks,
    postgresql,
    scope,
    table_parts,
    tables,
    team_tables,  # noqa: F401 - adds its tables to the others
)
from ionworks.server.store.blobs import Blobs, FolderBlobs
from ionworks.server.store.private_files import make_file, make_folder
from ionworks.server.store.repetition import excludes_others

DATABASE = "ionworks.sqlite"
#: Seconds a writer waits for another one: less than the timeout of a client's request by default,
#: so that the client hears what is wrong.
BUSY_TIMEOUT = 5.0
_WRITER = {"ionworks_writer": True}
_POOL: dict[str, Any] = {"pool_size": 8, "max_overflow": 24}


def default_folder() -> Path:
    """Return the folder of records and results when none is given."""
    return platformdirs.user_data_path("ionworks")


def now() -> str:
    """Return the current time as the text of all time columns."""
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    """Return a moment as sortable ISO 8601 text in UTC; a moment without zone is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


class Store:
    """Records and results of one folder.

    Parameters
    ----------
    folder
        Made if missing, readable by its user only. Several processes may open the same folder.
    database
        Address of a PostgreSQL database, such as ``postgresql://user:password@host/name``; None
        for an SQLite file in the folder.
    blobs
        Where results and data are, if not in the folder, see `Blobs.at`.
    busy_timeout
        Seconds a writer waits for another one.

    Raises
    ------
    ValueError
        The database is not given as an address of PostgreSQL.
    NotADirectoryError
        There is a file of that name.
    ValueError
        ``blobs`` is not valid.
    RuntimeError
        The folder was written by another version of this package, in a layout this one cannot
        read; it holds results without their records; or this process was forked from one that had
        the folder open. Or the same is wrong with the database.
    """

    def __init__(
        self,
        folder: Path,
        database: str | None = None,
        *,
        blobs: str | None = None,
        busy_timeout: float = BUSY_TIMEOUT,
    ) -> None:
        url = None if database is None else postgresql.url_of(database)
        results = None if blobs is None else Blobs.at(blobs)
        #: Whether processes on several machines may share the records, and locks: by PostgreSQL.
        self.is_shared = url is not None
        try:
            make_folder(folder)
        except (FileExistsError, NotADirectoryError) as error:
            raise NotADirectoryError(
                f"{folder} is a file or inside a file: name a folder for the records"
            ) from error
        # Once: a relative path means another folder after the user's program changes its own, and
        # in worker processes.
        folder = folder.resolve()
        forks.refuse_inherited(folder)
        self.folder = folder
        self.blobs = results or FolderBlobs(folder / "blobs")
        for name in ("outcomes", "owners"):
            make_folder(folder / name)
        self.blobs.prepare()
        if url is None:
            self._engine = self._reader = _sqlite_engine(folder, busy_timeout)
            self._alone: Engine = self._engine.execution_options(**_WRITER)
            self._together: Engine = self._alone
        else:
            self._engine = postgresql.engine_of(url, busy_timeout=busy_timeout, **_JSON, **_POOL)
            self._reader = postgresql.reading(self._engine)
            self._alone = postgresql.writing(self._engine, alone=True)
            self._together = postgresql.writing(self._engine, alone=False)
        forks.remember(self)
        try:
            if url is None:
                self._lay_out()
            else:
                has_results = not self.blobs.is_empty()
                postgresql.lay_out(self._engine, url, has_results=has_results)
        except BaseException:
            self.close()
            raise
        # The same for the statements of a team's users, see `scope`.
        self._confined = {
            engine: scope.confined(engine) for engine in (self._reader, self._alone, self._together)
        }

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that sees one consistent state of the records.

        In a request of a team's user, these are the records of the user's projects.
        """
        with self._for_asking(self._reader).connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes; commits at the end.

        It reads what it would if no other writer worked at the same time. Where others do, in a
        `repeatable` function on PostgreSQL, it fails if that cannot be so, and is repeated.
        """
        engine = self._alone if excludes_others() else self._together
        with self._for_asking(engine).begin() as connection:
            yield connection

    def lock(self, name: str) -> postgresql.Lock:
        """Return a lock for the processes that share a database."""
        return postgresql.Lock(self._engine, name)

    def held(self, names: Collection[str]) -> set[str]:
        """Return which of these locks the processes hold that share a database."""
        if not self.is_shared:
            return set()
        with self.reading() as connection:
            held = postgresql.held_keys(connection)
        return {name for name in names if postgresql.key_of(name) in held}

    def _for_asking(self, engine: Engine) -> Engine:
        return engine if access.current() is None else self._confined[engine]

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        forks.forget(self)

    @property
    def _without_records(self) -> str:
        """What is wrong when there are results, and no database that knows of them."""
        if isinstance(self.blobs, FolderBlobs):
            place, other = str(self.folder), "another folder"
        else:
            place, other = self.blobs.address, "a prefix that no other database uses"
        return (
            f"{place} holds results, but its {DATABASE} is new or empty: restore {DATABASE} from a "
            f"backup, or use {other}"
        )

    def _lay_out(self) -> None:
        """Bring the tables of an SQLite file to this layout; refuse a later layout."""
        with self.reading() as connection:
            version = _version(connection)
        if version == tables.VERSION:
            return
        # Loaded only here: it concerns folders of earlier layouts, and needs this module.
        from ionworks.server.store import conversion

        with conversion.unchecked(self._alone) as connection:
            version = _version(connection)
            if version > tables.VERSION:
                raise RuntimeError(
                    f"{self.folder} holds records in layout {version}, this version of ionworks "
                    f"reads layout {tables.VERSION}: upgrade ionworks or use another folder"
                )
            if version == 0 and inspect(connection).get_table_names():
                raise RuntimeError(
                    f"{self.folder / DATABASE} belongs to another program: use another folder"
                )
            # Opening removes results without records: all of them, if the database were missing.
            if version == 0 and not self.blobs.is_empty():
                raise RuntimeError(self._without_records)
            if 0 < version < tables.VERSION:
                conversion.refuse_if_open(self.folder)
            is_earlier = 0 < version < conversion.FIRST
            if is_earlier:
                conversion.set_aside(connection)
            table_parts.metadata.create_all(connection)
            _add_columns(connection)
            if is_earlier:
                conversion.convert(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {tables.VERSION}")


def _sqlite_engine(folder: Path, busy_timeout: float) -> Engine:
    """Return an engine with connections to the file of a folder, which is made if missing."""
    # SQLite gives the mode of this file to those beside it.
    make_file(folder / DATABASE)
    engine = create_engine(
        # As a URL in text, a folder called eng%206 or a?b would be another one.
        URL.create("sqlite", database=str(folder / DATABASE)),
        connect_args={"timeout": busy_timeout, "check_same_thread": False},
        **_JSON,
        **_POOL,
    )
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _version(connection: Connection) -> int:
    """Return the layout of a file; 0 for a new file."""
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _add_columns(connection: Connection) -> None:
    """Add missing columns to tables of an older layout; their rows stay."""
    present = inspect(connection)
    for table in table_parts.metadata.sorted_tables:
        names = {column["name"] for column in present.get_columns(table.name)}
        for column in table.columns:
            if column.name not in names:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                references = "".join(
                    f" REFERENCES {key.column.table.name} ({key.column.name})"
                    + (f" ON DELETE {key.ondelete}" if key.ondelete else "")
                    for key in column.foreign_keys
                )
                connection.exec_driver_sql(
                    f"ALTER TABLE {table.name} ADD COLUMN {definition}{references}"
                )
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _to_json(value: Any) -> str:
    """Return a JSON text; NaN and infinity become null."""
    return orjson.dumps(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": orjson.loads}


def _prepare_connection(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Set up a new SQLite connection."""
    # `_begin` begins transactions: the driver would do so late, and never with IMMEDIATE.
    connection.isolation_level = None
    # SQLite's own lower() knows ASCII only.
    connection.create_function("ionworks_lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for setting in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _lower(text: Any) -> Any:
    """Return a text in lower case, and any other value unchanged."""
    return text.lower() if isinstance(text, str) else text


def _begin(connection: Connection) -> None:
    """Begin a transaction, taking the write lock at once when there will be writes.

    A transaction that reads first and writes later fails at once when another process wrote in
    between: its snapshot is out of date, and the busy timeout does not help.
    """
    writer = connection.get_execution_options().get("ionworks_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")
