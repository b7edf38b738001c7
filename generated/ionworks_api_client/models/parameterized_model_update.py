from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ParameterizedModelUpdate")


@_attrs_define
class ParameterizedModelUpdate:
    """Changes to a parameterized model.

    Attributes:
        name (str | Unset): New name.
        description (None | str | Unset): New description.
        parameters (Any | Unset): New parameter values that replace all existing ones; only before a simulation has used
            the model.
        simulation_settings (Any | Unset): New settings; null clears them.
    """

    name: str | Unset = UNSET
    description: None | str | Unset = UNSET
    parameters: Any | Unset = UNSET
    simulation_settings: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        parameters = self.parameters

        simulation_settings = self.simulation_settings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if parameters is not UNSET:
            field_dict["parameters"] = parameters
        if simulation_settings is not UNSET:
            field_dict["simulation_settings"] = simulation_settings

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        parameters = d.pop("parameters", UNSET)

        simulation_settings = d.pop("simulation_settings", UNSET)

        parameterized_model_update = cls(
            name=name,
            description=description,
            parameters=parameters,
            simulation_settings=simulation_settings,
        )

        parameterized_model_update.additional_properties = d
        return parameterized_model_update

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
