"""Reading the ends of steps: the four forms, and the operators that the flat form may omit."""

from __future__ import annotations

import re
from math import isfinite
from typing import Final

from attrs import evolve, frozen

from ionworks.ucp.expressions import Binary, Expr, Number, constant
from ionworks.ucp.formulas import FormulaError, is_formula, variables_of, without_names
from ionworks.ucp.hints import quantity_hint
from ionworks.ucp.nodes import End, Goto, Kind, Operator
from ionworks.ucp.parser.fields import (
    describe,
    expression_of,
    is_empty,
    read_expression,
    read_goto,
    read_text,
    refuse_unknown,
)
from ionworks.ucp.parser.yaml_tree import Listing, Node, Scalar, Table
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.units import Dimension, c_rate, scale, scaled, unit_names
from ionworks.ucp.vocabulary import QUANTITIES

_RATES: Final = frozenset(
    {"Voltage", "Current", "C-rate", "Capacity", "Temperature", "SOC", "Energy", "Power"}
)
_CANONICAL: Final = {re.sub(r"[ _-]", "", name.lower()): name for name in QUANTITIES}
_COMPARISON: Final = re.compile(r"[<>=!\u2264\u2265]+")
_RATE: Final = re.compile(r"d\s*/\s*dt\s*\(([^()]*)\)", re.IGNORECASE)
_UNIT: Final = re.compile(r"([^\[\]]*)\[([^\[\]]*)\]")
_BEGINS_NUMBER: Final = tuple("+-.0123456789")
_LISTING: Final = frozenset(",;")
_INPUT: Final = re.compile(r"\binput\s*\[")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS: Final[dict[str, Operator]] = {
    "<": "<",
    "<=": "<=",
    "\u2264": "<=",
    ">": ">",
    ">=": ">=",
    "\u2265": ">=",
    "==": "==",
    "!=": "!=",
}
_CROSSED: Final[dict[Operator, Operator]] = {"<": "<", "<=": "<", ">": ">", ">=": ">"}
"""Operators of a measured quantity: it passes a threshold in no time, so <= means <."""
_MEANT: Final = {"=": "==", "=<": "<=", "=>": ">=", "<>": "!=", "!": "!="}
_MIRRORED: Final[dict[Operator, Operator]] = {
    "<": ">",
    ">": "<",
    "<=": ">=",
    ">=": "<=",
    "==": "==",
    "!=": "!=",
}
_FLAT_FIELDS: Final = ("variable", "value", "operator", "goto")

_BY_DIRECTION: Final = frozenset({"Voltage", "SOC"})
_TAPERING: Final = frozenset({"Current", "C-rate", "Power"})
_COUNTING: Final = frozenset({"Capacity", "Energy", "Time"})


@frozen
class _Quantity:
    name: str
    rate: bool = False
    unit: str | None = None

    @property
    def dimension(self) -> Dimension | None:
        return None if self.rate else QUANTITIES.get(self.name)

    @property
    def is_measured(self) -> bool:
        """Whether it changes during a step; variables and counts do not."""
        return is_formula(self.name) or QUANTITIES.get(self.name) is not None


def implied_operator(quantity: str, kind: Kind) -> Operator | None:
    """Return the operator that an end without one has on this kind of step, or None."""
    if quantity in _BY_DIRECTION and kind in ("Charge", "Discharge"):
        return ">" if kind == "Charge" else "<"
    if quantity in _TAPERING and kind in ("Charge", "Discharge", "Direction"):
        return "<"
    if quantity in _COUNTING and kind != "Control":
        return ">"
    if quantity == "Temperature" and kind in ("Charge", "Discharge", "Direction"):
        # A cell warms up under load.
        return ">"
    return None


def _is_decided_by_the_run(quantity: str, kind: Kind) -> bool:
    """Return whether the operator depends on the voltage or direction at step entry."""
    return (quantity, kind) == ("Voltage", "Rest") or (
        quantity in _BY_DIRECTION and kind == "Direction"
    )


