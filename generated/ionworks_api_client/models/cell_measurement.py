from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CellMeasurement")


@_attrs_define
class CellMeasurement:
    """A measurement on a cell.

    Attributes:
        id (str): ID of the measurement.
        name (str | Unset): Name of the measurement.
        cell_instance_id (None | str | Unset): ID of the cell.
        measurement_type (None | str | Unset): time_series, file or properties.
        channel_id (None | str | Unset): The channel of the cycler.
        protocol_id (None | str | Unset): ID of the saved protocol.
        protocol (Any | Unset): The protocol that was run.
        test_setup (Any | Unset): Cycler, operator, lab and channel_number.
        properties (Any | Unset): Quantities by property name; only for type properties.
        start_time (None | str | Unset): Start time of the measurement.
        end_time (None | str | Unset): End time of the measurement.
        estimated_end_time (None | str | Unset): Expected end time of the measurement.
        estimated_end_time_note (None | str | Unset): How the end time was estimated.
        estimated_end_time_calculated_at (None | str | Unset): When the end time was estimated.
        processing_status (None | str | Unset): pending, running, ready or failed.
        processing_error (None | str | Unset): Why the data could not be processed.
        delay_reason (None | str | Unset): Why a job that has not ended makes no progress; null if nothing holds it up.
        step_labels_validated (bool | None | Unset): Whether the step labels were checked.
        file_metadata (Any | Unset): Metadata of the attached files.
        tags (list[str] | None | Unset): Tags of the measurement.
        notes (None | str | Unset): Notes.
        steps (Any | Unset): The steps as columns, if requested.
        time_series (Any | Unset): The time series as columns, if requested.
        steps_created (int | None | Unset): Number of steps that a confirmed upload has created so far.
        instance (Any | Unset): The embedded cell.
        organization_id (None | str | Unset): ID of the organization.
        created_by (None | str | Unset): Creator.
        created_by_email (None | str | Unset): Email of the creator.
        created_at (None | str | Unset): Time of creation.
        updated_at (None | str | Unset): Time of the last change.
    """

    id: str
    name: str | Unset = UNSET
    cell_instance_id: None | str | Unset = UNSET
    measurement_type: None | str | Unset = UNSET
    channel_id: None | str | Unset = UNSET
    protocol_id: None | str | Unset = UNSET
    protocol: Any | Unset = UNSET
    test_setup: Any | Unset = UNSET
    properties: Any | Unset = UNSET
    start_time: None | str | Unset = UNSET
    end_time: None | str | Unset = UNSET
    estimated_end_time: None | str | Unset = UNSET
    estimated_end_time_note: None | str | Unset = UNSET
    estimated_end_time_calculated_at: None | str | Unset = UNSET
    processing_status: None | str | Unset = UNSET
    processing_error: None | str | Unset = UNSET
    delay_reason: None | str | Unset = UNSET
    step_labels_validated: bool | None | Unset = UNSET
    file_metadata: Any | Unset = UNSET
    tags: list[str] | None | Unset = UNSET
    notes: None | str | Unset = UNSET
    steps: Any | Unset = UNSET
    time_series: Any | Unset = UNSET
    steps_created: int | None | Unset = UNSET
    instance: Any | Unset = UNSET
    organization_id: None | str | Unset = UNSET
    created_by: None | str | Unset = UNSET
    created_by_email: None | str | Unset = UNSET
    created_at: None | str | Unset = UNSET
    updated_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        cell_instance_id: None | str | Unset
        if isinstance(self.cell_instance_id, Unset):
            cell_instance_id = UNSET
        else:
            cell_instance_id = self.cell_instance_id

        measurement_type: None | str | Unset
        if isinstance(self.measurement_type, Unset):
            measurement_type = UNSET
        else:
            measurement_type = self.measurement_type

        channel_id: None | str | Unset
        if isinstance(self.channel_id, Unset):
            channel_id = UNSET
        else:
            channel_id = self.channel_id

        protocol_id: None | str | Unset
        if isinstance(self.protocol_id, Unset):
            protocol_id = UNSET
        else:
            protocol_id = self.protocol_id

        protocol = self.protocol

        test_setup = self.test_setup

        properties = self.properties

        start_time: None | str | Unset
        if isinstance(self.start_time, Unset):
            start_time = UNSET
        else:
            start_time = self.start_time

        end_time: None | str | Unset
        if isinstance(self.end_time, Unset):
            end_time = UNSET
        else:
            end_time = self.end_time

        estimated_end_time: None | str | Unset
        if isinstance(self.estimated_end_time, Unset):
            estimated_end_time = UNSET
        else:
            estimated_end_time = self.estimated_end_time

        estimated_end_time_note: None | str | Unset
        if isinstance(self.estimated_end_time_note, Unset):
            estimated_end_time_note = UNSET
        else:
            estimated_end_time_note = self.estimated_end_time_note

        estimated_end_time_calculated_at: None | str | Unset
        if isinstance(self.estimated_end_time_calculated_at, Unset):
            estimated_end_time_calculated_at = UNSET
        else:
            estimated_end_time_calculated_at = self.estimated_end_time_calculated_at

        processing_status: None | str | Unset
        if isinstance(self.processing_status, Unset):
            processing_status = UNSET
        else:
            processing_status = self.processing_status

        processing_error: None | str | Unset
        if isinstance(self.processing_error, Unset):
            processing_error = UNSET
        else:
            processing_error = self.processing_error

        delay_reason: None | str | Unset
        if isinstance(self.delay_reason, Unset):
            delay_reason = UNSET
        else:
            delay_reason = self.delay_reason

        step_labels_validated: bool | None | Unset
        if isinstance(self.step_labels_validated, Unset):
            step_labels_validated = UNSET
        else:
            step_labels_validated = self.step_labels_validated

        file_metadata = self.file_metadata

        tags: list[str] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        notes: None | str | Unset
        if isinstance(self.notes, Unset):
            notes = UNSET
        else:
            notes = self.notes

        steps = self.steps

        time_series = self.time_series

        steps_created: int | None | Unset
        if isinstance(self.steps_created, Unset):
            steps_created = UNSET
        else:
            steps_created = self.steps_created

        instance = self.instance

        organization_id: None | str | Unset
        if isinstance(self.organization_id, Unset):
            organization_id = UNSET
        else:
            organization_id = self.organization_id

        created_by: None | str | Unset
        if isinstance(self.created_by, Unset):
            created_by = UNSET
        else:
            created_by = self.created_by

        created_by_email: None | str | Unset
        if isinstance(self.created_by_email, Unset):
            created_by_email = UNSET
        else:
            created_by_email = self.created_by_email

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
                "id": id,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if cell_instance_id is not UNSET:
            field_dict["cell_instance_id"] = cell_instance_id
        if measurement_type is not UNSET:
            field_dict["measurement_type"] = measurement_type
        if channel_id is not UNSET:
            field_dict["channel_id"] = channel_id
        if protocol_id is not UNSET:
            field_dict["protocol_id"] = protocol_id
        if protocol is not UNSET:
            field_dict["protocol"] = protocol
        if test_setup is not UNSET:
            field_dict["test_setup"] = test_setup
        if properties is not UNSET:
            field_dict["properties"] = properties
        if start_time is not UNSET:
            field_dict["start_time"] = start_time
        if end_time is not UNSET:
            field_dict["end_time"] = end_time
        if estimated_end_time is not UNSET:
            field_dict["estimated_end_time"] = estimated_end_time
        if estimated_end_time_note is not UNSET:
            field_dict["estimated_end_time_note"] = estimated_end_time_note
        if estimated_end_time_calculated_at is not UNSET:
            field_dict["estimated_end_time_calculated_at"] = estimated_end_time_calculated_at
        if processing_status is not UNSET:
            field_dict["processing_status"] = processing_status
        if processing_error is not UNSET:
            field_dict["processing_error"] = processing_error
        if delay_reason is not UNSET:
            field_dict["delay_reason"] = delay_reason
        if step_labels_validated is not UNSET:
            field_dict["step_labels_validated"] = step_labels_validated
        if file_metadata is not UNSET:
            field_dict["file_metadata"] = file_metadata
        if tags is not UNSET:
            field_dict["tags"] = tags
        if notes is not UNSET:
            field_dict["notes"] = notes
        if steps is not UNSET:
            field_dict["steps"] = steps
        if time_series is not UNSET:
            field_dict["time_series"] = time_series
        if steps_created is not UNSET:
            field_dict["steps_created"] = steps_created
        if instance is not UNSET:
            field_dict["instance"] = instance
        if organization_id is not UNSET:
            field_dict["organization_id"] = organization_id
        if created_by is not UNSET:
            field_dict["created_by"] = created_by
        if created_by_email is not UNSET:
            field_dict["created_by_email"] = created_by_email
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name", UNSET)

        def _parse_cell_instance_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cell_instance_id = _parse_cell_instance_id(d.pop("cell_instance_id", UNSET))

        def _parse_measurement_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        measurement_type = _parse_measurement_type(d.pop("measurement_type", UNSET))

        def _parse_channel_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        channel_id = _parse_channel_id(d.pop("channel_id", UNSET))

        def _parse_protocol_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        protocol_id = _parse_protocol_id(d.pop("protocol_id", UNSET))

        protocol = d.pop("protocol", UNSET)

        test_setup = d.pop("test_setup", UNSET)

        properties = d.pop("properties", UNSET)

        def _parse_start_time(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        start_time = _parse_start_time(d.pop("start_time", UNSET))

        def _parse_end_time(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        end_time = _parse_end_time(d.pop("end_time", UNSET))

        def _parse_estimated_end_time(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        estimated_end_time = _parse_estimated_end_time(d.pop("estimated_end_time", UNSET))

        def _parse_estimated_end_time_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        estimated_end_time_note = _parse_estimated_end_time_note(
            d.pop("estimated_end_time_note", UNSET)
        )

        def _parse_estimated_end_time_calculated_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        estimated_end_time_calculated_at = _parse_estimated_end_time_calculated_at(
            d.pop("estimated_end_time_calculated_at", UNSET)
        )

        def _parse_processing_status(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        processing_status = _parse_processing_status(d.pop("processing_status", UNSET))

        def _parse_processing_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        processing_error = _parse_processing_error(d.pop("processing_error", UNSET))

        def _parse_delay_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        delay_reason = _parse_delay_reason(d.pop("delay_reason", UNSET))

        def _parse_step_labels_validated(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        step_labels_validated = _parse_step_labels_validated(d.pop("step_labels_validated", UNSET))

        file_metadata = d.pop("file_metadata", UNSET)

        def _parse_tags(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tags_type_0 = cast(list[str], data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_notes(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        notes = _parse_notes(d.pop("notes", UNSET))

        steps = d.pop("steps", UNSET)

        time_series = d.pop("time_series", UNSET)

        def _parse_steps_created(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        steps_created = _parse_steps_created(d.pop("steps_created", UNSET))

        instance = d.pop("instance", UNSET)

        def _parse_organization_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        organization_id = _parse_organization_id(d.pop("organization_id", UNSET))

        def _parse_created_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by = _parse_created_by(d.pop("created_by", UNSET))

        def _parse_created_by_email(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by_email = _parse_created_by_email(d.pop("created_by_email", UNSET))

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

        cell_measurement = cls(
            id=id,
            name=name,
            cell_instance_id=cell_instance_id,
            measurement_type=measurement_type,
            channel_id=channel_id,
            protocol_id=protocol_id,
            protocol=protocol,
            test_setup=test_setup,
            properties=properties,
            start_time=start_time,
            end_time=end_time,
            estimated_end_time=estimated_end_time,
            estimated_end_time_note=estimated_end_time_note,
            estimated_end_time_calculated_at=estimated_end_time_calculated_at,
            processing_status=processing_status,
            processing_error=processing_error,
            delay_reason=delay_reason,
            step_labels_validated=step_labels_validated,
            file_metadata=file_metadata,
            tags=tags,
            notes=notes,
            steps=steps,
            time_series=time_series,
            steps_created=steps_created,
            instance=instance,
            organization_id=organization_id,
            created_by=created_by,
            created_by_email=created_by_email,
            created_at=created_at,
            updated_at=updated_at,
        )

        cell_measurement.additional_properties = d
        return cell_measurement

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
