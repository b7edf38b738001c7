"""A constant current followed by a constant voltage: two steps in UCP, often one on a cycler.

Ends of such a step that count from its start (its time, its capacity) are written in UCP with a
variable: the first step ends at the total and stores what it used, the second ends at what is
left::

    - Charge: {mode: Current, value: 2, duration: 7200, ends: [Voltage > 4.2],
               set_variable: [{name: VAR_CC_TIME, eval: Time}]}
    - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1, Time > 7200 - VAR_CC_TIME]}
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import attrs
from attrs import frozen

from ionworks.ucp.cyclers.plan.instructions import (
    Instruction,
    Plan,
    Step,
    renumbered,
    voltage_comparison,
)
from ionworks.ucp.expressions import Binary, Expr, Name, Number
from ionworks.ucp.nodes import End, Leaf

TOTALS: Final = ("Time", "Capacity")
"""Quantities that may count over both parts of a ``cccv`` step."""


@frozen
class CCCVPair:
    """Two leaves that form one ``cccv`` step, without the variables that join them.

    Attributes
    ----------
    first, second : Leaf
        The constant current and the constant voltage, without the ends in ``totals``.
    totals : tuple of End
        Ends that count from the start of the first leaf, with the target of the second.
    """

    first: Leaf
    second: Leaf
    totals: tuple[End, ...]


def find_cccv_pair(first: Leaf, second: Leaf, used: Collection[str]) -> CCCVPair | None:
    """Recognise two leaves joined by variables.

    Parameters
    ----------
    first, second : Leaf
        Neighbours in the protocol.
    used : collection of str
        Names of variables used anywhere except in the ends of the second leaf.

    Returns
    -------
    CCCVPair or None
        None if the two leaves are not such a pair.
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
    # An end that both leaves have in the same way ends the whole step: keep it in the second only.
    turns = [end for end in first_ends if end.goto is None or end not in second_ends]
    return CCCVPair(_with_ends(first, turns), _with_ends(second, second_ends), tuple(totals))


def _all_ends(leaf: Leaf) -> tuple[End, ...]:
    if leaf.duration is None:
        return leaf.ends
    path = f"{leaf.path}.duration"
    return (*leaf.ends, End("Time", ">", leaf.duration, text=f"Time > {leaf.duration}", path=path))


def _with_ends(leaf: Leaf, ends: list[End]) -> Leaf:
    return attrs.evolve(leaf, ends=tuple(ends), duration=None, set_variables=())


def _early(quantity: str, late: End, ends: list[End]) -> End | None:
    """Return the end of the first leaf that has the same total as an end of the second."""
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
    """Return whether an end has the threshold ``total - variable``."""
    threshold = end.threshold
    return (
        end.quantity == quantity
        and end.operator == ">"
        and isinstance(threshold, Binary)
        and threshold.operator == "-"
        and threshold.right == Name(variable)
    )


def remaining(total: float, variable: str) -> Expr:
    """Return what is left of a total for the second leaf."""
    return Binary("-", Number(total), Name(variable))


def _merge_steps(first: Step, second: Step, follows: int) -> Step | None:
    """Return two steps as one ``cccv`` step, or None if that would do something else.

    The first step may end only at the voltage that the second holds, or at ends that the second
    shares. ``follows`` is what runs after the second step.
    """
    shared = [end for end in first.ends if end.target is not None]
    explicit = [
        attrs.evolve(end, target=follows) if end.target is None else end for end in second.ends
    ]
    # A capacity of the second step starts at 0 there, but that of a ``cccv`` step counts over both.
    restarts = any(end.quantity in ("Capacity", "Energy") for end in explicit if end not in shared)
    counts = any(end.quantity in TOTALS for end in shared)
    if not _turns_into(first, second) or restarts or counts or second.set_point is None:
        return None
    if any(end not in explicit for end in shared):
        return None
    ends = tuple(
        attrs.evolve(end, quantity="Hold time") if end.quantity == "Time" else end
        for end in second.ends
    )
    return attrs.evolve(
        first,
        control="cccv",
        voltage=second.set_point.value,
        ends=ends,
        note=first.note or second.note,
    )


def _turns_into(first: Step, second: Step) -> bool:
    """Return whether a current leads to the next step only at the voltage that is held there."""
    turns = [end for end in first.ends if end.target is None]
    return (
        (first.control, second.control) == ("current", "voltage")
        and first.direction == second.direction
        and first.recording == second.recording
        and len(turns) == 1
        and turns[0].quantity == "Voltage"
        and turns[0].operator == voltage_comparison(first.direction)
        and turns[0].level == second.set_point
    )


def merge_cccv(plan: Plan) -> Plan:
    """Return a plan in which every current and the voltage that follows it are one ``cccv`` step.

    A constant voltage that is the target of a jump stays a separate step.
    """
    protected = plan.jumped_to()
    instructions: list[Instruction] = []
    places: dict[int, int] = {}
    for index, instruction in enumerate(plan.instructions):
        previous = instructions[-1] if instructions else None
        whole = None
        if isinstance(instruction, Step) and isinstance(previous, Step) and index not in protected:
            whole = _merge_steps(previous, instruction, plan.successor(index))
        if whole is not None:
            instructions[-1] = whole
        else:
            instructions.append(instruction)
        places[index] = len(instructions) - 1
    return renumbered(plan, places, tuple(instructions))
