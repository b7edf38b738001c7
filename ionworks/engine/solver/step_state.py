"""The state of a run within a step, which may take several solves."""

from functools import cached_property
from typing import Final

import numpy as np
from attrs import define, field

from ionworks.engine.cells.cell import Floats
from ionworks.engine.protocols.program import Step
from ionworks.engine.protocols.stimuli import Segment
from ionworks.engine.solver.stop_bounds import Origin

_SAME: Final = 1e-7
"""Largest difference of voltage [V] and current [A] between two points that are one."""


@define(slots=False)
class StepState:
    """The state of a run in its current step.

    Attributes
    ----------
    step : Step
        The step.
    cycle : int
        0-based cycle the step belongs to.
    origin : Origin
        Zero of the state of charge, and the sign with which the step counts its amounts.
    amounts : array, shape (4,)
        Charge [A.h] discharged and charged, energy [W.h] discharged and charged in the step so far.
    segment_index : int
        Number of the current segment.
    entered, elapsed : float
        Time passed in the segment and in the step [s].
    times, signals : list of array
        The points saved so far, one array for each solve.
    """

    step: Step
    cycle: int
    origin: Origin
    amounts: Floats = field(factory=lambda: np.zeros(4))
    segment_index: int = 0
    entered: float = 0.0
    elapsed: float = 0.0
    times: list[Floats] = field(factory=list)
    signals: list[Floats] = field(factory=list)

    @cached_property
    def segment(self) -> Segment:
        """The segment to solve next."""
        found = self.step.stimulus.segment(self.segment_index)
        if found is None:
            raise RuntimeError(f"{self.step.path} has no segment {self.segment_index}")
        return found

    def remaining(self) -> float:
        """Return how long the next solve may simulate at the most [s]."""
        return min(self.segment.length - self.entered, self.step.longest - self.elapsed)

    def next_segment(self) -> None:
        """Move on to the next segment."""
        self.segment_index += 1
        self.entered = 0.0
        del self.segment

    @property
    def points(self) -> tuple[Floats, Floats]:
        """Times from the start of the step and signals of all points saved so far."""
        if len(self.times) == 1:
            return self.times[0], self.signals[0]
        return np.concatenate(self.times), np.concatenate(self.signals, axis=1)

    def add(self, times: Floats, signals: Floats) -> None:
        """Append saved points, without the first one if it repeats the last one saved.

        It is kept if voltage or current differ: then the next segment begins with a jump, which
        takes two points at one time.
        """
        first = 0
        if self.signals and len(times) > 1:
            jump = np.abs(signals[:2, 0] - self.signals[-1][:2, -1])
            first = int(jump.max() < _SAME)
        times = times[first:]
        self.times.append(times + self.elapsed if self.elapsed else times)
        self.signals.append(signals[:, first:])
