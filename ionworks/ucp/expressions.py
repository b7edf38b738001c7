"""Value expressions: their nodes, their values and their text.

They are read by :func:`ionworks.ucp.parser.expressions.parse_expression`. They come from outside,
so no text is ever evaluated by Python.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from attrs import field, frozen

from ionworks.ucp.problems import ExpressionError

CONSTANT_NAMES = ("V_MIN", "V_MAX", "Q_NOM")
"""Names with a value of the cell: lower and upper voltage limit [V], nominal capacity [A.h]."""

READOUT_NAMES = (
    "Voltage",
    "Current",
    "Capacity",
    "Energy",
    "Temperature",
    "Time",
    "Total time",
    "SOC",
    "CYCLE_COUNT",
    "STEP_COUNT",
    "CELL_CAPACITY",
    "CYCLE_V_MIN",
)
"""Names with a value of the run: that at the end of the step that has just finished."""

RESERVED_NAMES = {name.lower(): name for name in (*CONSTANT_NAMES, *READOUT_NAMES)}
"""Lower-case spelling of every reserved name to its canonical one."""

FUNCTION_ARGUMENTS: dict[str, tuple[int, int]] = {
    "ifelse": (3, 3),
    "min": (1, 20),
    "max": (1, 20),
    "abs": (1, 1),
    "sqrt": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "log10": (1, 1),
    "floor": (1, 1),
    "ceil": (1, 1),
    "round": (1, 2),
}
"""Smallest and largest number of arguments of every function."""

PRECEDENCE = {"or": 1, "and": 2, "not": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "==": 4, "!=": 4}
PRECEDENCE |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "sign": 7, "**": 8}
"""Operators, from the loosest to the tightest; "sign" is a minus or plus before an operand."""

_ATOM = 9
_CLOSED = re.compile(r"'\s*\]")


def number_text(value: float) -> str:
    """Return the shortest text that reads back as ``value``; whole numbers without a point."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


@frozen
class Number:
    """A finite number."""

    value: float = field(converter=float)

    def __str__(self) -> str:
        return number_text(self.value)


@frozen
class Text:
    """A quoted word; only a direction (``"Charge"``, ``"Discharge"``) has a meaning."""

    value: str

    def __str__(self) -> str:
        quote = "'" if '"' in self.value else '"'
        return f"{quote}{self.value}{quote}"


@frozen
class Input:
    """A placeholder, ``input["name"]``, that needs a value before a run."""

    name: str

    def __str__(self) -> str:
        # A name may contain both kinds of quote. It ends where its own kind is followed by "]".
        quote = "'" if '"' in self.name and not _CLOSED.search(self.name) else '"'
        return f"input[{quote}{self.name}{quote}]"


@frozen
class Name:
    """A user variable, a constant of the cell or a read-out, in its canonical spelling."""

    name: str

    def __str__(self) -> str:
        return self.name


@frozen
class Unary:
    """``-x`` or ``not x``."""

    operator: str
    operand: Expr

    def __str__(self) -> str:
        if self.operator == "not":
            return f"not {_enclosed(self.operand, PRECEDENCE['not'] + 1)}"
        return f"-{_enclosed(self.operand, PRECEDENCE['**'])}"


@frozen
class Binary:
    """Two operands with an arithmetic, comparison or logical operator between them."""

    operator: str
    left: Expr
    right: Expr

    def __str__(self) -> str:
        own = PRECEDENCE[self.operator]
        if self.operator == "**":
            # The right side of a power is a signed power, so only the left needs an atom.
            left, right = _enclosed(self.left, _ATOM), _enclosed(self.right, PRECEDENCE["sign"])
        elif own == PRECEDENCE["<"]:
            left, right = _enclosed(self.left, own + 1), _enclosed(self.right, own + 1)
        else:
            left, right = _enclosed(self.left, own), _enclosed(self.right, own + 1)
        return f"{left} {self.operator} {right}"


@frozen
class Call:
    """A function of :data:`FUNCTION_ARGUMENTS` applied to its arguments."""

    function: str
    arguments: tuple[Expr, ...]

    def __str__(self) -> str:
        return f"{self.function}({', '.join(map(str, self.arguments))})"


Expr: TypeAlias = Number | Text | Input | Name | Unary | Binary | Call
"""Any expression."""


