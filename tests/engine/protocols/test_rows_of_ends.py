"""Rows of section 7 (ends) of the language's specification, run; tests are named by row."""

import numpy as np
import polars as pl
import pytest

from tests.engine.runs import LUMPED, durations, reasons, run

LAST = "Last: [Rest: {duration: 7}]"
WRONG = "Wrong: [Rest: {duration: 999}]"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("VAR_X >= 3", True),
        ("VAR_X <= 3", True),
        ("VAR_X == 3", True),
        ("VAR_X != 3", False),
        ("VAR_X > 3", False),
        ("VAR_X < 3", False),
        ("VAR_X >= 3.1", False),
        ("VAR_X <= 2.9", False),
        # The sum of tenths equals 3 but for rounding.
        ("VAR_Y >= 3", True),
        ("VAR_Y == 3", True),
        ("VAR_Y < 3", False),
        ("Cycle count >= 1", True),
        ("Cycle count == 1", True),
        ("Step count <= 0", False),
    ],
)
def test_e6_variables_and_counts_compare_as_written(condition, holds):
    outcome = run(
        "Control: {set_variable: [{name: VAR_X, eval: 3}, {name: VAR_Y, eval: 0}]}",
        "Add: {repeat: 2, steps: [Rest: {duration: 1, set_variable: "
        "{name: VAR_Y, eval: VAR_Y + 1.1 + 0.2 + 0.2}}]}",
        f"Rest: {{duration: 5, ends: ['{condition}']}}",
    )
    assert reasons(outcome)[2] == (condition if holds else "duration")


def test_e8_a_threshold_is_evaluated_once_when_the_step_begins():
    outcome = run(
        "Rest: {duration: 10}",
        "Rest: {ends: [Time > Total time * 2]}",
        "Rest: {ends: [Time > Total time * 2]}",
    )
    assert durations(outcome) == [10, 20, 60]


GOTO_ENDS = {
    "Voltage < 3.65": "Discharge: {mode: C-rate, value: 1",
    "Current < 2": "Charge: {mode: Voltage, value: 3.8",
    "C-rate < 0.4": "Charge: {mode: Voltage, value: 3.8",
    "Capacity > 0.01": "Discharge: {mode: Current, value: 1",
    "Temperature > 26": "Discharge: {mode: C-rate, value: 2",
    "Time > 5": "Rest: {duration: 10",
    "SOC < 0.49": "Discharge: {mode: C-rate, value: 1",
    "Energy > 0.01": "Discharge: {mode: Power, value: 5",
    "Power > 7.55": "Charge: {mode: Current, value: 2",
    "d/dt(Voltage) < 0.0001": "Rest: {duration: 3600",
    "Cycle count >= 0": "Rest: {duration: 10",
    "Step count == 0": "Rest: {duration: 10",
    "VAR_X != 1": "Rest: {duration: 10",
}


@pytest.mark.parametrize("end", GOTO_ENDS)
def test_e11_e14_every_kind_of_end_jumps(end):
    outcome = run(
        "Discharge: {mode: C-rate, value: 1, duration: 60, set_variable: {name: VAR_X, eval: 2}}",
        f"{GOTO_ENDS[end]}, ends: [{{'{end}': {{goto: Last}}}}]}}",
        WRONG,
        LAST,
        model=LUMPED,
    )
    assert outcome.error is None
    assert durations(outcome)[2:] == [7]


@pytest.mark.parametrize("first", ["Voltage < 3.5", "Capacity > 0.5"])
def test_e19_the_first_end_reached_counts_in_any_order(first):
    threshold = {"Voltage < 3.5": "Capacity > 3", "Capacity > 0.5": "Voltage < 3"}[first]
    for ends in (f"[{first}, {threshold}]", f"[{threshold}, {first}]"):
        outcome = run(
            f"Discharge: {{mode: C-rate, value: 1, ends: {ends}, duration: 7200}}", soc=0.9
        )
        assert reasons(outcome) == [first]


def test_e20_several_ends_are_alternatives():
    outcome = run("Discharge: {mode: Current, value: 1, ends: [Time > 30, Time > 20, Time > 40]}")
    assert durations(outcome) == [20]


@pytest.mark.parametrize(
    ("one", "two"), [("Time > 36", "Capacity > 0.01"), ("Capacity > 0.01", "Time > 36")]
)
def test_e27_simultaneous_ends_count_in_their_order_and_before_the_duration(one, two):
    outcome = run(
        "Discharge: {mode: Current, value: 1, duration: 36, "
        f"ends: [{one}, {{'{two}': {{goto: Wrong}}}}]}}",
        LAST,
        "End",
        WRONG,
    )
    assert reasons(outcome) == [one, "duration"]
    assert durations(outcome) == pytest.approx([36, 7])


def test_e21_units_behind_a_threshold():
    outcome = run(
        "Discharge: {mode: Current, value: 500 mA, ends: [Capacity > 10 mAh]}",
        "Rest: {ends: [Time > 2 min]}",
        "Charge: {mode: Voltage, value: 3800 mV, ends: [Current < C/4]}",
    )
    assert durations(outcome)[:2] == pytest.approx([72, 120])
    assert outcome.time_series["Current [A]"][-1] == pytest.approx(-1.25, abs=1e-6)


def test_e25_the_slope_of_the_switching_transient_is_not_watched():
    """Relaxation is steepest at the start: a slope in the first second does not end the step."""
    fine = run(
        "Discharge: {mode: C-rate, value: 1, duration: 300}",
        "Rest: {duration: 60, resolution: 0.05}",
    )
    rest = fine.time_series.filter(pl.col("Step count") == 1)
    slopes = np.gradient(rest["Voltage [V]"].to_numpy(), rest["Time [s]"].to_numpy())
    early, later = slopes[4], slopes[22]
    threshold = (early + later) / 2
    assert early > threshold > later > 0

    outcome = run(
        "Discharge: {mode: C-rate, value: 1, duration: 300}",
        f"Rest: {{duration: 60, ends: ['d/dt(Voltage) > {threshold}']}}",
    )
    assert reasons(outcome)[1] == "duration"


def test_e26_a_slow_step_may_take_longer_than_a_day():
    outcome = run(
        "Discharge: {mode: C-rate, value: C/60, ends: [Capacity > 3], resolution: 3600}", soc=0.9
    )
    assert outcome.error is None
    assert durations(outcome) == pytest.approx([3 / (5 / 60) * 3600])
