"""Variables users add to a model, written as formulas of the model's own variables.

Their grammar is that of `ionworks.ucp.formulas`. ``"Voltage [V]" * "Current [A]"`` and
``Voltage [V] * Current [A]`` are the same: the names of the model's variables need no quotes.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ionworks.doe.scalars import similar_names
from ionworks.engine.cells.symbols import JsonSymbol, load_symbol
from ionworks.engine.pybamm_setup import pybamm
from ionworks.ucp.formulas import CLOCKS, FormulaError, FormulaReader, is_formula

__all__ = ["CLOCKS", "FormulaError", "add_variables", "read_formula", "recorded_symbol"]

_OPERATORS: Final = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "abs": abs,
    "sign": pybamm.sign,
    "sqrt": pybamm.sqrt,
    "exp": pybamm.exp,
    "log": pybamm.log,
    "log10": lambda value: pybamm.log(value) / math.log(10),
    "sin": pybamm.sin,
    "cos": pybamm.cos,
    "tanh": pybamm.tanh,
    "arcsinh": pybamm.arcsinh,
    "arctan": pybamm.arctan,
    "min": pybamm.minimum,
    "max": pybamm.maximum,
    "x_average": pybamm.x_average,
    "r_average": pybamm.r_average,
    "size_average": pybamm.size_average,
    "surface": pybamm.surf,
    "left": lambda value: pybamm.boundary_value(value, "left"),
    "right": lambda value: pybamm.boundary_value(value, "right"),
}
"""Function of a formula -> the function of symbols."""


def add_variables(model: Any, variables: Mapping[str, str | JsonSymbol]) -> None:
    """Add variables to a model in place; each may use those before it.

    Parameters
    ----------
    model : pybamm.BaseModel
        Not discretised.
    variables : mapping of str to str or JsonSymbol
        Name -> formula, or symbol in PyBaMM's JSON.

    Raises
    ------
    ValueError
        If a name is taken, or a formula or symbol cannot be read.
    """
    for name, formula in variables.items():
        if name in model.variables or name in CLOCKS:
            raise FormulaError(f"the model already has a variable {name!r}: choose another name")
        if isinstance(formula, JsonSymbol):
            symbol = load_symbol(formula.content, f"variable {name!r}")
        else:
            symbol = read_formula(formula, model.variables)
        model.variables[name] = pybamm.convert_to_symbol(symbol)


def read_formula(text: str, variables: Mapping[str, Any]) -> Any:
    """Return the symbol a formula describes.

    Parameters
    ----------
    text : str
        The formula.
    variables : mapping of str to pybamm.Symbol
        The model's variables by name.

    Returns
    -------
    pybamm.Symbol
        A scalar, or a function of space.

    Raises
    ------
    FormulaError
        If the formula cannot be read; the message says where, and what is missing there.
    """
    try:
        return _SymbolReader(text, variables).read()
    except FormulaError:
        raise
    except RecursionError:
        # The reader limits its own depth; PyBaMM walks the symbols recursively, and a sum of
        # hundreds of terms is hundreds of symbols deep.
        raise FormulaError("the formula has too many operations for PyBaMM: split it") from None
    except (pybamm.DomainError, pybamm.ShapeError, ArithmeticError, ValueError) as error:
        raise FormulaError(f"the formula {text!r} makes no sense: {error}") from None


def recorded_symbol(name: str, variables: Mapping[str, Any]) -> Any:
    """Return the symbol of a variable of a model, or of a formula with quoted names of some.

    Raises
    ------
    FormulaError
        If the formula has no meaning for the model.
    """
    if name not in variables and is_formula(name):
        return pybamm.convert_to_symbol(read_formula(name, variables))
    return variables[name]


class _SymbolReader(FormulaReader[Any]):
    """Makes a symbol of a formula."""

    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        super().__init__(text, variables)
        self._variables = variables

    def number(self, value: float) -> Any:
        return pybamm.Scalar(value)

    def variable(self, name: str) -> Any:
        if name not in self._variables:
            close = similar_names(name, self._variables)
            hint = close or "the name of one of the model's variables"
            self.refuse(f"the model has no variable {name!r}: use {hint}")
        return self._variables[name]

    def parameter(self, name: str) -> Any:
        return pybamm.Parameter(name)

    def apply(self, function: str, arguments: Sequence[Any]) -> Any:
        return _FUNCTIONS[function](*arguments)

    def combine(self, operator: str, left: Any, right: Any) -> Any:
        return _OPERATORS[operator](left, right)

    def negate(self, value: Any) -> Any:
        return -value
