"""What step files of Neware mean, as the data recorded with public files show it."""

from __future__ import annotations

import re

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.read.test_samples import described
from tests.unit.ucp.samples import sample

CYCLES = "neware/fastnda_nw4-120-1-6-53_Step.xml"
PAIR = "neware/aurora-cycler-manager_nw4-120-6-1-36_EditStep.xml"


def changed(name: str, *changes: tuple[str, str]) -> bytes:
    content = sample(name).read_bytes()
    for old, new in changes:
        assert old.encode() in content, old
        content = content.replace(old.encode(), new.encode())
    return content


def refused(content: bytes, words: str) -> None:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.parse_file(content)
    assert words in str(caught.value)


def test_cc_cv_steps_of_both_directions() -> None:
    """Recorded: 0.12 mA up to 4.4 V, -0.12 mA down to 1.5 V, each 21 600 s with its hold."""
    read = ucp.parse_file(sample("neware/navani_test_Step.xml"))
    text = ucp.to_yaml(read.protocol)

    assert text.count("Time > 21600 - VAR_CC_TIME") == 2
    kinds = [(leaf.kind, str(leaf.value)) for leaf in read.protocol.steps[1:5]]  # type: ignore[union-attr]
    assert kinds == [
        ("Charge", "0.00012"),
        ("Charge", "4.4"),
        ("Discharge", "0.00012"),
        ("Discharge", "1.5"),
    ]
    # ``Cap`` ends the steps as well: 7 200 000 mA.s.
    assert text.count("Capacity > 2 - VAR_CC_CAPACITY") == 2


def test_a_hold_on_discharge_alone() -> None:
    """Type 19: Neware's list of step types, and the fields that neware_utils writes."""
    read = ucp.parse_file(changed("neware/navani_test_Step.xml", ('Type="20"', 'Type="19"')))

    again = ucp.parse_file(sample("neware/navani_test_Step.xml"))
    assert ucp.to_yaml(read.protocol).replace("Step 3", "") == ucp.to_yaml(again.protocol).replace(
        "Step 3", ""
    )


def test_the_current_range_of_a_step_is_noted() -> None:
    """``Step_Range`` is 120 000 mA, the largest range of that channel."""
    read = ucp.parse_file(sample("neware/fastnda_Unit27_EditStep.xml"))

    assert described(read.protocol)[0].startswith("Rest for 300")
    assert any("current range" in note for note in read.notes)
    content = changed(
        PAIR,
        (
            "</Main>\r\n        </Limit>",
            '</Main><Other><Step_Range Value="10" /></Other></Limit>',
        ),
    )
    refused(content, "step 1 (constant current charge): its Curr is above its current range")


def test_a_file_that_changes_a_running_test_starts_with_its_first_step() -> None:
    """The server's copies of two such files have 1 in the place of 0."""
    read = ucp.parse_file(sample("neware/fastnda_interp-test_EditStep.xml"))

    assert described(read.protocol)[0].startswith("Rest for 1800")
    assert any("Start_Step is 0" in note for note in read.notes)


def test_a_current_is_read_even_if_it_contradicts_its_c_rate() -> None:
    """``Step0.xml`` of the same archive has 0 mA at 0.5 C, and the cell rested for 4 995 s."""
    first = '<Curr Value="1.94" />\r\n            <Rate Value="0.5" />\r\n            <Stop_Volt'
    for current, expected in (
        ("0", "Rest until Voltage > 4.9"),
        ("3", "Charge Current 0.003 until Voltage > 4.9"),
        ("1.94", "Charge C-rate 0.5 until Voltage > 4.9"),
    ):
        read = ucp.parse_file(changed(CYCLES, (first, first.replace("1.94", current))))
        outer = read.protocol.steps[0]
        assert isinstance(outer, ucp.Block)
        inner = outer.items[0]
        assert isinstance(inner, ucp.Block)
        assert described(ucp.Protocol(inner.items))[0].startswith(expected)
        notes = " ".join(read.notes)
        assert ("differs from its Rate" in notes) == (current == "3")
        assert ("step 1 applies no current: its Curr is 0" in notes) == (current == "0")


def test_a_current_that_was_rounded_by_half_is_not_read_as_its_c_rate() -> None:
    """0.01 mA in the place of 0.0051 mA: the instrument applies what the file has."""
    text = "steps: [{Charge: {mode: C-rate, value: 0.1, ends: [Voltage > 4]}}]"
    content = ucp.convert(text, "neware", nominal_capacity_ah=51e-6).primary_bytes
    assert b'<Curr Value="0.0051" />' in content

    read = ucp.parse_file(content.replace(b'"0.0051"', b'"0.01"'))

    assert described(read.protocol) == ["Charge Current 1e-05 until Voltage > 4"]


