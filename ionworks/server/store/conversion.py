"""Conversion of folders of layouts before 7, in which each run had a row for its job and itself.

Only records are converted, in one transaction; the files of results stay where they are, because a
pack of one run has the form of these. Runs keep the ids by which users know them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import filelock
import sqlalchemy as sa

from ionworks.server.store import columns, run_ids, run_parameters, tables
from ionworks.server.store.records import PIECE, pieces
from ionworks.server.store.run_parameters import Piece, RunParameters, name_of
from ionworks.server.store.run_states import SIMULATE

#: First layout that needs no conversion, only new tables and columns.
FIRST: Final = 7
_PREFIX: Final = "earlier_"
#: End of the name of a simulation that was submitted with others.
_NUMBER: Final = re.compile(r" \d+/\d+$")


def _earlier(name: str, texts: str, others: Mapping[str, Any] | None = None) -> sa.Table:
    """Return a table of earlier layouts; those of the first ones lacked some columns."""
    found = [sa.Column(each, sa.Text) for each in texts.split()]
    found += [sa.Column(each, kind) for each, kind in (others or {}).items()]
    return sa.Table(f"{_PREFIX}{name}", _metadata, *found)


_metadata = sa.MetaData()
_submissions = _earlier(
    "submissions",
    "id protocol model_spec_id",
    {
        "rowid": sa.Integer,
        "model": sa.JSON,
        "extra_variables": sa.JSON,
        "max_backward_jumps": sa.Integer,
        "seed": sa.Integer,
        "run_count": sa.Integer,
        "unchecked": sa.JSON,
        "problems": sa.JSON,
    },
)
_jobs = _earlier(
    "jobs",
    """id job_type project_id submission_id status owner error error_code created_at updated_at
    started_at completed_at""",
    {
        "number": sa.Integer,
        "attempts": sa.Integer,
        "priority": sa.Integer,
        "compute_time": sa.Float,
    },
)
_simulations = _earlier(
    "simulations",
    """id job_id project_id parameterized_model_id experiment_template_id name storage_folder
    created_at updated_at""",
    {
        "experiment_parameters": sa.JSON,
        "design_parameters": sa.JSON,
        "metrics": sa.JSON,
        "notes": sa.JSON,
    },
)
_assigned = _earlier(
    "study_simulations", "study_id simulation_id created_at", {"number": sa.Integer}
)

_SHARED: Final = (
    "model",
    "model_spec_id",
    "protocol",
    "extra_variables",
    "max_backward_jumps",
    "seed",
    "unchecked",
    "problems",
)
_OF_JOB: Final = (
    "project_id",
    "status",
    "owner",
    "attempts",
    "priority",
    "error",
    "error_code",
    "compute_time",
    "started_at",
    "completed_at",
)
#: All runs, those of a submission together and in their order.
_RUNS: Final = (
    sa.select(
        *(_submissions.c[name] for name in _SHARED),
        _submissions.c.run_count,
        *(_jobs.c[name] for name in _OF_JOB),
        _jobs.c.submission_id,
        _jobs.c.id.label("job_id"),
        _jobs.c.updated_at.label("job_updated_at"),
        *(each for each in _simulations.c if each.name not in ("job_id", "project_id")),
    )
    .select_from(_submissions)
    .join(_jobs, _jobs.c.submission_id == _submissions.c.id)
    .join(_simulations, _simulations.c.job_id == _jobs.c.id)
    .where(_submissions.c.id.not_in(sa.select(tables.open_submissions.c.submission_id)))
    .order_by(_submissions.c.rowid, _jobs.c.number)
    .execution_options(yield_per=PIECE)
)


def refuse_if_open(folder: Path) -> None:
    """Raise a RuntimeError if another process has a folder of an earlier layout open."""
    for path in (folder / "owners").glob("*.lock"):
        lock = filelock.FileLock(path, fallback_to_soft=False)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout as error:
            raise RuntimeError(
                f"{folder} is open in a process with an earlier version of ionworks: close it, "
                "because this version changes the layout of the records"
            ) from error
        lock.release()


@contextmanager
def unchecked(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a transaction in which tables can be replaced that others refer to.

    SQLite would delete what refers to the rows of a table that is dropped, and change the
    references to one that is renamed. Both settings have no effect inside a transaction.
    """
    with engine.connect() as connection:
        connection.detach()  # this connection is not used for anything else
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("PRAGMA legacy_alter_table = ON")
        cursor.close()
        with connection.begin():
            yield connection


