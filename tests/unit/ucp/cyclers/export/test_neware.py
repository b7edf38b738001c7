"""Step files of Neware, judged from their XML."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ionworks import ucp
from tests.unit.ucp.samples import sample


def root(text: str, **given: Any) -> ET.Element:
    content = ucp.convert(text, "neware", verify=True, **given).primary_bytes
    return ET.fromstring(content.decode().partition("\n")[2])  # noqa: S314  our own file


def steps(text: str, **given: Any) -> list[tuple[str | None, dict[str, float]]]:
    """Return the type and the limits of every step but the last, which ends the test."""
    return [limits(step) for step in root(text, **given).iterfind("config/Step_Info/*")][:-1]


def limits(step: ET.Element) -> tuple[str | None, dict[str, float]]:
    fields = step.iterfind("Limit/Main/*")
    return step.get("Step_Type"), {field.tag: float(field.get("Value", "")) for field in fields}


DISCHARGE = "{Discharge: {mode: Current, value: 2, ends: [Voltage < 2.5]}}"
HELD = "{Discharge: {mode: Voltage, value: 2.5, ends: [Current < 0.1]}}"


def test_a_hold_on_discharge_has_the_type_of_a_public_file() -> None:
    """``test.ndax`` of the project navani: type 20, positive currents, recorded as discharge."""
    public = sample("neware/navani_test_Step.xml").read_bytes().decode().partition("\n")[2]
    known = ET.fromstring(public).find("config/Step_Info/Step3")  # noqa: S314  a sample
    assert known is not None

    current, hold = steps(f"steps: [{DISCHARGE}, {HELD}]")

    assert current == ("2", {"Curr": 2000, "Stop_Volt": 25000})
    assert hold == ("20", {"Curr": 2000, "Volt": 25000, "Stop_Curr": 100})
    kind, shown = limits(known)
    assert kind == "20"
    assert [name for name in shown if name in hold[1]] == [*hold[1]]


def test_a_hold_on_discharge_may_end_by_its_own_time_and_capacity() -> None:
    held = HELD.replace("0.1]", "0.1, Capacity > 0.5], duration: 600")

    _, (kind, fields) = steps(f"steps: [{DISCHARGE}, {held}]")

    assert kind == "20"
    assert [*fields.items()] == [
        ("Curr", 2000),
        ("Volt", 25000),
        ("Time", 600_000),
        ("Cap", 1_800_000),
        ("Stop_Curr", 100),
    ]


@pytest.mark.parametrize(
    ("kind", "side", "step_type"), [("Charge", ">", "7"), ("Discharge", "<", "20")]
)
def test_totals_over_current_and_voltage_are_one_step(kind: str, side: str, step_type: str) -> None:
    text = f"""
steps:
  - {kind}: {{mode: Current, value: 2, duration: 7200, ends: [Voltage {side} 3],
             set_variable: [{{name: VAR_CC_TIME, eval: Time}}]}}
  - {kind}: {{mode: Voltage, value: 3, ends: [Current < 0.1, Time > 7200 - VAR_CC_TIME]}}
"""
    expected = {"Curr": 2000, "Volt": 30000, "Time": 7_200_000, "Stop_Curr": 100}
    assert steps(text) == [(step_type, expected)]


def test_a_hold_that_may_begin_below_its_voltage_is_limited_to_the_current_before_it() -> None:
    """A type 3 is only known to begin at its voltage; a type 7 reaches it with its current."""
    charge = "{Charge: {mode: Current, value: 1, duration: 3600, ends: [Voltage > 4.2]}}"
    held = "{Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.05]}}"
    text = f"steps: [{charge}, {held}]"

    assert steps(text)[1] == ("7", {"Curr": 1000, "Volt": 42000, "Stop_Curr": 50})
    assert steps(text.replace(", duration: 3600", ""))[1][0] == "3"
    (note,) = (note for note in ucp.convert(text, "neware").notes if "begin away" in note)
    assert "limited only by the constant current before it, 1 A" in note
    on_discharge = f"steps: [{DISCHARGE.replace('2.5]', '2.5], duration: 60')}, {HELD}]"
    assert steps(on_discharge)[1][0] == "20"


@pytest.mark.parametrize("cut_off", ["2", "2.5"])
def test_a_cut_off_at_the_current_before_the_hold_is_rejected(cut_off: str) -> None:
    with pytest.raises(ucp.UCPError, match=f"Current < {cut_off} A is not below the 2 A"):
        ucp.convert(f"steps: [{DISCHARGE}, {HELD.replace('0.1', cut_off)}]", "neware")


def test_a_cut_off_and_a_current_are_compared_in_amperes() -> None:
    text = f"steps: [{DISCHARGE}, {HELD.replace('Current < 0.1', 'C-rate < 0.5')}]"

    assert steps(text, nominal_capacity_ah=3)[1][1]["Stop_Curr"] == 1500
    with pytest.raises(ucp.UCPError, match=r"Current < 0\.5 C is not below the 2 A"):
        ucp.convert(text, "neware", nominal_capacity_ah=5)


def test_a_protection_given_as_c_rate_is_in_milliamperes() -> None:
    """2 C of 0.1 A.h are 200 mA, not 2 A."""
    text = """
safety_limits: {charge_current_max: 0.5}
steps:
  - Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.2, {C-rate > 2: {goto: End}}]}
  - Rest: {duration: 60}
