from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.protocol_experiment import ProtocolExperiment


T = TypeVar("T", bound="ProtocolTemplateRequest")


@_attrs_define
class ProtocolTemplateRequest:
    """A protocol to convert to a template.

    Attributes:
        protocol_experiment (ProtocolExperiment): A protocol and the name of the experiment.
        experiment_parameters (Any | Unset): Values for the inputs of the protocol.
        project_id (str | Unset): ID of the project to save it in.
    """

    protocol_experiment: ProtocolExperiment
    experiment_parameters: Any | Unset = UNSET
    project_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        protocol_experiment = self.protocol_experiment.to_dict()

        experiment_parameters = self.experiment_parameters

        project_id = self.project_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "protocol_experiment": protocol_experiment,
            }
        )
        if experiment_parameters is not UNSET:
            field_dict["experiment_parameters"] = experiment_parameters
        if project_id is not UNSET:
            field_dict["project_id"] = project_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.protocol_experiment import ProtocolExperiment

        d = dict(src_dict)
        protocol_experiment = ProtocolExperiment.from_dict(d.pop("protocol_experiment"))

        experiment_parameters = d.pop("experiment_parameters", UNSET)

        project_id = d.pop("project_id", UNSET)

        protocol_template_request = cls(
            protocol_experiment=protocol_experiment,
            experiment_parameters=experiment_parameters,
            project_id=project_id,
        )

        protocol_template_request.additional_properties = d
        return protocol_template_request

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
