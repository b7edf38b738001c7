"""Inputs, states and metrics of many simulations as columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from ionworks.server.store import columns, run_lookup, run_parameters
from ionworks.server.store.database import Store
from ionworks.server.store.ranges import ranges_of
from ionworks.server.store.tables import packs, parameterized_models, runs, submissions
from ionworks.ucp.metric_columns import Columns

_SHARED: Final = ("status", "error", "error_code")
_OF_SUBMISSION: Final = (
    "experiment_template_id",
    "parameterized_model_id",
    "parameterized_model",
)
_ROW: Final = (
    *(runs.c[name] for name in _SHARED),
    runs.c.pack,
    runs.c.position,
    runs.c.first.label("row_first"),
)
_SUBMISSIONS: Final = (
    sa.select(
        submissions.c.id,
        submissions.c.experiment_template_id,
        submissions.c.parameterized_model_id,
        parameterized_models.c.name.label("parameterized_model"),
    )
    .outerjoin(
        parameterized_models, parameterized_models.c.id == submissions.c.parameterized_model_id
    )
    .where(submissions.c.id.in_(sa.bindparam("ids", expanding=True)))
)
_METRICS: Final = sa.select(packs.c.number, packs.c.metrics).where(
    packs.c.number.in_(sa.bindparam("numbers", expanding=True))
)


def table(store: Store, simulation_ids: Sequence[str]) -> dict[str, Any]:
    """Return simulations as columns, in the form of the contract.

    Parameters
    ----------
    store
        Records.
    simulation_ids
        Those that do not exist are left out, and repeated ones count once.
    """
    with store.reading() as connection:
        found = run_lookup.stored(connection, simulation_ids, _ROW)
        keys = [(run.submission_id, run.index) for run, _ in found.values()]
        rows = [row for _, row in found.values()]
        indexes: Mapping[str, list[int]] = defaultdict(list)
        for submission_id, index in keys:
            indexes[submission_id].append(index)
        parameters = {
            (each, index): run
            for each, of_it in indexes.items()
            for index, run in run_parameters.read(connection, each, ranges_of(of_it))
        }
        shared = {row.id: row for row in connection.execute(_SUBMISSIONS, {"ids": [*indexes]})}
        metrics = _metrics(connection, {row.pack for row in rows} - {None})
    return {
        "simulation_ids": [*found],
        "submission_id": [submission_id for submission_id, _ in keys],
        **{
            name: [getattr(shared[submission_id], name) for submission_id, _ in keys]
            for name in _OF_SUBMISSION
        },
        **{name: [getattr(row, name) for row in rows] for name in _SHARED},
        **{
            name: columns.of_rows([parameters[key][name] for key in keys])
            for name in ("design_parameters", "experiment_parameters")
        },
        "metrics": columns.of_rows(
            [
                {}
                if row.pack is None
                else _at(metrics[row.pack], row.position + index - row.row_first)
                for (_, index), row in zip(keys, rows, strict=True)
            ]
        ),
    }


def _metrics(connection: sa.Connection, numbers: set[int]) -> dict[int, Columns]:
    """Return the metrics of packs that fit into one cell of a table each."""
    found: dict[int, Columns] = {}
    for row in connection.execute(_METRICS, {"numbers": sorted(numbers)}):
        found[row.number] = {
            name: values
            for name, values in columns.decoded(row.metrics).items()
            if isinstance(values, list)
            and not any(isinstance(each, list | dict) for each in values)
        }
    return found


def _at(metrics: Columns, position: int) -> dict[str, Any]:
    return {name: values[position] for name, values in metrics.items()}
