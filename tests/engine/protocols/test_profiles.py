"""Drive cycles and waveforms in runs, and steps that are rejected before a run."""

import pytest

from ionworks.engine import check, simulate
from ionworks.engine.simulation.api import MODELS
from tests.engine.runs import SPM, durations, protocol, reasons, run


def test_a_drive_cycle_ends_at_an_end_of_its_step_or_its_last_time():
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
    assert outcome.steps["Step type"].unique().to_list() == ["Drive cycle"]
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


def test_runs_that_take_different_branches_are_what_they_are_alone():
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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Drive: {drive_cycle: US06, mode: Current}", ["steps[0].Drive", "'US06'", "data:"]),
        ("EIS: {frequencies: [1], amplitude: 0.1}", ["steps[0].EIS", "does not support EIS"]),
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
def test_unsupported_steps_are_rejected_with_their_path(line, words):
    found = check(SPM, protocol(line, "Rest: {duration: 1}"), [{"id": "a"}])
    assert found
    for word in words:
        assert word in "\n".join(found)
