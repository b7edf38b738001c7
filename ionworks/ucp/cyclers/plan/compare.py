"""Comparing what two plans do: both run in step, and every end of every step is followed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise, zip_longest
from typing import Final

import attrs

from ionworks.ucp.cyclers.plan.c_rates import c_rates_to_currents
from ionworks.ucp.cyclers.plan.cccv import merge_cccv
from ionworks.ucp.cyclers.plan.flow import START, FlowRunner, State
from ionworks.ucp.cyclers.plan.instructions import (
    END_TEST,
    Impedance,
    Level,
    Mark,
    Plan,
    Step,
    StepEnd,
    Waveform,
    met_first,
)
from ionworks.ucp.cyclers.plan.safety import LIMIT_UNITS, safety_ends
from ionworks.ucp.cyclers.plan.simplify import effective_ends, without_cycle_marks

_RELATIVE: Final = 1e-5
"""Files round their numbers: to three decimals of a milliampere, to tenths of a millivolt."""

# Half a tenth of a millivolt and half a tenth of a kelvin, each with a margin; Maccor writes
# hundredths of a second, Neware milliseconds; EC-Lab writes thousandths of a millihertz.
_ABSOLUTE: Final[dict[str, float]] = {"V": 6e-5, "s": 1e-3, "A": 1e-9, "degC": 0.06, "Hz": 6e-7}
_PASSES: Final = 3
"""Passes of a loop that are run: the first, one in the middle and the last. The counts themselves
are compared as numbers, so that a loop of a million passes takes no longer."""

_MOST_STATES: Final = 300_000
_MOST_DIFFERENCES: Final = 20


class TooLarge(ValueError):
    """Two plans have more states than can be compared."""


def differences(
    one: Plan,
    other: Plan,
    *,
    nominal_capacity: float | None = None,
    marks: bool = True,
    recordings: bool = True,
    hold_directions: bool = True,
) -> list[str]:
    """Return what two plans do differently; empty if they are equivalent.

    Parameters
    ----------
    one, other : Plan
        Of the protocol, and of the file.
    nominal_capacity : float, optional
        In A.h, to compare C-rates with currents.
    marks : bool
        Whether to compare where cycles are counted.
    recordings : bool
        Whether to compare when points are saved.
    hold_directions : bool
        Whether to compare in which direction a constant voltage drives the cell.

    Raises
    ------
    TooLarge
        If the plans have too many states to compare all of them.
    """
    seen_plans = (one, other) if marks else (without_cycle_marks(one), without_cycle_marks(other))
    in_amperes = (c_rates_to_currents(plan, nominal_capacity) for plan in seen_plans)
    plans = [
        _comparable(plan, hold_directions=hold_directions) for plan in _with_same_cccv(*in_amperes)
    ]
    left, right = (FlowRunner(plan, _PASSES, marks) for plan in plans)
    found = list(_unequal_safety(one, other))
    waiting = [(START, START)]
    seen: set[tuple[State, State]] = set()
    reported: set[tuple[int, int]] = set()
    while waiting and len(found) < _MOST_DIFFERENCES:
        states = waiting.pop()
        (a, first), (b, second) = left.next_visible(states[0]), right.next_visible(states[1])
        if (a, b) in seen:
            continue
        if len(seen) >= _MOST_STATES:
            raise TooLarge(
                "the protocol has too many branches to compare it with its file; convert it with "
                "verify=False and check the file in the cycler's software"
            )
        seen.add((a, b))
        unequal = list(_unequal(first, second, recordings=recordings))
        if first is not None and second is not None:
            counts = left.loop_counts(a[0]), right.loop_counts(b[0])
            if counts[0] != counts[1]:
                protocol, file = (" x ".join(map(str, count)) or "1" for count in counts)
                unequal.append(f"it runs {protocol} times, in the file {file} times")
        if unequal and (a[0], b[0]) not in reported:
            reported.add((a[0], b[0]))
            found.extend(f"{_title(first)}: {text}" for text in unequal)
        # Behind a difference the two plans are out of step: what follows would only repeat it.
        if unequal or first is None or second is None:
            continue
        waiting.extend(
            (left.follow(a, before), right.follow(b, after))
            for before, after in _targets(first, second)
        )
    return list(dict.fromkeys(found))


def _unequal_safety(one: Plan, other: Plan) -> Iterator[str]:
    """Yield safety limits that changed, even where a step end is always met before them.

    A file may have a limit only as ends of its steps. Where those lead is compared with the steps.
    """
    before, after = ({limit.key: limit for limit in plan.safety} for plan in (one, other))
    for key, limit in after.items():
        known = before.get(key)
        unit = LIMIT_UNITS[limit.quantity]
        if known is None:
            yield f"safety_limits.{key}: only the file has this limit, {limit.value:g} {unit}"
        elif not _close(known.value, limit.value, unit):
            yield f"safety_limits.{key}: {known.value:g} {unit} became {limit.value:g} {unit}"
    for key in sorted(before.keys() - after.keys()):
        limit = before[key]
        bare = attrs.evolve(other, safety=(limit,))
        unwatched = (
            step
            for index, step in other.steps()
            for end in safety_ends(step, bare)
            if not any(_is_met_with(other, index, own, end) for own in step.ends)
        )
        step = next(unwatched, None)
        if step is not None:
            yield f"safety_limits.{key}: the file lacks this limit in {_title(step)}"


def _is_met_with(plan: Plan, index: int, own: StepEnd, limit: StepEnd) -> bool:
    """Return whether an end of a step is met where a limit is, or earlier with the same effect."""
    if (own.quantity, own.operator, own.level.unit) != (
        limit.quantity,
        limit.operator,
        limit.level.unit,
    ):
        return False
    earlier = met_first(own.operator, own.level.value, limit.level.value)
    # Where a limit jumps is compared with the steps.
    alike = limit.target != END_TEST or plan.target(index, own.target) == END_TEST
    return (earlier and alike) or _close(own.level.value, limit.level.value, own.level.unit)


def _title(part: Step | Mark | None) -> str:
    if isinstance(part, Step):
        return part.title or part.path or "a step"
    return "the end of the test" if part is None else f"{part.path} ({part.kind})"


def _with_same_cccv(one: Plan, other: Plan) -> tuple[Plan, Plan]:
    """Merge currents with the voltages that follow them, if either plan has such merged steps."""
    merges = any(step.control == "cccv" for plan in (one, other) for _, step in plan.steps())
    return (merge_cccv(one), merge_cccv(other)) if merges else (one, other)


def _comparable(plan: Plan, *, hold_directions: bool) -> Plan:
    """Return a plan whose steps carry the safety limits, with sorted ends."""

    def complete(index: int, step: Step) -> Step:
        # The safety limits come first because a limit wins over an equal end of the step.
        ends = effective_ends(plan, index, (*safety_ends(step, plan), *step.ends))
        ordered = sorted(ends, key=lambda end: (end.quantity, end.operator, end.level))
        is_directed = hold_directions or step.control != "voltage"
        direction = step.direction if is_directed else None
        return attrs.evolve(step, ends=tuple(ordered), direction=direction)

    return plan.with_steps(complete)


def _unequal(
    one: Step | Mark | None, other: Step | Mark | None, *, recordings: bool
) -> Iterator[str]:
    """Yield the differences between two steps or marks."""
    if not isinstance(one, Step) or not isinstance(other, Step):
        kinds = tuple(getattr(part, "kind", None) for part in (one, other))
        if type(one) is not type(other) or kinds[0] != kinds[1]:
            yield f"the file has {_title(other)} instead"
        return
    if (one.control, one.direction) != (other.control, other.direction):
        yield f"{one.control} {one.direction or ''} became {other.control} {other.direction or ''}"
        return
    if not _same_level(one.set_point, other.set_point):
        yield f"its set point {one.set_point} became {other.set_point}"
    if not _same_value(one.voltage, other.voltage, "V"):
        yield f"its voltage {one.voltage} V became {other.voltage} V"
    if not _same_waveform(one.waveform, other.waveform):
        yield "its waveform changed"
    if not _same_impedance(one.impedance, other.impedance):
        yield f"its impedance sweep ({one.impedance}) became ({other.impedance})"
    if recordings and one.impedance is None and not _same_recording(one, other):
        yield f"its resolution ({one.recording}) became ({other.recording})"
    yield from _unequal_ends(one, other)


def _unequal_ends(one: Step, other: Step) -> Iterator[str]:
    for before, after in zip_longest(one.ends, other.ends):
        if before is None:
            yield f"its end {after} is only in the file"
        elif after is None:
            yield f"its end {before} is missing in the file"
        elif not _same_end(before, after):
            yield f"its end {before} became {after}"


def _same_end(one: StepEnd, other: StepEnd) -> bool:
    kinds = (one.quantity, one.operator) == (other.quantity, other.operator)
    return kinds and _same_level(one.level, other.level)


def _same_level(one: Level | None, other: Level | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.unit == other.unit and _close(one.value, other.value, one.unit)


def _targets(one: Step | Mark, other: Step | Mark) -> list[tuple[int | None, int | None]]:
    """Return where two equal steps or marks lead to, in pairs."""
    if not isinstance(one, Step) or not isinstance(other, Step):
        return [(None, None)]
    pairs = [
        (before.target, after.target) for before, after in zip(one.ends, other.ends, strict=True)
    ]
    return [*pairs, (None, None)] if one.ends_by_itself else pairs


def _close(one: float, other: float, unit: str) -> bool:
    return math.isclose(one, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE.get(unit, 1e-9))


def _same_value(one: float | None, other: float | None, unit: str) -> bool:
    return one is other if one is None or other is None else _close(one, other, unit)


def _same_waveform(one: Waveform | None, other: Waveform | None) -> bool:
    if one is None or other is None:
        return one is other
    held, other_held = _held(one), _held(other)
    # Maccor files write zero power as zero current, so the unit of zeros is not compared.
    idle = not any(value for _, value in (*held, *other_held))
    return (
        (one.unit == other.unit or idle)
        and len(held) == len(other_held)
        and all(
            _close(first[0], second[0], "s") and _close(first[1], second[1], one.unit)
            for first, second in zip(held, other_held, strict=True)
        )
    )


def _same_impedance(one: Impedance | None, other: Impedance | None) -> bool:
    if one is None or other is None:
        return one is other
    values, others = ([*sweep.frequencies, *_range(sweep)] for sweep in (one, other))
    return (
        _same_level(one.amplitude, other.amplitude)
        and len(values) == len(others)
        and all(_close(value, after, "Hz") for value, after in zip(values, others, strict=True))
    )


def _range(sweep: Impedance) -> list[float]:
    parts = (sweep.min_frequency, sweep.max_frequency, sweep.points_per_decade)
    return [part for part in parts if part is not None]


def _held(waveform: Waveform) -> list[tuple[float, float]]:
    """Return for how long each value is held, and the value."""
    return [(after - time, value) for (time, value), (after, _) in pairwise(waveform.samples)]


def _same_recording(one: Step, other: Step) -> bool:
    parts = (attrs.astuple(one.recording), attrs.astuple(other.recording))
    return all(
        _same_value(before, after, unit)
        for before, after, unit in zip(*parts, ("s", "V", "A"), strict=True)
    )
