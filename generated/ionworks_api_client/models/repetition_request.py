from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RepetitionRequest")


@_attrs_define
class RepetitionRequest:
    """The simulations to submit again.

    Attributes:
        simulation_ids (list[str]): IDs of the simulations, which were submitted together.
        reuse (bool | Unset): As in SimulationBatchRequest.
    """

    simulation_ids: list[str]
    reuse: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        simulation_ids = self.simulation_ids

        reuse = self.reuse

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "simulation_ids": simulation_ids,
            }
        )
        if reuse is not UNSET:
            field_dict["reuse"] = reuse

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        simulation_ids = cast(list[str], d.pop("simulation_ids"))

        reuse = d.pop("reuse", UNSET)

        repetition_request = cls(
            simulation_ids=simulation_ids,
            reuse=reuse,
        )

        return repetition_request
