"""Reading the data of measurements: rows, steps and cycles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ionworks.data import frames
from ionworks.data.paging import Page
from ionworks.doe.scalars import integer, whole_range
from ionworks.errors import ResponseDecodeError
from ionworks.records.cell_measurement import (
    CellInstanceDetail,
    CellMeasurement,
    MeasurementDetail,
    StepsAndCycles,
)
from ionworks.requests.fields import boolean, text
from ionworks.transport import files
from ionworks.transport.call import call
from ionworks.waiting.views import TransferView
from ionworks.workflows.measurements.parquet_files import scratch_folder
from ionworks.workflows.measurements.processing_wait import read_measurement
from ionworks.workflows.record_lists import record_fetcher
from ionworks_api_client.api import OPERATIONS
from ionworks_api_client.api.cell_measurement import (
    get_measurement_cycles,
    get_measurement_steps_and_cycles,
    list_measurements,
)

if TYPE_CHECKING:
    import polars as pl

    from ionworks.records.cell_instance import CellInstance
    from ionworks.transport.connection import Connection

__all__ = [
    "Parts",
    "Window",
    "read_cycles",
    "read_detail",
    "read_instance_detail",
    "read_steps",
    "read_steps_and_cycles",
    "read_time_series",
]

_CONCURRENT_MEASUREMENTS = 4
_LARGEST_PAGE = 1000
_FEWEST_POINTS = 10


@attrs.frozen(kw_only=True)
class Window:
    """Which part of a time series to read.

    Attributes
    ----------
    rows : tuple of int or None
        First row and end row; the end row is excluded.
    steps, cycles : tuple of int or None
        First and last one, both included.
    columns : tuple of str or None
        Only these, in this order.
    max_points : int or None
        Largest number of rows after downsampling.
    """

    rows: tuple[int, int] | None = None
    steps: tuple[int, int] | None = None
    cycles: tuple[int, int] | None = None
    columns: tuple[str, ...] | None = None
    max_points: int | None = None

    @classmethod
    def of(
        cls, row_range: Any, step_range: Any, cycle_range: Any, columns: Any, max_points: Any
    ) -> Window:
        """Check the arguments of a read.

        Raises
        ------
        TypeError, ValueError
            If one is invalid; the message names it.
        """
        if max_points is not None:
            max_points = integer(max_points, "max_points", least=_FEWEST_POINTS)
        return cls(
            rows=_pair(row_range, "row_range"),
            steps=_pair(step_range, "step_range"),
            cycles=_pair(cycle_range, "cycle_range"),
            columns=_columns(columns),
            max_points=max_points,
        )

    def query(self) -> dict[str, Any]:
        """Return the selection as query parameters."""
        bounds = {
            ("row_start", "row_stop"): self.rows,
            ("step_from", "step_to"): self.steps,
            ("cycle_from", "cycle_to"): self.cycles,
        }
        query: dict[str, Any] = {}
        for names, pair in bounds.items():
            query |= dict(zip(names, pair or (), strict=False))
        optional = {"columns": self.columns, "max_points": self.max_points}
        return query | {key: value for key, value in optional.items() if value is not None}

    def applied_to(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Select the part from a table, unless the service has done so.

        Services that only store files ignore the query and send the whole file.
        """
        import polars as pl

        if self.rows is not None and frame.height > self.rows[1] - self.rows[0]:
            frame = frame.slice(self.rows[0], self.rows[1] - self.rows[0])
        for name, pair in (("Step count", self.steps), ("Cycle count", self.cycles)):
            if pair is not None and name in frame.columns:
                frame = frame.filter(pl.col(name).is_between(*pair))
        if self.columns is not None and frame.columns != [*self.columns]:
            frame = frame.select(self.columns)
        return frame


@attrs.frozen(kw_only=True)
class Parts:
    """Which data to read in addition to the record."""

    steps: bool = True
    cycles: bool = True
    time_series: bool = True

    def __attrs_post_init__(self) -> None:
        for name, value in attrs.asdict(self).items():
            boolean(value, f"include_{name}")


def read_time_series(
    connection: Connection, measurement_id: str, window: Window, *, verbose: bool = False
) -> pl.DataFrame:
    """Read the rows of a measurement through a temporary file.

    Raises
    ------
    NotFoundError
        If the measurement does not exist or has no rows.
    ResponseDecodeError
        If the reply is not a table.
    """
    label = f"reading measurement {measurement_id}"
    view = TransferView(label, None) if verbose else None
    try:
        frame = _download(
            connection,
            "download_measurement_time_series",
            measurement_id,
            params=window.query(),
            progress=None if view is None else view.advance,
        )
    finally:
        if view is not None:
            view.close()
    return window.applied_to(frame)


