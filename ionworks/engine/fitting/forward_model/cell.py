"""Cells with the parameter values of a pipeline: given, calculated and fitted."""

from collections.abc import Hashable, Mapping
from copy import copy
from functools import cache, cached_property
from typing import Any, Final

from ionworks.doe.scalars import nearest
from ionworks.engine.catalogue import MODELS, PARAMETER_SETS
from ionworks.engine.cells.cell import INITIAL_TEMPERATURE, Cell
from ionworks.engine.cells.initial_state import (
    NEGATIVE_CONCENTRATION,
    POSITIVE_CONCENTRATION,
    Stoichiometries,
    balance_symbols,
)
from ionworks.engine.cells.lithium_ion import geometric_parameters
from ionworks.engine.cells.options import checked_options
from ionworks.engine.cells.parameterization import numbers
from ionworks.engine.cells.symbols import JsonFunction
from ionworks.engine.fitting.fields import known_fields
from ionworks.engine.pybamm_setup import input_names, pybamm

DEFAULT_MODEL: Final = "SPM"
DEFAULT_SET: Final = "Chen2020"

_FIELDS: Final = ("type", "module", "options", "parameter_set", "parameters", "simulation_settings")
_PYBAMM: Final = "pybamm."


_KEPT: Final = 4
_REFERENCES: Final[dict[tuple[str, str], Any]] = {}
"""The last models that were built only to be read, by name and options."""


