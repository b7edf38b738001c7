"""Rows of the language's specification that need a run; tests are named by row.

Rows about control flow alone, and rows compared with PyBaMM, are tested in the other modules.
"""

import polars as pl
import pytest

from ionworks.engine import simulate
from tests.engine.runs import LUMPED, SPM, durations, reasons, run, steps

LAST = "Last: [Rest: {duration: 7}]"
WRONG = "Wrong: [Rest: {duration: 999}]"
COOL = "Cool: [Rest: {duration: 60}]"


# ---------------------------------------------------------------- 2 global


def test_g1_g9_the_initial_temperature_is_that_of_cell_and_surroundings():
    text = "global: {initial_temperature: 40, initial_soc: 0.5}\nsteps:\n  - Rest: {duration: 3600}"
    [outcome] = simulate(LUMPED, text, [{"id": "a"}])
    assert outcome.time_series["Temperature [degC]"].to_numpy() == pytest.approx(40, abs=1e-3)


def test_g17_the_first_and_the_exact_last_point_of_a_step_are_saved():
    outcome = run(
        "Discharge: {mode: Current, value: 2, ends: [Capacity > 0.021], resolution: 60}",
        "Rest: {duration: 61.5, resolution: {time: 25, voltage: 0.001}}",
    )
    times = outcome.time_series["Time [s]"].to_list()
    ends = steps(outcome, "End time [s]")
    assert ends == pytest.approx([0.021 / 2 * 3600, 0.021 / 2 * 3600 + 61.5])
    assert times == [0, ends[0], ends[0], ends[0] + 25, ends[0] + 50, ends[1]]


def test_g17_a_resolution_in_volts_or_amperes_is_accepted_and_noted():
    text = "global: {resolution: {time: 5, voltage: 0.001}}\nsteps:\n  - Rest: {duration: 10}"
    [outcome] = simulate(SPM, text, [{"id": "a"}])
    assert outcome.time_series["Time [s]"].to_list() == [0, 5, 10]
    assert outcome.metrics["notes"] == [
        "resolution: points are saved by time only, not by voltage or current"
    ]


# ---------------------------------------------------------------- 3 safety limits


def test_s2_temperature_limits_are_on_the_cell_not_on_its_surroundings():
    """A warm cell cools to the limit; the ambient temperature is below it from the start."""
    outcome = run(
        "Rest: {duration: 7200, temperature: 10}",
        safety="{temperature_min: 20}",
        model=LUMPED,
    )
    assert reasons(outcome) == ["safety limit temperature_min"]
    assert outcome.time_series["Temperature [degC]"][0] == pytest.approx(25)
    assert outcome.time_series["Temperature [degC]"][-1] == pytest.approx(20, abs=1e-6)


@pytest.mark.parametrize("safety", ["{voltage_max: 4.0}", "{voltage_max: 4.0, goto: Cool}"])
def test_s5_s9_s10_s13_a_limit_precedes_an_end_and_ends_or_redirects_the_test(safety):
    outcome = run(
        "Charge: {mode: C-rate, value: 1, ends: [{Voltage > 4.0: {goto: Wrong}}]}",
        WRONG,
        COOL,
        safety=safety,
    )
    assert outcome.error is None
    assert reasons(outcome)[0] == "safety limit voltage_max"
    assert durations(outcome)[1:] == ([60] if "Cool" in safety else [])


def test_s12_limits_are_watched_in_every_kind_of_step():
    drives = (
        "Charge: {mode: Power, value: 20, duration: 3600}",
        "Drive: {mode: Current, data: [[0, 0], [10, -8], [3600, -8]]}",
        "Waveform: {shape: sine, amplitude: 9, offset: -5, frequency: 1 mHz, cycles: 5}",
    )
    for drive in drives:
        outcome = run(drive, WRONG, soc=0.6, safety="{voltage_max: V_MAX - 0.15}")
        assert reasons(outcome) == ["safety limit voltage_max"], drive
        assert outcome.time_series["Voltage [V]"][-1] == pytest.approx(4.05, abs=1e-6), drive
    held = run("Charge: {mode: Voltage, value: 4.1, duration: 3600}", safety="{voltage_max: 4.05}")
    assert reasons(held) == ["safety limit voltage_max"]
    assert durations(held) == [0]


def test_s14_a_limit_does_not_trip_again_before_its_signal_has_returned():
    outcome = run(
        "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.3]}",
        "Cool: [Rest: {duration: 120}]",
        "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.3]}",
        safety="{voltage_max: {value: 4.0, goto: Cool}}",
        max_backward_jumps=1,
    )
    # The second trip goes back to Cool, the third is one jump too many.
    assert reasons(outcome) == [
        "safety limit voltage_max",
        "duration",
        "safety limit voltage_max",
        "duration",
        "safety limit voltage_max",
    ]
    assert "max_backward_jumps" in outcome.error


