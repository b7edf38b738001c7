"""The file of the history: one row for each submission, never a credential.

It has a limited size: the oldest submissions give way to new ones.

Several programs write to it at the same time. A row is written after the service has answered, so
what can go wrong here must not look like a failed submission: everything is an `OSError`.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from ionworks.records.history import HistoryEntry

__all__ = ["FILE_NAME", "Journal"]

FILE_NAME: Final = "history.db"
_APPLICATION: Final = "ionworks"
_VERSION: Final = 1
LARGEST_FILE: Final = 1 << 25
"""Bytes from which on the oldest submissions are removed: about 100,000 of them."""
_SHARE_REMOVED: Final = 8
"""What part of the submissions is removed at once, so that it is not done for each new one."""
_BUSY_TIMEOUT: Final = 2.0
"""Seconds for which another program may lock the file."""
_COLUMNS: Final = (
    "submitted_at", "address", "project_id", "kind", "name", "model", "count", "submission_id",
    "protocol_id", "seed", "stored_ids",
)  # fmt: skip
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS submissions (
    number INTEGER PRIMARY KEY,
    submitted_at TEXT NOT NULL,
    address TEXT NOT NULL,
    project_id TEXT,
    kind TEXT NOT NULL,
    name TEXT,
    model TEXT,
    count INTEGER NOT NULL,
    submission_id TEXT,
    protocol_id TEXT,
    seed INTEGER,
    stored_ids TEXT
)
"""


class Journal:
    """The history in a file, which is made when the first submission is written.

    Parameters
    ----------
    path : Path, optional
        The file; by default in the folder of the user for the state of programs.

    Attributes
    ----------
    has_failed : bool
        Whether a submission could not be written, so that no other one is tried.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.has_failed = False
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._process = os.getpid()
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """The file."""
        if self._path is None:
            import platformdirs

            self._path = platformdirs.user_state_path(_APPLICATION) / FILE_NAME
        return self._path

    def add(self, entry: HistoryEntry[Any]) -> None:
        """Write a submission, and remove the oldest ones if the file becomes too large.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        values = entry.to_dict()
        ids = values["stored_ids"]
        values["stored_ids"] = None if ids is None else json.dumps(ids)
        marks = ", ".join("?" * len(_COLUMNS))
        with self._opened() as connection, connection:
            connection.execute(
                f"INSERT INTO submissions ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608 - names of ours
                [values[name] for name in _COLUMNS],
            )
            while _size(connection) > LARGEST_FILE and _remove_oldest(connection):
                pass

    def entries(
        self,
        limit: int,
        *,
        address: str | None = None,
        name: str | None = None,
        since: str | None = None,
    ) -> list[HistoryEntry[Any]]:
        """Read submissions, the newest first.

        Parameters
        ----------
        limit : int
            Most entries.
        address : str, optional
            Only submissions to this service or engine.
        name : str, optional
            Part of the name, ignoring case.
        since : str, optional
            Only submissions at or after this time, in the form of `HistoryEntry.submitted_at`.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        if not self.path.exists():
            return []
        wanted = [
            ("address = ?", address),
            ("instr(casefold(name), ?) > 0", None if name is None else name.casefold()),
            ("submitted_at >= ?", since),
        ]
        given = [(condition, value) for condition, value in wanted if value is not None]
        where = " AND ".join(condition for condition, _ in given) or "TRUE"
        with self._opened() as connection:
            rows = connection.execute(
                f"SELECT {', '.join(_COLUMNS)} FROM submissions WHERE {where}"  # noqa: S608 - as above
                " ORDER BY number DESC LIMIT ?",
                [*(value for _, value in given), limit],
            ).fetchall()
        return [_entry(dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
                self._connection = None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        with self._lock:
            try:
                if self._process != os.getpid():
                    # SQLite must not use, nor close, a file that the parent process has open.
                    _of_parents.append(self._connection)
                    self._connection, self._process = None, os.getpid()
                if self._connection is None:
                    self._connection = _open(self.path)
                yield self._connection
            except sqlite3.Error as error:
                raise OSError(f"the history {self.path} cannot be used: {error}") from error


_of_parents: list[Any] = []


def _size(connection: sqlite3.Connection) -> int:
    """Return the bytes of the file that are in use; SQLite uses the others again."""
    names = ("page_count", "freelist_count", "page_size")
    pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    return int((pages - free) * size)


def _remove_oldest(connection: sqlite3.Connection) -> bool:
    """Remove a part of the submissions, never the last one; return whether there were any."""
    [count] = connection.execute("SELECT count(*) FROM submissions").fetchone()
    some = min(count // _SHARE_REMOVED + 1, count - 1)
    oldest = "SELECT number FROM submissions ORDER BY number LIMIT ?"
    connection.execute(f"DELETE FROM submissions WHERE number IN ({oldest})", [some])  # noqa: S608 - a constant
    return bool(some > 0)


def _open(path: Path) -> sqlite3.Connection:
    import sqlite3

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Names of protocols can be confidential.
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT, check_same_thread=False)
    try:
        connection.create_function("casefold", 1, _casefold, deterministic=True)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise sqlite3.DatabaseError(  # noqa: TRY301 - closed below
                f"it has version {version} of its layout, and this version of the package knows"
                f" {_VERSION}: update the package, or turn the history off"
            )
        if version == 0:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            # It fails if another program opens the file at this moment, which then does the same.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
        # With a write-ahead log, a submission need not wait for the disk.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _casefold(text: Any) -> Any:
    """Return a text without its case; SQLite's own function ``lower`` knows ASCII only."""
    return text.casefold() if isinstance(text, str) else text


def _entry(values: dict[str, Any]) -> HistoryEntry[Any]:
    # Not needed where submissions are only written.
    from ionworks.records.history import HistoryEntry

    ids = values["stored_ids"]
    return HistoryEntry.from_dict(
        {**values, "stored_ids": None if ids is None else json.loads(ids)}
    )
