"""A synchronous view of the asynchronous client, so that it runs the tests of the synchronous one.

Its event loop runs while a call is awaited, and stands still between calls.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ionworks import AsyncIonworks, Ionworks
from ionworks.aio.calls import Calls
from ionworks.aio.pages import AsyncPage
from ionworks.aio.resource import AsyncResource
from ionworks.aio.resources.simulation_batch import AsyncSimulationBatch
from ionworks.data.paging import Page
from ionworks.resources.resource import WaitingResource
from ionworks.resources.simulation_batch import SimulationBatch
from ionworks.transport.connection import Connection
from ionworks.waiting.polling import Waiting

Run = Callable[[Any], Any]


class View:
    """An asynchronous client or resource, whose methods are awaited when they are called."""

    def __init__(self, awaited: Any, run: Run) -> None:
        self._awaited = awaited
        self._run = run

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            original = "_client" if isinstance(self._awaited, AsyncIonworks) else "_resource"
            return getattr(getattr(self._awaited, original), name)
        found = getattr(self._awaited, name)
        if isinstance(found, AsyncResource):
            return View(found, self._run)
        return _Method(self, found) if inspect.ismethod(found) else found

    def close(self) -> None:
        self._run(self._awaited.aclose())

    def __enter__(self) -> View:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self._awaited).removeprefix("Async").replace("<Async", "<")

    def _called(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        if isinstance(result, AsyncIterator):
            return self._items(result)
        with warnings.catch_warnings(record=True) as issued:
            warnings.simplefilter("always")
            result = self._run(result)
        for each in issued:
            # The user's line is that of the test; here it is one of the event loop.
            line = next(each for each in inspect.stack(0)[1:] if each.filename != __file__)
            warnings.warn_explicit(each.message, each.category, line.filename, line.lineno)
        if isinstance(result, AsyncSimulationBatch):
            resource: Any = self
            return SimulationBatch(resource, result, result._batch._config)
        return ViewedPage(result, self._run) if isinstance(result, AsyncPage) else result

    def _items(self, items: AsyncIterator[Any]) -> Iterator[Any]:
        while True:
            try:
                # Not assigned to a variable, which would keep the item alive.
                yield self._run(_next(items))
            except StopAsyncIteration:
                return


class _Method:
    """A method that is awaited when it is called."""

    def __init__(self, view: View, method: Callable[..., Any]) -> None:
        self.__self__ = view
        self._method = method

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__self__._called(self._method, *args, **kwargs)

    def __wrapped__(self, *args: Any, **kwargs: Any) -> Waiting[Any]:
        """Wait or iterate, as methods of batches do with methods of synchronous resources."""
        view, *others = args
        result = view._called(self._method, *others, **kwargs)
        if isinstance(result, Iterator):
            yield from result
        return result


async def _next(items: AsyncIterator[Any]) -> Any:
    return await anext(items)


class ViewedPage(Page[Any]):
    """A page whose following ones are awaited."""

    def __init__(self, page: AsyncPage[Any], run: Run) -> None:
        super().__init__(page.items, total=page.total, offset=page.offset)
        self._page = page
        self._run = run

    def next(self) -> Page[Any] | None:
        following = self._run(self._page.next())
        return None if following is None else ViewedPage(following, self._run)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_page": None, "_run": None}


class Viewing:
    """Makes views, and closes what it has made."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._calls: list[Calls] = []

    def client(self, *args: Any, **kwargs: Any) -> View:
        """Stand in for the class of the synchronous client."""
        client = AsyncIonworks(*args, **kwargs)
        self._calls.append(client._calls)
        return View(client, self._runner.run)

    def resource(
        self,
        kind: type[WaitingResource],
        connection: Connection,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> View:
        """Stand in for a class of synchronous resources."""

        async def pause(seconds: float) -> None:
            sleep(seconds)

        # The tests are about polls of one wait each; those in tests/unit/aio are about shared ones.
        connection.shares_polls = False
        self._calls.append(Calls(connection, pause))
        module = import_module(kind.__module__.replace("ionworks.", "ionworks.aio.", 1))
        asynchronous = getattr(module, f"Async{kind.__name__}")
        resource = kind(connection, clock=clock, sleep=sleep)
        return View(asynchronous(resource, self._calls[-1]), self._runner.run)

    def replace(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Replace the classes in the test modules of a folder."""
        for module, name in names_of_classes(folder):
            kind = getattr(module, name)
            stand_in = self.client if kind is Ionworks else partial(self.resource, kind)
            monkeypatch.setattr(module, name, stand_in)

    def close(self) -> None:
        """Close the clients that the test has left open."""
        with self._runner:
            for calls in self._calls:
                self._runner.run(calls.close())


@cache
def names_of_classes(folder: Path) -> list[tuple[ModuleType, str]]:
    """Return the test modules that import classes of clients or resources, and their names."""
    return [
        (module, name)
        for module in [*sys.modules.values()]
        if folder in Path(getattr(module, "__file__", None) or "/").parents
        for name, value in vars(module).items()
        if value is Ionworks or (isinstance(value, type) and issubclass(value, WaitingResource))
    ]
