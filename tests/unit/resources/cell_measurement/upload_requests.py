"""Requests and failures of uploads for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

CONFIRM = "POST confirm-upload"
PUT = "PUT time_series.parquet"


def request_of(frame: Any, **fields: Any) -> dict[str, Any]:
    return {"measurement": {"name": "C/20", **fields}, "time_series": frame}


def cut(request: httpx.Request) -> httpx.Response:
    """The connection breaks after the first chunk of the body."""
    assert isinstance(request.stream, httpx.SyncByteStream)
    next(iter(request.stream))
    raise httpx.WriteError("connection reset by peer", request=request)


def interrupt(_: httpx.Request) -> httpx.Response:
    raise KeyboardInterrupt


def answer(status: int) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, json={"detail": f"answered {status}"})
