"""What is wrong with the folder, bucket or database of a store, in words for its users.

The codes of SQLite are described at https://www.sqlite.org/rescode.html.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

#: Seconds after which a client may try again, where a fault usually passes soon.
_SOON: Final = 2


@frozen
class Fault:
    """What keeps the store from reading or writing.

    Attributes
    ----------
    reason
        What is wrong, such as "the disk is full".
    remedy
        What to do about it.
    status
        Status code of the reply to a request that met the fault.
    error_code
        Constant for programs.
    retry_after
        Seconds after which a request may be repeated; None if somebody has to act first.
    """

    reason: str
    remedy: str
    status: int
    error_code: str = "STORE_UNAVAILABLE"
    retry_after: int | None = None

    @property
    def message(self) -> str:
        """The reason and the remedy as one sentence."""
        return f"{self.reason[0].upper()}{self.reason[1:]}: {self.remedy}."


FULL: Final = Fault(
    "the disk with the engine's folder is full",
    "free some space; nothing that was stored is lost",
    507,
    "INSUFFICIENT_STORAGE",
)
LOCKED: Final = Fault(
    "the engine's database is busy with other writes",
    "try again; if this goes on, send fewer requests at once, or look for another program that"
    " keeps ionworks.sqlite open",
    503,
    retry_after=_SOON,
)
BUSY: Final = Fault(
    "the engine answers as many requests as it can at once",
    "try again",
    503,
    retry_after=_SOON,
)
READ_ONLY: Final = Fault(
    "the engine's folder cannot be written",
    "give the engine's user the right to write to the folder and its files",
    503,
)
UNREACHABLE: Final = Fault(
    "the engine's database cannot be opened",
    "check that the folder exists and that the engine's user may read and write it",
    503,
)
UNREADABLE: Final = Fault(
    "the disk with the engine's folder does not work",
    "check the disk and whether it is mounted",
    503,
)
LOCKLESS: Final = Fault(
    "the file system of the engine's folder has no file locks",
    "use a folder on a local disk",
    503,
)
BUCKET_UNREACHABLE: Final = Fault(
    "the object store cannot be reached, or fails",
    "check that its server runs, and AWS_ENDPOINT_URL",
    503,
    retry_after=_SOON,
)
BUCKET_REFUSED: Final = Fault(
    "the object store refuses access",
    "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that this user may list, read, write"
    " and delete objects of the bucket",
    503,
)
NO_BUCKET: Final = Fault(
    "the object store does not have the bucket",
    "check its name, or make it",
    503,
)
CONTENDED: Final = Fault(
    "the engine's database is busy with other writes",
    "try again; if this goes on, send fewer requests at once",
    503,
    retry_after=_SOON,
)
DISCONNECTED: Final = Fault(
    "the database server does not answer",
    "check that PostgreSQL is running and that this machine can reach it",
    503,
    retry_after=_SOON,
)
CROWDED: Final = Fault(
    "the database server has as many connections as it can",
    "try again; if this goes on, raise max_connections of PostgreSQL",
    503,
    retry_after=_SOON,
)
OVERLOADED: Final = Fault(
    "the database server lacks memory or another resource",
    "try again; if this goes on, look into the log of PostgreSQL",
    503,
    retry_after=_SOON,
)
SERVER_FULL: Final = Fault(
    "the disk of the database server is full",
    "free some space there; nothing that was stored is lost",
    507,
    "INSUFFICIENT_STORAGE",
)
READ_ONLY_SERVER: Final = Fault(
    "the database server takes no changes",
    "connect the engine to the primary server, or end its read-only mode",
    503,
)
NO_ACCESS: Final = Fault(
    "the database server refuses the engine's user",
    "check the user and the password in the address of the database, and what the user may do",
    503,
)
NO_DATABASE: Final = Fault(
    "the database server has no such database",
    "make it with CREATE DATABASE, or correct the address",
    503,
)
SERVER_BROKEN: Final = Fault(
    "the database server failed",
    "look into the log of PostgreSQL",
    503,
)
DAMAGED: Final = Fault(
    "the engine's database is damaged, or not a database of ionworks",
    "restore ionworks.sqlite from a backup, or use another folder",
    500,
    "STORE_DAMAGED",
)

# The lower byte of an extended code is its primary code.
_PRIMARY: Final = 0xFF
_BY_CODE: Final[Mapping[int, Fault]] = {
    sqlite3.SQLITE_FULL: FULL,
    # SQLite could not enlarge the file that its processes share, usually for lack of space.
    sqlite3.SQLITE_IOERR_SHMSIZE: FULL,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: UNREACHABLE,
    sqlite3.SQLITE_IOERR: UNREADABLE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
# Numbers of errors of the object store, which have none themselves; neither files nor
# sockets fail with these.
BUCKET_FAILS: Final = errno.ENOLINK
BUCKET_DENIED: Final = errno.ENOMSG
BUCKET_MISSING: Final = errno.ENXIO
#: Codes of PostgreSQL, whole or their first two characters, see
#: https://www.postgresql.org/docs/current/errcodes-appendix.html.
_BY_STATE: Final[Mapping[str, Fault]] = {
    "08": DISCONNECTED,
    "57P": DISCONNECTED,  # the server stops, starts, or ended its processes after a crash
    "53100": SERVER_FULL,
    "53300": CROWDED,
    "53": OVERLOADED,
    "40": CONTENDED,
    "55P03": CONTENDED,
    "25006": READ_ONLY_SERVER,
    "28": NO_ACCESS,
    "42501": NO_ACCESS,
    "3D000": NO_DATABASE,
    "58": SERVER_BROKEN,
    "XX001": SERVER_BROKEN,
    "XX002": SERVER_BROKEN,
}
#: Codes for a value that is too large, a NUL character, and a text that an index cannot take.
_UNSTORABLE: Final = frozenset({"22003", "22021", "22P05", "54000"})
_BY_ERRNO: Final[Mapping[int, Fault]] = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
    errno.EIO: UNREADABLE,
    errno.ESTALE: UNREADABLE,
    errno.ENOLCK: LOCKLESS,
    errno.ENOSYS: LOCKLESS,
    errno.EOPNOTSUPP: LOCKLESS,
    BUCKET_FAILS: BUCKET_UNREACHABLE,
    BUCKET_DENIED: BUCKET_REFUSED,
    BUCKET_MISSING: NO_BUCKET,
}


@contextmanager
def explained(folder: Path | str) -> Iterator[None]:
    """Raise an error that names a folder or database and its fault instead of their own errors.

    Raises
    ------
    RuntimeError
        An error inside was caused by a fault that the message describes.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, OSError, NotImplementedError) as error:
        fault = fault_of(error)
        if fault is not None:
            raise RuntimeError(f"cannot open {folder}: {fault.reason}; {fault.remedy}") from error
        if isinstance(error, OSError) and error.errno is not None:
            reason = f"{os.strerror(error.errno)} ({error.filename})"
            raise RuntimeError(f"cannot open {folder}: {reason}; use another folder") from error
        raise