def test_a_hold_keeps_its_current_limit_unless_it_begins_at_its_voltage() -> None:
    """Without the limit, another cycler would apply what its channel can supply."""

    def steps(content: bytes) -> str:
        found = described(ucp.parse_file(content).protocol)
        return re.sub(" (until|for) [^,)]*", "", ", ".join(found))

    time = ('<Time Value="10800000" />\r\n            <Stop_Volt', "<Stop_Volt")
    inside = ('<Start_Step Value="1" />', '<Start_Step Value="2" />')
    pair, limited = "Charge C-rate 0.5", "Charge Current 0.0225, Charge Voltage 4.2"
    out = "Discharge C-rate 0.5"
    assert steps(changed(PAIR, time)) == f"5 x ({pair}, Charge Voltage 4.2, {out})"
    # The charge may also end by time.
    assert steps(changed(PAIR)) == f"5 x ({pair}, {limited}, {out})"
    # Later passes begin with the hold, after a discharge.
    assert steps(changed(PAIR, time, inside)) == f"{pair}, 5 x ({limited}, {out})"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<Operate", '<Ramp Value="1" /><Operate', "the meaning of Ramp in Head_Info"),
        ("<Whole_Prt>", "<Whole_Prt><Alarm />", "the meaning of Alarm in Whole_Prt"),
        ("<SMBUS>", "<Extra /><SMBUS>", "the meaning of Extra in config"),
        ('<MultCap Value="', '<MultCap Value="-', "the nominal capacity is below 0"),
        ('<Operate Value="66"', '<Operate Value="67"', "Operate: public step files have 65 and 66"),
        ('SMBUS_Info Num="0"', 'SMBUS_Info Num="1"', "that a battery reports over a bus"),
        ('"2" Step_Type="3">', '"2" Step_Type="3"><AdvancedPrt />', "AdvancedPrt in Step2"),
        ("<Rate Value=", '<Rate Is_Select="0" Value=', "the meaning of Is_Select of Rate"),
        ("<Cycle_Count", '<Jump Value="1" /><Cycle_Count', "the meaning of Jump in Other"),
        ('<Curr Value="22.5" />', '<Curr Value="22.5" /><Curr Value="1" />', "of one name"),
        ('"5" Step_Type="6">', '"5" Step_Type="6"><Limit><Main /></Limit>', "cannot have Main"),
        ('<Lower Value="-30" />', '<Lower Value="30" />', "Main/Curr/Lower has the wrong sign"),
        ('<Time Value="10800000" />', '<Time Value="0" />', "its Time is not above 0"),
        ('<Stop_Curr Value="2.25" />', '<Stop_Curr Value="30" />', "Stop_Curr is not below its"),
        ('"2" Step_Type="3"', '"2" Step_Type="16"', "step 2 (pulse): no public step file shows"),
    ],
)
def test_what_is_not_understood_is_rejected(old: str, new: str, words: str) -> None:
    refused(changed(PAIR, (old, new)), words)


@pytest.mark.parametrize("kind", ["7", "3"])
def test_a_hold_without_a_current_limit_is_rejected(kind: str) -> None:
    """Read as a constant voltage, another cycler would apply what its channel can supply."""
    content = changed(
        "neware/navani_test_Step.xml", ('<Curr Value="0.12" />', ""), ('Type="7"', f'Type="{kind}"')
    )

    refused(content, "step 2 (constant ")
    refused(content, "voltage charge): its Curr is missing")


def test_a_file_without_steps_says_so() -> None:
    """As ``scrubbed_ndc2.ndax`` of the project fastnda."""
    refused(
        b'<root><config type="Step File" version="17"></config></root>',
        "it has no element Step_Info: no steps were saved in it",
    )


@pytest.mark.parametrize("kind", ["8", "12", "16", "17", "21", "25"])
def test_the_rest_of_a_file_with_an_unknown_step_is_offered(kind: str) -> None:
    content = changed(PAIR, ('"3" Step_Type="2"', f'"3" Step_Type="{kind}"'))

    read = ucp.parse_file(content, partial=True)

    (unread,) = read.unread
    assert unread.startswith("step 3 (")
    assert "no public step file shows the fields of this type" in unread
    (block,) = read.protocol.steps
    assert isinstance(block, ucp.Block)
    assert str(block.repeat) == "5"
    assert described(ucp.Protocol(block.items))[-1] == "Pause"


def test_settings_that_a_protocol_cannot_hold_are_noted() -> None:
    notes = " ".join(ucp.parse_file(sample(PAIR)).notes)
    newer = " ".join(ucp.parse_file(changed(PAIR, ('version="17"', 'version="19"'))).notes)

    assert "the delay of the protections, 5 s" in notes
    # 4.5 V on each step, 4.3 V for the whole test.
    assert "looser than those of the whole test are left out" in notes
    assert "versions 17 and 18 only" not in notes
    assert "versions 17 and 18 only" in newer