def test_s14_the_other_limits_are_watched_while_one_is_exceeded():
    outcome = run(
        "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.3]}",
        "Cool: [Charge: {mode: Current, value: 6, duration: 60}, "
        "Charge: {mode: Current, value: 10, duration: 60}]",
        safety="{voltage_max: {value: 4.0, goto: Cool}, charge_current_max: 9}",
    )
    assert reasons(outcome) == [
        "safety limit voltage_max",
        "duration",
        "safety limit charge_current_max",
    ]


# ---------------------------------------------------------------- 4 items


def test_p7_p8_variables_are_set_after_the_step_and_before_its_jump():
    outcome = run(
        "Discharge: {mode: Current, value: 2, ends: [{Capacity > 0.01: {goto: Last}}], "
        "set_variable: [{name: VAR_Q, eval: Capacity * 1000}, {name: VAR_Q, eval: VAR_Q + 1}]}",
        WRONG,
        "Last: [Rest: {duration: VAR_Q}]",
    )
    assert durations(outcome)[1] == pytest.approx(11)


def test_p13_a_step_with_a_duration_of_zero_or_less_is_skipped_with_a_note():
    outcome = run(
        "Rest: {duration: 3, set_variable: {name: VAR_T, eval: -1}}",
        "Rest: {duration: VAR_T}",
        "Rest: {duration: VAR_T + 1, name: zero}",
        "Rest: {duration: VAR_T + 5}",
    )
    assert durations(outcome) == [3, 4]
    assert steps(outcome, "Step count") == [0, 1]
    assert outcome.metrics["notes"] == [
        "steps[1].Rest: skipped, its duration is -1 s",
        "steps[2].Rest: skipped, its duration is 0 s",
    ]


# ---------------------------------------------------------------- 5 modes


@pytest.mark.parametrize(("kind", "set_point"), [("Charge", 3.6), ("Discharge", 3.9)])
def test_o10_a_hold_with_a_current_against_its_direction_ends_on_the_magnitude(kind, set_point):
    """At half charge the cell has 3.7 V, so the current flows against the named direction."""
    outcome = run(f"{kind}: {{mode: Voltage, value: {set_point}, ends: [Current < 0.5]}}")
    [current] = steps(outcome, "Mean current [A]")
    assert (current > 0) == (kind == "Charge")
    assert abs(outcome.time_series["Current [A]"][-1]) == pytest.approx(0.5, abs=1e-6)
    assert durations(outcome)[0] > 60


def test_o11_a_hold_entered_far_from_its_set_point_has_no_limit_on_its_current():
    outcome = run("Charge: {mode: Voltage, value: 4.1, ends: [Current < C/20]}", soc=0.3)
    # Far above any C-rate of the data sheet.
    assert steps(outcome, "Min current [A]")[0] < -3 * 5
    limited = run(
        "Charge: {mode: Voltage, value: 4.1, ends: [Current < C/20]}",
        soc=0.3,
        safety="{charge_current_max: 10}",
    )
    assert reasons(limited) == ["safety limit charge_current_max"]
    assert durations(limited) == [0]


# ---------------------------------------------------------------- 8 blocks


def test_j9_a_safety_jump_back_counts_and_a_repeat_does_not():
    outcome = run(
        "Again: {repeat: 3, steps: [Rest: {duration: 1}]}",
        "Charge: {mode: C-rate, value: 1, duration: 3600}",
        safety="{voltage_max: {value: 4.0, goto: Again}}",
        max_backward_jumps=1,
    )
    assert outcome.error_code == "CONFIGURATION_ERROR"
    assert reasons(outcome).count("safety limit voltage_max") == 2
    assert reasons(outcome).count("duration") == 6


def test_r12_steps_are_counted_in_the_order_of_execution():
    outcome = run("A: {repeat: 2, steps: [Rest: {duration: 1}, Rest: {duration: 2}]}", LAST)
    assert steps(outcome, "Step count") == [0, 1, 2, 3, 4]
    assert steps(outcome, "Cycle count") == [0, 0, 1, 1, 2]


# ---------------------------------------------------------------- 9 variables


def test_q1_variables_survive_repeats_and_jumps():
    outcome = run(
        "Control: {set_variable: [{name: VAR_N, eval: 1}, {name: VAR_M, eval: VAR_N + 1}]}",
        "Twice: {repeat: 2, steps: [Rest: {duration: VAR_N, "
        "set_variable: [{name: VAR_N, eval: VAR_N * VAR_M}, {name: VAR_M, eval: VAR_M + 1}]}]}",
        "Control: {ends: [{VAR_N < 7: {goto: Twice}}]}",
        "Rest: {duration: VAR_N}",
    )
    assert durations(outcome) == [1, 2, 6, 24, 120]


@pytest.mark.parametrize(
    ("condition", "laps"),
    [
        ("VAR_LAPS < 3", 3),
        ("VAR_LAPS <= 3", 4),
        ("VAR_LAPS != 3", 3),
        ("Step count < 3", 4),
        ("Step count <= 3", 5),
        ("Step count != 3", 4),
    ],
)
def test_q3_a_control_is_a_conditional_jump(condition, laps):
    outcome = run(
        "Lap: [Rest: {duration: 1, set_variable: {name: VAR_LAPS, eval: VAR_LAPS + 1}}]",
        f"Control: {{ends: [{{'{condition}': {{goto: Lap}}}}]}}",
    )
    assert durations(outcome) == [1] * laps


