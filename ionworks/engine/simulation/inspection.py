"""Inspection of a model before any run: variables, parameters, values, and a smoke test."""

from collections.abc import Mapping
from typing import Any, Final

from ionworks.doe.scalars import nearest
from ionworks.engine.catalogue import BUILT_IN, CIRCUIT
from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, Cell, is_scalar
from ionworks.engine.cells.circuit import checked_circuit_options, circuit_model
from ionworks.engine.cells.custom import CustomModel
from ionworks.engine.cells.discretisation import Discretisation, read_settings
from ionworks.engine.cells.documents import storable
from ionworks.engine.cells.formulas import add_variables
from ionworks.engine.cells.lithium_ion import lithium_ion_model
from ionworks.engine.cells.options import checked_options
from ionworks.engine.cells.parameter_checks import refuse_impossible_functions
from ionworks.engine.cells.parameterization import as_json
from ionworks.engine.cells.registry import open_cell
from ionworks.engine.cells.specification import (
    CUSTOM,
    ModelSpecification,
    QuickSpecification,
    read_specification,
)
from ionworks.engine.names import COLUMNS
from ionworks.engine.pybamm_setup import json_values, model_parameters, pybamm
from ionworks.engine.simulation.api import simulate

_SMOKE_TEST: Final = """
steps:
  - Rest: {duration: 1}
  - Discharge: {mode: C-rate, value: 0.05, ends: ["Time > 1"]}
  - Discharge: {mode: Voltage, value: Voltage, ends: ["Time > 1"]}
"""
"""The two models any protocol needs: current given, and current solved for."""

_SET_BY_RUNS: Final = ("Current function [A]", AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE)


def inspect_model(model: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a model that has no parameter values yet.

    Parameters
    ----------
    model : mapping
        A model specification; its parameter values are ignored.

    Returns
    -------
    dict
        ``name``, ``variables`` (names), ``parameters`` (names of those in its equations), and for
        a custom model ``document``, in the form in which it is stored.

    Raises
    ------
    ValueError
        If it cannot be built, or the engine cannot run such a model.
    """
    specification = read_specification({**model, "parameters": {}})
    if isinstance(specification, QuickSpecification):
        raise ValueError("a quick model includes its parameter values: use describe")
    symbols, discretisation = _symbols(specification)
    for name in specification.variables:
        if name in COLUMNS:
            raise ValueError(f"the variable {name!r} is named as a result column: rename it")
    add_variables(symbols, specification.variables)
    for name in specification.variables:
        if not is_scalar(symbols.variables[name]):
            raise ValueError(
                f"the variable {name!r} varies in space, but a result has one number per time: "
                "use x_average(...), r_average(...), surface(...), left(...) or right(...)"
            )
    discretisation.replaced(read_settings(specification.settings))
    found = {
        "name": symbols.name,
        "variables": sorted(symbols.variables),
        "parameters": sorted(model_parameters(symbols)),
    }
    if specification.document is not None:
        found["document"] = storable(specification.document)
    return found


def parameter_values(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return all parameter values of a model.

    Parameters
    ----------
    model : mapping
        A model specification.

    Returns
    -------
    dict
        Name -> number, or a function as JSON, for ``pybamm.ParameterValues.from_json``.
    """
    cell = open_cell(model)
    return as_json(cell.values, cell.fixed_inputs)


def smoke_test(model: Mapping[str, Any]) -> None:
    """Build a model with its parameter values and run it for three seconds.

    Parameters
    ----------
    model : mapping
        A model specification.

    Raises
    ------
    ValueError
        If a parameter is missing or impossible, or the model fails at a given current or at
        constant voltage.
    """
    cell = open_cell(model)
    _refuse_missing_parameters(cell)
    refuse_impossible_functions(cell)
    try:
        [outcome] = simulate(model, _SMOKE_TEST, [{"id": "smoke test"}])
    except Exception as error:
        raise ValueError(f"the model cannot be built: {_first_line(str(error))}") from error
    if outcome.error is not None:
        raise ValueError(
            "the model does not run. A smoke test of 1 s of rest, 1 s at C/20 and 1 s at constant "
            f"voltage failed: {_first_line(outcome.error)}"
        )


def serialise(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a built-in model as a document.

    Raises
    ------
    ValueError
        If there is no such model, or it does not support these options.
    """
    specification = read_specification({"type": kind, "options": dict(options)})
    if not isinstance(specification, ModelSpecification) or kind not in BUILT_IN:
        raise ValueError(f"unknown model {kind!r}; valid models: {', '.join(BUILT_IN)}")
    if kind == CIRCUIT:
        checked = checked_circuit_options(specification.options)
        model = pybamm.equivalent_circuit.Thevenin(options=checked)
    else:
        checked_options(specification.options)
        model = getattr(pybamm.lithium_ion, kind)(dict(specification.options))
    document: dict[str, Any] = json_values(model.to_json())
    return document


def _symbols(specification: ModelSpecification) -> tuple[Any, Discretisation]:
    """Return a model, and its discretisation."""
    if specification.model == CUSTOM:
        if specification.document is None:
            raise ValueError("a custom model needs a document")
        custom = CustomModel(specification.document, specification.chemistry)
        return custom.model, custom.discretisation
    if specification.model == CIRCUIT:
        model = circuit_model(checked_circuit_options(specification.options))
    else:
        model = lithium_ion_model(specification.model, checked_options(specification.options))
    return model, Discretisation.of(model)


def _refuse_missing_parameters(cell: Cell) -> None:
    model = cell.new_model()
    known = [*cell.values, *_SET_BY_RUNS]
    missing = sorted(name for name in model_parameters(model) if name not in known)
    if missing:
        named = ", ".join(f"{name!r}{nearest(name, cell.values)}" for name in missing[:10])
        more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        raise ValueError(f"the model needs parameters that have no value: {named}{more}")


def _first_line(message: str) -> str:
    """Return the first line of an error; PyBaMM and CasADi append dumps of expressions."""
    said = message.strip().splitlines() or ["no reason was given"]
    return said[0] if len(said[0]) < 300 else f"{said[0][:300]} ..."
