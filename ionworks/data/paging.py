"""One page of a list, which can also walk all the pages after it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, Self, TypeVar, overload

from ionworks.doe.scalars import integer

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Slice(NamedTuple, Generic[T]):
    """What one list request brought.

    Attributes
    ----------
    items : sequence
        The records of the page.
    total : int or None
        How many records the whole list has, if the service said so.
    """

    items: Sequence[T]
    total: int | None = None


Fetch = Callable[[int | None, int | None], Slice[T]]
"""``fetch(offset, limit)``: one request; ``None`` means the argument is not sent."""


class Page(Collection[T_co]):
    """One page of a list; behaves like a read-only list of that page's records.

    ``for record in page`` goes through this page only, ``for record in page.walk()`` through
    this and all following pages, fetched one by one as they are needed.

    Attributes
    ----------
    items : list
        The records of this page.
    count : int
        How many records this page has.
    total : int or None
        How many records the whole list has, or ``None`` if the service does not say.
    offset : int
        Position of this page's first record in the whole list.
    """

    def __init__(
        self,
        items: Iterable[T_co],
        *,
        total: int | None = None,
        offset: int = 0,
        limit: int | None = None,
        fetch: Fetch[T_co] | None = None,
    ) -> None:
        self.items = list(items)
        self.total = total
        self.offset = offset
        self._limit = limit
        self._fetch = fetch

    @classmethod
    def first(
        cls,
        fetch: Fetch[T_co],
        *,
        limit: int | None = None,
        offset: int | None = None,
        maximum: int | None = None,
    ) -> Self:
        """Fetch one page.

        Parameters
        ----------
        fetch : callable
            ``fetch(offset, limit) -> Slice``; does one request.
        limit : int, optional
            The most records the page may have; the service's default if not given.
        offset : int, optional
            How many records to skip.
        maximum : int, optional
            The largest limit the service takes.

        Raises
        ------
        ValueError, TypeError
            If limit or offset is no whole number or out of range; nothing was sent.
        """
        check_window(limit, offset, maximum=maximum)
        batch = fetch(offset, limit)
        return cls(batch.items, total=batch.total, offset=offset or 0, limit=limit, fetch=fetch)

    @property
    def count(self) -> int:
        """How many records this page has."""
        return len(self.items)

    def next(self) -> "Page[T_co] | None":
        """Fetch the page after this one (one request), or ``None`` if this is the last."""
        if self._fetch is None or not self.items:
            return None
        offset = self.offset + len(self.items)
        if self.total is not None and offset >= self.total:
            return None
        batch = self._fetch(offset, self._limit)
        if not batch.items or list(batch.items) == self.items:
            # A service that ignores `offset` sends the same page for ever.
            return None
        return Page(
            batch.items, total=batch.total, offset=offset, limit=self._limit, fetch=self._fetch
        )

    def pages(self) -> "Iterator[Page[T_co]]":
        """Go through this page and all following ones, each fetched when it is reached."""
        page: Page[T_co] | None = self
        while page is not None:
            yield page
            page = page.next()

    def walk(self) -> Iterator[T_co]:
        """Go through the records of this and all following pages, fetched as they are needed."""
        for page in self.pages():
            yield from page.items

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T_co]:
        return iter(self.items)

    def __reversed__(self) -> Iterator[T_co]:
        return reversed(self.items)

    def __contains__(self, item: object) -> bool:
        return item in self.items

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> list[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | list[T_co]:
        return self.items[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Page):
            return self.items == other.items and self.total == other.total
        return self.items == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # compares by content, like the list it stands for

    def __getstate__(self) -> dict[str, Any]:
        # The callback holds an open connection: a pickled page keeps its records only.
        return {**self.__dict__, "_fetch": None}

    def __repr__(self) -> str:
        of = "" if self.total is None else f" of {self.total}"
        return f"Page({self.count}{of} records from {self.offset}: {self.items!r})"


def check_window(limit: int | None, offset: int | None, *, maximum: int | None = None) -> None:
    """Refuse a limit or offset the service could not take.

    Raises
    ------
    ValueError, TypeError
        Naming the argument, its value and the allowed range.
    """
    if limit is not None:
        hint = "; use .walk() on the page to go through more"
        integer(limit, "limit", least=1, most=maximum, hint=hint)
    if offset is not None:
        integer(offset, "offset", least=0)
