from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.organization_reference import OrganizationReference


T = TypeVar("T", bound="CurrentUser")


@_attrs_define
class CurrentUser:
    """The user that the credential belongs to.

    Attributes:
        id (None | str | Unset): ID of the user.
        email (None | str | Unset): The email of the user.
        authorized_organization (None | OrganizationReference | Unset): The organization that the credential was issued
            for, used for permission checks.
        organizations (list[OrganizationReference] | None | Unset): All memberships of the user.
    """

    id: None | str | Unset = UNSET
    email: None | str | Unset = UNSET
    authorized_organization: None | OrganizationReference | Unset = UNSET
    organizations: list[OrganizationReference] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.organization_reference import OrganizationReference

        id: None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        else:
            id = self.id

        email: None | str | Unset
        if isinstance(self.email, Unset):
            email = UNSET
        else:
            email = self.email

        authorized_organization: dict[str, Any] | None | Unset
        if isinstance(self.authorized_organization, Unset):
            authorized_organization = UNSET
        elif isinstance(self.authorized_organization, OrganizationReference):
            authorized_organization = self.authorized_organization.to_dict()
        else:
            authorized_organization = self.authorized_organization

        organizations: list[dict[str, Any]] | None | Unset
        if isinstance(self.organizations, Unset):
            organizations = UNSET
        elif isinstance(self.organizations, list):
            organizations = []
            for organizations_type_0_item_data in self.organizations:
                organizations_type_0_item = organizations_type_0_item_data.to_dict()
                organizations.append(organizations_type_0_item)

        else:
            organizations = self.organizations

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if email is not UNSET:
            field_dict["email"] = email
        if authorized_organization is not UNSET:
            field_dict["authorized_organization"] = authorized_organization
        if organizations is not UNSET:
            field_dict["organizations"] = organizations

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.organization_reference import OrganizationReference

        d = dict(src_dict)

        def _parse_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        id = _parse_id(d.pop("id", UNSET))

        def _parse_email(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        email = _parse_email(d.pop("email", UNSET))

        def _parse_authorized_organization(data: object) -> None | OrganizationReference | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                authorized_organization_type_0 = OrganizationReference.from_dict(data)

                return authorized_organization_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OrganizationReference | Unset, data)

        authorized_organization = _parse_authorized_organization(
            d.pop("authorized_organization", UNSET)
        )

        def _parse_organizations(data: object) -> list[OrganizationReference] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                organizations_type_0 = []
                _organizations_type_0 = data
                for organizations_type_0_item_data in _organizations_type_0:
                    organizations_type_0_item = OrganizationReference.from_dict(
                        organizations_type_0_item_data
                    )

                    organizations_type_0.append(organizations_type_0_item)

                return organizations_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[OrganizationReference] | None | Unset, data)

        organizations = _parse_organizations(d.pop("organizations", UNSET))

        current_user = cls(
            id=id,
            email=email,
            authorized_organization=authorized_organization,
            organizations=organizations,
        )

        current_user.additional_properties = d
        return current_user

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
