"""Reading ``global`` and ``safety_limits``."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import attrs

from ionworks.ucp.expressions import Expr, Number, constant
from ionworks.ucp.nodes import (
    Global,
    Goto,
    InitialState,
    Resolution,
    Safety,
    SafetyLimit,
    unclear_state_of_charge,
)
from ionworks.ucp.parser.fields import (
    describe,
    read_expression,
    read_goto,
    read_resolution,
    read_text,
    refuse_unknown,
)
from ionworks.ucp.parser.yaml_tree import Node, Scalar, Table
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.units import Dimension, plain_number
from ionworks.ucp.vocabulary import GLOBAL_FIELDS, LIMITS, STATE_TYPES

_STATE_FIELDS: Final = GLOBAL_FIELDS[2:6]


def state_in_percent(state: InitialState) -> InitialState:
    """Return a constant state of charge in percent if it is clear, any other state unchanged."""
    value = constant(state.value)
    if state.kind != "soc" or state.scale == "percent" or value is None:
        return state
    if unclear_state_of_charge(value):
        return state
    # In decimal arithmetic, so that 0.57 is 57 % and not 56.99999999999999 %.
    percent = float(Decimal(repr(value)) * 100) if 0 <= value <= 1 else value
    return InitialState("soc", Number(percent))


def read_global(node: Node | None, report: Report) -> Global:
    """Read the settings of the test; a missing or empty section gives the defaults."""
    if node is None:
        return Global()
    report.remember(node.path, node.place)
    if not isinstance(node, Table):
        message = f"'global' must be a mapping of settings, not {describe(node)}"
        report.error("E-key", node.path, message, node.place)
        return Global()
    refuse_unknown(node, GLOBAL_FIELDS, "global", report)
    resolution = node.given("resolution")
    read = None if resolution is None else read_resolution(resolution, report)
    read = read or Resolution()
    temperature = _read_temperature(node, report)
    return Global(
        temperature=Number(25.0) if temperature is None else temperature,
        initial_state=_read_state(node, report),
        resolution=attrs.evolve(read, time=read.time or Number(60.0)),
        has_temperature=temperature is not None,
    )


def _read_temperature(table: Table, report: Report) -> Expr | None:
    read = [
        (child, expr)
        for name in GLOBAL_FIELDS[:2]
        if (child := table.given(name)) is not None
        and (expr := read_expression(child, report, "temperature")) is not None
    ]
    if len(read) == 2 and read[0][1] != read[1][1]:
        message = "'temperature' and 'initial_temperature' differ; keep one"
        report.error("E-init", read[1][0].path, message, read[1][0].place)
    if read:
        report.translate("global.temperature", read[0][0].path)
    return read[0][1] if read else None


def _read_state(table: Table, report: Report) -> InitialState:
    nodes = {name: child for name in _STATE_FIELDS if (child := table.given(name)) is not None}
    if nodes:
        last = list(nodes.values())[-1]
        report.remember(last.path, last.place)
        report.translate("global.initial_state", last.path)
    older = [name for name in ("initial_soc", "initial_voltage") if name in nodes]
    newer = [name for name in nodes if name not in older]
    if len(older) == 2 or (older and newer):
        names = " and ".join(repr(name) for name in nodes)
        message = f"{names} set the initial state twice; keep one way"
        report.error("E-init", table.path, message, nodes[older[-1]].place)
        return InitialState()
    if newer:
        return _read_typed_state(nodes, table, report)
    if "initial_voltage" in nodes:
        volts = read_expression(nodes["initial_voltage"], report, "voltage")
        return InitialState("voltage", volts) if volts is not None else InitialState()
    if "initial_soc" in nodes:
        return _read_soc(nodes["initial_soc"], report)
    return InitialState()


def _read_soc(node: Node, report: Report) -> InitialState:
    percent = _percent(node)
    if percent is not None:
        report.remember(node.path, node.place)
        return InitialState("soc", Number(percent))
    value = read_expression(node, report)
    if value is None:
        return InitialState()
    return state_in_percent(InitialState("soc", value, "auto"))


def _percent(node: Node) -> float | None:
    """Return the number of a state of charge written as ``57 %``."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    return plain_number(text.removesuffix("%")) if text.endswith("%") else None


def _read_typed_state(nodes: dict[str, Node], table: Table, report: Report) -> InitialState:
    type_node, value_node = nodes.get("initial_state_type"), nodes.get("initial_state_value")
    if value_node is None:
        message = "'initial_state_type' needs an 'initial_state_value'"
        report.error("E-init", table.path, message, type_node.place if type_node else None)
        return InitialState()
    kind = STATE_TYPES[0]
    if type_node is None:
        message = "'initial_state_value' without 'initial_state_type' is read as soc_percentage"
        report.warn("W-init", value_node.path, message, value_node.place)
    else:
        kind = (read_text(type_node, report, "E-init") or "").lower()
        if kind and kind not in STATE_TYPES:
            near = suggestion(kind, STATE_TYPES) or f"; valid types: {', '.join(STATE_TYPES)}"
            message = f"unknown type of initial state {shown(kind)!r}{near}"
            report.error("E-init", type_node.path, message, type_node.place)
    if kind == STATE_TYPES[0] and _percent(value_node) is not None:
        return _read_soc(value_node, report)
    value = read_expression(value_node, report, "voltage" if kind == "voltage" else None)
    if value is None or kind not in STATE_TYPES:
        return InitialState()
    if kind == "voltage":
        return InitialState("voltage", value)
    doubt = percent_problem(value)
    if doubt is not None:
        report.warn("W-soc1", value_node.path, doubt, value_node.place)
    percent = constant(value)
    return InitialState("soc", value if percent is None else Number(percent))


def percent_problem(value: Expr) -> str | None:
    """Return what is doubtful about a state of charge in percent: it looks like a fraction."""
    percent = constant(value)
    if percent is None or not 0 < percent <= 1:
        return None
    return f"{percent:g} is read as {percent:g} %; for {percent * 100:g} % write {percent * 100:g}"


def read_safety(node: Node | None, report: Report) -> Safety:
    """Read the safety limits; there are none in a missing or empty section."""
    if node is None:
        return Safety()
    report.remember(node.path, node.place)
    if not isinstance(node, Table):
        message = f"'safety_limits' must be a mapping of limits, not {describe(node)}"
        report.error("E-safety", node.path, message, node.place)
        return Safety()
    refuse_unknown(node, (*LIMITS, "goto"), "safety_limits", report)
    limits = (
        _read_limit(key, child, dimension, report)
        for key, dimension in LIMITS.items()
        if (child := node.given(key)) is not None
    )
    return Safety(
        tuple(limit for limit in limits if limit is not None), _read_optional_goto(node, report)
    )


def _read_optional_goto(table: Table, report: Report) -> Goto | None:
    goto = table.given("goto")
    return None if goto is None else read_goto(goto, report)


def _read_limit(key: str, node: Node, dimension: Dimension, report: Report) -> SafetyLimit | None:
    if not isinstance(node, Table):
        value = read_expression(node, report, dimension)
        return None if value is None else SafetyLimit(key, value)
    report.remember(node.path, node.place)
    refuse_unknown(node, ("value", "limit", "goto"), "a safety limit", report)
    numbers = [child for name in ("value", "limit") if (child := node.get(name)) is not None]
    if len(numbers) != 1:
        report.error("E-safety", node.path, "a safety limit needs exactly one 'value'", node.place)
        return None
    value = read_expression(numbers[0], report, dimension)
    goto = _read_optional_goto(node, report)
    return None if value is None else SafetyLimit(key, value, goto)
