"""A constant current followed by a constant voltage: two steps in UCP, often one on a cycler.

Ends of such a step that count from its start (its time, its capacity) are written in UCP with a
variable: the first step ends at the total and stores what it used, the second ends at what is
left::

    - Charge: {mode: Current, value: 2, duration: 7200, ends: [Voltage > 4.2],
               set_variable: [{name: VAR_CC_TIME, eval: Time}]}
    - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1, Time > 7200 - VAR_CC_TIME]}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import attrs
from attrs import frozen

from ionworks.ucp.cyclers.plan.instructions import (
    Instruction,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    StepEnd,
    coincide,
    met_first,
    renumbered,
    voltage_comparison,
)
from ionworks.ucp.expressions import Binary, Expr, Name
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


def remaining(total: Expr, variable: str) -> Expr:
    """Return what is left of a total for the second leaf."""
    return Binary("-", total, Name(variable))


def merge_cccv(plan: Plan, nominal_capacity: float | None = None) -> Plan:
    """Return a plan in which every current and the voltage that follows it are one ``cccv`` step.

    Parameters
    ----------
    plan : Plan
        The plan. Steps that `why_separate` gives a reason for stay separate.
    nominal_capacity : float, optional
        In A.h, to compare C-rates with currents.
    """
    instructions: list[Instruction] = []
    places: dict[int, int] = {}
    for index, instruction in enumerate(plan.instructions):
        previous = instructions[-1] if instructions else None
        if (
            isinstance(instruction, Step)
            and isinstance(previous, Step)
            and instruction.control == "voltage"
            and why_separate(plan, index, nominal_capacity) is None
        ):
            instructions[-1] = join(previous, instruction)
        else:
            instructions.append(instruction)
        places[index] = len(instructions) - 1
    return renumbered(plan, places, tuple(instructions))


def why_separate(plan: Plan, index: int, nominal_capacity: float | None = None) -> str | None:
    """Return why a constant voltage cannot be one step with the constant current before it.

    Parameters
    ----------
    plan : Plan
        A plan in which the voltage is a separate step.
    index : int
        Of the constant voltage.
    nominal_capacity : float, optional
        In A.h, to compare C-rates with currents.

    Returns
    -------
    str or None
        The reason and what to do; None if both can be one step.
    """
    second = plan.instructions[index]
    between, first = _before(plan, index)
    if not isinstance(second, Step) or second.set_point is None:
        raise TypeError(f"instruction {index} is not a constant voltage")
    if (
        not isinstance(first, Step)
        or first.control != "current"
        or first.direction != second.direction
    ):
        kind = "charge" if second.direction == "charge" else "discharge"
        return (
            f"no {kind} at constant current comes directly before it; put one there that ends at "
            f"{second.set_point}"
        )
    if between is not None:
        what = f"{between.kind!r}" if isinstance(between, Mark) else "the start or end of a repeat"
        return f"{what} stands between it and the constant current before it; move it"
    if index in plan.jumped_to():
        return "a jump leads to it; let it lead to the constant current before it"
    follows = plan.successor(index)
    return next(_differences(first, second, follows, nominal_capacity), None)


def _before(plan: Plan, index: int) -> tuple[Mark | LoopStart | LoopEnd | None, Step | None]:
    """Return the step before an instruction, and what stands between the two, if anything."""
    between = None
    for instruction in reversed(plan.instructions[:index]):
        if isinstance(instruction, Step):
            return between, instruction
        between = instruction
    return between, None


def _differences(first: Step, second: Step, follows: int, capacity: float | None) -> Iterator[str]:
    """Yield why one step of both would not do what the two steps do.

    ``follows`` is what runs after the second step.
    """
    yield from _wrong_turns(first, _set_point(second))
    if first.recording != second.recording:
        yield (
            f"its resolution ({second.recording}) differs from that of the constant current before "
            f"it ({first.recording}); make them equal"
        )
    explicit = [
        attrs.evolve(end, target=follows) if end.target is None else end for end in second.ends
    ]
    shared = [end for end in first.ends if end.target is not None]
    for end in shared:
        if end.quantity in TOTALS:
            yield (
                f"the constant current before it has the end {end}, which would count over both "
                "steps; remove it"
            )
        elif end not in explicit:
            yield _lacking("it", "the constant current before it", end)
    for end in explicit:
        if end in shared or end.quantity == "Time":
            continue
        if end.quantity in ("Capacity", "Energy"):
            yield f"its end {end} counts from the start of the constant voltage; remove it"
        elif end.quantity == "Current":
            yield from _reached_early(end, _set_point(first), capacity)
        else:
            yield _lacking("the constant current before it", "it", end)


def _wrong_turns(first: Step, voltage: Level) -> Iterator[str]:
    """Yield a reason unless a current leads to the next step at the given voltage only."""
    held = StepEnd("Voltage", voltage_comparison(first.direction), voltage)
    turns = [attrs.evolve(end, path="") for end in first.ends if end.target is None]
    if held not in turns:
        found = (
            f"ends at {' or '.join(map(str, turns))}" if turns else "has no end that leads to it"
        )
        yield f"the constant current before it {found}; let it end at {held}"
    for end in turns:
        if end != held:
            yield (
                f"the constant current before it may also end at {end}, away from the voltage; "
                "remove that end, or let it end the test"
            )


def _lacking(one: str, other: str, end: StepEnd) -> str:
    return f"{one} lacks the end {end} that {other} has; give it to both, or remove it"


def check_cut_off(
    step: Step, current: Level, nominal_capacity: float | None = None
) -> Iterator[str]:
    """Yield why a hold after a constant current would end as it begins, for each end on current.

    Parameters
    ----------
    step : Step
        The hold.
    current : Level
        Of the constant current before it.
    nominal_capacity : float, optional
        In A.h, to compare C-rates with currents.
    """
    for end in step.ends:
        if end.quantity == "Current":
            yield from _reached_early(end, current, nominal_capacity)


def _reached_early(end: StepEnd, current: Level, capacity: float | None) -> Iterator[str]:
    """Yield a reason if a hold would end as it begins, because of the current before it.

    A cycler would compare the current of one step only after a while, and charge until then.
    """
    limit: float | None = end.level.value
    held: float | None = current.value
    if end.level.unit != current.unit:
        limit, held = (_amperes(level, capacity) for level in (end.level, current))
    if limit is None or held is None:
        yield (
            f"its end {end} cannot be compared with the {current} of the constant current before "
            "it; pass nominal_capacity_ah, the capacity in A.h"
        )
    elif coincide(limit, held) or not met_first(end.operator, held, limit):
        side = "below" if end.operator == "<" else "above"
        yield (
            f"its end {end} is not {side} the {current} of the constant current before it, so it "
            "would end as it begins; change this end, or remove the constant voltage"
        )


def _amperes(level: Level, capacity: float | None) -> float | None:
    if level.unit == "A":
        return level.value
    return None if capacity is None else level.value * capacity


def _set_point(step: Step) -> Level:
    if step.set_point is None:
        raise TypeError("a constant current or voltage has a set point")
    return step.set_point


def join(first: Step, second: Step, held: int | None = None) -> Step:
    """Return a constant current and the voltage that follows it as one ``cccv`` step.

    Parameters
    ----------
    first, second : Step
        The two steps.
    held : int, optional
        How many of the ends of ``second`` count from its own start: the times among them become
        hold times. All of them by default.
    """
    ends = tuple(
        attrs.evolve(end, quantity="Hold time")
        if end.quantity == "Time" and (held is None or place < held)
        else end
        for place, end in enumerate(second.ends)
    )
    return attrs.evolve(
        first,
        control="cccv",
        voltage=_set_point(second).value,
        ends=ends,
        note=first.note or second.note,
        title=f"{first.title} and {second.title}",
        parts=((first.path, first.title), (second.path, second.title)),
    )
