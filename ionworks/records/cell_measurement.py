"""Measurements of cells and their data."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from ionworks.records.cell_instance import CellInstance
from ionworks.records.record import Record
from ionworks.records.tables_html import size_of, tables_html
from ionworks.records.time_series_plots import TimeSeriesPlots

if TYPE_CHECKING:
    from ionworks.data.frames import Frame

__all__ = [
    "CellInstanceDetail",
    "CellMeasurement",
    "MeasurementBundle",
    "MeasurementDetail",
    "MeasurementTag",
    "MeasurementWatch",
    "RawDataReference",
    "StepsAndCycles",
]


@attrs.frozen(kw_only=True, repr=False)
class CellMeasurement(Record):
    """A measurement of a cell.

    Attributes
    ----------
    id : str
        Its id; data references have the form ``db:<id>``.
    measurement_type : str or None
        ``time_series``, ``file`` or ``properties``.
    protocol : dict or None
        The test protocol, such as ``{"name": ..., "ambient_temperature_degc": ...}``.
    test_setup : dict or None
        ``cycler``, ``operator``, ``lab``, ``channel_number``.
    properties : dict or None
        Maps name to ``{"value": number, "unit": text}``; only for type ``properties``.
    start_time, end_time : str or None
        Start and end of the test, ISO 8601.
    processing_status : str or None
        State of the server's processing of the rows: ``pending``, ``running``, ``ready`` or
        ``failed``.
    processing_error : str or None
        Why processing failed.
    delay_reason : str or None
        Why processing makes no progress, such as a full disk of the service.
    steps_created : int or None
        Number of steps the server has found in the rows.
    """

    identifies = MappingProxyType({"measurement_id": "id", "measurement_ids": "id"})

    id: str
    name: str | None = None
    cell_instance_id: str | None = None
    measurement_type: str | None = None
    channel_id: str | None = None
    protocol_id: str | None = None
    protocol: dict[str, Any] | None = None
    test_setup: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None
    start_time: str | None = None
    end_time: str | None = None
    estimated_end_time: str | None = None
    estimated_end_time_note: str | None = None
    estimated_end_time_calculated_at: str | None = None
    processing_status: str | None = None
    processing_error: str | None = None
    delay_reason: str | None = None
    step_labels_validated: bool | None = None
    file_metadata: dict[str, Any] | None = None
    tags: list[str] | None = None
    notes: str | None = None
    steps: dict[str, Any] | None = None
    time_series: dict[str, Any] | None = None
    steps_created: int | None = None
    instance: dict[str, Any] | None = None
    organization_id: str | None = None
    created_by: str | None = None
    created_by_email: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class MeasurementBundle(CellMeasurement):
    """An uploaded measurement; ``.measurement`` is the same record."""

    @property
    def measurement(self) -> CellMeasurement:
        """The record of the measurement."""
        return CellMeasurement.from_dict(self.to_dict())


@attrs.frozen(kw_only=True, repr=False)
class MeasurementTag(Record):
    """A tag and the number of measurements that have it."""

    tag: str
    usage_count: int | None = None


@attrs.frozen(kw_only=True, repr=False)
class RawDataReference(Record):
    """An original file a measurement was created from."""

    identifies = MappingProxyType({"raw_data_id": "id", "raw_data_ids": "id"})

    id: str
    name: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class MeasurementWatch(Record):
    """An entry on a user's watch list."""

    measurement_id: str | None = None
    user_id: str | None = None


class StepsAndCycles(NamedTuple):
    """The steps and cycles of a measurement, one row per step or cycle.

    Attributes
    ----------
    steps, cycles : polars.DataFrame or pandas.DataFrame
        ``Step count`` and ``Cycle count`` join the tables to the time series.
    """

    steps: Frame
    cycles: Frame


@dataclasses.dataclass(frozen=True)
class MeasurementDetail(TimeSeriesPlots):
    """A measurement with its data; parts that were not requested are None.

    Attributes
    ----------
    measurement : CellMeasurement
        The record.
    time_series, steps, cycles : polars.DataFrame or pandas.DataFrame or None
        The rows as they were uploaded, and one row per step and per cycle.
    """

    measurement: CellMeasurement
    time_series: Frame | None = None
    steps: Frame | None = None
    cycles: Frame | None = None

    def __repr__(self) -> str:
        tables = {"time_series": self.time_series, "steps": self.steps, "cycles": self.cycles}
        sizes = (
            f"{name}={None if each is None else size_of(each)}" for name, each in tables.items()
        )
        return f"MeasurementDetail({self.measurement!r}, {', '.join(sizes)})"

    def _repr_html_(self) -> str:
        from ionworks.html.fragments import details, fields, view

        tables = [] if self.time_series is None else tables_html(self.time_series, self.steps)
        record = details("Record", fields(self.measurement.to_dict()))
        return view(f"MeasurementDetail {self.measurement.name or ''}".rstrip(), *tables, record)

    def _tables(self) -> tuple[Frame, Frame | None]:
        if self.time_series is None:
            raise ValueError(
                f"no time series of measurement {self.measurement.id} was read: read it with"
                " client.cell_measurement.detail(..., include_time_series=True)"
            )
        return self.time_series, self.steps

    def _cycles(self) -> Frame:
        if self.cycles is None:
            raise ValueError(
                f"no cycles of measurement {self.measurement.id} were read: read them with"
                " client.cell_measurement.detail(..., include_cycles=True)"
            )
        return self.cycles


@dataclasses.dataclass(frozen=True)
class CellInstanceDetail:
    """A cell with all of its measurements.

    Attributes
    ----------
    instance : CellInstance
        The cell.
    measurements : list of MeasurementDetail
        Its measurements with their data.
    """

    instance: CellInstance
    measurements: list[MeasurementDetail]
