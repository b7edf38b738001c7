from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="UploadTarget")


@_attrs_define
class UploadTarget:
    """The target of one uploaded file.

    Attributes:
        signed_url (str): The URL to PUT the file to; it needs no credentials.
        filename (None | str | Unset): The file.
        token (None | str | Unset): The token in the URL.
        path (None | str | Unset): Path at which the file will be stored.
        multipart (Any | Unset): Settings for sending a large file in parts: endpoint, region, bucket, object_path,
            access_key_id, secret_access_key, session_token and expires_at.
    """

    signed_url: str
    filename: None | str | Unset = UNSET
    token: None | str | Unset = UNSET
    path: None | str | Unset = UNSET
    multipart: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        signed_url = self.signed_url

        filename: None | str | Unset
        if isinstance(self.filename, Unset):
            filename = UNSET
        else:
            filename = self.filename

        token: None | str | Unset
        if isinstance(self.token, Unset):
            token = UNSET
        else:
            token = self.token

        path: None | str | Unset
        if isinstance(self.path, Unset):
            path = UNSET
        else:
            path = self.path

        multipart = self.multipart

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "signed_url": signed_url,
            }
        )
        if filename is not UNSET:
            field_dict["filename"] = filename
        if token is not UNSET:
            field_dict["token"] = token
        if path is not UNSET:
            field_dict["path"] = path
        if multipart is not UNSET:
            field_dict["multipart"] = multipart

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        signed_url = d.pop("signed_url")

        def _parse_filename(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        filename = _parse_filename(d.pop("filename", UNSET))

        def _parse_token(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        token = _parse_token(d.pop("token", UNSET))

        def _parse_path(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        path = _parse_path(d.pop("path", UNSET))

        multipart = d.pop("multipart", UNSET)

        upload_target = cls(
            signed_url=signed_url,
            filename=filename,
            token=token,
            path=path,
            multipart=multipart,
        )

        upload_target.additional_properties = d
        return upload_target

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
