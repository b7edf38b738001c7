"""Parameter values of a cell: a published set with changes, or a complete map.

Numbers that replace those of a set can be inputs of a model that all such cells share. Values that
change the equations, such as functions, are part of the model.
"""

from collections.abc import Hashable, Mapping
from typing import Any, Final

from attrs import frozen

from ionworks.engine.cells.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    LOWER_CUTOFF,
    NOMINAL_CAPACITY,
    PROTOCOL_PARAMETERS,
    UPPER_CUTOFF,
    Cell,
)
from ionworks.engine.cells.plausibility import refuse_impossible
from ionworks.engine.cells.specification import (
    ModelSpecification,
    ParameterValue,
    is_number,
)
from ionworks.engine.cells.symbols import JsonFunction, JsonSymbol, load_symbol
from ionworks.engine.names import unknown_parameter
from ionworks.engine.pybamm_setup import json_values, pybamm

FEW_OVERRIDES: Final = 16
"""Up to this many overrides are inputs of a shared model. With more, the cell gets its own model
and all its values are constants: a model with all scalars as inputs solves at half the speed."""

_NEVER_INPUTS: Final = ("Reference temperature [K]",)
_NEEDED: Final = (NOMINAL_CAPACITY, LOWER_CUTOFF, UPPER_CUTOFF)


@frozen
class Parameterization:
    """Parameter values, and which of them are inputs of the built model.

    Attributes
    ----------
    values : pybamm.ParameterValues
        What models are built with.
    inputs : dict of str to float
        Numbers that are inputs of the built model rather than part of it.
    scalars : dict of str to float
        Every number, inputs included.
    key : hashable
        Equal for parameterizations that share built models.
    changed : tuple of str
        Names of the values that are not those of a published set.
    """

    values: Any
    inputs: dict[str, float]
    scalars: dict[str, float]
    key: Hashable
    changed: tuple[str, ...]


class ParameterizedCell(Cell):
    """A cell whose parameter values a specification gives."""

    def set_parameters(
        self, specification: ModelSpecification, found: Parameterization, *identity: Hashable
    ) -> None:
        """Set the parameter values and the key.

        Parameters
        ----------
        specification : ModelSpecification
            The specification of the cell.
        found : Parameterization
            Its parameter values.
        *identity : hashable
            Further values that differ between cells that cannot share built models.
        """
        self.values = found.values
        self.fixed_inputs = found.inputs
        self.scalars = found.scalars
        self.changed = found.changed
        self.overrides = found.changed if specification.parameter_set is not None else ()
        added = (repr(specification.variables), repr(specification.settings))
        self.key = (*identity, found.key, *added)


def parameterize(
    specification: ModelSpecification, fixed: frozenset[str], *, size_distribution: bool = False
) -> Parameterization:
    """Return the parameter values of a specification.

    Parameters
    ----------
    specification : ModelSpecification
        The set, and the values that replace its own or are the only ones.
    fixed : frozenset of str
        Names that cannot be inputs.
    size_distribution : bool
        Whether the particles have a distribution of sizes. Published sets give only the mean, so
        PyBaMM's log-normal distribution is added.

    Raises
    ------
    ValueError
        If a name is not in the set, a value cannot be read or is impossible, or a value every cell
        needs is missing.
    """
    own = _published(specification.parameter_set, size_distribution)
    given = specification.parameters
    if specification.parameter_set is not None:
        given = _changes(given, own, specification.parameter_set)
    temperatures = _temperatures(specification.parameters)
    own.update(temperatures, check_already_exists=False)
    inputs = _inputs(specification, given, own, fixed)
    built_in = {name: value for name, value in given.items() if name not in inputs}
    try:
        own.update({name: _loaded(name, value) for name, value in built_in.items()})
    except (KeyError, TypeError) as error:
        raise ValueError(f"parameters: {error}") from None
    scalars = numbers(own) | inputs
    if missing := [name for name in _NEEDED if name not in scalars]:
        raise ValueError(
            f"parameters: {' and '.join(map(repr, missing))} must be given as numbers: a run "
            "needs the capacity and the voltage limits of its cell"
        )
    refuse_impossible(scalars, given, "parameters")
    key = (
        specification.parameter_set,
        size_distribution,
        tuple(sorted((name, _identity(value)) for name, value in built_in.items())),
    )
    return Parameterization(own, inputs, scalars, key, tuple(given))


def numbers(values: Any) -> dict[str, float]:
    """Return the parameter values that are plain numbers."""
    return {name: float(value) for name, value in values.items() if is_number(value)}


def as_json(values: Any, inputs: Mapping[str, float]) -> dict[str, Any]:
    """Return parameter values in the JSON that ``pybamm.ParameterValues.from_json`` reads.

    Parameters
    ----------
    values : pybamm.ParameterValues
        The values.
    inputs : mapping of str to float
        Numbers that replace some of them.
    """
    serialise = pybamm.parameters.parameter_values.serialize_parameter_value
    found = {}
    for name, value in values.items():
        if name in inputs:
            found[name] = inputs[name]
        elif is_number(value):
            found[name] = float(value)
        elif callable(value) or isinstance(value, pybamm.Symbol):
            found[name] = json_values(serialise(name, value))
    return found


def _published(name: str | None, size_distribution: bool) -> Any:
    if name is None:
        return pybamm.ParameterValues({})
    values = pybamm.ParameterValues(name)
    return pybamm.get_size_distribution_parameters(values) if size_distribution else values


def _changes(
    given: Mapping[str, ParameterValue], own: Any, parameter_set: str
) -> dict[str, ParameterValue]:
    """Return the values that differ from those of the set, after checking their names."""
    changes = {}
    for name, value in given.items():
        if name in PROTOCOL_PARAMETERS:
            # Complete copies of a set include these, but they are inputs of every run.
            continue
        if name not in own:
            raise ValueError(unknown_parameter(name, list(own), parameter_set))
        if not isinstance(own[name], int | float) or own[name] != value:
            changes[name] = value
    return changes


def _temperatures(given: Mapping[str, ParameterValue]) -> dict[str, float]:
    """Return the temperatures that runs have whose protocol sets none.

    They are inputs of every run, never part of a built model.
    """
    found = {}
    for name in (INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE):
        value = given.get(name)
        if isinstance(value, JsonSymbol):
            raise ValueError(
                f"parameter {name!r} is a function, but a run needs a number: change the "
                "temperature by the steps of the protocol"
            )
        if value is not None:
            found[name] = float(value)
    return found


def _inputs(
    specification: ModelSpecification,
    given: Mapping[str, ParameterValue],
    own: Any,
    fixed: frozenset[str],
) -> dict[str, float]:
    if specification.parameter_set is None or len(given) > FEW_OVERRIDES:
        return {}
    return {
        name: value
        for name, value in given.items()
        if not isinstance(value, JsonSymbol)
        and isinstance(own[name], int | float)
        and name not in fixed
        and name not in _NEVER_INPUTS
    }


def _loaded(name: str, value: ParameterValue) -> Any:
    if not isinstance(value, JsonSymbol):
        return value
    symbol = load_symbol(value.content, f"parameter {name!r}")
    is_function = isinstance(symbol, pybamm.ExpressionFunctionParameter)
    return JsonFunction(symbol) if is_function else symbol


def _identity(value: ParameterValue) -> float | str:
    return value.digest if isinstance(value, JsonSymbol) else value
