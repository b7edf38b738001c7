from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Capabilities")


@_attrs_define
class Capabilities:
    """What the service can do.

    Attributes:
        domain_context (Any | Unset): The concepts of the service.
        schemas (Any | Unset): The names of the published schemas.
        openapi_spec (Any | Unset): Location of this document.
        authentication (Any | Unset): How to authenticate.
        idempotency_keys (bool | Unset): Whether a submission that is sent again with the same Idempotency-Key is
            carried out once. False if it is missing.
        bulk_simulations (bool | Unset): Whether the service has the operations get_simulation_table,
            cancel_simulations, delete_simulations and repeat_simulations. False if it is missing.
        bulk_results (bool | Unset): Whether the service has the operation download_simulation_results. False if it is
            missing.
        submission_receipts (bool | Unset): Whether submissions that prefer a minimal reply are answered with a receipt,
            and get_submission_statuses is available. False if it is missing.
        simulation_filters (bool | Unset): Whether list_simulations honours name, status, times and order. False if it
            is missing.
        simulation_plans (bool | Unset): Whether the service has the operation plan_simulations. False if it is missing.
    """

    domain_context: Any | Unset = UNSET
    schemas: Any | Unset = UNSET
    openapi_spec: Any | Unset = UNSET
    authentication: Any | Unset = UNSET
    idempotency_keys: bool | Unset = UNSET
    bulk_simulations: bool | Unset = UNSET
    bulk_results: bool | Unset = UNSET
    submission_receipts: bool | Unset = UNSET
    simulation_filters: bool | Unset = UNSET
    simulation_plans: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        domain_context = self.domain_context

        schemas = self.schemas

        openapi_spec = self.openapi_spec

        authentication = self.authentication

        idempotency_keys = self.idempotency_keys

        bulk_simulations = self.bulk_simulations

        bulk_results = self.bulk_results

        submission_receipts = self.submission_receipts

        simulation_filters = self.simulation_filters

        simulation_plans = self.simulation_plans

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if domain_context is not UNSET:
            field_dict["domain_context"] = domain_context
        if schemas is not UNSET:
            field_dict["schemas"] = schemas
        if openapi_spec is not UNSET:
            field_dict["openapi_spec"] = openapi_spec
        if authentication is not UNSET:
            field_dict["authentication"] = authentication
        if idempotency_keys is not UNSET:
            field_dict["idempotency_keys"] = idempotency_keys
        if bulk_simulations is not UNSET:
            field_dict["bulk_simulations"] = bulk_simulations
        if bulk_results is not UNSET:
            field_dict["bulk_results"] = bulk_results
        if submission_receipts is not UNSET:
            field_dict["submission_receipts"] = submission_receipts
        if simulation_filters is not UNSET:
            field_dict["simulation_filters"] = simulation_filters
        if simulation_plans is not UNSET:
            field_dict["simulation_plans"] = simulation_plans

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        domain_context = d.pop("domain_context", UNSET)

        schemas = d.pop("schemas", UNSET)

        openapi_spec = d.pop("openapi_spec", UNSET)

        authentication = d.pop("authentication", UNSET)

        idempotency_keys = d.pop("idempotency_keys", UNSET)

        bulk_simulations = d.pop("bulk_simulations", UNSET)

        bulk_results = d.pop("bulk_results", UNSET)

        submission_receipts = d.pop("submission_receipts", UNSET)

        simulation_filters = d.pop("simulation_filters", UNSET)

        simulation_plans = d.pop("simulation_plans", UNSET)

        capabilities = cls(
            domain_context=domain_context,
            schemas=schemas,
            openapi_spec=openapi_spec,
            authentication=authentication,
            idempotency_keys=idempotency_keys,
            bulk_simulations=bulk_simulations,
            bulk_results=bulk_results,
            submission_receipts=submission_receipts,
            simulation_filters=simulation_filters,
            simulation_plans=simulation_plans,
        )

        capabilities.additional_properties = d
        return capabilities

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
