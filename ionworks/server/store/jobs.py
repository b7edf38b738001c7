"""Jobs as users see them: those of simulations and those of pipelines in one list."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from ionworks.server.store import filters, run_lookup
from ionworks.server.store.database import Store
from ionworks.server.store.ranges import Range, begin_of
from ionworks.server.store.records import DEFAULT_LIMIT, Record, skipped
from ionworks.server.store.run_ids import JOB
from ionworks.server.store.run_lookup import IdsOfRuns
from ionworks.server.store.run_states import SIMULATE
from ionworks.server.store.tables import jobs, packs, runs, submissions

_SHOWN: Final = (
    "job_type",
    "project_id",
    "status",
    "attempts",
    "priority",
    "error",
    "error_code",
    "compute_time",
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
)
#: Rows of runs with the columns of the other jobs.
_RUNS: Final = (
    sa.select(
        submissions.c.number.label("submission_number"),
        runs,
        (runs.c.first + runs.c.count).label("end"),
        sa.literal(SIMULATE).label("job_type"),
        packs.c.folder.label("storage_folder"),
    )
    .join(submissions, submissions.c.id == runs.c.submission_id)
    .outerjoin(packs, packs.c.number == runs.c.pack)
    .subquery("jobs_of_runs")
)


def find(store: Store, job_id: str) -> Record | None:
    """Return a job, or None."""
    with store.reading() as connection:
        run = run_lookup.find_one(connection, job_id, JOB)
        if run is not None:
            statement = sa.select(_RUNS).where(
                _RUNS.c.submission_id == run.submission_id,
                _RUNS.c.first
                == begin_of(runs, run.submission_id, sa.literal(run.index, sa.BigInteger)),
                _RUNS.c.end > run.index,
            )
            row = connection.execute(statement).first()
            if row is not None:
                return _of_run(connection, row, run.index)
        row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
        return None if row is None else _of_pipeline(row)


def page(store: Store, query: Mapping[str, Any]) -> list[Record]:
    """Return one page of jobs, newest first."""
    offset, limit = skipped(query), query.get("limit", DEFAULT_LIMIT)
    # Each row is at least one job.
    most = skipped({"offset": offset + limit})
    of_pipelines = (
        sa.select(jobs)
        .where(*filters.conditions(jobs, query))
        .order_by(jobs.c.number.desc())
        .limit(most)
    )
    of_runs = (
        sa.select(_RUNS)
        .where(*filters.conditions(_RUNS, query))
        .order_by(_RUNS.c.submission_number.desc(), _RUNS.c.first.desc())
        .limit(most)
    )
    with store.reading() as connection:
        newest = heapq.merge(
            ((row, None) for row in connection.execute(of_pipelines)),
            _each(connection.execute(of_runs)),
            key=lambda job: job[0].created_at,
            reverse=True,
        )
        return [
            _of_pipeline(row) if index is None else _of_run(connection, row, index)
            for row, index in islice(islice(newest, offset, None), limit)
        ]


def _each(rows: sa.Result[Any]) -> Iterator[tuple[sa.Row[Any], int | None]]:
    for row in rows:
        for index in range(row.end - 1, row.first - 1, -1):
            yield row, index


def _of_run(connection: sa.Connection, row: sa.Row[Any], index: int) -> Record:
    one = (row.submission_id, Range(index, index + 1))
    ids = IdsOfRuns(connection, [one]).of(row.submission_id, index)
    return {
        "id": ids.job_id,
        "simulation_id": ids.simulation_id,
        "storage_folder": row.storage_folder,
        **_shown(row),
    }


def _of_pipeline(row: sa.Row[Any]) -> Record:
    return {"id": row.id, "simulation_id": None, "storage_folder": None, **_shown(row)}


def _shown(row: sa.Row[Any]) -> Record:
    return {name: row._mapping[name] for name in _SHOWN}  # noqa: SLF001 a public name of Row