class FittingCell(Cell):
    """A lithium-ion cell with the parameter values of a pipeline.

    Parameters
    ----------
    model : str
        ``SPM``, ``SPMe`` or ``DFN``.
    options : mapping
        PyBaMM model options.
    values : pybamm.ParameterValues
        All parameter values; not changed.
    """

    key: Hashable = None
    state_names = (NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION)
    temperature_variable = "Volume-averaged cell temperature [C]"

    def __init__(self, model: str, options: Mapping[str, Any], values: Any) -> None:
        self.model = model
        self.options = dict(options)
        self.values = values
        self.scalars = numbers(values)
        self.fixed_inputs = {}
        self.geometric = geometric_parameters(self.discretisation(self.reference))

    @cached_property
    def reference(self) -> Any:
        """A model that is read and never changed; building one takes as long as many solves."""
        key = (self.model, repr(sorted(self.options.items())))
        if key not in _REFERENCES:
            while len(_REFERENCES) >= _KEPT:
                del _REFERENCES[next(iter(_REFERENCES))]
            _REFERENCES[key] = self.new_model()
        return _REFERENCES[key]

    def new_model(self) -> Any:
        """Return a new PyBaMM model, without throughput variables, which makes it faster."""
        return getattr(pybamm.lithium_ion, self.model)(dict(self.options))

    def with_option(self, name: str, value: Any) -> "FittingCell":
        """Return the cell with another model option."""
        return FittingCell(self.model, {**self.options, name: value}, self.values)

    def with_numbers(self, numbers: Mapping[str, float]) -> "FittingCell":
        """Return the cell with some parameters as numbers; none of them may change the geometry."""
        cell = copy(self)
        cell.values = self.values.copy()
        cell.values.update(numbers)
        return cell

    def initial_states(self, names: tuple[str, ...]) -> Stoichiometries:
        """Return the solver of initial concentrations with ``names`` as inputs."""
        return Stoichiometries(self.reference.param, self.values, self.scalars, names)

    def balance_parameters(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the parameters that change the balance of the electrodes, out of some."""
        own = self.values.copy()
        own.update(dict.fromkeys((*names, INITIAL_TEMPERATURE), "[input]"))
        parts = balance_symbols(self.reference.param)
        found = input_names(own.process_symbol(part) for part in parts)
        return tuple(name for name in names if name in found)


def read_model(given: Any) -> tuple[str, dict[str, Any], str | None, dict[str, Any]]:
    """Read a model specification.

    Parameters
    ----------
    given : str or mapping
        ``{"type": "SPM", "options": {...}}``, with ``parameter_set`` and ``parameters`` where it
        is a parameterized model, or only the name.

    Returns
    -------
    tuple
        Name, options, parameter set (None if it names none) and parameters.

    Raises
    ------
    ValueError
        If the engine has no such model.
    """
    if isinstance(given, str):
        given = {"type": given}
    if not isinstance(given, Mapping):
        raise ValueError(f"the model is {given!r}: give a mapping with a type, such as 'SPM'")
    kind = given.get("type")
    if kind == "custom":
        raise ValueError(
            "custom models are not fitted by the embedded engine: use " + ", ".join(MODELS)
        )
    if kind not in MODELS:
        raise ValueError(f"unknown model type {kind!r}: use one of {', '.join(MODELS)}")
    known_fields(given, _FIELDS, "the model")
    if given.get("simulation_settings"):
        raise ValueError("the model's 'simulation_settings' are not supported: leave them out")
    if given.get("module") not in {None, "lithium_ion"}:
        raise ValueError(f"the model's module is {given['module']!r}: only lithium_ion is built")
    parameter_set = given.get("parameter_set")
    if parameter_set is not None:
        check_parameter_set(parameter_set)
    return (
        kind,
        checked_options(_changed_options(kind, given.get("options") or {})),
        parameter_set,
        dict(given.get("parameters") or {}),
    )


def check_parameter_set(name: Any) -> None:
    """Raise ValueError unless a parameter set is one of the catalogue's."""
    if name not in PARAMETER_SETS:
        valid = ", ".join(PARAMETER_SETS)
        raise ValueError(
            f"unknown parameter set {name!r}{nearest(name, PARAMETER_SETS)}; valid sets: {valid}"
        )


def _changed_options(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that differ from the model's defaults; PyBaMM writes out all options."""
    own = _own_options(kind)
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in options.items()
        if not (name in own and _same(own[name], value))
    }


@cache
def _own_options(kind: str) -> dict[str, Any]:
    return dict(getattr(pybamm.lithium_ion, kind)(build=False).options)


def _same(own: Any, given: Any) -> bool:
    return bool(own == (tuple(given) if isinstance(given, list) else given))


def parameter_value(given: Any, where: str) -> Any:
    """Return a parameter value from its wire form: plain JSON, or a PyBaMM expression.

    Raises
    ------
    ValueError
        If it is null or not an expression.
    """
    if given is None:
        raise ValueError(f"{where} is null: leave it out, or give its value")
    if isinstance(given, bool | str | list):
        return given
    if isinstance(given, int | float):
        return float(given)
    if not isinstance(given, Mapping):
        raise ValueError(f"{where} is {given!r}: give a number, text or a PyBaMM expression")
    _check_expression(given, where)
    try:
        found = next(iter(pybamm.ParameterValues.from_json({"value": dict(given)}).values()))
    except Exception as error:
        # PyBaMM's decoder fails in as many ways as there are malformed expressions.
        raise ValueError(f"{where} is not a PyBaMM expression: {error}") from error
    return JsonFunction(found) if isinstance(found, pybamm.ExpressionFunctionParameter) else found


def wire_value(value: Any) -> Any:
    """Return a PyBaMM expression or function in its wire form."""
    return pybamm.ParameterValues({"value": value}).to_json()["value"]


def _check_expression(node: Any, where: str) -> None:
    """Raise ValueError for expressions that would load other classes than PyBaMM's."""
    if isinstance(node, Mapping):
        kind = node.get("$type", node.get("py/object"))
        if kind is not None and not str(kind).startswith((_PYBAMM, "numpy.", "builtins.tuple")):
            raise ValueError(f"{where} names {kind!r}, which is not part of PyBaMM")
        for part in node.values():
            _check_expression(part, where)
    elif isinstance(node, list):
        for part in node:
            _check_expression(part, where)
