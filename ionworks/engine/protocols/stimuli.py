"""What a step imposes on the cell, as a sequence of segments.

A segment is one solve. Its shape selects the built model, its numbers are inputs of that model.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from math import inf
from typing import ClassVar, Final, TypeAlias

import numpy as np
from attrs import define, frozen

from ionworks.engine.arrays import Floats

Control: TypeAlias = str
"""``current``, ``voltage``, ``power`` or ``resistance``."""

PERIODS_AT_ONCE: Final = 64
"""Periods of a sine in one segment: all stops and points of a segment are listed before its solve,
also those after the end of the step."""

POINTS_PER_PERIOD: Final = 16
"""Points saved in each period of a sine, at least."""

_KINK: Final = 1e-12
"""Relative change of slope below which two pieces of a profile are one line, but for rounding."""


@frozen(cache_hash=True)
class Profile:
    """A piecewise linear profile: strictly increasing times [s] from 0, and the values there."""

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
"""A profile, or ``constant``, ``ramp`` or ``sine``: the function of time in a built model."""


@frozen
class Segment:
    """A part of a step that is solved in one piece.

    Attributes
    ----------
    shape : Profile or str
        Its function of time, which selects the built model.
    inputs : mapping of str to float
        The parameters of the shape.
    length : float
        Duration [s]; infinite if only an end of the step ends it.
    stops : tuple of float
        Times [s] at which the solver has to stop: it could step over a kink or a whole period.
    points : tuple of float
        Times [s] saved besides those of the resolution.
    """

    shape: Shape
    inputs: Mapping[str, float]
    length: float = inf
    stops: tuple[float, ...] = ()
    points: tuple[float, ...] = ()

    @property
    def largest(self) -> float:
        """The largest magnitude it imposes."""
        value = self.inputs["set point"]
        if isinstance(self.shape, Profile):
            return abs(value) * max(map(abs, self.shape.values))
        if self.shape == "ramp":
            return max(abs(value), abs(value + self.inputs["slope"] * self.length))
        return abs(value) + abs(self.inputs.get("amplitude", 0.0))

    def at(self, times: Floats) -> Floats:
        """Return what the segment imposes at some times [s] from its start."""
        value = self.inputs["set point"]
        if isinstance(self.shape, Profile):
            return value * np.interp(times, self.shape.times, self.shape.values)
        if self.shape == "ramp":
            return value + self.inputs["slope"] * times
        if self.shape == "sine":
            phase = 2 * np.pi * self.inputs["frequency"] * times
            return value + self.inputs["amplitude"] * np.sin(phase)
        return np.full(len(times), value)


class Stimulus(ABC):
    """What a step imposes on the cell: a control as a function of time."""

    control: Control
    length: float

    @abstractmethod
    def segment(self, index: int) -> Segment | None:
        """Return a segment by its 0-based number, None after the last."""

    @property
    @abstractmethod
    def scale(self) -> float:
        """A typical value, for the starting guess of the current."""


@frozen
class Held(Stimulus):
    """One value for the whole step; positive current and power discharge."""

    control: Control
    set_point: float
    length: float = inf

    def segment(self, index: int) -> Segment | None:
        """Return the only segment."""
        return Segment("constant", {"set point": self.set_point}) if index == 0 else None

    @property
    def scale(self) -> float:
        """The value."""
        return self.set_point


@define(frozen=True, slots=False)
class Followed(Stimulus):
    """A profile, repeated several times."""

    control: Control
    profile: Profile
    factor: float
    passes: int

    @property
    def length(self) -> float:  # type: ignore[override] # computed, and never set
        """Duration of all passes [s]."""
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
    """A waveform around an offset; ``cycles`` is infinite if only an end of the step ends it.

    The amplitude is half the peak-to-peak value; ``frequency`` is in Hz.
    """

    control: Control
    form: str
    amplitude: float
    offset: float
    frequency: float
    cycles: float

    #: Lines of each form: start and end as fractions of the period, and the values there in
    #: units of the amplitude.
    LINES: ClassVar[Mapping[str, tuple[tuple[float, float, float, float], ...]]] = {
        "square": ((0.0, 0.5, 1.0, 1.0), (0.5, 1.0, -1.0, -1.0)),
        "triangle": ((0.0, 0.25, 0.0, 1.0), (0.25, 0.75, 1.0, -1.0), (0.75, 1.0, -1.0, 0.0)),
        "sawtooth": ((0.0, 1.0, -1.0, 1.0),),
    }

    @property
    def length(self) -> float:  # type: ignore[override] # computed, and never set
        """Duration of all cycles [s]."""
        return self.cycles / self.frequency

    def segment(self, index: int) -> Segment | None:
        """Return some whole periods of a sine, or one line of another form."""
        return self._sine(index) if self.form == "sine" else self._line(index)

    @property
    def scale(self) -> float:
        """The offset, or the amplitude if the offset is 0."""
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
        """Return the times up to a length [s] that divide each period into equal parts."""
        spacing = 1 / (parts * self.frequency)
        inside = (number * spacing for number in range(1, int(length / spacing) + 2))
        return (*(time for time in inside if time < length - spacing * 1e-6), length)

    def _line(self, index: int) -> Segment | None:
        lines = self.LINES[self.form]
        period, number = divmod(index, len(lines))
        start, end, first, last = lines[number]
        # The last period may be cut short anywhere, also within rounding of the start of a line.
        length = (min(end, self.cycles - period) - start) / self.frequency
        if length <= 1e-9 / self.frequency:
            return None
        slope = (last - first) / (end - start) * self.frequency
        inputs = {
            "set point": self.offset + self.amplitude * first,
            "slope": self.amplitude * slope,
        }
        return Segment("ramp", inputs, length, (length,))
