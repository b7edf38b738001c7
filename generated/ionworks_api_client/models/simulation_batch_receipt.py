from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.notes_of_runs import NotesOfRuns


T = TypeVar("T", bound="SimulationBatchReceipt")


@_attrs_define
class SimulationBatchReceipt:
    """What was submitted, however many runs it has; the reply to a submission that prefers a minimal one. The IDs of a run
    are made of the first 24 characters of the submission's, a digit, 0 for the simulation and 1 for the job, and the
    index of the run, counted from 0 in the order of the runs, as 11 lower-case hexadecimal digits. So the simulation
    with the index 26 of 0f3a8c1e-7b2d-4f60-9a11-f00000000000 is 0f3a8c1e-7b2d-4f60-9a11-00000000001a.

        Attributes:
            submission_id (str): ID of the submission.
            count (int): Number of runs.
            seed (int | None | Unset): As in SimulationSubmission.
            notes (list[NotesOfRuns] | Unset): The notes, as in SimulationSubmission, of those runs that have any.
    """

    submission_id: str
    count: int
    seed: int | None | Unset = UNSET
    notes: list[NotesOfRuns] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        submission_id = self.submission_id

        count = self.count

        seed: int | None | Unset
        if isinstance(self.seed, Unset):
            seed = UNSET
        else:
            seed = self.seed

        notes: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.notes, Unset):
            notes = []
            for notes_item_data in self.notes:
                notes_item = notes_item_data.to_dict()
                notes.append(notes_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "submission_id": submission_id,
                "count": count,
            }
        )
        if seed is not UNSET:
            field_dict["seed"] = seed
        if notes is not UNSET:
            field_dict["notes"] = notes

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.notes_of_runs import NotesOfRuns

        d = dict(src_dict)
        submission_id = d.pop("submission_id")

        count = d.pop("count")

        def _parse_seed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seed = _parse_seed(d.pop("seed", UNSET))

        _notes = d.pop("notes", UNSET)
        notes: list[NotesOfRuns] | Unset = UNSET
        if _notes is not UNSET:
            notes = []
            for notes_item_data in _notes:
                notes_item = NotesOfRuns.from_dict(notes_item_data)

                notes.append(notes_item)

        simulation_batch_receipt = cls(
            submission_id=submission_id,
            count=count,
            seed=seed,
            notes=notes,
        )

        simulation_batch_receipt.additional_properties = d
        return simulation_batch_receipt

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