def read_steps(connection: Connection, measurement_id: str) -> pl.DataFrame:
    """Read the steps of a measurement."""
    return frames.steps_frame(_download(connection, "download_measurement_steps", measurement_id))


def read_cycles(connection: Connection, measurement_id: str) -> pl.DataFrame:
    """Read the cycles of a measurement."""
    model = call(get_measurement_cycles.sync_detailed, measurement_id, client=connection.api)
    return _columns_frame(model.to_dict().get("cycles"), "cycles", measurement_id)


def read_steps_and_cycles(connection: Connection, measurement_id: str) -> StepsAndCycles:
    """Read steps and cycles with one request."""
    document = call(
        get_measurement_steps_and_cycles.sync_detailed, measurement_id, client=connection.api
    ).to_dict()
    steps = _columns_frame(document.get("steps"), "steps", measurement_id)
    cycles = _columns_frame(document.get("cycles"), "cycles", measurement_id)
    return StepsAndCycles(
        frames.for_client(frames.steps_frame(steps), connection.settings),
        frames.for_client(cycles, connection.settings),
    )


def read_detail(connection: Connection, measurement_id: str, parts: Parts) -> MeasurementDetail:
    """Read the record of a measurement, then its data with concurrent requests."""
    measurement = read_measurement(connection, measurement_id)
    readers: dict[str, tuple[bool, Callable[[Connection, str], pl.DataFrame]]] = {
        "time_series": (parts.time_series, partial(read_time_series, window=Window())),
        "steps": (parts.steps, read_steps),
        "cycles": (parts.cycles, read_cycles),
    }
    # Measurements of files and properties have no rows: a request for them is answered with 404.
    has_rows = measurement.measurement_type in {"time_series", None}
    with ThreadPoolExecutor(len(readers), thread_name_prefix="ionworks-detail") as pool:
        futures = {
            name: pool.submit(read, connection, measurement.id)
            for name, (is_wanted, read) in readers.items()
            if is_wanted and has_rows
        }
        data = {
            name: frames.for_client(future.result(), connection.settings)
            for name, future in futures.items()
        }
    return MeasurementDetail(measurement=measurement, **data)


def read_instance_detail(
    connection: Connection, instance: CellInstance, parts: Parts
) -> CellInstanceDetail:
    """Read all measurements of a cell with their data, several concurrently."""
    fetch = record_fetcher(
        connection, list_measurements.sync_detailed, CellMeasurement, instance.id
    )
    measurements = Page.first(fetch, limit=_LARGEST_PAGE).walk()
    read = partial(read_detail, connection, parts=parts)
    with ThreadPoolExecutor(_CONCURRENT_MEASUREMENTS, thread_name_prefix="ionworks-detail") as pool:
        details = [*pool.map(read, [each.id for each in measurements])]
    return CellInstanceDetail(instance=instance, measurements=details)


def _download(
    connection: Connection, operation_id: str, measurement_id: str, **options: Any
) -> pl.DataFrame:
    path = files.path_of(OPERATIONS[operation_id].path, measurement_id=measurement_id)
    with scratch_folder() as folder:
        file = folder / "table.parquet"
        files.download(path, file, http=connection.http, outside=connection.outside, **options)
        try:
            return frames.from_parquet_file(file)
        except ValueError as error:
            raise ResponseDecodeError(f"GET {path}: {error}") from error


def _columns_frame(columns: Any, what: str, measurement_id: str) -> pl.DataFrame:
    try:
        return frames.from_columns(columns or {})
    except (ValueError, AttributeError) as error:
        raise ResponseDecodeError(
            f"the {what} of measurement {measurement_id} are not columns: {error}"
        ) from error


def _pair(value: Any, name: str) -> tuple[int, int] | None:
    return None if value is None else whole_range(value, name, accept_one=name != "row_range")


def _columns(columns: Any) -> tuple[str, ...] | None:
    if columns is None:
        return None
    if isinstance(columns, str):
        columns = [columns]
    if not isinstance(columns, Iterable):
        raise TypeError(f"columns must be a list of names, not {columns!r}")
    names = tuple(text(name, f"columns[{index}]") for index, name in enumerate(columns))
    if not names:
        raise ValueError("columns is empty: give at least one name, or omit it")
    return names