def read_ends(node: Node, kind: Kind, report: Report) -> tuple[End, ...]:
    """Read the ``ends`` of a step: a list of ends, or a single one.

    Parameters
    ----------
    node : Node
        The value of ``ends``.
    kind : Kind
        Of the step; determines operators that are not written.
    report : Report
        Collects the problems (``E-end``, ``E-expr``, ``E-goto``).

    Returns
    -------
    tuple of End
        The valid ones, in order.
    """
    items = node.items if isinstance(node, Listing) else [node]
    ends = (_read_end(item, kind, report) for item in items)
    return tuple(end for end in ends if end is not None)


def _read_end(node: Node, kind: Kind, report: Report) -> End | None:
    report.remember(node.path, node.place)
    match node:
        case Scalar(value=str() as text):
            return _read_condition(text, None, node, report)
        case Table() if node.get("expression") is not None:
            return _read_expression_form(node, report)
        case Table() if node.get("variable") is not None:
            return _read_flat(node, kind, report)
        case Table() if len(node.entries) == 1:
            return _read_keyed(node, report)
    hint = "; write one like 'Voltage < 2.5'"
    if isinstance(node, Table) and node.get("goto") is not None:
        hint = "; indent 'goto' under the condition: {'Voltage < 2.5': {goto: End}}"
    given = (
        describe(node) if not isinstance(node, Table) else f"a mapping of {shown(str(node.keys))}"
    )
    report.error("E-end", node.path, f"an end cannot be {given}{hint}", node.place)
    return None


def _read_keyed(node: Table, report: Report) -> End | None:
    key, action = node.entries[0]
    end = _read_condition(key.text, None, node, report)
    if end is None:
        return None
    goto: Goto | None = None
    if isinstance(action, Table):
        refuse_unknown(action, ("goto",), "the action of an end", report)
        goto = _goto_of(action, report)
    elif not is_empty(action):
        message = f"the action of an end must be {{goto: name}}, not {describe(action)}"
        report.error("E-end", node.path, message, action.place)
    return evolve(end, goto=goto)


def _read_expression_form(node: Table, report: Report) -> End | None:
    if node.get("variable") is not None:
        message = "an end cannot have both 'expression' and 'variable'; remove one"
        report.error("E-end", node.path, message, node.place)
        return None
    refuse_unknown(node, ("expression", "goto"), "an end with 'expression'", report)
    condition = node.get("expression")
    text = None if condition is None else read_text(condition, report, "E-end")
    return None if text is None else _read_condition(text, _goto_of(node, report), node, report)


def _goto_of(table: Table, report: Report) -> Goto | None:
    target = table.get("goto")
    return None if target is None else read_goto(target, report)


def _read_flat(node: Table, kind: Kind, report: Report) -> End | None:
    refuse_unknown(node, _FLAT_FIELDS, "an end with 'variable'", report)
    goto = _goto_of(node, report)
    variable, value, written = node.get("variable"), node.given("value"), node.given("operator")
    name = read_text(variable, report, "E-end") if variable is not None else None
    quantity = _read_quantity(name, node, report) if name is not None else None
    if value is None:
        message = "an end with 'variable' needs a 'value'"
        report.error("E-value", node.path, message, node.place)
        return None
    threshold = read_expression(value, report, quantity.dimension if quantity else None)
    if quantity is None or threshold is None:
        return None
    threshold = _in_base_unit(threshold, quantity, node, report)
    _check_percent(
        threshold, value.text if isinstance(value, Scalar) else "", quantity, node, report
    )
    number = constant(threshold)
    if quantity.name in ("Current", "C-rate") and number is not None and number < 0:
        threshold = Number(-number)
    operator = None
    if written is not None:
        text = read_text(written, report, "E-end")
        operator = None if text is None else _operator_for(quantity, text, written, report)
        if operator is None:
            return None
    elif quantity.rate or not _is_decided_by_the_run(quantity.name, kind):
        operator = None if quantity.rate else implied_operator(quantity.name, kind)
        if operator is None:
            message = f"{quantity.name} on {kind} needs an 'operator', '<' or '>'"
            report.error("E-end", node.path, message, node.place)
            return None
    text = f"{name} {operator or 'reaches'} {threshold}"
    return End(quantity.name, operator, threshold, quantity.rate, goto, text, node.path)


