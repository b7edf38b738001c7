"""Formulas of the variables of a model: their grammar, and which texts are formulas.

.. code-block:: none

    sum     = product {("+" | "-") product}
    product = signed {("*" | "/") signed}
    signed  = {"+" | "-"} power
    power   = atom [("**" | "^") signed]
    atom    = number | name | function "(" sum {"," sum} ")"
            | "parameter" "(" name ")" | "(" sum ")"
    name    = a variable of the model, in quotes

What a formula means is up to the reader: the engine makes an equation of it, here it is only
checked. The engine also reads names without quotes, because it knows those of its models.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final, NoReturn

from ionworks.ucp.infix import (
    END,
    NUMBER,
    OPERATOR,
    UNKNOWN,
    InfixReader,
    Scanner,
    Value,
    scanner,
    tokens,
)

CLOCKS: Final = ("Time [s]", "Time [min]", "Time [h]")
"""Variables that start from zero in each step, because every step is solved from t = 0."""

FUNCTIONS: Final = {
    **dict.fromkeys(("abs", "sign", "sqrt", "exp", "log", "log10", "sin", "cos", "tanh"), 1),
    **dict.fromkeys(("arcsinh", "arctan"), 1),
    **dict.fromkeys(("min", "max"), 2),
    **dict.fromkeys(("x_average", "r_average", "size_average", "surface", "left", "right"), 1),
}
"""Functions of a formula, and their numbers of arguments."""

_LONGEST: Final = 10_000
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")


class FormulaError(ValueError):
    """A formula that cannot be read, or has no meaning for the model."""


class FormulaReader(InfixReader[Value]):
    """Reads a formula; subclasses say what its parts mean.

    Parameters
    ----------
    text : str
        The formula.
    names : iterable of str
        Names of variables that need no quotes. Of those that match at a position, the longest is
        taken.

    Raises
    ------
    FormulaError
        If the text is too long.
    """

    subject = "formula"
    deepest = 50
    precedence: ClassVar[Mapping[str, int]] = {"+": 1, "-": 1, "*": 2, "/": 2}

    def __init__(self, text: str, names: Iterable[str] = ()) -> None:
        if len(text) > _LONGEST:
            self.refuse(f"the formula has {len(text)} characters: use at most {_LONGEST}")
        super().__init__(tokens(text, _scanners(names)))
        self._text = text

    @abstractmethod
    def number(self, value: float) -> Value:
        """Return the value of a number."""

    @abstractmethod
    def variable(self, name: str) -> Value:
        """Return the value of a variable of the model, which is none of the `CLOCKS`."""

    @abstractmethod
    def parameter(self, name: str) -> Value:
        """Return the value of a parameter of the model."""

    @abstractmethod
    def apply(self, function: str, arguments: Sequence[Value]) -> Value:
        """Return the value of one of the `FUNCTIONS`, with as many arguments as it takes."""

    def refuse(self, message: str) -> NoReturn:
        """Raise a FormulaError."""
        raise FormulaError(message)

    def refuse_here(self, problem: str) -> NoReturn:
        """Raise a FormulaError that says what is wrong before the current token."""
        self.refuse(f"the formula {self._text!r} cannot be read: {problem} before {self.here()}")

    def here(self) -> str:
        """Return the rest of the text from the current token, and where it starts."""
        start = self.current.start
        if self.current.kind == END:
            return "its end"
        return f"{self._text[start:][:30]!r} (character {start + 1})"

    def signed(self) -> Value:
        """Read a power with any number of signs before it."""
        is_negative = False
        while sign := self.accept("+", "-"):
            is_negative ^= sign == "-"
        value = self.power()
        return self.negate(value) if is_negative else value

    def atom(self) -> Value:
        """Read a number, a variable, a parameter, a function or a bracket."""
        if self.accept("("):
            value = self.expression()
            self.expect(")")
            return value
        if self.current.kind in {OPERATOR, UNKNOWN, END}:
            self.refuse_here("a number, a variable of the model or a function is missing")
        token = self.take()
        if token.kind == "number":
            return self.number(float(token.text))
        if token.kind == "function":
            return self._call(token.text)
        if token.text in CLOCKS:
            self.refuse(
                f"{token.text!r} starts from zero in each step: leave it out, and use the column "
                "'Time [s]'"
            )
        return self.variable(token.text)

    def _call(self, function: str) -> Value:
        if function != "parameter" and function not in FUNCTIONS:
            known = ", ".join(["parameter", *FUNCTIONS])
            self.refuse(f"unknown function {function!r}; valid functions: {known}")
        self.expect("(")
        if function == "parameter":
            if self.current.kind != "quoted name":
                self.refuse_here("a name in quotes is missing")
            value = self.parameter(self.take().text)
            self.expect(")")
            return value
        arguments = self.arguments()
        count = FUNCTIONS[function]
        if len(arguments) != count:
            plural = "s" if count > 1 else ""
            self.refuse(f"{function} takes {count} argument{plural}, not {len(arguments)}")
        return self.apply(function, arguments)


def is_formula(text: str) -> bool:
    """Return whether a text is a formula: whether there is a name in quotes in it."""
    return _QUOTED.search(text) is not None


def without_names(text: str) -> str:
    """Return a text of the same length with other letters in place of what is in quotes."""
    return _QUOTED.sub(lambda found: "_" * len(found[0]), text)


def variables_of(formula: str) -> tuple[str, ...]:
    """Return the names of the variables in a formula, in their order.

    Raises
    ------
    FormulaError
        If the formula cannot be read, or contains a name without quotes.
    """
    return tuple(dict.fromkeys(_NameReader(formula).read()))


class _NameReader(FormulaReader[tuple[str, ...]]):
    """Finds the names of the variables in a formula."""

    def number(self, value: float) -> tuple[str, ...]:  # noqa: ARG002 - has no names
        return ()

    def variable(self, name: str) -> tuple[str, ...]:
        return (name,)

    def parameter(self, name: str) -> tuple[str, ...]:  # noqa: ARG002 - not of a variable
        return ()

    def apply(
        self,
        function: str,  # noqa: ARG002 - has no names
        arguments: Sequence[tuple[str, ...]],
    ) -> tuple[str, ...]:
        return sum(arguments, ())

    def combine(
        self,
        operator: str,  # noqa: ARG002 - has no names
        left: tuple[str, ...],
        right: tuple[str, ...],
    ) -> tuple[str, ...]:
        return (*left, *right)

    def negate(self, value: tuple[str, ...]) -> tuple[str, ...]:
        return value


def _scanners(names: Iterable[str]) -> dict[str, Scanner]:
    """Return the scanners of a formula; names and numbers may begin alike, names come first."""
    known = sorted(filter(None, (*names, *CLOCKS)), key=len, reverse=True)

    def scan_name(text: str, position: int) -> tuple[str, int] | None:
        for name in known:
            if text.startswith(name, position):
                end = position + len(name)
                is_cut = name[-1].isalnum() and text[end : end + 1].isalnum()
                return None if is_cut else (name, end)
        return None

    return {
        OPERATOR: scanner(r"\*\*|[-+*/^(),]"),
        "quoted name": scanner(r"\"([^\"]*)\"|'([^']*)'"),
        "name": scan_name,
        "function": scanner(r"[A-Za-z_]\w*(?=\s*\()"),
        # Read as a name to name it in the message, and suggest the closest ones.
        "unknown name": scanner(r"[A-Za-z][^\"'\[\]]*\[[^\]]*\]"),
        "number": NUMBER,
    }
