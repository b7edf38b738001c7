"""Closing engines when the interpreter ends, so that no script waits for its unfinished jobs."""

from __future__ import annotations

import importlib
import multiprocessing.process
import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from loky import process_executor
from loky.backend.process import LokyProcess

from ionworks.server.store.forks import after_fork_in_child


class _Closable(Protocol):
    def close(self) -> None:
        """Stop all work."""


_open: weakref.WeakSet[_Closable] = weakref.WeakSet()


def remember(engine: _Closable) -> None:
    """Close an engine when the interpreter ends, unless it is forgotten before."""
    _open.add(engine)


def forget(engine: _Closable) -> None:
    """Do not close this engine when the interpreter ends."""
    _open.discard(engine)


def _close_all() -> None:
    for engine in list(_open):
        engine.close()


def _close_before_workers() -> None:
    """Make sure engines close before the interpreter waits for their workers.

    At exit, the libraries behind processes and threads wait for running calls, which may take an
    hour, in hooks that run before those of `atexit`. Hooks of this sort run in reverse order.
    That of threads is registered by the import of their module. loky registers its hook again
    with every executor, because it keeps what `threading` returns for it, None, as a mark that it
    has done so. Here the mark is set, and our hook comes after the only one of loky's.
    """
    importlib.import_module("concurrent.futures.thread")
    register: Callable[[Callable[[], None]], None] = vars(threading)["_register_atexit"]
    loky: dict[str, Any] = vars(process_executor)
    register(loky["_python_exit"])
    loky["process_pool_executor_at_exit"] = True
    register(_close_all)


def _leave_to_parent() -> None:
    """Forget the engines and worker processes of the parent in a forked child process.

    Otherwise loky's hook would wait for locks of threads that the child does not have, and
    multiprocessing's for processes that are not its children.
    """
    _open.clear()
    vars(process_executor)["_threads_wakeups"].clear()
    children: set[object] = vars(multiprocessing.process)["_children"]
    children -= {child for child in children if isinstance(child, LokyProcess)}


_close_before_workers()
after_fork_in_child(_leave_to_parent)
