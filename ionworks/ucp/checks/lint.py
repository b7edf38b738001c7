"""Lint: warnings about parts of a protocol that are valid but probably a mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ionworks.ucp.checks.jumps import TargetIndex
from ionworks.ucp.expressions import Expr, constant
from ionworks.ucp.nodes import Block, End, Item, Leaf, Marker, Protocol
from ionworks.ucp.problems import Report
from ionworks.ucp.traversal import Position, leaves
from ionworks.ucp.units import CELSIUS_OFFSET

_COUNTED_FROM_ZERO: Final = frozenset({"Time", "Capacity", "Energy", "Cycle count", "Step count"})
_HOTTEST: Final = 200.0
_LIMITS: Final = {
    ("Voltage", ">"): "voltage_max",
    ("Voltage", "<"): "voltage_min",
    ("Temperature", ">"): "temperature_max",
    ("Temperature", "<"): "temperature_min",
}


def lint(protocol: Protocol, report: Report) -> None:
    """Report ``W-temp``, ``W-tie``, ``W-cv``, ``W-direction`` and ``W-unreach``."""
    limits = {limit.key: constant(limit.value) for limit in protocol.safety.limits}
    _check_temperatures(protocol, report)
    for leaf in leaves(protocol.steps):
        _check_hold(leaf, report)
        for end in leaf.ends:
            _check_tie(leaf, end, limits, report)
            _check_direction(leaf, end, report)
    _check_reach(protocol.steps, (), _jumped_to(protocol), report)


def _check_temperatures(protocol: Protocol, report: Report) -> None:
    for path, expr in _temperatures(protocol):
        value = constant(expr)
        if value is not None and value > _HOTTEST:
            celsius = value - CELSIUS_OFFSET
            message = f"{value:g} degC is very hot; if this is in kelvin, write {celsius:g}"
            report.warn("W-temp", path, message)


def _temperatures(protocol: Protocol) -> Iterator[tuple[str, Expr]]:
    yield "global.temperature", protocol.global_.temperature
    for limit in protocol.safety.limits:
        if limit.key.startswith("temperature"):
            yield f"safety_limits.{limit.key}", limit.value
    for leaf in leaves(protocol.steps):
        if leaf.temperature is not None:
            yield f"{leaf.path}.temperature", leaf.temperature
        if leaf.kind == "Ambient temperature" and leaf.value is not None:
            yield leaf.path, leaf.value
        for end in leaf.ends:
            if end.quantity == "Temperature" and not end.rate:
                yield end.path, end.threshold


def _check_tie(leaf: Leaf, end: End, limits: dict[str, float | None], report: Report) -> None:
    key = _LIMITS.get((end.quantity, end.operator or ""))
    if (end.quantity, end.operator) == ("Current", ">"):
        key = {"Charge": "charge_current_max", "Discharge": "discharge_current_max"}.get(leaf.kind)
    value = constant(end.threshold)
    if key is None or end.rate or value is None or limits.get(key) != value:
        return
    message = (
        f"{end} is also the safety limit {key}; the limit takes precedence, so the test jumps to "
        "the limit's target or ends; set the limit slightly wider"
    )
    report.warn("W-tie", end.path, message)


def _check_hold(leaf: Leaf, report: Report) -> None:
    if leaf.mode != "Voltage" or leaf.kind not in ("Charge", "Discharge", "Direction"):
        return
    if not leaf.ends and leaf.duration is not None:
        message = "the voltage is held for the whole duration; add an end such as 'Current < 0.05'"
        report.warn("W-cv", leaf.path, message)
    for end in leaf.ends:
        if end.quantity == "Voltage" and not end.rate:
            message = "the voltage is held, so an end on Voltage is met immediately or never"
            report.warn("W-cv", end.path, message)


def _check_direction(leaf: Leaf, end: End, report: Report) -> None:
    against = {"Charge": "<", "Discharge": ">"}.get(leaf.kind)
    if leaf.mode == "Voltage" or end.quantity != "Voltage" or end.rate or end.goto is not None:
        return
    if against is not None and end.operator == against:
        message = f"{leaf.kind} moves the voltage away from {end}; is the comparison reversed?"
        report.warn("W-direction", end.path, message)


def _jumped_to(protocol: Protocol) -> set[Position]:
    """Return the positions of all jump targets and of the blocks around them."""
    gotos = [limit.goto for limit in protocol.safety.limits] + [protocol.safety.goto]
    gotos += [end.goto for leaf in leaves(protocol.steps) for end in leaf.ends]
    index = TargetIndex(protocol.steps)
    targets = [index.find(goto) for goto in dict.fromkeys(gotos) if goto is not None]
    return {
        target[:length]
        for target in targets
        if isinstance(target, tuple)
        for length in range(1, len(target) + 1)
    }


def _check_reach(
    items: Sequence[Item], above: Position, jumped_to: set[Position], report: Report
) -> None:
    reachable = True
    for index, item in enumerate(items):
        position = (*above, index)
        if not reachable and position not in jumped_to:
            report.warn("W-unreach", item.path, "unreachable: no step or jump leads to this item")
            continue
        if isinstance(item, Block):
            _check_reach(item.items, position, jumped_to, report)
        reachable = _falls_through(item)


def _falls_through(item: Item) -> bool:
    """Return whether the next item may run after this one without a jump."""
    if isinstance(item, Marker):
        return item.kind != "End"
    if isinstance(item, Block):
        count = constant(item.repeat)
        return count == 0 or all(_falls_through(child) for child in item.items)
    away = [end for end in item.ends if end.goto not in (None, "Next")]
    if item.kind == "Control":
        return not any(_is_always_true(end) for end in away)
    self_ending = item.kind in ("Drive", "EIS", "Ambient temperature") or (
        item.profile is not None or (item.wave is not None and item.wave.cycles is not None)
    )
    return self_ending or item.duration is not None or len(away) < len(item.ends) or not item.ends


def _is_always_true(end: End) -> bool:
    value = constant(end.threshold)
    return (
        end.quantity in _COUNTED_FROM_ZERO
        and not end.rate
        and value is not None
        and ((end.operator == ">" and value < 0) or (end.operator == ">=" and value <= 0))
    )
