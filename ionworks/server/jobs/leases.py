"""Which process owns which jobs: each server process holds a lock that ends with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from ionworks.server.store.private_files import FILE_MODE

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


def _lock(path: Path) -> FileLock:
    """Return a lock that any thread may release."""
    return FileLock(path, mode=FILE_MODE, thread_local=False, fallback_to_soft=False)
