"""What `ionworks run` and `ionworks sweep` do with the runs they have submitted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import typer

from ionworks.cli.exits import Code
from ionworks.cli.figures import drawing, require_plots
from ionworks.cli.frames import write
from ionworks.cli.run_tables import runs_view
from ionworks.cli.waits import countdown, require_waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from ionworks.cli.session import Session
    from ionworks.resources.simulation_batch import SimulationBatch

__all__ = ["Wishes", "finish", "said_by_options"]

_ID: Final = "simulation_id"
_ERROR: Final = "error"
_MOST_REASONS: Final = 5
_SAID: Final = {
    "config['protocol_experiment']['protocol']": "the protocol",
    "body.protocol_experiment.protocol": "the protocol",
    "config['protocol_experiment']['drive_cycles']": "--drive-cycle",
    "config['parameterized_model']": "--model",
    "config['experiment_parameters']": "--input",
    "in experiment_parameters": "by --input NAME=VALUE",
}
"""Arguments and fields as messages of the client name them, and the options for them."""


@contextmanager
def said_by_options() -> Iterator[None]:
    """Name the options of the command in errors, in place of the arguments of the client."""
    from ionworks.errors import IonworksError, reworded

    try:
        yield
    except (IonworksError, ValueError, TypeError) as error:
        text = error.message if isinstance(error, IonworksError) else str(error)
        said = text
        for argument, option in _SAID.items():
            said = said.replace(argument, option)
        if said == text:
            raise
        if isinstance(error, IonworksError):
            raise reworded(error, said) from error
        raise ValueError(said) from error


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
    output, time_series, plot : Path or None
        Files of inputs and metrics, of the time series, and of a plot.
    columns : sequence of str
        Columns of the time series; the usual ones if empty.
    """

    waits: bool = True
    timeout: float | None = None
    retries: bool = False
    only_ids: bool = False
    output: Path | None = None
    time_series: Path | None = None
    plot: Path | None = None
    columns: Sequence[str] = ()

    def check(self) -> None:
        """Refuse what contradicts itself, before anything is submitted.

        Raises
        ------
        ValueError
            If the runs are not waited for, but their results are wanted, if columns of no file
            are named, or if two results are for the same file.
        ImportError
            If a plot is wanted and matplotlib is not installed.
        """
        require_waiting(
            "the runs", waits=self.waits, output=self.output, time_series=self.time_series,
            plot=self.plot, retry_failed=self.retries, timeout=self.timeout,
        )  # fmt: skip
        if self.columns and self.time_series is None:
            raise ValueError("--column is for --time-series: name the file of the time series")
        if self.output is not None and self.output == self.time_series:
            raise ValueError(f"--output and --time-series are the same file: {self.output}")
        if self.plot is not None:
            require_plots()


def finish(session: Session, batch: SimulationBatch, wishes: Wishes) -> None:
    """Wait for runs, write their results, and exit with the code of their failure.

    Raises
    ------
    typer.Exit
        If one failed or was canceled.
    """
    if not wishes.waits:
        _announce(session, batch, wishes)
        return
    batch = _ended(session, batch, wishes)
    frame: Any = batch.to_frame()
    rows = frame.to_dicts()
    if wishes.only_ids:
        session.output.ids(row[_ID] for row in rows)
    else:
        session.output.result(rows, lambda: runs_view(frame))
    _write(session, batch, frame, wishes)
    failed = [row for row in rows if row["status"] != "completed"]
    if failed:
        _explain(session, failed, len(rows))
        raise typer.Exit(Code.FAILED)


def _announce(session: Session, batch: SimulationBatch, wishes: Wishes) -> None:
    """Write the ids of runs that are not waited for."""
    ids = [each.simulation_id for each in batch]
    if session.output.json and not wishes.only_ids:
        rows = [{_ID: each, "status": "pending", _ERROR: None} for each in ids]
        session.output.result(rows, lambda: None)
    else:
        session.output.ids(ids)
    session.note_left_running(ids)


def _ended(session: Session, batch: SimulationBatch, wishes: Wishes) -> SimulationBatch:
    """Wait until all runs have ended, and run failed ones again if that is wanted."""
    verbose = not session.output.quiet
    remaining = countdown(wishes.timeout)

    def wait(some: SimulationBatch) -> None:
        some.wait(remaining(), verbose=verbose, raise_on_failure=False)

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


def _write(session: Session, batch: SimulationBatch, frame: pl.DataFrame, wishes: Wishes) -> None:
    if wishes.output is not None:
        write(frame, wishes.output)
        session.output.note(f"inputs and metrics written to {wishes.output}")
    has_results = "completed" in frame["status"]
    for name, path in (("time-series", wishes.time_series), ("plot", wishes.plot)):
        if path is not None and not has_results:
            session.output.warning(f"--{name}: no run has completed, so nothing is written")
            return
    if wishes.time_series is not None:
        write(_time_series(session, batch, wishes.columns), wishes.time_series)
        session.output.note(f"time series written to {wishes.time_series}")
    if wishes.plot is not None:
        with drawing(session.output, wishes.plot) as shown:
            shown.take(_drawn(session, batch))


def _drawn(session: Session, batch: SimulationBatch) -> Any:
    """Plot all signals of one run, or the voltage of several."""
    if len(batch) == 1:
        return session.client.simulation.get_result(batch[0]).plot()
    return batch.plot()


def _time_series(session: Session, batch: SimulationBatch, columns: Sequence[str]) -> Any:
    """Return the columns that are wanted, else all of one run, or the usual ones of several."""
    if len(batch) == 1 and not columns:
        return session.client.simulation.get_result(batch[0]).time_series
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
