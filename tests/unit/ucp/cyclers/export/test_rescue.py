"""A safety limit that jumps does not stop the steps it jumps to; judged by running the files."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.export.arbin_machine import Cell, run, sections_of
from tests.unit.ucp.cyclers.export.protocols import CASES

ARBIN = ["arbin", "arbin_sdx"]
EMPTY = """
safety_limits: {voltage_min: {value: 2.2, goto: Recover}}
steps:
  - Discharge: {mode: Current, value: 2, duration: 7200, ends: [Voltage < 2.5]}
  - End
  - Recover:
      - Rest: {duration: 60}
      - Charge: {mode: Current, value: 0.1, duration: 600}
"""


@pytest.mark.parametrize("target", ARBIN)
@pytest.mark.parametrize("text", [EMPTY, CASES["recovery"].text])
def test_a_rescue_reaches_its_charge_while_the_voltage_is_still_too_low(
    target: str, text: str
) -> None:
    made = ucp.convert(text, target, verify=True)

    ran = run(made.primary_bytes, Cell(2.1))

    # The rest keeps the cell at 2.1 V, below the limit, and still leads to the charge.
    assert [kind for kind, _ in ran] == ["Rest", "Current(A)"]
    assert ran[0][1] == 60
    assert any("voltage_min is not watched in the steps it jumps to" in n for n in made.notes)
    assert not any("has no safety_limits" in note for note in made.notes)


@pytest.mark.parametrize("text", [EMPTY, CASES["recovery"].text])
def test_a_maccor_procedure_does_not_watch_the_limit_in_the_steps_it_jumps_to(text: str) -> None:
    content = ucp.convert(text, "maccor", verify=True).primary_bytes
    steps = list(ET.fromstring(content).iter("TestStep"))  # noqa: S314  our own file
    kinds = [step.findtext("StepType", "").strip() for step in steps]
    watching = {
        number: end.findtext("Step")
        for number, step in enumerate(steps, 1)
        for end in step.iter("EndEntry")
        if (end.findtext("EndType"), end.findtext("Value")) == ("Voltage ", "2.2")
    }

    loaded = kinds.index("Dischrge") + 1
    assert watching == {loaded: f"{loaded + 1:03d}"}
    assert kinds[loaded:] == ["Rest", "Charge", "End"]


@pytest.mark.parametrize("target", ARBIN)
def test_the_limit_is_still_watched_everywhere_else(target: str) -> None:
    made = ucp.convert(EMPTY, target)

    # 2 A at 0.5 Ohm pass both thresholds at once; the limit comes first.
    assert [kind for kind, _ in run(made.primary_bytes, Cell(3.1, ohms=0.5))] == [
        "Rest",
        "Current(A)",
    ]
    assert [kind for kind, _ in run(made.primary_bytes, Cell(2.6, ohms=0.01))] == ["Current(A)"]


@pytest.mark.parametrize("target", ARBIN)
def test_a_step_that_also_runs_without_the_jump_is_copied_for_it(target: str) -> None:
    text = """
safety_limits: {voltage_max: {value: 4.3, goto: Final rest}}
steps:
  - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}
  - Final rest: [{Rest: {duration: 60}}]
"""
    made = ucp.convert(text, target, verify=True)

    assert run(made.primary_bytes, Cell(4.4)) == [("Rest", 60)]
    assert run(made.primary_bytes, Cell(4.09)) == [("Current(A)", 18), ("Rest", 60)]
    steps = sections_of(made.primary_bytes)
    watched = [
        steps[f"Schedule_Step{number}_Limit0"]["Equation0_szRight"] == "4.3" for number in range(3)
    ]
    assert watched == [True, True, False]


DISCHARGE = "Discharge: {mode: Current, value: 1, ends: [Voltage < 3]}"
CHARGE = "Charge: {mode: Current, value: 1, duration: 60}"
AGAIN = "begin again and again while the cell is outside the limit; jump to a rest or a discharge"
SHARED = "may begin while the cell is still outside the limit, but it also runs without the jump"


@pytest.mark.parametrize("target", ARBIN)
@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (f"[{{{DISCHARGE}}}, End, {{Out: [{{{CHARGE}}}]}}]", AGAIN),
        (f"[{{Out: [{{Rest: {{duration: 60}}}}, {{{DISCHARGE}}}]}}, {{{CHARGE}}}]", SHARED),
        ("[{Out: {repeat: 2, steps: [{Rest: {duration: 60}}]}}]", SHARED),
    ],
)
def test_a_rescue_that_cannot_be_reached_is_rejected(target: str, steps: str, words: str) -> None:
    text = f"safety_limits: {{voltage_max: {{value: 4.3, goto: Out}}}}\nsteps: {steps}"

    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, target)

    assert words in str(caught.value)


def test_a_later_step_that_leads_out_again_keeps_the_limit() -> None:
    text = """
safety_limits: {voltage_max: {value: 4.3, goto: Out}}
steps:
  - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}
  - End
  - Out:
      - Discharge: {mode: Current, value: 1, duration: 60}
      - Charge: {mode: Current, value: 1, duration: 1}
"""
    made = ucp.convert(text, "arbin", verify=True)

    # After the first discharge the cell is still above the limit, so it is discharged once more.
    assert [seconds for _, seconds in run(made.primary_bytes, Cell(4.32, ohms=0.001))] == [
        60,
        60,
        1,
    ]
    assert any("the cycler jumps again" in note for note in made.notes)


@pytest.mark.parametrize("target", ARBIN)
def test_the_limit_of_a_current_stays_on_the_steps_of_its_rescue(target: str) -> None:
    """A rest and a smaller constant current are within it as soon as they begin."""
    text = """
safety_limits: {charge_current_max: {value: 3, goto: Out}}
steps:
  - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}
  - End
  - Out: [{Rest: {duration: 60}}, {Charge: {mode: Current, value: 1, duration: 60}}]
"""
    steps = sections_of(ucp.convert(text, target, verify=True).primary_bytes)

    limits = [
        keys["Equation0_szLeft"] for keys in steps.values() if keys.get("m_szGotoStep") == "2 Out"
    ]
    assert limits == ["PV_CHAN_Current", "PV_CHAN_Current"]


@pytest.mark.parametrize("target", ARBIN)
def test_two_limits_may_share_a_rescue(target: str) -> None:
    text = """
safety_limits: {voltage_min: 2.2, voltage_max: 4.3, goto: Out}
steps:
  - Discharge: {mode: Current, value: 2, ends: [Voltage < 2.5]}
  - End
  - Out: [{Rest: {duration: 60}}, {Charge: {mode: Current, value: 0.1, duration: 600}}]
"""
    content = ucp.convert(text, target, verify=True).primary_bytes

    assert run(content, Cell(2.1)) == [("Rest", 60), ("Current(A)", 600)]
    # From above, the rest ends while the cell is still too high, so it rests again.
    cell = Cell(4.5, volts_per_ah=1.0)
    with pytest.raises(AssertionError, match="does not end"):
        run(content, cell)
    assert cell.volts == 4.5
    assert "Schedule_Step3" not in sections_of(content)
