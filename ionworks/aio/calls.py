"""Calls of synchronous methods in a bounded number of threads."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks.aio.pages import AsyncPage
from ionworks.aio.resources.simulation_batch import AsyncSimulationBatch
from ionworks.aio.shared_statuses import SharedStatuses
from ionworks.data.paging import Page
from ionworks.errors import ClientClosedError, IonworksError
from ionworks.records.history import HistoryEntry
from ionworks.resources.simulation_batch import SimulationBatch
from ionworks.transport.notes import issue
from ionworks.transport.observed import OBSERVED, Observed
from ionworks.waiting.polling import Watch, waiting
from ionworks.workflows.simulations.simulation_wait import Watched

if TYPE_CHECKING:
    from ionworks.transport.connection import Connection
    from ionworks.waiting.polling import Waiting

__all__ = ["Calls", "Sleep"]

_MOST_CALLS: Final = 32
_MOST_POLLS: Final = 4
_MOST_SHOWN: Final = 3
_END: Final = object()
_logger = logging.getLogger("ionworks")

Sleep = Callable[[float], Awaitable[None]]


class Calls:
    """Runs the methods of a synchronous client, for the asynchronous one that has it.

    Parameters
    ----------
    connection : Connection
        The connection of the synchronous client.
    sleep : callable, optional
        Pauses between two polls of a wait; tests replace it.
    """

    def __init__(self, connection: Connection, sleep: Sleep = asyncio.sleep) -> None:
        self._pool = ThreadPoolExecutor(_MOST_CALLS, thread_name_prefix="ionworks-call")
        # Polls have threads of their own, so that waits end in time while all others are in use.
        self._polls = ThreadPoolExecutor(_MOST_POLLS, thread_name_prefix="ionworks-poll")
        self._statuses = SharedStatuses(connection, self._poll, sleep)
        self._sleep = sleep
        self._is_closed = False

    async def run(self, method: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call a method in a thread and return its result, a page as an `AsyncPage`.

        If this is cancelled after the thread has begun, the call goes on: a submission arrives
        whole or, repeated with the same idempotency key, once. A note of the exception says so,
        and the outcome is logged, with the ids in it.
        """
        result = await self.call(method.__qualname__, method, *args, **kwargs)
        return self._made_asynchronous(result)

    async def read(self, owner: Any, name: str) -> Any:
        """Read a property in a thread."""
        result = await self.call(f"{type(owner).__name__}.{name}", getattr, owner, name)
        return self._made_asynchronous(result)

    async def wait(self, method: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method that waits, see `ionworks.waiting.polling.waits`; no thread waits for it.

        If this is cancelled, the jobs keep running; a note of the exception says how to wait for
        them again.
        """
        try:
            return self._made_asynchronous(
                await self._ended(method.__qualname__, waiting(method)(*args, **kwargs))
            )
        except IonworksError as error:
            # As in threads: without the frames of the loop.
            raise error.with_traceback(None) from error.__cause__

    def iterate(
        self, method: Callable[..., Iterator[Any]], /, *args: Any, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Call a method that returns an iterator, whose items are made in threads.

        The method itself is called at once: it checks its arguments, and sends nothing before its
        first item is asked for.
        """
        made = waiting(method) if hasattr(method, "__wrapped__") else method
        return _Iteration(self, method.__qualname__, made(*args, **kwargs))

    def discard(self, iterator: Iterator[Any], lock: threading.Lock) -> None:
        """Close an abandoned iterator after its last step has ended."""
        if self._is_closed:
            _close(iterator, lock)
        else:
            self._pool.submit(_close, iterator, lock)

    async def close(self) -> None:
        """Take no further calls, and return when those that are running have ended."""
        self._is_closed = True
        for pool in (self._pool, self._polls):
            await asyncio.to_thread(pool.shutdown)

    async def call(
        self, name: str, function: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Any:
        """Call a function in a thread; `name` is how messages name it."""
        observed = Observed()
        future = self._submit(self._pool, observed, function, *args, **kwargs)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError as error:
            if future.cancel():
                error.add_note(f"{name} had not begun: nothing was sent")
            else:
                error.add_note(_going_on(name, observed))
                future.add_done_callback(lambda done: _log(name, observed, done))
            raise
        finally:
            # Here, because the frames of the user are above these, and not in the thread.
            for message, category in observed.warnings:
                issue(message, category)

    async def _ended(self, name: str, steps: Waiting[Any]) -> Any:
        """Run what is to be watched, and return the result."""
        while True:
            step = await self.call(name, _advanced, steps)
            if isinstance(step, _Result):
                return step.value
            await self.watch(step)

    def _made_asynchronous(self, result: Any) -> Any:
        """Return pages and batches with methods that are awaited, other results unchanged."""
        if isinstance(result, Page):
            return AsyncPage(result, self)
        if isinstance(result, SimulationBatch):
            return AsyncSimulationBatch(result, self)
        if isinstance(result, list) and isinstance(next(iter(result), None), HistoryEntry):
            return type(result)(each.opened_by(partial(self._opened, each)) for each in result)
        return result

    def _opened(self, original: HistoryEntry[Any], _: object) -> Any:
        """Return the batch of an entry of the history."""
        return self._made_asynchronous(original.batch())

    async def _poll(self, function: Callable[..., Any], /, *args: Any) -> Any:
        return await asyncio.wrap_future(self._submit(self._polls, None, function, *args))

    def _submit(
        self,
        pool: ThreadPoolExecutor,
        observed: Observed | None,
        function: Callable[..., Any],
        /,
        *args: Any,
        **kwargs: Any,
    ) -> Future[Any]:
        if self._is_closed:
            raise ClientClosedError
        context = contextvars.copy_context()
        context.run(OBSERVED.set, observed)
        return pool.submit(context.run, function, *args, **kwargs)

    async def watch(self, watch: Watch) -> None:
        """Poll until a wait has ended."""
        polls = watch.polls()
        pause: float | None = 0.0
        try:
            while pause is not None:
                if await self._is_quiet(watch, pause):
                    pause = next(polls, None)
                else:
                    pause = await self._poll(next, polls, None)
        except asyncio.CancelledError as error:
            if watch.states.pending_count:
                error.add_note(watch.going_on())
            watch.interrupted()
            raise
        finally:
            watch.close()

    async def _is_quiet(self, watch: Watch, pause: float) -> bool:
        """Pause before a poll, and return whether the shared statuses are enough for it."""
        states: object = watch.states
        if not isinstance(states, Watched) or not (ids := states.ids_to_ask()):
            await self._sleep(pause)
            return False
        answer = await self._statuses.of(ids, pause, watch.remaining)
        states.read = answer.read
        return not states.has_requests(answer.statuses)


class _Iteration(AsyncIterator[Any]):
    """An iterator whose items are made in threads.

    It is no generator, which would keep an item alive until the next one is asked for.
    """

    def __init__(self, calls: Calls, name: str, iterator: Iterator[Any]) -> None:
        self._calls = calls
        self._name = name
        self._iterator = iterator
        self._lock = threading.Lock()
        self._is_over = False

    async def __anext__(self) -> Any:
        item = await self._calls.call(self._name, _next, self._iterator, self._lock)
        while isinstance(item, Watch):
            await self._calls.watch(item)
            item = await self._calls.call(self._name, _next, self._iterator, self._lock)
        if item is _END:
            self._is_over = True
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Stop reading ahead."""
        await self._calls.call(self._name, _close, self._iterator, self._lock)

    def __del__(self) -> None:
        # After a `break`. Closing waits for what is being read, for which the loop has no time.
        if not self._is_over:
            self._calls.discard(self._iterator, self._lock)


def _next(iterator: Iterator[Any], lock: threading.Lock) -> Any:
    with lock:
        return next(iterator, _END)


def _close(iterator: Any, lock: threading.Lock) -> None:
    with lock:
        if hasattr(iterator, "close"):
            iterator.close()


@attrs.frozen
class _Result:
    value: Any


def _advanced(steps: Waiting[Any]) -> Watch | _Result:
    """Return what a function that waits yields next, or its result."""
    try:
        return next(steps)
    except StopIteration as end:
        return _Result(end.value)


def _going_on(name: str, observed: Observed) -> str:
    if not observed.changes:
        return f"{name} goes on in a thread until its request is answered"
    sent = ", ".join(observed.changes)
    return (
        f"{name} goes on in a thread: it has sent {sent}, which the service carries out. The"
        " outcome is logged by the logger 'ionworks'"
    )


def _log(name: str, observed: Observed, done: Future[Any]) -> None:
    """Log how a cancelled call that changed something has ended."""
    if not observed.changes:
        return
    problem = done.exception()
    if problem is None:
        _logger.warning("%s was cancelled, but ended: %s", name, _shown(done.result()))
    else:
        _logger.warning("%s was cancelled, and failed: %s", name, problem)


def _shown(result: Any) -> str:
    if isinstance(result, Watch):
        return result.going_on()
    if isinstance(result, list) and len(result) > _MOST_SHOWN:
        return f"{len(result)} records, the first of them {result[:_MOST_SHOWN]!r}"
    return repr(result)
