"""Which process owns which jobs: each server process holds a lock that ends with it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from ionworks.server.store.database import Store
from ionworks.server.store.postgresql import Lock
from ionworks.server.store.private_files import FILE_MODE

log = logging.getLogger(__name__)

#: Longest time another process may hold a new lock while it looks whether its owner lives [s].
_INSPECTION = 10.0


class Lease:
    """A process's claim to the jobs and uploads it owns, valid as long as it holds a lock file.

    The operating system frees the lock when the process ends, however it ends, so no process
    has to judge by a clock whether another still lives.

    Parameters
    ----------
    folder
        Folder of the lock files, shared by all processes that open the same store.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: What the columns ``owner`` of the store hold.
        self.id = uuid4().hex
        self._lock = _lock(self._path(self.id))
        self._lock.acquire(timeout=_INSPECTION)

    def others(self) -> set[str]:
        """Return the owners of all lock files, except this one."""
        return {path.stem for path in self._folder.glob("*.lock")} - {self.id}

    @contextmanager
    def inherit(self, owner: str) -> Iterator[bool]:
        """Hold the lock of another owner; yields False when its process lives.

        While this process holds it, no third process adopts the same jobs.
        """
        lock = _lock(self._path(owner))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            self._end(lock)

    def renew(self) -> bool:
        """Return True: the operating system keeps the locks."""
        return True

    def release(self) -> None:
        """End the lease: the next process that looks for unfinished jobs adopts these."""
        self._end(self._lock)

    def _end(self, lock: FileLock) -> None:
        """Remove a lock that is held.

        The file goes first: a process that opened it before sees, once it gets the lock, that the
        file is gone, and makes another. Windows does not remove open files.
        """
        path = Path(lock.lock_file)
        if os.name != "nt":
            path.unlink(missing_ok=True)
        lock.release()
        if os.name == "nt":
            with suppress(PermissionError):  # another process looks whether its owner lives
                path.unlink(missing_ok=True)

    def _path(self, owner: str) -> Path:
        return self._folder / f"{owner}.lock"


class SharedLease:
    """A lease in a PostgreSQL database, for processes on several machines.

    Locks are lost when the server restarts. Until `renew` takes them again, another process may
    adopt the same jobs: they start again, and the results of only one process are recorded.

    Parameters
    ----------
    store
        The records.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.id = uuid4().hex
        self._held: dict[str, Lock] = {}
        self._take(self.id)

    def others(self) -> set[str]:
        """Return no owners: those that died are named by what they left."""
        return set()

    @contextmanager
    def inherit(self, owner: str) -> Iterator[bool]:
        """Hold the lock of another owner; yields False when its process lives."""
        if not self._take(owner):
            yield False
            return
        try:
            yield True
        finally:
            self._held.pop(owner).release()

    def renew(self) -> bool:
        """Take the locks again that were lost when the server restarted.

        Returns
        -------
        bool
            Whether no other process took one of them meanwhile.
        """
        lost = [owner for owner in list(self._held) if not self._take(owner)]
        for owner in lost:
            log.warning("another process took over the jobs of %s meanwhile", owner)
        return not lost

    def release(self) -> None:
        """End the lease: the next process that looks for unfinished jobs adopts these."""
        self._held.pop(self.id).release()

    def _take(self, owner: str) -> bool:
        lock = self._held.get(owner) or self._store.lock(owner)
        if not lock.acquire():
            return False
        self._held[owner] = lock
        return True


def lease_of(store: Store) -> Lease | SharedLease:
    """Return a new lease for a process that runs jobs of a store, or owns uploads."""
    return SharedLease(store) if store.is_shared else Lease(store.folder / "owners")


def _lock(path: Path) -> FileLock:
    """Return a lock that any thread may release."""
    return FileLock(path, mode=FILE_MODE, thread_local=False, fallback_to_soft=False)
