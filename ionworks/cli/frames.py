"""Data frames as JSON, as files, and as tables of a terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.output import Output, cell, table

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

__all__ = ["FileOption", "answer", "check_ending", "rows_of", "write"]

_ENDINGS: Final = (".csv", ".parquet", ".json")
_MOST_ROWS: Final = 40


def check_ending(path: Path | None) -> Path | None:
    """Refuse the name of a file to which `write` writes nothing; for options."""
    if path is not None and path.suffix.lower() not in _ENDINGS:
        raise typer.BadParameter(f"{path}: the name must end with {', '.join(_ENDINGS)}")
    return path


FileOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        show_default=False,
        callback=check_ending,
        help="Write the table to a .csv, .parquet or .json file instead.",
    ),
]
"""The option of commands whose result is a table; the ending is checked before anything is done."""


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
        output.result(rows_of(frame), lambda: None)
    else:
        output.result(None, lambda: _table(frame))


def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as JSON objects."""
    return frame.to_dicts()


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame to a file, whose name `check_ending` has checked."""
    import json

    from ionworks.data.json_values import plain

    # A file of the same folder replaces the old one, so that a full disk leaves no half file.
    part = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == ".parquet":
            frame.write_parquet(part)
        elif path.suffix.lower() == ".csv":
            frame.write_csv(part)
        else:
            part.write_text(json.dumps(plain(rows_of(frame), "result")), encoding="utf-8")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _table(frame: pl.DataFrame) -> RenderableType:
    """Return a table: whole where standard output is no terminal, else what fits."""
    from rich.console import Group
    from rich.text import Text

    if not sys.stdout.isatty():
        return table(frame.to_dicts(), frame.columns)
    shown = _ends(frame)
    columns = _fitting(shown, frame.columns, shutil.get_terminal_size().columns)
    parts: list[RenderableType] = [table(shown, columns)]
    hidden = []
    if frame.height > len(shown):
        hidden.append(f"{frame.height - len(shown):,} of {frame.height:,} rows")
    if len(columns) < frame.width:
        hidden.append(f"{frame.width - len(columns)} of {frame.width} columns")
    if hidden:
        text = f"{' and '.join(hidden)} not shown: --output FILE or --json has all"
        parts.append(Text(text, style="dim"))
    return Group(*parts)


def _ends(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows, or the first and last ones of many."""
    if frame.height <= _MOST_ROWS:
        return frame.to_dicts()
    half = _MOST_ROWS // 2
    gap = dict.fromkeys(frame.columns, "...")
    return [*frame.head(half).to_dicts(), gap, *frame.tail(half).to_dicts()]


def _fitting(rows: Sequence[dict[str, Any]], columns: Sequence[str], width: int) -> list[str]:
    """Return the first columns, as many as fit into the width."""
    kept: list[str] = []
    used = 0
    for name in columns:
        used += 2 + max(len(name), *(len(cell(row[name])) for row in rows), 0)
        if kept and used > width:
            break
        kept.append(name)
    return kept
