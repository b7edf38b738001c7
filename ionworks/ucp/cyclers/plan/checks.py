"""Checks that hold for every format: jumps into loops, and ends that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ionworks.ucp.cyclers.plan.instructions import (
    END_TEST,
    Limit,
    Plan,
    Step,
    StepEnd,
    coincide,
)
from ionworks.ucp.cyclers.plan.safety import LIMIT_UNITS, limit_end
from ionworks.ucp.problems import Problem


def export_problem(path: str, reason: str, title: str = "") -> Problem:
    """Return a reason why a protocol cannot be exported; messages name the path by its title."""
    return Problem("E-export", path, f"{title or path}: {reason}")


def step_problem(step: Step, reason: str, path: str = "") -> Problem:
    """Return a reason why a step cannot be exported, at the step or at a part of it."""
    return export_problem(path or step.path, reason, step.title_at(path))


def check_plan(plan: Plan, nominal_capacity: float | None) -> Iterator[Problem]:
    """Yield a problem for every jump into a loop, and for every tie with a safety limit.

    In UCP the safety limit wins a tie. On an instrument the winner depends on measurement noise
    and on undocumented priorities, so ties are rejected.
    """
    yield from check_jumps(plan)
    yield from check_conflicting_ends(plan)
    for step, end, limit in ties(plan):
        reason = f"its end {end} has the same threshold as {_named(limit)}; widen the limit"
        yield step_problem(step, reason, end.path)
    for _, step in plan.steps():
        for limit in plan.safety:
            held = _held(step, limit.quantity, nominal_capacity)
            if _watches(limit, step) and held is not None and _reaches(held, limit):
                unit = LIMIT_UNITS[limit.quantity]
                reason = f"it holds {held:g} {unit}, where {_named(limit)} trips; widen the limit"
                yield step_problem(step, reason)


def check_jumps(plan: Plan) -> Iterator[Problem]:
    """Yield a problem for every jump into the middle of a loop."""
    for index, step in plan.steps():
        around = plan.loops_around(index)
        for end in step.ends:
            if end.target is not None and not _is_reachable(plan, end.target, around):
                reason = f"its end {end} jumps into the middle of a loop; jump to the loop itself"
                yield step_problem(step, reason, end.path)
    for limit in plan.safety:
        if not _is_reachable(plan, limit.target, []):
            reason = "it jumps into the middle of a loop; jump to the loop itself"
            yield export_problem(f"safety_limits.{limit.key}", reason)


def check_conflicting_ends(plan: Plan) -> Iterator[Problem]:
    """Yield a problem for every two equal ends of a step that lead to different steps."""
    for index, step in plan.steps():
        for one, other in combinations(step.ends, 2):
            elsewhere = plan.target(index, one.target) != plan.target(index, other.target)
            if elsewhere and _coincide(one, other):
                reason = f"two ends {other} lead to different steps; keep one of them"
                yield step_problem(step, reason, other.path)


def _is_reachable(plan: Plan, target: int, around: list[tuple[int, int]]) -> bool:
    """Return whether a jump to a target enters no loop other than those already ``around``."""
    return target == END_TEST or set(plan.loops_around(target)) <= set(around)


def ties(plan: Plan) -> Iterator[tuple[Step, StepEnd, Limit]]:
    """Yield every step end at the value of a safety limit that leads elsewhere than the limit."""
    for index, step in plan.steps():
        for end in step.ends:
            for limit in plan.safety:
                elsewhere = plan.target(index, end.target) != limit.target
                if elsewhere and _coincide(end, limit_end(limit)) and _watches(limit, step):
                    yield step, end, limit


def _coincide(one: StepEnd, other: StepEnd) -> bool:
    """Return whether two ends have the same condition once their numbers are rounded in a file."""
    same = (one.quantity, one.operator, one.level.unit) == (
        other.quantity,
        other.operator,
        other.level.unit,
    )
    return same and coincide(one.level.value, other.level.value)


def _watches(limit: Limit, step: Step) -> bool:
    return limit.direction in (None, step.direction)


def _named(limit: Limit) -> str:
    return f"the safety limit {limit.key} of {limit.value:g} {LIMIT_UNITS[limit.quantity]}"


def _held(step: Step, quantity: str, capacity: float | None) -> float | None:
    """Return the voltage [V] or current [A] that a step holds; None if it holds neither."""
    level = step.set_point
    if quantity == "Voltage":
        return level.value if step.control == "voltage" and level is not None else step.voltage
    if quantity != "Current" or level is None or level.unit not in ("A", "C"):
        return None
    factor = 1.0 if level.unit == "A" else capacity
    return None if factor is None else level.value * factor


def _reaches(value: float, limit: Limit) -> bool:
    beyond = value <= limit.value if limit.operator == "<" else value >= limit.value
    return beyond or coincide(value, limit.value)
