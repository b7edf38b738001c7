from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Study")


@_attrs_define
class Study:
    """A group of simulations and measurements.

    Attributes:
        id (str): ID of the study.
        name (str | Unset): Name of the study.
        description (None | str | Unset): Description of the study.
        project_id (None | str | Unset): ID of the project.
        organization_id (None | str | Unset): ID of the organization.
        simulation_count (int | None | Unset): Number of simulations in the study.
        measurement_count (int | None | Unset): Number of measurements in the study.
        validation_count (int | None | Unset): Number of validations in the study.
        created_by_email (None | str | Unset): Email of the creator.
        created_at (None | str | Unset): Time of creation.
        updated_at (None | str | Unset): Time of the last change.
    """

    id: str
    name: str | Unset = UNSET
    description: None | str | Unset = UNSET
    project_id: None | str | Unset = UNSET
    organization_id: None | str | Unset = UNSET
    simulation_count: int | None | Unset = UNSET
    measurement_count: int | None | Unset = UNSET
    validation_count: int | None | Unset = UNSET
    created_by_email: None | str | Unset = UNSET
    created_at: None | str | Unset = UNSET
    updated_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        project_id: None | str | Unset
        if isinstance(self.project_id, Unset):
            project_id = UNSET
        else:
            project_id = self.project_id

        organization_id: None | str | Unset
        if isinstance(self.organization_id, Unset):
            organization_id = UNSET
        else:
            organization_id = self.organization_id

        simulation_count: int | None | Unset
        if isinstance(self.simulation_count, Unset):
            simulation_count = UNSET
        else:
            simulation_count = self.simulation_count

        measurement_count: int | None | Unset
        if isinstance(self.measurement_count, Unset):
            measurement_count = UNSET
        else:
            measurement_count = self.measurement_count

        validation_count: int | None | Unset
        if isinstance(self.validation_count, Unset):
            validation_count = UNSET
        else:
            validation_count = self.validation_count

        created_by_email: None | str | Unset
        if isinstance(self.created_by_email, Unset):
            created_by_email = UNSET
        else:
            created_by_email = self.created_by_email

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
            created_at = self.created_at

        updated_at: None | str | Unset
        if isinstance(self.updated_at, Unset):
            updated_at = UNSET
        else:
            updated_at = self.updated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if organization_id is not UNSET:
            field_dict["organization_id"] = organization_id
        if simulation_count is not UNSET:
            field_dict["simulation_count"] = simulation_count
        if measurement_count is not UNSET:
            field_dict["measurement_count"] = measurement_count
        if validation_count is not UNSET:
            field_dict["validation_count"] = validation_count
        if created_by_email is not UNSET:
            field_dict["created_by_email"] = created_by_email
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_project_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        project_id = _parse_project_id(d.pop("project_id", UNSET))

        def _parse_organization_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        organization_id = _parse_organization_id(d.pop("organization_id", UNSET))

        def _parse_simulation_count(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        simulation_count = _parse_simulation_count(d.pop("simulation_count", UNSET))

        def _parse_measurement_count(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        measurement_count = _parse_measurement_count(d.pop("measurement_count", UNSET))

        def _parse_validation_count(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        validation_count = _parse_validation_count(d.pop("validation_count", UNSET))

        def _parse_created_by_email(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by_email = _parse_created_by_email(d.pop("created_by_email", UNSET))

        def _parse_created_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        def _parse_updated_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        updated_at = _parse_updated_at(d.pop("updated_at", UNSET))

        study = cls(
            id=id,
            name=name,
            description=description,
            project_id=project_id,
            organization_id=organization_id,
            simulation_count=simulation_count,
            measurement_count=measurement_count,
            validation_count=validation_count,
            created_by_email=created_by_email,
            created_at=created_at,
            updated_at=updated_at,
        )

        study.additional_properties = d
        return study

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
