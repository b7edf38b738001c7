from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.note import Note


T = TypeVar("T", bound="SimulationResultDocument")


@_attrs_define
class SimulationResultDocument:
    """The results of a simulation as columns.

    Attributes:
        time_series (Any | Unset): Values by column name.
        steps (Any | Unset): Values by column name.
        metrics (Any | Unset): Scalar metrics of the run.
        notes (list[Note] | None | Unset): Those of the simulation; an extension, which a service can omit.
    """

    time_series: Any | Unset = UNSET
    steps: Any | Unset = UNSET
    metrics: Any | Unset = UNSET
    notes: list[Note] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        time_series = self.time_series

        steps = self.steps

        metrics = self.metrics

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
        field_dict.update({})
        if time_series is not UNSET:
            field_dict["time_series"] = time_series
        if steps is not UNSET:
            field_dict["steps"] = steps
        if metrics is not UNSET:
            field_dict["metrics"] = metrics
        if notes is not UNSET:
            field_dict["notes"] = notes

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.note import Note

        d = dict(src_dict)
        time_series = d.pop("time_series", UNSET)

        steps = d.pop("steps", UNSET)

        metrics = d.pop("metrics", UNSET)

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

        simulation_result_document = cls(
            time_series=time_series,
            steps=steps,
            metrics=metrics,
            notes=notes,
        )

        simulation_result_document.additional_properties = d
        return simulation_result_document

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
