from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SimulationEstimate")


@_attrs_define
class SimulationEstimate:
    """A time estimated from past runs of the same model.

    Attributes:
        seconds (float): Seconds until all runs have ended if nothing else is running.
        seconds_per_run (float): Seconds that a past run took in one worker, on average.
        past_runs (int): How many past runs these are.
        same_protocol (bool): Whether these were runs of the same protocol; else of others.
        workers (int | Unset): How many runs can be computed at the same time.
    """

    seconds: float
    seconds_per_run: float
    past_runs: int
    same_protocol: bool
    workers: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        seconds = self.seconds

        seconds_per_run = self.seconds_per_run

        past_runs = self.past_runs

        same_protocol = self.same_protocol

        workers = self.workers

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "seconds": seconds,
                "seconds_per_run": seconds_per_run,
                "past_runs": past_runs,
                "same_protocol": same_protocol,
            }
        )
        if workers is not UNSET:
            field_dict["workers"] = workers

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        seconds = d.pop("seconds")

        seconds_per_run = d.pop("seconds_per_run")

        past_runs = d.pop("past_runs")

        same_protocol = d.pop("same_protocol")

        workers = d.pop("workers", UNSET)

        simulation_estimate = cls(
            seconds=seconds,
            seconds_per_run=seconds_per_run,
            past_runs=past_runs,
            same_protocol=same_protocol,
            workers=workers,
        )

        simulation_estimate.additional_properties = d
        return simulation_estimate

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
