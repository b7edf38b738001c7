"""Pages of lists."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, Self, TypeVar, overload

from ionworks.data.listing import Listing
from ionworks.data.record_list import RecordList
from ionworks.doe.scalars import integer

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Slice(NamedTuple, Generic[T]):
    """The reply to one list request.

    Attributes
    ----------
    items : sequence
        The records of the page.
    total : int or None
        Length of the whole list, if the service gives it.
    """

    items: Sequence[T]
    total: int | None = None


Fetch = Callable[[int | None, int | None], Slice[T]]
"""``fetch(offset, limit)`` sends one request; ``None`` means that the parameter is not sent."""


class PageItems(Collection[T_co]):
    """The records of one page of a list, usable as a read-only list.

    Attributes
    ----------
    items : list
        The records of this page.
    count : int
        Number of records on this page.
    total : int or None
        Length of the whole list, or ``None`` if the service does not give it.
    offset : int
        Position of this page's first record in the whole list.
    """

    def __init__(self, items: Iterable[T_co], *, total: int | None = None, offset: int = 0) -> None:
        self.items = RecordList(items)
        self.total = total
        self.offset = offset

    @property
    def count(self) -> int:
        """Number of records on this page."""
        return len(self.items)

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
        if isinstance(other, PageItems):
            return self.items == other.items and self.total == other.total
        return self.items == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # compares by content, like a list

    def __repr__(self) -> str:
        return self._listing().text()

    def _repr_html_(self) -> str:
        return self._listing().html()

    def _listing(self) -> Listing:
        of = "" if self.total is None else f" of {self.total:,}"
        title = f"{type(self).__name__}({self.count:,}{of} records from {self.offset:,})"
        return Listing(title, self.items)


class Page(PageItems[T_co]):
    """One page of a list, usable as a read-only list of its records.

    ``for record in page`` iterates over this page only, ``for record in page.walk()`` over this
    and all following pages, which are fetched when needed.

    Attributes
    ----------
    items : list
        The records of this page.
    count : int
        Number of records on this page.
    total : int or None
        Length of the whole list, or ``None`` if the service does not give it.
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
        super().__init__(items, total=total, offset=offset)
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
            ``fetch(offset, limit) -> Slice``; sends one request.
        limit : int, optional
            Largest number of records on the page; the service's default if not given.
        offset : int, optional
            Number of records to skip.
        maximum : int, optional
            The largest limit the service accepts.

        Raises
        ------
        ValueError, TypeError
            If limit or offset is not a whole number or out of range; nothing was sent.
        """
        check_window(limit, offset, maximum=maximum)
        batch = fetch(offset, limit)
        return cls(batch.items, total=batch.total, offset=offset or 0, limit=limit, fetch=fetch)

    def next(self) -> "Page[T_co] | None":
        """Fetch the page after this one (one request), or ``None`` if this is the last."""
        if self._fetch is None or not self.items:
            return None
        offset = self.offset + len(self.items)
        if self.total is not None and offset >= self.total:
            return None
        batch = self._fetch(offset, self._limit)
        if not batch.items or list(batch.items) == self.items:
            # Stop if a service ignores `offset` and returns the same page again.
            return None
        return Page(
            batch.items, total=batch.total, offset=offset, limit=self._limit, fetch=self._fetch
        )

    def pages(self) -> "Iterator[Page[T_co]]":
        """Iterate over this page and all following ones, which are fetched when needed."""
        page: Page[T_co] | None = self
        while page is not None:
            yield page
            page = page.next()

    def walk(self) -> Iterator[T_co]:
        """Iterate over the records of this and all following pages, fetched when needed."""
        for page in self.pages():
            yield from page.items

    def __getstate__(self) -> dict[str, Any]:
        # The callback refers to an open connection, so a pickled page contains its records only.
        return {**self.__dict__, "_fetch": None}


def check_window(limit: int | None, offset: int | None, *, maximum: int | None = None) -> None:
    """Check the limit and offset of a list.

    Raises
    ------
    ValueError, TypeError
        If one is invalid; the message gives the argument, its value and the allowed range.
    """
    if limit is not None:
        hint = "; use .walk() on the page to iterate over more"
        integer(limit, "limit", least=1, most=maximum, hint=hint)
    if offset is not None:
        integer(offset, "offset", least=0)
