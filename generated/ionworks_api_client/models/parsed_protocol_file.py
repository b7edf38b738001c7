from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ParsedProtocolFile")


@_attrs_define
class ParsedProtocolFile:
    """The content of a cycler's protocol file.

    Attributes:
        parsed_protocol_ucp (None | str | Unset): The protocol as YAML.
        parsed_protocol_human (None | str | Unset): The protocol in sentences.
        raw_protocol (None | str | Unset): The text of the file.
        cycler_type (None | str | Unset): The detected format.
        nominal_capacity_ah (float | None | Unset): Nominal capacity in A.h, if the file has one.
        required_drive_cycles (list[str] | Unset): Names of the drive cycles in the protocol.
        available_drive_cycles (list[str] | Unset): Drive cycles of the protocol that the service has.
        required_subroutines (list[str] | Unset): Names of the subroutines in the protocol.
        available_subroutines (list[str] | Unset): Subroutines of the protocol that the service has.
        notes (list[str] | Unset): Settings of the file that a protocol cannot hold.
        unread (list[str] | Unset): The steps that cannot be read, each with the reason; a Pause stands for each.
        error (None | str | Unset): Reason if the file could not be read.
    """

    parsed_protocol_ucp: None | str | Unset = UNSET
    parsed_protocol_human: None | str | Unset = UNSET
    raw_protocol: None | str | Unset = UNSET
    cycler_type: None | str | Unset = UNSET
    nominal_capacity_ah: float | None | Unset = UNSET
    required_drive_cycles: list[str] | Unset = UNSET
    available_drive_cycles: list[str] | Unset = UNSET
    required_subroutines: list[str] | Unset = UNSET
    available_subroutines: list[str] | Unset = UNSET
    notes: list[str] | Unset = UNSET
    unread: list[str] | Unset = UNSET
    error: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        parsed_protocol_ucp: None | str | Unset
        if isinstance(self.parsed_protocol_ucp, Unset):
            parsed_protocol_ucp = UNSET
        else:
            parsed_protocol_ucp = self.parsed_protocol_ucp

        parsed_protocol_human: None | str | Unset
        if isinstance(self.parsed_protocol_human, Unset):
            parsed_protocol_human = UNSET
        else:
            parsed_protocol_human = self.parsed_protocol_human

        raw_protocol: None | str | Unset
        if isinstance(self.raw_protocol, Unset):
            raw_protocol = UNSET
        else:
            raw_protocol = self.raw_protocol

        cycler_type: None | str | Unset
        if isinstance(self.cycler_type, Unset):
            cycler_type = UNSET
        else:
            cycler_type = self.cycler_type

        nominal_capacity_ah: float | None | Unset
        if isinstance(self.nominal_capacity_ah, Unset):
            nominal_capacity_ah = UNSET
        else:
            nominal_capacity_ah = self.nominal_capacity_ah

        required_drive_cycles: list[str] | Unset = UNSET
        if not isinstance(self.required_drive_cycles, Unset):
            required_drive_cycles = self.required_drive_cycles

        available_drive_cycles: list[str] | Unset = UNSET
        if not isinstance(self.available_drive_cycles, Unset):
            available_drive_cycles = self.available_drive_cycles

        required_subroutines: list[str] | Unset = UNSET
        if not isinstance(self.required_subroutines, Unset):
            required_subroutines = self.required_subroutines

        available_subroutines: list[str] | Unset = UNSET
        if not isinstance(self.available_subroutines, Unset):
            available_subroutines = self.available_subroutines

        notes: list[str] | Unset = UNSET
        if not isinstance(self.notes, Unset):
            notes = self.notes

        unread: list[str] | Unset = UNSET
        if not isinstance(self.unread, Unset):
            unread = self.unread

        error: None | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        else:
            error = self.error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if parsed_protocol_ucp is not UNSET:
            field_dict["parsed_protocol_ucp"] = parsed_protocol_ucp
        if parsed_protocol_human is not UNSET:
            field_dict["parsed_protocol_human"] = parsed_protocol_human
        if raw_protocol is not UNSET:
            field_dict["raw_protocol"] = raw_protocol
        if cycler_type is not UNSET:
            field_dict["cycler_type"] = cycler_type
        if nominal_capacity_ah is not UNSET:
            field_dict["nominal_capacity_ah"] = nominal_capacity_ah
        if required_drive_cycles is not UNSET:
            field_dict["required_drive_cycles"] = required_drive_cycles
        if available_drive_cycles is not UNSET:
            field_dict["available_drive_cycles"] = available_drive_cycles
        if required_subroutines is not UNSET:
            field_dict["required_subroutines"] = required_subroutines
        if available_subroutines is not UNSET:
            field_dict["available_subroutines"] = available_subroutines
        if notes is not UNSET:
            field_dict["notes"] = notes
        if unread is not UNSET:
            field_dict["unread"] = unread
        if error is not UNSET:
            field_dict["error"] = error

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_parsed_protocol_ucp(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parsed_protocol_ucp = _parse_parsed_protocol_ucp(d.pop("parsed_protocol_ucp", UNSET))

        def _parse_parsed_protocol_human(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parsed_protocol_human = _parse_parsed_protocol_human(d.pop("parsed_protocol_human", UNSET))

        def _parse_raw_protocol(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        raw_protocol = _parse_raw_protocol(d.pop("raw_protocol", UNSET))

        def _parse_cycler_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cycler_type = _parse_cycler_type(d.pop("cycler_type", UNSET))

        def _parse_nominal_capacity_ah(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        nominal_capacity_ah = _parse_nominal_capacity_ah(d.pop("nominal_capacity_ah", UNSET))

        required_drive_cycles = cast(list[str], d.pop("required_drive_cycles", UNSET))

        available_drive_cycles = cast(list[str], d.pop("available_drive_cycles", UNSET))

        required_subroutines = cast(list[str], d.pop("required_subroutines", UNSET))

        available_subroutines = cast(list[str], d.pop("available_subroutines", UNSET))

        notes = cast(list[str], d.pop("notes", UNSET))

        unread = cast(list[str], d.pop("unread", UNSET))

        def _parse_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        parsed_protocol_file = cls(
            parsed_protocol_ucp=parsed_protocol_ucp,
            parsed_protocol_human=parsed_protocol_human,
            raw_protocol=raw_protocol,
            cycler_type=cycler_type,
            nominal_capacity_ah=nominal_capacity_ah,
            required_drive_cycles=required_drive_cycles,
            available_drive_cycles=available_drive_cycles,
            required_subroutines=required_subroutines,
            available_subroutines=available_subroutines,
            notes=notes,
            unread=unread,
            error=error,
        )

        parsed_protocol_file.additional_properties = d
        return parsed_protocol_file

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
