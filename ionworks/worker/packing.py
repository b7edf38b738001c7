"""Packs of runs: what a worker writes of the runs that ended, and reports to the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ionworks.server.jobs.outcomes import OutcomeWriter, pack_line, progress_line
from ionworks.server.jobs.targets import leave_if_orphaned
from ionworks.server.store import pack_files
from ionworks.server.store.blobs import new_pack_folder
from ionworks.ucp.metric_columns import joined, picked

if TYPE_CHECKING:
    import polars as pl

    from ionworks.engine import RunGroup
    from ionworks.server.store.blobs import Blobs

#: Seconds after which the runs that have ended are written although others go on: so much work is
#: lost at most if the process dies.
PACK_PERIOD: Final = 5.0


class Packer:
    """Collects the runs of a chunk that have ended, and writes them in packs.

    Parameters
    ----------
    blobs
        Where packs are written.
    outcomes
        Gets a line for each pack.
    owner
        Owner of the jobs.
    ids
        The runs of the chunk in the order they have in packs.
    clock
        Returns seconds.
    provenance
        How the runs are computed; None if it is not known.
    """

    def __init__(
        self,
        blobs: Blobs,
        outcomes: OutcomeWriter,
        owner: str,
        ids: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
        provenance: Mapping[str, Any] | None = None,
    ) -> None:
        self._blobs = blobs
        self._outcomes = outcomes
        self._owner = owner
        self._places = {identifier: place for place, identifier in enumerate(ids)}
        self._provenance = provenance
        self._clock = clock
        self._groups: list[RunGroup] = []
        self._packed_at = clock()

    def add(self, group: RunGroup) -> None:
        """Take runs that ended together; writes what was collected if it is time."""
        self._groups.append(group)
        if self._clock() - self._packed_at >= PACK_PERIOD:
            self.write()
        else:
            self._outcomes.write(progress_line())

    def write(self) -> None:
        """Write what was collected."""
        # Another server may have taken over the jobs of a server that died.
        leave_if_orphaned()
        groups, self._groups = self._groups, []
        moment = self._clock()
        ended = sum(len(group.ids) for group in groups)
        seconds = (moment - self._packed_at) / max(ended, 1)
        self._packed_at = moment
        with_points = [group for group in groups if group.time_series is not None]
        without = [group for group in groups if group.time_series is None]
        for members in (with_points, without):
            if members:
                self._write_pack(members, seconds)

    def _write_pack(self, groups: Sequence[RunGroup], seconds: float) -> None:
        ids = [identifier for group in groups for identifier in group.ids]
        order = np.argsort([self._places[identifier] for identifier in ids], kind="stable")
        positions: list[int] = order.tolist()
        errors = [error for group in groups for error in group.errors]
        notes = [each for group in groups for each in group.notes]
        folder = rows = None
        if groups[0].time_series is not None:
            folder = new_pack_folder(self._owner)
            rows, steps, series = _tables(groups, order)
            write = partial(pack_files.write, self._blobs, folder, steps, series, rows["steps"])
            self._outcomes.insist(write)
        self._outcomes.write(
            pack_line(
                [ids[position] for position in positions],
                pack=folder,
                metrics=picked(joined([group.metrics for group in groups]), positions),
                rows=rows,
                errors=_by_position(errors, positions),
                notes=_by_position(notes, positions),
                compute_time=seconds * len(ids),
                provenance=self._provenance,
            )
        )


def _by_position(values: Sequence[Any], positions: Sequence[int]) -> Mapping[int, Any]:
    """Return the values that are not empty, by their place in an order."""
    return {place: values[position] for place, position in enumerate(positions) if values[position]}


def _tables(
    groups: Sequence[RunGroup], order: Any
) -> tuple[dict[str, Any], pl.DataFrame, pl.DataFrame]:
    """Return the numbers of rows of each run, the steps and the time series, in an order."""
    import polars as pl

    steps = pl.concat([group.steps for group in groups if group.steps is not None])
    series = pl.concat([group.time_series for group in groups if group.time_series is not None])
    counts = np.concatenate([group.step_counts for group in groups])
    points = np.concatenate([group.points for group in groups])
    rows = {"steps": counts[order], "points": points[order]}
    if (np.diff(order) == 1).all():
        return rows, steps, series
    return rows, steps[_rows(counts, order)], series[_rows(points, order)]


def _rows(counts: Any, order: Any) -> Any:
    """Return the indexes of rows that have ``counts`` rows for each run, with runs in an order."""
    shifts = (np.cumsum(counts) - counts)[order]
    counts = counts[order]
    return np.repeat(shifts - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
