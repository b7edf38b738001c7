"""Requests that may take longer than the others: a service that builds a model has to work."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

BUILDING: Final = 300.0
"""Seconds a service may take to build and try a model."""

_least: ContextVar[float] = ContextVar("least", default=0.0)


@contextmanager
def at_least(seconds: float) -> Iterator[None]:
    """Let the answers to the requests made inside take so long, if they may not already."""
    token = _least.set(seconds)
    try:
        yield
    finally:
        _least.reset(token)


def extended(limits: dict[str, float | None]) -> dict[str, float | None]:
    """Return the time limits of a request, that of its answer at least what is allowed here."""
    read = limits.get("read")
    return limits if read is None else {**limits, "read": max(read, _least.get())}
