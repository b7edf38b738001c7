"""What is refused, all of it in one error, and what the notes say of what is written."""

from __future__ import annotations

import re

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.export.protocols import TARGETS

REST = "steps: [{Rest: {duration: 60}}]"
PAIR_OF_LIMITS = "safety_limits: {voltage_min: 2.5, voltage_max: 4.25}\n"


def test_all_that_cannot_be_said_is_one_error_in_the_order_of_the_steps() -> None:
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
        "discharge is not possible: the software has no constant power"
    )


@pytest.mark.parametrize("target", TARGETS)
def test_a_file_says_how_sure_its_format_is_and_what_to_do_first(target: str) -> None:
    notes = " ".join(ucp.convert(REST, target).notes)

    assert "run it on a dummy cell" in notes
    assert "has no safety_limits" in notes
    assert ("Trust of the format" in notes) == (target in ("arbin", "arbin_sdx", "novonix"))
    assert ("xperimental" in notes) == (target in ("arbin", "arbin_sdx", "novonix"))


def test_notes_tell_what_is_less_sure_than_the_rest() -> None:
    power = ucp.convert("steps: [{Discharge: {mode: Power, value: 5, duration: 10}}]", "maccor")
    limited = ucp.convert("safety_limits: {voltage_max: 4.3}\n" + REST, "maccor")
    unlimited = ucp.convert("steps: [Advance cycle, {Rest: {duration: 5}}]", "neware")

    hold = "{Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1]}}"
    charge = "{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}}"
    alone, led = (
        " ".join(ucp.convert(f"steps: [{steps}]", "maccor").notes)
        for steps in (hold, f"{charge}, {hold}")
    )
    by_capacity = ucp.convert(f"steps: [{charge}]".replace("4.2", "4, Capacity > 1"), "neware")

    by_amp_hours = ucp.convert(f"steps: [{charge}]".replace("4.2", "4, Capacity > 1"), "maccor")
    assert any("where it begins to count" in note for note in by_amp_hours.notes)
    assert "draws what the channel can give" in alone
    assert "draws what the channel can give" not in led
    assert any("a charge that ends on capacity" in note for note in by_capacity.notes)
    assert any("known from one public procedure" in note for note in power.notes)
    assert not any("has no safety_limits" in note for note in limited.notes)
    assert any("marks for them were left out" in note for note in unlimited.notes)


def test_a_number_the_format_cannot_write_is_told_with_its_step() -> None:
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
    assert all("which cannot tell" in line for line in lines[1:])
    assert {problem.code for problem in caught.value.problems} == {"E-export"}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("begin", ["- End", "- Advance cycle\n- End", "- A: [End]"])
def test_a_protocol_that_ends_before_any_step_is_no_file(target: str, begin: str) -> None:
    with pytest.raises(ucp.UCPError, match="the protocol ends before any step"):
        ucp.convert(f"steps:\n{begin}\n- Rest: {{duration: 60}}\n", target)


@pytest.mark.parametrize("target", ["neware", "novonix"])
def test_a_rest_does_not_end_on_a_capacity(target: str) -> None:
    text = """
steps:
  - Rest: {duration: 60, ends: [{Capacity > 1: {goto: End}}]}
  - Rest: {duration: 1}
"""
    with pytest.raises(ucp.UCPError, match="its end Capacity > 1 Ah is not possible"):
        ucp.convert(text, target)


def test_a_slow_change_of_a_drive_cycle_is_not_held_at_its_beginning() -> None:
    text = PAIR_OF_LIMITS + "steps: [{Drive: {data: [[0, 0], [3, 6], [9, 6]], mode: Current}}]"

    [(_, content)] = ucp.convert(text, "maccor", verify=True).assets

    lines = [line.split("\t") for line in content.decode().splitlines()]
    assert [(line[0], line[2], line[5]) for line in lines] == [
        ("D", "1.0", "1.0000"),
        ("D", "3.0", "1.0000"),
        ("D", "5.0", "1.0000"),
        ("D", "6.0", "6.0000"),
    ]


def test_a_drive_cycle_of_nothing_is_verified_too() -> None:
    text = PAIR_OF_LIMITS + "steps: [{Drive: {data: [[0, 0], [3, 0]], mode: Power}}]"

    assert b"D\tI\t0.0\t\t\t3.0000" in ucp.convert(text, "maccor", verify=True).assets[0][1]


@pytest.mark.parametrize(("target", "most"), [("maccor", 999), ("neware", 254)])
def test_there_are_no_more_steps_than_the_format_has(target: str, most: int) -> None:
    """The last step of both is the end."""

    def rests(count: int) -> str:
        return "steps:\n" + "".join(
            f"  - Rest: {{duration: {10 + number}}}\n" for number in range(count)
        )

    text = ucp.convert(rests(most - 1), target).text()
    assert len(re.findall(r"<StepType>|Step_Type=", text)) == most
    with pytest.raises(ucp.UCPError, match=f"has {most + 1} steps; there may be {most}"):
        ucp.convert(rests(most), target)
