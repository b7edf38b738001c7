"""Pages of lists, of which the following ones are awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, TypeVar

from ionworks.data.paging import PageItems

if TYPE_CHECKING:
    from ionworks.aio.calls import Calls
    from ionworks.data.paging import Page

__all__ = ["AsyncPage"]

T_co = TypeVar("T_co", covariant=True)


class AsyncPage(PageItems[T_co]):
    """One page of a list, usable as a read-only list of its records.

    ``for record in page`` iterates over this page only, ``async for record in page.walk()`` over
    this and all following pages, which are fetched when needed.

    Parameters
    ----------
    page : Page
        The page of the synchronous client.
    calls : Calls
        Fetches the following pages.
    """

    def __init__(self, page: Page[T_co], calls: Calls) -> None:
        super().__init__(page.items, total=page.total, offset=page.offset)
        self._page = page
        self._calls: Calls | None = calls

    async def next(self) -> AsyncPage[T_co] | None:
        """Fetch the page after this one (one request), or ``None`` if this is the last."""
        if self._calls is None:
            return None
        following: AsyncPage[T_co] | None = await self._calls.run(self._page.next)
        return following

    async def pages(self) -> AsyncIterator[AsyncPage[T_co]]:
        """Iterate over this page and all following ones, which are fetched when needed."""
        page: AsyncPage[T_co] | None = self
        while page is not None:
            yield page
            page = await page.next()

    async def walk(self) -> AsyncIterator[T_co]:
        """Iterate over the records of this and all following pages, fetched when needed."""
        async for page in self.pages():
            for record in page.items:
                yield record

    def __getstate__(self) -> dict[str, Any]:
        # The calls have threads, so a copy or a pickled page contains its records only.
        return {**self.__dict__, "_calls": None}
