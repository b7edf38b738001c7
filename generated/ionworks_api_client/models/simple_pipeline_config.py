from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pipeline_options import PipelineOptions


T = TypeVar("T", bound="SimplePipelineConfig")


@_attrs_define
class SimplePipelineConfig:
    """The configuration of a simple pipeline.

    Attributes:
        elements (Any): Configurations by element name, with at most one data_fit, array_data_fit or validation. The
            labels of earlier revisions, such as Data Fit, are accepted.
        project_id (str | Unset): The one beside the configuration takes precedence.
        name (None | str | Unset): Name of the simple pipeline; the one beside the configuration takes precedence.
        description (None | str | Unset): Description of the simple pipeline; the one beside the configuration takes
            precedence.
        options (PipelineOptions | Unset): Run options of a pipeline, which are not part of its configuration.
    """

    elements: Any
    project_id: str | Unset = UNSET
    name: None | str | Unset = UNSET
    description: None | str | Unset = UNSET
    options: PipelineOptions | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        elements = self.elements

        project_id = self.project_id

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.options, Unset):
            options = self.options.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "elements": elements,
            }
        )
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if options is not UNSET:
            field_dict["options"] = options

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.pipeline_options import PipelineOptions

        d = dict(src_dict)
        elements = d.pop("elements")

        project_id = d.pop("project_id", UNSET)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        _options = d.pop("options", UNSET)
        options: PipelineOptions | Unset
        if isinstance(_options, Unset):
            options = UNSET
        else:
            options = PipelineOptions.from_dict(_options)

        simple_pipeline_config = cls(
            elements=elements,
            project_id=project_id,
            name=name,
            description=description,
            options=options,
        )

        simple_pipeline_config.additional_properties = d
        return simple_pipeline_config

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
