"""Measurements: what was recorded on a cell, and what belongs to it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from ionworks.records.cell_instance import CellInstance
from ionworks.records.record import Record

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
    """A measurement on a cell.

    Attributes
    ----------
    id : str
        Its id; data references name it as ``db:<id>``.
    measurement_type : str or None
        ``time_series``, ``file`` or ``properties``.
    protocol : dict or None
        What was done, such as ``{"name": ..., "ambient_temperature_degc": ...}``.
    test_setup : dict or None
        ``cycler``, ``operator``, ``lab``, ``channel_number``.
    properties : dict or None
        Name to ``{"value": number, "unit": text}``; only of type ``properties``.
    start_time, end_time : str or None
        When the test ran, ISO 8601.
    processing_status : str or None
        ``pending``, ``running``, ``ready`` or ``failed``: how far the server is with the rows.
    processing_error : str or None
        Why it failed.
    steps_created : int or None
        How many steps the server has found in the rows.
    """

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
    """A measurement that was uploaded: its record, which also answers to ``.measurement``."""

    @property
    def measurement(self) -> CellMeasurement:
        """The record of the measurement."""
        return CellMeasurement.from_dict(self.to_dict())


@attrs.frozen(kw_only=True, repr=False)
class MeasurementTag(Record):
    """A tag, and how many measurements have it."""

    tag: str
    usage_count: int | None = None


@attrs.frozen(kw_only=True, repr=False)
class RawDataReference(Record):
    """An original file a measurement was made from."""

    id: str
    name: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class MeasurementWatch(Record):
    """An entry on somebody's watch list."""

    measurement_id: str | None = None
    user_id: str | None = None


class StepsAndCycles(NamedTuple):
    """The steps and the cycles of a measurement, one row each.

    Attributes
    ----------
    steps, cycles : polars.DataFrame or pandas.DataFrame
        ``Step count`` and ``Cycle count`` join them to the time series.
    """

    steps: Frame
    cycles: Frame


@dataclasses.dataclass(frozen=True)
class MeasurementDetail:
    """A measurement with its data; parts that were not asked for are None.

    Attributes
    ----------
    measurement : CellMeasurement
        The record.
    time_series, steps, cycles : polars.DataFrame or pandas.DataFrame or None
        The rows as they were uploaded, and one row for each step and each cycle.
    """

    measurement: CellMeasurement
    time_series: Frame | None = None
    steps: Frame | None = None
    cycles: Frame | None = None


@dataclasses.dataclass(frozen=True)
class CellInstanceDetail:
    """A cell with all its measurements.

    Attributes
    ----------
    instance : CellInstance
        The cell.
    measurements : list of MeasurementDetail
        Its measurements with their data.
    """

    instance: CellInstance
    measurements: list[MeasurementDetail]
