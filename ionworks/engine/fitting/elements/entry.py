"""The ``entry`` element: parameter values, a model and data."""

from collections.abc import Mapping
from typing import Any, Final

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE
from ionworks.engine.cells.plausibility import impossible, unusual
from ionworks.engine.cells.specification import finite, is_number
from ionworks.engine.fitting.fields import Issues
from ionworks.engine.fitting.forward_model.cell import (
    check_parameter_set,
    parameter_value,
    read_model,
)
from ionworks.engine.fitting.parameters.names import (
    INITIAL_SOC_PERCENT,
    INITIAL_VOLTAGE,
    parameter_values,
)
from ionworks.engine.fitting.state import State

FIELDS: Final = ("values", "parameters", "source", "provenance", "name", "type")
_TYPES: Final = (None, "entry", "DirectEntry")
_RESERVED: Final = ("model", "data", "parameter_set")

_NEEDS_STORE: Final = ("pipeline_id", "cell_spec_id", "keep", "mapping")

_NUMBERS: Final[dict[str, str]] = {
    "InitialStateOfCharge": INITIAL_SOC_PERCENT,
    "InitialTemperature": INITIAL_TEMPERATURE,
    "InitialVoltage": INITIAL_VOLTAGE,
}

_ZERO_ENTROPIC: Final = tuple(
    f"{electrode} electrode OCP entropic change [V.K-1]" for electrode in ("Negative", "Positive")
)

RECIPES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_NUMBERS, ("value",)),
    "temperatures": ("T",),
    "bruggeman": ("electrode", "electrolyte"),
    "zero_entropic_change": (),
}
"""Named entries that are built -> their fields."""


def read_entry(name: str, element: Mapping[str, Any], state: State, issues: Issues) -> Any:
    """Read an entry, and make its values, model and data known to later elements.

    Returns
    -------
    dict or None
        The parameter values as they were given; None if there are errors.
    """
    given = {**_read_values(element, issues), **(issues.read(_recipe, element) or {})}
    read = {key: issues.read(_read_value, key, value) for key, value in given.items()}
    parameters = {key: value for key, value in given.items() if key not in _RESERVED}
    if issues.messages:
        return None
    found = issues.read(parameter_values, parameters, "values")
    if found is None:
        return None
    values, notes = found
    for sentence in notes:
        state.note(sentence)
    state.sources |= {f"{name}.{key}": value for key, value in given.items()}
    state.model = given.get("model", state.model)
    state.parameter_set = given.get("parameter_set", state.parameter_set)
    own, _ = parameter_values({key: read[key] for key in parameters}, "values")
    for key, value in own.items():
        if is_number(value) and (doubt := unusual(key, value)):
            state.note(doubt)
    state.values |= own
    state.give({**{key: given[key] for key in _RESERVED if key in given}, **own})
    return values


def _read_values(element: Mapping[str, Any], issues: Issues) -> Mapping[str, Any]:
    """Return the explicit values of an entry, without those of a named entry."""
    recipe = element.get("name")
    if element.get("type") not in (*_TYPES, recipe):
        issues.add(f"type: {element['type']!r} is not supported; give values, or a name")
        return {}
    if element.get("values") is not None and element.get("parameters") is not None:
        issues.add("values and parameters are the same thing: give only one")
        return {}
    fields = (*FIELDS, *(RECIPES.get(recipe, ()) if isinstance(recipe, str) else ()))
    for field, value in element.items():
        if field in {"element_type", *fields} or value is None:
            continue
        if field in _NEEDS_STORE:
            issues.add(f"{field!r} cannot be resolved here; give 'values'")
        elif field == "path":
            issues.add(f"the field {field!r} of an entry is not supported; give 'values'")
        else:
            issues.add(f"unknown field {field!r}; use values")
    values = element.get("values", element.get("parameters"))
    if values is None and recipe is None:
        issues.add("values are missing")
    if values is not None and not isinstance(values, Mapping):
        issues.add(f"values is {values!r}: give a mapping of names to values")
        return {}
    return values or {}


def _read_value(name: str, value: Any) -> Any:
    if value is None:
        raise ValueError(f"values: {name!r} is null: leave it out, or give its value")
    if name == "model":
        return read_model(value)
    if name == "parameter_set":
        return check_parameter_set(value)
    if name == "data":
        return value
    found = parameter_value(value, f"values: {name!r}")
    if is_number(found) and (problem := impossible(name, found)):
        raise ValueError(f"values: {problem}")
    return found


def _recipe(element: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a named entry."""
    recipe = element.get("name")
    if recipe is None:
        return {}
    if not isinstance(recipe, str) or recipe not in RECIPES:
        raise ValueError(f"name: the entry {recipe!r} is not supported; use {', '.join(RECIPES)}")
    if recipe in _NUMBERS:
        return {_NUMBERS[recipe]: finite(element.get("value"), "value")}
    if recipe == "temperatures":
        temperature = element.get("T")
        kelvin = 298.15 if temperature is None else finite(temperature, "T")
        names = (AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, "Reference temperature [K]")
        return dict.fromkeys(names, kelvin)
    if recipe == "bruggeman":
        return _bruggeman(element)
    return dict.fromkeys(_ZERO_ENTROPIC, 0.0)


def _bruggeman(element: Mapping[str, Any]) -> dict[str, float]:
    exponents = {"electrode": 0.0, "electrolyte": 1.5}
    for phase in exponents:
        if element.get(phase) is not None:
            exponents[phase] = finite(element[phase], phase)
    return {
        **{
            f"{side} electrode Bruggeman coefficient ({phase})": exponent
            for side in ("Negative", "Positive")
            for phase, exponent in exponents.items()
        },
        "Separator Bruggeman coefficient (electrolyte)": exponents["electrolyte"],
    }
