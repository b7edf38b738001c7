"""Python source text: numbers, calls, lists with repeats, and PyBaMM's symbols."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.pybamm_setup import pybamm

_WIDTH: Final = 100
_INDENT: Final = "    "
_LONGEST_PERIOD: Final = 64
"""Most items of a repeated part of a list that is looked for."""

_TEMPLATES: Final = {
    pybamm.Addition: "({} + {})",
    pybamm.Subtraction: "({} - {})",
    pybamm.Multiplication: "({} * {})",
    pybamm.Division: "({} / {})",
    pybamm.Power: "({} ** {})",
    pybamm.Modulo: "({} % {})",
    pybamm.EqualHeaviside: "({} <= {})",
    pybamm.NotEqualHeaviside: "({} < {})",
    pybamm.Minimum: "pybamm.minimum({}, {})",
    pybamm.Maximum: "pybamm.maximum({}, {})",
    pybamm.Negate: "(-{})",
    pybamm.AbsoluteValue: "abs({})",
    pybamm.Sign: "pybamm.sign({})",
    pybamm.Time: "pybamm.t",
    **{
        getattr(pybamm, name.capitalize()): f"pybamm.{name}({{}})"
        for name in (
            *("arcsinh", "arctan", "cos", "cosh", "erf", "exp", "log", "sin", "sinh", "sqrt"),
            "tanh",
        )
    },
}
"""Symbol with children -> its text; the children have brackets of their own where they need any."""


def number(value: float) -> str:
    """Return the text of a number; whole numbers without a point."""
    if math.isinf(value):
        return "np.inf" if value > 0 else "-np.inf"
    value = float(value)  # an int has no `is_integer` before Python 3.12
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def call(function: str, arguments: Sequence[str], indent: int = 0, end: str = "") -> str:
    """Return a call, on one line if it fits.

    Parameters
    ----------
    function : str
        Its name, or the text before its bracket.
    arguments : sequence of str
        The texts of its arguments, of several lines if need be.
    indent : int
        Depth of the line the call is in.
    end : str
        What follows the call.
    """
    line = f"{function}({', '.join(arguments)}){end}"
    fits = len(line) + len(_INDENT) * indent <= _WIDTH and "\n" not in line
    if fits:
        return line
    inner = "".join(f"{_INDENT}{_deeper(argument)},\n" for argument in arguments)
    return f"{function}(\n{inner}){end}"


def mapping(items: Mapping[str, str]) -> str:
    """Return a dict of texts that are already source text, one a line."""
    inner = "".join(f"{_INDENT}{literal(name)}: {_deeper(text)},\n" for name, text in items.items())
    return f"{{\n{inner}}}"


def literal(value: Any) -> str:
    """Return the text of a plain value: a number, text, or a dict, list or tuple of these."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{literal(str(name))}: {literal(each)}" for name, each in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(literal, value))
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{comma})"
    if isinstance(value, str):
        text = repr(value)
        return text if '"' in value else f'"{text[1:-1]}"'
    if isinstance(value, float):
        return number(value)
    return repr(value)


def one_line(name: str) -> str:
    """Return a name for a comment or a docstring, which it cannot end."""
    return " ".join(name.replace("\\", "/").replace('"', "'").split())


def array(values: Any) -> str:
    """Return the text of an array of numbers."""
    return _wrapped("np.array(", np.asarray(values, float).tolist(), ")")


def repeated(items: Sequence[str]) -> list[str]:
    """Return the items of a list display, in which repeats of parts are written as products."""
    found: list[str] = []
    for part, count in runs_of(items):
        inner = repeated(part) if len(part) > 1 else [*part]
        if count == 1:
            found += inner
        else:
            lines = "".join(f"{_INDENT}{_deeper(each)},\n" for each in inner)
            found.append(f"*[\n{lines}]\n* {count}")
    return found


