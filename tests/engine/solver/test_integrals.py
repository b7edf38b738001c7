from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks.engine.protocols.stimuli import Segment
from ionworks.engine.solver.integrals import Account, Conditions, Integrated, Nodes, integrated
from ionworks.engine.solver.quadrature import Rule, signed
from ionworks.engine.solver.solve import StartFailure, TimeGrid, Trajectory
from ionworks.engine.solver.stop_bounds import NEVER

TIMES = np.concatenate([0.02 * 1.3 ** np.arange(20), np.arange(5.0, 400.0, 7.0)])
HORIZON = 400.0
CONDITIONS = Conditions("voltage", 0.0, 3600.0, 0.0)
AMOUNTS = np.array([0.5, 0.1, 1.5, 0.2])

ends = st.lists(st.floats(0.001, HORIZON), min_size=1, max_size=6)


def nodes(kinks=()):
    times = np.concatenate([[0.0], TIMES, [HORIZON]])
    every_third = np.arange(len(times)) % 3 == 0
    return Nodes.of(TimeGrid(HORIZON, times[:-1]), times, np.isin(times, kinks), every_third)


def current(times, run):
    """Return a current [A] that falls, and changes its sign in every second run."""
    return 5 * np.exp(-times / 90) - 1.5 * (run % 2)


def until(end, points):
    return np.append(points[points < end - 1e-3], end)


def solution(run, end, points):
    """Return what a solver would find for a run that ends before the horizon."""
    times = until(end, points)
    passed = current(times, run)
    voltage = 4 - 0.001 * times - 0.02 * passed
    return Trajectory(times, np.stack([voltage, passed, 25 + times]), np.zeros(2), "end")


def counted(found, places, conditions=CONDITIONS, given_nodes=None):
    amounts = np.array([AMOUNTS * (1 + place) for place in places])
    return integrated(found, given_nodes or nodes(), conditions, amounts)


@pytest.mark.parametrize("kinks", [(), (5.0, 33.0, 89.0)])
@given(ends)
def test_runs_that_end_at_different_times_count_as_each_alone(kinks, found_ends):
    own = nodes(kinks)
    found = [solution(run, end, own.times[:-1]) for run, end in enumerate(found_ends)]
    together = counted(found, range(len(found)), given_nodes=own)
    for run, each in enumerate(together):
        [alone] = counted([found[run]], [run], given_nodes=own)
        assert np.array_equal(each.trajectory.signals, alone.trajectory.signals)
        assert np.array_equal(each.trajectory.times, alone.trajectory.times)
        assert each.inexact == alone.inexact
        if each.inexact:
            assert np.array_equal(each.further_times(), alone.further_times())


def test_amounts_are_the_integrals_of_current_and_power():
    own = nodes()
    found = [solution(run, end, own.times[:-1]) for run, end in enumerate((399.0, 61.0, 7.7))]
    for run, each in enumerate(counted(found, [0, 0, 0])):
        fine = np.linspace(0, found[run].times[-1], 200_001)
        passed = current(fine, run)
        power = passed * (4 - 0.001 * fine - 0.02 * passed)
        rates = (passed.clip(0), (-passed).clip(0), power.clip(0), (-power).clip(0))
        expected = [np.trapezoid(rate, fine) / 3600 for rate in rates]
        at_end = each.trajectory.signals[2:6, -1] - AMOUNTS
        assert at_end == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_only_the_times_to_save_and_the_last_are_kept_with_all_signals():
    own = nodes()
    found = solution(0, 50.5, own.times[:-1])
    [each] = counted([found], [0])
    kept = each.trajectory
    assert kept.times.tolist() == [*own.times[own.saved & (own.times < 50.5)], 50.5]
    assert kept.signals.shape == (7, len(kept.times))
    at = np.searchsorted(found.times, kept.times)
    assert np.array_equal(kept.signals[[0, 1, 6]], found.signals[:, at])
    assert kept.signals[2:6, 0].tolist() == AMOUNTS.tolist()


def test_a_run_that_could_not_be_started_stays_in_its_place():
    own = nodes()
    found = [solution(0, 30.0, own.times[:-1]), StartFailure("no"), solution(2, 9.0, own.times)]
    first, failure, last = counted(found, [0, 1, 2])
    assert failure is found[1]
    assert first.trajectory.times[-1] == 30.0
    assert last.trajectory.signals[2, 0] == 3 * AMOUNTS[0]


def test_amounts_of_a_rest_stay_as_they_are():
    rest = Conditions("current", 0.0, np.inf, 0.0)
    found = [solution(run, end, nodes().times[:-1]) for run, end in enumerate((9.0, 100.0))]
    for each in counted(found, [0, 0], rest):
        assert not each.inexact
        assert (each.trajectory.signals[2:6].T == AMOUNTS).all()


def test_an_end_on_charge_is_found_for_each_run():
    own = nodes()
    found = [solution(0, end, own.times[:-1]) for end in (30.0, 399.0)]
    bounds = (0.06, -NEVER, NEVER, -NEVER)
    account = Account(Segment("constant", {"set point": 0.0}), np.zeros(4), bounds)
    early, late = integrated(found, own, CONDITIONS, np.zeros((2, 4)))
    assert isinstance(early, Integrated)
    assert early.first_end(account) is None
    # The charge is 5 A * 90 s * (1 - exp(-t / 90 s)).
    assert late.first_end(account).time == pytest.approx(-90 * np.log(1 - 216 / 450), rel=1e-5)


def test_times_that_are_not_those_of_the_nodes_are_refused():
    with pytest.raises(ValueError, match="not those of the nodes"):
        counted([solution(0, 50.0, np.arange(0.0, 60.0, 3.0))], [0])


@given(ends, st.integers(0, 1000))
def test_a_rule_for_many_runs_is_that_of_each(found_ends, seed):
    random = np.random.default_rng(seed)
    own = [until(end, TIMES) for end in found_ends]
    width = max(map(len, own))
    padded = np.array([np.pad(times, (0, width - len(times)), mode="edge") for times in own])
    values = random.normal(size=(2, *padded.shape))
    for row, times in enumerate(own):
        values[:, row, len(times) :] = values[:, row, len(times) - 1, None]
    kinks = random.random(padded.shape) < 0.1
    rule = Rule.of(padded, kinks)
    areas = rule.areas(values)
    totals = signed(rule, values[0], values, areas)
    for row, times in enumerate(own):
        count = len(times)
        alone = Rule.of(times, kinks[row, :count])
        part = partial(np.take, indices=row, axis=1)
        own_areas = alone.areas(values[:, row, :count])
        assert np.array_equal(part(areas)[:, : count - 1], own_areas)
        assert not part(areas)[:, count - 1 :].any()
        expected = signed(alone, values[0, row, :count], values[:, row, :count], own_areas)
        for found, wanted in zip(totals, expected, strict=True):
            assert np.array_equal(part(found)[:, :count], wanted)
