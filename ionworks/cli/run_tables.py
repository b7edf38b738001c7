"""The table of runs that `ionworks run` and `ionworks sweep` show."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

from ionworks.cli.output import cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

__all__ = ["runs_view"]

_ID: Final = "simulation_id"
_MOST_ROWS: Final = 50
_GAP: Final = 2
_BETWEEN: Final = 3
"""Spaces between two columns of a table."""


def runs_view(rows: list[dict[str, Any]], width: int | None = None) -> RenderableType:
    """Return the fields of one run, or a table of several.

    Parameters
    ----------
    rows : list of dict
        Those of the table of a batch.
    width : int, optional
        Columns of the terminal, to show what fits; found out if not given. Where standard output
        is no terminal, everything is shown.
    """
    from rich.table import Table

    if not rows:
        return "no runs: they were deleted meanwhile"
    if len(rows) == 1:
        grid = Table.grid(padding=(0, _GAP))
        grid.add_column(style="bold")
        grid.add_column(overflow="fold")
        for name, value in rows[0].items():
            if value is not None:
                grid.add_row(_heading(name), cell(value))
        return grid
    if width is None and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
    return _table(rows, width)


def _table(rows: list[dict[str, Any]], width: int | None) -> RenderableType:
    """Return a table of as many columns as fit, those that differ between the runs first."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    listed = rows if width is None else rows[:_MOST_ROWS]
    texts = [
        {"run": str(number), **{name: cell(value) for name, value in row.items()}}
        for number, row in enumerate(listed, 1)
    ]
    names = [*rows[0]] if width is None else _by_interest(rows)
    shown = names if width is None else _fitting(["run", *names], texts, width)
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in shown:
        is_number = any(isinstance(row.get(name), (int, float)) for row in rows)
        made.add_column(
            _heading(name),
            justify="right" if is_number or name == "run" else "left",
            # Headings are wrapped between words, values are not.
            width=None if width is None else _width(name, texts),
            no_wrap=width is None,
        )
    for row in texts:
        made.add_row(*(Text(row[name], no_wrap=True) for name in shown))
    hidden = len(names) + 1 - len(shown)
    rest = [
        f"{len(listed)} of {len(rows):,} runs" if len(listed) < len(rows) else "",
        f"{hidden} more columns" if width is not None and hidden else "",
    ]
    told = ", ".join(filter(None, rest))
    return Group(made, f"{told}: see --json and --table") if told else made


def _by_interest(rows: list[dict[str, Any]]) -> list[str]:
    """Return the columns: inputs and metrics that differ, then the others."""

    def differs(name: str) -> bool:
        return len({cell(row[name]) for row in rows}) > 1

    # Inputs come before metrics.
    names = sorted((name for name in rows[0] if name != _ID), key=differs, reverse=True)
    has_problem = any(row["status"] != "completed" for row in rows)
    return [*dict.fromkeys([*(["status"] if has_problem else []), *names, _ID])]


def _fitting(names: Sequence[str], texts: list[dict[str, str]], width: int) -> list[str]:
    """Return the first columns that fit into a line of the terminal; values are never cut."""
    left = width + _BETWEEN
    found: list[str] = []
    for name in names:
        needed = _width(name, texts) + _BETWEEN
        if needed <= left:
            left -= needed
            found.append(name)
    return found


def _width(name: str, texts: list[dict[str, str]]) -> int:
    """Return the least width of a column, in which neither a value nor a word is cut."""
    return max(map(len, [*_heading(name).split(), *(row[name] for row in texts)]))


def _heading(name: str) -> str:
    return name if "[" in name else name.replace("_", " ")
