from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.simulation import Simulation


T = TypeVar("T", bound="SimulationList")


@_attrs_define
class SimulationList:
    """A page of simulations.

    Attributes:
        simulations (list[Simulation]): The simulations.
        model_scalar_parameters (Any | Unset): Scalar parameters by ID of the parameterized model, for values that are
            not design parameters.
        total (int | None | Unset): Total number of items.
    """

    simulations: list[Simulation]
    model_scalar_parameters: Any | Unset = UNSET
    total: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        simulations = []
        for simulations_item_data in self.simulations:
            simulations_item = simulations_item_data.to_dict()
            simulations.append(simulations_item)

        model_scalar_parameters = self.model_scalar_parameters

        total: int | None | Unset
        if isinstance(self.total, Unset):
            total = UNSET
        else:
            total = self.total

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "simulations": simulations,
            }
        )
        if model_scalar_parameters is not UNSET:
            field_dict["model_scalar_parameters"] = model_scalar_parameters
        if total is not UNSET:
            field_dict["total"] = total

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.simulation import Simulation

        d = dict(src_dict)
        simulations = []
        _simulations = d.pop("simulations")
        for simulations_item_data in _simulations:
            simulations_item = Simulation.from_dict(simulations_item_data)

            simulations.append(simulations_item)

        model_scalar_parameters = d.pop("model_scalar_parameters", UNSET)

        def _parse_total(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        total = _parse_total(d.pop("total", UNSET))

        simulation_list = cls(
            simulations=simulations,
            model_scalar_parameters=model_scalar_parameters,
            total=total,
        )

        simulation_list.additional_properties = d
        return simulation_list

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
