"""Solves of a step with charge and energy: as results, and as ends of the step.

`ionworks.engine.solver.quadrature` integrates current and power, for which the solver records them
at further times besides those to save: close together after a change of what the step imposes,
where they change fast, and apart by a small part of the time a full discharge would take. If the
integrals differ too much from those with half of the times, the run is solved again with more.

An end on charge or energy is found before the solve if the step imposes their rate, as it does for
charge with the current; else after it, and the run is solved again up to there.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen

from ionworks.engine.arrays import Floats
from ionworks.engine.protocols.stimuli import Profile, Segment
from ionworks.engine.solver.models import BuiltModel
from ionworks.engine.solver.quadrature import Rule, refined, signed
from ionworks.engine.solver.solve import (
    GRIDS_KEPT,
    StartFailure,
    TimeGrid,
    Trajectory,
    solve_step,
)
from ionworks.engine.solver.stop_bounds import NEVER, REACHED
from ionworks.ucp.step_table import COUNTERS

AMOUNTS: Final = COUNTERS
"""Signals 2 to 5 of a `Trajectory` from `solve_counted`: since the start of the step, each only
grows, and is exactly zero until current flows in its direction."""

_SHARE: Final = 1 / 100
"""Spacing of the times at which current and power are recorded, as a part of the time in which the
capacity of the cell passes."""

_EARLY: Final = 0.02
"""First of the close times after the start of a step [s]: the fastest processes in a cell take
about as long, and any faster one has no share in the integrals."""

_BETWEEN_KINKS: Final = 4
"""Parts into which each interval of a profile is divided."""

_IN_A_QUARTER: Final = 10
"""Parts into which a quarter of the period of a sine is divided, at least."""

_GROWTH: Final = 1.3
"""Ratio of one of the close times to the one before."""

_TOLERANCE: Final = 6e-6
"""Largest estimated error of an integral, relative to the integral of the magnitude."""

_SMOOTH, _STEEP = 12, 3
"""How many times smaller the error is than the difference from the integral with half of the times:
15 times for smooth signals, fewer in the last intervals, where a voltage falls more steeply the
closer it is to its end. Measured for five parameter sets up to 5C."""

_ROUNDS: Final = 4
"""Most solves of a run with more and more times."""

_LARGE_ERRORS: Final = 8
"""Number of intervals among which the error of a whole integral is divided."""

_EXACT: Final = REACHED / 10
"""Relative distance from an end on an amount at which it is found."""

_FINEST: Final = 16
"""Most parts an interval is divided into at once."""

_COINCIDENT: Final = 1e-6
"""Times [s] closer than this are one; see `ionworks.engine.solver.solve`."""

_AT_ONCE: Final = 50_000
"""Points of runs whose integrals are computed at once: few enough for the cache of a processor,
and enough for the fixed cost of operations on arrays not to count."""


def throughput(amounts: Floats) -> Floats:
    """Return PyBaMM's `THROUGHPUT` of some `AMOUNTS`, both along the last axis."""
    discharged, charged = amounts[..., 0::2], amounts[..., 1::2]
    pairs = np.stack([discharged - charged, discharged + charged], axis=-1)
    return pairs.reshape(amounts.shape)


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
    def flows(self) -> bool:
        """Whether any current flows, as in all steps but rests."""
        return self.full_time < np.inf


@frozen
class _Nodes:
    """The times at which current and power are recorded."""

    grid: TimeGrid
    times: Floats
    kinks: Any
    saved: Any

    @classmethod
    def of(cls, grid: TimeGrid, times: Floats, kinks: Any, saved: Any) -> "_Nodes":
        """Return nodes at some times, up to the horizon of a grid."""
        return cls(evolve(grid, points=times[:-1]), times, kinks, saved)


