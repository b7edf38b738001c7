"""The current of a measurement as a piecewise linear profile a model can follow.

Between two rows the current is linear. It jumps where a step ends (``Step count`` changes) or two
rows share one time. Points that a straight line reproduces within a tolerance are dropped. A few
segments are left, each solved separately with its first current and its slope as inputs of one
model; a drive cycle has many and is built into a separate model. The noise of a sensor is left out,
see `line_segments`: it would make a segment of every two rows, and the integrator, which starts
anew where the current has a kink, takes ten steps for each of them.
"""

from typing import Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.forward_model.line_segments import straight_lines, without_noise
from ionworks.engine.fitting.measurement import CURRENT, STEP, TIME, Measurement
from ionworks.engine.protocols.stimuli import Profile

JUMP: Final = 1e-4
"""Rows closer in time than this [s] are a jump of the current; a jump takes this long."""

TOLERANCE: Final = 1e-4
"""Default largest error of the current, relative to its greatest magnitude."""

REST: Final = 1e-3
"""A current below this fraction of the greatest is a rest."""

MOST_SEGMENTS: Final = 64
"""With more segments than this, restarting the integrator for each takes longer than
interpolating the current."""

_CHANGE: Final = 1e-2
"""Least jump of the current at the end of a step, relative to the greatest; less is noise."""

_ROUNDING: Final = 1e-9
"""Relative tolerance when a difference of times is compared with `JUMP`."""


@frozen(eq=False)
class Segment:
    """A part of a profile that is integrated in one solve.

    Attributes
    ----------
    times : array
        Times of the rows in it [s], from its start.
    length : float
        Duration [s].
    shape : Profile or None
        The current, if it is not a straight line.
    first, slope : float
        The current at its start [A], and its change [A/s].
    """

    times: Floats
    length: float
    shape: Profile | None
    first: float = 0.0
    slope: float = 0.0

    @property
    def stops(self) -> tuple[float, ...]:
        """Times at which the current has kinks [s]; the solver must stop there."""
        return () if self.shape is None else self.shape.kinks()[:-1]


@frozen(eq=False)
class CurrentProfile:
    """A measured current, positive discharging.

    Attributes
    ----------
    segments : tuple of Segment
    rows : int
        Number of rows of the data.
    rest : int
        Number of rows of the rest at the start.
    noise : float
        Largest distance of a measured current [A] that was left out as noise; 0 if none was.
    """

    segments: tuple[Segment, ...]
    rows: int
    rest: int
    noise: float = 0.0

    @property
    def shape(self) -> Profile | None:
        """The current to build into the model; None where it is an input."""
        return self.segments[0].shape

    @property
    def first(self) -> float:
        """The current at the start [A]."""
        return self.segments[0].first if self.shape is None else self.shape.values[0]


def read_current_profile(
    measurement: Measurement, tolerance: float | None = None
) -> CurrentProfile:
    """Return the current of a measurement.

    Parameters
    ----------
    measurement : Measurement
    tolerance : float, optional
        Largest error of the current [A]; if given, noise is followed too.

    Raises
    ------
    ValueError
        If times or currents are missing, or times go back.
    """
    times, currents = measurement.column(TIME), measurement.column(CURRENT)
    times = times - times[0]
    back = np.diff(times) < 0
    if back.any():
        raise ValueError(
            f"{measurement.label}: {TIME!r} goes back after row {int(back.argmax())}; sort it, or "
            "set the option 'sort'"
        )
    if len(times) < 2 or times[-1] <= 0:
        raise ValueError(f"{measurement.label} needs at least two rows at different times")
    times = _apart(times)
    greatest = float(np.abs(currents).max())
    allowed = TOLERANCE * greatest if tolerance is None else tolerance
    middle = (currents.min() + currents.max()) / 2
    if np.abs(currents - middle).max() <= allowed:
        whole = Segment(times, float(times[-1]), None, float(currents.mean()))
        return CurrentProfile((whole,), len(times), _resting_rows(currents))
    steps = measurement.column(STEP) if measurement.has(STEP) else np.zeros(len(times))
    knots, values = _with_jumps(times, currents, steps, greatest)
    lines = (without_noise if tolerance is None else straight_lines)(knots, values, allowed)
    segments = _segments(times, lines.times, lines.values)
    # Without its noise, which may be larger than what counts as a rest.
    followed = np.interp(times, lines.times, lines.values) if lines.deviation else currents
    return CurrentProfile(segments, len(times), _resting_rows(followed), lines.deviation)


def _resting_rows(currents: Floats) -> int:
    """Return the number of rows of the rest at the start."""
    flows = np.abs(currents) > REST * np.abs(currents).max()
    return int(np.argmax(flows)) if flows.any() else len(currents)


def _segments(times: Floats, knots: Floats, values: Floats) -> tuple[Segment, ...]:
    """Return straight segments; one interpolated segment if there are more than `MOST_SEGMENTS`."""
    starts = [0, *(np.flatnonzero(np.diff(knots) > JUMP * (1 + _ROUNDING)))]
    starts = sorted(set(starts) - set(np.flatnonzero(np.diff(knots) <= JUMP * (1 + _ROUNDING))))
    if len(starts) > MOST_SEGMENTS:
        shape = Profile(tuple(knots.tolist()), tuple(values.tolist()))
        return (Segment(times, float(times[-1]), shape),)
    segments: list[Segment] = []
    begin = 0.0
    for start in starts:
        end = float(knots[start + 1])
        inside = (times <= end) & ((times > begin) if segments else True)
        slope = (values[start + 1] - values[start]) / (end - knots[start])
        segments.append(
            Segment(times[inside] - begin, end - begin, None, float(values[start]), float(slope))
        )
        begin = end
    return tuple(segments)


def _apart(times: Floats) -> Floats:
    """Return times with those closer than `JUMP` moved apart."""
    moved = times.copy()
    for row in range(1, len(times)):
        if moved[row] - moved[row - 1] < JUMP:
            moved[row] = moved[row - 1] + JUMP
    return moved


def _with_jumps(
    times: Floats, currents: Floats, steps: Floats, greatest: float
) -> tuple[Floats, Floats]:
    """Return the profile with a jump right behind the last row of each step.

    Cyclers save a row when a step ends; the next step begins there, not a row later.
    """
    ends = np.flatnonzero(
        (np.diff(steps) != 0)
        & (np.abs(np.diff(currents)) > _CHANGE * greatest)
        & (np.diff(times) > 2 * JUMP)
    )
    knots = np.insert(times, ends + 1, times[ends] + JUMP)
    return knots, np.insert(currents, ends + 1, currents[ends + 1])
