from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ProtocolRequest")


@_attrs_define
class ProtocolRequest:
    """A protocol to save.

    Attributes:
        name (str): Name of the protocol.
        protocol_config (Any): The protocol as an object.
        parameters_schema (Any | Unset): The JSON Schema of its inputs.
        project_id (str | Unset): ID of the project to save it in.
        force_create (bool | Unset): Fail with a conflict instead of returning an existing protocol with the same
            content.
        description (None | str | Unset): Description of the protocol.
        source_protocol (None | str | Unset): The text the user entered.
    """

    name: str
    protocol_config: Any
    parameters_schema: Any | Unset = UNSET
    project_id: str | Unset = UNSET
    force_create: bool | Unset = UNSET
    description: None | str | Unset = UNSET
    source_protocol: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        protocol_config = self.protocol_config

        parameters_schema = self.parameters_schema

        project_id = self.project_id

        force_create = self.force_create

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        source_protocol: None | str | Unset
        if isinstance(self.source_protocol, Unset):
            source_protocol = UNSET
        else:
            source_protocol = self.source_protocol

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "protocol_config": protocol_config,
            }
        )
        if parameters_schema is not UNSET:
            field_dict["parameters_schema"] = parameters_schema
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if force_create is not UNSET:
            field_dict["force_create"] = force_create
        if description is not UNSET:
            field_dict["description"] = description
        if source_protocol is not UNSET:
            field_dict["source_protocol"] = source_protocol

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        protocol_config = d.pop("protocol_config")

        parameters_schema = d.pop("parameters_schema", UNSET)

        project_id = d.pop("project_id", UNSET)

        force_create = d.pop("force_create", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_source_protocol(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source_protocol = _parse_source_protocol(d.pop("source_protocol", UNSET))

        protocol_request = cls(
            name=name,
            protocol_config=protocol_config,
            parameters_schema=parameters_schema,
            project_id=project_id,
            force_create=force_create,
            description=description,
            source_protocol=source_protocol,
        )

        protocol_request.additional_properties = d
        return protocol_request

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
