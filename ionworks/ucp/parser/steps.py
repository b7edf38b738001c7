"""Reading one step of any kind, in the keyed or the flat dialect."""

from __future__ import annotations

from typing import Any, Final

from ionworks.ucp.expressions import Expr, Name, Number, Text, constant, rewrite
from ionworks.ucp.nodes import Assignment, Kind, Leaf
from ionworks.ucp.parser.ends import read_ends
from ionworks.ucp.parser.expressions import parse_expression
from ionworks.ucp.parser.fields import (
    describe,
    is_empty,
    read_expression,
    read_note,
    read_resolution,
    read_text,
    refuse_unknown,
)
from ionworks.ucp.parser.modes import read_mode
from ionworks.ucp.parser.profiles import read_drive, read_sweep, read_waveform
from ionworks.ucp.parser.yaml_tree import Listing, Node, Scalar, Table
from ionworks.ucp.problems import ExpressionError, Report, shown
from ionworks.ucp.units import Dimension
from ionworks.ucp.vocabulary import FIELDS, MODES, name_problem

CONTROLLED: Final = frozenset({"Charge", "Discharge", "Direction"})
_LENGTHS: Final[dict[Kind, tuple[str, ...]]] = {
    "Rest": ("duration",),
    "Charge": ("duration",),
    "Discharge": ("duration",),
    "Direction": ("duration",),
    "Waveform": ("duration", "cycles", "data"),
}
"""The fields that limit a step, for the kinds that need one of them or an end."""

_TERM: Final = "{} needs a 'duration' or at least one of 'ends'"
_DIRECTION_WORDS: Final = {"charge": Number(1.0), "discharge": Number(-1.0)}


def read_direction(text: str, node: Node, report: Report) -> Expr | None:
    """Read the expression of ``Direction[...]``; the words Charge and Discharge become 1 and -1."""
    try:
        return direction_numbers(parse_expression(text))
    except ExpressionError as error:
        message = f"the direction {shown(text)!r}: {error}; write Charge, Discharge or a number"
        report.error("E-expr", node.path, message, node.place)
        return None


def direction_numbers(tree: Expr) -> Expr:
    """Return an expression with the words Charge and Discharge replaced by 1 and -1.

    Raises
    ------
    ExpressionError
        If it contains another text.
    """

    def number_of(part: Expr) -> Expr:
        word = part.value if isinstance(part, Text) else part.name if isinstance(part, Name) else ""
        if word.strip().lower() in _DIRECTION_WORDS:
            return _DIRECTION_WORDS[word.strip().lower()]
        if isinstance(part, Text):
            raise ExpressionError(f"{part.value!r} is neither Charge nor Discharge")
        return part

    return rewrite(tree, number_of)


def settled_kind(kind: Kind, direction: Expr | None) -> tuple[Kind, Expr | None]:
    """Return kind and direction of a step: Charge or Discharge and None if it is a constant."""
    value = None if direction is None else constant(direction)
    if kind != "Direction" or value is None:
        return kind, direction
    return ("Charge" if value > 0 else "Discharge"), None


def read_step(
    kind: Kind, body: Node, path: str, report: Report, direction: Expr | None = None
) -> Leaf:
    """Read a step.

    Parameters
    ----------
    kind : Kind
        As given by the key or by the field ``direction``.
    body : Node
        The parameters; for a flat step the whole item, including ``direction``.
    path : str
        Of the step, for its problems.
    report : Report
        Collects the problems.
    direction : Expr, optional
        Of ``Direction[...]``.

    Returns
    -------
    Leaf
        With None for fields that were missing or invalid, which is reported.
    """
    kind, direction = settled_kind(kind, direction)
    report.remember(path, body.place)
    if not isinstance(body, Table):
        return _read_bare(kind, body, path, report)
    ignored = ["direction"] if isinstance(body.parent, Listing) else []
    if kind == "Rest":
        _refuse_rest_mode(body, report)
        ignored += ["mode", "value"]
    refuse_unknown(body, FIELDS[kind], kind, report, ignored=ignored)
    fields = _common_fields(kind, body, report)
    if kind in CONTROLLED:
        fields |= _controlled_fields(kind, body, path, report)
    elif kind == "Drive":
        fields |= read_drive(body, path, report)
    elif kind == "Waveform":
        fields |= read_waveform(body, path, report)
    elif kind == "EIS":
        fields |= read_sweep(body, path, report)
    elif kind == "Ambient temperature":
        fields |= _ambient_fields(body, path, report)
    _check_term(kind, body, path, report)
    return Leaf(kind, path=path, direction=direction, **fields)


