from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.sampling_strategy import SamplingStrategy, check_sampling_strategy
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.design_row import DesignRow


T = TypeVar("T", bound="DesignOfExperiments")


@_attrs_define
class DesignOfExperiments:
    """How design parameters vary over a batch.

    Attributes:
        sampling (SamplingStrategy): `grid` takes all combinations of the rows; `random` and `latin_hypercube` draw
            `count` points.
        rows (list[DesignRow]): The varied parameters.
        count (int | Unset): Number of points drawn by random and latin_hypercube.
        seed (int | Unset): Seed of the random numbers, for reproducible points.
    """

    sampling: SamplingStrategy
    rows: list[DesignRow]
    count: int | Unset = UNSET
    seed: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        sampling: str = self.sampling

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        count = self.count

        seed = self.seed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sampling": sampling,
                "rows": rows,
            }
        )
        if count is not UNSET:
            field_dict["count"] = count
        if seed is not UNSET:
            field_dict["seed"] = seed

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.design_row import DesignRow

        d = dict(src_dict)
        sampling = check_sampling_strategy(d.pop("sampling"))

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = DesignRow.from_dict(rows_item_data)

            rows.append(rows_item)

        count = d.pop("count", UNSET)

        seed = d.pop("seed", UNSET)

        design_of_experiments = cls(
            sampling=sampling,
            rows=rows,
            count=count,
            seed=seed,
        )

        return design_of_experiments