def fault_of(error: BaseException) -> Fault | None:
    """Return the fault of the store that caused an error, or None if something else did.

    Parameters
    ----------
    error
        Of SQLAlchemy, SQLite or the operating system, or an error that one of these caused.
    """
    # Here, because worker processes, which import this module, need no SQLAlchemy.
    from sqlalchemy.exc import TimeoutError as PoolTimeoutError

    for cause in _causes(error):
        if isinstance(cause, PoolTimeoutError):
            return BUSY
        fault = None
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorcode", None)  # missing in errors of the driver
            fault = None if code is None else _BY_CODE.get(code, _BY_CODE.get(code & _PRIMARY))
        elif type(cause).__module__.partition(".")[0] == "psycopg":
            fault = _of_server(cause)
        elif isinstance(cause, OSError):
            fault = _fault_of_polars(cause) if cause.errno is None else _BY_ERRNO.get(cause.errno)
        if fault is not None:
            return fault
    return None


def _fault_of_polars(error: OSError) -> Fault | None:
    """Return the fault of an object store that polars met, whose errors have no numbers."""
    if isinstance(error, FileNotFoundError) or "object-store error" not in str(error):
        return None
    return BUCKET_REFUSED if isinstance(error, PermissionError) else BUCKET_UNREACHABLE


def is_unstorable(error: BaseException) -> bool:
    """Return whether PostgreSQL cannot store a value, such as a text with a NUL character."""
    from sqlalchemy.exc import DBAPIError

    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    state = getattr(error.orig, "sqlstate", "")
    is_refused = state is None and type(error.orig).__name__ == "DataError"  # by the driver
    return is_refused or (state or "") in _UNSTORABLE


def _of_server(error: BaseException) -> Fault | None:
    """Return the fault that caused an error of psycopg, which is imported only where it is used."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        # Of libpq, which has no codes: it could not connect, or the connection broke.
        names = {each.__name__ for each in type(error).__mro__}
        refused = ("password authentication", "no password supplied", "no pg_hba.conf entry")
        if any(words in str(error) for words in refused):
            return NO_ACCESS
        if "does not exist" in str(error):
            return NO_DATABASE
        return DISCONNECTED if names & {"OperationalError", "InterfaceError"} else None
    codes = (state, state[:3], state[:2])
    return next((_BY_STATE[code] for code in codes if code in _BY_STATE), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and the errors that it was raised from, each once."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__
