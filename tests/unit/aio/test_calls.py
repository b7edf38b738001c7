"""Calls in threads: cancelled ones, closing, warnings, iterators and pages."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import threading
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from ionworks import AsyncIonworks
from ionworks.aio import calls
from ionworks.aio.pages import AsyncPage
from ionworks.errors import ClientClosedError, ProtocolWarning

pytestmark = pytest.mark.off_contract("replies with few fields")

TEMPLATE = "/protocols/parse-to-template"
SUBMISSION = "/simulations/with-template/batch"
CONFIG = {
    "parameterized_model": "pm-id",
    "protocol_experiment": {"protocol": "steps: []", "name": "n"},
    "project_id": "p",
}


class Service:
    """Stores requests and, at one path, answers only when it is told to."""

    def __init__(self, held: str | None = None, **replies: Any) -> None:
        self.held = held
        self.replies = {
            TEMPLATE: {"template_id": "tpl"},
            SUBMISSION: [{"simulation_id": "s1", "job_id": "j1"}],
            **replies,
        }
        self.paths: list[str] = []
        self.arrived = threading.Semaphore(0)
        self.release = threading.Event()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.paths.append(path)
        if path == self.held:
            self.arrived.release()
            assert self.release.wait(30)
        reply = self.replies.get(path, {"job_id": "j", "status": "running"})
        return reply(request) if callable(reply) else httpx.Response(200, json=reply)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AsyncIonworks]:
        async with AsyncIonworks("KEY", transport=httpx.MockTransport(self)) as client:
            try:
                yield client
            finally:
                self.release.set()


async def cancelled(task: asyncio.Task[Any]) -> list[str]:
    """Cancel a task, and return the notes of the exception."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return caught.value.__notes__


# ---------------------------------------------------------------- cancelled calls


def test_a_submission_that_is_cancelled_goes_on_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = Service(held=SUBMISSION)

    async def use() -> list[str]:
        async with service.client() as client:
            task = asyncio.create_task(client.simulation.protocol(CONFIG))
            await asyncio.to_thread(service.arrived.acquire)
            notes = await cancelled(task)
            assert caplog.records == [], "it has not ended yet"
            return notes

    [note] = asyncio.run(use())

    assert note.startswith("SimulationResource.protocol goes on in a thread")
    assert f"it has sent POST {TEMPLATE}, POST {SUBMISSION}, which the service carries out" in note
    assert service.paths == [TEMPLATE, SUBMISSION]
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.name == "ionworks"
    assert "SimulationResource.protocol was cancelled, but ended" in record.getMessage()
    assert "simulation_id='s1'" in record.getMessage()


def test_a_cancelled_submission_is_repeated_with_its_key_when_its_reply_is_lost(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)  # the pause before the repetition
    keys: list[str] = []

    def submitted(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ReadTimeout("lost")
        return httpx.Response(200, json=[{"simulation_id": "s1", "job_id": "j"}])

    capabilities = {"idempotency_keys": True}
    replies = {SUBMISSION: submitted, "/discovery/capabilities": capabilities}
    service = Service(held=SUBMISSION, **replies)

    async def use() -> None:
        async with service.client() as client:
            task = asyncio.create_task(client.simulation.protocol(CONFIG))
            await asyncio.to_thread(service.arrived.acquire)
            await cancelled(task)

    asyncio.run(use())

    assert len(keys) == 2
    assert len({*keys}) == 1
    assert "simulation_id='s1'" in caplog.text


def test_a_cancelled_submission_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    refused = httpx.Response(422, json={"detail": "no such model"})
    service = Service(held=SUBMISSION, **{SUBMISSION: lambda _: refused})

    async def use() -> None:
        async with service.client() as client:
            task = asyncio.create_task(client.simulation.protocol(CONFIG))
            await asyncio.to_thread(service.arrived.acquire)
            await cancelled(task)

    asyncio.run(use())

    assert "SimulationResource.protocol was cancelled, and failed: no such model" in caplog.text


def test_a_cancelled_read_goes_on_without_a_word_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = Service(held="/jobs/j")

    async def use() -> list[str]:
        async with service.client() as client:
            task = asyncio.create_task(client.job.get("j"))
            await asyncio.to_thread(service.arrived.acquire)
            return await cancelled(task)

    assert asyncio.run(use()) == [
        "JobResource.get goes on in a thread until its request is answered"
    ]
    assert caplog.records == []


def test_a_call_that_is_cancelled_before_it_has_a_thread_sends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calls, "_MOST_CALLS", 2)
    service = Service(held="/jobs/j")

    async def use() -> list[str]:
        async with service.client() as client:
            busy = [asyncio.create_task(client.job.get("j")) for _ in range(2)]
            for _ in busy:
                await asyncio.to_thread(service.arrived.acquire)
            waiting = asyncio.create_task(client.simulation.protocol(CONFIG))
            await asyncio.sleep(0)  # the task begins
            notes = await cancelled(waiting)
            service.release.set()
            await asyncio.gather(*busy)
            return notes

    assert asyncio.run(use()) == ["SimulationResource.protocol had not begun: nothing was sent"]
    assert service.paths == ["/jobs/j"] * 2


