"""Programs: what a protocol asks of one run, and the steps it is made of."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from ionworks.engine.protocols.stimuli import Stimulus
from ionworks.ucp.nodes import Assignment, Goto

DAY: Final = 86400.0
MAX_POINTS: Final = 5_000_000
"""Most points one step may save."""

RATE_DELAY: Final = 1.0
"""Ends on a rate of change act from this time [s] into a step on, past the switching."""


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
        ``discharging current``, ``temperature``, ``capacity`` and ``energy`` (in the step's
        direction, from its start), ``soc``, ``time``, or ``fixed``: decided when the step begins.
    above : bool
        Whether the end is reached by rising to the threshold.
    threshold : float
        V, A, W, degC, A.h, W.h, a fraction, or s; per second with ``rate``.
    text : str
        How the end is reported.
    goto : str, int or None
        Where the run goes on when this is the end reached; None for the next step.
    safety : str or None
        Which safety limit this is, if it is one.
    rate : bool
        Whether the rate of change of the quantity is meant.
    """

    quantity: str
    above: bool
    threshold: float
    text: str
    goto: Goto | None = None
    safety: str | None = None
    rate: bool = False

    def distance(self, signals: Mapping[str, float]) -> float:
        """Return how far the signals are from this end; 0 or less when it is reached."""
        value = signals[self.quantity]
        return self.threshold - value if self.above else value - self.threshold


@frozen
class Step:
    """One step as it is run: every expression has its value.

    Attributes
    ----------
    path : str
        Where the step stands in the protocol.
    label : str or None
        Name of the step, else of the innermost block around it.
    step_type : str
        The platform's word for it, such as ``Constant current discharge``.
    stimulus : Stimulus
        What is imposed on the cell.
    direction : float
        Sign capacity and energy are counted with: 1 for a discharge, -1 for a charge; 0 where
        there is none, and their magnitude counts.
    limits : tuple of Limit
        In the order they win ties: safety limits, ends in document order, duration.
    longest : float
        The duration, or the time [s] after which a step without one has failed.
    temperature : float or None
        Ambient temperature [K] of this step only.
    resolution : float
        Largest spacing of saved points [s].
    assignments : tuple of Assignment
        What is calculated when the step has completed.
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
