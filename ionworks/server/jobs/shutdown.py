"""The end of the interpreter: no script waits for simulations it did not wait for itself."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Protocol


class _Closable(Protocol):
    def close(self) -> None:
        """Stop all work."""


_open: weakref.WeakSet[_Closable] = weakref.WeakSet()
_hooks: list[Callable[[], None]] = []
_lock = threading.Lock()


def remember(engine: _Closable) -> None:
    """Close an engine when the interpreter ends, unless it is forgotten before."""
    _open.add(engine)


def forget(engine: _Closable) -> None:
    """Leave an engine alone from now on."""
    _open.discard(engine)


def close_all_at_exit() -> None:
    """Make sure engines close before the interpreter waits for their workers.

    Call this after a worker process was started. Loky waits at exit for calls under way, which
    may take an hour; its hook runs before those of `atexit`. Hooks of the same kind run in
    reverse order, so ours, registered after loky's, comes first.
    """
    with _lock:
        if not _hooks:
            register: Callable[[Callable[[], None]], None] = vars(threading)["_register_atexit"]
            register(_close_all)
            _hooks.append(_close_all)


def _close_all() -> None:
    for engine in list(_open):
        engine.close()
