from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.quick_model import QuickModel


T = TypeVar("T", bound="QuickModelReference")


@_attrs_define
class QuickModelReference:
    """A quick model instead of a parameterized model.

    Attributes:
        quick_model (QuickModel): A cell defined by a few numbers instead of a parameter set.
    """

    quick_model: QuickModel

    def to_dict(self) -> dict[str, Any]:
        quick_model = self.quick_model.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "quick_model": quick_model,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.quick_model import QuickModel

        d = dict(src_dict)
        quick_model = QuickModel.from_dict(d.pop("quick_model"))

        quick_model_reference = cls(
            quick_model=quick_model,
        )

        return quick_model_reference
