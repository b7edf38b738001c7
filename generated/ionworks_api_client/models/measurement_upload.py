from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.upload_target import UploadTarget


T = TypeVar("T", bound="MeasurementUpload")


@_attrs_define
class MeasurementUpload:
    """An upload that was started.

    Attributes:
        uploads (list[UploadTarget]): The target of each file.
        measurement_id (None | str | Unset): ID of the measurement.
    """

    uploads: list[UploadTarget]
    measurement_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        uploads = []
        for uploads_item_data in self.uploads:
            uploads_item = uploads_item_data.to_dict()
            uploads.append(uploads_item)

        measurement_id: None | str | Unset
        if isinstance(self.measurement_id, Unset):
            measurement_id = UNSET
        else:
            measurement_id = self.measurement_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "uploads": uploads,
            }
        )
        if measurement_id is not UNSET:
            field_dict["measurement_id"] = measurement_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.upload_target import UploadTarget

        d = dict(src_dict)
        uploads = []
        _uploads = d.pop("uploads")
        for uploads_item_data in _uploads:
            uploads_item = UploadTarget.from_dict(uploads_item_data)

            uploads.append(uploads_item)

        def _parse_measurement_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        measurement_id = _parse_measurement_id(d.pop("measurement_id", UNSET))

        measurement_upload = cls(
            uploads=uploads,
            measurement_id=measurement_id,
        )

        measurement_upload.additional_properties = d
        return measurement_upload

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
