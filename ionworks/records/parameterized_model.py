"""Models with the parameter values of a cell."""

from types import MappingProxyType
from typing import Any

import attrs

from ionworks.records.record import Record
from ionworks.records.simulation import messages


@attrs.frozen(kw_only=True, repr=False)
class ParameterizedModel(Record):
    """A model with parameter values, ready to be simulated.

    Attributes
    ----------
    id : str
        Its id, used in simulation configs.
    parameters : dict or None
        Parameter values by name; lists omit them.
    simulation_settings : dict or None
        Mesh, geometry and solver settings.
    notes : list of str or None
        What is unusual in the parameters or has no effect.
    """

    identifies = MappingProxyType({"parameterized_model_id": "id"})

    id: str
    name: str | None = None
    description: str | None = None
    project_id: str | None = None
    organization_id: str | None = None
    model_id: str | None = None
    model_name: str | None = None
    cell_spec_id: str | None = None
    parameters: dict[str, Any] | None = None
    simulation_settings: dict[str, Any] | None = None
    notes: list[str] | None = attrs.field(default=None, converter=messages)
    created_at: str | None = None
    updated_at: str | None = None
    created_by_email: str | None = None
