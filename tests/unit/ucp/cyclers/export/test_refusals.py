"""Problems, all listed in one error, and the notes of files that are written."""

from __future__ import annotations

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.export.protocols import TARGETS

REST = "steps: [{Rest: {duration: 60}}]"
PAIR_OF_LIMITS = "safety_limits: {voltage_min: 2.5, voltage_max: 4.25}\n"


def test_all_problems_are_one_error_in_the_order_of_the_steps() -> None:
    text = """
safety_limits: {temperature_min: 0}
steps:
  - Pulse: [{Discharge: {mode: Power, value: 5, duration: 10}}]
  - Rest: {ends: [SOC < 0.5]}
  - Twice: {repeat: 2, steps: [{Again: {repeat: 2, steps: [{Rest: {duration: 1}}]}}]}
  - Pause
"""
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, "novonix")

    lines = str(caught.value).splitlines()
    assert lines[0] == "Cannot export to novonix: "
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "- safety_limits.temperature_min",
        '- steps[0].Pulse[0].Discharge "Pulse" (Discharge, mode Power)',
        "- steps[1].Rest (Rest)",
        "- steps[2].Twice.steps[0].Again",
        "- steps[3] (Pause)",
    ]
    assert {problem.code for problem in caught.value.problems} == {"E-export"}
    assert len(caught.value.problems) == 5


def test_a_single_problem_is_one_sentence() -> None:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert("steps: [{Discharge: {mode: Power, value: 5, duration: 10}}]", "novonix")

    assert str(caught.value) == (
        "Cannot export to novonix: steps[0].Discharge (Discharge, mode Power): constant power on "
        "discharge is not supported by this format: no public text shows constant power"
    )


def test_a_reason_of_many_steps_is_given_once() -> None:
    charge, discharge = (
        f"{{{kind}: {{mode: C-rate, value: 1, ends: [{end}]}}}}"
        for kind, end in (("Charge", "Voltage > 4.2"), ("Discharge", "Voltage < 2.7"))
    )
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(f"steps: [{charge}, {discharge}, Pause, {charge}]", "biologic")

    first, capacity, pause = str(caught.value).splitlines()
    assert first == "Cannot export to biologic: "
    assert capacity.count("pass nominal_capacity_ah") == 1
    assert [f"steps[{number}]" in capacity for number in range(4)] == [True, True, False, True]
    assert pause.startswith("- steps[2] (Pause): ")
    assert [problem.path[:8] for problem in caught.value.problems] == [
        "steps[0]",
        "steps[1]",
        "steps[2]",
        "steps[3]",
    ]


@pytest.mark.parametrize("target", TARGETS)
def test_notes_tell_how_well_the_format_is_known_and_what_to_do_first(target: str) -> None:
    notes = " ".join(ucp.convert(REST, target).notes)

    assert "run it on a dummy cell" in notes
    assert "has no safety_limits" in notes
    assert "Trust in the format" in notes
    assert ("xperimental" in notes) == (target in ("arbin", "arbin_sdx", "novonix"))


def test_notes_name_the_less_certain_parts_of_a_file() -> None:
    power = ucp.convert("steps: [{Discharge: {mode: Power, value: 5, duration: 10}}]", "maccor")
    limited = ucp.convert("safety_limits: {voltage_max: 4.3}\n" + REST, "maccor")
    unlimited = ucp.convert("steps: [Advance cycle, {Rest: {duration: 5}}]", "neware")

    charge = "{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}}"
    by_capacity = ucp.convert(f"steps: [{charge}]".replace("4.2", "4, Capacity > 1"), "neware")

    by_amp_hours = ucp.convert(f"steps: [{charge}]".replace("4.2", "4, Capacity > 1"), "maccor")
    assert any("where it starts to count" in note for note in by_amp_hours.notes)
    assert any("show an end on capacity in" in note for note in by_capacity.notes)
    assert any("known from a single public procedure" in note for note in power.notes)
    assert not any("has no safety_limits" in note for note in limited.notes)
    assert any("'Advance cycle' was left out" in note for note in unlimited.notes)


@pytest.mark.parametrize("target", TARGETS)
def test_an_end_at_the_value_of_a_limit_is_verified_where_both_end_the_test(target: str) -> None:
    """The step keeps its end, although the limit would end the test at the same voltage."""
    text = """
safety_limits: {voltage_min: 2.5, voltage_max: 4.2}
steps: [{Rest: {duration: 9}}, {Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}}]
"""
    assert ucp.convert(text, target, verify=True)


def test_a_number_that_the_format_cannot_write_is_reported_with_its_step() -> None:
    text = """
safety_limits: {voltage_min: 0.00001, voltage_max: 4.3}
steps:
  - Tiny: [{Charge: {mode: Current, value: 1.0e-13, ends: [Voltage > 4.2]}}]
  - Rest: {duration: 60}
  - Charge: {mode: Current, value: 1.0e-7, ends: [Voltage > 4.2, Capacity > 1.0e-12]}
"""
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, "neware")

    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "- safety_limits",
        '- steps[0].Tiny[0].Charge "Tiny" (Charge, mode Current)',
        "- steps[2].Charge (Charge, mode Current)",
    ]
    assert all("would be written as" in line for line in lines[1:])
    assert {problem.code for problem in caught.value.problems} == {"E-export"}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("begin", ["- End", "- Advance cycle\n- End", "- A: [End]"])
def test_a_protocol_that_ends_before_its_first_step_is_rejected(target: str, begin: str) -> None:
    with pytest.raises(ucp.UCPError, match="the protocol ends before its first step"):
        ucp.convert(f"steps:\n{begin}\n- Rest: {{duration: 60}}\n", target)


@pytest.mark.parametrize("goto", ["Next", "End"])
@pytest.mark.parametrize("end", ["Current > 1", "Current < 1", "Capacity > 1", "Power > 1"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_rest_cannot_end_on_what_needs_a_current(target: str, end: str, goto: str) -> None:
    text = f"""
steps:
  - Rest: {{duration: 60, ends: [{{{end}: {{goto: {goto}}}}}]}}
  - Rest: {{duration: 1}}
"""
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, target)

    [problem] = caught.value.problems
    assert f"its end {end} " in problem.message
    assert problem.message.endswith("because no current flows in a rest; remove it")


def test_a_slow_ramp_of_a_drive_cycle_becomes_steps() -> None:
    text = PAIR_OF_LIMITS + "steps: [{Drive: {data: [[0, 0], [3, 6], [9, 6]], mode: Current}}]"

    [(_, content)] = ucp.convert(text, "maccor", verify=True).assets

    lines = [line.split("\t") for line in content.decode().splitlines()]
    assert [(line[0], line[2], line[5]) for line in lines] == [
        ("D", "1.0", "1.0000"),
        ("D", "3.0", "1.0000"),
        ("D", "5.0", "1.0000"),
        ("D", "6.0", "6.0000"),
    ]


def test_a_drive_cycle_of_zeros_is_verified() -> None:
    text = PAIR_OF_LIMITS + "steps: [{Drive: {data: [[0, 0], [3, 0]], mode: Power}}]"

    assert b"D\tI\t0.0\t\t\t3.0000" in ucp.convert(text, "maccor", verify=True).assets[0][1]
