"""Ends, jumps and safety limits in runs, compared with what their rules give by hand."""

import numpy as np
import polars as pl
import pytest

from tests.engine.runs import LUMPED, durations, reasons, run


def test_an_end_that_holds_at_entry_runs_its_jump_and_its_variables():
    outcome = run(
        "Charge: {mode: Current, value: 1, ends: [{'Voltage > 3': {goto: Last}}], "
        "set_variable: {name: VAR_X, eval: 7}}",
        "Rest: {duration: 100}",
        "Last: [Rest: {duration: VAR_X}]",
    )
    assert durations(outcome) == [0, 7]
    assert reasons(outcome) == ["Voltage > 3", "duration"]
    assert outcome.steps["Charge capacity [A.h]"][0] == 0
    assert outcome.time_series.filter(pl.col("Step count") == 0).height == 1


@pytest.mark.parametrize(
    ("end", "holds"),
    [
        ("VAR_X > 1", True),
        ("VAR_X > 2", False),
        ("VAR_X < 3", True),
        ("Cycle count < 1", True),
        ("Step count > 0", False),
        ("Capacity < 1", True),
        ("Time < 5", True),
    ],
)
def test_ends_that_are_decided_at_entry(end, holds):
    outcome = run(
        "Rest: {duration: 1, set_variable: {name: VAR_X, eval: 2}}",
        f"Rest: {{duration: 9, ends: [{end}]}}",
    )
    assert durations(outcome)[1] == (0 if holds else 9)
    assert reasons(outcome)[1] == (end if holds else "duration")


def test_energy_and_power_ends():
    outcome = run(
        "Discharge: {mode: Power, value: 12, ends: [Energy > 0.5]}",
        "Charge: {mode: Current, value: 1, ends: [Power > 3.5], duration: 60}",
    )
    assert durations(outcome) == pytest.approx([150, 0])
    assert reasons(outcome) == ["Energy > 0.5", "Power > 3.5"]


@pytest.mark.parametrize(
    ("first", "sign", "target"), [("Discharge", ">", 3.68), ("Charge", "<", 3.78)]
)
def test_an_end_of_a_rest_without_operator_is_approached_from_where_the_cell_is(
    first, sign, target
):
    outcome = run(
        f"{first}: {{mode: C-rate, value: 1, duration: 60}}",
        f"Rest: {{ends: [{{variable: Voltage, value: {target}}}], duration: 3600}}",
    )
    assert reasons(outcome)[1] == f"Voltage {sign} {target}"


def test_an_end_with_goto_end_ends_the_test():
    outcome = run(
        "Discharge: {mode: Current, value: 1, ends: [{Capacity > 0.01: {goto: End}}]}",
        "Rest: {duration: 1}",
    )
    assert reasons(outcome) == ["Capacity > 0.01"]
    assert outcome.error is None


def test_ends_at_the_same_time_are_taken_in_their_order():
    outcome = run(
        "Rest: {duration: 10, ends: [{Time > 10: {goto: Last}}]}",
        "Rest: {duration: 5}",
        "Last: [Rest: {duration: 1}]",
    )
    assert durations(outcome) == [10, 1]
    assert reasons(outcome)[0] == "Time > 10"


def test_too_many_backward_jumps_fail_the_run_and_keep_its_steps():
    lines = ("Again: [Rest: {duration: 1, ends: [{Time > 0.5: {goto: Again}}]}]",)
    outcome = run(*lines, max_backward_jumps=5)
    assert outcome.error_code == "CONFIGURATION_ERROR"
    for words in ("step 5", "steps[0].Again[0].Rest", "5 backward jumps", "max_backward_jumps"):
        assert words in outcome.error
    assert durations(outcome) == [0.5] * 6
    assert outcome.metrics["Duration [s]"] == 3


def test_a_control_compares_before_it_assigns():
    outcome = run(
        "Control: {set_variable: {name: VAR_X, eval: 1}, ends: [{VAR_X > 0: {goto: End}}]}",
        "Rest: {duration: 2}",
        "Control: {set_variable: {name: VAR_X, eval: 0}, ends: [{VAR_X > 0: {goto: End}}]}",
        "Rest: {duration: 3}",
    )
    assert durations(outcome) == [2]


