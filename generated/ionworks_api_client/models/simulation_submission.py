from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.note import Note


T = TypeVar("T", bound="SimulationSubmission")


@_attrs_define
class SimulationSubmission:
    """A submitted run.

    Attributes:
        simulation_id (str): ID of the simulation.
        job_id (None | str): ID of the job that runs it; null if nothing had to run.
        already_existed (bool | Unset): Whether the same run had been submitted before.
        seed (int | None | Unset): Seed of the random values of the design, drawn if the request has none; null without
            random values.
        notes (list[Note] | None | Unset): What is doubtful or has no effect in the request for this run; an extension,
            which a service can omit.
    """

    simulation_id: str
    job_id: None | str
    already_existed: bool | Unset = UNSET
    seed: int | None | Unset = UNSET
    notes: list[Note] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        simulation_id = self.simulation_id

        job_id: None | str
        job_id = self.job_id

        already_existed = self.already_existed

        seed: int | None | Unset
        if isinstance(self.seed, Unset):
            seed = UNSET
        else:
            seed = self.seed

        notes: list[dict[str, Any]] | None | Unset
        if isinstance(self.notes, Unset):
            notes = UNSET
        elif isinstance(self.notes, list):
            notes = []
            for notes_type_0_item_data in self.notes:
                notes_type_0_item = notes_type_0_item_data.to_dict()
                notes.append(notes_type_0_item)

        else:
            notes = self.notes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "simulation_id": simulation_id,
                "job_id": job_id,
            }
        )
        if already_existed is not UNSET:
            field_dict["already_existed"] = already_existed
        if seed is not UNSET:
            field_dict["seed"] = seed
        if notes is not UNSET:
            field_dict["notes"] = notes

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.note import Note

        d = dict(src_dict)
        simulation_id = d.pop("simulation_id")

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        already_existed = d.pop("already_existed", UNSET)

        def _parse_seed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seed = _parse_seed(d.pop("seed", UNSET))

        def _parse_notes(data: object) -> list[Note] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                notes_type_0 = []
                _notes_type_0 = data
                for notes_type_0_item_data in _notes_type_0:
                    notes_type_0_item = Note.from_dict(notes_type_0_item_data)

                    notes_type_0.append(notes_type_0_item)

                return notes_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Note] | None | Unset, data)

        notes = _parse_notes(d.pop("notes", UNSET))

        simulation_submission = cls(
            simulation_id=simulation_id,
            job_id=job_id,
            already_existed=already_existed,
            seed=seed,
            notes=notes,
        )

        simulation_submission.additional_properties = d
        return simulation_submission

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