def test_q4_a_control_adds_no_row_and_takes_no_time():
    outcome = run(
        "Rest: {duration: 5}",
        "Control: {set_variable: {name: VAR_X, eval: Total time}}",
        "Control: {ends: [VAR_X > 0]}",
        "Rest: {duration: VAR_X}",
    )
    assert durations(outcome) == [5, 5]
    assert steps(outcome, "Start time [s]") == [0, 5]
    assert steps(outcome, "Step count") == [0, 1]


# ---------------------------------------------------------------- 10 special steps


def test_d9_an_ambient_temperature_lasts_until_changed_and_adds_no_row():
    outcome = run(
        "Ambient temperature: 40",
        "Rest: {duration: 10}",
        "Rest: {duration: 10, temperature: 5}",
        "Rest: {duration: 10}",
        "Ambient temperature: {value: 15}",
        "Rest: {duration: 10}",
        "Control: {set_variable: {name: VAR_T, eval: Temperature + 5}}",
        "Ambient temperature: VAR_T",
        "Rest: {duration: 10}",
    )
    assert durations(outcome) == [10] * 5
    last = outcome.time_series.group_by("Step count", maintain_order=True).last()
    assert last["Temperature [degC]"].to_list() == pytest.approx([40, 5, 40, 15, 20])


# ---------------------------------------------------------------- 12 outputs


def test_r5_r6_capacities_restart_at_every_step_and_continue_in_the_derived_columns():
    outcome = run(
        "Discharge: {mode: Current, value: 2, duration: 90}",
        "Discharge: {mode: Current, value: 2, duration: 90}",
        "Charge: {mode: Current, value: 4, duration: 45}",
    )
    series = outcome.time_series
    assert steps(outcome, "Discharge capacity [A.h]") == pytest.approx([0.05, 0.05, 0])
    assert steps(outcome, "Charge capacity [A.h]") == pytest.approx([0, 0, 0.05])
    by_step = series.group_by("Step count", maintain_order=True)
    assert by_step.last()["Capacity [A.h]"].to_list() == pytest.approx([0.05, 0.1, 0.05])
    assert by_step.first()["Step capacity [A.h]"].to_list() == [0, 0, 0]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Rest: {duration: 9}", "Rest"),
        ("Charge: {mode: C-rate, value: 1, duration: 9}", "Constant current charge"),
        ("Discharge: {mode: Current, value: 1, duration: 9}", "Constant current discharge"),
        ("Charge: {mode: Voltage, value: 3.8, duration: 9}", "Constant voltage charge"),
        ("Discharge: {mode: Voltage, value: 3.6, duration: 9}", "Constant voltage discharge"),
        ("Charge: {mode: Power, value: 1, duration: 9}", "Constant power charge"),
        ("Discharge: {mode: Power, value: 1, duration: 9}", "Constant power discharge"),
        ("Discharge: {mode: Resistance, value: 1, duration: 9}", "Constant resistance discharge"),
        ("Drive: {data: [[0, 1], [9, 1]]}", "Drive cycle"),
        (
            "Waveform: {shape: sine, mode: Current, amplitude: 1, frequency: 1, cycles: 9}",
            "Waveform",
        ),
    ],
)
def test_r9_r10_step_types(line, name):
    assert steps(run(line), "Step type") == [name]


# ---------------------------------------------------------------- 17 test vectors


@pytest.mark.parametrize(
    ("kind", "set_point", "sign"), [("Charge", 3.9, -1), ("Discharge", 3.5, 1)]
)
def test_17_7_a_hold_ends_on_the_magnitude_of_the_current(kind, set_point, sign):
    outcome = run(f"{kind}: {{mode: Voltage, value: {set_point}, ends: [Current < 0.05]}}")
    assert reasons(outcome) == ["Current < 0.05"]
    assert outcome.time_series["Current [A]"][-1] == pytest.approx(sign * 0.05, abs=1e-6)


def test_17_8_a_limit_at_the_threshold_of_an_end_jumps_to_the_recovery_block():
    outcome = run(
        "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.0]}",
        WRONG,
        COOL,
        safety="{voltage_max: 4.0, goto: Cool}",
    )
    assert reasons(outcome) == ["safety limit voltage_max", "duration"]
    assert steps(outcome, "Label") == [None, "Cool"]


def test_17_10_an_end_that_holds_at_entry_adds_one_row_without_duration():
    outcome = run(
        "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 4], set_variable: "
        "{name: VAR_X, eval: 3}}",
        "Rest: {duration: VAR_X}",
    )
    assert durations(outcome) == [0, 3]
    assert steps(outcome, "Step count") == [0, 1]
    assert outcome.time_series.filter(pl.col("Step count") == 0).height == 1
