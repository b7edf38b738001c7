from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="SimulationSelection")


@_attrs_define
class SimulationSelection:
    """Some simulations.

    Attributes:
        simulation_ids (list[str]): IDs of the simulations.
    """

    simulation_ids: list[str]

    def to_dict(self) -> dict[str, Any]:
        simulation_ids = self.simulation_ids

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "simulation_ids": simulation_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        simulation_ids = cast(list[str], d.pop("simulation_ids"))

        simulation_selection = cls(
            simulation_ids=simulation_ids,
        )

        return simulation_selection
