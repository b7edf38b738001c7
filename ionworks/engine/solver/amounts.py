"""Solves of a step with charge and energy: as results, and as ends of the step.

`ionworks.engine.solver.quadrature` integrates current and power, for which the solver records them
at further times besides those to save: close together after a change of what the step imposes,
where they change fast, and apart by a small part of the time a full discharge would take. If the
integrals differ too much from those with half of the times, the run is solved again with more.

An end on charge or energy is found before the solve if the step imposes their rate, as it does for
charge with the current; else after it, and the run is solved again up to there.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final

import numpy as np

from ionworks.engine.arrays import Floats
from ionworks.engine.protocols.stimuli import Profile
from ionworks.engine.solver.integrals import (
    COINCIDENT,
    EARLY,
    Account,
    Conditions,
    End,
    Integrated,
    Nodes,
    integrated,
    reached,
)
from ionworks.engine.solver.models import BuiltModel
from ionworks.engine.solver.quadrature import Rule, early_times, refined
from ionworks.engine.solver.solve import (
    GRIDS_KEPT,
    StartFailure,
    TimeGrid,
    Trajectory,
    solve_step,
)
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

_BETWEEN_KINKS: Final = 4
"""Parts into which each interval of a profile is divided."""

_IN_A_QUARTER: Final = 10
"""Parts into which a quarter of the period of a sine is divided, at least."""

_ROUNDS: Final = 4
"""Most solves of a run with more and more times."""


def throughput(amounts: Floats) -> Floats:
    """Return PyBaMM's `THROUGHPUT` of some `AMOUNTS`, both along the last axis."""
    discharged, charged = amounts[..., 0::2], amounts[..., 1::2]
    pairs = np.stack([discharged - charged, discharged + charged], axis=-1)
    return pairs.reshape(amounts.shape)


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
    amounts = np.array([account.amounts for account in accounts])
    done: dict[int, Integrated | StartFailure] = {}
    nodes_of = dict.fromkeys(range(len(rows)), nodes)

    def solve(places: Iterable[int]) -> dict[int, Integrated]:
        """Solve some of the runs, and return those that could be started."""
        solved: dict[int, Integrated | StartFailure] = {}
        for some_nodes, some in _by_nodes(places, nodes_of):
            found = solve_step(built, rows[some], states[some], some_nodes.grid)
            latest = integrated(found, some_nodes, conditions, amounts[some])
            solved |= zip(some, latest, strict=True)
        done.update(solved)
        return {place: each for place, each in solved.items() if isinstance(each, Integrated)}

    started = solve(nodes_of)
    for _ in range(_ROUNDS - 1):
        inexact = {place: each for place, each in started.items() if each.inexact}
        if not inexact:
            break
        nodes_of |= _with_further_times(inexact, nodes_of)
        started |= solve(inexact)
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
        each.trajectory if isinstance(each, Integrated) else each
        for _, each in sorted(done.items(), key=itemgetter(0))
    ]


@lru_cache(maxsize=GRIDS_KEPT)
def _nodes(grid: TimeGrid, spacing: float, is_profile: bool) -> Nodes:
    """Return the times at which to record current and power."""
    kinks = grid.stops if is_profile else ()
    times = np.append(np.union1d(grid.points, grid.stops), grid.horizon)
    if spacing < np.inf:
        pieces = np.array([0.0, *kinks, grid.horizon])
        lengths = np.diff(pieces)
        # A change that took some time, such as one interval of a profile, excites no process that
        # is much faster: the next piece needs no times closer than that.
        changes = np.append(EARLY, lengths[:-1])
        early = [
            start + early_times(change, min(length, 3 * spacing))
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
    return Nodes.of(grid, times, np.isin(times, np.array(kinks)), np.isin(times, points))


def _distinct(times: Floats, further: Floats) -> Floats:
    """Return times with further ones, without those of them that are within `COINCIDENT`."""
    whole = np.union1d(times, further)
    gaps = np.diff(whole)
    if (gaps > COINCIDENT).all():
        return whole
    close = np.append(gaps, np.inf) <= COINCIDENT
    close |= np.append(np.inf, gaps) <= COINCIDENT
    kept: Floats = whole[~close | np.isin(whole, times)]
    return kept


def _by_nodes(
    places: Iterable[int], nodes_of: Mapping[int, Nodes]
) -> list[tuple[Nodes, list[int]]]:
    """Return the different nodes of some runs, each with the places of its runs."""
    found: dict[int, tuple[Nodes, list[int]]] = {}
    for place in places:
        nodes = nodes_of[place]
        found.setdefault(id(nodes), (nodes, []))[1].append(place)
    return [*found.values()]


def _with_further_times(
    inexact: Mapping[int, Integrated], nodes_of: Mapping[int, Nodes]
) -> dict[int, Nodes]:
    """Return nodes with the further times that runs need, by the places of the runs.

    A run needs most of them close to its own end, where they do not help others. So only as many
    runs share nodes as at most double the number of times.
    """
    finer: dict[int, Nodes] = {}
    for nodes, places in _by_nodes(inexact, nodes_of):
        some: dict[int, Floats] = {}
        count = 0
        for place in places:
            further = inexact[place].further_times()
            if some and count + len(further) > len(nodes.times):
                finer |= dict.fromkeys(some, _with_times(nodes, [*some.values()]))
                some, count = {}, 0
            some[place] = further
            count += len(further)
        finer |= dict.fromkeys(some, _with_times(nodes, [*some.values()]))
    return finer


def _with_times(nodes: Nodes, further: Sequence[Floats]) -> Nodes:
    """Return nodes with further times."""
    times = nodes.times
    finer = _distinct(times, np.concatenate(further))
    kinks = times[nodes.kinks]
    saved = np.isin(finer, times[nodes.saved])
    return Nodes.of(nodes.grid, finer, np.isin(finer, kinks), saved)


def _imposed_end(nodes: Nodes, conditions: Conditions, account: Account) -> float | None:
    """Return when a run reaches an end on the amount whose rate the step imposes.

    -1 if it has reached it from the start; None if it does not reach it.
    """
    place = conditions.imposed
    if place is None or not account.limits(place):
        return None
    rate = account.segment.at(conditions.entered + nodes.times) / 3600
    return reached(Rule.of(nodes.times, nodes.kinks), rate, account, place)


def _present(ends: Iterable[tuple[int, End | None]]) -> dict[int, End]:
    return {place: end for place, end in ends if end is not None}
