"""What no cycler can be asked to do, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator

from ionworks.ucp.plan.nodes import END, Exit, Limit, Plan, Step
from ionworks.ucp.problems import Problem


def check_plan(plan: Plan, nominal_capacity: float | None) -> Iterator[Problem]:
    """Yield a problem for every jump into a loop, and for every tie with a safety limit.

    UCP lets the limit win a tie; what an instrument does then, and with its noise, nobody knows.
    """
    for index, step in plan.steps():
        around = plan.loops_around(index)
        for leave in step.exits:
            if leave.target is not None and not _is_open(plan, leave.target, around):
                yield _problem(step, leave, f"its end {leave} jumps into the middle of a loop")
        for limit in plan.safety:
            yield from _ties(step, limit, nominal_capacity)
    for limit in plan.safety:
        if not _is_open(plan, limit.target, []):
            path = f"safety_limits.{limit.key}"
            yield Problem("E-export", path, f"{path}: it jumps into the middle of a loop")


def _is_open(plan: Plan, target: int, around: list[tuple[int, int]]) -> bool:
    return target == END or set(plan.loops_around(target)) <= set(around)


def _problem(step: Step, leave: Exit | None, reason: str) -> Problem:
    path = leave.path if leave is not None and leave.path else step.path
    return Problem("E-export", path, f"{step.title}: {reason}")


def _ties(step: Step, limit: Limit, capacity: float | None) -> Iterator[Problem]:
    name = f"the safety limit {limit.key} of {limit.value:g}"
    if limit.direction not in (None, step.direction) or limit.quantity == "Temperature":
        return
    held = _held(step, limit.quantity, capacity)
    if held is not None and _reaches(held, limit):
        yield _problem(step, None, f"it holds {held:g}, and {name} trips there; set it wider")
    for leave in step.exits:
        same = (leave.quantity, leave.operator) == (limit.quantity, limit.operator)
        if same and leave.level.value == limit.value and leave.target != limit.target:
            yield _problem(step, leave, f"its end {leave} is {name}; set the limit wider")


def _held(step: Step, quantity: str, capacity: float | None) -> float | None:
    """Return what a step holds of a quantity, in V or A."""
    level = step.set_point
    if quantity == "Voltage":
        return level.value if step.control == "voltage" and level is not None else step.voltage
    if level is None or level.unit not in ("A", "C"):
        return None
    factor = 1.0 if level.unit == "A" else capacity
    return None if factor is None else level.value * factor


def _reaches(value: float, limit: Limit) -> bool:
    return value <= limit.value if limit.operator == "<" else value >= limit.value
