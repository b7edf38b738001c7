"""A constant current and the constant voltage behind it: two steps in UCP, often one on a cycler.

Ends of such a step that count from its begin (its time, its capacity) are written in UCP with a
variable: the first leg ends at the total and keeps what it used, the second ends at what is left::

    - Charge: {mode: Current, value: 2, duration: 7200, ends: [Voltage > 4.2],
               set_variable: [{name: VAR_CC_TIME, eval: Time}]}
    - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1, Time > 7200 - VAR_CC_TIME]}
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import attrs
from attrs import frozen

from ionworks.ucp.cyclers.plan.nodes import Comparison, Instruction, Plan, Step, renumbered
from ionworks.ucp.expressions import Binary, Expr, Name, Number
from ionworks.ucp.nodes import End, Leaf

TOTALS: Final = ("Time", "Capacity")
"""What ends of the whole of a ``cccv`` step may count."""


def natural_comparison(direction: str | None) -> Comparison:
    """Return on which side a step of this direction reaches a voltage."""
    return ">" if direction == "charge" else "<"


@frozen
class Legs:
    """Two leaves that are one ``cccv`` step, without the variables that join them.

    Attributes
    ----------
    first, second : Leaf
        The legs; ends of the whole are in neither.
    totals : tuple of End
        Ends that count from the begin of the first leg, with the target of the second.
    """

    first: Leaf
    second: Leaf
    totals: tuple[End, ...]


def joined_legs(first: Leaf, second: Leaf, used: Collection[str]) -> Legs | None:
    """Recognise two legs joined by variables.

    Parameters
    ----------
    first, second : Leaf
        Neighbours in the protocol.
    used : collection of str
        Names of variables used anywhere but in the ends of the second.

    Returns
    -------
    Legs or None
        None if they are anything else.
    """
    if not first.set_variables or second.set_variables or first.kind != second.kind:
        return None
    if first.mode not in ("Current", "C-rate") or second.mode != "Voltage":
        return None
    totals: list[End] = []
    first_ends, second_ends = list(_all_ends(first)), list(_all_ends(second))
    for assignment in first.set_variables:
        value = assignment.value
        if not isinstance(value, Name) or value.name not in TOTALS or assignment.name in used:
            return None
        rests = [end for end in second_ends if _is_rest_of(end, value.name, assignment.name)]
        if not rests:
            return None
        for late in rests:
            early = _early(value.name, late, first_ends)
            if early is None or not isinstance(late.threshold, Binary):
                return None
            first_ends.remove(early)
            second_ends.remove(late)
            totals.append(attrs.evolve(late, threshold=late.threshold.left))
    # What ends either leg in the same way ends the whole.
    turns = [end for end in first_ends if end.goto is None or end not in second_ends]
    return Legs(_with_ends(first, turns), _with_ends(second, second_ends), tuple(totals))


def _all_ends(leaf: Leaf) -> tuple[End, ...]:
    if leaf.duration is None:
        return leaf.ends
    path = f"{leaf.path}.duration"
    return (*leaf.ends, End("Time", ">", leaf.duration, text=f"Time > {leaf.duration}", path=path))


def _with_ends(leaf: Leaf, ends: list[End]) -> Leaf:
    return attrs.evolve(leaf, ends=tuple(ends), duration=None, set_variables=())


def _early(quantity: str, late: End, ends: list[End]) -> End | None:
    """Return the end of the first leg that belongs to one of the second."""
    total = late.threshold.left if isinstance(late.threshold, Binary) else None
    return next(
        (
            end
            for end in ends
            if (end.quantity, end.operator, end.threshold) == (quantity, ">", total)
            and end.goto in (None, "Next")
        ),
        None,
    )


def _is_rest_of(end: End, quantity: str, variable: str) -> bool:
    threshold = end.threshold
    return (
        end.quantity == quantity
        and end.operator == ">"
        and isinstance(threshold, Binary)
        and threshold.operator == "-"
        and threshold.right == Name(variable)
    )


def remaining(total: float, variable: str) -> Expr:
    """Return what is left of a total for the second leg."""
    return Binary("-", Number(total), Name(variable))


def merged(first: Step, second: Step, follows: int) -> Step | None:
    """Return two steps as one ``cccv`` step, or None if that would mean something else.

    The first may end on the voltage that the second holds, and on what ends the second in the
    same way; the second must not count a capacity, which would begin anew. ``follows`` is what
    runs behind the second.
    """
    shared = [leave for leave in first.exits if leave.target is not None]
    explicit = [
        attrs.evolve(leave, target=follows) if leave.target is None else leave
        for leave in second.exits
    ]
    anew = any(
        leave.quantity in ("Capacity", "Energy") for leave in explicit if leave not in shared
    )
    counts = any(leave.quantity in TOTALS for leave in shared)
    if not _turns_into(first, second) or anew or counts or second.set_point is None:
        return None
    if any(leave not in explicit for leave in shared):
        return None
    exits = tuple(
        attrs.evolve(leave, quantity="Hold time") if leave.quantity == "Time" else leave
        for leave in second.exits
    )
    return attrs.evolve(
        first,
        control="cccv",
        voltage=second.set_point.value,
        exits=exits,
        note=first.note or second.note,
    )


def _turns_into(first: Step, second: Step) -> bool:
    """Return whether a current ends at the voltage that is held next, and nowhere else."""
    turns = [leave for leave in first.exits if leave.target is None]
    return (
        (first.control, second.control) == ("current", "voltage")
        and first.direction == second.direction
        and first.recording == second.recording
        and len(turns) == 1
        and turns[0].quantity == "Voltage"
        and turns[0].operator == natural_comparison(first.direction)
        and turns[0].level == second.set_point
    )


def merge_pairs(plan: Plan) -> Plan:
    """Return a plan with every pair of steps that is a ``cccv`` step made one.

    A second leg that something jumps to stays a step of its own.
    """
    protected = plan.jumped_to()
    instructions: list[Instruction] = []
    places: dict[int, int] = {}
    for index, instruction in enumerate(plan.instructions):
        previous = instructions[-1] if instructions else None
        whole = None
        if isinstance(instruction, Step) and isinstance(previous, Step) and index not in protected:
            whole = merged(previous, instruction, plan.successor(index))
        if whole is not None:
            instructions[-1] = whole
        else:
            instructions.append(instruction)
        places[index] = len(instructions) - 1
    return renumbered(plan, places, tuple(instructions))
