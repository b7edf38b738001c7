from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.result_part import ResultPart, check_result_part
from ..types import UNSET, Unset

T = TypeVar("T", bound="ResultsRequest")


@_attrs_define
class ResultsRequest:
    """The simulations whose results are requested, and which parts of these.

    Attributes:
        simulation_ids (list[str]): IDs of the simulations.
        parts (list[ResultPart] | Unset): What to send; everything if it is missing.
        columns (list[str] | Unset): Columns of the time series; all if it is missing. Those that the time series do not
            have are left out.
    """

    simulation_ids: list[str]
    parts: list[ResultPart] | Unset = UNSET
    columns: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        simulation_ids = self.simulation_ids

        parts: list[str] | Unset = UNSET
        if not isinstance(self.parts, Unset):
            parts = []
            for parts_item_data in self.parts:
                parts_item: str = parts_item_data
                parts.append(parts_item)

        columns: list[str] | Unset = UNSET
        if not isinstance(self.columns, Unset):
            columns = self.columns

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "simulation_ids": simulation_ids,
            }
        )
        if parts is not UNSET:
            field_dict["parts"] = parts
        if columns is not UNSET:
            field_dict["columns"] = columns

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        simulation_ids = cast(list[str], d.pop("simulation_ids"))

        _parts = d.pop("parts", UNSET)
        parts: list[ResultPart] | Unset = UNSET
        if _parts is not UNSET:
            parts = []
            for parts_item_data in _parts:
                parts_item = check_result_part(parts_item_data)

                parts.append(parts_item)

        columns = cast(list[str], d.pop("columns", UNSET))

        results_request = cls(
            simulation_ids=simulation_ids,
            parts=parts,
            columns=columns,
        )

        return results_request
