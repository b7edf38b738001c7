"""Which process owns which jobs: each server process holds a lock that ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout


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
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        #: What the columns ``owner`` of the store hold.
        self.id = uuid4().hex
        self._lock = _lock(self._path(self.id))
        self._lock.acquire(timeout=0)

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
            lock.release()
            self._path(owner).unlink(missing_ok=True)

    def release(self) -> None:
        """End the lease: the next process that looks for unfinished jobs adopts these."""
        self._lock.release()
        self._path(self.id).unlink(missing_ok=True)

    def _path(self, owner: str) -> Path:
        return self._folder / f"{owner}.lock"


def _lock(path: Path) -> FileLock:
    """Return a lock that any thread may release."""
    return FileLock(path, thread_local=False)