def set_aside(connection: sa.Connection) -> None:
    """Rename the tables of earlier layouts that the new ones replace."""
    present = sa.inspect(connection)
    for table in _metadata.sorted_tables:
        name = table.name.removeprefix(_PREFIX)
        if not present.has_table(name):
            table.create(connection)
            continue
        known = {column["name"] for column in present.get_columns(name)} | {"rowid"}
        for index in present.get_indexes(name):
            connection.exec_driver_sql(f"DROP INDEX {index['name']}")
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {table.name}")
        for column in table.columns:
            if column.name not in known:
                kind = column.type.compile(connection.dialect)
                connection.exec_driver_sql(
                    f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"
                )
    connection.exec_driver_sql(
        f"CREATE INDEX {_PREFIX}index ON {_jobs.name} (submission_id, number)"
    )


def convert(connection: sa.Connection) -> None:
    """Store the records of the tables that were set aside in the new ones, and drop those."""
    _convert_pipelines(connection)
    made = _Converted(connection)
    rows: sa.Result[Any] = connection.execute(_RUNS)
    for submission_id, of_it in groupby(rows, key=lambda row: row.submission_id):
        made.add(submission_id, of_it)
    made.flush()
    _convert_studies(connection)
    connection.execute(sa.delete(tables.open_submissions))
    _metadata.drop_all(connection)
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"records refer to others that do not exist: {broken[:3]}")


