"""Maccor procedures of laboratories: limits of the channel, impedance sweeps, functions."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree as ET

import pytest

from ionworks import ucp
from tests.unit.ucp.samples import sample

SWEEP = "BG_EIS_5mV_BaselineCycle.FRA"
# The text of the file of this name in the project battetl (MIT licence).
SETTINGS = """[General]
Comment=
FRAType=3
[Setup]
Mode=0
DataQuality=1
MeasDelay=0
Range=200 mA
BandWidth=AUTO
Potential=0
PotentialVs=-1
[Limits]
Current=4
[Sweep]
Amplitude=5
InitFreq=100000
EndFreq=.001
StepPerDec=10
"""
IMPEDANCE = sample("maccor/battetl_BG_EIS.000")
REST = ucp.convert("steps: [{Rest: {duration: 60}}]", "maccor").primary_bytes


def swept(settings: str = SETTINGS) -> ucp.VendorFile:
    return ucp.parse_file(IMPEDANCE, assets={SWEEP: settings.encode()})


def leaves(read: ucp.VendorFile, kind: str) -> list[ucp.Leaf]:
    steps = read.protocol.steps
    return [step for step in steps if isinstance(step, ucp.Leaf) and step.kind == kind]


def lead_to(procedure: bytes, value: str) -> list[str]:
    """Return the notes of the steps that a voltage leads to, equal neighbours once."""
    steps = list(ET.fromstring(procedure).iterfind("ProcSteps/TestStep"))  # noqa: S314  our file
    targets = (
        steps[int(entry.findtext("Step") or 0) - 1]
        for step in steps
        for entry in step.iterfind("Ends/EndEntry")
        if (entry.findtext("EndType"), entry.findtext("Value")) == ("Voltage ", value)
    )
    notes = ((target.findtext("StepNote") or "").strip() for target in targets)
    return [note for note, _ in groupby(notes)]


def test_a_step_follows_its_own_end_where_the_limit_of_the_channel_leads_elsewhere() -> None:
    """The limits lead to the last diagnostic, those of its steps to the storage after it."""
    original = sample("maccor/beep_diagnosticV5.000").read_bytes()
    read = ucp.parse_file(original)
    written = ucp.convert(read.protocol, "maccor", verify=True).primary_bytes

    expected = ["These are the 2 reset cycles", "Discharge and charge for storage", ""]
    assert lead_to(original, "4.4") == lead_to(written, "4.4") == expected
    assert lead_to(original, "2.0") == lead_to(written, "2.0") == expected
    # A safety limit of UCP would win over the ends of the steps.
    assert read.protocol.safety.limits == ()
    assert any("Voltage > 4.4 V is read as an end" in note for note in read.notes)
    assert any("step 071 leads elsewhere there" in note for note in read.notes)


def test_a_rescue_without_copies_of_the_limits_is_not_stopped_by_them() -> None:
    """As in ``diagnosticV1.000`` of the project beep, where the limits lead to a discharge."""
    text = """
safety_limits: {voltage_max: 4.3, voltage_min: 2}
steps:
  - Charge: {mode: Current, value: 1, duration: 7200}
  - Discharge: {mode: Current, value: 1, ends: [Voltage < 3]}
