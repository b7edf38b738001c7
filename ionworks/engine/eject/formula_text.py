"""Formulas of a model's variables as Python source text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ionworks.engine.cells.symbols import JsonSymbol
from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.eject.python_text import literal, number
from ionworks.ucp.formulas import FormulaReader

_CALLS: Final = {
    "abs": "abs({})",
    "min": "pybamm.minimum({}, {})",
    "max": "pybamm.maximum({}, {})",
    "surface": "pybamm.surf({})",
    "left": 'pybamm.boundary_value({}, "left")',
    "right": 'pybamm.boundary_value({}, "right")',
}
"""Functions of a formula with another name in PyBaMM, or further arguments."""


def formula_text(
    formula: str, variables: str, own: Mapping[str, str | JsonSymbol], names: Iterable[str]
) -> str:
    """Return the source text of a formula, in brackets if it needs any.

    Parameters
    ----------
    formula : str
    variables : str
        Text of the mapping with the variables of the model.
    own : mapping of str to str or JsonSymbol
        Variables that are not PyBaMM's: their formulas take the place of their names.
    names : iterable of str
        Names of variables that need no quotes.

    Raises
    ------
    NoCounterpart
        If it uses a variable of which there is no formula.
    """
    return _TextReader(formula, variables, own, [*names]).read()


class _TextReader(FormulaReader[str]):
    def __init__(
        self,
        text: str,
        variables: str,
        own: Mapping[str, str | JsonSymbol],
        names: Sequence[str],
    ) -> None:
        super().__init__(text, names)
        self._variables = variables
        self._own = own
        self._names = names

    def number(self, value: float) -> str:
        return number(value)

    def variable(self, name: str) -> str:
        formula = self._own.get(name)
        if formula is None:
            return f"{self._variables}[{literal(name)}]"
        if isinstance(formula, JsonSymbol):
            raise NoCounterpart(
                f"an end compares {name!r}, which was added to the model as a symbol"
            )
        return formula_text(formula, self._variables, self._own, self._names)

    def parameter(self, name: str) -> str:
        return f"pybamm.Parameter({literal(name)})"

    def apply(self, function: str, arguments: Sequence[str]) -> str:
        return _CALLS.get(function, f"pybamm.{function}({{}})").format(*arguments)

    def combine(self, operator: str, left: str, right: str) -> str:
        return f"({left} {operator} {right})"

    def negate(self, value: str) -> str:
        return f"(-{value})"
