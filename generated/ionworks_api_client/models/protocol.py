from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Protocol")


@_attrs_define
class Protocol:
    """A saved protocol.

    Attributes:
        id (str): ID of the protocol.
        name (str | Unset): Name of the protocol.
        organization_id (None | str | Unset): ID of the organization.
        project_id (None | str | Unset): ID of the project.
        description (None | str | Unset): Description of the protocol.
        description_template (None | str | Unset): A description with placeholders.
        protocol_config (Any | Unset): The protocol as an object.
        parameters_schema (Any | Unset): The JSON Schema of its inputs.
        time_series_spec (Any | Unset): Time series to compute.
        metrics_spec (Any | Unset): Metrics to compute.
        plot_options (Any | Unset): How to plot it.
        source_protocol (None | str | Unset): The text the user entered.
        created_by (None | str | Unset): Creator.
        created_by_email (None | str | Unset): Email of the creator.
        created_at (None | str | Unset): Time of creation.
        updated_at (None | str | Unset): Time of the last change.
    """

    id: str
    name: str | Unset = UNSET
    organization_id: None | str | Unset = UNSET
    project_id: None | str | Unset = UNSET
    description: None | str | Unset = UNSET
    description_template: None | str | Unset = UNSET
    protocol_config: Any | Unset = UNSET
    parameters_schema: Any | Unset = UNSET
    time_series_spec: Any | Unset = UNSET
    metrics_spec: Any | Unset = UNSET
    plot_options: Any | Unset = UNSET
    source_protocol: None | str | Unset = UNSET
    created_by: None | str | Unset = UNSET
    created_by_email: None | str | Unset = UNSET
    created_at: None | str | Unset = UNSET
    updated_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        organization_id: None | str | Unset
        if isinstance(self.organization_id, Unset):
            organization_id = UNSET
        else:
            organization_id = self.organization_id

        project_id: None | str | Unset
        if isinstance(self.project_id, Unset):
            project_id = UNSET
        else:
            project_id = self.project_id

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        description_template: None | str | Unset
        if isinstance(self.description_template, Unset):
            description_template = UNSET
        else:
            description_template = self.description_template

        protocol_config = self.protocol_config

        parameters_schema = self.parameters_schema

        time_series_spec = self.time_series_spec

        metrics_spec = self.metrics_spec

        plot_options = self.plot_options

        source_protocol: None | str | Unset
        if isinstance(self.source_protocol, Unset):
            source_protocol = UNSET
        else:
            source_protocol = self.source_protocol

        created_by: None | str | Unset
        if isinstance(self.created_by, Unset):
            created_by = UNSET
        else:
            created_by = self.created_by

        created_by_email: None | str | Unset
        if isinstance(self.created_by_email, Unset):
            created_by_email = UNSET
        else:
            created_by_email = self.created_by_email

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
            created_at = self.created_at

        updated_at: None | str | Unset
        if isinstance(self.updated_at, Unset):
            updated_at = UNSET
        else:
            updated_at = self.updated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if organization_id is not UNSET:
            field_dict["organization_id"] = organization_id
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if description is not UNSET:
            field_dict["description"] = description
        if description_template is not UNSET:
            field_dict["description_template"] = description_template
        if protocol_config is not UNSET:
            field_dict["protocol_config"] = protocol_config
        if parameters_schema is not UNSET:
            field_dict["parameters_schema"] = parameters_schema
        if time_series_spec is not UNSET:
            field_dict["time_series_spec"] = time_series_spec
        if metrics_spec is not UNSET:
            field_dict["metrics_spec"] = metrics_spec
        if plot_options is not UNSET:
            field_dict["plot_options"] = plot_options
        if source_protocol is not UNSET:
            field_dict["source_protocol"] = source_protocol
        if created_by is not UNSET:
            field_dict["created_by"] = created_by
        if created_by_email is not UNSET:
            field_dict["created_by_email"] = created_by_email
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name", UNSET)

        def _parse_organization_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        organization_id = _parse_organization_id(d.pop("organization_id", UNSET))

        def _parse_project_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        project_id = _parse_project_id(d.pop("project_id", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_description_template(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description_template = _parse_description_template(d.pop("description_template", UNSET))

        protocol_config = d.pop("protocol_config", UNSET)

        parameters_schema = d.pop("parameters_schema", UNSET)

        time_series_spec = d.pop("time_series_spec", UNSET)

        metrics_spec = d.pop("metrics_spec", UNSET)

        plot_options = d.pop("plot_options", UNSET)

        def _parse_source_protocol(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source_protocol = _parse_source_protocol(d.pop("source_protocol", UNSET))

        def _parse_created_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by = _parse_created_by(d.pop("created_by", UNSET))

        def _parse_created_by_email(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by_email = _parse_created_by_email(d.pop("created_by_email", UNSET))

        def _parse_created_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        def _parse_updated_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        updated_at = _parse_updated_at(d.pop("updated_at", UNSET))

        protocol = cls(
            id=id,
            name=name,
            organization_id=organization_id,
            project_id=project_id,
            description=description,
            description_template=description_template,
            protocol_config=protocol_config,
            parameters_schema=parameters_schema,
            time_series_spec=time_series_spec,
            metrics_spec=metrics_spec,
            plot_options=plot_options,
            source_protocol=source_protocol,
            created_by=created_by,
            created_by_email=created_by_email,
            created_at=created_at,
            updated_at=updated_at,
        )

        protocol.additional_properties = d
        return protocol

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
