"""Cell instances: cells one can hold in the hand."""

from __future__ import annotations

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
        Its name, often the serial number.
    cell_specification_id : str or None
        The specification it was built to.
    batch_id, batch_name : str or None
        The lot it was made in.
    date_manufactured : str or None
        When it was built, ISO 8601.
    measured_properties : dict or None
        Component to property name to ``{"value": number, "unit": text}``, where this cell differs
        from its specification.
    measurement_ids : list of str or None
        The measurements on it.
    """

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
