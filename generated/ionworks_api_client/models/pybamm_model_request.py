from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PybammModelRequest")


@_attrs_define
class PybammModelRequest:
    """A PyBaMM model to check.

    Attributes:
        pybamm_model (str): The name of the model, such as SPM.
        module (str | Unset): Module of the model; default lithium_ion.
        options (Any | Unset): Options of the model.
    """

    pybamm_model: str
    module: str | Unset = UNSET
    options: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pybamm_model = self.pybamm_model

        module = self.module

        options = self.options

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pybamm_model": pybamm_model,
            }
        )
        if module is not UNSET:
            field_dict["module"] = module
        if options is not UNSET:
            field_dict["options"] = options

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        pybamm_model = d.pop("pybamm_model")

        module = d.pop("module", UNSET)

        options = d.pop("options", UNSET)

        pybamm_model_request = cls(
            pybamm_model=pybamm_model,
            module=module,
            options=options,
        )

        pybamm_model_request.additional_properties = d
        return pybamm_model_request

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
