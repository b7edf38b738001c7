"""Data frames as JSON, as files, and as tables of a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.files import file_with, replaced
from ionworks.cli.output import Output, fitting, listing, table

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

__all__ = ["FileOption", "answer", "table_file", "view", "write"]

_MOST_ROWS: Final = 40
_IDS: Final = ("id", "simulation_id")
_LONG_ID: Final = 16
_END: Final = 6


table_file: Final = file_with(".csv", ".parquet", ".json")
"""The callback of options with the name of a file that `write` writes."""

FileOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        show_default=False,
        callback=table_file,
        help="Write the table to a .csv, .parquet or .json file instead.",
    ),
]
"""The option of commands whose result is a table; the name is checked before anything is done."""


def answer(output: Output, frame: pl.DataFrame, file: Path | None = None) -> None:
    """Write a frame as the result of the command: to a file, as JSON or as a table.

    Parameters
    ----------
    output : Output
        Where to write.
    frame : polars.DataFrame
        The result. JSON is a list with an object for each row, in which NaN is null.
    file : Path, optional
        A file to write instead; its name is checked by `FileOption`.
    """
    if file is not None:
        write(frame, file)
        output.note(f"{frame.height:,} rows, {frame.width} columns written to {file}")
        return
    if output.json:
        output.result(frame.to_dicts(), lambda: None)
    else:
        output.result(None, lambda: view(frame))


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame to a file, whose name `table_file` has checked."""
    from ionworks.data.json_values import plain

    with replaced(path) as part:
        if path.suffix.lower() == ".parquet":
            frame.write_parquet(part)
        elif path.suffix.lower() == ".csv":
            frame.write_csv(part)
        else:
            part.write_text(json.dumps(plain(frame.to_dicts(), "result")), encoding="utf-8")


def view(frame: pl.DataFrame) -> RenderableType:
    """Return a table: whole where standard output is no terminal, else what fits."""
    from rich.console import Group
    from rich.text import Text

    if not sys.stdout.isatty():
        return table(frame.to_dicts(), frame.columns)
    rows = [_with_short_ids(row) for row in _ends(frame)]
    told = [name for name in frame.columns if frame[name].null_count() < frame.height]
    columns = fitting(rows, told)
    if frame.height == 1 and len(columns) < len(told):
        # One below the other all fit.
        return listing(frame.row(0, named=True))
    hidden = []
    if frame.height > len(rows):
        hidden.append(f"{frame.height - _MOST_ROWS:,} of {frame.height:,} rows")
    if len(columns) < len(told):
        hidden.append(f"{len(told) - len(columns)} of {len(told)} columns")
    shown = table(rows, columns)
    if not hidden:
        return shown
    rest = f"{' and '.join(hidden)} not shown: --output FILE or --json has all"
    return Group(shown, Text(rest, style="dim"))


def _ends(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows, or the first and last ones of many."""
    if frame.height <= _MOST_ROWS:
        return frame.to_dicts()
    half = _MOST_ROWS // 2
    gap = dict.fromkeys(frame.columns, "...")
    return [*frame.head(half).to_dicts(), gap, *frame.tail(half).to_dicts()]


def _with_short_ids(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the ends of its id, in which the runs of a submission differ."""
    return {
        name: f"{value[:_END]}..{value[-_END:]}"
        if name in _IDS and isinstance(value, str) and len(value) > _LONG_ID
        else value
        for name, value in row.items()
    }
