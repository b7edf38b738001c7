"""Whether two plans mean the same: run side by side, every exit of every step taken."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise, zip_longest
from typing import Final

import attrs

from ionworks.ucp.cyclers.plan.currents import in_currents
from ionworks.ucp.cyclers.plan.machine import BEGIN, Machine, State
from ionworks.ucp.cyclers.plan.nodes import (
    Exit,
    Instruction,
    Level,
    Mark,
    Plan,
    Step,
    Unit,
    Waveform,
)
from ionworks.ucp.cyclers.plan.pairs import merge_pairs
from ionworks.ucp.cyclers.plan.tidy import needed, without_cycles

_RELATIVE: Final = 1e-5
"""Files round: three decimals of milliamperes, tenths of millivolts."""

_ABSOLUTE: Final[dict[str, float]] = {"V": 6e-5, "s": 1e-3, "A": 1e-9, "degC": 0.06}
_UNITS: Final[dict[str, Unit]] = {"Voltage": "V", "Current": "A", "Temperature": "degC"}
_PASSES: Final = 3
"""Loops are unrolled so often; their counts are compared as numbers."""

_MOST_STATES: Final = 300_000
_MOST_DIFFERENCES: Final = 20


class TooLarge(ValueError):
    """Two plans have more states than are compared."""


def differences(
    one: Plan,
    other: Plan,
    *,
    nominal_capacity: float | None = None,
    marks: bool = True,
    recordings: bool = True,
) -> list[str]:
    """Return what two plans do differently, nothing if they mean the same.

    Parameters
    ----------
    one, other : Plan
        Of the protocol, and of the file.
    nominal_capacity : float, optional
        In A.h, to compare C-rates with currents.
    marks : bool
        Whether the places where a cycle is counted are compared.
    recordings : bool
        Whether it is compared when points are saved.

    Raises
    ------
    TooLarge
        If there are too many states to see all of them.
    """
    seen_plans = (one, other) if marks else (without_cycles(one), without_cycles(other))
    plans = [_normal(plan, nominal_capacity) for plan in _alike(*seen_plans)]
    left, right = (Machine(plan, _PASSES, marks) for plan in plans)
    found = list(_unequal_safety(one, other))
    waiting = [(BEGIN, BEGIN)]
    seen: set[tuple[State, State]] = set()
    reported: set[tuple[int, int]] = set()
    while waiting and len(found) < _MOST_DIFFERENCES:
        states = waiting.pop()
        (a, first), (b, second) = left.settle(states[0]), right.settle(states[1])
        if (a, b) in seen:
            continue
        if len(seen) >= _MOST_STATES:
            raise TooLarge("the protocol branches too much to be compared with its file")
        seen.add((a, b))
        unequal = list(_unequal(first, second, recordings=recordings))
        if first is not None and second is not None:
            counts = left.context(a[0]), right.context(b[0])
            if counts[0] != counts[1]:
                unequal.append(f"it runs {counts[0]} times, in the file {counts[1]} times")
        if unequal and (a[0], b[0]) not in reported:
            reported.add((a[0], b[0]))
            found.extend(f"{_called(first)}: {text}" for text in unequal)
        if unequal or first is None or second is None:
            continue
        waiting.extend(
            (left.go(a, before), right.go(b, after)) for before, after in _targets(first, second)
        )
    return list(dict.fromkeys(found))


def _unequal_safety(one: Plan, other: Plan) -> Iterator[str]:
    """Yield limits of the whole test that changed, also where an end is always met before them.

    A file may have limits of the protocol as ends of its steps only, which are compared with these.
    """
    before, after = ({limit.key: limit for limit in plan.safety} for plan in (one, other))
    for key, limit in after.items():
        known = before.get(key)
        if known is None:
            yield f"safety_limits.{key}: in the file there is one, of {limit.value:g}"
        elif not _close(known.value, limit.value, _UNITS[limit.quantity]):
            yield f"safety_limits.{key}: {known.value:g} became {limit.value:g}"


def _called(part: Step | Mark | None) -> str:
    if isinstance(part, Step):
        return part.title or part.path or "a step"
    return "the end of the test" if part is None else f"{part.path} ({part.kind})"


def _alike(one: Plan, other: Plan) -> tuple[Plan, Plan]:
    """Join currents with the voltages behind them in both plans, where one has such steps."""
    joins = any(step.control == "cccv" for plan in (one, other) for _, step in plan.steps())
    return (merge_pairs(one), merge_pairs(other)) if joins else (one, other)


def _normal(plan: Plan, capacity: float | None) -> Plan:
    """Return a plan whose steps say all of themselves: safety, in amperes, in one order."""
    plan = in_currents(plan, capacity)

    def whole(index: int, instruction: Instruction) -> Instruction:
        if not isinstance(instruction, Step):
            return instruction
        # A safety limit wins over an exit at the same place.
        exits = needed(plan, index, (*safety_exits(instruction, plan), *instruction.exits))
        ordered = sorted(exits, key=lambda leave: (leave.quantity, leave.operator, leave.level))
        return attrs.evolve(instruction, exits=tuple(ordered))

    instructions = tuple(map(whole, range(len(plan.instructions)), plan.instructions))
    return attrs.evolve(plan, instructions=instructions)


def _unequal(
    one: Step | Mark | None, other: Step | Mark | None, *, recordings: bool
) -> Iterator[str]:
    """Yield what can be seen of two parts that is not the same."""
    if not isinstance(one, Step) or not isinstance(other, Step):
        kinds = tuple(getattr(part, "kind", None) for part in (one, other))
        if type(one) is not type(other) or kinds[0] != kinds[1]:
            yield f"in the file there is {_called(other)} in its place"
        return
    if (one.control, one.direction) != (other.control, other.direction):
        yield f"{one.control} {one.direction or ''} became {other.control} {other.direction or ''}"
        return
    if not _same_level(one.set_point, other.set_point):
        yield f"its set point {one.set_point} became {other.set_point}"
    if not _same_voltage(one.voltage, other.voltage):
        yield f"its voltage {one.voltage} became {other.voltage}"
    if not _same_waveform(one.waveform, other.waveform):
        yield "its waveform changed"
    if recordings and not _same_recording(one, other):
        yield f"its {one.recording} became {other.recording}"
    for before, after in zip_longest(one.exits, other.exits):
        if before is None or after is None or not _same_exit(before, after):
            yield f"its end {before} became {after}"


def _same_exit(one: Exit, other: Exit) -> bool:
    kinds = (one.quantity, one.operator) == (other.quantity, other.operator)
    return kinds and _same_level(one.level, other.level)


def _same_level(one: Level | None, other: Level | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.unit == other.unit and _close(one.value, other.value, one.unit)


def _targets(one: Step | Mark, other: Step | Mark) -> list[tuple[int | None, int | None]]:
    """Return where two equal parts lead to, in pairs."""
    if not isinstance(one, Step) or not isinstance(other, Step):
        return [(None, None)]
    pairs = [
        (before.target, after.target) for before, after in zip(one.exits, other.exits, strict=True)
    ]
    # A waveform ends with its last sample.
    return [*pairs, (None, None)] if one.control == "waveform" else pairs


def safety_exits(step: Step, plan: Plan) -> list[Exit]:
    """Return the safety limits that are watched in a step as exits of it."""
    return [
        Exit(
            limit.quantity,
            limit.operator,
            Level(limit.value, _UNITS[limit.quantity]),
            limit.target,
        )
        for limit in plan.safety
        if limit.direction in (None, step.direction) or step.control == "waveform"
    ]


def without_safety(plan: Plan) -> Plan:
    """Return a plan without the exits of steps that its safety limits are anyway."""

    def bare(index: int, instruction: Instruction) -> Instruction:
        if not isinstance(instruction, Step):
            return instruction
        covered = safety_exits(instruction, plan)
        exits = tuple(
            leave
            for leave in instruction.exits
            if attrs.evolve(leave, target=plan.target(index, leave.target)) not in covered
        )
        return attrs.evolve(instruction, exits=exits)

    instructions = tuple(map(bare, range(len(plan.instructions)), plan.instructions))
    return attrs.evolve(plan, instructions=instructions)


def _close(one: float, other: float, unit: str) -> bool:
    return math.isclose(one, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE.get(unit, 1e-9))


def _same_voltage(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else _close(one, other, "V")


def _same_waveform(one: Waveform | None, other: Waveform | None) -> bool:
    if one is None or other is None:
        return one is other
    held, other_held = _held(one), _held(other)
    # Of nothing it cannot be told whether it is a current or a power.
    idle = not any(value for _, value in (*held, *other_held))
    return (
        (one.unit == other.unit or idle)
        and len(held) == len(other_held)
        and all(
            _close(first[0], second[0], "s") and _close(first[1], second[1], one.unit)
            for first, second in zip(held, other_held, strict=True)
        )
    )


def _held(waveform: Waveform) -> list[tuple[float, float]]:
    """Return how long each sample is held, and its value."""
    return [(after - time, value) for (time, value), (after, _) in pairwise(waveform.samples)]


def _same_recording(one: Step, other: Step) -> bool:
    parts = (attrs.astuple(one.recording), attrs.astuple(other.recording))
    return all(
        before is after if before is None or after is None else _close(before, after, unit)
        for before, after, unit in zip(*parts, ("s", "V", "A"), strict=True)
    )