def _rank(expr: Expr) -> int:
    if isinstance(expr, Binary):
        return PRECEDENCE[expr.operator]
    if isinstance(expr, Unary):
        return PRECEDENCE["not" if expr.operator == "not" else "sign"]
    if isinstance(expr, Number) and math.copysign(1.0, expr.value) < 0:
        return PRECEDENCE["sign"]
    return _ATOM


def _enclosed(expr: Expr, least: int) -> str:
    return f"({expr})" if _rank(expr) < least else str(expr)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the direct operands or arguments of an expression."""
    match expr:
        case Unary():
            return (expr.operand,)
        case Binary():
            return (expr.left, expr.right)
        case Call():
            return expr.arguments
    return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield the expression and all its parts, from left to right."""
    waiting = [expr]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(children(part)))


def rewrite(expr: Expr, replace: Callable[[Expr], Expr]) -> Expr:
    """Return the expression with ``replace`` applied to each part, innermost first."""
    match expr:
        case Unary():
            expr = _signed(expr.operator, rewrite(expr.operand, replace))
        case Binary():
            expr = Binary(expr.operator, rewrite(expr.left, replace), rewrite(expr.right, replace))
        case Call():
            expr = Call(expr.function, tuple(rewrite(part, replace) for part in expr.arguments))
    return replace(expr)


def _signed(operator: str, operand: Expr) -> Expr:
    """Return ``operator operand``, folding the sign of a plain number into it."""
    if operator == "-" and isinstance(operand, Number) and operand.value >= 0:
        return Number(-operand.value)
    return Unary(operator, operand)


_ARITHMETIC: dict[str, Callable[[float, float], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "**": operator.pow,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _rounded(value: float, digits: float = 0.0) -> float:
    return round(value, int(digits))


_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": _rounded,
}


def constant(expr: Expr) -> float | None:
    """Return the value of an expression of numbers only, or None.

    Also returns None if such an expression has no value, as ``1 / 0``.
    """
    if any(isinstance(part, Input | Name | Text) for part in walk(expr)):
        return None
    try:
        return evaluate(expr, {})
    except ExpressionError:
        return None


def evaluate(expr: Expr, names: Mapping[str, float]) -> float:
    """Return the value of an expression.

    Parameters
    ----------
    expr : Expr
        The expression; comparisons and logic give 1 or 0.
    names : mapping of str to float
        Values of variables, cell constants and read-outs by canonical name.

    Returns
    -------
    float
        A finite number.

    Raises
    ------
    ExpressionError
        If a name or input has no value, or the result is not a finite number.
    """
    try:
        value = _value(expr, names)
    except ZeroDivisionError:
        raise ExpressionError(f"{expr} divides by zero") from None
    except OverflowError:
        raise ExpressionError(f"{expr} is too large") from None
    if not math.isfinite(value):
        raise ExpressionError(f"{expr} is not a finite number")
    return value


def _value(expr: Expr, names: Mapping[str, float]) -> float:
    match expr:
        case Number(value):
            return value
        case Name(name):
            if name not in names:
                raise ExpressionError(f"{name!r} has no value here")
            return float(names[name])
        case Input(name):
            raise ExpressionError(f"input[{name!r}] has no value; resolve the protocol first")
        case Text(value):
            raise ExpressionError(f"the text {value!r} is not a number")
        case Unary():
            inner = _value(expr.operand, names)
            return float(inner == 0) if expr.operator == "not" else -inner
        case Binary():
            return _binary_value(expr, names)
        case Call():
            return _call_value(expr, names)


def _binary_value(expr: Binary, names: Mapping[str, float]) -> float:
    left = _value(expr.left, names)
    if expr.operator == "and":
        return float(left != 0 and _value(expr.right, names) != 0)
    if expr.operator == "or":
        return float(left != 0 or _value(expr.right, names) != 0)
    right = _value(expr.right, names)
    result = _ARITHMETIC[expr.operator](left, right)
    if not isinstance(result, int | float):
        raise ExpressionError(f"{expr} is not a real number")
    return float(result)


def _call_value(expr: Call, names: Mapping[str, float]) -> float:
    if expr.function == "ifelse":
        condition, yes, no = expr.arguments
        return _value(yes if _value(condition, names) != 0 else no, names)
    values = [_value(argument, names) for argument in expr.arguments]
    try:
        return float(_FUNCTIONS[expr.function](*values))
    except ValueError:
        raise ExpressionError(f"{expr} has no value for {values}") from None
