"""Battery models."""

from types import MappingProxyType
from typing import Any

import attrs

from ionworks.records.record import Record


@attrs.frozen(kw_only=True, repr=False)
class Model(Record):
    """A battery model without parameter values.

    Attributes
    ----------
    id : str
        Its id.
    config : dict or None
        Such as ``{"type": "SPMe", "options": {...}}``; ``pybamm.BaseModel.from_config`` converts
        it to a model. Lists can omit it.
    simulation_settings : dict or None
        Mesh, geometry and solver settings.
    """

    identifies = MappingProxyType({"model_id": "id"})

    id: str
    name: str | None = None
    description: str | None = None
    project_id: str | None = None
    organization_id: str | None = None
    source_model_id: str | None = None
    config: dict[str, Any] | None = None
    simulation_settings: dict[str, Any] | None = None
    pybamm_version: str | None = None
    is_custom_model: bool | None = None
    created_at: str | None = None
    updated_at: str | None = None
    created_by_email: str | None = None