def _check_term(kind: Kind, body: Table, path: str, report: Report) -> None:
    """Report a step that never ends."""
    ends = body.given("ends")
    has_ends = ends is not None and not (isinstance(ends, Listing) and not ends.items)
    has_length = any(body.given(field) is not None for field in _LENGTHS.get(kind, ()))
    if kind in _LENGTHS and not (has_ends or has_length):
        report.error("E-term", path, _TERM.format(kind), body.place)


def _read_bare(kind: Kind, body: Node, path: str, report: Report) -> Leaf:
    """Read a step whose body is not a mapping: empty, or the value of an ambient temperature."""
    if kind == "Ambient temperature" and isinstance(body, Scalar):
        return Leaf(kind, value=read_expression(body, report, "temperature"), path=path)
    if not is_empty(body):
        hint = ""
        if kind == "Rest" and isinstance(body, Scalar):
            hint = f"; write 'Rest: {{duration: {shown(body.text)}}}'"
        message = f"the parameters of {kind} must be a mapping, not {describe(body)}{hint}"
        report.error("E-item", path, message, body.place)
    elif kind in CONTROLLED:
        report.error("E-mode", path, f"{kind} needs 'mode' and 'value'", body.place)
    elif kind not in ("Rest", "Control"):
        report.error("E-value", path, f"{kind} needs {', '.join(FIELDS[kind][:3])}", body.place)
    elif kind == "Rest":
        report.error("E-term", path, _TERM.format(kind), body.place)
    return Leaf(kind, path=path)


def _refuse_rest_mode(body: Table, report: Report) -> None:
    for key, node in body.entries:
        if key.text in ("mode", "value"):
            message = f"Rest has zero current and takes no {key.text!r}; remove it"
            report.error("E-kind", node.path, message, key.place)


def _common_fields(kind: Kind, body: Table, report: Report) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, node in body.entries:
        if key.text not in FIELDS[kind] or (is_empty(node) and key.text != "name"):
            continue
        match key.text:
            case "duration":
                fields["duration"] = read_expression(node, report, "time")
            case "temperature" if kind != "Ambient temperature":
                fields["temperature"] = read_expression(node, report, "temperature")
            case "resolution":
                fields["resolution"] = read_resolution(node, report)
            case "ends":
                fields["ends"] = read_ends(node, kind, report)
            case "set_variable":
                fields["set_variables"] = _read_assignments(node, report)
            case "note":
                fields["note"] = read_note(node, report)
            case "name":
                fields["name"] = read_text(node, report)
    return fields


def _controlled_fields(kind: Kind, body: Table, path: str, report: Report) -> dict[str, Any]:
    mode = read_mode(body, path, report, f"{kind} needs a 'mode'")
    if mode == "Resistance" and kind != "Discharge":
        message = "a resistance is a load: use the mode Resistance with Discharge only"
        report.error("E-mode", path, message)
    value = body.given("value")
    if value is None:
        report.error("E-value", path, f"{kind} needs a 'value'", body.place)
        return {"mode": mode}
    dimension: Dimension | None = MODES[mode] if mode else None
    return {"mode": mode, "value": read_expression(value, report, dimension)}


def _ambient_fields(body: Table, path: str, report: Report) -> dict[str, Any]:
    nodes = [node for name in ("value", "temperature") if (node := body.get(name)) is not None]
    if len(nodes) != 1 or is_empty(nodes[0]):
        message = "Ambient temperature needs one 'value' in degC"
        report.error("E-value", path, message, body.place)
        return {}
    return {"value": read_expression(nodes[0], report, "temperature")}


def _read_assignments(node: Node, report: Report) -> tuple[Assignment, ...]:
    items = node.items if isinstance(node, Listing) else [node]
    read = (_read_assignment(item, report) for item in items)
    return tuple(assignment for assignment in read if assignment is not None)


def _read_assignment(node: Node, report: Report) -> Assignment | None:
    report.remember(node.path, node.place)
    if not isinstance(node, Table):
        message = f"an assignment must be like {{name: VAR_X, eval: 1}}, not {describe(node)}"
        report.error("E-key", node.path, message, node.place)
        return None
    refuse_unknown(node, ("name", "eval"), "an assignment", report)
    name_node, value_node = node.get("name"), node.get("eval")
    if name_node is None or value_node is None:
        message = "an assignment needs 'name' and 'eval'; write {name: VAR_X, eval: 1}"
        report.error("E-key", node.path, message, node.place)
        return None
    name = read_text(name_node, report)
    value = read_expression(value_node, report)
    problem = name_problem(name) if name is not None else None
    if problem:
        report.error("E-expr", name_node.path, problem, name_node.place)
    return None if name is None or value is None else Assignment(name, value)
