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


T = TypeVar("T", bound="SimulationPlanRequest")


@_attrs_define
class SimulationPlanRequest:
    """One or many runs, as in SimulationBatchRequest, of a saved protocol or of the text of one.

    Attributes:
        parameterized_model (InlineModelReference | QuickModelReference | str): The ID of a parameterized model, or an
            inline model.
        experiment_parameter_sets (list[Any]): Sets of values for the inputs of the protocol; each set gives one run for
            every point of the design.
        experiment_template_id (str | Unset): ID of the saved protocol; cannot be combined with its text.
        protocol (str | Unset): The protocol as YAML, or as a list of PyBaMM sentences.
        drive_cycles (Any | Unset): Samples of the drive cycles in the text of the protocol.
        design_parameters_doe (DesignOfExperiments | Unset): How design parameters vary over a batch.
        conditions (list[SimulationCondition] | Unset): An explicit list of runs; cannot be combined with a design.
        max_backward_jumps (int | Unset): Largest number of backward jumps of the protocol; default 1000.
        extra_variables (list[str] | Unset): Variables to store in addition to the default ones.
        reuse (bool | Unset): Whether equal runs get the results of one of them; default true.
    """

    parameterized_model: InlineModelReference | QuickModelReference | str
    experiment_parameter_sets: list[Any]
    experiment_template_id: str | Unset = UNSET
    protocol: str | Unset = UNSET
    drive_cycles: Any | Unset = UNSET
    design_parameters_doe: DesignOfExperiments | Unset = UNSET
    conditions: list[SimulationCondition] | Unset = UNSET
    max_backward_jumps: int | Unset = UNSET
    extra_variables: list[str] | Unset = UNSET
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

        experiment_parameter_sets = self.experiment_parameter_sets

        experiment_template_id = self.experiment_template_id

        protocol = self.protocol

        drive_cycles = self.drive_cycles

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

        extra_variables: list[str] | Unset = UNSET
        if not isinstance(self.extra_variables, Unset):
            extra_variables = self.extra_variables

        reuse = self.reuse

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "parameterized_model": parameterized_model,
                "experiment_parameter_sets": experiment_parameter_sets,
            }
        )
        if experiment_template_id is not UNSET:
            field_dict["experiment_template_id"] = experiment_template_id
        if protocol is not UNSET:
            field_dict["protocol"] = protocol
        if drive_cycles is not UNSET:
            field_dict["drive_cycles"] = drive_cycles
        if design_parameters_doe is not UNSET:
            field_dict["design_parameters_doe"] = design_parameters_doe
        if conditions is not UNSET:
            field_dict["conditions"] = conditions
        if max_backward_jumps is not UNSET:
            field_dict["max_backward_jumps"] = max_backward_jumps
        if extra_variables is not UNSET:
            field_dict["extra_variables"] = extra_variables
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

        experiment_parameter_sets = cast(list[Any], d.pop("experiment_parameter_sets"))

        experiment_template_id = d.pop("experiment_template_id", UNSET)

        protocol = d.pop("protocol", UNSET)

        drive_cycles = d.pop("drive_cycles", UNSET)

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

        extra_variables = cast(list[str], d.pop("extra_variables", UNSET))

        reuse = d.pop("reuse", UNSET)

        simulation_plan_request = cls(
            parameterized_model=parameterized_model,
            experiment_parameter_sets=experiment_parameter_sets,
            experiment_template_id=experiment_template_id,
            protocol=protocol,
            drive_cycles=drive_cycles,
            design_parameters_doe=design_parameters_doe,
            conditions=conditions,
            max_backward_jumps=max_backward_jumps,
            extra_variables=extra_variables,
            reuse=reuse,
        )

        return simulation_plan_request
