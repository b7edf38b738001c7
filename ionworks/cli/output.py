"""What the command writes: the result on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Output", "cell", "fitting", "listing", "table"]

_WIDEST_NEEDED = 36
"""Characters of a text that are always shown: an id is copied."""
_GAP = 2
"""Characters between two columns."""
_UNLIMITED = 100_000
"""Columns of a table that is not written to a terminal: nothing is cut off."""
_STYLES = {
    "completed": "green", "failed": "red", "canceled": "yellow", "processing": "cyan",
    "running": "cyan", "pending": "dim", "waiting": "dim",
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Output:
    """The two streams.

    Attributes
    ----------
    json : bool
        Whether results are written as JSON.
    quiet : bool
        Whether notes and progress are left out.
    """

    json: bool = False
    quiet: bool = False

    def result(self, document: Any, view: Callable[[], RenderableType | None]) -> None:
        """Write the result of the command.

        Parameters
        ----------
        document : object
            The result as JSON values; dates and numbers of NumPy are converted, NaN is null.
        view : callable
            Returns the result for people, as text or something of rich; None for nothing.
        """
        if self.json:
            from ionworks.data.json_values import plain

            text = json.dumps(plain(document, "result"), indent=2, ensure_ascii=False)
            self.lines([text])
            return
        shown = view()
        if shown is not None:
            _print(shown)
            sys.stdout.flush()

    def lines(self, texts: Iterable[str]) -> None:
        """Write lines of a result as they are, such as ids for another command."""
        for text in texts:
            sys.stdout.write(f"{text}\n")
        # An error belongs to the command, and not to the end of the program.
        sys.stdout.flush()

    def ids(self, ids: Iterable[str]) -> None:
        """Write ids for another command, one per line, or as a list in JSON."""
        listed = [*ids]
        if self.json:
            self.result(listed, lambda: None)
        else:
            self.lines(listed)

    def note(self, text: str) -> None:
        """Write a remark to standard error, unless it shall be quiet."""
        if not self.quiet:
            typer.secho(text, err=True, dim=True)

    def warning(self, text: str) -> None:
        """Write a warning to standard error."""
        typer.echo(typer.style("warning: ", fg="yellow", bold=True) + text, err=True)

    def error(self, text: str) -> None:
        """Write why the command fails to standard error."""
        typer.echo(typer.style("error: ", fg="red", bold=True) + text, err=True)


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> RenderableType:
    """Return a table of some fields of records.

    In a terminal it has the first columns, as many as fit; else all of them.

    Parameters
    ----------
    rows : iterable of mapping
        The records.
    columns : sequence of str
        The fields to show, the first of which is never cut off; those that no record has are left
        out.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    listed = [*rows]
    made = Table(
        box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), collapse_padding=True, pad_edge=False,
        show_edge=False,
    )  # fmt: skip
    shown = fitting(listed, columns)
    widths = _widths(listed, shown)
    for name in shown:
        is_number = _has_numbers(name, listed)
        made.add_column(
            _heading(name),
            # The heading of a number is wrapped.
            no_wrap=not is_number,
            overflow="ellipsis",
            vertical="bottom",
            width=widths[name],
            justify="right" if is_number else "left",
        )
    for row in listed:
        texts = ((name, cell(row.get(name))) for name in shown)
        made.add_row(
            *(
                Text(text, style=_STYLES.get(text, "") if name.endswith("status") else "")
                for name, text in texts
            )
        )
    return made


def listing(values: Mapping[str, Any]) -> RenderableType:
    """Return names and values one below the other; those that are not told are left out."""
    from rich.table import Table

    longest = max((len(_heading(name)) for name in values), default=0)
    if sys.stdout.isatty():
        # An id is copied, so that names are wrapped first.
        longest = min(longest, shutil.get_terminal_size().columns - _WIDEST_NEEDED - _GAP)
    made = Table.grid(padding=(0, _GAP))
    made.add_column(style="bold", width=max(longest, 1))
    made.add_column(overflow="fold")
    for name, value in values.items():
        if _is_told(value):
            made.add_row(_heading(name), cell(value))
    return made


def fitting(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """Return the columns of a table: those that are told, in a terminal as many as fit."""
    told = [name for name in columns if any(_is_told(row.get(name)) for row in rows)]
    if not sys.stdout.isatty():
        return told
    width = shutil.get_terminal_size().columns
    kept: list[str] = []
    used = 0
    for name in told:
        used += (_GAP if kept else 0) + _least_width(name, rows)
        if kept and used > width:
            break
        kept.append(name)
    return kept


def _widths(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> dict[str, int]:
    """Return the width of each column; in a terminal long texts share what is left of the line."""
    # Rich, if it is left to it, takes the width of numbers for long texts.
    widths = {name: _least_width(name, rows) for name in columns}
    left = shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNLIMITED
    left -= sum(widths.values()) + _GAP * (len(columns) - 1)
    for name in columns:
        widest = max((len(cell(row.get(name))) for row in rows), default=0)
        more = max(min(left, widest - widths[name]), 0)
        widths[name] += more
        left -= more
    return widths


def _least_width(name: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Return the characters that a column needs; headings are wrapped, long texts cut off."""
    widest = max((len(cell(row.get(name))) for row in rows), default=0)
    heading = _heading(name)
    words = heading.split() if _has_numbers(name, rows) else [heading]
    needed = max(map(len, words), default=0)
    return max(needed, min(widest, _WIDEST_NEEDED))


def _has_numbers(name: str, rows: Iterable[Mapping[str, Any]]) -> bool:
    return any(isinstance(row.get(name), (int, float)) for row in rows)


def _heading(name: str) -> str:
    """Return the heading of a column: fields of records are words, columns of frames are names."""
    return name if "[" in name else name.replace("_", " ")


def cell(value: Any) -> str:
    """Return a value as the text of a cell, without what could move the cursor."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (Mapping, list, tuple)):
        value = json.dumps(value, default=str)
    text = str(value)
    return "".join(each if each.isprintable() else " " for each in text)


def _is_told(value: Any) -> bool:
    return value is not None and value not in ("", {}, [])


def _print(shown: RenderableType) -> None:
    from rich.console import Console

    if isinstance(shown, str):
        # Rich would expand its tabs, which another program may read.
        sys.stdout.write(shown.rstrip("\n") + "\n")
        return
    plain: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False}
    if sys.stdout.isatty():
        Console(**plain).print(shown)
        return
    console = Console(width=_UNLIMITED, file=io.StringIO(), **plain)
    with console.capture() as captured:
        console.print(shown)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
