"""What the steps of a run do: ends, counts, capacities, failures."""

import re

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks.data import frames
from ionworks.engine import simulate
from ionworks.engine.simulation.api import MODELS
from ionworks.engine.simulation.results import COLUMNS
from tests.engine.protocol_texts import FULL_DISCHARGE, charge_hold_rest_discharge, short
from tests.engine.runs import protocol

SPM = {"type": "SPM", "parameter_set": "Chen2020"}
FULL_VOLTAGE = "Open-circuit voltage at 100% SOC [V]"


def run(protocol, model=None, **options):
    [outcome] = simulate(model or SPM, protocol, [{"id": "only"}], **options)
    return outcome


@pytest.fixture(scope="module")
def fine():
    return run(charge_hold_rest_discharge(1))


def test_columns_and_types(fine):
    assert fine.time_series.columns == list(COLUMNS)
    integers = {"Step count", "Cycle count"}
    for name, kind in fine.time_series.schema.items():
        assert kind == (pl.Int64 if name in integers else pl.Float64)


def test_derived_columns_are_those_a_client_would_add(fine):
    derived = ["Step capacity [A.h]", "Capacity [A.h]"]
    added = frames.time_series_frame(fine.time_series.drop(derived))
    assert_frame_equal(fine.time_series, added, check_column_order=False, abs_tol=1e-9)

    derived = ["Delta capacity [A.h]", "Delta energy [W.h]"]
    added = frames.steps_frame(fine.steps.drop(derived))
    assert_frame_equal(fine.steps, added, check_column_order=False, abs_tol=1e-9)


def test_ends_lie_on_their_thresholds(fine):
    assert fine.steps["Termination"].to_list() == [
        "Voltage > 4.2",
        "Current < 0.25",
        "duration",
        "Voltage < 2.5",
    ]
    last = [fine.time_series.row(index, named=True) for index in fine.steps["End index"]]
    assert last[0]["Voltage [V]"] == pytest.approx(4.2, abs=1e-9)
    assert abs(last[1]["Current [A]"]) == pytest.approx(0.25, abs=1e-9)
    assert fine.steps["Duration [s]"][2] == 1800
    assert last[3]["Voltage [V]"] == pytest.approx(2.5, abs=1e-9)


def test_capacities_are_the_integral_of_the_current_and_restart(fine):
    for row in fine.steps.iter_rows(named=True):
        points = fine.time_series.filter(pl.col("Step count") == row["Step count"])
        integral = np.trapezoid(points["Current [A]"], points["Time [s]"]) / 3600
        net = row["Discharge capacity [A.h]"] - row["Charge capacity [A.h]"]
        assert net == pytest.approx(integral, rel=1e-6, abs=1e-12)
        energy = np.trapezoid(points["Current [A]"] * points["Voltage [V]"], points["Time [s]"])
        net_energy = row["Discharge energy [W.h]"] - row["Charge energy [W.h]"]
        assert net_energy == pytest.approx(energy / 3600, rel=1e-4, abs=1e-12)
        for name in ("Discharge", "Charge"):
            assert points[f"{name} capacity [A.h]"][0] == 0
            assert points[f"{name} energy [W.h]"][0] == 0


def test_step_count_starts_at_zero_and_joins_the_frames(fine):
    assert fine.steps["Step count"].to_list() == [0, 1, 2, 3]
    joined = fine.time_series.join(fine.steps, on="Step count")
    assert len(joined) == len(fine.time_series)
    for row in fine.steps.iter_rows(named=True):
        points = fine.time_series[row["Start index"] : row["End index"] + 1]
        assert points["Step count"].unique().to_list() == [row["Step count"]]
        assert points["Time [s]"][0] == row["Start time [s]"]
        assert points["Time [s]"][-1] == row["End time [s]"]
    assert fine.steps["Start time [s]"][1:].to_list() == fine.steps["End time [s]"][:-1].to_list()


