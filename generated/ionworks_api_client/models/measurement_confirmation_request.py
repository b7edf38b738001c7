from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.measurement_type import MeasurementType, check_measurement_type
from ..types import UNSET, Unset

T = TypeVar("T", bound="MeasurementConfirmationRequest")


@_attrs_define
class MeasurementConfirmationRequest:
    """The confirmation of an upload.

    Attributes:
        cell_instance_id (str): ID of the cell.
        measurement (Any): Metadata of the measurement: name, protocol, test_setup, start_time, notes and tags.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        filenames (list[str] | Unset): The uploaded files.
        steps (Any | Unset): The steps as columns; by default computed from the rows.
    """

    cell_instance_id: str
    measurement: Any
    measurement_type: MeasurementType | Unset = UNSET
    filenames: list[str] | Unset = UNSET
    steps: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cell_instance_id = self.cell_instance_id

        measurement = self.measurement

        measurement_type: str | Unset = UNSET
        if not isinstance(self.measurement_type, Unset):
            measurement_type = self.measurement_type

        filenames: list[str] | Unset = UNSET
        if not isinstance(self.filenames, Unset):
            filenames = self.filenames

        steps = self.steps

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cell_instance_id": cell_instance_id,
                "measurement": measurement,
            }
        )
        if measurement_type is not UNSET:
            field_dict["measurement_type"] = measurement_type
        if filenames is not UNSET:
            field_dict["filenames"] = filenames
        if steps is not UNSET:
            field_dict["steps"] = steps

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        cell_instance_id = d.pop("cell_instance_id")

        measurement = d.pop("measurement")

        _measurement_type = d.pop("measurement_type", UNSET)
        measurement_type: MeasurementType | Unset
        if isinstance(_measurement_type, Unset):
            measurement_type = UNSET
        else:
            measurement_type = check_measurement_type(_measurement_type)

        filenames = cast(list[str], d.pop("filenames", UNSET))

        steps = d.pop("steps", UNSET)

        measurement_confirmation_request = cls(
            cell_instance_id=cell_instance_id,
            measurement=measurement,
            measurement_type=measurement_type,
            filenames=filenames,
            steps=steps,
        )

        measurement_confirmation_request.additional_properties = d
        return measurement_confirmation_request

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
