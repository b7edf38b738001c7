"""Lists of records as tables of the fields that tell them apart, as text and as HTML."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import attrs

__all__ = ["Listing"]

_MOST_ROWS: Final = 30
_MOST_COLUMNS: Final = 8
_WIDEST: Final = 36
"""Characters of a column of text: an id, which can be copied, is not cut."""
_REASON: Final = "error"
_SHORTEST: Final = 20
"""Characters of a reason that are still worth a column."""
_FIRST: Final = ("name", "status", "processing_status", "error")
_LAST: Final = ("created_at", "address")
_TIMES: Final = ("created_at", "submitted_at")
_LEFT_OUT: Final = ("_id", "_ids", "_email", "_at", "_note", "_folder", "_path", "_terminal")
"""Endings of the names of fields that say little about the record itself."""


@attrs.frozen
class Listing:
    """A list of records, of which only the first ones are looked at.

    Attributes
    ----------
    title : str
        What the list is, such as ``"Page(30 of 1000 records from 0)"``.
    items : sequence
        The records. Of each only the fields that are known without a request are shown.
    """

    title: str
    items: Sequence[Any]

    def text(self) -> str:
        """Return a table of few lines, as wide as the terminal."""
        import shutil

        rows = self._rows(_MOST_ROWS)
        if rows is None:
            return f"{self.title}: {_plain.repr([*self.items])}"
        if not rows:
            return self.title
        lines = [*_aligned(_columns(rows), rows, shutil.get_terminal_size().columns - 1)]
        return "\n".join([self.title, *lines, *self._rest(len(rows))])

    def html(self) -> str:
        """Return a table as HTML."""
        from ionworks.html.fragments import paragraph, table, view

        rows = self._rows(_MOST_ROWS)
        if rows is None:
            return view(self.title, paragraph(_plain.repr([*self.items])))
        if not rows:
            return view(self.title)
        columns = _columns(rows)[:_MOST_COLUMNS]
        cells = ([_shown(name, row.get(name)) for name in columns] for row in rows)
        rest = (paragraph(line, is_muted=True) for line in self._rest(len(rows)))
        return view(self.title, table(columns, cells), *rest)

    def _rows(self, most: int) -> list[Mapping[str, Any]] | None:
        """Return the known fields of the first records, None if they are not records."""
        found = [getattr(item, "_known", None) for item in islice(self.items, most)]
        return None if None in found else [known() for known in found if known is not None]

    def _rest(self, shown: int) -> Iterator[str]:
        if len(self.items) > shown:
            yield f"{shown} of {len(self.items):,} shown"


_plain = reprlib.Repr()
_plain.maxlist = _MOST_ROWS


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the fields to show: the id first, then what differs the most."""
    names = [*dict.fromkeys(name for row in rows for name in row)]
    identity = names[:1]
    others = [
        name
        for name in names
        if name not in {*identity, *_FIRST, *_LAST} and not name.endswith(_LEFT_OUT)
    ]
    wanted = dict.fromkeys([*identity, *_FIRST, *others, *_LAST])
    return [name for name in wanted if any(_is_telling(row.get(name)) for row in rows)]


def _is_telling(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and value not in {False, ""}


def _shown(name: str, value: Any) -> Any:
    """Return the value of a cell; nested values and the seconds of a date are left out."""
    if not isinstance(value, (str, int, float)):
        return None
    if name in _TIMES and isinstance(value, str):
        return value[:16].replace("T", " ")
    return value


def _aligned(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]], width: int
) -> Iterator[str]:
    """Yield the lines of a table with as many columns as fit, at least the first."""
    cells = {name: [name, *(_cut(_shown(name, row.get(name))) for row in rows)] for name in columns}
    widths = {name: max(map(len, values)) for name, values in cells.items()}
    kept: list[str] = []
    used = 0
    for name in columns:
        room = width - used - 2
        if name == _REASON and _SHORTEST <= room < widths[name]:
            widths[name] = room
            cells[name] = [_cut(cell, room) for cell in cells[name]]
        if not kept or widths[name] <= room:
            kept.append(name)
            used += 2 + widths[name]
    for place in range(len(rows) + 1):
        line = "  ".join(cells[name][place].ljust(widths[name]) for name in kept)
        yield f"  {line}".rstrip()


def _cut(value: Any, width: int = _WIDEST) -> str:
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    # A line break would end the row, and other control characters could move the cursor.
    text = "".join(each if each.isprintable() else " " for each in text)
    return text if len(text) <= width else text[: width - 3] + "..."