def test_signs_and_step_types(fine):
    assert fine.steps["Step type"].to_list() == [
        "Constant current charge",
        "Constant voltage charge",
        "Rest",
        "Constant current discharge",
    ]
    assert fine.steps["Mean current [A]"].to_list()[0] == pytest.approx(-2.5)
    assert fine.steps["Mean current [A]"].to_list()[3] == pytest.approx(5)
    assert fine.metrics["Charge capacity [A.h]"] == pytest.approx(
        fine.steps["Charge capacity [A.h]"].sum()
    )


def test_points_are_spaced_by_the_resolution():
    outcome = run(short("  - Rest: {duration: 100, resolution: {time: 30}}"))
    assert outcome.time_series["Time [s]"].to_list() == [0, 30, 60, 90, 100]


def test_power_step_holds_its_power():
    step = "  - Discharge: {mode: Power, value: 10, duration: 300, ends: [Voltage < 2.5]}"
    outcome = run(short(step))
    power = outcome.time_series["Voltage [V]"] * outcome.time_series["Current [A]"]
    assert power.to_numpy() == pytest.approx(10, rel=1e-6)
    assert outcome.steps["Discharge energy [W.h]"][0] == pytest.approx(10 * 300 / 3600, rel=1e-6)


def test_capacity_and_time_ends():
    outcome = run(
        short(
            "  - Discharge: {mode: Current, value: 2, ends: [Capacity > 0.5]}\n"
            "  - Charge: {mode: Current, value: 2, ends: [Capacity > 0.25, Voltage > 4.2]}\n"
            "  - Rest: {ends: [Time > 90]}"
        )
    )
    assert outcome.steps["Duration [s]"].to_list() == pytest.approx([900, 450, 90])
    assert outcome.steps["Termination"].to_list() == [
        "Capacity > 0.5",
        "Capacity > 0.25",
        "Time > 90",
    ]


def test_end_reached_at_entry_makes_a_step_of_no_length():
    outcome = run(
        short(
            "  - Charge: {mode: C-rate, value: 0.1, ends: [Voltage > 3]}\n"
            "  - Discharge: {mode: C-rate, value: 1, duration: 60}"
        )
    )
    assert outcome.error is None
    assert outcome.steps["Duration [s]"].to_list() == [0, 60]
    assert outcome.steps["Charge capacity [A.h]"].to_list()[0] == 0
    assert outcome.steps["Termination"].to_list() == ["Voltage > 3", "duration"]
    untouched = run(short("  - Discharge: {mode: C-rate, value: 1, duration: 60}"))
    assert outcome.steps["End voltage [V]"][1] == pytest.approx(
        untouched.steps["End voltage [V]"][0], abs=1e-12
    )


def test_initial_voltage():
    outcome = run(short("  - Rest: {duration: 60}", "initial_voltage: 3.9"))
    assert outcome.time_series["Voltage [V]"].to_list() == pytest.approx([3.9, 3.9], abs=1e-6)


def test_ambient_temperature_of_a_step():
    outcome = run(
        short(
            "  - Rest: {duration: 60, temperature: 40}\n  - Rest: {duration: 60}",
            "initial_temperature: 10, initial_soc: 0.5",
        )
    )
    by_step = outcome.time_series.group_by("Step count", maintain_order=True).last()
    assert by_step["Temperature [degC]"].to_list() == pytest.approx([40, 10])


def test_lumped_cell_warms_up():
    model = {**SPM, "options": {"thermal": "lumped"}}
    outcome = run(FULL_DISCHARGE, model)
    assert outcome.time_series["Temperature [degC]"][-1] > 30


def test_repeat_counts_cycles():
    outcome = run(
        short(
            "  - Pulses:\n"
            "      repeat: 3\n"
            "      steps:\n"
            "        - Discharge: {mode: C-rate, value: 1, duration: 10}\n"
            "        - Rest: {duration: 10}\n"
            "  - Rest: {duration: 10}"
        )
    )
    assert outcome.steps["Cycle count"].to_list() == [0, 0, 1, 1, 2, 2, 3]
    assert outcome.steps["Label"].to_list() == ["Pulses"] * 6 + [None]
    assert outcome.steps["Step count"].to_list() == list(range(7))


