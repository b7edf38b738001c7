"""Solves of a step with charge and energy: as results, and as ends of the step.

`ionworks.engine.solver.quadrature` integrates current and power, for which the solver records them
at further times besides those to save: close together after a change of what the step imposes,
where they change fast, and apart by a small part of the time a full discharge would take. If the
integrals differ too much from those with half of the times, the run is solved again with more.

An end on charge or energy is found before the solve if the step imposes their rate, as it does for
charge with the current; else after it, and the run is solved again up to there.
"""

from collections.abc import Sequence
from functools import lru_cache
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

_SHARE_WITH_TABLES: Final = 1 / 600
"""The same for a model with tables. A measured open-circuit potential bends at each of its points,
of which a discharge passes some 200: several times are needed between two. They take far less time
than the solves that would find them one after the other."""

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
    rule: Rule
    coarse: Rule
    saved: Any

    @classmethod
    def of(cls, grid: TimeGrid, times: Floats, kinks: Any, saved: Any) -> "_Nodes":
        """Return some times with their rules, of which every second one makes the coarse one."""
        whole = evolve(grid, points=times[:-1])
        every_second = _every_second(len(times))
        coarse = Rule.of(times[every_second], kinks[every_second])
        return cls(whole, Rule.of(times, kinks), coarse, saved)

    def saved_of(self, times: Floats) -> Any:
        """Return which times of a solution are to be saved: those asked for, and the last."""
        found = self.saved[: len(times)].copy()
        found[-1] = True
        return found


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
    share = _SHARE_WITH_TABLES if built.has_tables else _SHARE
    nodes = _nodes(grid, share * conditions.full_time, is_profile)
    rows = rows.copy()
    ends_at = built.columns["time above"]
    for row, account in zip(rows, accounts, strict=True):
        imposed = _imposed_end(nodes, conditions, account)
        if imposed is not None:
            row[ends_at] = min(row[ends_at], imposed)
    found = solve_step(built, rows, states, nodes.grid)
    integrals = [_Integrals.of(each, nodes, conditions) for each in found]
    for _ in range(_ROUNDS - 1):
        inexact = [place for place, each in enumerate(integrals) if each and each.inexact]
        if not inexact:
            break
        further = [each.further_times() for each in integrals if each and each.inexact]
        nodes = _with_times(nodes, further)
        again = solve_step(built, rows[inexact], states[inexact], nodes.grid)
        for place, each in zip(inexact, again, strict=True):
            found[place] = each
            integrals[place] = _Integrals.of(each, nodes, conditions)
    ended = {
        place: end
        for place, (each, account) in enumerate(zip(integrals, accounts, strict=True))
        if each and (end := each.first_end(account)) is not None
    }
    for _ in range(_ROUNDS):
        if not ended:
            break
        which = list(ended)
        rows[which, ends_at] = [end.time for end in ended.values()]
        again = solve_step(built, rows[which], states[which], nodes.grid)
        for place, each in zip(which, again, strict=True):
            found[place] = each
            integrals[place] = integral = _Integrals.of(each, nodes, conditions)
            # The integral up to a time is not quite the one that was found beyond it.
            closer = integral and integral.closer(ended.pop(place), accounts[place])
            if closer:
                ended[place] = closer
    return [
        each.trajectory(account) if each else failure
        for each, failure, account in zip(integrals, found, accounts, strict=True)
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
    times = nodes.rule.times
    finer = _distinct(times, np.concatenate(further))
    kinks = times[nodes.rule.kinks]
    saved = np.isin(finer, times[nodes.saved])
    return _Nodes.of(nodes.grid, finer, np.isin(finer, kinks), saved)


def _imposed_end(nodes: _Nodes, conditions: Conditions, account: Account) -> float | None:
    """Return when a run reaches an end on the amount whose rate the step imposes.

    -1 if it has reached it from the start; None if it does not reach it.
    """
    place = {"current": 0, "power": 2}.get(conditions.control)
    if place is None or not account.limits(place):
        return None
    times = nodes.rule.times
    rate = account.segment.at(conditions.entered + times) / 3600
    return _end(nodes.rule, rate, account, place)


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


@frozen
class _Integrals:
    """A trajectory with the integrals of its current and power.

    Attributes
    ----------
    found : Trajectory
        With voltage and current as its first signals.
    nodes : _Nodes
    conditions : Conditions
    rule : Rule
        For the times of the trajectory.
    rates : array, shape (2, points)
        Current and power, per second of the units of the amounts.
    errors : array, shape (2, pairs)
        Estimated errors of the integrals over pairs of intervals.
    magnitude : array, shape (2,)
        Integrals of the magnitudes.
    """

    found: Trajectory
    nodes: _Nodes
    conditions: Conditions
    rule: Rule
    rates: Floats
    errors: Floats
    magnitude: Floats

    @classmethod
    def of(
        cls, found: Trajectory | StartFailure, nodes: _Nodes, conditions: Conditions
    ) -> "_Integrals | None":
        """Return the integrals of a solution; None for a run that could not be started."""
        if isinstance(found, StartFailure):
            return None
        rule = nodes.rule.until(found.times)
        voltage, current = found.signals[:2]
        if not conditions.flows:
            nothing = np.zeros((2, len(found.times)))
            return cls(found, nodes, conditions, rule, nothing, nothing[:, :1], nothing[:, 0])
        if conditions.least_current:
            current = np.where(abs(current) < conditions.least_current, 0.0, current)
        rates = np.stack([current, current * voltage]) / 3600
        areas = rule.areas(rates)
        return cls(
            found,
            nodes,
            conditions,
            rule,
            rates,
            _errors(rule, nodes.coarse, rates, areas),
            abs(areas).sum(axis=1),
        )

    @property
    def inexact(self) -> bool:
        """Whether an integral has a larger error than it may have."""
        return bool((self.errors.sum(axis=1) > _TOLERANCE * self.magnitude).any())

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
        rate = float(self.rates[end.place // 2, -1])
        if end.time < 0 or rate == 0 or abs(self.found.times[-1] - end.time) > _COINCIDENT:
            return None
        passed, returned = account.amounts[end.place : end.place + 2]
        total = float(passed - returned + self.rule.areas(self.rates[end.place // 2]).sum())
        missing = min(
            (bound - total for bound in account.bounds[end.place : end.place + 2]), key=abs
        )
        if abs(missing) <= _EXACT * max(1.0, abs(total)):
            return None
        return _End(end.time + missing / rate, end.place)

    def trajectory(self, account: Account) -> Trajectory:
        """Return the trajectory at the times to save, with the amounts among its signals."""
        if self.magnitude.any():
            passed, returned = signed(self.rule, self.rates[0], self.rates)
            amounts = np.stack([passed[0], returned[0], passed[1], returned[1]])
            amounts += account.amounts[:, None]
        else:
            amounts = np.repeat(account.amounts[:, None], len(self.found.times), axis=1)
        signals = np.concatenate([self.found.signals[:2], amounts, self.found.signals[2:]])
        saved = self.nodes.saved_of(self.found.times)
        return evolve(self.found, times=self.found.times[saved], signals=signals[:, saved])


def _every_second(count: int) -> Any:
    """Return the indices of every second one of some times, and of the last."""
    return np.append(np.arange(0, count - 1, 2), count - 1)


def _errors(rule: Rule, coarse: Rule, rates: Floats, areas: Floats) -> Floats:
    """Return the estimated errors of the integrals over pairs of intervals."""
    count = len(rule.times)
    if count < 4:
        return np.zeros((len(rates), 1))
    every_second = _every_second(count)
    coarse = coarse.until(rule.times[every_second])
    pairs = np.add.reduceat(areas, every_second[:-1], axis=1)
    errors = abs(pairs - coarse.areas(rates[:, every_second])) / _SMOOTH
    errors[:, -2:] *= _SMOOTH / _STEEP
    if rule.kinks.any():
        # A trapezium between two kinks, or over one, says nothing about the parabola.
        comparable = (coarse.left > 0) | (coarse.right > 0)
        comparable &= ~rule.kinks[np.minimum(every_second[:-1] + 1, count - 1)]
        errors[:, ~comparable] = 0.0
    return errors
