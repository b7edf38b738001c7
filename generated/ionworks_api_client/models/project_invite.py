from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ProjectInvite")


@_attrs_define
class ProjectInvite:
    """The outcome of an invitation.

    Attributes:
        user_id (None | str | Unset): ID of the user.
        invite_sent (bool | None | Unset): Whether an email was sent.
        already_member (bool | None | Unset): Whether the user was already a member.
        role_name (None | str | Unset): The role.
    """

    user_id: None | str | Unset = UNSET
    invite_sent: bool | None | Unset = UNSET
    already_member: bool | None | Unset = UNSET
    role_name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id: None | str | Unset
        if isinstance(self.user_id, Unset):
            user_id = UNSET
        else:
            user_id = self.user_id

        invite_sent: bool | None | Unset
        if isinstance(self.invite_sent, Unset):
            invite_sent = UNSET
        else:
            invite_sent = self.invite_sent

        already_member: bool | None | Unset
        if isinstance(self.already_member, Unset):
            already_member = UNSET
        else:
            already_member = self.already_member

        role_name: None | str | Unset
        if isinstance(self.role_name, Unset):
            role_name = UNSET
        else:
            role_name = self.role_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if user_id is not UNSET:
            field_dict["user_id"] = user_id
        if invite_sent is not UNSET:
            field_dict["invite_sent"] = invite_sent
        if already_member is not UNSET:
            field_dict["already_member"] = already_member
        if role_name is not UNSET:
            field_dict["role_name"] = role_name

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_user_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_id = _parse_user_id(d.pop("user_id", UNSET))

        def _parse_invite_sent(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        invite_sent = _parse_invite_sent(d.pop("invite_sent", UNSET))

        def _parse_already_member(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        already_member = _parse_already_member(d.pop("already_member", UNSET))

        def _parse_role_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        role_name = _parse_role_name(d.pop("role_name", UNSET))

        project_invite = cls(
            user_id=user_id,
            invite_sent=invite_sent,
            already_member=already_member,
            role_name=role_name,
        )

        project_invite.additional_properties = d
        return project_invite

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
