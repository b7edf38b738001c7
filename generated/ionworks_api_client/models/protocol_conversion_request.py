from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.conversion_target import ConversionTarget, check_conversion_target
from ..types import UNSET, Unset

T = TypeVar("T", bound="ProtocolConversionRequest")


@_attrs_define
class ProtocolConversionRequest:
    """A protocol to write in a cycler's format.

    Attributes:
        protocol (Any): The protocol as YAML or as an object.
        target (ConversionTarget): The manufacturer of the cycler, or the file format if a manufacturer has several.
        filename_stem (str | Unset): Name of the file without its extension; default `protocol`.
        drive_cycles (Any | Unset): Samples of the drive cycles in the protocol.
        nominal_capacity_ah (float | Unset): Nominal capacity in A.h, to convert C-rates to currents.
        verify (bool | Unset): Read the file back and compare it with the protocol.
        experiment_parameters (Any | Unset): Values for the inputs of the protocol.
        options (Any | Unset): Options of the format; a template is sent as `template_base64`.
    """

    protocol: Any
    target: ConversionTarget
    filename_stem: str | Unset = UNSET
    drive_cycles: Any | Unset = UNSET
    nominal_capacity_ah: float | Unset = UNSET
    verify: bool | Unset = UNSET
    experiment_parameters: Any | Unset = UNSET
    options: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        protocol = self.protocol

        target: str = self.target

        filename_stem = self.filename_stem

        drive_cycles = self.drive_cycles

        nominal_capacity_ah = self.nominal_capacity_ah

        verify = self.verify

        experiment_parameters = self.experiment_parameters

        options = self.options

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "protocol": protocol,
                "target": target,
            }
        )
        if filename_stem is not UNSET:
            field_dict["filename_stem"] = filename_stem
        if drive_cycles is not UNSET:
            field_dict["drive_cycles"] = drive_cycles
        if nominal_capacity_ah is not UNSET:
            field_dict["nominal_capacity_ah"] = nominal_capacity_ah
        if verify is not UNSET:
            field_dict["verify"] = verify
        if experiment_parameters is not UNSET:
            field_dict["experiment_parameters"] = experiment_parameters
        if options is not UNSET:
            field_dict["options"] = options

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        protocol = d.pop("protocol")

        target = check_conversion_target(d.pop("target"))

        filename_stem = d.pop("filename_stem", UNSET)

        drive_cycles = d.pop("drive_cycles", UNSET)

        nominal_capacity_ah = d.pop("nominal_capacity_ah", UNSET)

        verify = d.pop("verify", UNSET)

        experiment_parameters = d.pop("experiment_parameters", UNSET)

        options = d.pop("options", UNSET)

        protocol_conversion_request = cls(
            protocol=protocol,
            target=target,
            filename_stem=filename_stem,
            drive_cycles=drive_cycles,
            nominal_capacity_ah=nominal_capacity_ah,
            verify=verify,
            experiment_parameters=experiment_parameters,
            options=options,
        )

        protocol_conversion_request.additional_properties = d
        return protocol_conversion_request

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
