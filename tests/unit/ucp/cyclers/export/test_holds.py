"""Constant voltages: where they may begin, and which are joined to the current before them."""

from __future__ import annotations

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.export.protocols import TARGETS

CC = "{Charge: {mode: Current, value: 0.2, ends: [Voltage > 4.2]}}"
HOLD = "{Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1]}}"
BRIEF = "{Discharge: {mode: Current, value: 1, duration: 9}}"
WARNED = "may begin away from its voltage"


@pytest.mark.parametrize(
    ("steps", "way"),
    [
        (HOLD, "at the start of the test"),
        (f"{{Rest: {{duration: 60}}}}, {HOLD}", "ends at Time > 60 s"),
        (f"{CC}, Pause, {HOLD}", "after steps[1] (Pause)"),
        (f"{CC.replace('> 4.2', '> 4.1')}, {HOLD}", "ends at Voltage > 4.1 V"),
        (f"{CC.replace('4.2]', '4.2], duration: 3600')}, {HOLD}", "ends at Time > 3600 s"),
        (f"{CC.replace('4.2]', '4.2, Temperature > 40]')}, {HOLD}", "ends at Temperature > 40"),
        (f"{CC}, {HOLD}, {HOLD.replace('4.2', '4.1')}", "ends at Current < 0.1 A"),
        (
            f"{{A: {{repeat: 2, steps: [{CC}, {{B: {{repeat: 2, steps: [{HOLD}, {BRIEF}]}}}}]}}}}",
            "ends at Time > 9 s",
        ),
    ],
)
def test_a_hold_that_may_begin_elsewhere_is_named_with_the_way(steps: str, way: str) -> None:
    """Only the instrument limits the current of such a hold."""
    (note,) = (note for note in ucp.convert(f"steps: [{steps}]", "maccor").notes if WARNED in note)

    assert way in note
    assert "limited only by what the channel supplies" in note


@pytest.mark.parametrize(
    ("target", "limit"),
    [("biologic", "its current range"), ("neware", "the constant current before it")],
)
def test_the_warning_says_what_limits_the_current_of_a_hold(target: str, limit: str) -> None:
    steps = f"{CC.replace('4.2]', '4.2], duration: 3600')}, {HOLD}"
    notes = " ".join(ucp.convert(f"steps: [{steps}]", target).notes)

    assert WARNED in notes
    assert f"limited only by {limit}" in notes


@pytest.mark.parametrize(
    "steps",
    [
        f"{CC}, {HOLD}",
        f"{CC}, Advance cycle, {HOLD}, {HOLD.replace('0.1', '0.05')}",
        f"{{Rest: {{ends: [Voltage > 4.2]}}}}, {HOLD}",
        f"{{A: {{repeat: 3, steps: [{CC}, {HOLD}]}}}}",
    ],
)
def test_a_hold_that_begins_at_its_voltage_needs_no_warning(steps: str) -> None:
    assert WARNED not in " ".join(ucp.convert(f"steps: [{steps}]", "maccor").notes)


@pytest.mark.parametrize(
    ("target", "limits", "noted"),
    [
        ("maccor", "charge_current_max: 2, discharge_current_max: 3", True),
        ("maccor", "charge_current_max: 2, discharge_current_max: 2", False),
        ("maccor", "voltage_max: 4.3", False),
        ("arbin", "charge_current_max: 2, discharge_current_max: 3", False),
        ("arbin", "charge_current_max: 2", True),
        ("arbin_sdx", "charge_current_max: 2, discharge_current_max: 3", True),
        ("neware", "charge_current_max: 2, discharge_current_max: 3", False),
    ],
)
def test_a_limit_that_a_reversed_hold_may_pass_is_noted(
    target: str, limits: str, noted: bool
) -> None:
    text = f"{{safety_limits: {{{limits}}}, steps: [{CC}, {HOLD}]}}"
    notes = " ".join(ucp.convert(text, target, verify=True).notes)

    assert ("drives the current the other way" in notes) == noted


@pytest.mark.parametrize("target", ["arbin", "arbin_sdx", "novonix"])
@pytest.mark.parametrize(
    ("first", "between", "hold", "reason"),
    [
        ("{}", "", "0.25", "Current < 0.25 A is not below the 0.2 A"),
        ("{}", "", "0.2", "Current < 0.2 A is not below the 0.2 A"),
        ("{}", "Advance cycle, ", "0.1", "'Advance cycle' stands between it and the constant"),
        ("{duration: 3600}", "", "0.1", "may also end at Time > 3600 s"),
        ("{resolution: 5}", "", "0.1", "its resolution"),
        ("{}", "", "0.1, {Voltage < 3: {goto: End}}", "lacks the end Voltage < 3 V"),
        (
            "{ends: [Voltage > 4.1]}",
            "",
            "0.1",
            "ends at Voltage > 4.1 V; let it end at Voltage > 4",
        ),
    ],
)
def test_a_hold_that_cannot_be_joined_says_why(
    target: str, first: str, between: str, hold: str, reason: str
) -> None:
    more = first.strip("{}")
    charge = CC if "ends" not in more else CC.replace("ends: [Voltage > 4.2]", more)
    if more and "ends" not in more:
        charge = CC.replace("4.2]", f"4.2], {more}")
    text = f"steps: [{charge}, {between}{HOLD.replace('0.1', hold)}]"

    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, target)

    assert reason in str(caught.value)
    place = 2 if between else 1
    assert f"steps[{place}].Charge (Charge, mode Voltage): constant voltage" in str(caught.value)


@pytest.mark.parametrize("target", TARGETS)
def test_a_joined_hold_whose_current_is_low_from_the_start_is_rejected(target: str) -> None:
    """A cycler compares the current after a while and would charge until then."""
    text = """
steps:
  - Charge: {mode: Current, value: 0.2, duration: 7200, ends: [Voltage > 4.2],
             set_variable: [{name: VAR_CC_TIME, eval: Time}]}
  - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.25, Time > 7200 - VAR_CC_TIME]}
"""
    with pytest.raises(ucp.UCPError, match=r"steps\[1\].*is not below the 0.2 A"):
        ucp.convert(text, target)


def test_a_refusal_names_the_step_of_a_joined_pair_in_the_words_of_the_protocol() -> None:
    text = f"steps: [{CC}, {HOLD.replace('0.1]', '0.1], duration: 600')}]"

    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, "arbin_sdx")

    (problem,) = caught.value.problems
    assert problem.path == "steps[1].Charge.duration"
    assert problem.message.startswith(
        "steps[1].Charge (Charge, mode Voltage): its end Time > 600 s"
    )
