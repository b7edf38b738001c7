"""What the engine is doing now, in words for people, told to whoever runs it and wants to know."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeAlias

BUILDING: Final = "building model"
"""A model is built, which takes seconds, before the first step that needs it."""

PERIOD: Final = 0.5
"""Seconds between two looks at how far runs are."""


Tell: TypeAlias = Callable[[str, float | None], None]
"""Gets a phase in words and, of runs, the share of their steps that is done."""


class _Listener:
    def __init__(self, tell: Tell, clock: Callable[[], float]) -> None:
        self.tell = tell
        self.clock = clock
        self.due = clock() + PERIOD
        self.last = ""

    def hear(self, phase: str, share: float | None = None) -> None:
        if phase != self.last:
            self.last = phase
            self.tell(phase, share)


_listener: ContextVar[_Listener | None] = ContextVar("listener", default=None)


@contextmanager
def told_to(tell: Tell, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Have what is done in this context told to a function.

    Parameters
    ----------
    tell : callable
        Gets each phase that differs from the one before, see `Tell`.
    clock : callable, optional
        Returns seconds.
    """
    token = _listener.set(_Listener(tell, clock))
    try:
        yield
    finally:
        _listener.reset(token)


def begin(phase: str) -> None:
    """Tell of a phase that begins, which is over at the next call of `progress`."""
    listener = _listener.get()
    if listener is not None:
        listener.hear(phase)
        listener.due = listener.clock()


def progress(describe: Callable[[], tuple[str, float]]) -> None:
    """Tell how far runs are, if it is time to; else this takes no time.

    Parameters
    ----------
    describe : callable
        Returns it in words, and the share of the steps that is done.
    """
    listener = _listener.get()
    if listener is not None and (now := listener.clock()) >= listener.due:
        listener.due = now + PERIOD
        listener.hear(*describe())