def runs_of(items: Sequence[str]) -> Iterator[tuple[Sequence[str], int]]:
    """Yield the parts of a sequence, each with how often it follows itself."""
    place = 0
    while place < len(items):
        length, count = 1, 1
        for period in range(1, min(_LONGEST_PERIOD, (len(items) - place) // 2) + 1):
            part, times = items[place : place + period], 1
            while items[place + times * period : place + (times + 1) * period] == part:
                times += 1
            if times > 1 and times * period > length * count:
                length, count = period, times
        yield items[place : place + length], count
        place += length * count


def display(items: Sequence[str]) -> str:
    """Return a list display, one item a line."""
    inner = "".join(f"{_INDENT}{_deeper(item)},\n" for item in items)
    return f"[\n{inner}]"


def symbol_text(symbol: Any, arguments: Mapping[str, str], what: str) -> str:
    """Return the source text of a symbol of PyBaMM.

    Parameters
    ----------
    symbol : pybamm.Symbol
        With parameters as leaves.
    arguments : mapping of str to str
        Parameters that are arguments of a function -> names of the arguments.
    what : str
        What the symbol is, for messages.

    Raises
    ------
    NoCounterpart
        If it contains a symbol for which there is no text.
    """

    def text(node: Any) -> str:
        children = [text(child) for child in node.children]
        template = _TEMPLATES.get(type(node))
        if isinstance(node, pybamm.Power) and children[0].startswith("-"):
            # In Python a power binds tighter than the sign of a number.
            children[0] = f"({children[0]})"
        if template is not None:
            return template.format(*children)
        found = _leaf(node, children, arguments)
        if found is None:
            kind = type(node).__name__
            raise NoCounterpart(f"{what} contains {kind}, which cannot be written as Python")
        return found

    found = text(symbol)
    is_enclosed = found.startswith("(") and _closes_at_end(found)
    return found[1:-1] if is_enclosed else found


def _leaf(node: Any, children: Sequence[str], arguments: Mapping[str, str]) -> str | None:
    """Return the text of a number, a parameter or a table; None for other symbols."""
    if isinstance(node, pybamm.Interpolant):
        return _interpolant(node, children)
    if isinstance(node, pybamm.Scalar):
        return number(float(node.value))
    if type(node) is pybamm.Parameter:
        return arguments.get(node.name) or f"pybamm.Parameter({literal(node.name)})"
    if type(node) is pybamm.FunctionParameter:
        named = zip(node.input_names, children, strict=True)
        inner = ", ".join(f"{literal(name)}: {each}" for name, each in named)
        return f"pybamm.FunctionParameter({literal(node.name)}, {{{inner}}})"
    return None


def _interpolant(node: Any, children: Sequence[str]) -> str:
    grids = [array(grid) for grid in node.x]
    points = grids[0] if len(grids) == 1 else f"[{', '.join(grids)}]"
    options = "" if node.interpolator == "linear" else f", interpolator={node.interpolator!r}"
    options += "" if node.extrapolate else ", extrapolate=False"
    return (
        f"pybamm.Interpolant({points}, {array(node.y)}, [{', '.join(children)}]"
        f"{options.replace(chr(39), chr(34))})"
    )


def _closes_at_end(text: str) -> bool:
    """Return whether the bracket at the start of a text closes at its end."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _wrapped(start: str, values: list[Any], end: str) -> str:
    parts = [_plain(value) for value in values]
    line = f"{start}[{', '.join(parts)}]{end}"
    if len(line) <= _WIDTH:
        return line
    lines, current = [], ""
    for part in parts:
        if current and len(current) + len(part) + 6 > _WIDTH:
            lines.append(current)
            current = ""
        current += f"{part}, " if current else f"{_INDENT}{part}, "
    lines.append(current)
    inner = "\n".join(each.rstrip() for each in lines)
    return f"{start}[\n{inner}\n]{end}"


def _plain(value: Any) -> str:
    return f"[{', '.join(map(_plain, value))}]" if isinstance(value, list) else number(value)


def _deeper(text: str) -> str:
    return text.replace("\n", f"\n{_INDENT}")
