"""Ranges of constants, checked when a protocol is read and again when it is resolved."""

from __future__ import annotations

from typing import Final

from ionworks.ucp.expressions import Expr, constant
from ionworks.ucp.nodes import (
    Block,
    Global,
    Item,
    Leaf,
    Protocol,
    Resolution,
    Safety,
    unclear_state_of_charge,
)
from ionworks.ucp.problems import Report
from ionworks.ucp.traversal import leaves, positions
from ionworks.ucp.units import CELSIUS_OFFSET
from ionworks.ucp.vocabulary import MAGNITUDES

MAX_STEPS: Final = 100_000
"""The most steps a run may take."""

# Allows for rounding in an expression such as 0.1 * 30.
_WHOLE: Final = 1e-9


def check_ranges(protocol: Protocol, report: Report, *, resolved: bool = False) -> None:
    """Report constants outside their range.

    Parameters
    ----------
    protocol : Protocol
        The tree; expressions that are not constant yet are skipped.
    report : Report
        Collects the problems.
    resolved : bool
        Whether inputs were filled in: a duration of 0 or less then skips the step.
    """
    _check_global(protocol.global_, report)
    _check_safety(protocol.safety, report)
    for _, item in positions(protocol.steps):
        if isinstance(item, Block):
            _check_repeat(item.repeat, f"{item.path}.repeat", report)
        elif isinstance(item, Leaf):
            _check_step(item, report, resolved=resolved)
    _check_length(protocol, report)


def _below(expr: Expr | None, least: float, *, reached: bool = False) -> bool:
    """Return whether an expression is a constant below ``least`` (or at it, with ``reached``)."""
    value = None if expr is None else constant(expr)
    return value is not None and (value < least or (reached and value == least))


def _check_temperature(expr: Expr | None, code: str, path: str, report: Report) -> None:
    if _below(expr, -CELSIUS_OFFSET):
        report.error(code, path, "a temperature in degC must not be below -273.15")


def _check_resolution(resolution: Resolution | None, code: str, path: str, report: Report) -> None:
    if resolution is None:
        return
    for part in (resolution.time, resolution.voltage, resolution.current):
        if _below(part, 0, reached=True):
            report.error(code, path, "a resolution must be above 0")


def _check_global(settings: Global, report: Report) -> None:
    _check_temperature(settings.temperature, "E-init", "global.temperature", report)
    _check_resolution(settings.resolution, "E-init", "global.resolution", report)
    value = constant(settings.initial_state.value)
    if value is None:
        return
    if settings.initial_state.kind == "voltage" and value < 0:
        report.error(
            "E-init",
            "global.initial_state",
            f"an initial voltage must not be negative, got {value:g} V",
        )
    problem = unclear_state_of_charge(value) if settings.initial_state.scale == "auto" else None
    if problem is not None:
        report.error("E-init", "global.initial_state", problem)
    elif settings.initial_state.kind == "soc" and not 0 <= value <= 100:
        message = f"an initial state of charge must be from 0 to 100 %, got {value:g} %"
        report.error("E-init", "global.initial_state", message)


def _check_safety(safety: Safety, report: Report) -> None:
    values = {limit.key: constant(limit.value) for limit in safety.limits}
    for quantity in ("voltage", "temperature"):
        low, high = values.get(f"{quantity}_min"), values.get(f"{quantity}_max")
        if low is not None and high is not None and low >= high:
            message = f"{quantity}_min ({low:g}) must be below {quantity}_max ({high:g})"
            report.error("E-safety", f"safety_limits.{quantity}_min", message)
    for limit in safety.limits:
        path = f"safety_limits.{limit.key}"
        if limit.key.endswith("current_max") and _below(limit.value, 0, reached=True):
            message = f"{limit.key} must be a positive current in A, for either direction"
            report.error("E-safety", path, message)
        if limit.key.startswith("temperature"):
            _check_temperature(limit.value, "E-safety", path, report)


