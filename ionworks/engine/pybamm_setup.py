"""PyBaMM as the engine uses it: without telemetry and log messages.

What depends on internals of PyBaMM, which may change with any release, is in this module.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from math import nan
from typing import Any, Final

# PyBaMM reads the variable while it is imported.
os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

import casadi
import numpy as np
import pybamm

from ionworks.engine.arrays import Floats

__all__ = [
    "compile_first_value",
    "compile_function",
    "input_names",
    "json_values",
    "model_parameters",
    "on_columns",
    "parameter_names",
    "pybamm",
    "state_slices",
    "with_inputs",
]

_CONVERGED: Final = 1e-6
"""Largest residual of algebraic equations that hold. Those of PyBaMM are scaled: before Newton's
method they are of the order of 0.1 to 1, after it of 1e-10."""

# Failed solves are reported as outcomes of runs; PyBaMM would also log each of them.
pybamm.set_logging_level("CRITICAL")


def compile_function(
    expressions: Sequence[Any], names: Sequence[str]
) -> Callable[[Floats], list[Floats]]:
    """Compile processed expressions of inputs to one vectorised function.

    Parameters
    ----------
    expressions : sequence of pybamm.Symbol
        Expressions with parameter values, whose only unknowns are the inputs.
    names : sequence of str
        The inputs, in the order of the rows the function takes.

    Returns
    -------
    callable
        Takes an array of shape (inputs, runs), returns one array (size, runs) per expression.
    """
    stacked = casadi.MX.sym("inputs", len(names))
    symbols = {name: stacked[row] for row, name in enumerate(names)}
    outputs = [casadi.MX(part.to_casadi(inputs=symbols)) for part in expressions]
    return _mapped(stacked, [casadi.densify(part) for part in outputs])


def compile_first_value(
    model: Any, variable: str, names: Sequence[str]
) -> Callable[[Floats], list[Floats]]:
    """Compile the value of a model variable at time 0.

    Differential states have their initial values. Algebraic states are solved for by Newton's
    method, so that the variable responds to the current at once, as in the solution of the model.

    Parameters
    ----------
    model : pybamm.BaseModel
        Discretised.
    variable : str
    names : sequence of str
        The inputs, in the order of the rows the function takes.

    Returns
    -------
    callable
        Takes an array of shape (inputs, runs), returns a list of one array (1, runs), with NaN
        where Newton's method does not converge.
    """
    stacked = casadi.MX.sym("inputs", len(names))
    symbols = {name: stacked[row] for row, name in enumerate(names)}
    first = model.concatenated_initial_conditions.to_casadi(inputs=symbols)
    state = casadi.densify(casadi.MX(first))
    converged: Any = True
    if model.len_alg:
        initial, guess = casadi.vertsplit(state, [0, model.len_rhs, model.len_rhs + model.len_alg])
        algebraic = casadi.MX.sym("algebraic", model.len_alg)
        residual = model.concatenated_algebraic.to_casadi(
            t=0.0, y=casadi.vertcat(initial, algebraic), inputs=symbols
        )
        equations = _expanded(casadi.Function("equations", [algebraic, stacked], [residual]))
        options: Any = {"error_on_fail": False, "show_eval_warnings": False, "linear_solver": "qr"}
        solved = casadi.rootfinder("consistent", "newton", equations, options)(guess, stacked)
        state = casadi.vertcat(initial, solved)
        converged = casadi.norm_inf(equations(solved, stacked)) < _CONVERGED
    value = model.get_processed_variable(variable).to_casadi(t=0.0, y=state, inputs=symbols)
    return _mapped(stacked, [casadi.if_else(converged, casadi.densify(value), nan)])


def _mapped(inputs: Any, outputs: Sequence[Any]) -> Callable[[Floats], list[Floats]]:
    """Return a function of arrays (inputs, runs) for outputs that are given for one run."""
    return on_columns(_expanded(casadi.Function("compiled", [inputs], list(outputs))))


def _expanded(function: Any) -> Any:
    """Return a function of scalars, which CasADi evaluates without an overhead per operation."""
    with suppress(RuntimeError):
        # CasADi raises this for a function with an interpolation table or a rootfinder.
        return function.expand()
    return function


def on_columns(function: Any) -> Callable[..., list[Floats]]:
    """Return a CasADi function of columns as one of arrays, in which every column is a run.

    CasADi reads and writes the memory of the arrays: conversions to its own matrices take longer
    than most of the functions.

    Parameters
    ----------
    function : casadi.Function
        Its arguments and values are columns.

    Returns
    -------
    callable
        Takes arrays of shape (size, runs), one per argument, returns one such array per value.
    """
    if not all(function.sparsity_out(place).is_dense() for place in range(function.n_out())):
        # CasADi would leave out what is always zero.
        symbols = function.mx_in()
        values = [casadi.densify(each) for each in function.call(symbols)]
        function = casadi.Function("dense", symbols, values)

    @lru_cache(maxsize=8)
    def mapped(runs: int) -> Any:
        return function.map(runs)

    def evaluate(*arguments: Floats) -> list[Floats]:
        called = mapped(arguments[0].shape[1])
        buffer, call = called.buffer()
        # CasADi stores matrices by columns: they are the rows of these arrays.
        given = [np.ascontiguousarray(each.T, np.float64) for each in arguments]
        found = [np.empty(called.size_out(place)[::-1]) for place in range(called.n_out())]
        for place, each in enumerate(given):
            buffer.set_arg(place, each.reshape(-1).data)
        for place, each in enumerate(found):
            buffer.set_res(place, each.reshape(-1).data)
        call()
        return [each.T for each in found]

    return evaluate


def with_inputs(values: Any, names: Iterable[str]) -> Any:
    """Return a copy of parameter values with some parameters as inputs, added if missing."""
    own = values.copy()
    own.update(dict.fromkeys(names, "[input]"), check_already_exists=False)
    return own


def state_slices(model: Any) -> dict[str, slice]:
    """Return the slice of each variable in the state vector of a discretised model."""
    return {variable.name: slices[0] for variable, slices in model.y_slices.items()}


def parameter_names(symbols: Iterable[Any]) -> set[str]:
    """Return the names of all parameters inside some symbols or plain numbers."""
    return {
        node.name
        for symbol in symbols
        if isinstance(symbol, pybamm.Symbol)
        for node in symbol.pre_order()
        if isinstance(node, pybamm.Parameter | pybamm.FunctionParameter)
    }


def model_parameters(model: Any) -> set[str]:
    """Return the names of the parameters in a model's equations, events and main variables.

    Other variables may use more: their parameters are needed only if they are recorded.
    """
    conditions = (
        expression
        for sides in model.boundary_conditions.values()
        for expression, _ in sides.values()
    )
    return parameter_names(
        (
            *model.rhs.values(),
            *model.algebraic.values(),
            *model.initial_conditions.values(),
            *conditions,
            *(event.expression for event in model.events),
            model.variables["Voltage [V]"],
            model.variables["Current [A]"],
        )
    )


def json_values(value: Any) -> Any:
    """Return a PyBaMM document as plain JSON values, without its enums and numpy types."""
    encode = pybamm.expression_tree.operations.serialise.Serialise._json_encoder  # noqa: SLF001
    return json.loads(json.dumps(value, default=encode))


def input_names(symbols: Iterable[Any]) -> set[str]:
    """Return the names of all inputs inside some symbols."""
    return {
        node.name
        for symbol in symbols
        for node in symbol.pre_order()
        if isinstance(node, pybamm.InputParameter)
    }
