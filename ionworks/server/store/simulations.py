"""Simulations in the store: states, metrics and parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from ionworks.server.store import (
    access,
    columns,
    copies,
    packs,
    provenances,
    run_filters,
    run_ids,
    run_lookup,
    run_parameters,
)
from ionworks.server.store.database import Store
from ionworks.server.store.dialects import int_sum, larger, smaller
from ionworks.server.store.ranges import Range, begin_of, isolate, parts, ranges_of
from ionworks.server.store.records import DEFAULT_LIMIT, skipped
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.run_ids import SIMULATION
from ionworks.server.store.run_lookup import IdsOfRuns
from ionworks.server.store.run_parameters import Note, name_of
from ionworks.server.store.scope import everybodys
from ionworks.server.store.tables import (
    COUNTING,
    experiment_templates,
    model_specs,
    parameterized_models,
    runs,
    study_runs,
    submissions,
)
from ionworks.server.store.tables import packs as pack_table
from ionworks.ucp.metric_columns import metrics_of

#: Job states behind each word of the ``state`` filter.
_STATES = {
    "queued": ("pending", "waiting"),
    "running": ("processing",),
    "completed": ("completed",),
    "failed": ("failed", "canceled"),
}
_SUMMARY_LEAVES_OUT = ("simulation_data", "experiment_parameters", "design_parameters")

_WHOLE = (
    sa.select(
        runs,
        submissions.c.name,
        submissions.c.run_count,
        submissions.c.parameterized_model_id,
        submissions.c.experiment_template_id,
        submissions.c.seed,
        pack_table.c.folder,
        pack_table.c.metrics,
        experiment_templates.c.name.label("template_name"),
        parameterized_models.c.name.label("model_name"),
    )
    .join(submissions, submissions.c.id == runs.c.submission_id)
    .outerjoin(pack_table, pack_table.c.number == runs.c.pack)
    .outerjoin(
        experiment_templates, experiment_templates.c.id == submissions.c.experiment_template_id
    )
    .outerjoin(
        parameterized_models, parameterized_models.c.id == submissions.c.parameterized_model_id
    )
)
# Built once, so that SQLAlchemy finds the compiled form without comparing the statements.
_ONE = _WHOLE.where(
    runs.c.submission_id == sa.bindparam("submission"),
    runs.c.first == begin_of(runs, sa.bindparam("submission"), sa.bindparam("run_index")),
    runs.c.first + runs.c.count > sa.bindparam("run_index"),
)
# Where the runs of a row of a study begin.
_BEGIN = sa.func.coalesce(
    begin_of(runs, study_runs.c.submission_id, study_runs.c.first), study_runs.c.first
)
#: Submissions of all users.
_USERS = everybodys(submissions)
_ON_PAGE = _WHOLE.where(runs.c.number.in_(sa.bindparam("numbers", expanding=True)))


def model_key(model: Mapping[str, Any]) -> str:
    """Return a text that is equal for equal model specs, whatever the order of their keys."""
    return orjson.dumps(model, option=orjson.OPT_SORT_KEYS).decode()


def find(store: Store, simulation_id: str) -> dict[str, Any] | None:
    """Return one simulation in the form of the contract, or None."""
    with store.reading() as connection:
        run = run_lookup.find_one(connection, simulation_id, SIMULATION)
        if run is None:
            return None
        which = {"submission": run.submission_id, "run_index": run.index}
        row = connection.execute(_ONE, which).first()
        if row is None:
            return None
        [found] = _wire(connection, [(row, run.index)])
        return {**found, "provenance": provenances.of_run(connection, row.number)}


def page(store: Store, query: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Return one page of simulations, newest first by default, and the total number."""
    of_submissions = [
        submissions.c[name] == query[name]
        for name in ("parameterized_model_id", "project_id", "experiment_template_id")
        if name in query
    ]
    where = [*of_submissions]
    if "state" in query:
        where.append(runs.c.status.in_(_STATES[query["state"]]))
    source: sa.FromClause = runs.join(submissions, submissions.c.id == runs.c.submission_id)
    first: sa.ColumnElement[int] = runs.c.first
    end: sa.ColumnElement[int] = runs.c.first + runs.c.count
    if "study_id" in query:
        assigned_end = study_runs.c.first + study_runs.c.count
        both = (first < assigned_end, end > study_runs.c.first, first >= _BEGIN)
        of_submission = study_runs.c.submission_id == runs.c.submission_id
        source = source.join(study_runs, sa.and_(of_submission, *both))
        where.append(study_runs.c.study_id == query["study_id"])
        first, end = larger(first, study_runs.c.first), smaller(end, assigned_end)
    where += run_filters.conditions(query)
    with store.reading() as connection:
        if run_filters.NAME in query:
            named = run_filters.named(connection, query[run_filters.NAME], *of_submissions)
            is_named = named.whole
            if (part := named.parts) is not None:
                of_part = sa.and_(
                    part.c.submission_id == runs.c.submission_id,
                    runs.c.first < part.c.end,
                    runs.c.first + runs.c.count > part.c.first,
                )
                source = source.outerjoin(part, of_part)
                is_named = sa.or_(is_named, part.c.first.is_not(None))
                first = larger(first, sa.func.coalesce(part.c.first, first))
                end = smaller(end, sa.func.coalesce(part.c.end, end))
                # The runs of a study and those with the name can be apart.
                where.append(first < end)
            where.append(is_named)
        listed = (
            sa.select(runs.c.number, first.label("first"), end.label("end"))
            .select_from(source)
            .where(*where)
            .order_by(*run_filters.order(query, first))
        )
        total = sa.select(sa.func.coalesce(int_sum(end - first), 0)).select_from(source)
        chosen = on_page(connection, listed, query)
        rows = connection.execute(_ON_PAGE, {"numbers": list({number for number, _ in chosen})})
        by_number = {row.number: row for row in rows}
        found = _wire(connection, [(by_number[number], index) for number, index in chosen])
        return found, connection.scalar(total.where(*where)) or 0


