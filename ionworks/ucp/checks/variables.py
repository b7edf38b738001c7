"""User variables: whether each one that is used is also set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from ionworks.ucp.expressions import (
    CONSTANT_NAMES,
    READOUT_NAMES,
    Expr,
    Name,
    walk,
)
from ionworks.ucp.hints import quantity_hint
from ionworks.ucp.nodes import Block, End, Leaf, Protocol
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.traversal import expressions, leaves, positions
from ionworks.ucp.vocabulary import QUANTITIES


def names_in(expr: Expr) -> Iterator[str]:
    """Yield the names an expression uses."""
    return (part.name for part in walk(expr) if isinstance(part, Name))


def check_variables(protocol: Protocol, report: Report) -> None:
    """Report names that are never set (``E-expr``) or only set later (``W-unset``)."""
    assigned = {item.name for leaf in leaves(protocol.steps) for item in leaf.set_variables}
    _check_settings(protocol, assigned, report)
    _check_quantities(protocol, assigned, report)
    set_so_far: set[str] = set()
    warned: set[str] = set()
    for path, used in _uses(protocol, assigned):
        if isinstance(used, str):
            set_so_far.add(used)
            continue
        for name in names_in(used):
            if name in CONSTANT_NAMES or name in READOUT_NAMES:
                continue
            if name not in assigned:
                _report_unknown(name, path, assigned, report)
            elif name not in set_so_far and name not in warned:
                warned.add(name)
                message = f"the variable {name!r} is used before it is set; it is 0 until then"
                report.warn("W-unset", path, message)


def _uses(protocol: Protocol, assigned: set[str]) -> Iterator[tuple[str, Expr | str]]:
    """Yield every expression of the steps and, as text, every variable where it is set."""
    for _, item in positions(protocol.steps):
        if isinstance(item, Block):
            yield f"{item.path}.repeat", item.repeat
        if not isinstance(item, Leaf):
            continue
        yield from expressions(attrs.evolve(item, set_variables=()), item.path)
        for end in item.ends:
            if end.quantity in assigned and _is_variable(end):
                yield end.path, Name(end.quantity)
        for index, assignment in enumerate(item.set_variables):
            yield f"{item.path}.set_variable[{index}].eval", assignment.value
            yield item.path, assignment.name


def _is_variable(end: End) -> bool:
    return end.quantity not in QUANTITIES and not end.is_formula


def _check_quantities(protocol: Protocol, assigned: set[str], report: Report) -> None:
    for leaf in leaves(protocol.steps):
        for end in leaf.ends:
            if _is_variable(end) and end.quantity not in assigned:
                known = [*QUANTITIES, *sorted(assigned)]
                near = quantity_hint(end.quantity) or suggestion(end.quantity, known)
                near = near or f"; valid quantities: {', '.join(QUANTITIES)}, and variables"
                message = f"unknown quantity {shown(end.quantity)!r}{near}"
                report.error("E-end", end.path, message)


def _report_unknown(name: str, path: str, assigned: Iterable[str], report: Report) -> None:
    known = [*sorted(assigned), *CONSTANT_NAMES, *READOUT_NAMES, *QUANTITIES]
    near = suggestion(name, known) or "; set it with 'set_variable', or use an input[...]"
    report.error("E-expr", path, f"the name {shown(name)!r} is never set{near}")


def _check_settings(protocol: Protocol, assigned: set[str], report: Report) -> None:
    for path, expr in expressions(protocol.global_, "global"):
        place = path.removesuffix(".value")
        for name in names_in(expr):
            if name not in CONSTANT_NAMES:
                near = suggestion(name, CONSTANT_NAMES)
                message = f"the name {shown(name)!r} has no value before the test starts{near}"
                report.error("E-expr", place, message)
    for limit in protocol.safety.limits:
        for name in names_in(limit.value):
            if name not in CONSTANT_NAMES and name not in READOUT_NAMES and name not in assigned:
                _report_unknown(name, f"safety_limits.{limit.key}", assigned, report)
