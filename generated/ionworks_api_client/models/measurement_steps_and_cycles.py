from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="MeasurementStepsAndCycles")


@_attrs_define
class MeasurementStepsAndCycles:
    """The steps and the cycles of a measurement.

    Attributes:
        steps (Any | Unset): Values by column name.
        cycles (Any | Unset): Values by column name.
    """

    steps: Any | Unset = UNSET
    cycles: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        steps = self.steps

        cycles = self.cycles

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if steps is not UNSET:
            field_dict["steps"] = steps
        if cycles is not UNSET:
            field_dict["cycles"] = cycles

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        steps = d.pop("steps", UNSET)

        cycles = d.pop("cycles", UNSET)

        measurement_steps_and_cycles = cls(
            steps=steps,
            cycles=cycles,
        )

        measurement_steps_and_cycles.additional_properties = d
        return measurement_steps_and_cycles

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
