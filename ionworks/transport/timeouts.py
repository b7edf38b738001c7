"""Time limits of requests: longer ones where a model is built, shorter ones in a wait."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

BUILDING: Final = 300.0
"""Seconds a service may take to build and solve a model."""

SLOWEST_SUBMISSION: Final = 1000.0
"""Runs per second that a busy service stores at least."""

LEAST_RATE: Final = 16_384
"""Bytes per second. A transfer at this rate does not use up the time of its request: a large body
may take long on a slow network, but a byte per second may not."""

Clock = Callable[[], float]

_least: ContextVar[float] = ContextVar("least", default=0.0)
_end_of_poll: ContextVar[float | None] = ContextVar("end_of_poll", default=None)
_deadline: "ContextVar[Deadline]" = ContextVar("deadline")


@contextmanager
def at_least(seconds: float) -> Iterator[None]:
    """Raise the read timeout of requests inside the context to at least this many seconds."""
    token = _least.set(seconds)
    try:
        yield
    finally:
        _least.reset(token)


def extended(limits: dict[str, float | None]) -> dict[str, float | None]:
    """Return the timeouts of a request with the read timeout raised as set by `at_least`."""
    read = limits.get("read")
    return limits if read is None else {**limits, "read": max(read, _least.get())}


@contextmanager
def poll_within(seconds: float, *, clock: Clock = time.monotonic) -> Iterator[None]:
    """Make requests inside the context a poll of a wait: sent once, and ended in time.

    The loop of the wait repeats a poll that failed. Retries of each request would multiply with
    that, and their pauses would outlast the wait.

    Parameters
    ----------
    seconds : float
        When all requests inside must have ended; infinity leaves each its own limit.
    clock : callable, optional
        Returns monotonic seconds.
    """
    token = _end_of_poll.set(clock() + seconds)
    try:
        yield
    finally:
        _end_of_poll.reset(token)


def is_polling() -> bool:
    """Whether the code runs inside `poll_within`."""
    return _end_of_poll.get() is not None


class Deadline:
    """When a request must have ended.

    Parameters
    ----------
    seconds : float or None
        The limit of the whole request; None if it has none, as a file transfer. The limit of
        `poll_within` applies too.
    clock : callable, optional
        Returns monotonic seconds.
    """

    def __init__(self, seconds: float | None, *, clock: Clock = time.monotonic) -> None:
        end_of_poll = _end_of_poll.get()
        self.clock = clock
        self._end = math.inf if seconds is None else clock() + seconds
        self._latest = math.inf if end_of_poll is None else end_of_poll

    @classmethod
    def current(cls) -> "Deadline":
        """Return the deadline of the request that is being sent or received."""
        return _deadline.get()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Make this the deadline of the operations inside the context."""
        token = _deadline.set(self)
        try:
            yield
        finally:
            _deadline.reset(token)

    def limit(self, timeout: float | None, error: type[Exception]) -> float | None:
        """Return the timeout of one operation; raise the error if the request should have ended."""
        remaining = min(self._end, self._latest) - self.clock()
        limit = min(math.inf if timeout is None else timeout, remaining)
        if limit <= 0:
            raise error("the request took too long as a whole")
        return None if math.isinf(limit) else limit

    def transferred(self, size: int, began: float) -> None:
        """Give back the time since `began`, at most what so many bytes take at `LEAST_RATE`."""
        self._end += min(self.clock() - began, size / LEAST_RATE)
