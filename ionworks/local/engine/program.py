"""Programs: what a protocol asks of one run, with every value known and every block unrolled."""

import math
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from ionworks.local.engine.cell import StartingPoint

KELVIN: Final = 273.15
DAY: Final = 86400.0
MAX_STEPS: Final = 100_000
"""Most steps a run may execute."""

MAX_POINTS: Final = 5_000_000
"""Most points one step may save."""


@frozen
class Limit:
    """One end of a step, or a safety limit.

    Attributes
    ----------
    quantity : str
        ``voltage``, ``current`` (magnitude), ``charging current``, ``discharging current``,
        ``temperature``, ``capacity`` (in the step's direction, from its start) or ``time``.
    above : bool
        Whether the end is reached by rising to the threshold.
    threshold : float
        V, A, degC, A.h or s.
    text : str
        How the end is reported.
    stops : bool
        Whether the test stops here.
    """

    quantity: str
    above: bool
    threshold: float
    text: str
    stops: bool = False

    def distance(self, signals: Mapping[str, float]) -> float:
        """Return how far the signals are from this end; 0 or less when it is reached."""
        value = signals[self.quantity]
        return self.threshold - value if self.above else value - self.threshold


@frozen
class Step:
    """One step of a program.

    Attributes
    ----------
    path : str
        Where the step stands in the protocol.
    label : str or None
        Name of the step, else of the innermost block around it.
    step_type : str
        The platform's word for it, such as ``Constant current discharge``.
    control : str
        ``current``, ``voltage``, ``power`` or ``resistance``.
    set_point : float
        A, V, W or Ohm; positive current and power discharge.
    direction : float
        Sign the capacity is counted with: 1 for a discharge, -1 for a charge, 0 at rest.
    limits : tuple of Limit
        In the order they win ties: safety limits, ends in document order, duration.
    longest : float
        The duration, or the time [s] after which a step without one has failed.
    has_duration : bool
        Which of the two ``longest`` is.
    temperature : float
        Ambient temperature [K].
    resolution : float
        Largest spacing of saved points [s].
    cycle : int
        0-based cycle the step belongs to.
    """

    path: str
    label: str | None
    step_type: str
    control: str
    set_point: float
    direction: float
    limits: tuple[Limit, ...]
    longest: float
    has_duration: bool
    temperature: float
    resolution: float
    cycle: int


@frozen
class Program:
    """All steps of a run and the state it starts from.

    Attributes
    ----------
    steps : tuple of Step
    start : StartingPoint
    notes : tuple of str
        What a reader of the result should know.
    """

    steps: tuple[Step, ...]
    start: StartingPoint
    notes: tuple[str, ...] = ()


def longest_time(control: str, set_point: float, nominal_capacity: float) -> float:
    """Return how long [s] a step without a duration may take to reach an end.

    A day, or the time three nominal capacities take at a slow current.
    """
    if control != "current" or set_point == 0:
        return DAY
    return max(DAY, 3 * 3600 * nominal_capacity / abs(set_point))


def check_resolution(path: str, resolution: float, longest: float) -> str | None:
    """Return what is wrong with a spacing of saved points, if anything is."""
    if not math.isfinite(resolution) or resolution <= 0:
        return f"{path}: resolution.time is {resolution:g} s: give a time above 0"
    if longest / resolution > MAX_POINTS:
        return (
            f"{path}: resolution.time of {resolution:g} s would save more than "
            f"{MAX_POINTS} points in one step: raise it"
        )
    return None
