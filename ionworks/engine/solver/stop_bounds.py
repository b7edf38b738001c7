"""Ends of a step as bounds of the built models, and the values they are compared with.

Every end is a bound on one of a few quantities; the model stops at the first bound it meets. An end
on the step's own charge and an end on the state of charge are bounds on the same quantity. Charge
and energy are not part of the models: `ionworks.engine.solver.amounts` finds when they pass their
bounds.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
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

AMOUNTS_AT: Final = slice(len(STOP_BOUNDS) - 4, len(STOP_BOUNDS))
AMOUNT_BOUNDS: Final = STOP_BOUNDS[AMOUNTS_AT]
"""Those that are not part of the models, and where they are."""

REACHED: Final = 1e-7
"""Relative distance within which an end counts as reached when the solver has stopped: the solver
finds the event only to its own tolerance, and may stop just before the threshold."""

FORMULA_REACHED: Final = 1e-6
"""The same for a formula, relative to its magnitude: it may be of any size. Wider, because it may
change fast when a step begins."""

RESET: Final = 1e-6
"""Relative distance to the safe side at which a safety limit that tripped is active again: wider
than `REACHED`, or it would trip again where it has just tripped."""


def bound_names(formulas: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all bounds: `STOP_BOUNDS`, and two for each of some formulas."""
    return (*STOP_BOUNDS, *(f"{each} {side}" for each in formulas for side in ("above", "below")))


@cache
def _places(formulas: tuple[str, ...]) -> dict[str, int]:
    return {name: place for place, name in enumerate(bound_names(formulas))}


@cache
def _unused(formulas: tuple[str, ...]) -> tuple[float, ...]:
    names = bound_names(formulas)
    return tuple(NEVER if name.endswith("above") else -NEVER for name in names)


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
    limits: Iterable[Limit],
    origin: Origin,
    elapsed: float,
    valid_voltages: tuple[float, float],
    formulas: tuple[str, ...] = (),
) -> list[float]:
    """Return the values of the bounds that make a model stop at the first of some limits.

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
    formulas : tuple of str
        Those on which the model has bounds.

    Returns
    -------
    list of float
        In the order of `bound_names`.
    """
    found, places = [*_unused(formulas)], _places(formulas)
    found[places["voltage below"]], found[places["voltage above"]] = valid_voltages
    for limit in limits:
        if limit.rate:
            continue
        for name, bound in _bounds_of(limit, origin, elapsed):
            place, tighter = places[name], min if name.endswith("above") else max
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


def watched_values(
    signals: Any, times: Any, origin: Origin, watched: Sequence[str] = ()
) -> dict[str, Any]:
    """Return every quantity a limit may watch, at one time of a step or at many.

    Parameters
    ----------
    signals : sequence of float or of array
        Voltage, current, charge discharged and charged, energy discharged and charged, both since
        the start of the step, temperature, any others, and those of ``watched``.
    times : float or array
        From the start of the step [s].
    origin : Origin
        Zero of the step's amounts.
    watched : sequence of str
        Formulas and variables that are the last signals.
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
        **(dict(zip(watched, signals[-len(watched) :], strict=True)) if watched else {}),
    }


def reached_limit(
    limits: Iterable[Limit],
    signals: Sequence[float],
    time: float,
    origin: Origin,
    sizes: Mapping[str, float],
) -> Limit | None:
    """Return the first of some limits that is reached at a time, or None.

    Parameters
    ----------
    limits : iterable of Limit
    signals : sequence of float
        As `watched_values` takes them.
    time : float
        From the start of the step [s].
    origin : Origin
        Zero of the step's amounts.
    sizes : mapping of str to float
        The watched formulas and variables that are the last signals, and the largest magnitude of
        each in the solve.
    """
    found = watched_values(signals, time, origin, (*sizes,))
    for limit in limits:
        size = sizes.get(limit.quantity)
        near = (
            REACHED * max(1.0, abs(limit.threshold))
            if size is None
            else FORMULA_REACHED * max(size, abs(limit.threshold))
        )
        if not limit.rate and limit.distance(found) <= near:
            return limit
    return None


def reset_limit(limit: Limit) -> Limit:
    """Return the limit that is reached when the signal is back on the safe side of a limit."""
    margin = RESET * max(1.0, abs(limit.threshold))
    threshold = limit.threshold - margin if limit.above else limit.threshold + margin
    return Limit(
        limit.quantity, not limit.above, threshold, f"{limit.text} over", safety=limit.safety
    )
