"""Inputs, states and metrics of many simulations as columns, and tables made of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks.data import record_tables
from ionworks.data.record_tables import apart, scalars
from ionworks.errors import NotFoundError
from ionworks.transport.call import call
from ionworks.workflows.capabilities import offers
from ionworks.workflows.simulations.result_download import read_time_series
from ionworks.workflows.simulations.simulation_wait import read_simulation
from ionworks_api_client.api.simulation import get_simulation_table
from ionworks_api_client.models import SimulationSelection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from ionworks.records.simulation import Simulation
    from ionworks.transport.connection import Connection

__all__ = [
    "BULK",
    "DEFAULT_COLUMNS",
    "LARGEST_SELECTION",
    "RunTable",
    "read_run_table",
    "selections",
    "time_series",
]

BULK: Final = "bulk_simulations"
"""The capability of services with operations on many simulations."""
LARGEST_SELECTION: Final = 10_000
"""Simulations of one request of these operations."""
DEFAULT_COLUMNS: Final = ("Time [s]", "Voltage [V]", "Current [A]")

_ID: Final = "simulation_id"
_MODEL: Final = "parameterized_model"
_FIXED: Final = (_ID, "status", _MODEL, "error")
_TEXTS: Final = (
    *("simulation_ids", "submission_id", "experiment_template_id"),
    *("parameterized_model_id", _MODEL, "status", "error", "error_code"),
)
_GROUPS: Final = ("design_parameters", "experiment_parameters", "metrics")


def selections(ids: Sequence[str]) -> Iterator[SimulationSelection]:
    """Yield the bodies of requests for simulations, of which there may be very many."""
    for start in range(0, len(ids), LARGEST_SELECTION):
        yield SimulationSelection(simulation_ids=[*ids[start : start + LARGEST_SELECTION]])


@attrs.frozen(eq=False)
class RunTable:
    """Simulations as columns; each list has a value for each of them.

    Attributes
    ----------
    simulation_ids : list of str
        The simulations.
    texts : dict of str to list
        ``submission_id``, None if it is not known, ``experiment_template_id``,
        ``parameterized_model_id``, ``parameterized_model``, its name, ``status``, ``error`` and
        ``error_code``.
    design_parameters, experiment_parameters, metrics : dict of str to list
        A column for each name, None where a simulation does not have it.
    """

    simulation_ids: list[str]
    texts: dict[str, list[Any]]
    design_parameters: dict[str, list[Any]]
    experiment_parameters: dict[str, list[Any]]
    metrics: dict[str, list[Any]]

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, Any]]) -> RunTable:
        """Make a table of a mapping for each simulation."""
        texts = {name: [row[name] for row in rows] for name in _TEXTS}
        return cls(
            texts.pop("simulation_ids"),
            texts,
            *(_columns([row[group] for row in rows]) for group in _GROUPS),
        )

    @classmethod
    def joined(cls, parts: Sequence[Mapping[str, Any]]) -> RunTable:
        """Make a table of the replies to requests for parts of it."""
        texts = {name: [each for part in parts for each in part[name]] for name in _TEXTS}
        groups: dict[str, dict[str, list[Any]]] = {}
        for group in _GROUPS:
            names = dict.fromkeys(name for part in parts for name in part[group])
            groups[group] = {
                name: [
                    each
                    for part in parts
                    for each in part[group].get(name) or [None] * len(part["simulation_ids"])
                ]
                for name in names
            }
        return cls(texts.pop("simulation_ids"), texts, **groups)

    def frame(self) -> pl.DataFrame:
        """Return one row for each simulation, with its inputs, status, metrics and error."""
        columns: dict[str, list[Any]] = {
            _ID: self.simulation_ids,
            "status": self.texts["status"],
            **self._models(),
            **self._parameters(taken=_FIXED),
        }
        taken = {*columns, *_FIXED}
        columns |= {apart(name, taken, "metric"): values for name, values in self.metrics.items()}
        columns["error"] = self.texts["error"]
        return record_tables.table(columns, texts=[each for each in _FIXED if each in columns])

    def keys(self, rows: Sequence[int], taken: Iterable[str]) -> pl.DataFrame:
        """Return id and swept values of some simulations: those that differ among all."""
        columns = {_ID: self.simulation_ids, **self._models()}
        texts = [*columns]
        columns |= {
            name: values
            for name, values in self._parameters(taken=(*_FIXED, *taken)).items()
            if len({*values}) > 1
        }
        some = {name: [values[row] for row in rows] for name, values in columns.items()}
        return record_tables.table(some, texts=texts)

    def _models(self) -> dict[str, list[Any]]:
        """Return the column of the models, if there are several."""
        ids, names = self.texts["parameterized_model_id"], self.texts[_MODEL]
        if len({*ids}) <= 1:
            return {}
        is_unique = len({*zip(ids, names, strict=True)}) == len({*names})
        return {_MODEL: [*names] if is_unique else [*ids]}

    def _parameters(self, *, taken: Iterable[str]) -> dict[str, list[Any]]:
        """Return the columns of all inputs, with names that no other column has."""
        found: dict[str, list[Any]] = {}
        names = {*taken}
        for group, kind in (
            (self.experiment_parameters, "parameter"),
            (self.design_parameters, "design parameter"),
        ):
            for name, values in group.items():
                found[apart(name, {*names, *found}, kind)] = _quantities(values)
        return found


def read_run_table(connection: Connection, ids: Sequence[str], max_workers: int) -> RunTable:
    """Read inputs, states and metrics of simulations.

    A service that sends those of many together is asked once for `LARGEST_SELECTION` of them, any
    other once for each.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    ids : sequence of str
        The simulations; those that do not exist are left out, and repeated ones count once.
    max_workers : int
        How many records are read concurrently from a service that sends each alone.
    """
    wanted = [*dict.fromkeys(ids)]
    if offers(connection, BULK):
        operation = get_simulation_table.sync_detailed
        return RunTable.joined(
            [
                call(operation, client=connection.api, body=body).to_dict()
                for body in selections(wanted)
            ]
        )
    with ThreadPoolExecutor(max_workers, thread_name_prefix="ionworks-records") as pool:
        rows = [*filter(None, pool.map(partial(_row, connection), wanted))]
    return RunTable.of_rows(rows)


def time_series(
    connection: Connection, table: RunTable, columns: Sequence[str] | None, max_workers: int
) -> pl.DataFrame:
    """Put the time series of those simulations of a table under each other that have completed.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    table : RunTable
        The simulations.
    columns : sequence of str, optional
        Columns to read; `DEFAULT_COLUMNS` if not given.
    max_workers : int
        How many are read concurrently from a service that sends each alone.

    Raises
    ------
    ValueError
        If no simulation has one of the columns.
    """
    import polars as pl

    wanted = columns or DEFAULT_COLUMNS
    rows = [place for place, status in enumerate(table.texts["status"]) if status == "completed"]
    keys = table.keys(rows, taken=wanted)
    if not rows:
        return keys.with_columns(pl.lit(None, pl.Float64).alias(name) for name in wanted)
    ids = [table.simulation_ids[row] for row in rows]
    seen: set[str] = set()
    tables = []
    for each, names in read_time_series(connection, ids, wanted, max_workers):
        tables.append(each)
        seen.update(names)
    record_tables.refuse_unknown(wanted, seen, "no simulation")
    return record_tables.stacked(keys, tables, wanted)


def _row(connection: Connection, simulation_id: str) -> dict[str, Any] | None:
    """Return the row of a simulation; None if it does not exist."""
    with suppress(NotFoundError):
        return _row_of(read_simulation(connection, simulation_id))
    return None


def _row_of(record: Simulation) -> dict[str, Any]:
    model = record.parameterized_model or {}
    design = record.design or {}
    return {
        "simulation_ids": record.id,
        "submission_id": None,
        "experiment_template_id": record.experiment_template_id,
        "parameterized_model_id": record.parameterized_model_id,
        _MODEL: model.get("name"),
        "status": record.status or ("completed" if record.has_results else None),
        "error": record.error,
        "error_code": record.error_code,
        # Older services store them only as the parameters of a design.
        "design_parameters": {
            **(design.get("design_parameters") or {}),
            **(record.design_parameters or {}),
        },
        "experiment_parameters": record.experiment_parameters or {},
        "metrics": dict(scalars(record.metrics or {})),
    }


def _quantities(values: list[Any]) -> list[Any]:
    """Return whole numbers as floats, so that the tables of parts of a batch can be joined."""
    if {*map(type, values)} - {NoneType} != {int}:
        return values
    return [None if value is None else float(value) for value in values]


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