def on_page(
    connection: sa.Connection, statement: sa.Select[Any], query: Mapping[str, Any]
) -> list[tuple[int, int]]:
    """Return the runs on a page of a list: numbers of their rows, and their indexes.

    Parameters
    ----------
    connection
        A transaction.
    statement
        The rows in the order of the list, each with ``number``, ``first`` and ``end``; the runs of
        a row follow each other in the direction of the list.
    query
        With ``limit``, ``offset`` and ``order``.
    """
    is_descending = run_filters.is_descending(query)
    limit, offset = query.get("limit", DEFAULT_LIMIT), skipped(query)
    found: list[tuple[int, int]] = []
    # Each row has at least one run.
    for number, first, end in connection.execute(
        statement.limit(skipped({"offset": limit + offset}))
    ):
        skip = min(offset, end - first)
        offset -= skip
        take = min(end - first - skip, limit - len(found))
        start, step = (end - 1 - skip, -1) if is_descending else (first + skip, 1)
        found += [(number, index) for index in range(start, start + step * take, step)]
        if len(found) == limit:
            break
    return found


def summary(simulation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a simulation without its larger fields."""
    return {name: value for name, value in simulation.items() if name not in _SUMMARY_LEAVES_OUT}


def statuses(store: Store, simulation_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the statuses of those ids that exist, in their order."""
    shown = (runs.c.status, runs.c.updated_at, runs.c.error, runs.c.error_code)
    with store.reading() as connection:
        found = run_lookup.stored(connection, simulation_ids, shown)
    return [
        {
            "simulation_id": identifier,
            "status": row.status,
            "updated_at": row.updated_at,
            "error": row.error,
            "error_code": row.error_code,
        }
        for identifier in simulation_ids
        if identifier in found
        for _, row in [found[identifier]]
    ]


def scalar_parameters(store: Store, model_ids: Collection[str]) -> dict[str, Any]:
    """Return the parameters that replace published values, by parameterized model."""
    statement = sa.select(parameterized_models.c.id, parameterized_models.c.parameters).where(
        parameterized_models.c.id.in_(sorted(model_ids))
    )
    with store.reading() as connection:
        return {row.id: row.parameters for row in connection.execute(statement)}


@repeatable
def remove(store: Store, *simulation_ids: str) -> None:
    """Delete simulations with their jobs, and what nothing else uses any more.

    That is the packs of their results, their submissions and the models of these.
    """
    folders: list[str] = []
    with store.writing() as connection:
        indexes: Mapping[str, list[int]] = defaultdict(list)
        for run in run_lookup.find(connection, simulation_ids, SIMULATION).values():
            indexes[run.submission_id].append(run.index)
        for submission_id, of_it in indexes.items():
            folders += _remove(connection, submission_id, ranges_of(of_it))
    for folder in folders:
        store.blobs.discard(folder)


def _remove(connection: sa.Connection, submission_id: str, wanted: Sequence[Range]) -> list[str]:
    """Delete runs of a submission, and return the folders of results that nothing uses."""
    key = runs.c.submission_id == submission_id
    numbers = [row.number for row in isolate(connection, runs, key, wanted, counting=COUNTING)]
    gone = sa.delete(runs).where(runs.c.number.in_(numbers)).returning(runs.c.pack)
    used = {number for number in connection.scalars(gone) if number is not None}
    copies.settle_after(connection, submission_id, wanted)
    for study_id in connection.scalars(
        sa.select(study_runs.c.study_id)
        .where(study_runs.c.submission_id == submission_id)
        .distinct()
    ).all():
        withdraw(connection, study_id, submission_id, wanted)
    run_parameters.remove_unused(connection, submission_id, wanted)
    remove_unused(connection, submission_id)
    return packs.remove_unused(connection, used)


def withdraw(
    connection: sa.Connection, study_id: str, submission_id: str, wanted: Sequence[Range]
) -> None:
    """Remove runs of a submission from a study."""
    key = sa.and_(study_runs.c.study_id == study_id, study_runs.c.submission_id == submission_id)
    numbers = [row.number for row in isolate(connection, study_runs, key, wanted)]
    connection.execute(sa.delete(study_runs).where(study_runs.c.number.in_(numbers)))


def remove_unused(connection: sa.Connection, submission_id: str) -> None:
    """Delete a submission that has no runs, and its spec if this was its last use."""
    others = sa.exists().where(runs.c.submission_id == submission_id)
    gone = sa.delete(submissions).where(submissions.c.id == submission_id, ~others)
    spec_ids = connection.scalars(gone.returning(submissions.c.model_spec_id)).all()
    users = sa.exists().where(_USERS.c.model_spec_id == model_specs.c.id)
    connection.execute(sa.delete(model_specs).where(model_specs.c.id.in_(spec_ids), ~users))


def _wire(
    connection: sa.Connection, found: Sequence[tuple[sa.Row[Any], int]]
) -> list[dict[str, Any]]:
    """Return runs, given by rows and indexes, in the form of the contract."""
    indexes: Mapping[str, list[int]] = defaultdict(list)
    for row, index in found:
        indexes[row.submission_id].append(index)
    wanted = [(each, part) for each, of_it in indexes.items() for part in ranges_of(of_it)]
    parameters = {
        (submission_id, index): run
        for submission_id, of_it in indexes.items()
        for index, run in run_parameters.read(connection, submission_id, ranges_of(of_it))
    }
    ids = IdsOfRuns(connection, wanted)
    in_studies: Mapping[tuple[str, int], list[tuple[str, int, str]]] = defaultdict(list)
    shown = (study_runs.c.created_at, study_runs.c.number, study_runs.c.study_id)
    for row in parts(connection, study_runs, wanted, columns=shown, may_overlap=True):
        for index in range(row.first, row.end):
            assigned = (row.created_at, row.number, row.study_id)
            in_studies[row.submission_id, index].append(assigned)
    return [
        {
            **_fields(row, index, parameters[row.submission_id, index], metrics),
            "id": (of_run := ids.of(row.submission_id, index)).simulation_id,
            "job_id": of_run.job_id,
            "study_ids": [each[-1] for each in sorted(in_studies[row.submission_id, index])],
        }
        for (row, index), metrics in zip(found, _metrics(found), strict=True)
    ]


def _metrics(found: Sequence[tuple[sa.Row[Any], int]]) -> Iterator[dict[str, Any]]:
    """Yield the metrics of runs; those of a pack are decoded once."""
    decoded: dict[int, Mapping[str, Any]] = {}
    for row, index in found:
        if row.pack is None:
            yield {}
            continue
        if row.pack not in decoded:
            decoded[row.pack] = columns.decoded(row.metrics)
        yield metrics_of(decoded[row.pack], row.position + index - row.first)


def _fields(
    row: sa.Row[Any], index: int, run: Mapping[str, Any], metrics: Mapping[str, Any]
) -> dict[str, Any]:
    template_id = row.experiment_template_id
    model_id = row.parameterized_model_id
    return {
        "name": run.get("name") or name_of(row.name, index, row.run_count),
        "project_id": row.project_id,
        "organization_id": access.organization_id(),
        "parameterized_model_id": model_id,
        "experiment_template_id": template_id,
        "experiment_id": template_id,
        "design_id": None,
        "status": row.status,
        "error": row.error,
        "error_code": row.error_code,
        "storage_folder": row.folder,
        "copied_from": _original(row, index),
        "simulation_data": None,
        "metrics": metrics if row.notes is None else {**metrics, "notes": row.notes},
        "design_parameters": run["design_parameters"],
        "experiment_parameters": run["experiment_parameters"],
        "experiment": template_id and {"id": template_id, "name": row.template_name},
        "parameterized_model": model_id and {"id": model_id, "name": row.model_name},
        "design": {"design_parameters": run["design_parameters"], "seed": row.seed},
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "notes": [*run["notes"], *_notes_of_run(row)],
    }


def _original(row: sa.Row[Any], index: int) -> str | None:
    """Return the id of the run whose results these are, None if the run was computed itself."""
    if row.copied_from_submission is None or row.pack is None:
        return None
    original = row.copied_from_first + index - row.first
    return run_ids.simulation_id(row.copied_from_submission, original)


def _notes_of_run(row: sa.Row[Any]) -> list[Note]:
    return [{"category": "run", "message": sentence} for sentence in row.notes or ()]