"""
    uppers = [node.get("Value") for node in root(text, nominal_capacity_ah=0.1).iter("Upper")]

    # Of the whole test, and of the charge: the tighter one of its own and that of the whole test.
    assert uppers == ["500", "200"]


def test_a_file_with_some_c_rates_is_set_by_current() -> None:
    """In public files that are set by C-rate, 105, every constant current has one."""
    text = """
steps:
  - Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.2]}
  - Charge: {mode: Voltage, value: 4.2, ends: [CUT_OFF]}
"""
    found = {}
    for cut_off in ("C-rate < 0.05", "Current < 0.1"):
        head = root(text.replace("CUT_OFF", cut_off), nominal_capacity_ah=4).find(".//RateType")
        assert head is not None
        found[cut_off] = head.get("Value")

    assert found == {"C-rate < 0.05": "105", "Current < 0.1": "103"}


def test_a_note_says_which_current_the_instrument_applies() -> None:
    """In ``nw4-120-1-6-53.ndax`` 0 mA were applied while the file had 0.5 C and 0 mA."""
    text = "steps: [{Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.2]}}]"
    (note,) = (
        note
        for note in ucp.convert(text, "neware", nominal_capacity_ah=4).notes
        if "C-rate" in note
    )

    assert "for 4 A.h" in note
    assert "check that it changed every current" in note


def test_only_ends_on_capacity_that_no_public_file_shows_have_a_note() -> None:
    def noted(*steps: str) -> bool:
        text = f"steps: [{', '.join(steps)}]"
        return "on capacity" in " ".join(ucp.convert(text, "neware").notes)

    charge = DISCHARGE.replace("Discharge", "Charge").replace("<", ">")
    assert not noted(DISCHARGE.replace("2.5]", "2.5, Capacity > 1]"))
    assert not noted(DISCHARGE, HELD.replace("0.1]", "0.1, Capacity > 1]"))
    assert noted(charge.replace("2.5]", "2.5, Capacity > 1]"))
    assert noted(charge, HELD.replace("Discharge", "Charge").replace("0.1]", "0.1, Capacity > 1]"))


def test_a_hold_that_no_current_leads_to_says_what_is_missing() -> None:
    text = f"steps: [{DISCHARGE}, Pause, {HELD}]"

    with pytest.raises(ucp.UCPError, match="'Pause' stands between it and the constant current"):
        ucp.convert(text, "neware")


def test_the_advice_for_an_end_against_the_direction_can_be_followed() -> None:
    text = "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2, END]}}]"
    last = text.replace("END", "{Voltage < 2: {goto: End}}")

    with pytest.raises(ucp.UCPError, match="add a Rest after the step and 'goto: End'"):
        ucp.convert(last, "neware")
    lowers = root(last.replace("}}]}}]", "}}]}}, {Rest: {duration: 1}}]")).iter("Lower")
    assert [lower.get("Value") for lower in lowers] == ["20000"]


def test_notes_name_what_the_file_leaves_to_the_client() -> None:
    def notes(text: str) -> str:
        return " ".join(ucp.convert(text, "neware").notes)

    rest = "steps: [{Rest: {duration: 100 h}}]"
    assert "delay of its protections" not in notes(rest)
    assert "delay of its protections" in notes("safety_limits: {voltage_max: 4.3}\n" + rest)
    assert "longer than any in public files" not in notes(rest)
    assert "A step of 720 h is longer" in notes(rest.replace("100", "720"))


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (
            "Charge: {mode: Current, value: 1, ends: [Voltage > 4, Temperature > 45]}",
            "Temperature > 45 degC is not supported by this format: on this step it can only end",
        ),
        (
            "Rest: {duration: 5, ends: [Temperature < 20]}",
            "no public step file shows a lower temperature limit",
        ),
        (
            "Rest: {duration: 5, ends: [Voltage > 4]}",
            "a rest can only end on its duration",
        ),
        (
            "Discharge: {mode: Power, value: 5, duration: 10}",
            "the software has it, but no public step file shows its fields",
        ),
    ],
)
def test_a_refusal_says_why(step: str, reason: str) -> None:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(f"steps: [{{{step}}}, {{Rest: {{duration: 5}}}}]", "neware")

    (problem,) = caught.value.problems
    assert reason in problem.message


def test_an_end_of_a_hold_that_can_only_end_the_test_has_one_reason() -> None:
    held = HELD.replace("0.1]", "0.1, Voltage > 3]")

    with pytest.raises(ucp.UCPError, match="it can only end the test") as caught:
        ucp.convert(f"steps: [{DISCHARGE}, {held}, {{Rest: {{duration: 5}}}}]", "neware")

    assert len(caught.value.problems) == 1


def test_a_note_says_how_well_a_hold_on_discharge_is_known() -> None:
    alone, held = (
        " ".join(ucp.convert(f"steps: [{steps}]", "neware").notes)
        for steps in (DISCHARGE, f"{DISCHARGE}, {HELD}")
    )

    assert "known from a single public archive" not in alone
    assert "known from a single public archive" in held


def test_capacity_beyond_the_decimals_of_its_field_is_named_as_the_argument() -> None:
    text = "steps: [{Charge: {mode: C-rate, value: 1000, ends: [Voltage > 4.2]}}]"
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, "neware", nominal_capacity_ah=1e-9)
    assert "nominal_capacity_ah: the value 0.0036" in str(caught.value)
    assert "safety_limits" not in str(caught.value)
