"""What the command writes: the result on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Output", "table"]

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
            sys.stdout.write(f"{text}\n")
            return
        shown = view()
        if shown is not None:
            _print(shown)

    def lines(self, texts: Iterable[str]) -> None:
        """Write lines of a result as they are, such as ids for another command."""
        for text in texts:
            sys.stdout.write(f"{text}\n")

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


def table(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, title: str | None = None
) -> RenderableType:
    """Return a table of some fields of records.

    Parameters
    ----------
    rows : iterable of mapping
        The records.
    columns : sequence of str
        The fields to show, the first of which is never cut off; those that no record has are left
        out.
    title : str, optional
        A line above the table.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    listed = [*rows]
    shown = [name for name in columns if any(_is_told(row.get(name)) for row in listed)]
    made = Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, show_edge=False
    )
    for index, name in enumerate(shown):
        is_number = any(isinstance(row.get(name), (int, float)) for row in listed)
        made.add_column(
            name.replace("_", " "),
            no_wrap=True,
            overflow="fold" if index == 0 else "ellipsis",
            min_width=max((len(cell(row.get(name))) for row in listed), default=0)
            if index == 0
            else None,
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

    plain: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False}
    is_text = isinstance(shown, str)
    if sys.stdout.isatty():
        Console(**plain).print(shown, soft_wrap=is_text)
        return
    console = Console(width=_UNLIMITED, file=io.StringIO(), **plain)
    with console.capture() as captured:
        console.print(shown, soft_wrap=is_text)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
