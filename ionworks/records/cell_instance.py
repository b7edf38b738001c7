"""Cell instances: individual physical cells."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import attrs

from ionworks.records.record import Record

__all__ = ["CellInstance"]


@attrs.frozen(kw_only=True, repr=False)
class CellInstance(Record):
    """A single cell.

    Attributes
    ----------
    id : str
        Its id.
    name : str or None
        Its name, usually the serial number.
    cell_specification_id : str or None
        The specification it was built to.
    batch_id, batch_name : str or None
        The production batch.
    date_manufactured : str or None
        Date of manufacture, ISO 8601.
    measured_properties : dict or None
        Maps component to property name to ``{"value": number, "unit": text}``, for properties
        that differ from the specification.
    measurement_ids : list of str or None
        Ids of its measurements.
    """

    identifies = MappingProxyType({"cell_instance_id": "id"})

    id: str
    name: str | None = None
    cell_specification_id: str | None = None
    batch_id: str | None = None
    batch_name: str | None = None
    date_manufactured: str | None = None
    measured_properties: dict[str, Any] | None = None
    notes: str | None = None
    organization_id: str | None = None
    measurement_ids: list[str] | None = None
    created_by: str | None = None
    created_by_email: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
