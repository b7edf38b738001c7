from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PipelineResult")


@_attrs_define
class PipelineResult:
    """The result of a pipeline.

    Attributes:
        result (Any | Unset): The result as a whole.
        element_results (Any | Unset): Results by element name; each has parameter_values, and more depending on its
            type.
    """

    result: Any | Unset = UNSET
    element_results: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        result = self.result

        element_results = self.element_results

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if result is not UNSET:
            field_dict["result"] = result
        if element_results is not UNSET:
            field_dict["element_results"] = element_results

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        result = d.pop("result", UNSET)

        element_results = d.pop("element_results", UNSET)

        pipeline_result = cls(
            result=result,
            element_results=element_results,
        )

        pipeline_result.additional_properties = d
        return pipeline_result

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
