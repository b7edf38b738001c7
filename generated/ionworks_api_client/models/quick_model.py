from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="QuickModel")


@_attrs_define
class QuickModel:
    """A cell defined by a few numbers instead of a parameter set.

    Attributes:
        capacity (float | Unset): Nominal capacity in A.h; default 1.0.
        chemistry (str | Unset): Positive and negative electrode; default `NMC/Graphite`.
        resistance_pct (float | Unset): Ohmic resistance in percent of the nominal resistance.
        cell_spec_id (str | Unset): ID of a cell specification that supplies missing values.
    """

    capacity: float | Unset = UNSET
    chemistry: str | Unset = UNSET
    resistance_pct: float | Unset = UNSET
    cell_spec_id: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        capacity = self.capacity

        chemistry = self.chemistry

        resistance_pct = self.resistance_pct

        cell_spec_id = self.cell_spec_id

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if capacity is not UNSET:
            field_dict["capacity"] = capacity
        if chemistry is not UNSET:
            field_dict["chemistry"] = chemistry
        if resistance_pct is not UNSET:
            field_dict["resistance_pct"] = resistance_pct
        if cell_spec_id is not UNSET:
            field_dict["cell_spec_id"] = cell_spec_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        capacity = d.pop("capacity", UNSET)

        chemistry = d.pop("chemistry", UNSET)

        resistance_pct = d.pop("resistance_pct", UNSET)

        cell_spec_id = d.pop("cell_spec_id", UNSET)

        quick_model = cls(
            capacity=capacity,
            chemistry=chemistry,
            resistance_pct=resistance_pct,
            cell_spec_id=cell_spec_id,
        )

        return quick_model
