from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.note import Note
    from ..models.provenance import Provenance


T = TypeVar("T", bound="Simulation")


@_attrs_define
class Simulation:
    """A run of a protocol on a parameterized model.

    Attributes:
        id (str): ID of the simulation.
        name (None | str | Unset): Name of the simulation.
        project_id (None | str | Unset): ID of the project.
        organization_id (None | str | Unset): ID of the organization.
        copied_from (None | str | Unset): ID of the equal simulation whose results these are, which can have been
            deleted since; null if this one was computed itself.
        parameterized_model_id (None | str | Unset): ID of the parameterized model; null for a quick model.
        experiment_template_id (None | str | Unset): ID of the saved protocol.
        experiment_id (None | str | Unset): ID of the protocol with its parameter values.
        design_id (None | str | Unset): ID of the set of design parameters.
        job_id (None | str | Unset): ID of the job that runs it.
        study_ids (list[str] | None | Unset): IDs of the studies it is assigned to.
        status (None | str | Unset): pending, waiting, processing, completed, failed or canceled.
        error (None | str | Unset): Why it failed.
        error_code (None | str | Unset): Type of failure, for example SOLVER_ERROR.
        delay_reason (None | str | Unset): Why a job that has not ended makes no progress; null if nothing holds it up.
        storage_folder (None | str | Unset): Location of its results, set once they are stored.
        simulation_data (Any | Unset): Results in an older form.
        metrics (Any | Unset): Scalar metrics of the run.
        design_parameters (Any | Unset): Overridden parameters of the model.
        experiment_parameters (Any | Unset): Values for the inputs of the protocol.
        experiment (Any | Unset): The embedded experiment.
        parameterized_model (Any | Unset): The embedded parameterized model.
        design (Any | Unset): The embedded design.
        created_at (None | str | Unset): Time of submission.
        updated_at (None | str | Unset): Time of the last change.
        notes (list[Note] | None | Unset): Those of its submission and of its run; an extension, which a service can
            omit.
        provenance (None | Provenance | Unset): How its results were made, for one simulation, not in lists; null
            without results. An extension, which a service can omit.
    """

    id: str
    name: None | str | Unset = UNSET
    project_id: None | str | Unset = UNSET
    organization_id: None | str | Unset = UNSET
    copied_from: None | str | Unset = UNSET
    parameterized_model_id: None | str | Unset = UNSET
    experiment_template_id: None | str | Unset = UNSET
    experiment_id: None | str | Unset = UNSET
    design_id: None | str | Unset = UNSET
    job_id: None | str | Unset = UNSET
    study_ids: list[str] | None | Unset = UNSET
    status: None | str | Unset = UNSET
    error: None | str | Unset = UNSET
    error_code: None | str | Unset = UNSET
    delay_reason: None | str | Unset = UNSET
    storage_folder: None | str | Unset = UNSET
    simulation_data: Any | Unset = UNSET
    metrics: Any | Unset = UNSET
    design_parameters: Any | Unset = UNSET
    experiment_parameters: Any | Unset = UNSET
    experiment: Any | Unset = UNSET
    parameterized_model: Any | Unset = UNSET
    design: Any | Unset = UNSET
    created_at: None | str | Unset = UNSET
    updated_at: None | str | Unset = UNSET
    notes: list[Note] | None | Unset = UNSET
    provenance: None | Provenance | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.provenance import Provenance

        id = self.id

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        project_id: None | str | Unset
        if isinstance(self.project_id, Unset):
            project_id = UNSET
        else:
            project_id = self.project_id

        organization_id: None | str | Unset
        if isinstance(self.organization_id, Unset):
            organization_id = UNSET
        else:
            organization_id = self.organization_id

        copied_from: None | str | Unset
        if isinstance(self.copied_from, Unset):
            copied_from = UNSET
        else:
            copied_from = self.copied_from

        parameterized_model_id: None | str | Unset
        if isinstance(self.parameterized_model_id, Unset):
            parameterized_model_id = UNSET
        else:
            parameterized_model_id = self.parameterized_model_id

        experiment_template_id: None | str | Unset
        if isinstance(self.experiment_template_id, Unset):
            experiment_template_id = UNSET
        else:
            experiment_template_id = self.experiment_template_id

        experiment_id: None | str | Unset
        if isinstance(self.experiment_id, Unset):
            experiment_id = UNSET
        else:
            experiment_id = self.experiment_id

        design_id: None | str | Unset
        if isinstance(self.design_id, Unset):
            design_id = UNSET
        else:
            design_id = self.design_id

        job_id: None | str | Unset
        if isinstance(self.job_id, Unset):
            job_id = UNSET
        else:
            job_id = self.job_id

        study_ids: list[str] | None | Unset
        if isinstance(self.study_ids, Unset):
            study_ids = UNSET
        elif isinstance(self.study_ids, list):
            study_ids = self.study_ids

        else:
            study_ids = self.study_ids

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        else:
            status = self.status

        error: None | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        else:
            error = self.error

        error_code: None | str | Unset
        if isinstance(self.error_code, Unset):
            error_code = UNSET
        else:
            error_code = self.error_code

        delay_reason: None | str | Unset
        if isinstance(self.delay_reason, Unset):
            delay_reason = UNSET
        else:
            delay_reason = self.delay_reason

        storage_folder: None | str | Unset
        if isinstance(self.storage_folder, Unset):
            storage_folder = UNSET
        else:
            storage_folder = self.storage_folder

        simulation_data = self.simulation_data

        metrics = self.metrics

        design_parameters = self.design_parameters

        experiment_parameters = self.experiment_parameters

        experiment = self.experiment

        parameterized_model = self.parameterized_model

        design = self.design

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

        provenance: dict[str, Any] | None | Unset
        if isinstance(self.provenance, Unset):
            provenance = UNSET
        elif isinstance(self.provenance, Provenance):
            provenance = self.provenance.to_dict()
        else:
            provenance = self.provenance

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if organization_id is not UNSET:
            field_dict["organization_id"] = organization_id
        if copied_from is not UNSET:
            field_dict["copied_from"] = copied_from
        if parameterized_model_id is not UNSET:
            field_dict["parameterized_model_id"] = parameterized_model_id
        if experiment_template_id is not UNSET:
            field_dict["experiment_template_id"] = experiment_template_id
        if experiment_id is not UNSET:
            field_dict["experiment_id"] = experiment_id
        if design_id is not UNSET:
            field_dict["design_id"] = design_id
        if job_id is not UNSET:
            field_dict["job_id"] = job_id
        if study_ids is not UNSET:
            field_dict["study_ids"] = study_ids
        if status is not UNSET:
            field_dict["status"] = status
        if error is not UNSET:
            field_dict["error"] = error
        if error_code is not UNSET:
            field_dict["error_code"] = error_code
        if delay_reason is not UNSET:
            field_dict["delay_reason"] = delay_reason
        if storage_folder is not UNSET:
            field_dict["storage_folder"] = storage_folder
        if simulation_data is not UNSET:
            field_dict["simulation_data"] = simulation_data
        if metrics is not UNSET:
            field_dict["metrics"] = metrics
        if design_parameters is not UNSET:
            field_dict["design_parameters"] = design_parameters
        if experiment_parameters is not UNSET:
            field_dict["experiment_parameters"] = experiment_parameters
        if experiment is not UNSET:
            field_dict["experiment"] = experiment
        if parameterized_model is not UNSET:
            field_dict["parameterized_model"] = parameterized_model
        if design is not UNSET:
            field_dict["design"] = design
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at
        if notes is not UNSET:
            field_dict["notes"] = notes
        if provenance is not UNSET:
            field_dict["provenance"] = provenance

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.note import Note
        from ..models.provenance import Provenance

        d = dict(src_dict)
        id = d.pop("id")

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_project_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        project_id = _parse_project_id(d.pop("project_id", UNSET))

        def _parse_organization_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        organization_id = _parse_organization_id(d.pop("organization_id", UNSET))

        def _parse_copied_from(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        copied_from = _parse_copied_from(d.pop("copied_from", UNSET))

        def _parse_parameterized_model_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parameterized_model_id = _parse_parameterized_model_id(
            d.pop("parameterized_model_id", UNSET)
        )

        def _parse_experiment_template_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        experiment_template_id = _parse_experiment_template_id(
            d.pop("experiment_template_id", UNSET)
        )

        def _parse_experiment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        experiment_id = _parse_experiment_id(d.pop("experiment_id", UNSET))

        def _parse_design_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        design_id = _parse_design_id(d.pop("design_id", UNSET))

        def _parse_job_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        job_id = _parse_job_id(d.pop("job_id", UNSET))

        def _parse_study_ids(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                study_ids_type_0 = cast(list[str], data)

                return study_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        study_ids = _parse_study_ids(d.pop("study_ids", UNSET))

        def _parse_status(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

        def _parse_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_error_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_code = _parse_error_code(d.pop("error_code", UNSET))

        def _parse_delay_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        delay_reason = _parse_delay_reason(d.pop("delay_reason", UNSET))

        def _parse_storage_folder(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        storage_folder = _parse_storage_folder(d.pop("storage_folder", UNSET))

        simulation_data = d.pop("simulation_data", UNSET)

        metrics = d.pop("metrics", UNSET)

        design_parameters = d.pop("design_parameters", UNSET)

        experiment_parameters = d.pop("experiment_parameters", UNSET)

        experiment = d.pop("experiment", UNSET)

        parameterized_model = d.pop("parameterized_model", UNSET)

        design = d.pop("design", UNSET)

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

        def _parse_provenance(data: object) -> None | Provenance | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                provenance_type_0 = Provenance.from_dict(data)

                return provenance_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Provenance | Unset, data)

        provenance = _parse_provenance(d.pop("provenance", UNSET))

        simulation = cls(
            id=id,
            name=name,
            project_id=project_id,
            organization_id=organization_id,
            copied_from=copied_from,
            parameterized_model_id=parameterized_model_id,
            experiment_template_id=experiment_template_id,
            experiment_id=experiment_id,
            design_id=design_id,
            job_id=job_id,
            study_ids=study_ids,
            status=status,
            error=error,
            error_code=error_code,
            delay_reason=delay_reason,
            storage_folder=storage_folder,
            simulation_data=simulation_data,
            metrics=metrics,
            design_parameters=design_parameters,
            experiment_parameters=experiment_parameters,
            experiment=experiment,
            parameterized_model=parameterized_model,
            design=design,
            created_at=created_at,
            updated_at=updated_at,
            notes=notes,
            provenance=provenance,
        )

        simulation.additional_properties = d
        return simulation

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
