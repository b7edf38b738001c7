from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.design_row_type import DesignRowType, check_design_row_type
from ..types import UNSET, Unset

T = TypeVar("T", bound="DesignRow")


@_attrs_define
class DesignRow:
    """One varied parameter of a design of experiments.

    Attributes:
        type_ (DesignRowType): The type of a row: `discrete` has `values`; `range` has `min`, `max` and `count`;
            `normal` has `mean`, `std` and `count`.
        name (str): The parameter, with its unit, as PyBaMM spells it.
        values (list[float] | Unset): The values of a discrete row.
        min_ (float | Unset): The lower end of a range.
        max_ (float | Unset): The upper end of a range.
        mean (float | Unset): The mean of a normal row.
        std (float | Unset): The standard deviation of a normal row.
        count (int | Unset): Number of values of a range or normal row.
    """

    type_: DesignRowType
    name: str
    values: list[float] | Unset = UNSET
    min_: float | Unset = UNSET
    max_: float | Unset = UNSET
    mean: float | Unset = UNSET
    std: float | Unset = UNSET
    count: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        type_: str = self.type_

        name = self.name

        values: list[float] | Unset = UNSET
        if not isinstance(self.values, Unset):
            values = self.values

        min_ = self.min_

        max_ = self.max_

        mean = self.mean

        std = self.std

        count = self.count

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
                "name": name,
            }
        )
        if values is not UNSET:
            field_dict["values"] = values
        if min_ is not UNSET:
            field_dict["min"] = min_
        if max_ is not UNSET:
            field_dict["max"] = max_
        if mean is not UNSET:
            field_dict["mean"] = mean
        if std is not UNSET:
            field_dict["std"] = std
        if count is not UNSET:
            field_dict["count"] = count

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        type_ = check_design_row_type(d.pop("type"))

        name = d.pop("name")

        values = cast(list[float], d.pop("values", UNSET))

        min_ = d.pop("min", UNSET)

        max_ = d.pop("max", UNSET)

        mean = d.pop("mean", UNSET)

        std = d.pop("std", UNSET)

        count = d.pop("count", UNSET)

        design_row = cls(
            type_=type_,
            name=name,
            values=values,
            min_=min_,
            max_=max_,
            mean=mean,
            std=std,
            count=count,
        )

        return design_row
