"""Step types: of a simulated protocol whose steps are known, and of what sensors make of them."""

import numpy as np
import polars as pl
import pytest

from ionworks.engine import simulate
from ionworks.server.measurements import derive_cycles, derive_steps
from ionworks.ucp.step_table import STEP_COLUMNS, STEP_TYPES

PROTOCOL = """
global: {initial_soc: 0.2, resolution: {time: 10}}
steps:
  - Charge: {mode: C-rate, value: 1, ends: ["Voltage > 4.1"]}
  - Charge: {mode: Voltage, value: 4.1, ends: ["Current < 0.25"]}
  - Rest: {duration: 1800}
  - Discharge: {mode: Power, value: 12, duration: 1200}
  - Rest: {duration: 600}
  - Discharge: {mode: C-rate, value: 0.5, ends: ["Voltage < 3.0"]}
  - Discharge: {mode: Voltage, value: 3.0, duration: 600}
  - Charge: {mode: Power, value: 8, duration: 600}
  - Charge: {mode: C-rate, value: 0.02, duration: 3600}
"""
TYPES = [
    "Constant current charge",
    "Constant voltage charge",
    "Rest",
    "Constant power discharge",
    "Rest",
    "Constant current discharge",
    "Constant voltage discharge",
    "Constant power charge",
    "Constant current charge",
]


@pytest.fixture(scope="module")
def simulated():
    model = {"type": "SPM", "parameter_set": "Chen2020"}
    [outcome] = simulate(model, PROTOCOL, [{"id": "only"}])
    assert outcome.error is None
    return outcome


def measured(frame, scale=1.0, noise=True):
    """What a cycler of 0.01 % accuracy would have logged of a cell of another size."""
    random = np.random.default_rng(1)
    level = 1e-4 if noise else 0.0
    return frame.select("Time [s]", "Step count", "Cycle count").with_columns(
        (frame["Voltage [V]"] + random.normal(0, level, frame.height)).alias("Voltage [V]"),
        (frame["Current [A]"] * scale + random.normal(0, 5 * scale * level, frame.height)).alias(
            "Current [A]"
        ),
    )


# A coin cell, the simulated 5 Ah cell, and a module.
@pytest.mark.parametrize("scale", [2e-4, 1, 50])
@pytest.mark.parametrize("noise", [False, True])
def test_a_simulated_protocol_is_recognised(simulated, scale, noise):
    steps = derive_steps(measured(simulated.time_series, scale, noise).lazy())

    assert steps["Step type"].to_list() == TYPES


def test_steps_derived_from_simulated_rows_match_the_simulation(simulated):
    steps = derive_steps(measured(simulated.time_series, noise=False).lazy())

    for name in ("Start index", "End index", "Cycle count", "Step type"):
        assert steps[name].to_list() == simulated.steps[name].to_list()
    for name in ("Discharge capacity [A.h]", "Charge capacity [A.h]"):
        # The model counts charge on its own; a sum over points 10 s apart comes close.
        assert steps[name].to_numpy() == pytest.approx(
            simulated.steps[name].to_numpy(), rel=1e-3, abs=1e-6
        )


def test_simulated_and_measured_steps_have_one_schema_and_the_same_values(simulated):
    steps = derive_steps(simulated.time_series.lazy())

    assert steps.schema == simulated.steps.schema
    assert steps.columns == [*STEP_COLUMNS]
    for name, kind in STEP_COLUMNS.items():
        if kind == "text" or steps[name].null_count():
            continue
        assert steps[name].to_numpy() == pytest.approx(
            simulated.steps[name].to_numpy(), rel=1e-9, abs=1e-9
        ), name
    for name in ("Start current [A]", "End power [W]", "Std voltage [V]"):
        assert simulated.steps[name].null_count() == 0
    empty = {name for name in steps.columns if simulated.steps[name].null_count() == steps.height}
    assert empty == {
        "Label",
        "Group number",
        "Step from cycler",
        "Cycle from cycler",
        *(f"{word} frequency [Hz]" for word in ("Min", "Max", "Mean", "Std")),
    }


def test_steps_of_runs_that_are_built_together_have_the_sums_of_their_own_cycles():
    protocol = """
global: {initial_soc: 0.9}
steps:
  - Laps:
      repeat: 2
      steps:
        - Discharge: {mode: Current, value: 'input["I"]', duration: 60}
        - Charge: {mode: Current, value: 1, duration: 60}
"""
    model = {"type": "SPM", "parameter_set": "Chen2020"}
    runs = [{"id": str(current), "experiment_parameters": {"I": current}} for current in (1.0, 2.0)]
    for outcome in simulate(model, protocol, runs):
        assert outcome.error is None
        current = float(outcome.id)
        steps = outcome.steps
        by_cycle = steps.group_by("Cycle count").agg(pl.col("Discharge capacity [A.h]").sum())
        joined = steps.join(by_cycle, on="Cycle count", suffix=" of the cycle")
        assert joined["Cycle discharge capacity [A.h]"].to_list() == pytest.approx(
            joined["Discharge capacity [A.h] of the cycle"].to_list()
        )
        assert sum(by_cycle["Discharge capacity [A.h]"]) == pytest.approx(
            2 * current / 60, rel=1e-5
        )


