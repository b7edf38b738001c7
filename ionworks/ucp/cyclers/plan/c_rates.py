"""C-rates converted to currents, and multiples of the nominal capacity to capacities."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ionworks.ucp.cyclers.plan.instructions import Level, Plan, Step, Unit


def c_rates_to_currents(
    plan: Plan,
    nominal_capacity: float | None,
    applies: Callable[[Step], bool] = lambda _step: True,
) -> Plan:
    """Return a plan with C-rates in A, and multiples of the nominal capacity in A.h.

    Parameters
    ----------
    plan : Plan
        The plan, returned unchanged if the capacity is unknown.
    nominal_capacity : float or None
        In A.h.
    applies : callable
        Selects the steps that are converted.
    """
    if nominal_capacity is None:
        return plan

    absolute: dict[Unit, Unit] = {"C": "A", "Q_NOM": "Ah"}

    def converted_level(level: Level) -> Level:
        unit = absolute.get(level.unit)
        return level if unit is None else Level(level.value * nominal_capacity, unit)

    def converted(_index: int, step: Step) -> Step:
        if not applies(step):
            return step
        waveform = step.waveform
        if waveform is not None and waveform.unit == "C":
            samples = tuple((time, value * nominal_capacity) for time, value in waveform.samples)
            waveform = attrs.evolve(waveform, unit="A", samples=samples)
        return attrs.evolve(
            step,
            set_point=None if step.set_point is None else converted_level(step.set_point),
            ends=tuple(attrs.evolve(end, level=converted_level(end.level)) for end in step.ends),
            waveform=waveform,
        )

    return plan.with_steps(converted)
