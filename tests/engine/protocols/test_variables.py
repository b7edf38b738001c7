"""Variables, expressions and read-outs in runs, compared with values worked out by hand."""

import pytest

from ionworks.engine.cells.cell import StartingPoint
from ionworks.engine.cells.registry import open_cell
from tests.engine.runs import SPM, durations, reasons, run


def test_variables_count_laps_and_change_the_value():
    outcome = run(
        "Control: {set_variable: [{name: VAR_LAPS, eval: 0}]}",
        "Lap: [Discharge: {mode: Current, value: 'ifelse(VAR_LAPS > 0, 2, 1)', duration: 10, "
        "set_variable: [{name: VAR_LAPS, eval: VAR_LAPS + 1}]}]",
        "Control: {ends: [{'VAR_LAPS < 3': {goto: Lap}}]}",
    )
    assert outcome.error is None
    assert outcome.steps["Mean current [A]"].to_list() == pytest.approx([1, 2, 2])
    assert outcome.steps["Step count"].to_list() == [0, 1, 2]
    assert outcome.steps["Label"].to_list() == ["Lap"] * 3


def test_assignments_use_the_results_of_earlier_ones():
    outcome = run(
        "Rest: {duration: 1, "
        "set_variable: [{name: VAR_A, eval: 2}, {name: VAR_B, eval: VAR_A * 3}]}",
        "Rest: {duration: VAR_B}",
    )
    assert durations(outcome) == [1, 6]


def test_a_variable_that_is_not_set_yet_is_zero():
    outcome = run(
        "Rest: {duration: VAR_A + 5, set_variable: {name: VAR_A, eval: 1}}",
        "Rest: {duration: VAR_A}",
    )
    assert durations(outcome) == [5, 1]


def test_readouts_are_those_of_the_last_step():
    names = {
        "Voltage": "End voltage [V]",
        "Capacity": "Charge capacity [A.h]",
        "Energy": "Charge energy [W.h]",
        "Time": "Duration [s]",
        "Total time": "End time [s]",
        "CYCLE_COUNT": "Cycle count",
        "STEP_COUNT": "Step count",
    }
    for name, column in names.items():
        outcome = run(
            "Rest: {duration: 10}",
            "Advance cycle",
            "Charge: {mode: Current, value: 2, duration: 90, "
            f"set_variable: {{name: VAR_X, eval: {name} + 1}}}}",
            "Rest: {duration: 'VAR_X'}",
        )
        assert durations(outcome)[2] == pytest.approx(outcome.steps[column][1] + 1), name


def test_current_is_signed_and_temperature_in_celsius():
    outcome = run(
        "Charge: {mode: Current, value: 2, duration: 9}",
        "Rest: {duration: '10 + Current'}",
        "Rest: {duration: Temperature}",
    )
    assert durations(outcome) == pytest.approx([9, 8, 25])


def test_state_of_charge_falls_by_what_is_discharged():
    outcome = run("Discharge: {mode: C-rate, value: 1, ends: [SOC < 0.4]}", soc=0.6)
    [state] = open_cell(SPM).initial_states(()).solve([StartingPoint("soc", 0.6, 298.15)], [{}])
    assert outcome.steps["Discharge capacity [A.h]"][0] == pytest.approx(0.2 * state.capacity)
    assert reasons(outcome) == ["SOC < 0.4"]


def test_a_state_of_charge_that_is_reached_equals_one_that_is_started_from():
    """Discharging to 50 % and resting leads to the open-circuit voltage of 50 %."""
    outcome = run(
        "Discharge: {mode: C-rate, value: 0.5, ends: [SOC < 50 %]}",
        "Rest: {duration: 7 h}",
        soc=0.7,
    )
    other = run("Rest: {duration: 10}", soc=0.5)
    assert outcome.steps["End voltage [V]"][1] == pytest.approx(
        other.steps["End voltage [V]"][0], abs=2e-4
    )


def test_readouts_before_the_first_step_are_the_initial_state():
    outcome = run("Rest: {duration: '100 * SOC'}", "Rest: {duration: 5}", soc=0.25)
    assert durations(outcome) == pytest.approx([25, 5])
    voltage = run("Rest: {duration: '10 * Voltage'}", soc=0.25)
    assert durations(voltage)[0] == pytest.approx(10 * voltage.steps["Start voltage [V]"][0])


def test_direction_is_chosen_by_the_run():
    outcome = run(
        "Lap: {repeat: 2, steps: ['Direction[ifelse(SOC > 0.5, -1, 1)]': "
        "{mode: Current, value: 1, "
        "ends: [{variable: Capacity, value: 0.01}, {variable: Voltage, value: "
        "'ifelse(SOC > 0.5, 2.5, 4.3)'}]}]}",
        soc=0.501,
    )
    assert outcome.steps["Step type"].to_list() == [
        "Constant current discharge",
        "Constant current charge",
    ]
    assert reasons(outcome) == ["Capacity > 0.01"] * 2


def test_repeat_by_a_variable():
    outcome = run(
        "Control: {set_variable: {name: VAR_N, eval: 2}}",
        "X: {repeat: VAR_N + 1, steps: [Rest: {duration: 1}]}",
    )
    assert outcome.steps["Cycle count"].to_list() == [0, 1, 2]


def test_a_repeat_that_is_not_a_whole_number_fails_the_run_and_keeps_its_steps():
    outcome = run(
        "Rest: {duration: 3, set_variable: {name: VAR_N, eval: 2.5}}",
        "X: {repeat: VAR_N, steps: [Rest: {duration: 1}]}",
    )
    assert outcome.error_code == "CONFIGURATION_ERROR"
    assert "steps[1].X.repeat: 2.5 is not a whole number" in outcome.error
    assert durations(outcome) == [3]


def test_a_division_by_zero_names_its_step_and_field():
    outcome = run("Rest: {duration: 3}", "Rest: {duration: 1 / Current}")
    assert outcome.error_code == "CONFIGURATION_ERROR"
    assert "steps[1].Rest.duration" in outcome.error
    assert "divides by zero" in outcome.error
    assert durations(outcome) == [3]


def test_a_duration_of_zero_makes_no_step():
    outcome = run("Rest: {duration: 3}", "Rest: {duration: Time - 3}", "Rest: {duration: 4}")
    assert durations(outcome) == [3, 4]
    assert "steps[1].Rest: skipped" in outcome.metrics["notes"][0]
