"""Variables people add to a model, written as formulas of its own variables.

.. code-block:: none

    sum     = product {("+" | "-") product}
    product = signed {("*" | "/") signed}
    signed  = {"+" | "-"} power
    power   = atom [("**" | "^") signed]
    atom    = number | name | function "(" sum {"," sum} ")"
            | "parameter" "(" name ")" | "(" sum ")"
    name    = a variable of the model, in quotes or as it is

``"Voltage [V]" * "Current [A]"`` and ``Voltage [V] * Current [A]`` are the same: of the names that
could begin at a place, the longest the model has is taken. The reader is our own; no text is ever
handed to Python.
"""

import math
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from attrs import define

from ionworks.engine.cells.symbols import Expression, load_expression
from ionworks.engine.pybamm_setup import pybamm

CLOCKS: Final = ("Time [s]", "Time [min]", "Time [h]")
"""Variables that start anew with each step, because every step is solved from zero."""

_LONGEST: Final = 10_000
_DEEPEST: Final = 50
_NUMBER: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORD: Final = re.compile(r"[A-Za-z_]\w*(?=\s*\()")
_NAME_LIKE: Final = re.compile(r"[A-Za-z][^\"'\[\]]*\[[^\]]*\]")
_QUOTED: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")

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
"""Function -> number of arguments, and what it makes of them."""


class FormulaError(ValueError):
    """A formula that cannot be read, or that says something the model cannot."""


def add_variables(model: Any, variables: Mapping[str, str | Expression]) -> None:
    """Add variables to a model; a later one may use the earlier ones.

    Parameters
    ----------
    model : pybamm.BaseModel
        Gets the variables.
    variables : mapping of str to str or Expression
        Name -> formula, or symbol in PyBaMM's JSON.

    Raises
    ------
    ValueError
        If a name is taken, or a formula or symbol cannot be read.
    """
    for name, formula in variables.items():
        if name in model.variables or name in CLOCKS:
            raise FormulaError(f"the model has a variable {name!r} already: choose another name")
        if isinstance(formula, Expression):
            symbol = load_expression(formula, f"variable {name!r}")
        else:
            symbol = read_formula(formula, model.variables)
        model.variables[name] = pybamm.convert_to_symbol(symbol)


def read_formula(text: str, variables: Mapping[str, Any]) -> Any:
    """Return the symbol a formula stands for.

    Parameters
    ----------
    text : str
        The formula.
    variables : mapping of str to pybamm.Symbol
        The model's variables by name.

    Returns
    -------
    pybamm.Symbol
        One number at a time, or a function of space.

    Raises
    ------
    FormulaError
        If it is none; the message says where it stops making sense, and what could stand there.
    """
    if len(text) > _LONGEST:
        raise FormulaError(f"the formula has {len(text)} characters: use at most {_LONGEST}")
    reader = _Reader(text, variables)
    try:
        symbol = reader.sum()
        if reader.rest():
            reader.refuse("an operator is missing before")
    except FormulaError:
        raise
    except RecursionError:
        raise FormulaError(f"the formula is nested more than {_DEEPEST} deep") from None
    except (pybamm.DomainError, pybamm.ShapeError, ArithmeticError, ValueError) as error:
        raise FormulaError(f"the formula {text!r} makes no sense: {error}") from None
    return symbol


@define
class _Reader:
    text: str
    variables: Mapping[str, Any]
    position: int = 0
    depth: int = 0

    def rest(self) -> str:
        """Skip blanks and return what has not been read."""
        while self.text[self.position : self.position + 1].isspace():
            self.position += 1
        return self.text[self.position :]

    def refuse(self, problem: str) -> NoReturn:
        rest = self.rest()
        where = f"{rest[:30]!r} (character {self.position + 1})" if rest else "its end"
        raise FormulaError(f"the formula {self.text!r} cannot be read: {problem} {where}")

    def takes(self, *marks: str) -> str | None:
        """Step over the first of some marks that comes next, and return it."""
        rest = self.rest()
        for mark in marks:
            if rest.startswith(mark):
                self.position += len(mark)
                return mark
        return None

    def needs(self, mark: str) -> None:
        if not self.takes(mark):
            self.refuse(f"there must be {mark!r} before")

    def sum(self) -> Any:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FormulaError(f"the formula is nested more than {_DEEPEST} deep")
        value = self.product()
        while mark := self.takes("+", "-"):
            other = self.product()
            value = value + other if mark == "+" else value - other
        self.depth -= 1
        return value

    def product(self) -> Any:
        value = self.signed()
        while not self.rest().startswith("**") and (mark := self.takes("*", "/")):
            other = self.signed()
            value = value * other if mark == "*" else value / other
        return value

    def signed(self) -> Any:
        negative = False
        while mark := self.takes("+", "-"):
            negative ^= mark == "-"
        value = self.atom()
        if self.takes("**", "^"):
            value = value ** self.signed()
        return -value if negative else value

    def atom(self) -> Any:
        if self.takes("("):
            value = self.sum()
            self.needs(")")
            return value
        rest = self.rest()
        if _QUOTED.match(rest):
            return self.variable(self.quoted())
        if name := self.bare_name(rest):
            self.position += len(name)
            return self.variable(name)
        if word := _WORD.match(rest):
            return self.call(word[0])
        if name_like := _NAME_LIKE.match(rest):
            return self.variable(name_like[0])
        found = _NUMBER.match(rest)
        if found is None:
            self.refuse("a number, a name of the model's variables or a function must stand before")
        self.position += len(found[0])
        return pybamm.Scalar(float(found[0]))

    def quoted(self) -> str:
        found = _QUOTED.match(self.rest())
        if found is None:
            self.refuse("a name in quotes must stand before")
        self.position += len(found[0])
        return found[1] or found[2] or ""

    def bare_name(self, rest: str) -> str | None:
        """Return the longest name of a variable the rest of the formula begins with."""
        fitting = [name for name in (*self.variables, *CLOCKS) if rest.startswith(name)]
        name = max(fitting, key=len, default=None)
        if name is None or (name[-1].isalnum() and rest[len(name) :][:1].isalnum()):
            return None
        return name

    def variable(self, name: str) -> Any:
        if name in CLOCKS:
            raise FormulaError(
                f"{name!r} starts anew with each step: leave it out, and use the column 'Time [s]'"
            )
        if name not in self.variables:
            close = get_close_matches(name, list(self.variables), n=3, cutoff=0.5)
            hint = " or ".join(map(repr, close)) or "a name of the model's variables"
            raise FormulaError(f"the model has no variable {name!r}: use {hint}")
        return self.variables[name]

    def call(self, function: str) -> Any:
        if function != "parameter" and function not in _FUNCTIONS:
            known = ", ".join(["parameter", *_FUNCTIONS])
            raise FormulaError(f"there is no function {function!r}: use {known}")
        self.position += len(function)
        self.needs("(")
        if function == "parameter":
            symbol = pybamm.Parameter(self.quoted())
            self.needs(")")
            return symbol
        arguments = [self.sum()]
        while self.takes(","):
            arguments.append(self.sum())
        self.needs(")")
        count, compute = _FUNCTIONS[function]
        if len(arguments) != count:
            plural = "s" if count > 1 else ""
            raise FormulaError(
                f"{function} takes {count} argument{plural}, and is given {len(arguments)}"
            )
        return compute(*arguments)