def _check_step(leaf: Leaf, report: Report, *, resolved: bool) -> None:
    path = leaf.path
    if leaf.kind == "Ambient temperature":
        _check_temperature(leaf.value, "E-value", path, report)
    else:
        _check_value(leaf, report)
    if not resolved and _below(leaf.duration, 0, reached=True):
        report.error("E-value", f"{path}.duration", "a duration must be above 0 seconds")
    _check_temperature(leaf.temperature, "E-value", f"{path}.temperature", report)
    _check_resolution(leaf.resolution, "E-value", f"{path}.resolution", report)
    for end in leaf.ends:
        if end.quantity in MAGNITUDES and not end.rate and _below(end.threshold, 0):
            message = (
                f"{end.quantity} is compared by its magnitude in the direction of the step; "
                "write a positive number"
            )
            report.error("E-end", end.path, message)
    _check_special(leaf, report)


def _check_value(leaf: Leaf, report: Report) -> None:
    if leaf.mode == "Resistance" and _below(leaf.value, 0, reached=True):
        report.error("E-value", f"{leaf.path}.value", "a resistance must be above 0 Ohm")
    elif leaf.mode == "Voltage" and _below(leaf.value, 0):
        report.error("E-value", f"{leaf.path}.value", "a voltage to hold must not be negative")
    elif _below(leaf.value, 0):
        other = {"Charge": "Discharge", "Discharge": "Charge"}.get(leaf.kind, "the other direction")
        message = f"the value is a magnitude and must not be negative; to reverse it use {other}"
        report.error("E-value", f"{leaf.path}.value", message)


def _check_special(leaf: Leaf, report: Report) -> None:
    if leaf.profile is not None:
        _check_repeat(leaf.profile.repeat, f"{leaf.path}.repeat", report)
    positive: dict[str, Expr | None] = {}
    if leaf.wave is not None:
        positive = {"frequency": leaf.wave.frequency, "cycles": leaf.wave.cycles}
        if _below(leaf.wave.amplitude, 0):
            report.error("E-value", f"{leaf.path}.amplitude", "an amplitude must not be negative")
    if leaf.sweep is not None:
        sweep = leaf.sweep
        positive = {
            "amplitude": sweep.amplitude,
            "min_frequency": sweep.min_frequency,
            "max_frequency": sweep.max_frequency,
            "points_per_decade": sweep.points_per_decade,
        }
        positive |= {f"frequencies[{i}]": expr for i, expr in enumerate(sweep.frequencies)}
        high = None if sweep.max_frequency is None else constant(sweep.max_frequency)
        if (
            high is not None
            and sweep.min_frequency is not None
            and not _below(sweep.min_frequency, high)
            and constant(sweep.min_frequency) is not None
        ):
            message = "min_frequency must be below max_frequency"
            report.error("E-value", f"{leaf.path}.min_frequency", message)
    for field, expr in positive.items():
        if _below(expr, 0, reached=True):
            report.error("E-value", f"{leaf.path}.{field}", f"{field} must be above 0")


def _check_repeat(expr: Expr, path: str, report: Report) -> None:
    count = constant(expr)
    if count is None:
        return
    if count < 0 or abs(count - round(count)) > _WHOLE:
        message = f"repeat must be a whole number of 0 or more, got {count:g}"
        report.error("E-repeat", path, message)
    elif count > MAX_STEPS:
        message = f"repeat must not exceed the {MAX_STEPS} steps a run may take, got {count:g}"
        report.error("E-repeat", path, message)


def _check_length(protocol: Protocol, report: Report) -> None:
    """Report repeats with too many steps in total, unless a jump may leave them early."""
    if report.errors or any(
        end.goto is not None for leaf in leaves(protocol.steps) for end in leaf.ends
    ):
        return
    if any(limit.goto is not None for limit in protocol.safety.limits) or protocol.safety.goto:
        return
    count = sum(map(_steps_in, protocol.steps))
    if count > MAX_STEPS:
        message = f"the protocol takes {count:g} steps, more than the {MAX_STEPS} a run may take"
        report.error("E-repeat", "steps", message)


def _steps_in(item: Item) -> float:
    if isinstance(item, Leaf):
        return 1.0
    if isinstance(item, Block):
        count = constant(item.repeat)
        return (1.0 if count is None else count) * sum(map(_steps_in, item.items))
    return 0.0