def test_counters_of_the_simulation_are_used_unchanged(simulated):
    steps = derive_steps(simulated.time_series.lazy())

    for name in ("Discharge capacity [A.h]", "Charge capacity [A.h]", "Charge energy [W.h]"):
        assert steps[name].to_numpy() == pytest.approx(
            simulated.steps[name].to_numpy(), rel=1e-9, abs=1e-12
        )


def test_cycles_sum_the_counters_of_their_steps(simulated):
    steps = derive_steps(simulated.time_series.lazy())

    [cycle] = derive_cycles(steps).to_dicts()

    charged = sum(simulated.steps["Charge capacity [A.h]"])
    discharged = sum(simulated.steps["Discharge capacity [A.h]"])
    assert cycle["Number of steps"] == len(TYPES)
    assert cycle["Charge capacity [A.h]"] == pytest.approx(charged)
    assert cycle["Coulombic efficiency"] == pytest.approx(discharged / charged)
    assert cycle["Max voltage [V]"] == pytest.approx(max(simulated.steps["Max voltage [V]"]))
    assert cycle["End index"] == simulated.time_series.height - 1


def series(voltage, current, **more):
    count = len(voltage)
    return pl.LazyFrame(
        {
            "Time [s]": [float(i) for i in range(count)],
            "Voltage [V]": voltage,
            "Current [A]": current,
            "Step count": [0] * count,
            **more,
        }
    )


def kind_of(*arguments, **more):
    return derive_steps(series(*arguments, **more))["Step type"].item()


def test_the_first_and_the_last_sample_may_belong_to_the_neighbours():
    voltage = [3.6, 3.5, 3.4, 3.3, 3.2, 3.4]

    assert kind_of(voltage, [0.0, 1.0, 1.0, 1.0, 1.0, 0.0]) == "Constant current discharge"
    assert kind_of(voltage[:3], [0.0, 1.0, 1.0]) == "Unknown step type"


def test_a_drive_cycle_is_recognised():
    time = np.arange(600)
    current = 3 * np.sin(time / 20) + np.sin(time / 3)

    assert kind_of((3.7 - 0.05 * current).tolist(), current.tolist()) == "Drive cycle"


@pytest.mark.parametrize("rows", [4, 6, 20])
def test_a_current_without_mean_is_not_constant(rows):
    current = [1.0, -1.0] * (rows // 2)

    kind = kind_of([3.7 - 0.1 * each for each in current], current)

    assert kind == ("Drive cycle" if rows == 20 else "Unknown step type")


def test_a_charge_with_constant_current_and_voltage_in_one_step_has_no_known_type():
    time = np.arange(600)
    current = -np.where(time < 300, 1.0, np.exp(-(time - 300) / 100))
    voltage = np.minimum(3.9 + time / 1000, 4.2)

    assert kind_of(voltage.tolist(), current.tolist()) == "Unknown step type"


def test_an_impedance_sweep_is_recognised_by_its_frequencies():
    sweep = {"Frequency [Hz]": [1e4, 1e3, 1e2, 1e1]}

    assert kind_of([3.7] * 4, [0.0] * 4, **sweep) == "EIS"
    assert kind_of([3.7] * 4, [0.0] * 4, **{"Frequency [Hz]": [0.0] * 4}) == "Rest"


def test_a_cycle_without_charge_has_no_efficiency():
    steps = derive_steps(series([3.7, 3.6], [1.0, 1.0]))

    [cycle] = derive_cycles(steps).to_dicts()

    assert cycle["Coulombic efficiency"] is None
    assert cycle["Discharge capacity [A.h]"] == pytest.approx(1 / 3600)


def test_step_types_are_named_as_in_the_service():
    # The service has no name for these.
    own = {"Drive cycle", "Waveform", *(name for name in STEP_TYPES if "resistance" in name)}
    assert set(STEP_TYPES) - own == {
        "Rest",
        "Constant current charge",
        "Constant current discharge",
        "Constant voltage charge",
        "Constant voltage discharge",
        "Constant power charge",
        "Constant power discharge",
        "EIS",
        "Unknown step type",
    }
