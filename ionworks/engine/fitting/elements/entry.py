"""The ``entry`` element: parameters, a model and data given as they are."""

from collections.abc import Mapping
from typing import Any, Final

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE
from ionworks.engine.cells.specification import finite
from ionworks.engine.fitting.forward_model.cell import (
    check_parameter_set,
    parameter_value,
    read_model,
)
from ionworks.engine.fitting.parameters.names import INITIAL_SOC, INITIAL_VOLTAGE, renamed
from ionworks.engine.fitting.state import State

FIELDS: Final = ("values", "parameters", "source", "provenance", "name", "type")
_TYPES: Final = (None, "entry", "DirectEntry")
_RESERVED: Final = ("model", "data", "parameter_set")

_NEEDS_STORE: Final = ("pipeline_id", "cell_spec_id", "keep", "mapping")

_NUMBERS: Final[dict[str, str]] = {
    "InitialStateOfCharge": INITIAL_SOC,
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
"""The named entries that are built, and their fields."""


def entry_problems(element: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an entry."""
    recipe = element.get("name")
    if element.get("type") not in (*_TYPES, recipe):
        return [f"type: {element['type']!r} is not built; give values, or a name"]
    if element.get("values") is not None and element.get("parameters") is not None:
        return ["values and parameters are the same thing: give only one"]
    fields = (*FIELDS, *(RECIPES.get(recipe, ()) if isinstance(recipe, str) else ()))
    problems = [
        f"{field!r} cannot be resolved here; give 'values'"
        if field in _NEEDS_STORE
        else f"the field {field!r} of an entry is not built"
        if field == "path"
        else f"unknown field {field!r}; use values"
        for field, value in element.items()
        if field not in {"element_type", *fields} and value is not None
    ]
    if recipe is not None and recipe not in RECIPES:
        problems.append(f"name: the entry {recipe!r} is not built; use {', '.join(RECIPES)}")
    values = element.get("values", element.get("parameters"))
    if values is None and recipe is None:
        return [*problems, "values are missing"]
    if values is not None and not isinstance(values, Mapping):
        return [*problems, f"values is {values!r}: give a mapping of names to values"]
    for name, value in (values or {}).items():
        try:
            _check_value(name, value)
        except ValueError as error:
            problems.append(str(error))
    return problems


def _check_value(name: str, value: Any) -> None:
    if value is None:
        raise ValueError(f"values: {name!r} is null: leave it out, or give its value")
    if name == "model":
        read_model(value)
    elif name == "parameter_set":
        check_parameter_set(value)
    elif name != "data":
        parameter_value(value, f"values: {name!r}")


def apply_entry(name: str, element: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Take up an entry.

    Returns
    -------
    dict
        The parameter values it gives, as they were given.

    Raises
    ------
    ValueError
        If it is not usable.
    """
    problems = entry_problems(element)
    if problems:
        raise ValueError("; ".join(problems))
    given = {**(element.get("values", element.get("parameters")) or {}), **_recipe(element)}
    state.sources |= {f"{name}.{key}": value for key, value in given.items()}
    if "model" in given:
        state.model = given["model"]
    if "parameter_set" in given:
        state.parameter_set = given["parameter_set"]
    values, notes = renamed({key: value for key, value in given.items() if key not in _RESERVED})
    for sentence in notes:
        state.note(sentence)
    for key, value in values.items():
        state.values[key] = parameter_value(value, f"values: {key!r}")
    return values


def _recipe(element: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values a named entry stands for."""
    recipe = element.get("name")
    if recipe is None:
        return {}
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
