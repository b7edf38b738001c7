"""Plans are compared by everything a channel does, and by nothing else."""

from __future__ import annotations

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.plan import Plan, differences, flatten

BASE = """
safety_limits: {voltage_max: 4.3, voltage_min: 2}
steps:
  - Cycles:
      repeat: 100
      steps:
        - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}
        - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1]}
        - Inner:
            repeat: 3
            steps:
              - Discharge:
                  mode: Current
                  value: 1
                  duration: 60
                  ends: [{"Voltage < 2.7": {goto: Last}}]
        - Advance cycle
  - Last: [{Rest: {duration: 600}}]
"""


def plan(text: str, capacity: float | None = None) -> Plan:
    result = ucp.parse(text)
    assert result.protocol is not None, result.errors
    flattened = flatten(result.protocol, capacity)
    assert flattened.problems == ()
    return flattened.plan


def changed(old: str, new: str) -> list[str]:
    assert BASE.count(old) == 1
    return differences(plan(BASE), plan(BASE.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("repeat: 100", "repeat: 99", "it runs 100 times, in the file 99 times"),
        ("repeat: 3", "repeat: 2", "it runs 100 x 3 times, in the file 100 x 2 times"),
        ("value: 2,", "value: 2.01,", "set point 2 A became 2.01 A"),
        ("duration: 60\n", "duration: 61\n", "end Time > 60 s became Time > 61 s"),
        ("Current < 0.1", "Current < 0.2", "Current < 0.1 A became Current < 0.2 A"),
        ("Current < 0.1", "Temperature > 0.1", "became"),
        ("voltage_max: 4.3", "voltage_max: 4.4", "Voltage > 4.3 V became Voltage > 4.4 V"),
        ("voltage_min: 2}", "voltage_min: {value: 2, goto: Last}}", "the end of the test"),
        ("goto: Last", "goto: End", "Voltage > 4.3 V is missing in the file"),
        ("Voltage < 2.7", "Voltage < 2.8", "Voltage < 2.7 V became"),
        ("        - Advance cycle\n", "", "steps[0].Cycles.steps[3] (Advance cycle)"),
        (
            "duration: 600}",
            "duration: 600, resolution: {time: 1}}",
            "resolution (60 s) became (1 s)",
        ),
        ("Discharge:\n", "Charge:\n", "discharge became current charge"),
    ],
)
def test_a_change_is_reported(old: str, new: str, words: str) -> None:
    found = changed(old, new)

    assert found
    assert any(words in text for text in found), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 2,", "value: 2.00000001,"),
        ("duration: 600}", "duration: 600, ends: [Time > 700]}"),
        ("duration: 600}", "duration: 600, ends: [{Voltage > 4.3: {goto: End}}]}"),
        ("- Cycles:", "- Another name:"),
    ],
)
def test_changes_without_effect_are_not_reported(old: str, new: str) -> None:
    assert changed(old, new) == []


def test_marks_and_recordings_are_compared_only_on_request() -> None:
    other = plan(
        BASE.replace("        - Advance cycle\n", "").replace("600}", "600, resolution: 1}")
    )

    assert differences(plan(BASE), other, marks=False, recordings=False) == []
    assert differences(plan(BASE), other) != []


def test_safety_limits_are_compared_even_where_a_step_end_is_always_met_first() -> None:
    text = (
        "safety_limits: {voltage_max: 4.3}\n"
        "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}}]"
    )
    wider = plan(text.replace("4.3", "5"))
    none = plan(text.replace("safety_limits: {voltage_max: 4.3}\n", ""))

    assert differences(plan(text), wider) == ["safety_limits.voltage_max: 4.3 V became 5 V"]
    assert differences(none, wider) == [
        "safety_limits.voltage_max: only the file has this limit, 5 V"
    ]


def test_ignoring_cycle_marks_changes_nothing_else() -> None:
    text = "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}}, Advance cycle]"
    limited = f"safety_limits: {{voltage_max: 4.3}}\n{text}"

    other = plan(limited.replace(", Advance cycle", ""))

    assert differences(plan(limited), other, marks=False) == []


def test_a_c_rate_equals_a_current_if_the_capacity_is_known() -> None:
    rate = plan("steps: [{Discharge: {mode: C-rate, value: 0.5, ends: [C-rate < 0.1]}}]")
    current = plan("steps: [{Discharge: {mode: Current, value: 1, ends: [Current < 0.2]}}]")

    assert differences(rate, current, nominal_capacity=2.0) == []
    assert differences(rate, current) != []


def test_waveforms_are_compared_by_their_held_values() -> None:
    text = (
        "steps: [{Drive: {mode: Current, data: [[0, 1], [1, 2], [2, 2]]}}, {Rest: {duration: 1}}]"
    )

    assert differences(plan(text), plan(text.replace("[2, 2]", "[2, 7]"))) == []
    assert differences(plan(text), plan(text.replace("[1, 2]", "[1, 3]"))) != []


def test_loops_with_many_passes_are_compared_without_unrolling() -> None:
    text = BASE.replace("repeat: 100", "repeat: 100000").replace("repeat: 3", "repeat: 99999")

    assert differences(plan(text), plan(text)) == []
    assert differences(plan(text), plan(text.replace("99999", "99998"))) != []