def test_safety_limit_ends_the_test_successfully():
    text = "safety_limits: {voltage_max: 4.0}\n" + short(
        "  - Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.0]}\n  - Rest: {duration: 10}"
    )
    outcome = run(text)
    assert outcome.error is None
    assert outcome.steps["Termination"].to_list() == ["safety limit voltage_max"]


def test_extra_variables_are_columns():
    name = "X-averaged negative particle surface stoichiometry"
    outcome = run(FULL_DISCHARGE, extra_variables=[name, "Voltage [V]"])
    assert outcome.time_series.columns == [*COLUMNS, name]
    values = outcome.time_series[name].to_numpy()
    assert 0 < values[-1] < values[0] < 1


def test_a_sweep_is_built_once():
    model = {**SPM, "type": "SPMe"}
    before = MODELS.builds
    values = [0.4 + 0.01 * i for i in range(10)]
    runs = [{"id": str(v), "design_parameters": {"Separator porosity": v}} for v in values]
    outcomes = list(simulate(model, FULL_DISCHARGE, runs))
    again = list(simulate(model, charge_hold_rest_discharge(), runs))
    assert MODELS.builds - before == 1
    assert all(outcome.error is None for outcome in outcomes + again)
    assert len({outcome.steps["Duration [s]"][0] for outcome in outcomes}) == 10


def test_a_failing_run_costs_only_itself():
    protocol = short(
        "  - Rest: {duration: 60}\n"
        "  - Discharge: {mode: C-rate, value: \"input['rate']\", duration: 7200}",
        "initial_soc: 1",
    )
    runs = [{"id": str(r), "experiment_parameters": {"rate": r}} for r in (0.2, 2, 0.3, 400, 0.4)]
    found = {outcome.id: outcome for outcome in simulate(SPM, protocol, runs)}
    assert {key for key, outcome in found.items() if outcome.error} == {"2", "400"}
    for key in ("2", "400"):
        assert found[key].error_code == "SOLVER_ERROR"
        assert found[key].steps["Duration [s]"][0] == 60
    partial = found["2"].time_series
    assert "left the range" in found["2"].error
    assert partial["Voltage [V]"][-1] == pytest.approx(1.5, abs=1e-6)
    assert found["0.2"].steps["Duration [s]"].to_list() == [60, 7200]


def test_step_that_reaches_no_end_fails_and_keeps_its_points():
    outcome = run(short("  - Rest: {ends: [Voltage < 3]}"))
    assert outcome.error_code == "CONFIGURATION_ERROR"
    assert "step 0 did not reach any of its end conditions" in outcome.error
    assert outcome.steps["Duration [s]"].to_list() == [86400]
    assert outcome.metrics["Duration [s]"] == 86400


def test_an_unusable_run_is_refused_alone():
    runs = [{"id": "bad", "design_parameters": {FULL_VOLTAGE: 5.5}}, {"id": "good"}]
    found = {outcome.id: outcome for outcome in simulate(SPM, FULL_DISCHARGE, runs)}
    assert found["good"].error is None
    assert found["bad"].error_code == "CONFIGURATION_ERROR"
    assert found["bad"].time_series is None


@pytest.mark.parametrize(
    ("formula", "points", "words"),
    [
        ("sqrt(3.7 - Voltage [V])", 0, "step 0 .* not be started: values that are not finite"),
        ("log(Voltage [V] - 3.7)", 16, "step 0 left the range .* .values that are not finite"),
    ],
)
def test_a_run_keeps_its_points_before_a_value_that_is_not_finite(formula, points, words):
    model = {**SPM, "variables": {"Mine": formula}}
    text = protocol("Discharge: {mode: C-rate, value: 1, ends: [Voltage < 3]}", soc=0.9)
    [outcome] = simulate(model, text, [{"id": "a"}], extra_variables=["Mine"])
    assert re.search(words, outcome.error)
    assert (0 if outcome.time_series is None else outcome.time_series.height) == points
