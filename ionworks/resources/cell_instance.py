"""Cell instances: single cells."""

from collections.abc import Mapping
from typing import Any, Unpack

from ionworks.data import filters
from ionworks.data.filters import AuthoredFilters
from ionworks.data.paging import Page
from ionworks.errors import ConflictError
from ionworks.records.cell_instance import CellInstance
from ionworks.records.cell_measurement import CellInstanceDetail
from ionworks.records.cell_spec import CellSpecification
from ionworks.requests.cell_spec import check_quantities
from ionworks.requests.fields import named
from ionworks.resources.resource import Resource
from ionworks.transport.call import call
from ionworks.workflows.measurements.measurement_data import Parts, read_instance_detail
from ionworks_api_client.api.cell_instance import (
    create_cell_instance,
    delete_cell_instance,
    get_cell_instance,
    list_cell_instances,
    update_cell_instance,
)
from ionworks_api_client.models import CellInstanceRequest, CellInstanceUpdate


class CellInstanceResource(Resource):
    """Create, find and change cells; read a cell with all of its measurements."""

    def list(
        self,
        cell_spec_id: str | CellSpecification,
        limit: int | None = None,
        offset: int | None = None,
        *,
        batch_id: str | None = None,
        **wanted: Unpack[AuthoredFilters],
    ) -> Page[CellInstance]:
        """List the cells built to a specification.

        Parameters
        ----------
        cell_spec_id : str or CellSpecification
            The cell specification.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        batch_id : str, optional
            Only cells of this batch.
        **wanted
            Filters and order, see `ionworks.data.filters.AuthoredFilters`.
        """
        spec = self._identifier(cell_spec_id, "cell_spec_id")
        query = filters.query(wanted, AuthoredFilters)
        batch = self._optional_identifier(batch_id, "batch_id")
        return self._page(
            list_cell_instances.sync_detailed,
            CellInstance,
            limit,
            offset,
            spec,
            batch_id=batch,
            **query,
        )

    def get(self, cell_instance_id: str | CellInstance) -> CellInstance:
        """Get a cell."""
        identifier = self._identifier(cell_instance_id, "cell_instance_id")
        return CellInstance.from_model(
            call(get_cell_instance.sync_detailed, identifier, client=self._api)
        )

    def create(
        self, cell_spec_id: str | CellSpecification, data: Mapping[str, Any]
    ) -> CellInstance:
        """Create a cell.

        Parameters
        ----------
        cell_spec_id : str or CellSpecification
            The specification it is built to.
        data : mapping
            ``{"name", "batch_id"?, "date_manufactured"?, "measured_properties"?, "notes"?}``.
            `measured_properties` maps component to property to ``{"value": number, "unit":
            text}``, for properties that differ from the specification.

        Raises
        ------
        ValueError, TypeError
            If a field is invalid; nothing was sent.
        BadRequestError
            If the batch belongs to another specification.
        ConflictError
            If the name is taken; `existing_id` of the exception is the id of the existing record.
        """
        spec = self._identifier(cell_spec_id, "cell_spec_id")
        body = CellInstanceRequest.from_dict(self._checked(data, "name"))
        return CellInstance.from_model(
            call(create_cell_instance.sync_detailed, spec, client=self._api, body=body)
        )

    def create_or_get(
        self, cell_spec_id: str | CellSpecification, data: Mapping[str, Any]
    ) -> CellInstance:
        """Create a cell, or get the existing one with that name.

        Parameters are those of `create`. An existing record is not changed.
        """
        try:
            return self.create(cell_spec_id, data)
        except ConflictError as conflict:
            return self._existing(
                conflict,
                self.get,
                lambda: self.list(cell_spec_id, limit=1, name_exact=data["name"]),
            )

    def update(self, cell_instance_id: str | CellInstance, data: Mapping[str, Any]) -> CellInstance:
        """Change a cell.

        Parameters
        ----------
        cell_instance_id : str or CellInstance
            The cell.
        data : mapping
            At least one of the fields of `create`; other fields keep their values.
        """
        identifier = self._identifier(cell_instance_id, "cell_instance_id")
        body = CellInstanceUpdate.from_dict(self._checked(data))
        return CellInstance.from_model(
            call(update_cell_instance.sync_detailed, identifier, client=self._api, body=body)
        )

    def delete(self, cell_instance_id: str | CellInstance) -> None:
        """Delete a cell."""
        identifier = self._identifier(cell_instance_id, "cell_instance_id")
        call(delete_cell_instance.sync_detailed, identifier, client=self._api)

    def detail(
        self,
        cell_instance_id: str | CellInstance,
        include_steps: bool = True,
        include_cycles: bool = True,
        include_time_series: bool = True,
    ) -> CellInstanceDetail:
        """Read a cell with all of its measurements and their data, several concurrently.

        Parameters
        ----------
        cell_instance_id : str or CellInstance
            The cell.
        include_steps, include_cycles, include_time_series : bool, optional
            Which data to read; all of them are held in memory.

        Returns
        -------
        CellInstanceDetail
            With ``instance`` and ``measurements``, each with ``measurement``, ``time_series``,
            ``steps`` and ``cycles``.
        """
        parts = Parts(steps=include_steps, cycles=include_cycles, time_series=include_time_series)
        instance = self.get(cell_instance_id)
        return read_instance_detail(self._connection, instance, parts)

    def _checked(self, data: Any, *required: str) -> dict[str, Any]:
        fields = self._body(data, "data", *required)
        if "batch" in fields:
            raise ValueError(
                "data['batch'] is no longer supported: give the id of the batch as data['batch_id']"
            )
        if fields.get("measured_properties") is not None:
            where = "data['measured_properties']"
            for component, properties in named(fields["measured_properties"], where).items():
                check_quantities(properties, f"{where}[{component!r}]")
        return fields
