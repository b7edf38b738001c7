"""Safety limits that jump, for cyclers that watch a limit in every step.

In UCP a limit that has tripped is checked again only once the cell is back within it, so the steps
it jumps to run although the cell is still outside. A cycler has no such memory: while the limit
stands on a step it ends that step at once, and the step jumps to itself for ever. The limit is
therefore written on all steps except those that run while the cell may still be outside. That is
the same if these steps can only bring the cell back: the voltage of a resting cell falls back after
it was too high and recovers after it was too low, a charge raises it and a discharge lowers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
from attrs import frozen

from ionworks.ucp.cyclers.plan.checks import export_problem
from ionworks.ucp.cyclers.plan.instructions import (
    END_TEST,
    Limit,
    LoopEnd,
    Mark,
    Plan,
    Step,
    StepEnd,
)
from ionworks.ucp.cyclers.plan.safety import LIMIT_UNITS, safety_ends
from ionworks.ucp.problems import Problem


@frozen
class _Rescue:
    """What a limit does after its jump.

    ``bare`` are the steps without the limit, ``guarded`` those that may begin outside the limit
    but would take the cell further out; ``problem`` says why the jump cannot be written.
    """

    bare: frozenset[int] = frozenset()
    guarded: frozenset[int] = frozenset()
    problem: str | None = None


def jumps_as_ends(plan: Plan, kept: Iterable[str] = ()) -> Plan:
    """Return a plan in which limits that jump are ends of the steps that they are watched in.

    Parameters
    ----------
    plan : Plan
        The plan.
    kept : iterable of str
        Keys of limits to leave as they are.

    Returns
    -------
    Plan
        Limits that cannot be written in this way still jump, see `check_rescues`.
    """
    for limit in plan.safety:
        if limit.target != END_TEST and limit.key not in kept:
            plan = _as_ends(plan, limit)
    return plan


def check_rescues(plan: Plan) -> Iterator[Problem]:
    """Yield a problem for every limit that jumps and cannot be written as ends of steps."""
    for limit in plan.safety:
        if limit.target != END_TEST and (problem := _rescue(plan, limit).problem):
            yield export_problem(_path(limit), problem)


def _as_ends(plan: Plan, limit: Limit) -> Plan:
    target = plan.instructions[limit.target]
    runs_anyway = limit.target in _reached(plan, _arrivals(plan, 0))
    if isinstance(target, Step) and runs_anyway and _brings_back(limit, target):
        plan, limit = _with_own_target(plan, limit, target)
    rescue = _rescue(plan, limit)
    if rescue.problem is not None:
        return plan
    alone = attrs.evolve(plan, safety=(limit,))

    def watched(index: int, step: Step) -> Step:
        if index in rescue.bare:
            return step
        # The path tells `_reached` that these ends are those of a safety limit.
        ends = (attrs.evolve(end, path=_path(limit)) for end in safety_ends(step, alone))
        return attrs.evolve(step, ends=(*ends, *step.ends))

    safety = tuple(other for other in plan.safety if other.key != limit.key)
    notes = (*plan.notes, *_notes(plan, limit, rescue))
    return attrs.evolve(plan.with_steps(watched), safety=safety, notes=notes)


def _path(limit: Limit) -> str:
    return f"safety_limits.{limit.key}"


def _with_own_target(plan: Plan, limit: Limit, target: Step) -> tuple[Plan, Limit]:
    """Add a copy of the target after an End, which runs only when the limit has tripped."""
    ends = tuple(
        attrs.evolve(end, target=plan.target(limit.target, end.target)) for end in target.ends
    )
    moved = attrs.evolve(limit, target=len(plan.instructions) + 1)
    safety = tuple(moved if other.key == limit.key else other for other in plan.safety)
    instructions = (*plan.instructions, Mark("End"), attrs.evolve(target, ends=ends))
    return attrs.evolve(plan, instructions=instructions, safety=safety), moved


def _rescue(plan: Plan, limit: Limit) -> _Rescue:
    """Follow the steps that may begin while the cell is outside a limit."""
    others = [
        other.target
        for other in plan.safety
        if other.key != limit.key and other.target != END_TEST and other.direction is None
    ]
    usual = _reached(plan, _arrivals(plan, 0))
    first = _arrivals(plan, limit.target)
    bare: set[int] = set()
    guarded: set[int] = set()
    waiting = list(first)
    while waiting:
        index = waiting.pop()
        step = plan.instructions[index]
        if not isinstance(step, Step) or index in bare or not _may_be_outside(limit, step):
            continue
        if not _brings_back(limit, step):
            if index in first:
                return _Rescue(
                    problem=f"it jumps to {step.title}, which would begin again and again while "
                    f"the cell is outside the limit; jump to {_remedy(limit)}, or to End"
                )
            guarded.add(index)
            continue
        if index in usual:
            return _Rescue(
                problem=f"after its jump {step.title} may begin while the cell is still outside "
                "the limit, but it also runs without the jump, where the limit must be watched; "
                "let the limit jump to steps after an End, to which nothing else leads, and end "
                f"them at {_within(limit)}"
            )
        bare.add(index)
        outside = [end.target for end in step.ends if not _ends_within(limit, step, end)]
        for target in (*(plan.target(index, target) for target in outside), *others):
            waiting.extend(_arrivals(plan, target))
    return _Rescue(frozenset(bare), frozenset(guarded))


def _arrivals(plan: Plan, index: int) -> set[int]:
    """Return the steps of which one runs first when a jump leads to an instruction."""
    waiting, seen = [index], set[int]()
    found: set[int] = set()
    while waiting:
        place = waiting.pop()
        if place in seen or not 0 <= place < len(plan.instructions):
            continue
        seen.add(place)
        match plan.instructions[place]:
            case Step():
                found.add(place)
            case LoopEnd(start=start):
                waiting += [start + 1, place + 1]
            case Mark(kind="End"):
                pass
            case _:
                waiting.append(place + 1)
    return found


def _reached(plan: Plan, starts: set[int]) -> set[int]:
    """Return the steps that run without a safety limit tripping."""
    waiting, found = list(starts), set[int]()
    while waiting:
        index = waiting.pop()
        step = plan.instructions[index]
        if index in found or not isinstance(step, Step):
            continue
        found.add(index)
        own = [end for end in step.ends if not end.path.startswith("safety_limits.")]
        targets = [plan.target(index, end.target) for end in own]
        if step.ends_by_itself:
            targets.append(index + 1)
        for target in targets:
            waiting.extend(_arrivals(plan, target))
    return found


def _may_be_outside(limit: Limit, step: Step) -> bool:
    """Return whether a step may begin outside a limit.

    A constant current is below the limit of the current, which `check_plan` has checked.
    """
    if limit.direction is None:
        return True
    held = step.control in ("rest", "current", "cccv")
    return not held and (step.control == "waveform" or step.direction == limit.direction)


def _brings_back(limit: Limit, step: Step) -> bool:
    """Return whether a step can only bring the cell back within a limit."""
    if limit.quantity != "Voltage":
        return limit.quantity == "Temperature" and step.control == "rest"
    inwards = "charge" if limit.operator == "<" else "discharge"
    return step.control == "rest" or step.direction == inwards


def _ends_within(limit: Limit, step: Step, end: StepEnd) -> bool:
    """Return whether a cell is within a limit when an end of a step is met."""
    if end.quantity == limit.quantity and end.operator != limit.operator:
        return _is_within(limit, end.level.value)
    # Such an end is met only while the voltage is held.
    holds = (end.quantity, end.operator) in (("Current", "<"), ("Hold time", ">"))
    return (
        limit.quantity == "Voltage"
        and holds
        and step.voltage is not None
        and _is_within(limit, step.voltage)
    )


def _is_within(limit: Limit, value: float) -> bool:
    return value > limit.value if limit.operator == "<" else value < limit.value


def _remedy(limit: Limit) -> str:
    if limit.quantity != "Voltage":
        return "a rest"
    return f"a rest or a {'charge' if limit.operator == '<' else 'discharge'}"


def _within(limit: Limit) -> str:
    turned = ">" if limit.operator == "<" else "<"
    return f"{limit.quantity} {turned} {limit.value:g} {LIMIT_UNITS[limit.quantity]}"


def _notes(plan: Plan, limit: Limit, rescue: _Rescue) -> Iterator[str]:
    if rescue.bare:
        yield (
            f"The safety limit {limit.key} is not watched in the steps it jumps to "
            f"({_titles(plan, rescue.bare)}): they would end as soon as they begin while the cell "
            "is still outside the limit."
        )
    if rescue.guarded:
        yield (
            f"If the cell is still outside the safety limit {limit.key} when "
            f"{_titles(plan, rescue.guarded)} begins, the cycler jumps again; a simulation goes "
            "on, and checks the limit once the cell is back within it."
        )


def _titles(plan: Plan, indices: Iterable[int]) -> str:
    steps = (plan.instructions[index] for index in sorted(indices))
    return ", ".join(dict.fromkeys(step.title for step in steps if isinstance(step, Step)))
