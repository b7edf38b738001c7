from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ProtocolExperiment")


@_attrs_define
class ProtocolExperiment:
    """A protocol and the name of what is done with it.

    Attributes:
        protocol (str): The protocol as YAML, or as a list of PyBaMM sentences.
        name (str): The name.
    """

    protocol: str
    name: str

    def to_dict(self) -> dict[str, Any]:
        protocol = self.protocol

        name = self.name

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "protocol": protocol,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        protocol = d.pop("protocol")

        name = d.pop("name")

        protocol_experiment = cls(
            protocol=protocol,
            name=name,
        )

        return protocol_experiment
