"""Variables users add to a model, written as formulas of the model's own variables.

.. code-block:: none

    sum     = product {("+" | "-") product}
    product = signed {("*" | "/") signed}
    signed  = {"+" | "-"} power
    power   = atom [("**" | "^") signed]
    atom    = number | name | function "(" sum {"," sum} ")"
            | "parameter" "(" name ")" | "(" sum ")"
    name    = a variable of the model, quoted or not

``"Voltage [V]" * "Current [A]"`` and ``Voltage [V] * Current [A]`` are the same: of the model's
variables whose names match at a position, the longest is taken.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, NoReturn

from ionworks.doe.scalars import similar_names
from ionworks.engine.cells.symbols import JsonSymbol, load_symbol
from ionworks.engine.pybamm_setup import pybamm
from ionworks.ucp.infix import END, NUMBER, OPERATOR, UNKNOWN, InfixReader, Scanner, scanner, tokens

CLOCKS: Final = ("Time [s]", "Time [min]", "Time [h]")
"""Variables that start from zero in each step, because every step is solved from t = 0."""

_LONGEST: Final = 10_000
_OPERATORS: Final = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
_FUNCTIONS: Final[dict[str, tuple[int, Callable[..., Any]]]] = {
    "abs": (1, abs),
    "sign": (1, pybamm.sign),
    "sqrt": (1, pybamm.sqrt),
    "exp": (1, pybamm.exp),
    "log": (1, pybamm.log),
    "log10": (1, lambda value: pybamm.log(value) / math.log(10)),
    "sin": (1, pybamm.sin),
    "cos": (1, pybamm.cos),
    "tanh": (1, pybamm.tanh),
    "arcsinh": (1, pybamm.arcsinh),
    "arctan": (1, pybamm.arctan),
    "min": (2, pybamm.minimum),
    "max": (2, pybamm.maximum),
    "x_average": (1, pybamm.x_average),
    "r_average": (1, pybamm.r_average),
    "size_average": (1, pybamm.size_average),
    "surface": (1, pybamm.surf),
    "left": (1, lambda value: pybamm.boundary_value(value, "left")),
    "right": (1, lambda value: pybamm.boundary_value(value, "right")),
}
"""Function -> its number of arguments, and the function of symbols."""


class FormulaError(ValueError):
    """A formula that cannot be read, or has no meaning for the model."""


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
    if len(text) > _LONGEST:
        raise FormulaError(f"the formula has {len(text)} characters: use at most {_LONGEST}")
    try:
        return _FormulaReader(text, variables).read()
    except FormulaError:
        raise
    except RecursionError:
        # The reader limits its own depth; PyBaMM walks the symbols recursively, and a sum of
        # hundreds of terms is hundreds of symbols deep.
        raise FormulaError("the formula has too many operations for PyBaMM: split it") from None
    except (pybamm.DomainError, pybamm.ShapeError, ArithmeticError, ValueError) as error:
        raise FormulaError(f"the formula {text!r} makes no sense: {error}") from None


def _scanners(variables: Iterable[str]) -> dict[str, Scanner]:
    """Return the scanners of a formula; names and numbers may begin alike, names come first."""
    names = sorted(filter(None, (*variables, *CLOCKS)), key=len, reverse=True)

    def scan_variable(text: str, position: int) -> tuple[str, int] | None:
        for name in names:
            if text.startswith(name, position):
                end = position + len(name)
                is_cut = name[-1].isalnum() and text[end : end + 1].isalnum()
                return None if is_cut else (name, end)
        return None

    return {
        OPERATOR: scanner(r"\*\*|[-+*/^(),]"),
        "quoted name": scanner(r"\"([^\"]*)\"|'([^']*)'"),
        "name": scan_variable,
        "function": scanner(r"[A-Za-z_]\w*(?=\s*\()"),
        # Read as a name to name it in the message, and suggest the closest ones.
        "unknown name": scanner(r"[A-Za-z][^\"'\[\]]*\[[^\]]*\]"),
        "number": NUMBER,
    }


class _FormulaReader(InfixReader[Any]):
    subject = "formula"
    deepest = 50
    precedence: ClassVar[Mapping[str, int]] = {"+": 1, "-": 1, "*": 2, "/": 2}

    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        super().__init__(tokens(text, _scanners(variables)))
        self._text = text
        self._variables = variables

    def refuse(self, message: str) -> NoReturn:
        raise FormulaError(message)

    def refuse_here(self, problem: str) -> NoReturn:
        self.refuse(f"the formula {self._text!r} cannot be read: {problem} before {self.here()}")

    def here(self) -> str:
        start = self.current.start
        if self.current.kind == END:
            return "its end"
        return f"{self._text[start:][:30]!r} (character {start + 1})"

    def signed(self) -> Any:
        is_negative = False
        while sign := self.accept("+", "-"):
            is_negative ^= sign == "-"
        value = self.power()
        return self.negate(value) if is_negative else value

    def combine(self, operator: str, left: Any, right: Any) -> Any:
        return _OPERATORS[operator](left, right)

    def negate(self, value: Any) -> Any:
        return -value

    def atom(self) -> Any:
        if self.accept("("):
            value = self.expression()
            self.expect(")")
            return value
        if self.current.kind in {OPERATOR, UNKNOWN, END}:
            self.refuse_here("a number, a variable of the model or a function is missing")
        token = self.take()
        if token.kind == "number":
            return pybamm.Scalar(float(token.text))
        return self.call(token.text) if token.kind == "function" else self.variable(token.text)

    def variable(self, name: str) -> Any:
        if name in CLOCKS:
            self.refuse(
                f"{name!r} starts from zero in each step: leave it out, and use the column "
                "'Time [s]'"
            )
        if name not in self._variables:
            close = similar_names(name, self._variables)
            hint = close or "the name of one of the model's variables"
            self.refuse(f"the model has no variable {name!r}: use {hint}")
        return self._variables[name]

    def call(self, function: str) -> Any:
        if function != "parameter" and function not in _FUNCTIONS:
            known = ", ".join(["parameter", *_FUNCTIONS])
            self.refuse(f"unknown function {function!r}; valid functions: {known}")
        self.expect("(")
        if function == "parameter":
            if self.current.kind != "quoted name":
                self.refuse_here("a name in quotes is missing")
            symbol = pybamm.Parameter(self.take().text)
            self.expect(")")
            return symbol
        arguments = self.arguments()
        count, compute = _FUNCTIONS[function]
        if len(arguments) != count:
            plural = "s" if count > 1 else ""
            self.refuse(f"{function} takes {count} argument{plural}, not {len(arguments)}")
        return compute(*arguments)
