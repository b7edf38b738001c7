"""What a forked child process must not do with the stores of its parent.

A child gets the memory of its parent without its threads, so nothing would answer a request
there. It also gets the parent's SQLite connections and their state, but not their locks. So the
child must neither use nor close them, nor open the same file again, see section 2.6 of
https://www.sqlite.org/howtocorrupt.html.
"""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_REMEDY = (
    "make the engine and its clients in the process that uses them, after the fork, or start "
    "processes with multiprocessing.get_context('spawn')"
)


class _Store(Protocol):
    folder: Path


_open: weakref.WeakSet[_Store] = weakref.WeakSet()
#: Folders that were open in the parent when this process was forked.
_inherited: set[Path] = set()


class ForkedError(RuntimeError):
    """The engine belongs to the process that this one was forked from."""


def after_fork_in_child(call: Callable[[], None]) -> None:
    """Call a function in each forked child process, before anything else runs there."""
    if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
        os.register_at_fork(after_in_child=call)


def remember(store: _Store) -> None:
    """Protect an open store from the children of this process."""
    _open.add(store)


def forget(store: _Store) -> None:
    """Let children of this process open the folder, whose connections are closed."""
    _open.discard(store)


def refuse_inherited(folder: Path) -> None:
    """Raise a ForkedError for a folder that was open when this process was forked."""
    if folder in _inherited:
        raise ForkedError(
            f"{folder} was open in process {os.getppid()} when this process was forked from it, "
            f"so this process cannot open it: {_REMEDY}"
        )


def refuse_in_child(folder: Path, process: int) -> None:
    """Raise a ForkedError if an engine was made in another process than this one."""
    if os.getpid() != process:
        raise ForkedError(
            f"the engine of {folder} was opened in process {process}, and this process was "
            f"forked from it later: {_REMEDY}"
        )


def _leave_to_parent() -> None:
    for store in list(_open):
        _inherited.add(store.folder)
        # One reference too many: when this process ends, Python would close the connections.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(store))
    _open.clear()


after_fork_in_child(_leave_to_parent)
