"""What `ionworks run` and `ionworks sweep` do with the runs they have submitted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import typer

from ionworks.cli.exits import Code
from ionworks.cli.frames import write
from ionworks.cli.output import cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from rich.console import RenderableType

    from ionworks.cli.session import Session
    from ionworks.resources.simulation_batch import SimulationBatch

__all__ = ["Wishes", "finish"]

_ID: Final = "simulation_id"
_ERROR: Final = "error"
_MOST_ROWS: Final = 50
_MOST_REASONS: Final = 5
_GAP: Final = 2
_BETWEEN: Final = 3
"""Spaces between two columns of a table."""


@attrs.frozen(kw_only=True)
class Wishes:
    """What to do with the runs.

    Attributes
    ----------
    waits : bool
        Whether to wait until they have ended.
    timeout : float or None
        Most seconds to wait.
    retries : bool
        Whether to submit failed ones again, once.
    only_ids : bool
        Whether the result is their ids, one a line.
    output, table, plot : Path or None
        Files of the time series, of the table, and of a plot.
    columns : sequence of str
        Columns of the time series; the usual ones if empty.
    """

    waits: bool = True
    timeout: float | None = None
    retries: bool = False
    only_ids: bool = False
    output: Path | None = None
    table: Path | None = None
    plot: Path | None = None
    columns: Sequence[str] = ()

    def check(self) -> None:
        """Refuse what contradicts itself, before anything is submitted.

        Raises
        ------
        ValueError
            If the runs are not waited for, but their results are wanted; or columns of no file.
        """
        files = {"--output": self.output, "--table": self.table, "--plot": self.plot}
        others = {"--retry-failed": self.retries, "--timeout": self.timeout is not None}
        for option, wish in {**files, **others}.items():
            if wish and not self.waits:
                raise ValueError(f"{option} needs the end of the runs: leave out --no-wait")
        if self.columns and self.output is None:
            raise ValueError("--column is for --output: name the file of the time series")


def finish(session: Session, batch: SimulationBatch, wishes: Wishes) -> None:
    """Wait for runs, write their results, and exit with the code of their failure.

    Raises
    ------
    typer.Exit
        If one has failed or was canceled.
    """
    if not wishes.waits:
        _announce(session, batch)
        return
    batch = _ended(session, batch, wishes)
    frame: Any = batch.to_frame()
    rows = frame.to_dicts()
    if wishes.only_ids and not session.output.json:
        session.output.lines(row[_ID] for row in rows)
    else:
        session.output.result(rows, lambda: _view(rows))
    _write(session, batch, frame, wishes)
    failed = [row for row in rows if row["status"] != "completed"]
    if failed:
        _explain(session, failed, len(rows))
        raise typer.Exit(Code.FAILED)


def _announce(session: Session, batch: SimulationBatch) -> None:
    """Write the ids of runs that are not waited for."""
    ids = [each.simulation_id for each in batch]
    if session.output.json:
        session.output.result([{_ID: each, "status": "pending"} for each in ids], lambda: None)
    else:
        session.output.lines(ids)
    session.note_left_running(ids)


def _ended(session: Session, batch: SimulationBatch, wishes: Wishes) -> SimulationBatch:
    """Wait until all runs have ended, and run failed ones again if that is wanted."""
    verbose = not session.output.quiet

    def wait(some: SimulationBatch) -> None:
        some.wait(wishes.timeout, verbose=verbose, raise_on_failure=False)

    wait(batch)
    if not wishes.retries:
        return batch
    failed = {each.id for each in batch.failed}
    if not failed:
        return batch
    session.output.note(f"{len(failed)} failed; running them again.")
    again = batch.retry()
    wait(again)
    kept = batch[:0]
    kept += [each for each in batch if each.simulation_id not in failed]
    return kept + again


def _view(rows: list[dict[str, Any]]) -> RenderableType | None:
    """Return the fields of one run, or a table of several."""
    from rich.table import Table

    if len(rows) == 1:
        grid = Table.grid(padding=(0, _GAP))
        grid.add_column(style="bold")
        grid.add_column(overflow="fold")
        for name, value in rows[0].items():
            if value is not None:
                grid.add_row(_heading(name), cell(value))
        return grid
    return _table(rows)


def _table(rows: list[dict[str, Any]]) -> RenderableType:
    """Return a table of as many columns as fit, those that differ between the runs first."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    is_terminal = sys.stdout.isatty()
    listed = rows[:_MOST_ROWS] if is_terminal else rows
    texts = [
        {"run": str(number), **{name: cell(value) for name, value in row.items()}}
        for number, row in enumerate(listed, 1)
    ]
    names = _by_interest(rows) if is_terminal else [*rows[0]]
    shown = _fitting(["run", *names], texts) if is_terminal else names
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in shown:
        is_number = any(isinstance(row.get(name), (int, float)) for row in rows)
        made.add_column(
            _heading(name),
            justify="right" if is_number or name == "run" else "left",
            # Headings are wrapped between words, values are not.
            width=_width(name, texts) if is_terminal else None,
            no_wrap=not is_terminal,
        )
    for row in texts:
        made.add_row(*(Text(row[name], no_wrap=True) for name in shown))
    hidden = len(names) + 1 - len(shown)
    rest = [
        f"{len(listed)} of {len(rows):,} runs" if len(listed) < len(rows) else "",
        f"{hidden} more columns" if is_terminal and hidden else "",
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


def _fitting(names: Sequence[str], texts: list[dict[str, str]]) -> list[str]:
    """Return the first columns that fit into a line of the terminal; values are never cut."""
    import shutil

    left = shutil.get_terminal_size().columns + _BETWEEN
    found: list[str] = []
    for name in names:
        width = _width(name, texts) + _BETWEEN
        if width <= left:
            left -= width
            found.append(name)
    return found


def _width(name: str, texts: list[dict[str, str]]) -> int:
    """Return the least width of a column, in which neither a value nor a word is cut."""
    return max(map(len, [*_heading(name).split(), *(row[name] for row in texts)]))


def _heading(name: str) -> str:
    return name if "[" in name else name.replace("_", " ")


def _write(session: Session, batch: SimulationBatch, frame: pl.DataFrame, wishes: Wishes) -> None:
    if wishes.table is not None:
        write(frame, wishes.table)
        session.output.note(f"table written to {wishes.table}")
    has_results = "completed" in frame["status"]
    for name, path in (("output", wishes.output), ("plot", wishes.plot)):
        if path is not None and not has_results:
            session.output.warning(f"--{name}: no run has completed, so nothing is written")
            return
    if wishes.output is not None:
        write(_time_series(session, batch, wishes.columns), wishes.output)
        session.output.note(f"time series written to {wishes.output}")
    if wishes.plot is not None:
        figure: Any = (
            batch.plot().figure
            if len(batch) > 1
            else session.client.simulation.get_result(batch[0]).plot()[0].figure
        )
        figure.savefig(wishes.plot)
        session.output.note(f"plot written to {wishes.plot}")


def _time_series(session: Session, batch: SimulationBatch, columns: Sequence[str]) -> Any:
    """Return all columns of one run, or those that are usual or wanted of several."""
    if len(batch) == 1:
        frame: Any = session.client.simulation.get_result(batch[0]).time_series
        return frame.select(columns) if columns else frame
    return batch.time_series(columns or None)


def _explain(session: Session, failed: list[dict[str, Any]], count: int) -> None:
    """Write why runs have failed, each reason once."""
    reasons: dict[str, int] = {}
    for row in failed:
        reason = row[_ERROR] or row["status"]
        reasons[reason] = reasons.get(reason, 0) + 1
    session.output.error(f"{len(failed)} of {count} runs did not complete")
    for reason, number in [*reasons.items()][:_MOST_REASONS]:
        session.output.error(f"{number} x {reason}" if number > 1 else reason)
    if len(reasons) > _MOST_REASONS:
        session.output.error(f"{len(reasons) - _MOST_REASONS} more reasons: see --json")
