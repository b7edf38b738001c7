"""Jumps, variables, safety limits and read-outs, against what follows from their rules by hand."""

import numpy as np
import polars as pl
import pytest

from ionworks.engine import check, simulate
from ionworks.engine.cells.cell import StartingPoint
from ionworks.engine.cells.registry import open_cell
from ionworks.engine.simulation.api import MODELS
from tests.engine.runs import LUMPED, SPM, durations, protocol, reasons, run

# ---------------------------------------------------------------- variables and expressions


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


def test_assignments_see_the_ones_before_them():
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


def test_readouts_are_those_of_the_step_just_finished():
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


def test_a_state_of_charge_reached_is_one_started_from():
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


def test_a_repeat_that_is_no_count_fails_the_run_and_keeps_it():
    outcome = run(
        "Rest: {duration: 3, set_variable: {name: VAR_N, eval: 2.5}}",
        "X: {repeat: VAR_N, steps: [Rest: {duration: 1}]}",
    )
    assert outcome.error_code == "CONFIGURATION_ERROR"
    assert "steps[1].X.repeat: 2.5 is not a whole number" in outcome.error
    assert durations(outcome) == [3]


def test_a_division_by_zero_names_the_step_and_the_field():
    outcome = run("Rest: {duration: 3}", "Rest: {duration: 1 / Current}")
    assert outcome.error_code == "CONFIGURATION_ERROR"
    assert "steps[1].Rest.duration" in outcome.error
    assert "divides by zero" in outcome.error
    assert durations(outcome) == [3]


def test_a_duration_of_zero_makes_no_step():
    outcome = run("Rest: {duration: 3}", "Rest: {duration: Time - 3}", "Rest: {duration: 4}")
    assert durations(outcome) == [3, 4]
    assert "steps[1].Rest: skipped" in outcome.metrics["notes"][0]


# ---------------------------------------------------------------- ends


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


def test_an_end_ends_the_test():
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


# ---------------------------------------------------------------- jumps


def test_backward_budget_fails_the_run_and_keeps_it():
    lines = ("Again: [Rest: {duration: 1, ends: [{Time > 0.5: {goto: Again}}]}]",)
    outcome = run(*lines, max_backward_jumps=5)
    assert outcome.error_code == "CONFIGURATION_ERROR"
    for words in ("step 5", "steps[0].Again[0].Rest", "5 backward jumps", "max_backward_jumps"):
        assert words in outcome.error
    assert durations(outcome) == [0.5] * 6
    assert outcome.metrics["Duration [s]"] == 3


def test_a_control_decides_with_the_variables_it_found():
    outcome = run(
        "Control: {set_variable: {name: VAR_X, eval: 1}, ends: [{VAR_X > 0: {goto: End}}]}",
        "Rest: {duration: 2}",
        "Control: {set_variable: {name: VAR_X, eval: 0}, ends: [{VAR_X > 0: {goto: End}}]}",
        "Rest: {duration: 3}",
    )
    assert durations(outcome) == [2]


def test_a_control_compares_what_the_last_step_ended_with():
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


# ---------------------------------------------------------------- safety limits

TO_THE_LIMIT = "Charge: {mode: C-rate, value: 1, ends: [{Voltage > 4.0: {goto: Wrong}}]}"
WRONG = "Wrong: [Rest: {duration: 999}]"
COOL = "Cool: [Rest: {duration: 60}]"


def test_a_safety_limit_wins_a_tie_and_ends_the_test():
    outcome = run(TO_THE_LIMIT, COOL, WRONG, safety="{voltage_max: 4.0}")
    assert reasons(outcome) == ["safety limit voltage_max"]
    assert outcome.error is None


@pytest.mark.parametrize(
    "safety",
    ["{voltage_max: 4.0, goto: Cool}", "{voltage_max: {value: 4.0, goto: Cool}, goto: Wrong}"],
)
def test_a_safety_limit_jumps_to_its_own_target_else_the_common_one(safety):
    outcome = run(TO_THE_LIMIT, WRONG, COOL, safety=safety)
    assert durations(outcome)[1:] == [60]


def test_a_safety_jump_assigns_nothing():
    outcome = run(
        "Charge: {mode: C-rate, value: 1, duration: 9999, set_variable: {name: VAR_X, eval: 5}}",
        "Cool: [Rest: {duration: 1 + VAR_X}]",
        safety="{voltage_max: 4.0, goto: Cool}",
    )
    assert durations(outcome)[1:] == [1]


def test_a_limit_that_tripped_is_watched_again_from_the_safe_side_on():
    """Held above the limit it does not trip; once below, the next passage trips it again."""
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


# ---------------------------------------------------------------- drive cycles and waveforms


