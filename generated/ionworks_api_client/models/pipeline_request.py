from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pipeline_options import PipelineOptions


T = TypeVar("T", bound="PipelineRequest")


@_attrs_define
class PipelineRequest:
    """A pipeline to run.

    Attributes:
        elements (Any): Configurations by element name, in the order in which they run. Each has an element_type: entry,
            data_fit, array_data_fit, calculation, validation, linear_confidence_interval or sobol_sensitivity.
        project_id (str): ID of the project to save it in.
        options (PipelineOptions | Unset): Run options of a pipeline, which are not part of its configuration.
        name (None | str | Unset): Name of the pipeline.
        description (None | str | Unset): Description of the pipeline.
        output_file (None | str | Unset): A file for the fitted parameters.
    """

    elements: Any
    project_id: str
    options: PipelineOptions | Unset = UNSET
    name: None | str | Unset = UNSET
    description: None | str | Unset = UNSET
    output_file: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        elements = self.elements

        project_id = self.project_id

        options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.options, Unset):
            options = self.options.to_dict()

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

        output_file: None | str | Unset
        if isinstance(self.output_file, Unset):
            output_file = UNSET
        else:
            output_file = self.output_file

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "elements": elements,
                "project_id": project_id,
            }
        )
        if options is not UNSET:
            field_dict["options"] = options
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if output_file is not UNSET:
            field_dict["output_file"] = output_file

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.pipeline_options import PipelineOptions

        d = dict(src_dict)
        elements = d.pop("elements")

        project_id = d.pop("project_id")

        _options = d.pop("options", UNSET)
        options: PipelineOptions | Unset
        if isinstance(_options, Unset):
            options = UNSET
        else:
            options = PipelineOptions.from_dict(_options)

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

        def _parse_output_file(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        output_file = _parse_output_file(d.pop("output_file", UNSET))

        pipeline_request = cls(
            elements=elements,
            project_id=project_id,
            options=options,
            name=name,
            description=description,
            output_file=output_file,
        )

        return pipeline_request
