from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ModelUpdate")


@_attrs_define
class ModelUpdate:
    """Changes to a model.

    Attributes:
        name (str | Unset): New name.
        description (None | str | Unset): New description.
        pybamm_version (None | str | Unset): The PyBaMM version the model was created with.
        simulation_settings (Any | Unset): New settings; null clears them.
    """

    name: str | Unset = UNSET
    description: None | str | Unset = UNSET
    pybamm_version: None | str | Unset = UNSET
    simulation_settings: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        pybamm_version: None | str | Unset
        if isinstance(self.pybamm_version, Unset):
            pybamm_version = UNSET
        else:
            pybamm_version = self.pybamm_version

        simulation_settings = self.simulation_settings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if pybamm_version is not UNSET:
            field_dict["pybamm_version"] = pybamm_version
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

        def _parse_pybamm_version(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        pybamm_version = _parse_pybamm_version(d.pop("pybamm_version", UNSET))

        simulation_settings = d.pop("simulation_settings", UNSET)

        model_update = cls(
            name=name,
            description=description,
            pybamm_version=pybamm_version,
            simulation_settings=simulation_settings,
        )

        model_update.additional_properties = d
        return model_update

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
