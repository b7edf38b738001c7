"""The table of runs that `ionworks run` and `ionworks sweep` show."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from ionworks.cli.frames import view
from ionworks.cli.output import cell

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

__all__ = ["by_interest", "runs_view"]

_ID: Final = "simulation_id"
_STATUS: Final = "status"


def runs_view(frame: pl.DataFrame) -> RenderableType:
    """Return the table of a batch, in a terminal with what differs between the runs in front."""
    shown = frame.select(by_interest(frame)) if sys.stdout.isatty() else frame
    return view(shown)


def by_interest(frame: pl.DataFrame) -> list[str]:
    """Return the columns: the id, the status if one failed, what differs, and the others."""
    # What rounding alone tells apart does not differ.
    differs = {name: len({*map(cell, frame[name])}) > 1 for name in frame.columns}
    # Inputs come before metrics in the table of a batch.
    names = sorted(frame.columns, key=lambda name: not differs[name])
    has_problem = (frame[_STATUS] != "completed").any()
    return [*dict.fromkeys([_ID, *([_STATUS] if has_problem else []), *names])]
