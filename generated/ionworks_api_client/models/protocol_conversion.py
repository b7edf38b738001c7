from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.converted_file import ConvertedFile


T = TypeVar("T", bound="ProtocolConversion")


@_attrs_define
class ProtocolConversion:
    """A protocol in a cycler's format.

    Attributes:
        primary (ConvertedFile): A file made by a conversion.
        target (str | Unset): The format.
        assets (list[ConvertedFile] | None | Unset): Files that belong to the converted file.
        notes (list[str] | Unset): What to check before the file runs.
    """

    primary: ConvertedFile
    target: str | Unset = UNSET
    assets: list[ConvertedFile] | None | Unset = UNSET
    notes: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        primary = self.primary.to_dict()

        target = self.target

        assets: list[dict[str, Any]] | None | Unset
        if isinstance(self.assets, Unset):
            assets = UNSET
        elif isinstance(self.assets, list):
            assets = []
            for assets_type_0_item_data in self.assets:
                assets_type_0_item = assets_type_0_item_data.to_dict()
                assets.append(assets_type_0_item)

        else:
            assets = self.assets

        notes: list[str] | Unset = UNSET
        if not isinstance(self.notes, Unset):
            notes = self.notes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "primary": primary,
            }
        )
        if target is not UNSET:
            field_dict["target"] = target
        if assets is not UNSET:
            field_dict["assets"] = assets
        if notes is not UNSET:
            field_dict["notes"] = notes

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.converted_file import ConvertedFile

        d = dict(src_dict)
        primary = ConvertedFile.from_dict(d.pop("primary"))

        target = d.pop("target", UNSET)

        def _parse_assets(data: object) -> list[ConvertedFile] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                assets_type_0 = []
                _assets_type_0 = data
                for assets_type_0_item_data in _assets_type_0:
                    assets_type_0_item = ConvertedFile.from_dict(assets_type_0_item_data)

                    assets_type_0.append(assets_type_0_item)

                return assets_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ConvertedFile] | None | Unset, data)

        assets = _parse_assets(d.pop("assets", UNSET))

        notes = cast(list[str], d.pop("notes", UNSET))

        protocol_conversion = cls(
            primary=primary,
            target=target,
            assets=assets,
            notes=notes,
        )

        protocol_conversion.additional_properties = d
        return protocol_conversion

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
