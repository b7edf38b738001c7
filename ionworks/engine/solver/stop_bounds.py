"""Ends of a step as bounds of the built models, and the values they are compared with.

Every end is a bound on one of a few quantities; the model stops at the first bound it meets. An end
on the step's own charge and an end on the state of charge are bounds on the same quantity. Charge
and energy are not part of the models: `ionworks.engine.solver.amounts` finds when they pass their
bounds.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import frozen

from ionworks.engine.protocols.program import Limit

NEVER: Final = 1e12
"""Bound of an end that the step does not have: no quantity of a cell comes near it."""

STOP_BOUNDS: Final = (
    "voltage above",
    "voltage below",
    "current above",
    "current below",
    "charging current above",
    "charging current below",
    "discharging current above",
    "discharging current below",
    "temperature above",
    "temperature below",
    "power above",
    "power below",
    "time above",
    "charge above",
    "charge below",
    "energy above",
    "energy below",
)
"""What ends a step; positive current, power, charge and energy discharge. ``charge`` and ``energy``
are net amounts from the start of the step; all others are inputs of the event of the models."""

AMOUNT_BOUNDS: Final = STOP_BOUNDS[-4:]
"""Those that are not part of the models."""

REACHED: Final = 1e-7
"""Relative distance within which an end counts as reached when the solver has stopped: the solver
finds the event only to its own tolerance, and may stop just before the threshold."""

RESET: Final = 1e-6
"""Relative distance to the safe side at which a safety limit that tripped is active again: wider
than `REACHED`, or it would trip again where it has just tripped."""

_PLACES: Final = {name: place for place, name in enumerate(STOP_BOUNDS)}
_UNUSED: Final = [NEVER if name.endswith("above") else -NEVER for name in STOP_BOUNDS]


@frozen
class Origin:
    """Zero of a step's amounts of charge and energy, and of the state of charge.

    Attributes
    ----------
    charge : float
        Net charge discharged before the step [A.h].
    direction : float
        1 for a discharge, -1 for a charge, 0 to count magnitudes.
    soc : float
        State of charge at the start of the run, a fraction.
    capacity : float
        Charge between the states of charge 0 and 1 [A.h].
    """

    charge: float
    direction: float
    soc: float
    capacity: float


def stop_bounds(
    limits: Iterable[Limit], origin: Origin, elapsed: float, valid_voltages: tuple[float, float]
) -> list[float]:
    """Return the values of `STOP_BOUNDS` that make a model stop at the first of some limits.

    Parameters
    ----------
    limits : iterable of Limit
        The active limits; those on a rate of change are left to `rate_crossing`.
    origin : Origin
        Zero of the step's amounts.
    elapsed : float
        Time that has passed in the step before this solve [s].
    valid_voltages : tuple of float
        Lower and upper voltage [V] at which to stop in any case.

    Returns
    -------
    list of float
        In the order of `STOP_BOUNDS`.
    """
    found = list(_UNUSED)
    found[_PLACES["voltage below"]], found[_PLACES["voltage above"]] = valid_voltages
    for limit in limits:
        if limit.rate:
            continue
        for name, bound in _bounds_of(limit, origin, elapsed):
            place, tighter = _PLACES[name], min if name.endswith("above") else max
            found[place] = tighter(found[place], bound)
    return found


def _bounds_of(limit: Limit, origin: Origin, elapsed: float) -> list[tuple[str, float]]:
    side = "above" if limit.above else "below"
    if limit.quantity in {"capacity", "energy"}:
        name = "charge" if limit.quantity == "capacity" else "energy"
        # Without a direction the magnitude counts: a bound on either side of the start.
        both = [(f"{name} above", limit.threshold), (f"{name} below", -limit.threshold)]
        return both[:1] if origin.direction > 0 else both[1:] if origin.direction < 0 else both
    if limit.quantity == "soc":
        # Discharging lowers the state of charge, so an upper limit on it bounds charge from below.
        charge = (origin.soc - limit.threshold) * origin.capacity - origin.charge
        return [("charge below" if limit.above else "charge above", charge)]
    if limit.quantity == "time":
        return [("time above", limit.threshold - elapsed)]
    if limit.quantity == "fixed":
        # Does not change during a step: either reached already, which the time shows, or never.
        return [("time above", -1.0)] if limit.threshold < 0 else []
    return [(f"{limit.quantity} {side}", limit.threshold)]


def watched_values(signals: Any, times: Any, origin: Origin) -> dict[str, Any]:
    """Return every quantity a limit may watch, at one time of a step or at many.

    Parameters
    ----------
    signals : sequence of float or of array
        Voltage, current, charge discharged and charged, energy discharged and charged, both since
        the start of the step, and temperature.
    times : float or array
        From the start of the step [s].
    origin : Origin
        Zero of the step's amounts.
    """
    voltage, current = signals[0], signals[1]
    charge, energy = signals[2] - signals[3], signals[4] - signals[5]
    direction = origin.direction
    return {
        "voltage": voltage,
        "current": abs(current),
        "charging current": -current,
        "discharging current": current,
        "power": abs(voltage * current),
        "temperature": signals[6],
        "capacity": direction * charge if direction else abs(charge),
        "energy": direction * energy if direction else abs(energy),
        "soc": origin.soc - (origin.charge + charge) / origin.capacity,
        "time": times,
        "fixed": 0.0 * times,
    }


def reached_limit(
    limits: Iterable[Limit], signals: Sequence[float], time: float, origin: Origin
) -> Limit | None:
    """Return the first of some limits that is reached at a time, or None."""
    found = watched_values(signals, time, origin)
    for limit in limits:
        if not limit.rate and limit.distance(found) <= REACHED * max(1.0, abs(limit.threshold)):
            return limit
    return None


def reset_limit(limit: Limit) -> Limit:
    """Return the limit that is reached when the signal is back on the safe side of a limit."""
    margin = RESET * max(1.0, abs(limit.threshold))
    threshold = limit.threshold - margin if limit.above else limit.threshold + margin
    return Limit(
        limit.quantity, not limit.above, threshold, f"{limit.text} over", safety=limit.safety
    )
