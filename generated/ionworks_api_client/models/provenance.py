from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Provenance")


@_attrs_define
class Provenance:
    """How results were made, without anything about the machine.

    Attributes:
        versions (Any | Unset): Versions by package; null for a package that runs from a source tree.
        solver (None | str | Unset): Name of the solver.
        tolerances (Any | Unset): Relative and absolute tolerance by what a step controls.
        mesh (Any | Unset): Number of points by spatial variable.
        model_digest (None | str | Unset): SHA-256 of the model and its parameters.
        protocol_digest (None | str | Unset): SHA-256 of the text of the protocol.
        configuration_digest (None | str | Unset): SHA-256 of the elements of a pipeline.
        seed (int | None | Unset): Seed of the random values of the design.
        seeds (Any | Unset): Seeds of the random numbers of a pipeline, by element.
    """

    versions: Any | Unset = UNSET
    solver: None | str | Unset = UNSET
    tolerances: Any | Unset = UNSET
    mesh: Any | Unset = UNSET
    model_digest: None | str | Unset = UNSET
    protocol_digest: None | str | Unset = UNSET
    configuration_digest: None | str | Unset = UNSET
    seed: int | None | Unset = UNSET
    seeds: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        versions = self.versions

        solver: None | str | Unset
        if isinstance(self.solver, Unset):
            solver = UNSET
        else:
            solver = self.solver

        tolerances = self.tolerances

        mesh = self.mesh

        model_digest: None | str | Unset
        if isinstance(self.model_digest, Unset):
            model_digest = UNSET
        else:
            model_digest = self.model_digest

        protocol_digest: None | str | Unset
        if isinstance(self.protocol_digest, Unset):
            protocol_digest = UNSET
        else:
            protocol_digest = self.protocol_digest

        configuration_digest: None | str | Unset
        if isinstance(self.configuration_digest, Unset):
            configuration_digest = UNSET
        else:
            configuration_digest = self.configuration_digest

        seed: int | None | Unset
        if isinstance(self.seed, Unset):
            seed = UNSET
        else:
            seed = self.seed

        seeds = self.seeds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if versions is not UNSET:
            field_dict["versions"] = versions
        if solver is not UNSET:
            field_dict["solver"] = solver
        if tolerances is not UNSET:
            field_dict["tolerances"] = tolerances
        if mesh is not UNSET:
            field_dict["mesh"] = mesh
        if model_digest is not UNSET:
            field_dict["model_digest"] = model_digest
        if protocol_digest is not UNSET:
            field_dict["protocol_digest"] = protocol_digest
        if configuration_digest is not UNSET:
            field_dict["configuration_digest"] = configuration_digest
        if seed is not UNSET:
            field_dict["seed"] = seed
        if seeds is not UNSET:
            field_dict["seeds"] = seeds

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        versions = d.pop("versions", UNSET)

        def _parse_solver(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        solver = _parse_solver(d.pop("solver", UNSET))

        tolerances = d.pop("tolerances", UNSET)

        mesh = d.pop("mesh", UNSET)

        def _parse_model_digest(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model_digest = _parse_model_digest(d.pop("model_digest", UNSET))

        def _parse_protocol_digest(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        protocol_digest = _parse_protocol_digest(d.pop("protocol_digest", UNSET))

        def _parse_configuration_digest(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        configuration_digest = _parse_configuration_digest(d.pop("configuration_digest", UNSET))

        def _parse_seed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seed = _parse_seed(d.pop("seed", UNSET))

        seeds = d.pop("seeds", UNSET)

        provenance = cls(
            versions=versions,
            solver=solver,
            tolerances=tolerances,
            mesh=mesh,
            model_digest=model_digest,
            protocol_digest=protocol_digest,
            configuration_digest=configuration_digest,
            seed=seed,
            seeds=seeds,
        )

        provenance.additional_properties = d
        return provenance

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
