"""Model specifications, read from plain dictionaries."""

import math
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from attrs import field, frozen

from ionworks.doe.scalars import similar_names
from ionworks.engine.catalogue import (
    BUILT_IN,
    CIRCUIT,
    CIRCUIT_PARAMETER_SETS,
    PARAMETER_SETS,
    chemistry_parameter_set,
)
from ionworks.engine.cells.documents import Document
from ionworks.engine.cells.symbols import JsonSymbol

_QUICK_FIELDS: Final = ("type", "capacity", "chemistry", "resistance_pct")
_MODEL_FIELDS: Final = ("type", "options", "parameter_set", "parameters", "variables", "settings")
_CUSTOM_FIELDS: Final = ("chemistry", "document")
CUSTOM: Final = "custom"

ParameterValue = float | JsonSymbol


@frozen
class ModelSpecification:
    """A PyBaMM model with parameter values.

    Attributes
    ----------
    model : str
        A name of the catalogue, or ``custom``.
    options : dict
        PyBaMM model options, such as ``{"thermal": "lumped"}``.
    parameter_set : str or None
        Name of a published parameter set; None if ``parameters`` has all values.
    parameters : dict of str to float or JsonSymbol
        Values that replace the set's own, or all values.
    document : Document or None
        The equations of a custom model.
    chemistry : str
        Family of a custom model: ``lithium_ion``, ``ecm`` or ``generic``.
    variables : dict of str to str or JsonSymbol
        Variables to add to the model's own: a formula as text, or PyBaMM's JSON.
    settings : dict
        Points, submeshes and spatial methods that replace the model's own, in PyBaMM's JSON.
    """

    model: str
    # Compared and hashed by their text: a dict has no hash, and 1 == True, which are two options.
    options: dict[str, Any] = field(eq=repr)
    parameter_set: str | None
    parameters: dict[str, ParameterValue] = field(eq=repr)
    document: Document | None = None
    chemistry: str = "lithium_ion"
    variables: dict[str, str | JsonSymbol] = field(factory=dict, eq=repr)
    settings: dict[str, Any] = field(factory=dict, eq=repr)


@frozen
class QuickSpecification:
    """An equivalent circuit made from a capacity, a chemistry and a resistance.

    Attributes
    ----------
    capacity : float
        Nominal capacity [A.h].
    parameter_set : str
        The set the open-circuit voltage is derived from.
    resistance_pct : float
        Voltage drop at 1C in the steady state, as a percentage of the nominal voltage.
    """

    capacity: float
    parameter_set: str
    resistance_pct: float


Specification = ModelSpecification | QuickSpecification

DEFAULT_RESISTANCE_PCT: Final = 3.0
"""Voltage drop of a quick model at 1C [% of nominal voltage]; about that of a cylindrical cell of
5 A.h."""


def read_specification(model: Mapping[str, Any]) -> Specification:
    """Read a model specification.

    Parameters
    ----------
    model : mapping
        ``{"type": "SPMe", "options": {}, "parameter_set": ..., "parameters": {}, "variables": {},
        "settings": {}}`` for a model of the catalogue; the same with ``"type": "custom"``,
        ``"document"`` and ``"chemistry"``; or ``{"type": "quick", "capacity": ...,
        "chemistry": ..., "resistance_pct": ...}``.

    Returns
    -------
    ModelSpecification or QuickSpecification

    Raises
    ------
    ValueError
        If the type, set, chemistry or a value is not valid; the message names the valid ones.
    """
    kind = model.get("type")
    if kind == "quick":
        return _read_quick(model)
    is_custom = kind == CUSTOM
    if not isinstance(kind, str) or not (is_custom or kind in BUILT_IN):
        valid = ", ".join([*BUILT_IN, "quick"])
        raise ValueError(f"unknown model type {kind!r}; valid types: {valid}")
    _refuse_other_fields(model, (*_MODEL_FIELDS, *(_CUSTOM_FIELDS if is_custom else ())))
    return ModelSpecification(
        model=kind,
        options=_with_tuples(dict(model.get("options") or {})),
        parameter_set=_read_parameter_set(kind, model.get("parameter_set")),
        parameters={
            name: parameter_value(value, f"parameter {name!r}")
            for name, value in (model.get("parameters") or {}).items()
        },
        document=Document.of(model["document"]) if is_custom else None,
        chemistry=model.get("chemistry", "ecm" if kind == CIRCUIT else "lithium_ion"),
        variables={
            name: formula if isinstance(formula, str) else JsonSymbol.of(formula)
            for name, formula in (model.get("variables") or {}).items()
        },
        settings=dict(model.get("settings") or {}),
    )


def _read_parameter_set(kind: str, name: Any) -> str | None:
    if name is None:
        return None
    known = {CUSTOM: {**PARAMETER_SETS, **CIRCUIT_PARAMETER_SETS}, CIRCUIT: CIRCUIT_PARAMETER_SETS}
    sets = known.get(kind, PARAMETER_SETS)
    if not isinstance(name, str) or name not in sets:
        hint = similar_names(str(name), sets) or ", ".join(sets)
        raise ValueError(f"unknown parameter set {name!r} of the model {kind}: use {hint}")
    return name


def parameter_value(value: Any, what: str) -> ParameterValue:
    """Return a parameter's value: a number, or a symbol in PyBaMM's JSON.

    Raises
    ------
    ValueError
        If it is neither a number nor a JSON object; the message starts with ``what``.
    """
    return JsonSymbol.of(value) if isinstance(value, dict) else finite(value, what)


def _with_tuples(options: Any) -> Any:
    """Return options with tuples instead of lists: PyBaMM takes one value per electrode so."""
    if isinstance(options, dict):
        return {str(name): _with_tuples(value) for name, value in options.items()}
    return tuple(map(_with_tuples, options)) if isinstance(options, list | tuple) else options


def _read_quick(model: Mapping[str, Any]) -> QuickSpecification:
    _refuse_other_fields(model, _QUICK_FIELDS)
    capacity = finite(model.get("capacity", 1.0), "capacity")
    if capacity <= 0:
        raise ValueError(f"capacity is {capacity:g}: give the cell's capacity in A.h, above 0")
    given = model.get("resistance_pct")
    resistance = DEFAULT_RESISTANCE_PCT if given is None else finite(given, "resistance_pct")
    if not 0 <= resistance < 50:
        raise ValueError(
            f"resistance_pct is {resistance:g}: give the voltage drop at 1C as a percentage of "
            "the nominal voltage, from 0 to below 50"
        )
    chemistry = model.get("chemistry")
    name = "NMC/Graphite" if chemistry is None else str(chemistry)
    return QuickSpecification(capacity, chemistry_parameter_set(name), resistance)


def _refuse_other_fields(model: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in model:
        if name not in known:
            valid = ", ".join(known)
            raise ValueError(f"unknown field {name!r} of the model; valid fields: {valid}")


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a JSON value is a number; a bool of Python is an int, but not a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def finite(value: Any, what: str) -> float:
    """Return ``value`` as a finite float.

    Raises
    ------
    ValueError
        If it is not a finite number; the message starts with ``what``.
    """
    if not is_number(value):
        raise ValueError(f"{what} is {value!r}: give a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{what} is {number}: give a finite number")
    return number