"""
    content = ucp.convert(text, "maccor").primary_bytes
    to_rescue = (rb"<Step>\d{3}(</Step>\s*<Value>4\.3</Value>)", rb"<Step>003\1")
    content, redirected = re.subn(*to_rescue, content)
    assert redirected == 3
    head, rescue = content.split(b"Dischrge")
    entry = (
        rb"        <EndEntry>(?:(?!</EndEntry>).)*<Value>4\.3</Value>\r\n        </EndEntry>\r\n"
    )
    without, removed = re.subn(entry, b"", rescue, flags=re.DOTALL)
    assert removed == 1

    read = ucp.parse_file(head + b"Dischrge" + without)

    assert [limit.key for limit in read.protocol.safety.limits] == ["voltage_min"]
    ends = [
        [(str(end), end.goto) for end in step.ends]
        for step in read.protocol.steps
        if isinstance(step, ucp.Leaf)
    ]
    assert ends == [
        [("Voltage > 4.3", "Step 3")],
        [("Voltage > 4.3", None)],
        [("Voltage < 3", None)],
    ]


def test_a_limit_that_every_step_contradicts_is_rejected() -> None:
    limits = "safety_limits: {voltage_max: 4.3, charge_current_max: 2, discharge_current_max: 2}"
    charge = "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}}]"
    content = ucp.convert(f"{limits}\n{charge}", "maccor").primary_bytes
    at = content.index(b"<Value>2.0</Value>") - 60
    changed = content[:at] + content[at:].replace(b"<Step>003<", b"<Step>001<", 1)
    assert changed != content

    with pytest.raises(ucp.UCPError, match="all steps lead elsewhere at its limit Current > 2 A"):
        ucp.parse_file(changed)


def test_an_unreadable_limit_of_the_channel_cannot_be_left_out() -> None:
    limited = "safety_limits: {voltage_max: 4.3}\nsteps: [{Rest: {duration: 60}}]"
    content = ucp.convert(limited, "maccor").primary_bytes
    changed = content.replace(b"<EndType>Voltage ", b"<EndType>Power   ")

    with pytest.raises(ucp.UCPError, match=r"step 001 \(Rest\): UCP has no end Power >= 4.3"):
        ucp.parse_file(changed, partial=True)


def test_the_limits_of_a_channel_that_ucp_lacks_are_ends_of_its_steps() -> None:
    content = IMPEDANCE.read_bytes()
    copies = re.compile(
        rb" *<EndEntry>\s*<EndType>(Current |Amp Hour)</EndType>\s*<SpecialType> </SpecialType>\s*"
        rb"<Oper>&gt;= </Oper>\s*<Step>002</Step>\s*<Value>1\.\d*C</Value>\s*</EndEntry>\n"
    )
    bare, removed = copies.subn(b"", content)
    assert removed == 8

    for text in (content, bare):
        read = ucp.parse_file(text, assets={SWEEP: SETTINGS.encode()})
        assert {
            limit.key: (str(limit.value), limit.goto) for limit in read.protocol.safety.limits
        } == {"voltage_max": ("4.45", "Step 2"), "voltage_min": ("2.9", "Step 2")}
        last = leaves(read, "Discharge")[-1]
        assert [(str(end), end.goto) for end in last.ends] == [
            ("Voltage < 3", None),
            ("C-rate > 1.05", "Step 2"),
            ("Capacity > 1.1 * Q_NOM", "Step 2"),
        ]
        resting = {end.quantity for leaf in leaves(read, "Rest") for end in leaf.ends}
        assert resting == {"Time"}


def test_a_discharge_to_half_is_read_as_half_the_nominal_capacity() -> None:
    first, last = leaves(swept(), "Discharge")

    assert [str(end) for end in first.ends] == [
        "Capacity > 0.5 * Q_NOM",
        "Voltage < 3",
        "C-rate > 1.05",
    ]
    assert [str(end) for end in last.ends][:1] == ["Voltage < 3"]


def test_an_impedance_sweep_is_read_from_its_settings() -> None:
    read = swept()

    sweeps = [leaf.sweep for leaf in leaves(read, "EIS")]
    assert len(sweeps) == 3
    assert {leaf.mode for leaf in leaves(read, "EIS")} == {"Voltage"}
    for sweep in sweeps:
        assert sweep is not None
        values = (
            sweep.amplitude,
            sweep.min_frequency,
            sweep.max_frequency,
            sweep.points_per_decade,
        )
        assert list(map(str, values)) == ["0.005", "0.001", "100000", "10"]
    assert any("Setup.Range=200 mA" in note and "Limits.Current=4" in note for note in read.notes)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Mode=0", "Mode=1", "only Setup.Mode=0 is understood"),
        ("FRAType=3", "FRAType=2", "only General.FRAType=3 is understood"),
        ("Potential=0", "Potential=3.6", "only Setup.Potential=0 is understood"),
        ("PotentialVs=-1", "", "only Setup.PotentialVs=-1 is understood"),
        ("Amplitude=5", "Amplitude=", "Sweep.Amplitude of BG_EIS"),
        ("Amplitude=5", "Amplitude=-5", "must be above 0"),
        ("StepPerDec=10", "StepPerDec=10\nBias=2", "unknown settings: Sweep.Bias"),
        ("[General]", "General", "is not a table of settings in ASCII"),
        ("Comment=", "Comment=\u00b5", "is not a table of settings in ASCII"),
    ],
)
def test_other_settings_of_a_sweep_are_rejected(old: str, new: str, words: str) -> None:
    with pytest.raises(ucp.UCPError) as caught:
        swept(SETTINGS.replace(old, new, 1))

    assert words in str(caught.value)


def with_function(report: str) -> bytes:
    """Return a procedure with a function of a variable, an option and a variable that is set.

    The words are those of ``BG_Maccor_ResetCap.000`` of the project battetl.
    """
    text = """
steps:
  - Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}
  - Rest: {duration: 60}
  - Discharge: {mode: Current, value: 1, ends: [Voltage < 3]}
"""
    content = ucp.convert(text, "maccor").primary_bytes
    reports, option = b"</Reports>", b"<Option2>N<"
    assert content.count(reports) == content.count(option) == 3
    charge, rest, discharge = content.split(b"    <TestStep>\r\n")[1:4]
    entry = (
        f"<ReportEntry><ReportType> SetVar </ReportType><Value>{report}</Value></ReportEntry>"
    ).encode()
    function = charge.replace(b" Charge ", b"Chg Func").replace(b">1.0<", b">0|VAR1<")
    for old, new in (
        (charge, function),
        (rest, rest.replace(option, b"<Option2>Y<")),
        (discharge, discharge.replace(reports, entry + reports)),
    ):
        content = content.replace(old, new)
    return content


def test_functions_and_unknown_options_leave_the_rest_of_a_procedure() -> None:
    read = ucp.parse_file(with_function("atEnd: VAR2=100"), partial=True)

    assert [text.partition(":")[0] for text in read.unread] == [
        "step 001 (Chg Func)",
        "step 002 (Rest)",
    ]
    assert [leaf.kind for leaf in leaves(read, "Discharge")] == ["Discharge"]
    assert "a variable that no step of the file uses was left out: atEnd: VAR2=100" in read.notes


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ("atEnd: VAR1=2", "it sets VAR1, on which the set point of another step depends"),
        ("atEnd: VAR2=VAR1+1", "the report SetVar atEnd: VAR2=VAR1+1 is unknown"),
    ],
)
def test_a_variable_with_an_effect_is_not_left_out(report: str, words: str) -> None:
    with pytest.raises(ucp.UCPError, match=re.escape(words)):
        ucp.parse_file(with_function(report))


def test_a_fixed_current_range_is_noted() -> None:
    assert ucp.parse_file(REST).notes == ()
    fixed = ucp.parse_file(REST.replace(b"<Range>A<", b"<Range>4<"))
    assert fixed.notes == ("the fixed current ranges of the steps were left out",)
