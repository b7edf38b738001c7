from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.status_of_runs import StatusOfRuns


T = TypeVar("T", bound="SubmissionStatuses")


@_attrs_define
class SubmissionStatuses:
    """The statuses of the runs of a submission.

    Attributes:
        submission_id (str): ID of the submission.
        count (int): Number of runs that have not been deleted.
        as_of (str): What to send as changed_since, to get later changes.
        statuses (list[StatusOfRuns]): In the order of the runs.
        phase (None | str | Unset): As in SimulationStatus, of those running runs that are least advanced, or of all
            pending ones if none runs. A reply has it also if no status has changed. An extension, which a service can omit.
        progress (float | None | Unset): Share of the steps of the protocol that is done, if all repeats are made and no
            step jumps. Null unless phase tells the step. An extension, which a service can omit.
    """

    submission_id: str
    count: int
    as_of: str
    statuses: list[StatusOfRuns]
    phase: None | str | Unset = UNSET
    progress: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        submission_id = self.submission_id

        count = self.count

        as_of = self.as_of

        statuses = []
        for statuses_item_data in self.statuses:
            statuses_item = statuses_item_data.to_dict()
            statuses.append(statuses_item)

        phase: None | str | Unset
        if isinstance(self.phase, Unset):
            phase = UNSET
        else:
            phase = self.phase

        progress: float | None | Unset
        if isinstance(self.progress, Unset):
            progress = UNSET
        else:
            progress = self.progress

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "submission_id": submission_id,
                "count": count,
                "as_of": as_of,
                "statuses": statuses,
            }
        )
        if phase is not UNSET:
            field_dict["phase"] = phase
        if progress is not UNSET:
            field_dict["progress"] = progress

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.status_of_runs import StatusOfRuns

        d = dict(src_dict)
        submission_id = d.pop("submission_id")

        count = d.pop("count")

        as_of = d.pop("as_of")

        statuses = []
        _statuses = d.pop("statuses")
        for statuses_item_data in _statuses:
            statuses_item = StatusOfRuns.from_dict(statuses_item_data)

            statuses.append(statuses_item)

        def _parse_phase(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        phase = _parse_phase(d.pop("phase", UNSET))

        def _parse_progress(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        progress = _parse_progress(d.pop("progress", UNSET))

        submission_statuses = cls(
            submission_id=submission_id,
            count=count,
            as_of=as_of,
            statuses=statuses,
            phase=phase,
            progress=progress,
        )

        submission_statuses.additional_properties = d
        return submission_statuses

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