def test_a_control_compares_the_end_of_the_last_step():
    outcome = run(
        "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4]}",
        "Control: {ends: [{Voltage < 3.9: {goto: End}}, {Voltage > 4: {goto: Last}}]}",
        "Rest: {duration: 100}",
        "Last: [Rest: {duration: 1}]",
    )
    assert durations(outcome)[1:] == [1]


def test_a_jump_out_of_a_repeat():
    outcome = run(
        "X: {repeat: 100, steps: [Discharge: {mode: Current, value: 5, duration: 60, "
        "ends: [{Voltage < 3.6: {goto: Out}}]}]}",
        "Rest: {duration: 500}",
        "Out: [Rest: {duration: 1}]",
    )
    assert reasons(outcome)[-2:] == ["Voltage < 3.6", "duration"]
    assert durations(outcome)[-1] == 1
    assert outcome.steps["Cycle count"].to_list() == list(range(outcome.steps.height))


TO_THE_LIMIT = "Charge: {mode: C-rate, value: 1, ends: [{Voltage > 4.0: {goto: Wrong}}]}"
WRONG = "Wrong: [Rest: {duration: 999}]"
COOL = "Cool: [Rest: {duration: 60}]"


def test_a_safety_limit_takes_precedence_and_ends_the_test():
    outcome = run(TO_THE_LIMIT, COOL, WRONG, safety="{voltage_max: 4.0}")
    assert reasons(outcome) == ["safety limit voltage_max"]
    assert outcome.error is None


@pytest.mark.parametrize(
    "safety",
    ["{voltage_max: 4.0, goto: Cool}", "{voltage_max: {value: 4.0, goto: Cool}, goto: Wrong}"],
)
def test_a_safety_limit_jumps_to_its_target_or_the_common_one(safety):
    outcome = run(TO_THE_LIMIT, WRONG, COOL, safety=safety)
    assert durations(outcome)[1:] == [60]


def test_a_safety_jump_assigns_nothing():
    outcome = run(
        "Charge: {mode: C-rate, value: 1, duration: 9999, set_variable: {name: VAR_X, eval: 5}}",
        "Cool: [Rest: {duration: 1 + VAR_X}]",
        safety="{voltage_max: 4.0, goto: Cool}",
    )
    assert durations(outcome)[1:] == [1]


def test_a_limit_that_tripped_is_watched_again_once_on_the_safe_side():
    """Held above the limit it does not trip; once below, crossing it trips it again."""
    outcome = run(
        "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.3]}",
        "Cool: [Charge: {mode: Voltage, value: 4.05, duration: 30}, "
        "Drive: {mode: Voltage, data: [[0, 4.05], [100, 3.95], [200, 4.05]]}]",
        safety="{voltage_max: {value: 4.0, goto: Cool}}",
        max_backward_jumps=0,
    )
    assert reasons(outcome)[:2] == ["safety limit voltage_max", "duration"]
    assert durations(outcome)[1:] == pytest.approx([30, 150], abs=1e-3)
    assert reasons(outcome)[2] == "safety limit voltage_max"
    assert "max_backward_jumps" in outcome.error
    drive = outcome.time_series.filter(pl.col("Step count") == 2)
    times = drive["Time [s]"].to_numpy() - outcome.steps["Start time [s]"][2]
    assert drive["Voltage [V]"].to_numpy() == pytest.approx(
        3.95 + np.abs(times - 100) / 1000, abs=1e-6
    )


def test_current_limits_of_both_directions():
    outcome = run(
        "Discharge: {mode: C-rate, value: 1, duration: 10}",
        "Charge: {mode: C-rate, value: 1, duration: 10}",
        safety="{charge_current_max: 4, discharge_current_max: 6}",
    )
    assert reasons(outcome) == ["duration", "safety limit charge_current_max"]


def test_a_temperature_limit_of_a_lumped_cell():
    outcome = run(
        "Discharge: {mode: C-rate, value: 2, ends: [Voltage < 2.5]}",
        soc=1,
        safety="{temperature_max: 30}",
        model=LUMPED,
    )
    assert reasons(outcome) == ["safety limit temperature_max"]
    assert outcome.time_series["Temperature [degC]"][-1] == pytest.approx(30, abs=1e-6)
