"""Steps and their ends, with a value for every expression."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from ionworks.engine.protocols.stimuli import Stimulus
from ionworks.ucp.nodes import Assignment, Goto

DAY: Final = 86400.0
MAX_POINTS: Final = 5_000_000
"""Most points one step may save; each is about 100 bytes in the result."""

RATE_DELAY: Final = 1.0
"""Ends on a rate of change act from this time [s] into a step on: the switching itself has a rate
that would end almost every step."""


class ProgramError(ValueError):
    """A protocol, or a step of it, that the engine cannot run as asked.

    Attributes
    ----------
    problems : tuple of str
        One sentence each.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("; ".join(self.problems))


@frozen
class Limit:
    """One end of a step, or a safety limit.

    Attributes
    ----------
    quantity : str
        ``voltage``, ``current`` and ``power`` (magnitudes), ``charging current``,
        ``discharging current``, ``temperature``, ``capacity`` and ``energy`` (in the direction of
        the step, from its start), ``soc``, ``time``, a formula of the model's variables, or
        ``fixed``: decided when the step begins, with the threshold -1 if it holds and 1 if it never
        will.
    above : bool
        Whether the end is reached from below.
    threshold : float
        V, A, W, degC, A.h, W.h, a fraction, s, or the unit of the formula; per second with
        ``rate``.
    text : str
        The termination that is reported.
    goto : str, int or None
        Where the run continues after this end; None for the next step.
    safety : str or None
        Key of the safety limit; None for an end of the step.
    rate : bool
        Whether the threshold is one of the rate of change of the quantity.
    """

    quantity: str
    above: bool
    threshold: float
    text: str
    goto: Goto | None = None
    safety: str | None = None
    rate: bool = False

    def distance(self, signals: Mapping[str, float]) -> float:
        """Return the distance of the signals from this end; 0 or less if it is reached."""
        value = signals[self.quantity]
        return self.threshold - value if self.above else value - self.threshold


@frozen
class Step:
    """One step as it is run.

    Attributes
    ----------
    path : str
        Path of the step in the protocol.
    label : str or None
        Name of the step, else of the innermost block around it.
    step_type : str
        The platform's word for it, such as ``Constant current discharge``.
    stimulus : Stimulus
        What the step imposes on the cell.
    direction : float
        Sign with which capacity and energy are counted: 1 for a discharge, -1 for a charge; 0
        counts their magnitude, as in a rest or a drive cycle.
    limits : tuple of Limit
        In their order of precedence: safety limits, ends in document order, duration.
    longest : float
        The duration [s], or the time after which a step without one fails.
    temperature : float or None
        Ambient temperature [K] of this step only, None for that of the run.
    resolution : float
        Largest spacing of saved points [s].
    assignments : tuple of Assignment
        Evaluated when the step has completed.
    """

    path: str
    label: str | None
    step_type: str
    stimulus: Stimulus
    direction: float
    limits: tuple[Limit, ...]
    longest: float
    temperature: float | None
    resolution: float
    assignments: tuple[Assignment, ...] = ()

    @property
    def rates(self) -> tuple[Limit, ...]:
        """The ends on a rate of change."""
        return tuple(limit for limit in self.limits if limit.rate)


def longest_time(control: str, set_point: float, nominal_capacity: float) -> float:
    """Return how long [s] a step without a duration may take to reach an end.

    A day, or at a slow current the time to pass three nominal capacities.
    """
    if control != "current" or set_point == 0:
        return DAY
    return max(DAY, 3 * 3600 * nominal_capacity / abs(set_point))


def check_resolution(path: str, resolution: float, longest: float) -> str | None:
    """Return the problem of a spacing of saved points [s], None if it has none."""
    if not math.isfinite(resolution) or resolution <= 0:
        return f"{path}: resolution.time is {resolution:g} s: give a time above 0"
    if longest / resolution > MAX_POINTS:
        return (
            f"{path}: resolution.time of {resolution:g} s would save more than "
            f"{MAX_POINTS} points in one step: give a larger one"
        )
    return None
