from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.design_of_experiments import DesignOfExperiments
    from ..models.inline_model_reference import InlineModelReference
    from ..models.quick_model_reference import QuickModelReference
    from ..models.simulation_condition import SimulationCondition


T = TypeVar("T", bound="SimulationBatchRequest")


@_attrs_define
class SimulationBatchRequest:
    """One or many runs of a saved protocol. The runs are all combinations of experiment parameter sets and design points,
    or the given conditions.

        Attributes:
            parameterized_model (InlineModelReference | QuickModelReference | str): The ID of a parameterized model, or an
                inline model.
            experiment_template_id (str): ID of the saved protocol.
            experiment_parameter_sets (list[Any]): Sets of values for the inputs of the protocol; each set gives one run for
                every point of the design.
            design_parameters_doe (DesignOfExperiments | Unset): How design parameters vary over a batch.
            conditions (list[SimulationCondition] | Unset): An explicit list of runs; cannot be combined with a design.
            max_backward_jumps (int | Unset): Largest number of backward jumps of the protocol; default 1000.
            study_id (str | Unset): ID of a study to assign the simulations to.
            extra_variables (list[str] | Unset): Variables to store in addition to the default ones.
            project_id (str | Unset): ID of the project of the simulations.
            reuse (bool | Unset): Whether a run that is equal to a stored one, or to another one of the request, gets the
                results of that run instead of being computed again; default true. An addition of the embedded engine.
    """

    parameterized_model: InlineModelReference | QuickModelReference | str
    experiment_template_id: str
    experiment_parameter_sets: list[Any]
    design_parameters_doe: DesignOfExperiments | Unset = UNSET
    conditions: list[SimulationCondition] | Unset = UNSET
    max_backward_jumps: int | Unset = UNSET
    study_id: str | Unset = UNSET
    extra_variables: list[str] | Unset = UNSET
    project_id: str | Unset = UNSET
    reuse: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.inline_model_reference import InlineModelReference
        from ..models.quick_model_reference import QuickModelReference

        parameterized_model: dict[str, Any] | str
        if isinstance(self.parameterized_model, QuickModelReference) or isinstance(
            self.parameterized_model, InlineModelReference
        ):
            parameterized_model = self.parameterized_model.to_dict()
        else:
            parameterized_model = self.parameterized_model

        experiment_template_id = self.experiment_template_id

        experiment_parameter_sets = self.experiment_parameter_sets

        design_parameters_doe: dict[str, Any] | Unset = UNSET
        if not isinstance(self.design_parameters_doe, Unset):
            design_parameters_doe = self.design_parameters_doe.to_dict()

        conditions: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.conditions, Unset):
            conditions = []
            for conditions_item_data in self.conditions:
                conditions_item = conditions_item_data.to_dict()
                conditions.append(conditions_item)

        max_backward_jumps = self.max_backward_jumps

        study_id = self.study_id

        extra_variables: list[str] | Unset = UNSET
        if not isinstance(self.extra_variables, Unset):
            extra_variables = self.extra_variables

        project_id = self.project_id

        reuse = self.reuse

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "parameterized_model": parameterized_model,
                "experiment_template_id": experiment_template_id,
                "experiment_parameter_sets": experiment_parameter_sets,
            }
        )
        if design_parameters_doe is not UNSET:
            field_dict["design_parameters_doe"] = design_parameters_doe
        if conditions is not UNSET:
            field_dict["conditions"] = conditions
        if max_backward_jumps is not UNSET:
            field_dict["max_backward_jumps"] = max_backward_jumps
        if study_id is not UNSET:
            field_dict["study_id"] = study_id
        if extra_variables is not UNSET:
            field_dict["extra_variables"] = extra_variables
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if reuse is not UNSET:
            field_dict["reuse"] = reuse

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.design_of_experiments import DesignOfExperiments
        from ..models.inline_model_reference import InlineModelReference
        from ..models.quick_model_reference import QuickModelReference
        from ..models.simulation_condition import SimulationCondition

        d = dict(src_dict)

        def _parse_parameterized_model(
            data: object,
        ) -> InlineModelReference | QuickModelReference | str:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                parameterized_model_type_1 = QuickModelReference.from_dict(data)

                return parameterized_model_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                parameterized_model_type_2 = InlineModelReference.from_dict(data)

                return parameterized_model_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(InlineModelReference | QuickModelReference | str, data)

        parameterized_model = _parse_parameterized_model(d.pop("parameterized_model"))

        experiment_template_id = d.pop("experiment_template_id")

        experiment_parameter_sets = cast(list[Any], d.pop("experiment_parameter_sets"))

        _design_parameters_doe = d.pop("design_parameters_doe", UNSET)
        design_parameters_doe: DesignOfExperiments | Unset
        if isinstance(_design_parameters_doe, Unset):
            design_parameters_doe = UNSET
        else:
            design_parameters_doe = DesignOfExperiments.from_dict(_design_parameters_doe)

        _conditions = d.pop("conditions", UNSET)
        conditions: list[SimulationCondition] | Unset = UNSET
        if _conditions is not UNSET:
            conditions = []
            for conditions_item_data in _conditions:
                conditions_item = SimulationCondition.from_dict(conditions_item_data)

                conditions.append(conditions_item)

        max_backward_jumps = d.pop("max_backward_jumps", UNSET)

        study_id = d.pop("study_id", UNSET)

        extra_variables = cast(list[str], d.pop("extra_variables", UNSET))

        project_id = d.pop("project_id", UNSET)

        reuse = d.pop("reuse", UNSET)

        simulation_batch_request = cls(
            parameterized_model=parameterized_model,
            experiment_template_id=experiment_template_id,
            experiment_parameter_sets=experiment_parameter_sets,
            design_parameters_doe=design_parameters_doe,
            conditions=conditions,
            max_backward_jumps=max_backward_jumps,
            study_id=study_id,
            extra_variables=extra_variables,
            project_id=project_id,
            reuse=reuse,
        )

        return simulation_batch_request
