from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.material_request import MaterialRequest


T = TypeVar("T", bound="CellComponentRequest")


@_attrs_define
class CellComponentRequest:
    """An anode, cathode, electrolyte, separator or case.

    Attributes:
        properties (Any | Unset): Quantities or texts by property name.
        material (MaterialRequest | Unset): The material of a component.
    """

    properties: Any | Unset = UNSET
    material: MaterialRequest | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        properties = self.properties

        material: dict[str, Any] | Unset = UNSET
        if not isinstance(self.material, Unset):
            material = self.material.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if properties is not UNSET:
            field_dict["properties"] = properties
        if material is not UNSET:
            field_dict["material"] = material

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.material_request import MaterialRequest

        d = dict(src_dict)
        properties = d.pop("properties", UNSET)

        _material = d.pop("material", UNSET)
        material: MaterialRequest | Unset
        if isinstance(_material, Unset):
            material = UNSET
        else:
            material = MaterialRequest.from_dict(_material)

        cell_component_request = cls(
            properties=properties,
            material=material,
        )

        cell_component_request.additional_properties = d
        return cell_component_request

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
