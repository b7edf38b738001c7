from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.note import Note
    from ..models.simulation_estimate import SimulationEstimate


T = TypeVar("T", bound="SimulationPlan")


@_attrs_define
class SimulationPlan:
    """What a submission would do.

    Attributes:
        count (int): Number of runs.
        notes (list[Note]): What is doubtful or has no effect, each message once; at most 100.
        reused (int): How many runs would get the results of an equal run, stored or of the same request.
        seed (int | None | Unset): Seed of the random values of the design, drawn if the request has none; null without
            random values.
        is_checked (bool | Unset): Whether model and runs were checked within the time of the service.
        estimate (None | SimulationEstimate | Unset): How long the other runs take; null if the model was never run.
        digest (str | Unset): Equal for requests whose runs have equal results.
    """

    count: int
    notes: list[Note]
    reused: int
    seed: int | None | Unset = UNSET
    is_checked: bool | Unset = UNSET
    estimate: None | SimulationEstimate | Unset = UNSET
    digest: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.simulation_estimate import SimulationEstimate

        count = self.count

        notes = []
        for notes_item_data in self.notes:
            notes_item = notes_item_data.to_dict()
            notes.append(notes_item)

        reused = self.reused

        seed: int | None | Unset
        if isinstance(self.seed, Unset):
            seed = UNSET
        else:
            seed = self.seed

        is_checked = self.is_checked

        estimate: dict[str, Any] | None | Unset
        if isinstance(self.estimate, Unset):
            estimate = UNSET
        elif isinstance(self.estimate, SimulationEstimate):
            estimate = self.estimate.to_dict()
        else:
            estimate = self.estimate

        digest = self.digest

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "count": count,
                "notes": notes,
                "reused": reused,
            }
        )
        if seed is not UNSET:
            field_dict["seed"] = seed
        if is_checked is not UNSET:
            field_dict["is_checked"] = is_checked
        if estimate is not UNSET:
            field_dict["estimate"] = estimate
        if digest is not UNSET:
            field_dict["digest"] = digest

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.note import Note
        from ..models.simulation_estimate import SimulationEstimate

        d = dict(src_dict)
        count = d.pop("count")

        notes = []
        _notes = d.pop("notes")
        for notes_item_data in _notes:
            notes_item = Note.from_dict(notes_item_data)

            notes.append(notes_item)

        reused = d.pop("reused")

        def _parse_seed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seed = _parse_seed(d.pop("seed", UNSET))

        is_checked = d.pop("is_checked", UNSET)

        def _parse_estimate(data: object) -> None | SimulationEstimate | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                estimate_type_0 = SimulationEstimate.from_dict(data)

                return estimate_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SimulationEstimate | Unset, data)

        estimate = _parse_estimate(d.pop("estimate", UNSET))

        digest = d.pop("digest", UNSET)

        simulation_plan = cls(
            count=count,
            notes=notes,
            reused=reused,
            seed=seed,
            is_checked=is_checked,
            estimate=estimate,
            digest=digest,
        )

        simulation_plan.additional_properties = d
        return simulation_plan

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
