"""Frames and metrics compared with plain polars on the same points."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks.engine import simulate

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
    sums = {name: steps[name].sum() for name in ("Duration [s]", *CAPACITIES, *ENERGIES)}
    return {
        **sums,
        **{f"Min {name}": steps[f"Min {name}"].min() for name in QUANTITIES},
        **{f"Max {name}": steps[f"Max {name}"].max() for name in QUANTITIES},
    }


def test_metrics_are_totals_of_the_run_and_of_each_cycle(together):
    for outcome in together:
        metrics, steps = outcome.metrics, outcome.steps
        assert metrics["Number of steps"] == len(steps) == 7
        assert metrics["Number of cycles"] == 3
        assert metrics == metrics | totals(steps)
        for cycle, part in zip(metrics["Cycles"], steps.partition_by("Cycle count"), strict=True):
            assert cycle["Cycle count"] == part["Cycle count"][0]
            assert cycle == cycle | totals(part)
        second = metrics["Cycles"][1]
        assert second["Coulombic efficiency"] == pytest.approx(
            second[CAPACITIES[0]] / second[CAPACITIES[1]]
        )
        assert second["Energy efficiency"] == pytest.approx(
            second[ENERGIES[0]] / second[ENERGIES[1]]
        )
        # Between the same two states all charge comes back, and energy is lost as heat.
        assert second["Coulombic efficiency"] == pytest.approx(1, abs=0.02)
        assert 0.5 < second["Energy efficiency"] < 1
        assert metrics["Max temperature [degC]"] > 25
        assert metrics["Cycles"][2]["Coulombic efficiency"] is None
