"""The two kinds of model specification, read from plain dictionaries."""

import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from attrs import frozen

from ionworks.local.engine.catalogue import MODELS, PARAMETER_SETS, chemistry_parameter_set

_QUICK_FIELDS: Final = ("type", "capacity", "chemistry", "resistance_pct")
_MODEL_FIELDS: Final = ("type", "options", "parameter_set", "parameters")


@frozen
class PhysicsSpecification:
    """A physics-based model with a published parameter set.

    Attributes
    ----------
    model : str
        ``SPM``, ``SPMe`` or ``DFN``.
    options : dict
        PyBaMM model options, such as ``{"thermal": "lumped"}``.
    parameter_set : str
        Name of a published parameter set.
    parameters : dict of str to float
        Values that replace the set's own.
    """

    model: str
    options: dict[str, Any]
    parameter_set: str
    parameters: dict[str, float]


@frozen
class QuickSpecification:
    """An equivalent circuit known by little more than its capacity.

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


Specification = PhysicsSpecification | QuickSpecification

DEFAULT_RESISTANCE_PCT: Final = 3.0
"""Drop of a quick model at 1C [% of nominal voltage]; about that of a 5 A.h cylindrical cell."""


def read_specification(model: Mapping[str, Any]) -> Specification:
    """Read a model specification.

    Parameters
    ----------
    model : mapping
        ``{"type": "SPM" | "SPMe" | "DFN", "options": {}, "parameter_set": ..., "parameters": {}}``
        or ``{"type": "quick", "capacity": ..., "chemistry": ..., "resistance_pct": ...}``.

    Returns
    -------
    PhysicsSpecification or QuickSpecification

    Raises
    ------
    ValueError
        If the type, set, chemistry or a number is not usable; the message names the valid ones.
    """
    kind = model.get("type")
    if kind == "quick":
        return _read_quick(model)
    if not isinstance(kind, str) or kind not in MODELS:
        valid = ", ".join([*MODELS, "quick"])
        raise ValueError(f"unknown model type {kind!r}: use one of {valid}")
    _refuse_other_fields(model, _MODEL_FIELDS)
    parameter_set = model.get("parameter_set")
    if not isinstance(parameter_set, str) or parameter_set not in PARAMETER_SETS:
        hint = nearest(str(parameter_set), PARAMETER_SETS) or ", ".join(PARAMETER_SETS)
        raise ValueError(f"unknown parameter set {parameter_set!r}: use {hint}")
    parameters = {
        name: finite(value, f"parameter {name!r}")
        for name, value in (model.get("parameters") or {}).items()
    }
    options = {str(name): value for name, value in (model.get("options") or {}).items()}
    return PhysicsSpecification(kind, options, parameter_set, parameters)


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
            raise ValueError(f"unknown field {name!r} of the model: use {valid}")


def finite(value: Any, what: str) -> float:
    """Return ``value`` as a finite float.

    Raises
    ------
    ValueError
        If it is not a number, or not a finite one; the message starts with ``what``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{what} is {value!r}: give a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{what} is {number}: give a finite number")
    return number


def nearest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """Name up to three known spellings close to ``name``, quoted and joined by "or"."""
    spellings = {spelling.lower(): spelling for spelling in known}
    close = get_close_matches(name.lower(), spellings, n=3, cutoff=0.5)
    return " or ".join(repr(spellings[match]) for match in close)