def _operator_for(quantity: _Quantity, written: str, node: Node, report: Report) -> Operator | None:
    operator = _OPERATORS.get(written)
    if operator is not None:
        operator = _CROSSED.get(operator) if quantity.is_measured else operator
    if operator is None:
        if quantity.is_measured:
            hint = "'<' or '>'"
        else:
            hint = repr(_MEANT[written]) if written in _MEANT else f"one of {' '.join(_MIRRORED)}"
        message = f"{quantity.name} cannot be compared with {shown(written)!r}; write {hint}"
        report.error("E-end", node.path, message, node.place)
    return operator


def _read_condition(text: str, goto: Goto | None, node: Node, report: Report) -> End | None:
    comparison = _COMPARISON.search(without_names(text))
    if comparison is None:
        message = f"{shown(text)!r} is not a condition; write one like 'Voltage < 2.5'"
        report.error("E-end", node.path, message, node.place)
        return None
    left, right = text[: comparison.start()], text[comparison.end() :].strip()
    written = text[comparison.start() : comparison.end()]
    if _turned_around(left, right, written, node, report):
        return None
    quantity = _read_quantity(left.strip(), node, report)
    if quantity is None:
        return None
    operator = _operator_for(quantity, written, node, report)
    if operator is None:
        return None
    if quantity.name == "Current" and not quantity.rate and c_rate(right) is not None:
        quantity = _Quantity("C-rate")
    threshold = _read_threshold(right, quantity, node, report)
    if threshold is None:
        if quantity.name not in QUANTITIES and quantity_hint(quantity.name):
            _refuse_quantity(quantity.name, node, report)
        return None
    threshold = _in_base_unit(threshold, quantity, node, report)
    _check_percent(threshold, right, quantity, node, report)
    return End(quantity.name, operator, threshold, quantity.rate, goto, text.strip(), node.path)


def _turned_around(left: str, right: str, written: str, node: Node, report: Report) -> bool:
    """Report a condition with the quantity on the right, ``2.5 < Voltage``."""
    left, name, operator = left.strip(), _name_of(right), _OPERATORS.get(written)
    comes_first = (
        _name_of(left) in QUANTITIES or _RATE.fullmatch(left) is not None or is_formula(left)
    )
    is_name = _IDENTIFIER.fullmatch(right) is not None or is_formula(right)
    is_variable = left[:1] in _BEGINS_NUMBER and is_name
    if operator is None or comes_first or not (name in QUANTITIES or is_variable):
        return False
    message = f"the quantity must come first; write '{name} {_MIRRORED[operator]} {shown(left)}'"
    report.error("E-end", node.path, message, node.place)
    return True


def _name_of(text: str) -> str:
    """Return the canonical name of a quantity in any spelling, else the text itself."""
    return _CANONICAL.get(re.sub(r"[ _-]", "", text[:40].lower()), text)


def _read_quantity(text: str, node: Node, report: Report) -> _Quantity | None:
    if is_formula(text):
        return _read_formula(text, node, report)
    rate = _RATE.fullmatch(text)
    inner = rate.group(1).strip() if rate else text
    with_unit = _UNIT.fullmatch(inner)
    unit = with_unit.group(2).strip() if with_unit else None
    if with_unit:
        inner = with_unit.group(1).strip()
    name = _name_of(inner)
    if name not in QUANTITIES and (not _IDENTIFIER.fullmatch(inner) or with_unit):
        _refuse_quantity(text, node, report)
        return None
    if rate and name not in _RATES:
        message = f"unknown rate d/dt({shown(inner)}); valid: d/dt of {', '.join(sorted(_RATES))}"
        report.error("E-end", node.path, message, node.place)
        return None
    return _Quantity(name, rate is not None, unit)


