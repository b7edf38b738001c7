"""What a Maccor procedure cannot hold, or what may differ on the instrument, is said precisely."""

from __future__ import annotations

import pytest

from ionworks import ucp

LIMITS = "safety_limits: {voltage_min: 2, voltage_max: 4.5}\n"
DRIVE = LIMITS + "steps: [{Drive: {mode: Current, data: [[0, 1], [1, 2], [2, 2]], ends: [END]}}]"
REST = "steps: [{Rest: {duration: 60, ends: [END]}}]"
CHARGE = "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2, END]}}]"
NO_ENDS = "steps of public procedures that call a waveform have no ends"


def refusal(text: str, **given: float) -> str:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, "maccor", **given)
    return str(caught.value)


def notes(text: str) -> str:
    return " ".join(ucp.convert(text, "maccor", verify=True).notes)


@pytest.mark.parametrize(
    ("text", "end", "reason"),
    [
        (DRIVE, "Voltage < 3", NO_ENDS),
        (DRIVE, "Temperature > 50", NO_ENDS),
        (DRIVE, "Energy > 3", NO_ENDS),
        (DRIVE.replace("ends: [END]", "duration: 1"), "Time > 1 s", NO_ENDS),
        (REST, "Current > 1", "no current flows in a rest"),
        (REST, "Current < 1", "no current flows in a rest"),
        (REST, "Capacity > 1", "no current flows in a rest"),
        (REST, "Temperature < 5", "public procedures show thermocouple ends with >= only"),
        (CHARGE, "Temperature < 5", "public procedures show thermocouple ends with >= only"),
        (CHARGE, "Capacity < 1", "it is met when the step starts, because it counts from 0"),
        (CHARGE, "Time < 10", "it is met when the step starts, because it counts from 0"),
    ],
)
def test_an_end_is_refused_with_the_real_reason(text: str, end: str, reason: str) -> None:
    message = refusal(text.replace("END", end))

    assert f"its end {end}" in message
    assert reason in message


def test_an_impedance_sweep_is_refused_with_the_real_reason() -> None:
    sweep = "EIS: {min_frequency: 1, max_frequency: 1000, amplitude: 0.01}"

    assert "the current limit of an impedance analyzer" in refusal(f"steps: [{{{sweep}}}]")


def test_a_repeated_drive_cycle_is_refused_with_the_way_on() -> None:
    text = DRIVE.replace("ends: [END]", "repeat: 3")

    assert "put the step into a block with this repeat" in refusal(text)


def test_a_waveform_has_a_note_on_what_its_step_does_not_watch() -> None:
    text = DRIVE.replace(", ends: [END]", "")

    assert "limits of current and temperature are watched there only if" in notes(text)
    assert "waveform" not in notes(REST.replace(", ends: [END]", ""))


def many(steps: int) -> str:
    return f"steps: [{', '.join(['{Rest: {duration: 60}}'] * steps)}]"


def test_a_procedure_near_the_largest_number_of_steps_has_a_note() -> None:
    # One more step is the end.
    assert "The file has 951 of at most 999 steps" in notes(many(950))
    assert "of at most" not in notes(many(96))


def test_a_procedure_with_too_many_steps_is_refused_with_the_way_on() -> None:
    message = refusal(many(1200))

    assert "the file has 1201 steps, but this format allows 999" in message
    assert "put steps that repeat into a block with repeat" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: [{L: {repeat: 10000, steps: [{Rest: {duration: 60}}]}}]", "at most four digits"),
        ("steps: [{Rest: {duration: 3600000}}]", "up to 999 hours"),
    ],
)
def test_numbers_wider_than_public_fields_are_refused(text: str, words: str) -> None:
    assert words in refusal(text)


def test_the_widest_numbers_are_written() -> None:
    text = "steps: [{L: {repeat: 9999, steps: [{Rest: {duration: 3599999}}]}}]"
    content = ucp.convert(text, "maccor", verify=True).primary_bytes

    assert b"<Value>9999</Value>" in content
    assert b"<Value>999:59:59</Value>" in content


@pytest.mark.parametrize("target", ["maccor", "arbin", "biologic"])
def test_ends_that_coincide_once_rounded_must_not_lead_to_different_steps(target: str) -> None:
    text = """
steps:
  - Charge:
      {mode: Current, value: 1, ends: [{Voltage > 4.2: {goto: Last}}, Voltage > 4.2000000001]}
  - Rest: {duration: 60}
  - Rest: {name: Last, duration: 60}
"""
    with pytest.raises(ucp.UCPError, match="lead to different steps; keep one of them"):
        ucp.convert(text, target)


@pytest.mark.parametrize(
    ("limit", "end"),
    [
        ("voltage_max: 4.2000000001", "Voltage > 4.2"),
        ("temperature_max: 55", "Temperature > 55"),
        ("temperature_max: 55.00001", "Temperature > 55"),
    ],
)
def test_an_end_at_a_safety_limit_must_not_lead_elsewhere(limit: str, end: str) -> None:
    text = f"""
safety_limits: {{{limit}}}
steps:
  - Charge: {{mode: Current, value: 1, duration: 60, ends: [{{{end}: {{goto: Last}}}}]}}
  - Rest: {{duration: 60}}
  - Rest: {{name: Last, duration: 60}}
"""
    assert "has the same threshold as the safety limit" in refusal(text)


def test_a_hold_must_stay_away_from_a_limit_that_is_equal_once_rounded() -> None:
    text = """
safety_limits: {voltage_max: 4.2000000001}
steps: [{Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1]}}, {Rest: {duration: 60}}]
"""
    assert "where the safety limit voltage_max" in refusal(text)
