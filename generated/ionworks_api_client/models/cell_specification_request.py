from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.cell_component_request import CellComponentRequest


T = TypeVar("T", bound="CellSpecificationRequest")


@_attrs_define
class CellSpecificationRequest:
    """A cell specification to create.

    Attributes:
        name (str): Name of the cell specification.
        form_factor (None | str | Unset): Pouch, prismatic, coin or a size such as 21700.
        manufacturer (None | str | Unset): Manufacturer of the cell.
        ratings (Any | Unset): Ratings by the manufacturer: capacity, voltage_min and voltage_max; optionally
            nominal_voltage, energy, max_discharge_rate and max_charge_rate.
        anode (CellComponentRequest | Unset): An anode, cathode, electrolyte, separator or case.
        cathode (CellComponentRequest | Unset): An anode, cathode, electrolyte, separator or case.
        electrolyte (CellComponentRequest | Unset): An anode, cathode, electrolyte, separator or case.
        separator (CellComponentRequest | Unset): An anode, cathode, electrolyte, separator or case.
        case (CellComponentRequest | Unset): An anode, cathode, electrolyte, separator or case.
        source (Any | Unset): Source of the values, with creator_name, creator_orcid, publication_date, license and doi.
        properties (Any | Unset): Further properties.
        notes (None | str | Unset): Notes.
        project_id (str | Unset): ID of the project to link it to.
    """

    name: str
    form_factor: None | str | Unset = UNSET
    manufacturer: None | str | Unset = UNSET
    ratings: Any | Unset = UNSET
    anode: CellComponentRequest | Unset = UNSET
    cathode: CellComponentRequest | Unset = UNSET
    electrolyte: CellComponentRequest | Unset = UNSET
    separator: CellComponentRequest | Unset = UNSET
    case: CellComponentRequest | Unset = UNSET
    source: Any | Unset = UNSET
    properties: Any | Unset = UNSET
    notes: None | str | Unset = UNSET
    project_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        form_factor: None | str | Unset
        if isinstance(self.form_factor, Unset):
            form_factor = UNSET
        else:
            form_factor = self.form_factor

        manufacturer: None | str | Unset
        if isinstance(self.manufacturer, Unset):
            manufacturer = UNSET
        else:
            manufacturer = self.manufacturer

        ratings = self.ratings

        anode: dict[str, Any] | Unset = UNSET
        if not isinstance(self.anode, Unset):
            anode = self.anode.to_dict()

        cathode: dict[str, Any] | Unset = UNSET
        if not isinstance(self.cathode, Unset):
            cathode = self.cathode.to_dict()

        electrolyte: dict[str, Any] | Unset = UNSET
        if not isinstance(self.electrolyte, Unset):
            electrolyte = self.electrolyte.to_dict()

        separator: dict[str, Any] | Unset = UNSET
        if not isinstance(self.separator, Unset):
            separator = self.separator.to_dict()

        case: dict[str, Any] | Unset = UNSET
        if not isinstance(self.case, Unset):
            case = self.case.to_dict()

        source = self.source

        properties = self.properties

        notes: None | str | Unset
        if isinstance(self.notes, Unset):
            notes = UNSET
        else:
            notes = self.notes

        project_id = self.project_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
            }
        )
        if form_factor is not UNSET:
            field_dict["form_factor"] = form_factor
        if manufacturer is not UNSET:
            field_dict["manufacturer"] = manufacturer
        if ratings is not UNSET:
            field_dict["ratings"] = ratings
        if anode is not UNSET:
            field_dict["anode"] = anode
        if cathode is not UNSET:
            field_dict["cathode"] = cathode
        if electrolyte is not UNSET:
            field_dict["electrolyte"] = electrolyte
        if separator is not UNSET:
            field_dict["separator"] = separator
        if case is not UNSET:
            field_dict["case"] = case
        if source is not UNSET:
            field_dict["source"] = source
        if properties is not UNSET:
            field_dict["properties"] = properties
        if notes is not UNSET:
            field_dict["notes"] = notes
        if project_id is not UNSET:
            field_dict["project_id"] = project_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.cell_component_request import CellComponentRequest

        d = dict(src_dict)
        name = d.pop("name")

        def _parse_form_factor(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        form_factor = _parse_form_factor(d.pop("form_factor", UNSET))

        def _parse_manufacturer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        manufacturer = _parse_manufacturer(d.pop("manufacturer", UNSET))

        ratings = d.pop("ratings", UNSET)

        _anode = d.pop("anode", UNSET)
        anode: CellComponentRequest | Unset
        if isinstance(_anode, Unset):
            anode = UNSET
        else:
            anode = CellComponentRequest.from_dict(_anode)

        _cathode = d.pop("cathode", UNSET)
        cathode: CellComponentRequest | Unset
        if isinstance(_cathode, Unset):
            cathode = UNSET
        else:
            cathode = CellComponentRequest.from_dict(_cathode)

        _electrolyte = d.pop("electrolyte", UNSET)
        electrolyte: CellComponentRequest | Unset
        if isinstance(_electrolyte, Unset):
            electrolyte = UNSET
        else:
            electrolyte = CellComponentRequest.from_dict(_electrolyte)

        _separator = d.pop("separator", UNSET)
        separator: CellComponentRequest | Unset
        if isinstance(_separator, Unset):
            separator = UNSET
        else:
            separator = CellComponentRequest.from_dict(_separator)

        _case = d.pop("case", UNSET)
        case: CellComponentRequest | Unset
        if isinstance(_case, Unset):
            case = UNSET
        else:
            case = CellComponentRequest.from_dict(_case)

        source = d.pop("source", UNSET)

        properties = d.pop("properties", UNSET)

        def _parse_notes(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        notes = _parse_notes(d.pop("notes", UNSET))

        project_id = d.pop("project_id", UNSET)

        cell_specification_request = cls(
            name=name,
            form_factor=form_factor,
            manufacturer=manufacturer,
            ratings=ratings,
            anode=anode,
            cathode=cathode,
            electrolyte=electrolyte,
            separator=separator,
            case=case,
            source=source,
            properties=properties,
            notes=notes,
            project_id=project_id,
        )

        cell_specification_request.additional_properties = d
        return cell_specification_request

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
