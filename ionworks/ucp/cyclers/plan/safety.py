"""Safety limits as ends of the steps in which they are watched."""

from __future__ import annotations

from typing import Final

import attrs

from ionworks.ucp.cyclers.plan.instructions import Level, Limit, Plan, Step, StepEnd, Unit

LIMIT_UNITS: Final[dict[str, Unit]] = {"Voltage": "V", "Current": "A", "Temperature": "degC"}


def limit_end(limit: Limit) -> StepEnd:
    """Return a safety limit as an end of a step."""
    level = Level(limit.value, LIMIT_UNITS[limit.quantity])
    return StepEnd(limit.quantity, limit.operator, level, limit.target)


def safety_ends(step: Step, plan: Plan) -> list[StepEnd]:
    """Return the safety limits that are watched in a step, as ends of the step.

    The current limits of both directions apply to a step that may charge as well as discharge.
    """
    return [
        limit_end(limit)
        for limit in plan.safety
        if limit.direction in (None, step.direction) or step.drives_both_ways
    ]


def without_safety(plan: Plan) -> Plan:
    """Return a plan without the step ends that only repeat its safety limits."""

    def bare(index: int, step: Step) -> Step:
        covered = safety_ends(step, plan)
        ends = tuple(
            end
            for end in step.ends
            if attrs.evolve(end, target=plan.target(index, end.target)) not in covered
        )
        # A step needs an end in UCP, even where the limit would end the test at the same value.
        return attrs.evolve(step, ends=ends or step.ends)

    return plan.with_steps(bare)
