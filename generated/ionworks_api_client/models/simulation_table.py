from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SimulationTable")


@_attrs_define
class SimulationTable:
    """Simulations as columns, with a value for each simulation. Parameters and metrics are a column for each name, with
    null where a simulation does not have it; of the metrics, only numbers, texts and truth values are included.

        Attributes:
            simulation_ids (list[str]): Those IDs of the request that exist, in its order.
            submission_id (list[str]): IDs of the submissions.
            experiment_template_id (list[None | str]): IDs of the saved protocols; null for those that were deleted.
            parameterized_model_id (list[None | str]): IDs of the parameterized models; null for other models.
            parameterized_model (list[None | str]): Names of the parameterized models.
            status (list[str]): As in SimulationStatus.
            error (list[None | str]): As in SimulationStatus.
            error_code (list[None | str]): As in SimulationStatus.
            design_parameters (Any): Columns of overridden parameters of the models.
            experiment_parameters (Any): Columns of values for the inputs of the protocols.
            metrics (Any): Columns of the metrics.
    """

    simulation_ids: list[str]
    submission_id: list[str]
    experiment_template_id: list[None | str]
    parameterized_model_id: list[None | str]
    parameterized_model: list[None | str]
    status: list[str]
    error: list[None | str]
    error_code: list[None | str]
    design_parameters: Any
    experiment_parameters: Any
    metrics: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        simulation_ids = self.simulation_ids

        submission_id = self.submission_id

        experiment_template_id = []
        for experiment_template_id_item_data in self.experiment_template_id:
            experiment_template_id_item: None | str
            experiment_template_id_item = experiment_template_id_item_data
            experiment_template_id.append(experiment_template_id_item)

        parameterized_model_id = []
        for parameterized_model_id_item_data in self.parameterized_model_id:
            parameterized_model_id_item: None | str
            parameterized_model_id_item = parameterized_model_id_item_data
            parameterized_model_id.append(parameterized_model_id_item)

        parameterized_model = []
        for parameterized_model_item_data in self.parameterized_model:
            parameterized_model_item: None | str
            parameterized_model_item = parameterized_model_item_data
            parameterized_model.append(parameterized_model_item)

        status = self.status

        error = []
        for error_item_data in self.error:
            error_item: None | str
            error_item = error_item_data
            error.append(error_item)

        error_code = []
        for error_code_item_data in self.error_code:
            error_code_item: None | str
            error_code_item = error_code_item_data
            error_code.append(error_code_item)

        design_parameters = self.design_parameters

        experiment_parameters = self.experiment_parameters

        metrics = self.metrics

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "simulation_ids": simulation_ids,
                "submission_id": submission_id,
                "experiment_template_id": experiment_template_id,
                "parameterized_model_id": parameterized_model_id,
                "parameterized_model": parameterized_model,
                "status": status,
                "error": error,
                "error_code": error_code,
                "design_parameters": design_parameters,
                "experiment_parameters": experiment_parameters,
                "metrics": metrics,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        simulation_ids = cast(list[str], d.pop("simulation_ids"))

        submission_id = cast(list[str], d.pop("submission_id"))

        experiment_template_id = []
        _experiment_template_id = d.pop("experiment_template_id")
        for experiment_template_id_item_data in _experiment_template_id:

            def _parse_experiment_template_id_item(data: object) -> None | str:
                if data is None:
                    return data
                return cast(None | str, data)

            experiment_template_id_item = _parse_experiment_template_id_item(
                experiment_template_id_item_data
            )

            experiment_template_id.append(experiment_template_id_item)

        parameterized_model_id = []
        _parameterized_model_id = d.pop("parameterized_model_id")
        for parameterized_model_id_item_data in _parameterized_model_id:

            def _parse_parameterized_model_id_item(data: object) -> None | str:
                if data is None:
                    return data
                return cast(None | str, data)

            parameterized_model_id_item = _parse_parameterized_model_id_item(
                parameterized_model_id_item_data
            )

            parameterized_model_id.append(parameterized_model_id_item)

        parameterized_model = []
        _parameterized_model = d.pop("parameterized_model")
        for parameterized_model_item_data in _parameterized_model:

            def _parse_parameterized_model_item(data: object) -> None | str:
                if data is None:
                    return data
                return cast(None | str, data)

            parameterized_model_item = _parse_parameterized_model_item(
                parameterized_model_item_data
            )

            parameterized_model.append(parameterized_model_item)

        status = cast(list[str], d.pop("status"))

        error = []
        _error = d.pop("error")
        for error_item_data in _error:

            def _parse_error_item(data: object) -> None | str:
                if data is None:
                    return data
                return cast(None | str, data)

            error_item = _parse_error_item(error_item_data)

            error.append(error_item)

        error_code = []
        _error_code = d.pop("error_code")
        for error_code_item_data in _error_code:

            def _parse_error_code_item(data: object) -> None | str:
                if data is None:
                    return data
                return cast(None | str, data)

            error_code_item = _parse_error_code_item(error_code_item_data)

            error_code.append(error_code_item)

        design_parameters = d.pop("design_parameters")

        experiment_parameters = d.pop("experiment_parameters")

        metrics = d.pop("metrics")

        simulation_table = cls(
            simulation_ids=simulation_ids,
            submission_id=submission_id,
            experiment_template_id=experiment_template_id,
            parameterized_model_id=parameterized_model_id,
            parameterized_model=parameterized_model,
            status=status,
            error=error,
            error_code=error_code,
            design_parameters=design_parameters,
            experiment_parameters=experiment_parameters,
            metrics=metrics,
        )

        simulation_table.additional_properties = d
        return simulation_table

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
