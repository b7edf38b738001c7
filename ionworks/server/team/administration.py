"""What an administrator does with a database directly: `ionworks admin`.

There is no HTTP request for it: who may make users owns the machine or the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ionworks.server.store import seeds
from ionworks.server.store.access import Role, Scope
from ionworks.server.store.database import Store, default_folder
from ionworks.server.store.faults import explained
from ionworks.server.team import audit, directory, keys

__all__ = ["Role", "Scope", "audit", "directory", "keys", "opened"]


@contextmanager
def opened(path: Path | None, database: str | None) -> Iterator[Store]:
    """Open the records of an engine, whether it is being served or not.

    Parameters
    ----------
    path
        Folder of the engine; None for the user's data folder.
    database
        PostgreSQL database of the records; None for the file in the folder.

    Raises
    ------
    ValueError, RuntimeError
        The folder or the database cannot be used.
    """
    folder = default_folder() if path is None else path
    with explained(folder):
        store = Store(folder, database)
    try:
        # An organization takes over what is stored, so the ready-made records come first.
        seeds.plant(store)
        yield store
    finally:
        store.close()
