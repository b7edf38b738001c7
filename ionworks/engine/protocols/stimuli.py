"""What a step imposes on the cell, as a sequence of segments the built models know how to follow.

A segment is solved in one piece. Its shape says which built model it needs; its numbers are inputs
of that model.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from math import inf
from typing import ClassVar, Final, TypeAlias

from attrs import define, frozen

Control: TypeAlias = str
"""``current``, ``voltage``, ``power`` or ``resistance``."""

PERIODS_AT_ONCE: Final = 64
"""Periods of a sine in one segment."""

POINTS_PER_PERIOD: Final = 16
"""Points saved in each period of a sine, at least."""

_KINK: Final = 1e-12


@frozen(cache_hash=True)
class Profile:
    """A piecewise linear course: strictly increasing times [s] from 0, and the values there."""

    times: tuple[float, ...]
    values: tuple[float, ...]

    def kinks(self) -> tuple[float, ...]:
        """Return the times at which the slope changes, the last time included."""
        times, values = self.times, self.values
        slopes = [
            (values[i + 1] - values[i]) / (times[i + 1] - times[i]) for i in range(len(times) - 1)
        ]
        changes = (
            times[i]
            for i in range(1, len(slopes))
            if abs(slopes[i] - slopes[i - 1]) > _KINK * (abs(slopes[i]) + abs(slopes[i - 1]))
        )
        return (*changes, times[-1])


Shape: TypeAlias = Profile | str
"""A profile, or ``constant``, ``ramp`` or ``sine``: what a built model follows in time."""


@frozen
class Segment:
    """A part of a step that is solved in one piece.

    Attributes
    ----------
    shape : Profile or str
        Which model solves it.
    inputs : mapping of str to float
        The numbers of the shape.
    length : float
        How long it lasts [s]; infinite if only an end of the step ends it.
    stops : tuple of float
        Times [s] the solver must not step over.
    points : tuple of float
        Times [s] to save besides those of the resolution.
    """

    shape: Shape
    inputs: Mapping[str, float]
    length: float = inf
    stops: tuple[float, ...] = ()
    points: tuple[float, ...] = ()


class Stimulus(ABC):
    """What a step imposes: a control and how it goes with time."""

    control: Control
    length: float

    @abstractmethod
    def segment(self, index: int) -> Segment | None:
        """Return a segment by its number, None behind the last."""

    @property
    @abstractmethod
    def scale(self) -> float:
        """A value the stimulus takes, to start looking for the current from."""


@frozen
class Held(Stimulus):
    """One value for the whole step; positive current and power discharge."""

    control: Control
    set_point: float
    length: float = inf

    def segment(self, index: int) -> Segment | None:
        """Return the one segment there is."""
        return Segment("constant", {"set point": self.set_point}) if index == 0 else None

    @property
    def scale(self) -> float:
        """The value."""
        return self.set_point


@define(frozen=True, slots=False)
class Followed(Stimulus):
    """A profile, run several times."""

    control: Control
    profile: Profile
    factor: float
    passes: int

    @property
    def length(self) -> float:  # type: ignore[override] # computed, and never set
        """How long all passes take [s]."""
        return self.passes * self.profile.times[-1]

    @cached_property
    def _pass(self) -> Segment:
        times = self.profile.times
        inputs = {"set point": self.factor}
        return Segment(self.profile, inputs, times[-1], self.profile.kinks(), times)

    def segment(self, index: int) -> Segment | None:
        """Return one pass."""
        return self._pass if index < self.passes else None

    @property
    def scale(self) -> float:
        """The first value."""
        return self.factor * self.profile.values[0]


@frozen
class Periodic(Stimulus):
    """A waveform around an offset; ``cycles`` is infinite if only an end of the step ends it."""

    control: Control
    form: str
    amplitude: float
    offset: float
    frequency: float
    cycles: float

    #: Start and end, as fractions of the period, with the values there in amplitudes.
    LINES: ClassVar[Mapping[str, tuple[tuple[float, float, float, float], ...]]] = {
        "square": ((0.0, 0.5, 1.0, 1.0), (0.5, 1.0, -1.0, -1.0)),
        "triangle": ((0.0, 0.25, 0.0, 1.0), (0.25, 0.75, 1.0, -1.0), (0.75, 1.0, -1.0, 0.0)),
        "sawtooth": ((0.0, 1.0, -1.0, 1.0),),
    }

    @property
    def length(self) -> float:  # type: ignore[override] # computed, and never set
        """How long all cycles take [s]."""
        return self.cycles / self.frequency

    def segment(self, index: int) -> Segment | None:
        """Return some whole periods of a sine, or one line of another form."""
        return self._sine(index) if self.form == "sine" else self._line(index)

    @property
    def scale(self) -> float:
        """The offset, or the amplitude around 0."""
        return self.offset or self.amplitude

    def _sine(self, index: int) -> Segment | None:
        periods = min(PERIODS_AT_ONCE, self.cycles - index * PERIODS_AT_ONCE)
        if periods <= 0:
            return None
        inputs = {
            "set point": self.offset,
            "amplitude": self.amplitude,
            "frequency": self.frequency,
        }
        length = periods / self.frequency
        stops = self._fractions(length, 4)
        return Segment("sine", inputs, length, stops, self._fractions(length, POINTS_PER_PERIOD))

    def _fractions(self, length: float, parts: int) -> tuple[float, ...]:
        """Return the times up to a length [s] that divide each period into some parts."""
        spacing = 1 / (parts * self.frequency)
        inside = (number * spacing for number in range(1, int(length / spacing) + 2))
        return (*(time for time in inside if time < length - spacing * 1e-6), length)

    def _line(self, index: int) -> Segment | None:
        lines = self.LINES[self.form]
        period, number = divmod(index, len(lines))
        start, end, first, last = lines[number]
        length = (min(end, self.cycles - period) - start) / self.frequency
        if length <= 1e-9 / self.frequency:
            return None
        slope = (last - first) / (end - start) * self.frequency
        inputs = {
            "set point": self.offset + self.amplitude * first,
            "slope": self.amplitude * slope,
        }
        return Segment("ramp", inputs, length, (length,))
