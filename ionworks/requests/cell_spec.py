"""Checks of the quantities and components of cell specifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ionworks.requests.fields import named, number, text

__all__ = ["COMPONENTS", "check_components", "check_quantities"]

COMPONENTS = ("anode", "cathode", "electrolyte", "separator", "case")
"""Components of a cell."""


def check_quantities(values: Any, where: str) -> None:
    """Check that each value is a number with a unit.

    Parameters
    ----------
    values : mapping of str to mapping
        ``{name: {"value": number, "unit": text}}``.
    where : str
        Name of the argument in messages.

    Raises
    ------
    TypeError, ValueError
        For the first value that is not; the message names it.
    """
    for name, quantity in named(values, where).items():
        place = f"{where}[{name!r}]"
        if not isinstance(quantity, Mapping) or not {"value", "unit"} <= quantity.keys():
            raise ValueError(
                f"{place} must be a number with a unit, such as {{'value': 5.0, 'unit':"
                f" 'A.h'}}, not {quantity!r}"
            )
        number(quantity["value"], f"{place}['value']")
        if not isinstance(quantity["unit"], str):
            raise TypeError(f"{place}['unit'] must be text, not {quantity['unit']!r}")


def check_components(fields: Mapping[str, Any], where: str) -> None:
    """Check those components of a cell specification that are given.

    Parameters
    ----------
    fields : mapping
        The specification; a component is ``{"properties": {name: quantity, text or number},
        "material": {"name": text, ...}}``.
    where : str
        Name of the argument in messages.

    Raises
    ------
    TypeError, ValueError
        For the first invalid value; the message names it.
    """
    for slot in COMPONENTS:
        if slot not in fields:
            continue
        place = f"{where}[{slot!r}]"
        component = named(fields[slot], place)
        if "material" in component:
            material = named(component["material"], f"{place}['material']")
            if "name" in material:
                text(material["name"], f"{place}['material']['name']")
        properties = named(component.get("properties", {}), f"{place}['properties']")
        quantities = {name: each for name, each in properties.items() if isinstance(each, Mapping)}
        check_quantities(quantities, f"{place}['properties']")
        for name in properties.keys() - quantities.keys():
            if not isinstance(properties[name], str):
                number(properties[name], f"{place}['properties'][{name!r}]")
