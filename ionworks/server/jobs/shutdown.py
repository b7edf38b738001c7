"""Closing engines when the interpreter ends, so that no script waits for its unfinished jobs."""

from __future__ import annotations

import multiprocessing.process
import threading
import weakref
from collections.abc import Callable
from typing import Protocol

from loky import process_executor
from loky.backend.process import LokyProcess

from ionworks.server.store.forks import after_fork_in_child


class _Closable(Protocol):
    def close(self) -> None:
        """Stop all work."""


_open: weakref.WeakSet[_Closable] = weakref.WeakSet()
_hooked: set[object] = set()
_lock = threading.Lock()


def remember(engine: _Closable) -> None:
    """Close an engine when the interpreter ends, unless it is forgotten before."""
    _open.add(engine)


def forget(engine: _Closable) -> None:
    """Do not close this engine when the interpreter ends."""
    _open.discard(engine)


def close_all_at_exit(kind: object) -> None:
    """Make sure engines close before the interpreter waits for a kind of workers.

    Call this after a worker of that kind was started: at exit, the library behind it waits for
    running calls, which may take an hour, in a hook that runs before those of `atexit`. Hooks of
    the same sort run in reverse order. loky registers its hook with its first process, so ours
    is registered again after the first worker of each kind, and runs first.
    """
    with _lock:
        if kind not in _hooked:
            register: Callable[[Callable[[], None]], None] = vars(threading)["_register_atexit"]
            register(_close_all)
            _hooked.add(kind)


def _close_all() -> None:
    for engine in list(_open):
        engine.close()


def _leave_to_parent() -> None:
    """Forget the engines and worker processes of the parent in a forked child process.

    Otherwise loky's hook would wait for locks of threads that the child does not have, and
    multiprocessing's for processes that are not its children.
    """
    _open.clear()
    vars(process_executor)["_threads_wakeups"].clear()
    children: set[object] = vars(multiprocessing.process)["_children"]
    children -= {child for child in children if isinstance(child, LokyProcess)}


after_fork_in_child(_leave_to_parent)