def test_many_records_are_logged_by_their_number(caplog: pytest.LogCaptureFixture) -> None:
    many = [{"simulation_id": f"s{n}", "job_id": "j"} for n in range(20)]
    service = Service(held=SUBMISSION, **{SUBMISSION: many})
    config = {**CONFIG, "conditions": [{"design_parameters": {"a": n}} for n in range(20)]}

    async def use() -> None:
        async with service.client() as client:
            task = asyncio.create_task(client.simulation.protocol_batch(config))
            await asyncio.to_thread(service.arrived.acquire)
            await cancelled(task)

    asyncio.run(use())

    assert "20 records, the first of them" in caplog.text
    assert "s0" in caplog.text
    assert "s19" not in caplog.text


# ---------------------------------------------------------------- closing


def test_closing_waits_for_calls_and_lets_the_loop_run() -> None:
    service = Service(held="/jobs/j")
    order: list[str] = []

    async def use() -> None:
        client = AsyncIonworks("KEY", transport=httpx.MockTransport(service))
        task = asyncio.create_task(client.job.get("j"))
        await asyncio.to_thread(service.arrived.acquire)
        closing = asyncio.create_task(client.aclose())
        closing.add_done_callback(lambda _: order.append("closed"))
        await asyncio.sleep(0)
        order.append("the loop runs")
        service.release.set()
        assert (await task).job_id == "j"
        await closing
        with pytest.raises(ClientClosedError, match="this client is closed: make another one"):
            await client.job.get("j")
        await client.aclose()

    asyncio.run(use())

    assert order == ["the loop runs", "closed"]


def test_settings_of_the_client() -> None:
    async def use() -> None:
        async with AsyncIonworks("KEY", project_id="P", max_retries=0) as client:
            assert client.project_id == client.settings.project_id == "P"
            assert client.api is client._client.api
            assert client.measurement is client.cell_measurement

    asyncio.run(use())


# ---------------------------------------------------------------- warnings


def test_warnings_point_to_the_line_that_awaits() -> None:
    note = {"category": "protocol", "message": "the rest is long"}
    service = Service(**{SUBMISSION: [{"simulation_id": "s1", "job_id": "j", "notes": [note]}]})

    async def use() -> None:
        async with service.client() as client:
            await client.simulation.protocol(CONFIG)

    with pytest.warns(ProtocolWarning, match="the rest is long") as issued:
        asyncio.run(use())

    assert [each.filename for each in issued] == [__file__]


def test_a_warning_can_be_an_error() -> None:
    note = {"category": "protocol", "message": "the rest is long"}
    service = Service(**{SUBMISSION: [{"simulation_id": "s1", "job_id": "j", "notes": [note]}]})

    async def use() -> None:
        async with service.client() as client:
            await client.simulation.protocol(CONFIG)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ProtocolWarning):
            asyncio.run(use())


# ---------------------------------------------------------------- iterators and pages


class Jobs:
    """A list of five jobs, in pages."""

    def __init__(self) -> None:
        self.offsets: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params.get("offset", 0))
        self.offsets.append(offset)
        items = [{"job_id": f"j{n}"} for n in range(offset, min(offset + 2, 5))]
        return httpx.Response(200, json={"items": items, "total": 5})


def test_the_pages_of_a_list_are_iterated_over() -> None:
    jobs = Jobs()

    async def use() -> None:
        async with Service(**{"/jobs/": jobs}).client() as client:
            page = await client.job.list(limit=2)
            assert isinstance(page, AsyncPage)
            assert [each.job_id for each in page] == ["j0", "j1"]
            assert (page.total, page.count, page.offset) == (5, 2, 0)
            assert jobs.offsets == [0]
            assert [each.job_id async for each in page.walk()] == ["j0", "j1", "j2", "j3", "j4"]
            assert [len(each) async for each in page.pages()] == [2, 2, 1]
            for other in (copy.copy(page), pickle.loads(pickle.dumps(page))):  # noqa: S301
                assert type(other) is AsyncPage
                assert (other, other.total, other.offset) == (page, 5, 0)
                assert [each.job_id async for each in other.walk()] == ["j0", "j1"]
            following = await page.next()
            assert following is not None
            assert following.offset == 2

    asyncio.run(use())


class Counting:
    """An iterator that notes what is done with it."""

    def __init__(self) -> None:
        self.made = 0
        self.threads: set[int] = set()
        self.closed = threading.Event()

    def __iter__(self) -> Counting:
        return self

    def __next__(self) -> int:
        self.threads.add(threading.get_ident())
        self.made += 1
        if self.made > 3:
            raise StopIteration
        return self.made

    def close(self) -> None:
        self.closed.set()


def test_items_are_made_in_threads_when_they_are_asked_for() -> None:
    counting = Counting()

    def results() -> Counting:
        return counting

    async def use() -> list[int]:
        async with Service().client() as client:
            items = client._calls.iterate(results)
            assert counting.made == 0
            return [each async for each in items]

    assert asyncio.run(use()) == [1, 2, 3]
    assert threading.get_ident() not in counting.threads
    assert not counting.closed.is_set(), "an iterator that has ended needs no closing"


@pytest.mark.parametrize("is_explicit", [True, False])
def test_an_iterator_that_is_left_early_is_closed(is_explicit: bool) -> None:
    counting = Counting()

    def results() -> Counting:
        return counting

    async def use() -> None:
        async with Service().client() as client:
            items = client._calls.iterate(results)
            async for _ in items:
                break
            if is_explicit:
                await items.aclose()  # type: ignore[attr-defined]  # as of a generator
            del items

    asyncio.run(use())

    assert counting.closed.wait(30)
    assert counting.made == 1
