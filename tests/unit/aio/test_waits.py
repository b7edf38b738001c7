"""Waits in an event loop: no thread each, and one request a round for the statuses of all."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import httpx
import pytest

from ionworks import AsyncIonworks
from ionworks.aio.calls import Calls
from ionworks.errors import JobFailedError, NotFoundError, WaitTimeoutError
from ionworks.records.simulation import Simulation
from ionworks.records.submission import Submission

pytestmark = pytest.mark.off_contract("replies with only the fields that a wait reads")

STATUSES = "/simulations/statuses"


class Service:
    """Simulations with statuses, and a count of the requests."""

    def __init__(self) -> None:
        self.status: dict[str, str] = {}
        self.asked: list[list[str]] = []
        self.requests: Counter[str] = Counter()
        self.answers: list[int] = []
        self.threads: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        kind = path if path == STATUSES else path.rpartition("/")[0]
        self.requests[kind] += 1
        self.threads.add(threading.current_thread().name)
        if path != STATUSES:
            identifier = path.rpartition("/")[2]
            if identifier not in self.status:
                return httpx.Response(404, json={"detail": "no such thing"})
            return httpx.Response(200, json={"id": identifier, "status": "completed"})
        if self.answers:
            return httpx.Response(self.answers.pop(0))
        ids = json.loads(request.content)["simulation_ids"]
        self.asked.append(ids)
        rows = [
            {"simulation_id": each, "status": self.status[each], "error": "why"}
            for each in ids
            if each in self.status
        ]
        return httpx.Response(200, json=rows)


@attrs.define
class Pause:
    """What waits pause for at the same time."""

    count: int = 0
    over: asyncio.Event = attrs.field(factory=asyncio.Event)


class Pauses:
    """The pauses of waits, which last until a test ends them."""

    def __init__(self) -> None:
        self._now = Pause()
        self._changed = asyncio.Event()

    async def __call__(self, _: float) -> None:
        pause = self._now
        pause.count += 1
        self._changed.set()
        try:
            await pause.over.wait()
        finally:
            pause.count -= 1
            self._changed.set()

    async def reached(self, count: int) -> None:
        """Return when so many waits pause."""
        while self._now.count != count:
            self._changed.clear()
            await self._changed.wait()

    def end(self) -> None:
        """End the pauses that have begun."""
        self._now.over.set()
        self._now = Pause()


@asynccontextmanager
async def opened(service: Service) -> AsyncIterator[tuple[AsyncIonworks, Pauses]]:
    pauses = Pauses()
    async with AsyncIonworks("KEY", transport=httpx.MockTransport(service)) as client:
        client._calls = Calls(client._client._connection, pauses)
        yield client, pauses


def waiting(client: AsyncIonworks, target: Any, **options: Any) -> asyncio.Task[Any]:
    options = {"timeout": None, "verbose": False, **options}
    return asyncio.create_task(client.simulation.wait_for_completion(target, **options))


# ---------------------------------------------------------------- one request a round


def test_two_hundred_waits_cost_one_status_request_a_round() -> None:
    service = Service()
    ids = [f"s{n}" for n in range(200)]
    service.status = dict.fromkeys(ids, "processing")

    async def use() -> list[Simulation]:
        async with opened(service) as (client, pauses):
            waits = [waiting(client, each) for each in ids]
            await pauses.reached(200)
            for _ in range(5):
                before = service.requests[STATUSES]
                pauses.end()
                await pauses.reached(200)
                assert service.requests[STATUSES] == before + 1
                assert sorted(service.asked[-1]) == sorted(ids)
            service.status = dict.fromkeys(ids, "completed")
            before = service.requests[STATUSES]
            pauses.end()
            records = await asyncio.gather(*waits)
            assert service.requests[STATUSES] == before + 1
            return records

    assert [each.id for each in asyncio.run(use())] == ids
    assert service.requests["/simulations"] == 200, "the record of each that has ended"
    pool = {name for name in service.threads if not name.startswith("ionworks-poll")}
    assert pool == set(), "only the few threads of the polls have sent requests"


def test_a_wait_that_is_due_takes_along_those_that_pause() -> None:
    service = Service()
    service.status = {"a": "processing", "b": "processing"}

    async def use() -> None:
        async with opened(service) as (client, pauses):
            first = waiting(client, "a")
            await pauses.reached(1)
            second = waiting(client, "b")  # is due at once
            await pauses.reached(2)
            assert service.asked == [["a"], ["a", "b"]]
            service.status["a"] = "completed"
            pauses.end()
            assert (await first).id == "a"
            assert not second.done()
            second.cancel()

    asyncio.run(use())


def test_more_than_a_thousand_ids_are_asked_for_in_several_requests() -> None:
    service = Service()
    batches = [[f"b{batch}-{n}" for n in range(700)] for batch in range(3)]
    service.status = dict.fromkeys((each for batch in batches for each in batch), "processing")

    async def use() -> None:
        async with opened(service) as (client, pauses):
            waits = [waiting(client, each) for each in batches]
            await pauses.reached(3)
            service.asked.clear()
            pauses.end()
            await pauses.reached(3)
            assert [len(each) for each in service.asked] == [1000, 1000, 100]
            service.status = dict.fromkeys(service.status, "completed")
            pauses.end()
            assert [len(each) for each in await asyncio.gather(*waits)] == [700] * 3

    asyncio.run(use())


def test_small_submissions_are_asked_for_by_their_ids_together() -> None:
    service = Service()
    submissions = [Submission(f"{n:08x}-0000-4000-8000-000000000000", 3) for n in range(5)]
    batches = [each.runs() for each in submissions]
    ids = [run.simulation_id for batch in batches for run in batch]
    service.status = dict.fromkeys(ids, "processing")

    async def use() -> None:
        async with opened(service) as (client, pauses):
            waits = [waiting(client, each) for each in batches]
            await pauses.reached(5)
            service.asked.clear()
            pauses.end()
            await pauses.reached(5)
            assert [sorted(each) for each in service.asked] == [sorted(ids)]
            service.status = dict.fromkeys(ids, "completed")
            pauses.end()
            ended = await asyncio.gather(*waits)
            assert [each.id for records in ended for each in records] == ids

    asyncio.run(use())

    assert set(service.requests) == {STATUSES}


# ---------------------------------------------------------------- each wait for itself


def test_failures_concern_the_waits_of_these_simulations_only() -> None:
    service = Service()
    service.status = {"good": "processing", "bad": "failed"}

    async def use() -> None:
        async with opened(service) as (client, pauses):
            good = waiting(client, "good")
            await pauses.reached(1)
            with pytest.raises(JobFailedError, match="Simulation bad failed: why"):
                await waiting(client, "bad")
            with pytest.raises(NotFoundError, match="simulation 'missing' does not exist"):
                await waiting(client, "missing")
            await pauses.reached(1)
            service.status["good"] = "completed"
            pauses.end()
            assert (await good).status == "completed"

    asyncio.run(use())


def test_an_outage_ends_no_wait() -> None:
    service = Service()
    service.status = {"a": "processing", "b": "processing"}

    async def use() -> None:
        async with opened(service) as (client, pauses):
            waits = [waiting(client, each) for each in service.status]
            await pauses.reached(2)
            service.answers = [503, 502]
            for _ in range(2):
                pauses.end()
                await pauses.reached(2)
            assert service.answers == []
            service.status = dict.fromkeys(service.status, "completed")
            pauses.end()
            assert [each.id for each in await asyncio.gather(*waits)] == ["a", "b"]

    asyncio.run(use())


def test_an_error_that_does_not_pass_is_raised_in_every_wait() -> None:
    service = Service()
    service.status = {"a": "processing", "b": "processing"}

    async def use() -> list[Any]:
        async with opened(service) as (client, pauses):
            waits = [waiting(client, each) for each in service.status]
            await pauses.reached(2)
            service.answers = [403]
            pauses.end()
            return await asyncio.gather(*waits, return_exceptions=True)

    first, second = asyncio.run(use())

    assert first.status_code == second.status_code == 403
    assert first is not second, "each has a traceback of its own"


def test_a_timeout_concerns_its_wait_only_and_says_what_has_finished() -> None:
    service = Service()
    service.status = {"a": "completed", "b": "processing", "c": "processing"}

    async def use() -> None:
        async with opened(service) as (client, pauses):
            other = waiting(client, "c")
            await pauses.reached(1)
            with pytest.raises(WaitTimeoutError, match="1 of 2 simulations have not ended") as late:
                await waiting(client, ["a", "b"], timeout=0)
            assert late.value.pending == ("b",)
            assert [*late.value.finished] == ["a"]
            assert not other.done()
            other.cancel()

    asyncio.run(use())


def test_a_wait_that_is_cancelled_says_how_to_wait_again_and_leaves_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = Service()
    service.status = {"a": "processing", "b": "processing"}

    async def use() -> list[str]:
        async with opened(service) as (client, pauses):
            kept, left = waiting(client, "a"), waiting(client, "b", verbose=True)
            await pauses.reached(2)
            left.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await left
            service.status = {"a": "completed"}
            pauses.end()
            assert (await kept).id == "a"
            assert service.asked[-1] == ["a"]
            return caught.value.__notes__

    [note] = asyncio.run(use())

    again = "client.simulation.wait_for_completion('b')"
    assert note == (
        f"simulation b keeps running, also after this program has ended; wait again with {again}"
    )
    assert f"interrupted: {note}" in capsys.readouterr().err


def test_a_wait_whose_statuses_are_late_ends_at_its_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ionworks.aio.shared_statuses.LEAST_TIME_OF_POLL", 0.01)
    release = threading.Event()
    service = Service()
    service.status = {"a": "processing"}

    def slow(request: httpx.Request) -> httpx.Response:
        assert release.wait(30)
        return service(request)

    async def use() -> None:
        async with AsyncIonworks("KEY", transport=httpx.MockTransport(slow)) as client:
            patient = waiting(client, "a")
            with pytest.raises(WaitTimeoutError, match="the statuses took too long"):
                await waiting(client, "a", timeout=0)
            release.set()
            service.status["a"] = "completed"
            assert (await patient).id == "a"

    asyncio.run(use())


# ---------------------------------------------------------------- other waits


def test_waits_for_pipelines_pause_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ionworks.aio.calls._MOST_CALLS", 1)
    monkeypatch.setattr("ionworks.aio.calls._MOST_POLLS", 1)
    status = {"status": "running"}

    def serve(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": request.url.path.rpartition("/")[2], **status})

    async def use() -> list[str]:
        pauses = Pauses()
        async with AsyncIonworks("KEY", transport=httpx.MockTransport(serve)) as client:
            client._calls = Calls(client._client._connection, pauses)
            waits = [
                asyncio.create_task(client.pipeline.wait_for_completion(f"p{n}", verbose=False))
                for n in range(5)
            ]
            await pauses.reached(5)
            assert (await client.pipeline.get("other")).id == "other", "a thread is free"
            status["status"] = "completed"
            pauses.end()
            return [each.id for each in await asyncio.gather(*waits)]

    assert asyncio.run(use()) == ["p0", "p1", "p2", "p3", "p4"]
