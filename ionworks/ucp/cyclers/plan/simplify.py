"""Removing what has no effect from a plan: redundant ends, a final ``End``, unreachable steps."""

from __future__ import annotations

from typing import Final

import attrs

from ionworks.ucp.cyclers.plan.instructions import (
    END_TEST,
    Instruction,
    Mark,
    Plan,
    Step,
    StepEnd,
    met_first,
    renumbered,
)

_RISING: Final = frozenset({"Time", "Hold time", "Capacity", "Energy"})
"""Quantities that start at 0 and rise: the lowest threshold is always met first."""


def simplify(plan: Plan) -> Plan:
    """Return an equivalent plan without instructions and ends that have no effect.

    It has no ``End`` at its end, nothing after an ``End`` that no jump skips, no end that
    another end is always met before, and no jump to the end of the test in the last step.
    """
    plan = _without_last_jumps(_trimmed(plan))
    return plan.with_steps(
        lambda index, step: attrs.evolve(step, ends=effective_ends(plan, index, step.ends))
    )


def without_cycle_marks(plan: Plan) -> Plan:
    """Return a plan without its ``Advance cycle`` marks."""
    instructions: list[Instruction] = []
    places: dict[int, int] = {}
    for index, instruction in enumerate(plan.instructions):
        places[index] = len(instructions)
        if not isinstance(instruction, Mark) or instruction.kind != "Advance cycle":
            instructions.append(instruction)
    # A jump to a mark at the very end of the plan ends the test.
    ends = {index: END_TEST for index, place in places.items() if place == len(instructions)}
    return _without_last_jumps(renumbered(plan, places | ends, tuple(instructions)))


def effective_ends(plan: Plan, index: int, ends: tuple[StepEnd, ...]) -> tuple[StepEnd, ...]:
    """Return the ends of an instruction that can be the first one met."""
    return tuple(
        end
        for place, end in enumerate(ends)
        if not any(
            _makes_redundant(plan, index, other, end, first=other_place < place)
            for other_place, other in enumerate(ends)
            if other_place != place
        )
    )


def _makes_redundant(plan: Plan, index: int, one: StepEnd, other: StepEnd, *, first: bool) -> bool:
    """Return whether an end is always met before another of its step."""
    alike = (one.quantity, one.operator, one.level.unit) == (
        other.quantity,
        other.operator,
        other.level.unit,
    )
    same_target = plan.target(index, one.target) == plan.target(index, other.target)
    # A step may start beyond both thresholds of a voltage or a current, where either end could
    # be the first one met; that makes no difference only if both lead to the same step.
    if not alike or not (same_target or (one.quantity in _RISING and one.operator == ">")):
        return False
    if one.level.value == other.level.value:
        return same_target and first
    return met_first(one.operator, one.level.value, other.level.value)


def _trimmed(plan: Plan) -> Plan:
    """Return a plan without an ``End`` that is always reached, and without what follows it."""
    for index, instruction in enumerate(plan.instructions):
        if not isinstance(instruction, Mark) or instruction.kind != "End":
            continue
        if plan.loops_around(index) or any(target > index for target in plan.jumped_to()):
            continue
        return attrs.evolve(plan, instructions=plan.instructions[:index])
    return plan


def _without_last_jumps(plan: Plan) -> Plan:
    """Return a plan whose last step falls through to the end of the test instead of jumping."""
    last = plan.instructions[-1] if plan.instructions else None
    if not isinstance(last, Step):
        return plan
    ends = tuple(
        attrs.evolve(end, target=None) if end.target == END_TEST else end for end in last.ends
    )
    last = attrs.evolve(last, ends=ends)
    return attrs.evolve(plan, instructions=(*plan.instructions[:-1], last))
