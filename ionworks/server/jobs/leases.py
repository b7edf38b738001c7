"""Who owns which jobs: every server process holds a lock that dies with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout


class Owner:
    """A process as the owner of jobs, alive as long as it holds its lock file.

    The operating system frees the lock when the process ends, however it ends, so that nobody
    has to judge by a clock whether an owner still lives.

    Parameters
    ----------
    folder
        Folder of the lock files, shared by all processes that open the same store.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.id = uuid4().hex
        self._lock = _lock(self._path(self.id))
        self._lock.acquire(timeout=0)

    @contextmanager
    def inherit(self, owner_id: str) -> Iterator[bool]:
        """Hold the lock of another owner; yields False when that owner lives.

        While the lock is held nobody else inherits the same jobs.
        """
        lock = _lock(self._path(owner_id))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()
            self._path(owner_id).unlink(missing_ok=True)

    def release(self) -> None:
        """Give up ownership: whoever opens the folder may take the unfinished jobs."""
        self._lock.release()
        self._path(self.id).unlink(missing_ok=True)

    def _path(self, owner_id: str) -> Path:
        return self._folder / f"{owner_id}.lock"


def _lock(path: Path) -> FileLock:
    """Return a lock that any thread may release."""
    return FileLock(path, thread_local=False)
