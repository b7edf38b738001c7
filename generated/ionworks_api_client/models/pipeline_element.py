from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PipelineElement")


@_attrs_define
class PipelineElement:
    """An element of a pipeline.

    Attributes:
        name (str): Name of the element.
        id (None | str | Unset): ID of the element.
        pipeline_id (None | str | Unset): ID of the pipeline.
        element_order (int | None | Unset): Position in the pipeline, from 1.
        element_type (None | str | Unset): Direct Entry, Data Fit, Calculation, Validation, ...
        status (None | str | Unset): pending, running, completed, failed, skipped or canceled.
        job_id (None | str | Unset): ID of the job that runs it.
        job_status (None | str | Unset): Status of the job.
        job_config (Any | Unset): Configuration of the element.
        progress (Any | Unset): Progress of the element, with best_cost.
        result (Any | Unset): The result.
        error (None | str | Unset): Why it failed.
        error_code (None | str | Unset): Type of failure, for example SOLVER_ERROR.
        error_detail (Any | Unset): Details of the failure.
        created_at (None | str | Unset): Time of creation.
        updated_at (None | str | Unset): Time of the last change.
    """

    name: str
    id: None | str | Unset = UNSET
    pipeline_id: None | str | Unset = UNSET
    element_order: int | None | Unset = UNSET
    element_type: None | str | Unset = UNSET
    status: None | str | Unset = UNSET
    job_id: None | str | Unset = UNSET
    job_status: None | str | Unset = UNSET
    job_config: Any | Unset = UNSET
    progress: Any | Unset = UNSET
    result: Any | Unset = UNSET
    error: None | str | Unset = UNSET
    error_code: None | str | Unset = UNSET
    error_detail: Any | Unset = UNSET
    created_at: None | str | Unset = UNSET
    updated_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        id: None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        else:
            id = self.id

        pipeline_id: None | str | Unset
        if isinstance(self.pipeline_id, Unset):
            pipeline_id = UNSET
        else:
            pipeline_id = self.pipeline_id

        element_order: int | None | Unset
        if isinstance(self.element_order, Unset):
            element_order = UNSET
        else:
            element_order = self.element_order

        element_type: None | str | Unset
        if isinstance(self.element_type, Unset):
            element_type = UNSET
        else:
            element_type = self.element_type

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        else:
            status = self.status

        job_id: None | str | Unset
        if isinstance(self.job_id, Unset):
            job_id = UNSET
        else:
            job_id = self.job_id

        job_status: None | str | Unset
        if isinstance(self.job_status, Unset):
            job_status = UNSET
        else:
            job_status = self.job_status

        job_config = self.job_config

        progress = self.progress

        result = self.result

        error: None | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        else:
            error = self.error

        error_code: None | str | Unset
        if isinstance(self.error_code, Unset):
            error_code = UNSET
        else:
            error_code = self.error_code

        error_detail = self.error_detail

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
                "name": name,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id
        if pipeline_id is not UNSET:
            field_dict["pipeline_id"] = pipeline_id
        if element_order is not UNSET:
            field_dict["element_order"] = element_order
        if element_type is not UNSET:
            field_dict["element_type"] = element_type
        if status is not UNSET:
            field_dict["status"] = status
        if job_id is not UNSET:
            field_dict["job_id"] = job_id
        if job_status is not UNSET:
            field_dict["job_status"] = job_status
        if job_config is not UNSET:
            field_dict["job_config"] = job_config
        if progress is not UNSET:
            field_dict["progress"] = progress
        if result is not UNSET:
            field_dict["result"] = result
        if error is not UNSET:
            field_dict["error"] = error
        if error_code is not UNSET:
            field_dict["error_code"] = error_code
        if error_detail is not UNSET:
            field_dict["error_detail"] = error_detail
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        def _parse_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        id = _parse_id(d.pop("id", UNSET))

        def _parse_pipeline_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        pipeline_id = _parse_pipeline_id(d.pop("pipeline_id", UNSET))

        def _parse_element_order(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        element_order = _parse_element_order(d.pop("element_order", UNSET))

        def _parse_element_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        element_type = _parse_element_type(d.pop("element_type", UNSET))

        def _parse_status(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

        def _parse_job_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        job_id = _parse_job_id(d.pop("job_id", UNSET))

        def _parse_job_status(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        job_status = _parse_job_status(d.pop("job_status", UNSET))

        job_config = d.pop("job_config", UNSET)

        progress = d.pop("progress", UNSET)

        result = d.pop("result", UNSET)

        def _parse_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_error_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_code = _parse_error_code(d.pop("error_code", UNSET))

        error_detail = d.pop("error_detail", UNSET)

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

        pipeline_element = cls(
            name=name,
            id=id,
            pipeline_id=pipeline_id,
            element_order=element_order,
            element_type=element_type,
            status=status,
            job_id=job_id,
            job_status=job_status,
            job_config=job_config,
            progress=progress,
            result=result,
            error=error,
            error_code=error_code,
            error_detail=error_detail,
            created_at=created_at,
            updated_at=updated_at,
        )

        pipeline_element.additional_properties = d
        return pipeline_element

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
