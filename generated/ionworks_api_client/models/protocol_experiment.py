from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ProtocolExperiment")


@_attrs_define
class ProtocolExperiment:
    """A protocol and the name of the experiment.

    Attributes:
        protocol (str): The protocol as YAML, or as a list of PyBaMM sentences.
        name (str): Name of the experiment.
        drive_cycles (Any | Unset): Samples of the drive cycles in the protocol.
    """

    protocol: str
    name: str
    drive_cycles: Any | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        protocol = self.protocol

        name = self.name

        drive_cycles = self.drive_cycles

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "protocol": protocol,
                "name": name,
            }
        )
        if drive_cycles is not UNSET:
            field_dict["drive_cycles"] = drive_cycles

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        protocol = d.pop("protocol")

        name = d.pop("name")

        drive_cycles = d.pop("drive_cycles", UNSET)

        protocol_experiment = cls(
            protocol=protocol,
            name=name,
            drive_cycles=drive_cycles,
        )

        return protocol_experiment
