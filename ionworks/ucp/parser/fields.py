"""Reading the fields of one mapping: numbers, expressions, texts, sub-mappings."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import Final

from ionworks.ucp.expressions import Expr, Input, Name, Number, Text, evaluate, walk
from ionworks.ucp.hints import field_hint
from ionworks.ucp.nodes import Goto, Resolution
from ionworks.ucp.parser.expressions import parse_expression
from ionworks.ucp.parser.yaml_tree import Listing, Node, Scalar, Table
from ionworks.ucp.problems import ExpressionError, Report, shown
from ionworks.ucp.units import Dimension, number_with_unit, plain_number, unit_names

_WITH_COMMA: Final = re.compile(r"\s*[-+]?\d+,\d+\s*[^\s\d()]*\s*")
_WITH_WORD: Final = re.compile(r"\s*[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?\s*([^\s\d()\[\]*+<>=-]+)\s*")
_WITH_HOURS: Final = re.compile(r"\s*\d+\.?\d*\s*(?:h|min|m)", re.IGNORECASE)
_LONGEST_NUMBER: Final = 100
_RESOLUTION: Final[tuple[Dimension, ...]] = ("time", "voltage", "current")
_UNITS: Final = frozenset({"V", "mV", "A", "mA", "W", "Ah", "mAh", "Wh", "s", "min", "h", "%"})
_CUT_OFF: Final = re.compile(r"[-+.\d]+|[^(]*\)")
_NOT_FINITE: Final = frozenset({".inf", "+.inf", "-.inf", ".nan", "inf", "-inf", "nan", "infinity"})


def describe(node: Node) -> str:
    """Return what a node is, for messages: ``a list``, ``a mapping``, or its text in quotes."""
    match node:
        case Listing():
            return "a list"
        case Table():
            return "a mapping"
        case Scalar(value=None):
            return "an empty value"
        case Scalar(value=bool()):
            return "a boolean (yes or no)"
    return repr(shown(node.text))


def is_empty(node: Node | None) -> bool:
    """Return whether a field is missing or written without a value."""
    return node is None or (isinstance(node, Scalar) and node.value is None)


def read_expression(node: Node, report: Report, dimension: Dimension | None = None) -> Expr | None:
    """Read a number, a number with a unit of ``dimension``, or an expression.

    Returns None after reporting ``E-value`` (not a value at all) or ``E-expr`` (a bad expression).
    """
    report.remember(node.path, node.place)
    if not isinstance(node, Scalar) or node.value is None or isinstance(node.value, bool):
        message = f"expected a number or an expression, got {describe(node)}"
        report.error("E-value", node.path, message, node.place)
        return None
    if isinstance(node.value, float):
        return _number(node.value, node, report)
    return expression_of(node.value, node, report, dimension)


def read_optional(
    table: Table, name: str, report: Report, dimension: Dimension | None = None
) -> Expr | None:
    """Read the expression of a field; None if the field is missing or has no value."""
    node = table.given(name)
    return None if node is None else read_expression(node, report, dimension)


def expression_of(
    text: str, node: Node, report: Report, dimension: Dimension | None = None
) -> Expr | None:
    """Read an expression from part of a node's text; problems get the place of the node."""
    number = plain_number(text)
    if number is None and dimension is not None:
        number = number_with_unit(text, dimension)
    if number is not None or text.strip().lower() in _NOT_FINITE:
        return _number(math.inf if number is None else number, node, report)
    try:
        tree = parse_expression(text)
    except ExpressionError as error:
        reason = _not_a_number(text, dimension) or str(error)
        report.error("E-expr", node.path, f"{shown(text)!r}: {reason}", node.place)
        return None
    problem = expression_problem(tree)
    if problem is not None:
        report.error("E-expr", node.path, problem, node.place)
        return None
    return tree


def _number(value: float, node: Node, report: Report) -> Expr | None:
    if not math.isfinite(value):
        report.error("E-value", node.path, "the number must be finite", node.place)
        return None
    return Number(value)


def _not_a_number(text: str, dimension: Dimension | None) -> str | None:
    """Return what is wrong with a text that was meant as a number; None if it was not meant so."""
    if len(text) > _LONGEST_NUMBER:
        return None
    if _WITH_COMMA.fullmatch(text):
        return "write decimals with a point"
    match = _WITH_WORD.fullmatch(text)
    if match is None and dimension == "time" and _WITH_HOURS.match(text):
        return "write a time as 90 min, 1.5 h or 1:30:00"
    if match is None or (dimension is None and match.group(1) not in _UNITS):
        return None
    if dimension is None:
        return f"a unit is not allowed here, but {match.group(1)!r} is one; write the number alone"
    return f"unknown unit {match.group(1)!r}; valid units: {unit_names(dimension)}"


def expression_problem(tree: Expr) -> str | None:
    """Return why an expression can never have a value, or None if it may have one."""
    parts = list(walk(tree))
    text = next((part for part in parts if isinstance(part, Text)), None)
    if text is not None:
        return f"the text {text.value!r} cannot be part of a calculation"
    if not any(isinstance(part, Input | Name) for part in parts):
        try:
            evaluate(tree, {})
        except ExpressionError as error:
            return str(error)
    return None


def read_text(node: Node, report: Report, code: str = "E-key") -> str | None:
    """Read a text without surrounding blanks; report a list, mapping, boolean or empty value."""
    report.remember(node.path, node.place)
    if isinstance(node, Scalar) and not isinstance(node.value, bool) and node.text.strip():
        return node.text.strip()
    hint = "; quote it" if isinstance(node, Scalar) and isinstance(node.value, bool) else ""
    report.error(code, node.path, f"expected a text, got {describe(node)}{hint}", node.place)
    return None


def read_note(node: Node, report: Report) -> str | None:
    """Read a note: any scalar, unchanged."""
    if isinstance(node, Scalar):
        return None if node.value is None else node.text
    report.error("E-key", node.path, f"a note must be a text, not {describe(node)}", node.place)
    return None


def read_goto(node: Node, report: Report) -> Goto | None:
    """Read a jump target as written; its existence is checked on the whole tree."""
    target = read_text(node, report, "E-goto")
    if target is not None and target.isdecimal() and target.isascii() and len(target) <= 9:
        return int(target)
    return target


def refuse_unknown(
    table: Table,
    allowed: Collection[str],
    what: str,
    report: Report,
    ignored: Collection[str] = (),
) -> None:
    """Report every key that is not in ``allowed`` or ``ignored``, with the nearest allowed one."""
    for key, node in table.entries:
        if key.text not in allowed and key.text not in ignored:
            near = field_hint(key.text, allowed) or f"; valid fields: {', '.join(allowed)}"
            if is_empty(node) and _CUT_OFF.fullmatch(key.text[:80]):
                near = "; inside {...} quote text with commas, and write decimals with a point"
            message = f"{shown(key.text)!r} is not a field of {what}{near}"
            report.error("E-key", node.path, message, key.place)


def read_resolution(node: Node, report: Report) -> Resolution | None:
    """Read a number (the time) or a mapping with time, voltage and current."""
    report.remember(node.path, node.place)
    if not isinstance(node, Table):
        time = read_expression(node, report, "time")
        return None if time is None else Resolution(time=time)
    refuse_unknown(node, _RESOLUTION, "resolution", report)
    return Resolution(*(read_optional(node, name, report, name) for name in _RESOLUTION))