def solve_counted(
    built: BuiltModel,
    rows: Floats,
    states: Floats,
    grid: TimeGrid,
    conditions: Conditions,
    accounts: Sequence[Account],
) -> list[Trajectory | StartFailure]:
    """Solve one segment of a step for many runs together, and integrate charge and energy.

    Parameters
    ----------
    built, rows, states, grid
        As for `solve_step`.
    conditions : Conditions
    accounts : sequence of Account
        One per run.

    Returns
    -------
    list of Trajectory or StartFailure
        One per run, in order, with the `AMOUNTS` after voltage and current.
    """
    is_profile = isinstance(accounts[0].segment.shape, Profile)
    nodes = _nodes(grid, _SHARE * conditions.full_time, is_profile)
    rows = rows.copy()
    ends_at = built.columns["time above"]
    for row, account in zip(rows, accounts, strict=True):
        imposed = _imposed_end(nodes, conditions, account)
        if imposed is not None:
            row[ends_at] = min(row[ends_at], imposed)
    passed = np.array([account.amounts for account in accounts])
    counted: dict[int, _Counted | StartFailure] = {}

    def solve(places: Sequence[int]) -> dict[int, _Counted]:
        """Solve some of the runs, and return those that could be started."""
        found = solve_step(built, rows[places], states[places], nodes.grid)
        again = dict(zip(places, _counted(found, nodes, conditions, passed[places]), strict=True))
        counted.update(again)
        return {place: each for place, each in again.items() if isinstance(each, _Counted)}

    started = solve(range(len(rows)))
    for _ in range(_ROUNDS - 1):
        inexact = {place: each for place, each in started.items() if each.inexact}
        if not inexact:
            break
        nodes = _with_times(nodes, [each.further_times() for each in inexact.values()])
        started |= solve(list(inexact))
    ended = _present((place, each.first_end(accounts[place])) for place, each in started.items())
    for _ in range(_ROUNDS):
        if not ended:
            break
        rows[list(ended), ends_at] = [end.time for end in ended.values()]
        # The integral up to a time is not quite the one that was found beyond it.
        ended = _present(
            (place, each.closer(ended[place], accounts[place]))
            for place, each in solve(list(ended)).items()
        )
    return [
        each.trajectory if isinstance(each, _Counted) else each
        for _, each in sorted(counted.items(), key=itemgetter(0))
    ]


@lru_cache(maxsize=GRIDS_KEPT)
def _nodes(grid: TimeGrid, spacing: float, is_profile: bool) -> _Nodes:
    """Return the times at which to record current and power."""
    kinks = grid.stops if is_profile else ()
    times = np.append(np.union1d(grid.points, grid.stops), grid.horizon)
    if spacing < np.inf:
        pieces = np.array([0.0, *kinks, grid.horizon])
        lengths = np.diff(pieces)
        # A change that took some time, such as one interval of a profile, excites no process that
        # is much faster: the next piece needs no times closer than that.
        changes = np.append(_EARLY, lengths[:-1])
        early = [
            start + _early_times(change, min(length, 3 * spacing))
            for start, length, change in zip(pieces[:-1], lengths, changes, strict=True)
            if length > 2 * change
        ]
        times = _distinct(times, np.concatenate([np.empty(0), *early]))
        gaps = np.full(len(times) - 1, spacing)
        if grid.stops and not is_profile:
            # The stops of a sine divide each of its periods into four.
            quarter = np.diff([0.0, *grid.stops, grid.horizon]).max()
            gaps = np.minimum(gaps, quarter / _IN_A_QUARTER)
        if kinks:
            # The rule does not look beyond a kink, so it needs several times between two.
            gaps = np.minimum(gaps, np.diff(times) / _BETWEEN_KINKS)
        times = refined(times, gaps)
    points = np.append(np.union1d(grid.points, grid.stops), grid.horizon)
    return _Nodes.of(grid, times, np.isin(times, np.array(kinks)), np.isin(times, points))


def _early_times(first: float, length: float) -> Floats:
    count = max(int(np.ceil(np.log(length / first) / np.log(_GROWTH))), 0)
    return np.asarray(first * _GROWTH ** np.arange(count), np.float64)


def _distinct(times: Floats, further: Floats) -> Floats:
    """Return times with further ones, without those of them that are within `_COINCIDENT`."""
    whole = np.union1d(times, further)
    gaps = np.diff(whole)
    if (gaps > _COINCIDENT).all():
        return whole
    close = np.append(gaps, np.inf) <= _COINCIDENT
    close |= np.append(np.inf, gaps) <= _COINCIDENT
    kept: Floats = whole[~close | np.isin(whole, times)]
    return kept


