from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="SimulationCondition")


@_attrs_define
class SimulationCondition:
    """One run of an explicit list.

    Attributes:
        experiment_parameters (Any): Values for the inputs of the protocol.
        design_parameters (Any): Overridden parameters of the model.
    """

    experiment_parameters: Any
    design_parameters: Any

    def to_dict(self) -> dict[str, Any]:
        experiment_parameters = self.experiment_parameters

        design_parameters = self.design_parameters

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "experiment_parameters": experiment_parameters,
                "design_parameters": design_parameters,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        experiment_parameters = d.pop("experiment_parameters")

        design_parameters = d.pop("design_parameters")

        simulation_condition = cls(
            experiment_parameters=experiment_parameters,
            design_parameters=design_parameters,
        )

        return simulation_condition
