"""Leaving out of a plan what changes nothing: dead exits, a last end, what nothing leads to."""

from __future__ import annotations

import attrs

from ionworks.ucp.cyclers.plan.nodes import END, Exit, Instruction, Mark, Plan, Step, renumbered

_FROM_NOTHING = frozenset({"Time", "Hold time", "Capacity", "Energy"})
"""What begins at nothing and grows: the least threshold is met before any other."""


def tidied(plan: Plan) -> Plan:
    """Return a plan that does the same with less.

    It has no ``End`` that stands last, nothing behind an ``End`` that no jump passes, no exit that
    another is always met before, and no jump where the last step ends the test anyway.
    """
    plan = _with_last_exits(_trimmed(plan))

    def alive(index: int, instruction: Instruction) -> Instruction:
        if not isinstance(instruction, Step):
            return instruction
        return attrs.evolve(instruction, exits=needed(plan, index, instruction.exits))

    instructions = tuple(map(alive, range(len(plan.instructions)), plan.instructions))
    return attrs.evolve(plan, instructions=instructions)


def without_cycles(plan: Plan) -> Plan:
    """Return a plan without its marks that count a cycle."""
    instructions: list[Instruction] = []
    places: dict[int, int] = {}
    for index, instruction in enumerate(plan.instructions):
        places[index] = len(instructions)
        if not isinstance(instruction, Mark) or instruction.kind != "Advance cycle":
            instructions.append(instruction)
    ends = {index: END for index, place in places.items() if place == len(instructions)}
    return _with_last_exits(renumbered(plan, places | ends, tuple(instructions)))


def needed(plan: Plan, index: int, exits: tuple[Exit, ...]) -> tuple[Exit, ...]:
    """Return those exits of an instruction that no other is always met before."""
    return tuple(
        leave
        for place, leave in enumerate(exits)
        if not any(
            _goes_before(plan, index, other, leave, first=other_place < place)
            for other_place, other in enumerate(exits)
            if other_place != place
        )
    )


def _goes_before(plan: Plan, index: int, one: Exit, other: Exit, *, first: bool) -> bool:
    """Return whether an exit makes another of its step needless."""
    alike = (one.quantity, one.operator, one.level.unit) == (
        other.quantity,
        other.operator,
        other.level.unit,
    )
    same_target = plan.target(index, one.target) == plan.target(index, other.target)
    if not alike or not (same_target or (one.quantity in _FROM_NOTHING and one.operator == ">")):
        return False
    values = one.level.value, other.level.value
    if values[0] == values[1]:
        return same_target and first
    return values[0] < values[1] if one.operator == ">" else values[0] > values[1]


def _trimmed(plan: Plan) -> Plan:
    for index, instruction in enumerate(plan.instructions):
        if not isinstance(instruction, Mark) or instruction.kind != "End":
            continue
        if plan.loops_around(index) or any(target > index for target in plan.jumped_to()):
            continue
        return attrs.evolve(plan, instructions=plan.instructions[:index])
    return plan


def _with_last_exits(plan: Plan) -> Plan:
    last = plan.instructions[-1] if plan.instructions else None
    if not isinstance(last, Step):
        return plan
    exits = tuple(
        attrs.evolve(leave, target=None) if leave.target == END else leave for leave in last.exits
    )
    last = attrs.evolve(last, exits=exits)
    return attrs.evolve(plan, instructions=(*plan.instructions[:-1], last))