def test_a_drive_cycle_ends_at_its_own_ends_or_its_last_time():
    data = "[[0, 1], [10, 1], [20, 5]]"
    outcome = run(
        f"Drive: {{mode: Current, data: {data}, repeat: 2}}",
        f"Drive: {{mode: Current, data: {data}, duration: 15}}",
        f"Drive: {{mode: Current, data: {data}, ends: [Current > 3]}}",
        f"Drive: {{mode: Current, data: {data}, scale: -1, ends: [Capacity > 0.0025]}}",
    )
    assert durations(outcome) == pytest.approx([40, 15, 15, 9])
    assert reasons(outcome) == [
        "end of the profile",
        "duration",
        "Current > 3",
        "Capacity > 0.0025",
    ]
    assert outcome.steps["Step type"].unique().to_list() == ["Unknown step type"]
    assert outcome.steps["Discharge capacity [A.h]"][0] == pytest.approx(2 * 40 / 3600, rel=1e-5)


def test_waveforms_have_the_charge_of_their_form():
    outcome = run(
        "Waveform: {shape: sine, mode: Current, amplitude: 1, frequency: 0.1, cycles: 100}",
        "Waveform: {shape: square, mode: Current, amplitude: 1, frequency: 0.1, cycles: 4.5}",
        "Waveform: {shape: triangle, mode: Current, amplitude: 1, offset: 1, "
        "frequency: 0.1, duration: 25}",
        "Waveform: {shape: sawtooth, mode: C-rate, amplitude: 0.2, frequency: 0.1, cycles: 2}",
    )
    assert outcome.error is None
    discharged = outcome.steps["Discharge capacity [A.h]"] - outcome.steps["Charge capacity [A.h]"]
    assert (3600 * discharged).to_list() == pytest.approx([0, 5, 25 + 2.5, 0], abs=0.02)
    assert durations(outcome) == pytest.approx([1000, 45, 25, 20])
    assert outcome.steps["Max current [A]"].to_list() == pytest.approx([1, 1, 2, 1], abs=0.02)


def test_a_sweep_of_a_drive_cycle_builds_one_model():
    text = protocol(
        "Drive: {mode: Power, data: [[0, 1], [10, 20], [30, -5]], scale: 'input[\"scale\"]'}"
    )
    before = MODELS.builds
    runs = [{"id": str(s), "experiment_parameters": {"scale": s}} for s in (0.5, 1, 1.5)]
    found = {o.id: o.steps["Max current [A]"][0] for o in simulate(SPM, text, runs)}
    assert found["0.5"] < found["1"] < found["1.5"]
    assert MODELS.builds - before <= 1


def test_runs_that_part_ways_do_not_disturb_each_other():
    text = protocol(
        "Lap: [Discharge: {mode: Current, value: 'input[\"amps\"]', duration: 60, "
        "set_variable: {name: VAR_N, eval: VAR_N + 1}}]",
        "Control: {ends: [{'VAR_N < input[\"laps\"]': {goto: Lap}}]}",
        "Charge: {mode: Voltage, value: 3.8, duration: 30}",
    )
    pairs = [(1, 1), (2, 3), (1.5, 2)]
    runs = [{"id": f"{a} {n}", "experiment_parameters": {"amps": a, "laps": n}} for a, n in pairs]
    together = {o.id: o for o in simulate(SPM, text, runs)}
    for one in runs:
        [alone] = simulate(SPM, text, [one])
        both = together[one["id"]].steps, alone.steps
        assert both[0].height == both[1].height == one["experiment_parameters"]["laps"] + 1
        for column in ("End voltage [V]", "Mean current [A]"):
            assert both[0][column].to_list() == pytest.approx(both[1][column].to_list(), abs=1e-6)


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Drive: {drive_cycle: US06, mode: Current}", ["steps[0].Drive", "'US06'", "data:"]),
        ("EIS: {frequencies: [1], amplitude: 0.1}", ["steps[0].EIS", "EIS is not run"]),
        (
            "Control: {ends: [{'d/dt(Voltage) < 1': {goto: End}}]}",
            ["steps[0].Control", "takes no time"],
        ),
        (
            "Waveform: {shape: sine, mode: Current, amplitude: 1, frequency: 1000, duration: 3600}",
            ["steps[0].Waveform", "3600000 periods"],
        ),
        ("Drive: {mode: Voltage, data: [[0, 4], [1, -1]]}", ["steps[0].Drive", "above 0 V"]),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_step(line, words):
    found = check(SPM, protocol(line, "Rest: {duration: 1}"), [{"id": "a"}])
    assert found
    for word in words:
        assert word in "\n".join(found)