class _Converted:
    """The records of runs in their new form, stored some at a time."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._rows: dict[sa.Table, list[dict[str, Any]]] = {
            table: []
            for table in (
                tables.submissions,
                tables.run_pieces,
                tables.packs,
                tables.runs,
                tables.old_ids,
            )
        }
        self._packs = 0
        keys = sa.select(tables.idempotency_keys.c.created_id)
        self._with_key = set(connection.scalars(keys))

    def add(self, earlier_id: str, rows: Iterable[sa.Row[Any]]) -> None:
        """Convert one submission."""
        submission_id = run_ids.new_submission_id()
        stored = 0
        title, count = "", 0
        for some in pieces(rows):
            if not stored:
                count = some[0].run_count or self._count(earlier_id)
                title = some[0].name if count == 1 else _NUMBER.sub("", some[0].name)
                self._add_submission(submission_id, title, count, some[0])
            # The rows of the last piece may be stored, and would not change any more.
            last: dict[str, Any] | None = None
            for index, row in enumerate(some, start=stored):
                last = self._add_run(submission_id, index, row, last)
            self._add_piece(submission_id, stored, some, title, count)
            stored += len(some)
            self.flush(unless_fewer_than=PIECE)
        if earlier_id in self._with_key:
            keys = tables.idempotency_keys
            self._connection.execute(
                sa.update(keys)
                .where(keys.c.created_id == earlier_id)
                .values(created_id=submission_id)
            )

    def flush(self, *, unless_fewer_than: int = 1) -> None:
        """Store what was converted."""
        if max(map(len, self._rows.values())) < unless_fewer_than:
            return
        for table, rows in self._rows.items():
            if rows:
                self._connection.execute(sa.insert(table), rows)
                rows.clear()

    def _count(self, earlier_id: str) -> int:
        """Return the number of runs of a submission of a layout that did not store it."""
        statement = sa.select(sa.func.count()).where(_jobs.c.submission_id == earlier_id)
        return self._connection.scalar(statement) or 0

    def _add_submission(self, submission_id: str, title: str, count: int, row: sa.Row[Any]) -> None:
        self._rows[tables.submissions].append(
            {
                "id": submission_id,
                "project_id": row.project_id,
                "name": title,
                "parameterized_model_id": row.parameterized_model_id,
                "experiment_template_id": row.experiment_template_id,
                "run_count": count,
                **{name: row._mapping[name] for name in _SHARED},  # noqa: SLF001 public
            }
        )

    def _add_run(
        self, submission_id: str, index: int, row: sa.Row[Any], last: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Add a run, to the row of the last one if they are equal; returns its row."""
        ids = {"simulation_id": row.id, "job_id": row.job_id}
        self._rows[tables.old_ids].append(
            {"submission_id": submission_id, "run_index": index, **ids}
        )
        metrics = dict(row.metrics)
        state = {
            **{name: row._mapping[name] for name in _OF_JOB},  # noqa: SLF001 public
            "notes": metrics.pop("notes", None),
            "created_at": row.created_at,
            "updated_at": max(row.updated_at, row.job_updated_at),
            "pack": self._add_pack(row.storage_folder, metrics),
            "position": None if row.storage_folder is None else 0,
        }
        if last is not None and row.storage_folder is None and state.items() <= last.items():
            last["count"] += 1
            return last
        new = {"submission_id": submission_id, "first": index, "count": 1, **state}
        self._rows[tables.runs].append(new)
        return new

    def _add_pack(self, folder: str | None, metrics: Mapping[str, Any]) -> int | None:
        if folder is None:
            return None
        self._packs += 1
        self._rows[tables.packs].append(
            {
                "number": self._packs,
                "folder": folder,
                "run_count": 1,
                "metrics": columns.encoded_one(metrics),
                "rows": None,
            }
        )
        return self._packs

    def _add_piece(
        self, submission_id: str, first: int, rows: Sequence[sa.Row[Any]], title: str, count: int
    ) -> None:
        names = [row.name for row in rows]
        made = [name_of(title, index, count) for index in range(first, first + len(rows))]
        runs = [
            RunParameters(
                experiment_parameters=row.experiment_parameters,
                design_parameters=row.design_parameters,
            )
            for row in rows
        ]
        piece = Piece(runs, [row.notes or [] for row in rows], None if names == made else names)
        self._rows[tables.run_pieces].append(run_parameters.row_of(submission_id, first, piece))


def _convert_pipelines(connection: sa.Connection) -> None:
    """Keep the jobs of pipelines with their submissions, each of one run."""
    names = [column.name for column in tables.jobs.columns if column.name in _jobs.columns]
    of_pipelines = _jobs.c.job_type != SIMULATE
    connection.execute(
        sa.insert(tables.jobs).from_select(
            names, sa.select(*(_jobs.c[name] for name in names)).where(of_pipelines)
        )
    )
    names = ["id", *_SHARED]
    theirs = sa.select(_jobs.c.submission_id).where(of_pipelines)
    connection.execute(
        sa.insert(tables.submissions).from_select(
            [*names, "run_count"],
            sa.select(*(_submissions.c[name] for name in names), sa.literal(1))
            .where(_submissions.c.id.in_(theirs))
            .order_by(_submissions.c.rowid),
        )
    )


def _convert_studies(connection: sa.Connection) -> None:
    ids, new = tables.old_ids, tables.study_runs
    statement = (
        sa.select(
            _assigned.c.study_id, ids.c.submission_id, ids.c.run_index, _assigned.c.created_at
        )
        .join(ids, ids.c.simulation_id == _assigned.c.simulation_id)
        .order_by(_assigned.c.number)
        .execution_options(yield_per=PIECE)
    )
    rows: list[dict[str, Any]] = []
    for study_id, submission_id, index, created_at in connection.execute(statement):
        shared = {
            "study_id": study_id,
            "submission_id": submission_id,
            "created_at": created_at,
        }
        last = rows[-1] if rows else None
        if (
            last is not None
            and shared.items() <= last.items()
            and (index == last["first"] + last["count"])
        ):
            last["count"] += 1
        else:
            rows.append({**shared, "first": index, "count": 1})
    for some in pieces(rows):
        connection.execute(sa.insert(new), some)