def _with_times(nodes: _Nodes, further: Sequence[Floats]) -> _Nodes:
    """Return nodes with further times."""
    times = nodes.times
    finer = _distinct(times, np.concatenate(further))
    kinks = times[nodes.kinks]
    saved = np.isin(finer, times[nodes.saved])
    return _Nodes.of(nodes.grid, finer, np.isin(finer, kinks), saved)


def _imposed_end(nodes: _Nodes, conditions: Conditions, account: Account) -> float | None:
    """Return when a run reaches an end on the amount whose rate the step imposes.

    -1 if it has reached it from the start; None if it does not reach it.
    """
    place = {"current": 0, "power": 2}.get(conditions.control)
    if place is None or not account.limits(place):
        return None
    rate = account.segment.at(conditions.entered + nodes.times) / 3600
    return _end(Rule.of(nodes.times, nodes.kinks), rate, account, place)


def _end(rule: Rule, rate: Floats, account: Account, place: int) -> float | None:
    above, below = account.bounds[place : place + 2]
    passed, returned = account.amounts[place : place + 2]
    end = rule.crossing(rate, float(passed - returned), below, above)
    # Ends act from the guard time on: a time below it says that the end held from the start.
    return -1.0 if end == 0 else end


@frozen
class _End:
    """An end on an amount: when it is reached, and which amount it is: 0 or 2, see `Account`."""

    time: float
    place: int


def _present(ends: Iterable[tuple[int, _End | None]]) -> dict[int, _End]:
    return {place: end for place, end in ends if end is not None}


