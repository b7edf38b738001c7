"""Measurements of cells: find, describe, tag and delete them."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Unpack, get_args

from ionworks.data import filters
from ionworks.data.filters import MeasurementFilters
from ionworks.data.paging import Page, check_window
from ionworks.records.cell_instance import CellInstance
from ionworks.records.cell_measurement import (
    CellMeasurement,
    MeasurementTag,
    MeasurementWatch,
    RawDataReference,
)
from ionworks.records.cell_spec import CellSpecification
from ionworks.records.project import Project
from ionworks.requests.cell_measurement import check_tags, measurement_fields
from ionworks.requests.fields import one_of, text
from ionworks.resources.cell_measurement_data import MeasurementData
from ionworks.resources.cell_measurement_upload import MeasurementUpload
from ionworks.transport.call import call
from ionworks.workflows.measurements.processing_wait import read_measurement
from ionworks_api_client.api.cell_measurement import (
    attach_measurement_raw_data,
    create_properties_measurement,
    delete_measurement,
    detach_measurement_raw_data,
    list_measurement_raw_data,
    list_measurement_tags,
    list_measurements,
    list_project_measurements,
    unwatch_measurement,
    update_measurement,
    update_measurement_tags,
    watch_measurement,
)
from ionworks_api_client.models import (
    CellMeasurementUpdate,
    EmptyRequest,
    MeasurementTagsRequest,
    PropertiesMeasurementRequest,
    RawDataRequest,
)

__all__ = ["CellMeasurementResource"]

_LARGEST_PAGE = 1000
_MOST_TAGGED = 1000

MeasurementType = Literal["time_series", "file", "properties"]
Tags = str | Iterable[str] | None
Measurements = str | CellMeasurement | Iterable[str | CellMeasurement]


class CellMeasurementResource(MeasurementUpload, MeasurementData):
    """Upload measurements, find them, and read their data."""

    def list(
        self,
        cell_instance_id: str | CellInstance,
        limit: int | None = None,
        offset: int | None = None,
        measurement_type: MeasurementType | None = None,
        *,
        tags_all: Tags = None,
        tags_any: Tags = None,
        **wanted: Unpack[MeasurementFilters],
    ) -> Page[CellMeasurement]:
        """List the measurements of a cell.

        Parameters
        ----------
        cell_instance_id : str or CellInstance
            The cell.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 1000, the service's default is 25.
        measurement_type : {"time_series", "file", "properties"}, optional
            Only measurements of this type.
        tags_all, tags_any : str or iterable of str, optional
            Only measurements with all, or with at least one, of these tags.
        **wanted
            Filters and order, see `ionworks.data.filters.MeasurementFilters`.
        """
        cell = self._identifier(cell_instance_id, "cell_instance_id")
        query = filters.query(wanted, MeasurementFilters)
        query |= self._selection(measurement_type, tags_all, tags_any)
        return self._page(
            list_measurements.sync_detailed,
            CellMeasurement,
            limit,
            offset,
            cell,
            maximum=_LARGEST_PAGE,
            **query,
        )

    def list_by_project(
        self,
        project_id: str | Project | None = None,
        limit: int | None = None,
        offset: int | None = None,
        *,
        measurement_type: MeasurementType | None = None,
        q: str | None = None,
        cell_specification_id: str | CellSpecification | None = None,
        tags_all: Tags = None,
        tags_any: Tags = None,
        **wanted: Unpack[filters.Ordering],
    ) -> Page[CellMeasurement]:
        """List the measurements of a project.

        Parameters
        ----------
        project_id : str or Project, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 1000, the service's default is 25.
        measurement_type : {"time_series", "file", "properties"}, optional
            Only measurements of this type.
        q : str, optional
            Only measurements whose name contains this text.
        cell_specification_id : str or CellSpecification, optional
            Only measurements of cells with this specification.
        tags_all, tags_any : str or iterable of str, optional
            Only measurements with all, or with at least one, of these tags.
        **wanted
            ``order_by`` and ``order``.

        Raises
        ------
        ValueError
            If no project is given or set.
        """
        query = filters.query(wanted, filters.Ordering)
        query |= self._selection(measurement_type, tags_all, tags_any)
        if q is not None:
            query["q"] = text(q, "q")
        if cell_specification_id is not None:
            spec = self._identifier(cell_specification_id, "cell_specification_id")
            query["cell_specification_id"] = spec
        project = self._required_project(project_id)
        return self._page(
            list_project_measurements.sync_detailed,
            CellMeasurement,
            limit,
            offset,
            maximum=_LARGEST_PAGE,
            project_id=project,
            **query,
        )

    def get(self, measurement_id: str | CellMeasurement) -> CellMeasurement:
        """Get the record of a measurement."""
        identifier = self._identifier(measurement_id, "measurement_id")
        return read_measurement(self._connection, identifier)

    def update(
        self, measurement_id: str | CellMeasurement, data: Mapping[str, Any]
    ) -> CellMeasurement:
        """Change the metadata of a measurement; its rows are not changed.

        Parameters
        ----------
        measurement_id : str or CellMeasurement
            The measurement.
        data : mapping
            At least one of ``name``, ``notes``, ``protocol``, ``test_setup``, ``start_time``,
            ``end_time``, ``properties`` and ``tags``, which replaces all tags. None removes notes
            and times.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        fields = self._body(data, "data")
        fields |= measurement_fields(fields, "data", needs_name=False)
        body = CellMeasurementUpdate.from_dict(fields)
        return CellMeasurement.from_model(
            call(update_measurement.sync_detailed, identifier, client=self._api, body=body)
        )

    def delete(self, measurement_id: str | CellMeasurement) -> None:
        """Delete a measurement and its data."""
        identifier = self._identifier(measurement_id, "measurement_id")
        call(delete_measurement.sync_detailed, identifier, client=self._api)

    def create_properties(
        self,
        cell_instance_id: str | CellInstance,
        name: str,
        properties: Mapping[str, Any],
        **fields: Any,
    ) -> CellMeasurement:
        """Store measured properties of a cell, without time series or files.

        Parameters
        ----------
        cell_instance_id : str or CellInstance
            The cell.
        name : str
            Name of the measurement.
        properties : mapping
            Values by name; a number is ``{"value": 68.4, "unit": "g"}``.
        **fields
            ``notes``, ``protocol``, ``test_setup``, ``start_time``, ``end_time``, ``tags``.
        """
        cell = self._identifier(cell_instance_id, "cell_instance_id")
        body = {
            **measurement_fields({"name": name, **fields}, "the measurement"),
            "measurement_type": "properties",
            "properties": self._body(properties, "properties"),
        }
        made = call(
            create_properties_measurement.sync_detailed,
            cell,
            client=self._api,
            body=PropertiesMeasurementRequest.from_dict(body),
        )
        return CellMeasurement.from_model(made)

    def list_tags(
        self,
        project_id: str | Project | None = None,
        q: str | None = None,
        limit: int | None = None,
    ) -> Page[MeasurementTag]:
        """List the tags of the measurements of a project with their usage counts.

        Parameters
        ----------
        project_id : str or Project, optional
            The project; the client's default if not given.
        q : str, optional
            Only tags that contain this text.
        limit : int, optional
            Largest number of tags, at most 1000; the service's default is 50.
        """
        check_window(limit, None, maximum=_LARGEST_PAGE)
        fetch = self._fetcher(
            list_measurement_tags.sync_detailed,
            MeasurementTag,
            q=None if q is None else text(q, "q"),
            project_id=self._required_project(project_id),
        )
        # The operation has no offset, so the page has no following pages.
        found = fetch(None, limit)
        return Page(found.items, total=found.total)

    def add_tags(self, measurement_ids: Measurements, tags: Tags) -> int:
        """Add tags to measurements.

        Parameters
        ----------
        measurement_ids : str, record or iterable of them
            The measurements, any number; one request is sent per thousand.
        tags : str or iterable of str
            The tags.

        Returns
        -------
        int
            How many measurements were changed.
        """
        return self._change_tags(measurement_ids, tags, "add")

    def remove_tags(self, measurement_ids: Measurements, tags: Tags) -> int:
        """Remove tags from measurements.

        Parameters and result are those of `add_tags`.
        """
        return self._change_tags(measurement_ids, tags, "remove")

    def attach_raw_data(
        self, measurement_id: str | CellMeasurement, raw_data_ids: str | Iterable[str]
    ) -> dict[str, Any]:
        """Record which original files a measurement was created from.

        Parameters
        ----------
        measurement_id : str or CellMeasurement
            The measurement.
        raw_data_ids : str or iterable of str
            Ids of the files.

        Returns
        -------
        dict
            The files that are attached now, as in the reply.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        body = RawDataRequest(raw_data_ids=self._identifiers(raw_data_ids, "raw_data_ids"))
        return call(
            attach_measurement_raw_data.sync_detailed, identifier, client=self._api, body=body
        ).to_dict()

    def detach_raw_data(self, measurement_id: str | CellMeasurement, raw_data_id: str) -> None:
        """Detach an original file from a measurement; the file itself is kept."""
        identifier = self._identifier(measurement_id, "measurement_id")
        raw = self._identifier(raw_data_id, "raw_data_id")
        call(detach_measurement_raw_data.sync_detailed, identifier, raw, client=self._api)

    def list_raw_data(self, measurement_id: str | CellMeasurement) -> Page[RawDataReference]:
        """List the original files a measurement was created from."""
        identifier = self._identifier(measurement_id, "measurement_id")
        fetch = self._fetcher(list_measurement_raw_data.sync_detailed, RawDataReference, identifier)
        return Page(fetch(None, None).items)

    def watch(self, measurement_id: str | CellMeasurement) -> MeasurementWatch:
        """Add a measurement to your watch list."""
        identifier = self._identifier(measurement_id, "measurement_id")
        return MeasurementWatch.from_model(
            call(watch_measurement.sync_detailed, identifier, client=self._api, body=EmptyRequest())
        )

    def unwatch(self, measurement_id: str | CellMeasurement) -> None:
        """Remove a measurement from your watch list."""
        identifier = self._identifier(measurement_id, "measurement_id")
        call(unwatch_measurement.sync_detailed, identifier, client=self._api)

    def _selection(self, measurement_type: Any, tags_all: Tags, tags_any: Tags) -> dict[str, Any]:
        query: dict[str, Any] = {}
        if measurement_type is not None:
            kinds = get_args(MeasurementType)
            query["measurement_type"] = one_of(measurement_type, "measurement_type", kinds)
        for name, tags in (("tags_all", tags_all), ("tags_any", tags_any)):
            if tags is not None:
                query[name] = check_tags(tags, name)
        return query

    def _change_tags(self, measurement_ids: Any, tags: Tags, action: str) -> int:
        ids = self._identifiers(measurement_ids, "measurement_ids")
        wanted = check_tags(tags, "tags")
        if not wanted:
            raise ValueError("tags is empty: give at least one")
        changed = 0
        for start in range(0, len(ids), _MOST_TAGGED):
            some = ids[start : start + _MOST_TAGGED]
            body = MeasurementTagsRequest.from_dict({"measurement_ids": some, action: wanted})
            reply = call(update_measurement_tags.sync_detailed, client=self._api, body=body)
            changed += reply.updated_count or 0
        return changed

    def _identifiers(self, values: Any, name: str) -> builtins.list[str]:
        if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
            values = [values]
        ids = [*dict.fromkeys(self._identifier(each, name) for each in values)]
        if not ids:
            raise ValueError(f"{name} is empty: give at least one id")
        return ids
