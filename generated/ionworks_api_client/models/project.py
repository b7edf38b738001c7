from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Project")


@_attrs_define
class Project:
    """A project.

    Attributes:
        id (str): ID of the project.
        name (str | Unset): Name of the project.
        description (None | str | Unset): Description of the project.
        organization_id (None | str | Unset): ID of the organization.
        created_at (None | str | Unset): Time of creation.
        updated_at (None | str | Unset): Time of the last change.
        user_project_roles (list[Any] | None | Unset): Roles of the members.
        cell_spec_project_mappings (list[Any] | None | Unset): Cell specifications linked to the project.
    """

    id: str
    name: str | Unset = UNSET
    description: None | str | Unset = UNSET
    organization_id: None | str | Unset = UNSET
    created_at: None | str | Unset = UNSET
    updated_at: None | str | Unset = UNSET
    user_project_roles: list[Any] | None | Unset = UNSET
    cell_spec_project_mappings: list[Any] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        organization_id: None | str | Unset
        if isinstance(self.organization_id, Unset):
            organization_id = UNSET
        else:
            organization_id = self.organization_id

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

        user_project_roles: list[Any] | None | Unset
        if isinstance(self.user_project_roles, Unset):
            user_project_roles = UNSET
        elif isinstance(self.user_project_roles, list):
            user_project_roles = self.user_project_roles

        else:
            user_project_roles = self.user_project_roles

        cell_spec_project_mappings: list[Any] | None | Unset
        if isinstance(self.cell_spec_project_mappings, Unset):
            cell_spec_project_mappings = UNSET
        elif isinstance(self.cell_spec_project_mappings, list):
            cell_spec_project_mappings = self.cell_spec_project_mappings

        else:
            cell_spec_project_mappings = self.cell_spec_project_mappings

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
        if organization_id is not UNSET:
            field_dict["organization_id"] = organization_id
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at
        if user_project_roles is not UNSET:
            field_dict["user_project_roles"] = user_project_roles
        if cell_spec_project_mappings is not UNSET:
            field_dict["cell_spec_project_mappings"] = cell_spec_project_mappings

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

        def _parse_organization_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        organization_id = _parse_organization_id(d.pop("organization_id", UNSET))

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

        def _parse_user_project_roles(data: object) -> list[Any] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                user_project_roles_type_0 = cast(list[Any], data)

                return user_project_roles_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Any] | None | Unset, data)

        user_project_roles = _parse_user_project_roles(d.pop("user_project_roles", UNSET))

        def _parse_cell_spec_project_mappings(data: object) -> list[Any] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                cell_spec_project_mappings_type_0 = cast(list[Any], data)

                return cell_spec_project_mappings_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Any] | None | Unset, data)

        cell_spec_project_mappings = _parse_cell_spec_project_mappings(
            d.pop("cell_spec_project_mappings", UNSET)
        )

        project = cls(
            id=id,
            name=name,
            description=description,
            organization_id=organization_id,
            created_at=created_at,
            updated_at=updated_at,
            user_project_roles=user_project_roles,
            cell_spec_project_mappings=cell_spec_project_mappings,
        )

        project.additional_properties = d
        return project

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
