"""The limits that a Maccor procedure sets for its channel, the ends with ``ChanSafetyEnd``.

Public procedures set them on their first step and repeat each of them on every step that can meet
it. Two procedures show what a different copy means. In ``diagnosticV5.000`` of the project beep the
limits lead to the last diagnostic, and the steps of the last diagnostic lead beyond it: a step
follows its own copy. In ``diagnosticV1.000`` the step that the limits lead to, a discharge, has no
copies: with a limit it could not start.
A safety limit of UCP is watched in every step and wins over the ends of a step, so such limits
become ends of the other steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from ionworks.ucp.cyclers.plan import END_TEST, Level, Limit, Step, StepEnd
from ionworks.ucp.cyclers.read.plan_builder import PlanBuilder

_KEYS: Final = {
    ("Voltage", ">"): ("voltage_max",),
    ("Voltage", "<"): ("voltage_min",),
    ("Temperature", ">"): ("temperature_max",),
    ("Current", ">"): ("charge_current_max", "discharge_current_max"),
}


def limit_values(limits: Iterable[StepEnd]) -> dict[str, float]:
    """Return the values of the limits of a channel by their keys in UCP."""
    return {key: limit.level.value for limit in limits for key in _keys(limit)}


def add_limits(builder: PlanBuilder, limits: Iterable[StepEnd]) -> None:
    """Add the limits of a channel as safety limits or, if UCP has no such limit, as ends of steps.

    The targets of limits and ends are the numbers of steps.
    """
    for limit in limits:
        steps = {
            number: step
            for number, step in builder.steps.items()
            if isinstance(step, Step) and _can_meet(step, limit)
        }
        copies = {
            number: end
            for number, step in steps.items()
            for end in step.ends
            if _condition(end) == _condition(limit)
        }
        # The first step has the limit itself.
        exempt = limit.target if limit.target in steps.keys() - copies.keys() - {1} else None
        elsewhere = [number for number, end in copies.items() if end.target != limit.target]
        if elsewhere and len(elsewhere) == len(steps):
            builder.refusals.add("step 001", f"all steps lead elsewhere at its limit {limit}")
        if not _keys(limit):
            reason = "UCP has no such safety limit"
        elif elsewhere:
            reason = f"step {elsewhere[0]:03d} leads elsewhere there"
        elif exempt is not None:
            reason = f"step {exempt:03d}, to which it leads, does not have it"
        else:
            target = END_TEST if limit.target is None else limit.target
            builder.safety.extend(Limit(key, limit.level.value, target) for key in _keys(limit))
            continue
        builder.notes.append(
            f"the limit of the channel {limit} is read as an end of the steps that can meet it, "
            f"not as a safety limit, because {reason}"
        )
        for number, step in steps.items():
            if number not in copies and number != exempt:
                builder.steps[number] = attrs.evolve(step, ends=(*step.ends, limit))


def _keys(limit: StepEnd) -> tuple[str, ...]:
    known = _KEYS.get((limit.quantity, limit.operator), ())
    return () if limit.level.unit == "C" else known


def _condition(end: StepEnd) -> tuple[str, str, Level]:
    return end.quantity, end.operator, end.level


def _can_meet(step: Step, limit: StepEnd) -> bool:
    """Return whether a step can have a limit of the channel as an end."""
    if step.control == "impedance":
        return False
    return step.control != "rest" or limit.quantity not in ("Current", "Capacity")
