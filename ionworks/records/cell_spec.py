"""Cell specifications: the design of a cell type."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import attrs

from ionworks.records.record import Record

__all__ = ["CellSpecification"]


@attrs.frozen(kw_only=True, repr=False)
class CellSpecification(Record):
    """The design of a cell type.

    Attributes
    ----------
    id : str
        Its id.
    form_factor : str or None
        Pouch, prismatic, coin, or a size such as ``21700``.
    ratings : dict or None
        Rated values by name (``capacity``, ``voltage_min``, ``voltage_max``, ...),
        each ``{"value": number, "unit": text}``.
    anode, cathode, electrolyte, separator, case : dict or None
        Its components with their ``properties`` and ``material``; lists include them only on
        request.
    properties : dict or None
        Further properties by name.
    source : dict or None
        Source of the values.
    instance_ids : list of str or None
        Ids of the cells with this specification.
    """

    identifies = MappingProxyType({"cell_spec_id": "id", "cell_specification_id": "id"})

    id: str
    name: str | None = None
    project_id: str | None = None
    organization_id: str | None = None
    form_factor: str | None = None
    manufacturer: str | None = None
    ratings: dict[str, Any] | None = None
    anode_id: str | None = None
    cathode_id: str | None = None
    electrolyte_id: str | None = None
    separator_id: str | None = None
    case_id: str | None = None
    anode: dict[str, Any] | None = None
    cathode: dict[str, Any] | None = None
    electrolyte: dict[str, Any] | None = None
    separator: dict[str, Any] | None = None
    case: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None
    source: dict[str, Any] | None = None
    notes: str | None = None
    instance_ids: list[str] | None = None
    created_by: str | None = None
    created_by_email: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
