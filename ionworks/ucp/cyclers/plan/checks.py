"""What no cycler can be asked to do, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator

from ionworks.ucp.cyclers.plan.nodes import END, Exit, Level, Limit, Plan, Step
from ionworks.ucp.problems import Problem


def check_plan(plan: Plan, nominal_capacity: float | None) -> Iterator[Problem]:
    """Yield a problem for every jump into a loop, and for every tie with a safety limit.

    UCP lets the limit win a tie; what an instrument does then, and with its noise, nobody knows.
    """
    yield from check_jumps(plan)
    yield from check_doubles(plan)
    for step, leave, limit in ties(plan):
        yield _problem(step, leave, f"its end {leave} is {_named(limit)}; set the limit wider")
    for _, step in plan.steps():
        for limit in plan.safety:
            held = _held(step, limit.quantity, nominal_capacity)
            if _watches(limit, step) and held is not None and _reaches(held, limit):
                reason = f"it holds {held:g}, and {_named(limit)} trips there; set it wider"
                yield _problem(step, None, reason)


def check_jumps(plan: Plan) -> Iterator[Problem]:
    """Yield a problem for every jump into the middle of a loop."""
    for index, step in plan.steps():
        around = plan.loops_around(index)
        for leave in step.exits:
            if leave.target is not None and not _is_open(plan, leave.target, around):
                yield _problem(step, leave, f"its end {leave} jumps into the middle of a loop")
    for limit in plan.safety:
        if not _is_open(plan, limit.target, []):
            path = f"safety_limits.{limit.key}"
            yield Problem("E-export", path, f"{path}: it jumps into the middle of a loop")


def check_doubles(plan: Plan) -> Iterator[Problem]:
    """Yield a problem for every exit that another of the same value leads elsewhere than."""
    for index, step in plan.steps():
        known: dict[tuple[str, str, Level], int] = {}
        for leave in step.exits:
            target = plan.target(index, leave.target)
            key = (leave.quantity, leave.operator, leave.level)
            if known.setdefault(key, target) != target:
                yield _problem(step, leave, f"its end {leave} leads to two places; keep one")


def _is_open(plan: Plan, target: int, around: list[tuple[int, int]]) -> bool:
    return target == END or set(plan.loops_around(target)) <= set(around)


def _problem(step: Step, leave: Exit | None, reason: str) -> Problem:
    path = leave.path if leave is not None and leave.path else step.path
    return Problem("E-export", path, f"{step.title}: {reason}")


def ties(plan: Plan) -> Iterator[tuple[Step, Exit, Limit]]:
    """Yield every exit at a safety limit that leads elsewhere than the limit."""
    for index, step in plan.steps():
        for leave in step.exits:
            for limit in plan.safety:
                same = (leave.quantity, leave.operator, leave.level.value) == (
                    limit.quantity,
                    limit.operator,
                    limit.value,
                )
                elsewhere = plan.target(index, leave.target) != limit.target
                if same and elsewhere and _watches(limit, step):
                    yield step, leave, limit


def _watches(limit: Limit, step: Step) -> bool:
    return limit.direction in (None, step.direction) and limit.quantity != "Temperature"


def _named(limit: Limit) -> str:
    return f"the safety limit {limit.key} of {limit.value:g}"


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
