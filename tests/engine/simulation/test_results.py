"""Frames and metrics compared with plain polars on the same points."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks.engine import simulate, simulate_groups
from ionworks.engine.simulation import api
from ionworks.engine.simulation.results import metrics
from ionworks.ucp.metric_columns import CYCLES

LUMPED = {"type": "SPM", "parameter_set": "Chen2020", "options": {"thermal": "lumped"}}
PROTOCOL = """
global: {initial_soc: 0.5, resolution: 30}
steps:
  - Two cycles:
      repeat: 2
      steps:
        - Discharge: {mode: C-rate, value: 'input["rate"]', ends: [Voltage < 3.3]}
        - Charge: {mode: C-rate, value: 1, ends: [Voltage > 4]}
        - Charge: {mode: Voltage, value: 4, ends: [C-rate < 0.2]}
  - Discharge: {mode: C-rate, value: 1, ends: [Voltage < 4.1]}
"""
RATES = (0.5, 2.0, 1.0)
CAPACITIES = ("Discharge capacity [A.h]", "Charge capacity [A.h]")
QUANTITIES = ("voltage [V]", "current [A]", "power [W]", "temperature [degC]")
ENERGIES = ("Discharge energy [W.h]", "Charge energy [W.h]")


def run(*rates):
    runs = [{"id": str(rate), "experiment_parameters": {"rate": rate}} for rate in rates]
    found = {each.id: each for each in simulate(LUMPED, PROTOCOL, runs)}
    assert [each.error for each in found.values()] == [None] * len(rates)
    return [found[str(rate)] for rate in rates]


@pytest.fixture(scope="module")
def together():
    return run(*RATES)


def test_runs_of_a_batch_are_what_they_are_alone(together):
    for outcome, rate in zip(together, RATES, strict=True):
        [alone] = run(rate)
        assert_frame_equal(outcome.time_series, alone.time_series, rel_tol=1e-6, abs_tol=1e-6)
        assert_frame_equal(outcome.steps, alone.steps, rel_tol=1e-6, abs_tol=1e-6)


def test_steps_summarise_their_points(together):
    for outcome in together:
        power = pl.col("Voltage [V]") * pl.col("Current [A]")
        series = outcome.time_series.with_columns(
            pl.int_range(pl.len()).alias("row"), power.alias("Power [W]")
        )
        assert outcome.steps["Start index"][0] == 0
        for step in outcome.steps.iter_rows(named=True):
            points = series.filter(pl.col("Step count") == step["Step count"])
            assert (step["Start index"], step["End index"]) == (points["row"][0], points["row"][-1])
            duration = points["Time [s]"][-1] - points["Time [s]"][0]
            assert step["Duration [s]"] == pytest.approx(duration, abs=1e-9)
            for quantity in QUANTITIES:
                name = f"{quantity[0].upper()}{quantity[1:]}"
                values = points[name]
                assert step[f"Min {quantity}"] == values.min()
                assert step[f"Max {quantity}"] == values.max()
                mean = values[0]
                if step["Duration [s]"] > 0:
                    mean = np.trapezoid(values, points["Time [s]"]) / step["Duration [s]"]
                assert step[f"Mean {quantity}"] == pytest.approx(mean, rel=1e-9)
            for name in (*CAPACITIES, *ENERGIES):
                assert step[name] == points[name][-1]


def test_a_step_of_no_length_has_one_point(together):
    last = together[0].steps.row(-1, named=True)
    assert (last["Duration [s]"], last["Start index"]) == (0, last["End index"])
    assert last["Mean voltage [V]"] == last["End voltage [V]"]


def totals(steps):
    # In another order of summation, so equal to rounding.
    sums = {
        name: pytest.approx(steps[name].sum(), rel=1e-12)
        for name in ("Duration [s]", *CAPACITIES, *ENERGIES)
    }
    return {
        **sums,
        **{f"Min {name}": steps[f"Min {name}"].min() for name in QUANTITIES},
        **{f"Max {name}": steps[f"Max {name}"].max() for name in QUANTITIES},
    }


def test_metrics_are_totals_of_the_run_and_of_each_cycle(together):
    for outcome in together:
        found, steps = outcome.metrics, outcome.steps
        assert found["Number of steps"] == len(steps) == 7
        assert found["Number of cycles"] == 3
        assert found == found | totals(steps)
        for cycle, part in zip(found["Cycles"], steps.partition_by("Cycle count"), strict=True):
            assert cycle["Cycle count"] == part["Cycle count"][0]
            assert cycle == cycle | totals(part)
        second = found["Cycles"][1]
        assert second["Coulombic efficiency"] == pytest.approx(
            second[CAPACITIES[0]] / second[CAPACITIES[1]]
        )
        assert second["Energy efficiency"] == pytest.approx(
            second[ENERGIES[0]] / second[ENERGIES[1]]
        )
        # Between the same two states all charge comes back, and energy is lost as heat.
        assert second["Coulombic efficiency"] == pytest.approx(1, abs=0.02)
        assert 0.5 < second["Energy efficiency"] < 1
        assert found["Max temperature [degC]"] > 25
        assert found["Cycles"][2]["Coulombic efficiency"] is None


def test_runs_that_end_together_share_tables():
    runs = [{"id": str(rate), "experiment_parameters": {"rate": rate}} for rate in RATES]
    runs.append({"id": "bad", "experiment_parameters": {"rate": -1.0}})
    found = list(simulate_groups(LUMPED, PROTOCOL, runs))
    outcomes = {each.id: each for group in found for each in group.outcomes()}
    assert sorted(outcomes) == ["0.5", "1.0", "2.0", "bad"]
    assert (outcomes["bad"].error_code, outcomes["bad"].steps) == ("CONFIGURATION_ERROR", None)
    for group in found:
        if group.steps is None:
            assert (group.ids, group.metrics) == (["bad"], {})
            continue
        assert (group.points.sum(), group.step_counts.sum()) == (
            len(group.time_series),
            len(group.steps),
        )
        assert [len(values) for name, values in group.metrics.items() if name != CYCLES] == [
            len(group.ids)
        ] * (len(group.metrics) - 1)


def test_the_only_cycle_of_a_run_is_not_repeated_in_the_columns():
    protocol = "steps: [{Discharge: {mode: C-rate, value: 1, duration: 60}}]"
    [group] = simulate_groups(LUMPED, f"global: {{initial_soc: 0.5}}\n{protocol}", [{"id": "a"}])
    assert group.metrics[CYCLES].pop("Cycle count") == [[0]]
    assert {values[0] for values in group.metrics[CYCLES].values()} == {None}


def test_cycles_that_a_jump_interleaves_are_summarised_by_their_count():
    steps = pl.DataFrame(
        {
            "Cycle count": [1, 0, 1, 0],
            "Duration [s]": [1.0, 2.0, 4.0, 8.0],
            **{f"{word} {name}": [0.0] * 4 for word in ("Min", "Max") for name in QUANTITIES},
            **{name: [1.0, 2.0, 3.0, 4.0] for name in (*CAPACITIES, *ENERGIES)},
        }
    )
    columns = metrics(steps, np.array([3, 1]))
    assert columns["Number of cycles"] == [2, 1]
    assert columns["Duration [s]"] == [7, 8]
    assert columns[CYCLES]["Cycle count"] == [[0, 1], [0]]
    assert columns[CYCLES]["Duration [s]"] == [[2, 5], None]


ROUNDS = """
global: {initial_soc: 0.5}
steps: [{Cycles: {repeat: 'input["n"]', steps: [{Rest: {duration: 60}}]}}]
"""


def rounds(*numbers):
    return [{"id": str(number), "experiment_parameters": {"n": number}} for number in numbers]


@pytest.mark.parametrize(
    ("wait", "expected"), [(0.0, [["1"], ["2"], ["3"]]), (1e9, [["1", "2", "3"]])]
)
def test_runs_that_end_soon_after_each_other_share_tables(monkeypatch, wait, expected):
    monkeypatch.setattr(api, "_LONGEST_WAIT", wait)
    found = [group.ids for group in simulate_groups(LUMPED, ROUNDS, rounds(3, 1, 2))]
    assert found == expected


def test_an_error_of_the_solver_does_not_cost_the_runs_that_have_ended(monkeypatch):
    advance = api.advance

    def break_down(*arguments):
        yield next(advance(*arguments))
        raise RuntimeError("the solver broke down")

    monkeypatch.setattr(api, "_LONGEST_WAIT", 1e9)
    monkeypatch.setattr(api, "advance", break_down)
    found = simulate_groups(LUMPED, ROUNDS, rounds(1, 2))
    assert next(found).ids == ["1"]
    with pytest.raises(RuntimeError, match="broke down"):
        next(found)
