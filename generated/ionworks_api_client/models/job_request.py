from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="JobRequest")


@_attrs_define
class JobRequest:
    """A job to queue.

    Attributes:
        job_type (str): Type of the job, for example simulate.
        params (Any): Parameters of the job.
        priority (int | Unset): Jobs with a higher priority run first; default 5.
        callback_url (str | Unset): URL to notify when the job is done.
    """

    job_type: str
    params: Any
    priority: int | Unset = UNSET
    callback_url: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        job_type = self.job_type

        params = self.params

        priority = self.priority

        callback_url = self.callback_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "job_type": job_type,
                "params": params,
            }
        )
        if priority is not UNSET:
            field_dict["priority"] = priority
        if callback_url is not UNSET:
            field_dict["callback_url"] = callback_url

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        job_type = d.pop("job_type")

        params = d.pop("params")

        priority = d.pop("priority", UNSET)

        callback_url = d.pop("callback_url", UNSET)

        job_request = cls(
            job_type=job_type,
            params=params,
            priority=priority,
            callback_url=callback_url,
        )

        job_request.additional_properties = d
        return job_request

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
