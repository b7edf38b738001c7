from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="InlineModelReference")


@_attrs_define
class InlineModelReference:
    """A saved model with the given parameters instead of a parameterized model.

    Attributes:
        model_id (str): ID of the model.
        parameters (Any): Values by parameter name.
    """

    model_id: str
    parameters: Any

    def to_dict(self) -> dict[str, Any]:
        model_id = self.model_id

        parameters = self.parameters

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "model_id": model_id,
                "parameters": parameters,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        model_id = d.pop("model_id")

        parameters = d.pop("parameters")

        inline_model_reference = cls(
            model_id=model_id,
            parameters=parameters,
        )

        return inline_model_reference