@frozen
class _Counted:
    """A solution of one run, with the integrals of its current and power.

    Attributes
    ----------
    trajectory : Trajectory
        At the times to save, with the amounts among its signals.
    inexact : bool
        Whether an integral has a larger error than it may have.
    nodes : _Nodes
    conditions : Conditions
    rule : Rule
        For the times of the solution.
    rates : array, shape (2, points)
        Current and power, per second of the units of the amounts.
    errors : array, shape (2, pairs)
        Estimated errors of the integrals over pairs of intervals.
    magnitude : array, shape (2,)
        Integrals of the magnitudes.
    """

    trajectory: Trajectory
    inexact: bool
    nodes: _Nodes
    conditions: Conditions
    rule: Rule
    rates: Floats
    errors: Floats
    magnitude: Floats

    def further_times(self) -> Floats:
        """Return times at which to record current and power too."""
        allowed = np.maximum(_TOLERANCE * self.magnitude, np.finfo(float).tiny) / _LARGE_ERRORS
        excess = (self.errors / allowed[:, None]).max(axis=0)
        # The error falls with the fourth power of the lengths, for smooth signals.
        parts = np.clip(np.ceil(1.25 * excess**0.25), 1, _FINEST)
        times, lengths = self.rule.times, self.rule.lengths
        further = refined(times, lengths / np.repeat(parts, 2)[: len(lengths)])
        if (excess[-2:] > 1).any():
            end, reach = times[-1], times[-1] - times[max(len(times) - 5, 0)]
            further = np.append(further, end - _early_times(_EARLY, reach))
        return further[further < self.nodes.grid.horizon]

    def first_end(self, account: Account) -> _End | None:
        """Return where the run first reaches an end on an amount whose rate is not imposed."""
        imposed = {"current": 0, "power": 2}.get(self.conditions.control)
        ends = []
        for place in (0, 2):
            if place != imposed and account.limits(place):
                time = _end(self.rule, self.rates[place // 2], account, place)
                if time is not None:
                    ends.append(_End(time, place))
        return min(ends, key=lambda end: end.time, default=None)

    def closer(self, end: _End, account: Account) -> _End | None:
        """Return a better time of an end up to which the run was solved; None if it is exact."""
        rate, last = float(self.rates[end.place // 2, -1]), float(self.rule.times[-1])
        if end.time < 0 or rate == 0 or abs(last - end.time) > _COINCIDENT:
            return None
        passed, returned = account.amounts[end.place : end.place + 2]
        total = float(passed - returned + self.rule.areas(self.rates[end.place // 2]).sum())
        missing = min(
            (bound - total for bound in account.bounds[end.place : end.place + 2]), key=abs
        )
        if abs(missing) <= _EXACT * max(1.0, abs(total)):
            return None
        return _End(end.time + missing / rate, end.place)


def _counted(
    found: Sequence[Trajectory | StartFailure],
    nodes: _Nodes,
    conditions: Conditions,
    passed: Floats,
) -> list[_Counted | StartFailure]:
    """Return the solutions of some runs with their integrals.

    Parameters
    ----------
    found : sequence of Trajectory or StartFailure
        With voltage and current as the first signals.
    nodes, conditions
        Of the solutions.
    passed : array, shape (runs, 4)
        The `AMOUNTS` at the start of the solve.
    """
    counted: list[Any] = list(found)
    block: list[int] = []
    longest = 0
    for place, each in enumerate(found):
        if isinstance(each, StartFailure):
            continue
        longest = max(longest, len(each.times))
        if block and longest * (len(block) + 1) > _AT_ONCE:
            _count_block(counted, block, nodes, conditions, passed)
            block, longest = [], len(each.times)
        block.append(place)
    if block:
        _count_block(counted, block, nodes, conditions, passed)
    return counted


def _count_block(
    counted: list[Any], block: list[int], nodes: _Nodes, conditions: Conditions, passed: Floats
) -> None:
    """Replace the solutions at some places by those with integrals, computed for all at once."""
    found = [counted[place] for place in block]
    counts = np.array([len(each.times) for each in found])
    starts = np.cumsum(counts) - counts
    width, last = int(counts.max()), counts - 1
    columns = np.arange(width)
    # A run with fewer points than others repeats its last one, so that all are one array.
    padded = starts[:, None] + np.minimum(columns, last[:, None])
    joined = np.concatenate([each.signals for each in found], axis=1)
    times = np.concatenate([each.times for each in found])[padded]
    if (abs(times - nodes.times[:width])[columns < last[:, None]] > 0).any():
        raise ValueError("the times are not those of the nodes")
    kinks = nodes.kinks[:width] & (columns < last[:, None])
    rule = Rule.of(times, kinks)
    if conditions.flows:
        rates = np.stack([joined[1], joined[0] * joined[1]]) / 3600
        if conditions.least_current:
            rates[:, abs(joined[1]) < conditions.least_current] = 0.0
        rates = rates[:, padded]
        areas = rule.areas(rates)
        errors, magnitude = _errors(rule, rates, areas, counts), abs(areas).sum(axis=-1)
        since = np.concatenate(signed(rule, rates[0], rates, areas))[[0, 2, 1, 3]]
    else:
        rates, since = np.zeros((2, *times.shape)), np.zeros((4, *times.shape))
        errors, magnitude = np.zeros((2, len(block), 1)), np.zeros((2, len(block)))
    inexact = (errors.sum(axis=-1) > _TOLERANCE * magnitude).any(axis=0)
    since += passed[block].T[:, :, None]
    # From here on the runs are one after another, with the times to save only.
    within = columns < counts[:, None]
    saved = (nodes.saved[:width] | (columns == last[:, None])) & within
    chosen = padded[saved]
    signals = np.concatenate([joined[:2, chosen], since[:, saved], joined[2:, chosen]])
    ends = np.cumsum(saved.sum(axis=1)).tolist()
    saved_times = times[saved]
    begin = 0
    for row, (place, each, count, end) in enumerate(
        zip(block, found, counts.tolist(), ends, strict=True)
    ):
        part = slice(begin, end)
        begin = end
        trajectory = Trajectory(saved_times[part], signals[:, part], each.state, each.ended_by)
        counted[place] = _Counted(
            trajectory,
            bool(inexact[row]),
            nodes,
            conditions,
            rule.row(row, count),
            rates[:, row, :count],
            errors[:, row, : max(count // 2, 1)],
            magnitude[:, row],
        )


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
