"""How far a run is in one step, which may take several solves."""

from typing import Final

import numpy as np
from attrs import define, field, frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.protocols.program import Limit, Step
from ionworks.engine.protocols.stimuli import Segment
from ionworks.engine.solver.stop_bounds import Origin

_SAME: Final = 1e-7
"""Voltages [V] and currents [A] closer than this are one point."""


@frozen
class Piece:
    """What one solve added to a step.

    Attributes
    ----------
    times : array, shape (points,)
        From where it began [s].
    signals : array, shape (outputs, points)
    state : array, shape (states,)
        Where it ended.
    ended_by : str
        ``"end"``, ``"time"``, or why the solver stopped.
    at_once : bool
        Whether an end was reached before any time passed.
    rate : Limit or None
        The end on a rate of change that was reached, if it was one.
    """

    times: Floats
    signals: Floats
    state: Floats
    ended_by: str
    at_once: bool = False
    rate: Limit | None = None


@define
class Progress:
    """How far a run is in its current step.

    Attributes
    ----------
    step : Step
    cycle : int
    origin : Origin
        What the step's amounts are counted from.
    throughput : array, shape (4,)
        Capacities and energies at its start.
    part : int
        Number of the segment.
    entered, elapsed : float
        Time passed in the segment and in the step [s].
    times, signals : list of array
        What was saved so far.
    """

    step: Step
    cycle: int
    origin: Origin
    throughput: Floats
    part: int = 0
    entered: float = 0.0
    elapsed: float = 0.0
    times: list[Floats] = field(factory=list)
    signals: list[Floats] = field(factory=list)

    def segment(self) -> Segment:
        """Return the segment to solve next."""
        found = self.step.stimulus.segment(self.part)
        if found is None:
            raise RuntimeError(f"{self.step.path} has no segment {self.part}")
        return found

    def remaining(self) -> float:
        """Return the longest the next solve can take [s]."""
        return min(self.segment().length - self.entered, self.step.longest - self.elapsed)

    def next_segment(self) -> None:
        """Go on to the next segment."""
        self.part += 1
        self.entered = 0.0

    def add(self, times: Floats, signals: Floats) -> None:
        """Append saved points; one that repeats the last is left out."""
        first = 0
        if self.signals and len(times) > 1:
            jump = np.abs(signals[:2, 0] - self.signals[-1][:2, -1])
            first = int(jump.max() < _SAME)
        self.times.append(self.elapsed + times[first:])
        self.signals.append(signals[:, first:])
