"""Integrals of current and power in the solutions of many runs, their errors, and ends on them.

The runs of a solve have the same times, up to their ends, so most is computed for all at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen

from ionworks.engine.arrays import Floats
from ionworks.engine.protocols.stimuli import Segment
from ionworks.engine.solver.quadrature import Rule, early_times, refined, signed
from ionworks.engine.solver.solve import StartFailure, TimeGrid, Trajectory
from ionworks.engine.solver.stop_bounds import NEVER, REACHED

EARLY: Final = 0.02
"""First of the close times after the start of a step [s]: the fastest processes in a cell take
about as long, and any faster one has no share in the integrals."""

_TOLERANCE: Final = 6e-6
"""Largest estimated error of an integral, relative to the integral of the magnitude."""

_SMOOTH, _STEEP = 12, 3
"""How many times smaller the error is than the difference from the integral with half of the times:
15 times for smooth signals, fewer in the last intervals, where a voltage falls more steeply the
closer it is to its end. Measured for five parameter sets up to 5C."""

_LARGE_ERRORS: Final = 8
"""Number of intervals among which the error of a whole integral is divided."""

_EXACT: Final = REACHED / 10
"""Relative distance from an end on an amount at which it is found."""

_FINEST: Final = 16
"""Most parts an interval is divided into at once."""

COINCIDENT: Final = 1e-6
"""Times [s] closer than this are one; see `ionworks.engine.solver.solve`."""

_AT_ONCE: Final = 20_000
"""Points of runs whose integrals are computed at once: few enough for the cache of a processor,
and enough for the fixed cost of operations on arrays not to count."""


@frozen
class Account:
    """What one run has passed in its step so far, and how much more ends it.

    Attributes
    ----------
    segment : Segment
        The segment to solve.
    amounts : array, shape (4,)
        The `AMOUNTS` at the start of the solve.
    bounds : tuple of float
        Net charge [A.h] above and below which the step ends, and net energy [W.h] likewise, from
        the start of the step.
    """

    segment: Segment
    amounts: Floats
    bounds: tuple[float, float, float, float]

    def limits(self, place: int) -> bool:
        """Return whether the charge (0) or the energy (2) is bounded."""
        return self.bounds[place] < NEVER or self.bounds[place + 1] > -NEVER


@frozen
class Conditions:
    """What is common to the runs of a solve.

    Attributes
    ----------
    control : str
        ``current``, ``voltage``, ``power`` or ``resistance``.
    entered : float
        Time passed in the segment before the solve [s].
    full_time : float
        Time [s] in which the nominal capacity passes, at the least; infinite without a current.
    least_current : float
        Current [A] below which the solver does not resolve it: it counts as zero.
    """

    control: str
    entered: float
    full_time: float
    least_current: float

    @property
    def imposed(self) -> int | None:
        """The place in an `Account` of the amount whose rate the step imposes, None without one."""
        return {"current": 0, "power": 2}.get(self.control)

    @property
    def flows(self) -> bool:
        """Whether any current flows, as in all steps but rests."""
        return self.full_time < np.inf


@frozen
class Nodes:
    """The times at which current and power are recorded.

    Attributes
    ----------
    grid : TimeGrid
        Of the solve that records them.
    times : array, shape (points,)
        The last is the horizon.
    kinks, saved : array of bool, shape (points,)
        Where the slope of the signals may change, and which times are to be saved.
    """

    grid: TimeGrid
    times: Floats
    kinks: Any
    saved: Any

    @classmethod
    def of(cls, grid: TimeGrid, times: Floats, kinks: Any, saved: Any) -> "Nodes":
        """Return nodes at some times, up to the horizon of a grid."""
        return cls(evolve(grid, points=times[:-1]), times, kinks, saved)


@frozen
class End:
    """An end on an amount: when it is reached, and which amount it is: 0 or 2, see `Account`."""

    time: float
    place: int


def reached(rule: Rule, rate: Floats, account: Account, place: int) -> float | None:
    """Return when a run reaches an end on an amount; -1 if at the start, None if it does not."""
    above, below = account.bounds[place : place + 2]
    passed, returned = account.amounts[place : place + 2]
    end = rule.crossing(rate, float(passed - returned), below, above)
    # Ends act from the guard time on: a time below it says that the end held from the start.
    return -1.0 if end == 0 else end


@frozen(eq=False)
class _Block:
    """Several solutions at the same times, with the integrals of their current and power.

    A run with fewer points than others repeats its last one, so that all are one array.

    Attributes
    ----------
    nodes : Nodes
    conditions : Conditions
    counts : array, shape (runs,)
        Number of points of each run.
    rule : Rule
        For the times of all runs.
    rates : array, shape (2, runs, points)
        Current and power, per second of the units of the amounts.
    errors : array, shape (2, runs, pairs)
        Estimated errors of the integrals over pairs of intervals.
    magnitude : array, shape (2, runs)
        Integrals of the magnitudes.
    """

    nodes: Nodes
    conditions: Conditions
    counts: Any
    rule: Rule
    rates: Floats
    errors: Floats
    magnitude: Floats


@frozen(eq=False)
class Integrated:
    """A solution of one run, with the integrals of its current and power.

    Attributes
    ----------
    trajectory : Trajectory
        At the times to save, with the amounts among its signals.
    inexact : bool
        Whether an integral has a larger error than it may have.
    """

    trajectory: Trajectory
    inexact: bool
    _block: _Block
    _row: int

    @property
    def _count(self) -> int:
        return int(self._block.counts[self._row])

    @property
    def _rule(self) -> Rule:
        return self._block.rule.row(self._row, self._count)

    def _rate(self, place: int) -> Floats:
        return self._block.rates[place // 2, self._row, : self._count]

    def further_times(self) -> Floats:
        """Return times at which to record current and power too."""
        magnitude = self._block.magnitude[:, self._row]
        errors = self._block.errors[:, self._row, : self._count // 2]
        allowed = np.maximum(_TOLERANCE * magnitude, np.finfo(float).tiny) / _LARGE_ERRORS
        excess = (errors / allowed[:, None]).max(axis=0)
        # The error falls with the fourth power of the lengths, for smooth signals.
        parts = np.clip(np.ceil(1.25 * excess**0.25), 1, _FINEST)
        times, lengths = self._rule.times, self._rule.lengths
        further = refined(times, lengths / np.repeat(parts, 2)[: len(lengths)])
        if (excess[-2:] > 1).any():
            end, reach = times[-1], times[-1] - times[max(len(times) - 5, 0)]
            further = np.append(further, end - early_times(EARLY, reach))
        return further[further < self._block.nodes.grid.horizon]

    def first_end(self, account: Account) -> End | None:
        """Return where the run first reaches an end on an amount whose rate is not imposed."""
        ends = []
        for place in (0, 2):
            if account.limits(place) and place != self._block.conditions.imposed:
                time = reached(self._rule, self._rate(place), account, place)
                if time is not None:
                    ends.append(End(time, place))
        return min(ends, key=lambda end: end.time, default=None)

    def closer(self, end: End, account: Account) -> End | None:
        """Return a better time of an end up to which the run was solved; None if it is exact."""
        rule, rates = self._rule, self._rate(end.place)
        rate, last = float(rates[-1]), float(rule.times[-1])
        if end.time < 0 or rate == 0 or abs(last - end.time) > COINCIDENT:
            return None
        passed, returned = account.amounts[end.place : end.place + 2]
        total = float(passed - returned + rule.areas(rates).sum())
        missing = min(
            (bound - total for bound in account.bounds[end.place : end.place + 2]), key=abs
        )
        if abs(missing) <= _EXACT * max(1.0, abs(total)):
            return None
        return End(end.time + missing / rate, end.place)


def integrated(
    found: Sequence[Trajectory | StartFailure],
    nodes: Nodes,
    conditions: Conditions,
    amounts: Floats,
) -> list[Integrated | StartFailure]:
    """Return the solutions of some runs with their integrals.

    Parameters
    ----------
    found : sequence of Trajectory or StartFailure
        With voltage and current as the first signals.
    nodes, conditions
        Of the solutions.
    amounts : array, shape (runs, 4)
        At the start of the solve, see `Account`.
    """
    done: dict[int, Integrated] = {}
    block: dict[int, Trajectory] = {}
    longest = 0
    for place, each in enumerate(found):
        if isinstance(each, StartFailure):
            continue
        longest = max(longest, len(each.times))
        if block and longest * (len(block) + 1) > _AT_ONCE:
            done |= _integrate(block, nodes, conditions, amounts)
            block, longest = {}, len(each.times)
        block[place] = each
    if block:
        done |= _integrate(block, nodes, conditions, amounts)
    return [
        each if isinstance(each, StartFailure) else done[place] for place, each in enumerate(found)
    ]


def _integrate(
    solved: Mapping[int, Trajectory], nodes: Nodes, conditions: Conditions, amounts: Floats
) -> dict[int, Integrated]:
    """Return some solutions, by their places, with integrals that are computed for all at once."""
    found = list(solved.values())
    counts = np.array([len(each.times) for each in found])
    starts, last = np.cumsum(counts) - counts, counts[:, None] - 1
    columns = np.arange(int(counts.max()))
    padded = starts[:, None] + np.minimum(columns, last)
    signals = np.concatenate([each.signals for each in found], axis=1)
    times = np.concatenate([each.times for each in found])[padded]
    if ((times != nodes.times[: len(columns)]) & (columns < last)).any():
        raise ValueError("the times are not those of the nodes")
    rule = Rule.of(times, nodes.kinks[: len(columns)] & (columns < last))
    if conditions.flows:
        rates = np.stack([signals[1], signals[0] * signals[1]]) / 3600
        if conditions.least_current:
            rates[:, abs(signals[1]) < conditions.least_current] = 0.0
        rates = rates[:, padded]
        areas = rule.areas(rates)
        errors, magnitude = _errors(rule, rates, areas, counts), abs(areas).sum(axis=-1)
        passed = np.concatenate(signed(rule, rates[0], rates, areas))[[0, 2, 1, 3]]
    else:
        rates, passed = (np.zeros((size, *times.shape)) for size in (2, 4))
        errors, magnitude = np.zeros((2, len(found), 1)), np.zeros((2, len(found)))
    passed += amounts[list(solved)].T[:, :, None]
    block = _Block(nodes, conditions, counts, rule, rates, errors, magnitude)
    inexact = (errors.sum(axis=-1) > _TOLERANCE * magnitude).any(axis=0).tolist()
    # From here on the runs are one after another, with the times to save only.
    saved = (nodes.saved[: len(columns)] & (columns < last)) | (columns == last)
    chosen, times = padded[saved], times[saved]
    signals = np.concatenate([signals[:2, chosen], passed[:, saved], signals[2:, chosen]])
    ends = np.cumsum(saved.sum(axis=1)).tolist()
    parts = map(slice, [0, *ends[:-1]], ends)
    return {
        place: Integrated(
            Trajectory(times[part], signals[:, part], each.state, each.ended_by),
            inexact[row],
            block,
            row,
        )
        for row, ((place, each), part) in enumerate(zip(solved.items(), parts, strict=True))
    }


def _every_second(count: int) -> Any:
    """Return the indices of every second one of some times, and of the last."""
    return np.append(np.arange(0, count - 1, 2), count - 1)


def _errors(rule: Rule, rates: Floats, areas: Floats, counts: Any) -> Floats:
    """Return the estimated errors of the integrals over pairs of intervals.

    Parameters
    ----------
    rule : Rule
        Of several runs.
    rates, areas : array, shape (2, runs, points) and (2, runs, points - 1)
    counts : array, shape (runs,)
        Number of points of each run.

    Returns
    -------
    array, shape (2, runs, pairs)
        Zero for runs with fewer than four points.
    """
    width = rates.shape[-1]
    if width < 4:
        return np.zeros((*rates.shape[:2], 1))
    every_second = _every_second(width)
    coarse = Rule.of(rule.times[:, every_second], rule.kinks[:, every_second])
    pairs = np.add.reduceat(areas, every_second[:-1], axis=-1)
    errors = abs(pairs - coarse.areas(rates[..., every_second])) / _SMOOTH
    number = np.arange(errors.shape[-1])
    errors[:, number >= (counts // 2 - 2)[:, None]] *= _SMOOTH / _STEEP
    errors[:, counts < 4] = 0.0
    if rule.kinks.any():
        # A trapezium between two kinks, or over one, says nothing about the parabola.
        comparable = (coarse.left > 0) | (coarse.right > 0)
        comparable &= ~rule.kinks[:, np.minimum(every_second[:-1] + 1, width - 1)]
        errors[:, ~comparable] = 0.0
    return errors
