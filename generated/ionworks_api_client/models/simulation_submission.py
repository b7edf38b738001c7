from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SimulationSubmission")


@_attrs_define
class SimulationSubmission:
    """A submitted run.

    Attributes:
        simulation_id (str): ID of the simulation.
        job_id (None | str): ID of the job that runs it; null if nothing had to run.
        already_existed (bool | Unset): Whether the same run had been submitted before.
        seed (int | None | Unset): Seed of the random values of the design, drawn if the request has none; null without
            random values.
    """

    simulation_id: str
    job_id: None | str
    already_existed: bool | Unset = UNSET
    seed: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        simulation_id = self.simulation_id

        job_id: None | str
        job_id = self.job_id

        already_existed = self.already_existed

        seed: int | None | Unset
        if isinstance(self.seed, Unset):
            seed = UNSET
        else:
            seed = self.seed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "simulation_id": simulation_id,
                "job_id": job_id,
            }
        )
        if already_existed is not UNSET:
            field_dict["already_existed"] = already_existed
        if seed is not UNSET:
            field_dict["seed"] = seed

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        simulation_id = d.pop("simulation_id")

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        already_existed = d.pop("already_existed", UNSET)

        def _parse_seed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seed = _parse_seed(d.pop("seed", UNSET))

        simulation_submission = cls(
            simulation_id=simulation_id,
            job_id=job_id,
            already_existed=already_existed,
            seed=seed,
        )

        simulation_submission.additional_properties = d
        return simulation_submission

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
