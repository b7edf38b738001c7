"""The members of a study in one table: one row for each member, or all of their time series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import attrs

from ionworks.data import frames, record_tables
from ionworks.data.paging import Page
from ionworks.data.record_tables import apart, scalars
from ionworks.records.cell_measurement import CellMeasurement
from ionworks.requests.fields import boolean
from ionworks.ucp.step_table import LEAST_SHARE
from ionworks.workflows.measurements import measurement_data
from ionworks.workflows.measurements.measurement_data import Window
from ionworks.workflows.record_lists import record_fetcher
from ionworks.workflows.simulations.result_download import read_time_series
from ionworks.workflows.simulations.simulation_list import SimulationScope, list_simulations
from ionworks_api_client.api.study import list_study_measurements

if TYPE_CHECKING:
    import polars as pl

    from ionworks.records.simulation import Simulation
    from ionworks.transport.connection import Connection

__all__ = [
    "DEFAULT_COLUMNS",
    "Contents",
    "compare",
    "curves",
    "time_series",
]

T = TypeVar("T")
R = TypeVar("R")
Curve: TypeAlias = "tuple[Mapping[str, Any], pl.DataFrame]"
"""The values of a member by name, and its time series."""

DEFAULT_COLUMNS: Final = ("Time [s]", "Voltage [V]", "Current [A]")
_KEYS: Final = ("source", "id", "name")
_MODEL: Final = "parameterized_model"
_FIXED: Final = (*_KEYS, "status", "error", "parameterized_model_id")
_LARGEST_PAGE: Final = 100
_SUMS: Final = (
    "Duration [s]",
    "Discharge capacity [A.h]",
    "Charge capacity [A.h]",
    "Discharge energy [W.h]",
    "Charge energy [W.h]",
)


@attrs.frozen(kw_only=True)
class Contents:
    """The members of a study.

    Attributes
    ----------
    simulations : list of Simulation
        Oldest first, in the order they were submitted.
    measurements : list of CellMeasurement
        In the service's order.
    """

    simulations: list[Simulation]
    measurements: list[CellMeasurement]

    @classmethod
    def of(
        cls,
        connection: Connection,
        project_id: str,
        study_id: str,
        *,
        simulations: Any = True,
        measurements: Any = True,
    ) -> Contents:
        """List the members of a study; each kind can be left out.

        Raises
        ------
        TypeError
            If `simulations` or `measurements` is not a bool; nothing was sent.
        """
        for name, value in (("simulations", simulations), ("measurements", measurements)):
            boolean(value, name)
        scope = SimulationScope(study_id=study_id)
        runs = [*list_simulations(connection, scope)] if simulations else []
        return cls(
            # The service lists the newest first.
            simulations=runs[::-1],
            measurements=[*_measurements(connection, project_id, study_id)] if measurements else [],
        )


def compare(connection: Connection, contents: Contents, max_workers: int) -> pl.DataFrame:
    """Return one row for each simulation and measurement, with its parameters and metrics.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    contents : Contents
        The members to compare.
    max_workers : int
        How many measurements are read concurrently.

    Returns
    -------
    polars.DataFrame
    """
    runs = [_simulation_row(each) for each in contents.simulations]
    steps = partial(_steps_of, connection)
    tables = _mapped(steps, contents.measurements, max_workers)
    tests = [
        _measurement_row(measurement, table)
        for measurement, table in zip(contents.measurements, tables, strict=True)
    ]
    return _table([*runs, *tests])


def time_series(
    connection: Connection,
    contents: Contents,
    window: Window,
    max_workers: int,
) -> pl.DataFrame:
    """Concatenate the time series of all simulations and measurements.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    contents : Contents
        The members to read; those without rows are left out.
    window : Window
        Columns to read, `DEFAULT_COLUMNS` if it has none, and rows of each measurement.
    max_workers : int
        How many are read concurrently.

    Raises
    ------
    ValueError
        If a column exists in none of them.
    """
    import polars as pl

    wanted = window.columns or DEFAULT_COLUMNS
    runs = [run for run in contents.simulations if _has_ended_well(run)]
    tests = [test for test in contents.measurements if _has_rows(test)]
    found = [*read_time_series(connection, [run.id for run in runs], wanted, max_workers)]
    # All columns are read, because some of the requested ones are derived from others.
    read = partial(_measured, connection, window=attrs.evolve(window, columns=None))
    measured = _mapped(read, [test.id for test in tests], max_workers)
    found += [
        (table.select(name for name in wanted if name in table.columns), table.columns)
        for table in measured
    ]
    members = [("simulation", run) for run in runs] + [("measurement", test) for test in tests]
    if not members:
        return pl.DataFrame(
            schema={**dict.fromkeys(_KEYS, pl.String), **dict.fromkeys(wanted, pl.Float64)}
        )
    seen = {name for _, names in found for name in names}
    record_tables.refuse_unknown(wanted, seen, "no member of the study")
    tables = [table for table, _ in found]
    keys = pl.DataFrame(
        [(source, record.id, _name(record)) for source, record in members],
        schema=dict.fromkeys(_KEYS, pl.String),
        orient="row",
    )
    return record_tables.stacked(keys, tables, wanted)


def curves(
    connection: Connection, contents: Contents, window: Window, max_workers: int = 4
) -> tuple[list[Curve], list[Curve]]:
    """Return the time series of all members one by one, for a plot.

    Parameters and errors are those of `time_series`.

    Returns
    -------
    tuple of list
        The simulations, each with its parameters and ``parameterized_model``, and the measurements;
        all have a ``name``.
    """
    values = {
        run.id: {**dict(scalars(_parameters(run))), _MODEL: _model_name(run), "name": _name(run)}
        for run in contents.simulations
    }
    simulations: list[Curve] = []
    measurements: list[Curve] = []
    series = time_series(connection, contents, window, max_workers)
    for (source, identifier, name), table in series.group_by(*_KEYS, maintain_order=True):
        if source == "simulation":
            simulations.append((values[str(identifier)], table))
        else:
            measurements.append(({"name": name}, table))
    return simulations, measurements


def _measurements(
    connection: Connection, project_id: str, study_id: str
) -> Iterator[CellMeasurement]:
    operation = list_study_measurements.sync_detailed
    fetch = record_fetcher(connection, operation, CellMeasurement, project_id, study_id)
    return Page.first(fetch, limit=_LARGEST_PAGE).walk()


def _mapped(read: Callable[[T], R], items: Iterable[T], max_workers: int) -> list[R]:
    """Apply a reader to several items concurrently and return the results in order."""
    with ThreadPoolExecutor(max_workers, thread_name_prefix="ionworks-study") as pool:
        return [*pool.map(read, items)]


def _model_name(run: Simulation) -> str | None:
    return (run.parameterized_model or {}).get("name") or run.parameterized_model_id


def _has_ended_well(run: Simulation) -> bool:
    return run.status == "completed" or (run.status is None and run.has_results)


def _has_rows(test: CellMeasurement) -> bool:
    return test.measurement_type in {"time_series", None} and test.processing_status in {
        "ready",
        None,
    }


def _name(record: Any) -> str | None:
    """Return the name of a run or test; older services store only the name of its experiment."""
    experiment = record.get("experiment")
    inherited = experiment.get("name") if isinstance(experiment, Mapping) else None
    name = record.name or inherited
    return None if name is None else str(name)


def _parameters(run: Simulation) -> dict[str, Any]:
    design = run.design if isinstance(run.design, Mapping) else {}
    return {
        **(run.experiment_parameters or {}),
        **(design.get("design_parameters") or {}),
        **(run.design_parameters or {}),
    }


def _simulation_row(run: Simulation) -> dict[str, Any]:
    row = {
        "source": "simulation",
        "id": run.id,
        "name": _name(run),
        "status": run.status,
        "error": run.error,
        "parameterized_model_id": run.parameterized_model_id,
    }
    for kind, values in (("parameter", _parameters(run)), ("metric", run.metrics or {})):
        taken = {*row, *_FIXED}
        row |= {apart(name, taken, kind): value for name, value in scalars(values)}
    return row


def _measurement_row(test: CellMeasurement, steps: pl.DataFrame | None) -> dict[str, Any]:
    row = {
        "source": "measurement",
        "id": test.id,
        "name": _name(test),
        "status": test.processing_status,
        "error": test.processing_error,
        "parameterized_model_id": None,
    }
    return row if steps is None else row | _totals(steps)


def _steps_of(connection: Connection, test: CellMeasurement) -> pl.DataFrame | None:
    return measurement_data.read_steps(connection, test.id) if _has_rows(test) else None


def _totals(steps: pl.DataFrame) -> dict[str, Any]:
    """Return the totals of a measurement's steps, named like the metrics of a simulation."""
    sums = {name: float(steps[name].sum()) if name in steps.columns else None for name in _SUMS}
    lowest, highest = (
        steps[name] if name in steps.columns else None
        for name in ("Min voltage [V]", "Max voltage [V]")
    )
    return {
        **sums,
        "Min voltage [V]": None if lowest is None else lowest.min(),
        "Max voltage [V]": None if highest is None else highest.max(),
        "Coulombic efficiency": _ratio(*(sums[name] for name in _SUMS[1:3])),
        "Energy efficiency": _ratio(*(sums[name] for name in _SUMS[3:5])),
        "Number of steps": steps.height,
        "Number of cycles": steps["Cycle count"].n_unique()
        if "Cycle count" in steps.columns
        else None,
    }


def _ratio(out: float | None, into: float | None) -> float | None:
    if out is None or into is None or min(out, into) <= LEAST_SHARE * max(out, into):
        return None
    return out / into


def _table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Make a frame from rows that have different columns."""
    names = dict.fromkeys((*_FIXED, *(name for row in rows for name in row)))
    columns = {name: [row.get(name) for row in rows] for name in names}
    return record_tables.table(columns, texts=_FIXED)


def _measured(connection: Connection, measurement_id: str, window: Window) -> pl.DataFrame:
    return frames.time_series_frame(
        measurement_data.read_time_series(connection, measurement_id, window)
    )
