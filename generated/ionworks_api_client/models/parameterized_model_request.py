from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ParameterizedModelRequest")


@_attrs_define
class ParameterizedModelRequest:
    """A parameterized model to save.

    Attributes:
        name (str): Name of the parameterized model.
        model_id (str): ID of the model.
        description (None | str | Unset): Description of the parameterized model.
        parameters (Any | Unset): Values by parameter name.
        simulation_settings (Any | Unset): Mesh, spatial methods, geometry and solver.
        project_id (str | Unset): ID of the project to save it in.
    """

    name: str
    model_id: str
    description: None | str | Unset = UNSET
    parameters: Any | Unset = UNSET
    simulation_settings: Any | Unset = UNSET
    project_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        model_id = self.model_id

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        parameters = self.parameters

        simulation_settings = self.simulation_settings

        project_id = self.project_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "model_id": model_id,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if parameters is not UNSET:
            field_dict["parameters"] = parameters
        if simulation_settings is not UNSET:
            field_dict["simulation_settings"] = simulation_settings
        if project_id is not UNSET:
            field_dict["project_id"] = project_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        model_id = d.pop("model_id")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        parameters = d.pop("parameters", UNSET)

        simulation_settings = d.pop("simulation_settings", UNSET)

        project_id = d.pop("project_id", UNSET)

        parameterized_model_request = cls(
            name=name,
            model_id=model_id,
            description=description,
            parameters=parameters,
            simulation_settings=simulation_settings,
            project_id=project_id,
        )

        parameterized_model_request.additional_properties = d
        return parameterized_model_request

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
