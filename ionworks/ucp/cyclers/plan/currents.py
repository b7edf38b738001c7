"""C-rates as currents."""

from __future__ import annotations

import attrs

from ionworks.ucp.cyclers.plan.nodes import Level, Plan, Step


def in_currents(plan: Plan, nominal_capacity: float | None) -> Plan:
    """Return a plan with its C-rates as currents [A], if the capacity is known."""
    if nominal_capacity is None:
        return plan

    def current(level: Level) -> Level:
        return Level(level.value * nominal_capacity, "A") if level.unit == "C" else level

    def converted(step: Step) -> Step:
        exits = tuple(attrs.evolve(leave, level=current(leave.level)) for leave in step.exits)
        level = step.set_point
        waveform = step.waveform
        if waveform is not None and waveform.unit == "C":
            samples = tuple((time, value * nominal_capacity) for time, value in waveform.samples)
            waveform = attrs.evolve(waveform, unit="A", samples=samples)
        return attrs.evolve(
            step,
            set_point=None if level is None else current(level),
            exits=exits,
            waveform=waveform,
        )

    instructions = tuple(
        converted(instruction) if isinstance(instruction, Step) else instruction
        for instruction in plan.instructions
    )
    return attrs.evolve(plan, instructions=instructions)
