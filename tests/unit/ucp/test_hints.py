"""Common mistakes of battery engineers, and the message that says what to write instead."""

from __future__ import annotations

import pytest

from ionworks.ucp import parse, validate

CHARGE = "steps:\n  - Charge: {{mode: Current, value: 1, {}}}"


def first_step(text: str) -> str:
    return f"steps:\n  - {text}"


MISTAKES = [
    # modes
    (first_step("Charge: {mode: CC, value: 1, duration: 60}"), "'Current' (A) or 'C-rate'"),
    (first_step("Charge: {mode: CV, value: 4, duration: 60}"), "did you mean 'Voltage'?"),
    (first_step("Discharge: {mode: CP, value: 4, duration: 60}"), "did you mean 'Power'?"),
    (first_step("Charge: {mode: CC-CV, value: 4, duration: 60}"), "write two steps"),
    (first_step("Charge: {mode: Curent, value: 4, duration: 60}"), "did you mean 'Current'?"),
    (first_step("Charge: {current: 1, duration: 60}"), "write 'mode: Current' and the number"),
    (first_step("Discharge: {c_rate: 1, duration: 60}"), "write 'mode: C-rate' and the number"),
    (first_step("Discharge: {mode: Current, value: -1, duration: 60}"), "use Charge"),
    # fields
    (CHARGE.format("cutoff: 4.2"), "did you mean 'ends'?"),
    (CHARGE.format("until: Voltage > 4.2"), "did you mean 'ends'?"),
    (CHARGE.format("terminations: [Voltage > 4.2]"), "did you mean 'ends'?"),
    (CHARGE.format("time: 3600"), "did you mean 'duration'?"),
    (CHARGE.format("duration: 60, period: 5"), "did you mean 'resolution'?"),
    (CHARGE.format("duration: 60, goto: Rest"), "write a jump on an end"),
    ("global: {soc: 50}\nsteps: [{Rest: {duration: 1}}]", "did you mean 'initial_soc'?"),
    ("safety_limits: {max_voltage: 4}\nsteps: [End]", "did you mean 'voltage_max'?"),
    (
        "safety_limits: {current_max: 4}\nsteps: [End]",
        "'charge_current_max' or 'discharge_current_max'",
    ),
    ("global: {initial_soc: 110 %}\nsteps: [End]", "must be from 0 to 100 %, got 110 %"),
    (
        "global: {initial_state_type: soc_percentage, initial_state_value: 110%}\nsteps: [End]",
        "must be from 0 to 100 %, got 110 %",
    ),
    (first_step("EIS: {f_min: 1, f_max: 2, amplitude: 1}"), "did you mean 'min_frequency'?"),
    (first_step("Waveform: {type: sine, amplitude: 1}"), "did you mean 'shape'?"),
    (first_step("Control: {set_variable: {VAR_X: 1}}"), "write {name: VAR_X, eval: 1}"),
    # numbers
    (CHARGE.format("duration: '1,5 h'"), "write decimals with a point"),
    (CHARGE.format("duration: 1,5"), "write decimals with a point"),
    (CHARGE.format("duration: 1h30"), "90 min, 1.5 h or 1:30:00"),
    (CHARGE.format("duration: 2 days"), "unknown unit 'days'; valid units: s, min, h"),
    (CHARGE.format("duration: max(1, 2)"), "quote text with commas"),
    (CHARGE.format("duration: 'if(1, 2, 3)'"), "did you mean 'ifelse'?"),
    (first_step("Charge: {mode: C-rate, value: 1 A, duration: 60}"), "valid units: C, C/n"),
    # kinds, blocks and markers
    (first_step("Rest: 3600"), "write 'Rest: {duration: 3600}'"),
    (first_step("Rest 1 h"), "a step needs parameters: 'Rest: {...}'"),
    (first_step("Hold: {value: 4.2}"), "write Charge or Discharge with a 'mode'"),
    (first_step("OCV: {duration: 60}"), "did you mean 'Rest'?"),
    (first_step("Loop: 3"), "write a repeated group as a block"),
    (first_step("Cycle: {times: 3, steps: [{Rest: {duration: 1}}]}"), "did you mean 'repeat'?"),
    (first_step("Cycle: {repeat: 3}"), "needs 'steps'"),
    (first_step("{repeat: 3, steps: [{Rest: {duration: 1}}]}"), "needs a 'name'"),
    (first_step("Stop"), "did you mean 'End'?"),
    (first_step("Off: [{Rest: {duration: 1}}]"), "quote it"),
    ("steps:\n  Rest: {duration: 1}", "each after '- '"),
    ("steps:\n- Rest:\n  duration: 1", "must be indented under it"),
    # ends
    (CHARGE.format("ends: [V > 4.2]"), "did you mean 'Voltage'?"),
    (CHARGE.format("ends: [I < 50 mA]"), "did you mean 'Current'?"),
    (CHARGE.format("ends: ['Charge capacity > 2']"), "did you mean 'Capacity'?"),
    (CHARGE.format("ends: [dV/dt < 0.001]"), "did you mean 'd/dt(Voltage)'?"),
    (CHARGE.format("ends: [Step time > 10]"), "did you mean 'Time'?"),
    (CHARGE.format("ends: [Total time > 10]"), "set a variable to 'Total time'"),
    (CHARGE.format("ends: [Cycle > 10]"), "did you mean 'Cycle count'?"),
    (CHARGE.format("ends: [Voltage reaches 4.2]"), "write one like 'Voltage < 2.5'"),
    (CHARGE.format("ends: ['Voltage > 4.2, Current < 0.1']"), "a single comparison"),
    (CHARGE.format("ends: ['> 4.2']"), "the quantity is missing"),
    (
        "steps:\n  - Rest:\n      ends:\n        - > 4.2",
        "write the quantity first, 'Voltage > 4.2'",
    ),
    # PyBaMM's sentences
    ("Charge at 1C until 4.2 V\nRest 1 hour", "'Rest for 1 hour'"),
    ("Charge at 1C to 4.2 V", "write 'until'"),
    ("Rest for 1 h\nDischage at 1C for 1 h", "did you mean 'Discharge'?"),
]


@pytest.mark.parametrize(("text", "words"), MISTAKES)
def test_the_message_of_a_mistake_says_what_to_write(text: str, words: str) -> None:
    result = parse(text)

    assert any(words in found.message for found in result.errors), validate(text)["error"]
    assert all(found.line for found in result.errors)
