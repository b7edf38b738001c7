"""The embedded engine of an asynchronous client is opened in a thread, when it is needed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ionworks import AsyncIonworks
from ionworks.transport import engine
from ionworks.transport.engine import DeferredEngine


class FakeEngine:
    """Answers every request with a health status."""

    is_closed = False

    def __call__(self, _environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"status": "ok", "version": "1"}).encode()]

    def close(self) -> None:
        self.is_closed = True


class Opening:
    """Stands in for the function that opens a folder; it takes until `may_end` is set."""

    def __init__(self) -> None:
        self.engines: list[FakeEngine] = []
        self.threads: list[int] = []
        self.began, self.may_end = threading.Event(), threading.Event()
        self.problem: Exception | None = None

    def __call__(self, _folder: Path | None, *, cluster: object) -> FakeEngine:
        assert cluster is None
        self.threads.append(threading.get_ident())
        self.began.set()
        assert self.may_end.wait(60)
        if self.problem is not None:
            raise self.problem
        self.engines.append(FakeEngine())
        return self.engines[-1]


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    found = Opening()
    monkeypatch.setattr(engine, "open_engine", found)
    return found


async def release(opening: Opening) -> None:
    """Let the engine open; only an event loop that is free comes to the end of this."""
    await asyncio.to_thread(opening.began.wait, 60)
    opening.may_end.set()


@pytest.mark.parametrize(
    "make", [AsyncIonworks.local, lambda: AsyncIonworks(api_url="local", history=False)]
)
def test_the_event_loop_goes_on_while_the_engine_opens(
    opening: Opening, make: Callable[[], AsyncIonworks]
) -> None:
    async def use() -> None:
        client = make()
        assert opening.threads == []
        releasing = asyncio.create_task(release(opening))
        async with client:
            assert opening.threads != [threading.get_ident()]
            assert (await client.healthz())["status"] == "ok"
        await releasing

    asyncio.run(use())

    assert [each.is_closed for each in opening.engines] == [True]


def test_else_the_first_requests_open_it_once(opening: Opening) -> None:
    async def use() -> None:
        client = AsyncIonworks.local()
        found = await asyncio.gather(client.healthz(), client.healthz(), release(opening))
        assert found[0] == found[1]
        await client.aclose()

    asyncio.run(use())

    assert [each.is_closed for each in opening.engines] == [True]


def test_what_is_wrong_is_raised_when_it_is_opened(opening: Opening) -> None:
    opening.problem = ImportError("the embedded engine needs extra packages")
    opening.may_end.set()

    async def use() -> None:
        client = AsyncIonworks.local()
        with pytest.raises(ImportError, match="extra packages"):
            async with client:
                raise AssertionError("it was opened")
        with pytest.raises(RuntimeError, match="is closed"):
            await client.healthz()

    asyncio.run(use())


def test_a_client_that_is_not_used_opens_nothing(opening: Opening) -> None:
    asyncio.run(AsyncIonworks.local().aclose())

    assert opening.threads == []


def test_a_closed_engine_stays_closed(opening: Opening) -> None:
    deferred = DeferredEngine(None)
    deferred.close()

    with pytest.raises(RuntimeError, match="is closed"):
        deferred.open()
    assert opening.threads == []
