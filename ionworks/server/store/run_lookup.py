"""Which run an id belongs to, and which ids a run has.

Most are made from each other, see `run_ids`. Runs of earlier layouts keep the ids that they had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from attrs import frozen

from ionworks.server.store import run_ids
from ionworks.server.store.database import Store
from ionworks.server.store.ranges import Range, parts, ranges_of
from ionworks.server.store.run_ids import JOB, SIMULATION, RunId
from ionworks.server.store.tables import old_ids, runs

_OLD = {SIMULATION: old_ids.c.simulation_id, JOB: old_ids.c.job_id}
_HAS_OLD = sa.select(sa.exists(sa.select(old_ids.c.run_index)))


@frozen
class Ids:
    """The ids of a run that users see."""

    simulation_id: str
    job_id: str


def find(connection: sa.Connection, identifiers: Sequence[str], kind: str) -> dict[str, RunId]:
    """Return the runs of ids of a kind; ids that are of no run are left out.

    An id that was made is found even if there is no such run.
    """
    found = {
        identifier: run
        for identifier in identifiers
        if (run := run_ids.parsed(identifier)) is not None and run.kind == kind
    }
    if connection.scalar(_HAS_OLD):
        column = _OLD[kind]
        columns = (column, old_ids.c.submission_id, old_ids.c.run_index)
        for row in connection.execute(sa.select(*columns).where(column.in_(identifiers))):
            found[row[0]] = RunId(row[1], row[2], kind)
    return found


def find_one(connection: sa.Connection, identifier: str, kind: str) -> RunId | None:
    """Return the run of an id, or None."""
    return find(connection, [identifier], kind).get(identifier)


def stored(
    connection: sa.Connection,
    simulation_ids: Sequence[str],
    columns: Sequence[sa.ColumnElement[Any]] = (),
) -> dict[str, tuple[RunId, sa.Row[Any]]]:
    """Return the simulations that exist by their ids, in the order of these.

    Parameters
    ----------
    connection
        A transaction.
    simulation_ids
        Those that do not exist are left out, and repeated ones count once.
    columns
        What to read of the row of each, besides what `ranges.parts` gives.
    """
    wanted = find(connection, simulation_ids, SIMULATION)
    indexes: Mapping[str, list[int]] = defaultdict(list)
    for each in wanted.values():
        indexes[each.submission_id].append(each.index)
    ranges = [(name, part) for name, of_it in indexes.items() for part in ranges_of(of_it)]
    found = {
        (row.submission_id, index): row
        for row in parts(connection, runs, ranges, columns=columns)
        for index in range(row.first, row.end)
    }
    return {
        identifier: (run, row)
        for identifier in simulation_ids
        if (run := wanted.get(identifier)) is not None
        and (row := found.get((run.submission_id, run.index))) is not None
    }


def current_job_ids(store: Store, job_ids: Sequence[str]) -> list[str]:
    """Return the ids under which the queue knows jobs."""
    with store.reading() as connection:
        found = find(connection, job_ids, JOB)
    return [
        run_ids.job_id(found[each].submission_id, found[each].index) if each in found else each
        for each in job_ids
    ]


class IdsOfRuns:
    """The ids of some runs that users see.

    Parameters
    ----------
    connection
        A transaction.
    wanted
        The runs, by submissions.
    """

    def __init__(self, connection: sa.Connection, wanted: Iterable[tuple[str, Range]]) -> None:
        self._old: dict[tuple[str, int], Ids] = {}
        if not connection.scalar(_HAS_OLD):
            return
        for submission_id, part in wanted:
            statement = sa.select(old_ids).where(
                old_ids.c.submission_id == submission_id,
                old_ids.c.run_index >= part.first,
                old_ids.c.run_index < part.end,
            )
            for row in connection.execute(statement):
                self._old[submission_id, row.run_index] = Ids(row.simulation_id, row.job_id)

    def of(self, submission_id: str, index: int) -> Ids:
        """Return the ids of one of the runs."""
        old = self._old.get((submission_id, index))
        if old is not None:
            return old
        return Ids(
            run_ids.simulation_id(submission_id, index), run_ids.job_id(submission_id, index)
        )
