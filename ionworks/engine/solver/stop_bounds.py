"""Ends of a step as bounds of the built models, and as values at a moment of the step.

All ends are bounds on a few quantities; the model stops at the first it meets. Amounts of charge
and energy are counted from the start of the run there, so that ends on the step's own amounts and
on the state of charge are bounds on the same two quantities.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.protocols.program import Limit

NEVER: Final = 1e12
"""Bound of an end that is not used."""

BOUNDS: Final = (
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
    "charge above",
    "charge below",
    "energy above",
    "energy below",
    "time above",
)
"""Inputs of the event that ends a step. ``charge`` and ``energy`` are net amounts discharged."""

REACHED: Final = 1e-7
"""Relative distance within which an end counts as reached where the solver stopped."""

REENTRY: Final = 1e-6
"""Relative distance to the safe side from which a safety limit that tripped is watched again."""

_PLACES: Final = {name: place for place, name in enumerate(BOUNDS)}
_UNUSED: Final = [NEVER if name.endswith("above") else -NEVER for name in BOUNDS]


@frozen
class Origin:
    """What a step's amounts are counted from.

    Attributes
    ----------
    charge, energy : float
        Net amounts discharged before the step [A.h, W.h].
    direction : float
        Of the step: 1 discharges, -1 charges, 0 counts magnitudes.
    soc : float
        State of charge at the start of the run, a fraction.
    capacity : float
        Charge between the states of charge 0 and 1 [A.h].
    """

    charge: float
    energy: float
    direction: float
    soc: float
    capacity: float


def bounds(
    limits: Iterable[Limit], origin: Origin, elapsed: float, valid_voltages: tuple[float, float]
) -> Floats:
    """Return the values of `BOUNDS` that make a model stop at the first of some limits.

    Parameters
    ----------
    limits : iterable of Limit
        Those that are watched.
    origin : Origin
        What amounts are counted from.
    elapsed : float
        Time of the step that has passed before [s].
    valid_voltages : tuple of float
        Lower and upper voltage [V] to stop at in any case.

    Returns
    -------
    array, shape (len(BOUNDS),)
    """
    found = list(_UNUSED)
    found[_PLACES["voltage below"]], found[_PLACES["voltage above"]] = valid_voltages
    for limit in limits:
        if limit.rate:
            continue
        for name, bound in _bounds_of(limit, origin, elapsed):
            place, tighter = _PLACES[name], min if name.endswith("above") else max
            found[place] = tighter(found[place], bound)
    return np.array(found)


def _bounds_of(limit: Limit, origin: Origin, elapsed: float) -> list[tuple[str, float]]:
    side = "above" if limit.above else "below"
    if limit.quantity in {"capacity", "energy"}:
        name, start = (
            ("charge", origin.charge) if limit.quantity == "capacity" else ("energy", origin.energy)
        )
        both = [
            (f"{name} above", start + limit.threshold),
            (f"{name} below", start - limit.threshold),
        ]
        return both[:1] if origin.direction > 0 else both[1:] if origin.direction < 0 else both
    if limit.quantity == "soc":
        charge = (origin.soc - limit.threshold) * origin.capacity
        return [("charge below" if limit.above else "charge above", charge)]
    if limit.quantity == "time":
        return [("time above", limit.threshold - elapsed)]
    if limit.quantity == "fixed":
        return [("time above", -1.0)] if limit.threshold < 0 else []
    return [(f"{limit.quantity} {side}", limit.threshold)]


def values(signals: Any, times: Any, origin: Origin) -> dict[str, Any]:
    """Return every quantity a limit may watch, at a moment of a step or at many.

    Parameters
    ----------
    signals : sequence, of floats or of arrays
        Of the model: voltage, current, net and total charge, net and total energy, temperature.
    times : float or array
        From the start of the step [s].
    origin : Origin
        What amounts are counted from.
    """
    voltage, current = signals[0], signals[1]
    charge, energy = signals[2] - origin.charge, signals[4] - origin.energy
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
        "soc": origin.soc - signals[2] / origin.capacity,
        "time": times,
        "fixed": 0.0 * times,
    }


def reached(
    limits: Iterable[Limit], signals: Sequence[float], time: float, origin: Origin
) -> Limit | None:
    """Return the first of some limits that is reached at a moment, None if none is."""
    found = values(signals, time, origin)
    for limit in limits:
        if not limit.rate and limit.distance(found) <= REACHED * max(1.0, abs(limit.threshold)):
            return limit
    return None


def return_of(limit: Limit) -> Limit:
    """Return the limit that is reached when the signal is back on the safe side of a limit."""
    margin = REENTRY * max(1.0, abs(limit.threshold))
    threshold = limit.threshold - margin if limit.above else limit.threshold + margin
    return Limit(
        limit.quantity, not limit.above, threshold, f"{limit.text} over", safety=limit.safety
    )
