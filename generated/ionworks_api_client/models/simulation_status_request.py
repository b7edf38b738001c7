from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SimulationStatusRequest")


@_attrs_define
class SimulationStatusRequest:
    """The simulations whose status is requested.

    Attributes:
        simulation_ids (list[str]): IDs of the simulations.
        limit (int | Unset): Maximum number of returned statuses; default 100, so set it to the number of simulations.
        offset (int | Unset): Number of statuses to skip.
    """

    simulation_ids: list[str]
    limit: int | Unset = UNSET
    offset: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        simulation_ids = self.simulation_ids

        limit = self.limit

        offset = self.offset

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "simulation_ids": simulation_ids,
            }
        )
        if limit is not UNSET:
            field_dict["limit"] = limit
        if offset is not UNSET:
            field_dict["offset"] = offset

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        simulation_ids = cast(list[str], d.pop("simulation_ids"))

        limit = d.pop("limit", UNSET)

        offset = d.pop("offset", UNSET)

        simulation_status_request = cls(
            simulation_ids=simulation_ids,
            limit=limit,
            offset=offset,
        )

        simulation_status_request.additional_properties = d
        return simulation_status_request

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
