from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="StudyAssignment")


@_attrs_define
class StudyAssignment:
    """An assignment to a study, of either a simulation or a measurement.

    Attributes:
        study_id (None | str | Unset): ID of the study.
        simulation_id (None | str | Unset): ID of the simulation.
        measurement_id (None | str | Unset): ID of the measurement.
        created_at (None | str | Unset): When it was assigned.
    """

    study_id: None | str | Unset = UNSET
    simulation_id: None | str | Unset = UNSET
    measurement_id: None | str | Unset = UNSET
    created_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        study_id: None | str | Unset
        if isinstance(self.study_id, Unset):
            study_id = UNSET
        else:
            study_id = self.study_id

        simulation_id: None | str | Unset
        if isinstance(self.simulation_id, Unset):
            simulation_id = UNSET
        else:
            simulation_id = self.simulation_id

        measurement_id: None | str | Unset
        if isinstance(self.measurement_id, Unset):
            measurement_id = UNSET
        else:
            measurement_id = self.measurement_id

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
            created_at = self.created_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if study_id is not UNSET:
            field_dict["study_id"] = study_id
        if simulation_id is not UNSET:
            field_dict["simulation_id"] = simulation_id
        if measurement_id is not UNSET:
            field_dict["measurement_id"] = measurement_id
        if created_at is not UNSET:
            field_dict["created_at"] = created_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_study_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        study_id = _parse_study_id(d.pop("study_id", UNSET))

        def _parse_simulation_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        simulation_id = _parse_simulation_id(d.pop("simulation_id", UNSET))

        def _parse_measurement_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        measurement_id = _parse_measurement_id(d.pop("measurement_id", UNSET))

        def _parse_created_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        study_assignment = cls(
            study_id=study_id,
            simulation_id=simulation_id,
            measurement_id=measurement_id,
            created_at=created_at,
        )

        study_assignment.additional_properties = d
        return study_assignment

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
