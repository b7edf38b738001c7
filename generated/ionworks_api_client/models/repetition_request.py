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
        keep_studies (bool | Unset): Whether the new ones are assigned to the studies of the first one; true if not
            given.
    """

    simulation_ids: list[str]
    reuse: bool | Unset = UNSET
    keep_studies: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        simulation_ids = self.simulation_ids

        reuse = self.reuse

        keep_studies = self.keep_studies

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "simulation_ids": simulation_ids,
            }
        )
        if reuse is not UNSET:
            field_dict["reuse"] = reuse
        if keep_studies is not UNSET:
            field_dict["keep_studies"] = keep_studies

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        simulation_ids = cast(list[str], d.pop("simulation_ids"))

        reuse = d.pop("reuse", UNSET)

        keep_studies = d.pop("keep_studies", UNSET)

        repetition_request = cls(
            simulation_ids=simulation_ids,
            reuse=reuse,
            keep_studies=keep_studies,
        )

        return repetition_request
