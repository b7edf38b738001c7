"""Lists of records that are short when they are printed."""

from __future__ import annotations

from typing import ClassVar, Generic, SupportsIndex, TypeVar, overload

from ionworks.data.listing import Listing

__all__ = ["RecordList"]

T = TypeVar("T")


class RecordList(list[T], Generic[T]):
    """A list whose repr, and HTML in a notebook, is a table of the first records.

    It is a list in every other respect; slices are such lists too.
    """

    _noun: ClassVar[str] = "record"

    @overload
    def __getitem__(self, index: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> RecordList[T]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> T | RecordList[T]:
        if isinstance(index, slice):
            return RecordList(super().__getitem__(index))
        return super().__getitem__(index)

    def __repr__(self) -> str:
        return self._listing().text() if self else "[]"

    def _repr_html_(self) -> str:
        return self._listing().html()

    def _listing(self) -> Listing:
        return Listing(f"{len(self):,} {self._noun}{'' if len(self) == 1 else 's'}", self)
