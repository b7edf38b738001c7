"""What a call does that runs in another thread than the one that awaits it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

import attrs
import httpx

from ionworks.transport.retries import has_effect

__all__ = ["OBSERVED", "Observed", "observe"]


@attrs.define
class Observed:
    """What a call has done so far.

    Attributes
    ----------
    changes : list of str
        The requests it has sent that change something, such as ``"POST /pipelines"``.
    warnings : list of tuple
        Message and category of the warnings it issued, which point to no line of the user in its
        thread, so that they are issued where the call is awaited.
    """

    changes: list[str] = attrs.field(factory=list)
    warnings: list[tuple[str, type[Warning]]] = attrs.field(factory=list)


OBSERVED: Final[ContextVar[Observed | None]] = ContextVar("observed", default=None)


def observe(request: httpx.Request) -> None:
    """Note a request that is about to be sent, if the call is observed."""
    observed = OBSERVED.get()
    if observed is not None and has_effect(request):
        observed.changes.append(f"{request.method} {request.url.path}")
