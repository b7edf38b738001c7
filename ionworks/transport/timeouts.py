"""Longer timeouts for requests in which the service builds a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

BUILDING: Final = 300.0
"""Seconds a service may take to build and solve a model."""

_least: ContextVar[float] = ContextVar("least", default=0.0)


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