def _read_formula(text: str, node: Node, report: Report) -> _Quantity | None:
    """Read a formula of the model's variables; whether the model has them is checked later."""
    formula = " ".join(text.split())
    problem = None
    if _INPUT.search(without_names(formula)):
        problem = "an input stands on the right side of a condition"
    elif _RATE.fullmatch(formula):
        problem = f"there is no rate of a formula; d/dt takes {', '.join(sorted(_RATES))}"
    else:
        try:
            if not variables_of(formula):
                problem = f"{shown(text)!r} contains no variable of the model"
        except FormulaError as error:
            problem = f"{error}; a formula has the names of the model's variables in quotes"
    if problem is not None:
        report.error("E-end", node.path, problem, node.place)
        return None
    return _Quantity(formula)


def _refuse_quantity(text: str, node: Node, report: Report) -> None:
    if "|" in text or text.lower().startswith("abs"):
        hint = "; ends compare the magnitude of the current: write 'Current < 0.05'"
    else:
        hint = quantity_hint(text) or suggestion(text, QUANTITIES)
        hint = hint or (
            f"; valid quantities: {', '.join(QUANTITIES)}, and variables; put the name of a "
            f"variable of the model in quotes: '\"{shown(text)}\"'"
        )
    message = f"unknown quantity {shown(text)!r}{hint}"
    if not text:
        message = "the quantity is missing before the comparison; write one like 'Voltage < 2.5'"
    report.error("E-end", node.path, message, node.place)


def _read_threshold(text: str, quantity: _Quantity, node: Node, report: Report) -> Expr | None:
    if not text:
        report.error("E-end", node.path, "a value is missing after the comparison", node.place)
        return None
    listed = not _LISTING.isdisjoint(text) and "(" not in text and _COMPARISON.search(text)
    joined = "&&" in text or "||" in text or bool(listed)
    threshold = None if joined else expression_of(text, node, report, quantity.dimension)
    compound = isinstance(threshold, Binary) and threshold.operator in ("and", "or", *_MIRRORED)
    if joined or compound:
        message = (
            "an end must be a single comparison; write each comparison as a separate end (the "
            "first one reached ends the step), or set a VAR_ variable and compare that"
        )
        report.error("E-end", node.path, message, node.place)
        return None
    return threshold


def _check_percent(
    threshold: Expr, text: str, quantity: _Quantity, node: Node, report: Report
) -> None:
    """Report a state of charge above 100 %: its fraction, above 1, would be read as percent."""
    number = constant(threshold)
    in_percent = quantity.unit is not None or text.strip().endswith("%")
    if quantity.name == "SOC" and not quantity.rate and in_percent and number and number > 1:
        message = f"a state of charge of {100 * number:g} % is above 100 %"
        report.error("E-end", node.path, message, node.place)


def _in_base_unit(threshold: Expr, quantity: _Quantity, node: Node, report: Report) -> Expr:
    """Convert a threshold to the base unit if the quantity names a unit, ``Current [mA]``."""
    if quantity.unit is None:
        return threshold
    dimension = QUANTITIES.get(quantity.name)
    factor = scale(quantity.unit, dimension) if dimension else None
    if factor is None:
        units = f"valid units: {unit_names(dimension)}" if dimension else "remove it"
        message = f"unknown unit {shown(quantity.unit)!r} of {quantity.name}; {units}"
        report.error("E-end", node.path, message, node.place)
        return threshold
    if factor == 1:
        return threshold
    number = constant(threshold)
    if number is None:
        return Binary("*" if factor > 0 else "/", threshold, Number(abs(factor)))
    if not isfinite(scaled(number, factor)):
        report.error("E-value", node.path, "the number must be finite", node.place)
        return threshold
    return Number(scaled(number, factor))
