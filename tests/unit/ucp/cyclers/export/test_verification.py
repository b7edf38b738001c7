"""Verification rejects files that do not do what the protocol does."""

from __future__ import annotations

import re

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.plan import flatten
from ionworks.ucp.cyclers.read import verify

CHARGE = """
steps:
  - Loop:
      repeat: 3
      steps:
        - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, Capacity > 1]}
        - Rest: {duration: 60}
"""


TAMPERED = [
    ("maccor", b"<Value>3</Value>", b"<Value>2</Value>"),
    ("maccor", b"<StepValue>2.0</StepValue>", b"<StepValue>2.1</StepValue>"),
    ("maccor", b"<StepType> Charge </StepType>", b"<StepType>Dischrge</StepType>"),
    ("neware", b'Cycle_Count Value="3"', b'Cycle_Count Value="2"'),
    ("neware", b'Stop_Volt Value="42000"', b'Stop_Volt Value="41000"'),
    ("arbin", b"Equation0_szRight=3", b"Equation0_szRight=4"),
    ("arbin", b"Equation0_szRight=4.2", b"Equation0_szRight=4.1"),
    ("arbin", b"PV_CHAN_Charge_Capacity", b"PV_CHAN_Discharge_Capacity"),
    ("arbin_sdx", b"m_szCtrlValue=2\r", b"m_szCtrlValue=-2\r"),
]


@pytest.mark.parametrize(("target", "old", "new"), TAMPERED)
def test_verify_detects_a_changed_file(target: str, old: bytes, new: bytes) -> None:
    made = ucp.convert(CHARGE, target, nominal_capacity_ah=5.0, verify=True)
    assert old in made.primary_bytes
    tree = ucp.parse(CHARGE).protocol
    assert tree is not None
    plan = flatten(tree, 5.0).plan
    verify(plan, target, made.primary_bytes, {}, nominal_capacity=5.0)

    with pytest.raises(ucp.UCPError):
        verify(plan, target, made.primary_bytes.replace(old, new), {}, nominal_capacity=5.0)


RECORDING = [
    ("maccor", rb"<ReportEntry>.*?</ReportEntry>"),
    ("neware", rb"<Record>.*?</Record>"),
    ("biologic", rb"(?<=rec_nb {14})1"),
    ("novonix", rb"\[0 Save data [^\]]*\]\r?\n"),
]


@pytest.mark.parametrize(("target", "rules"), RECORDING)
def test_verify_detects_a_file_that_saves_no_points(target: str, rules: bytes) -> None:
    """A protocol without a resolution has that of UCP, 60 s, so a file needs a rule."""
    text = "steps: [{Discharge: {mode: Current, value: 2, ends: [Voltage < 3]}}]"
    made = ucp.convert(text, target, nominal_capacity_ah=5.0, verify=True)
    tree = ucp.parse(text).protocol
    assert tree is not None
    silent, count = re.subn(
        rules, b"0" if target == "biologic" else b"", made.primary_bytes, flags=re.DOTALL
    )
    assert count >= 1

    with pytest.raises(ucp.UCPError, match="its resolution \\(60 s\\) became \\(none\\)"):
        verify(flatten(tree).plan, target, silent, {}, nominal_capacity=5.0)


def test_verify_rejects_a_file_with_a_setting_that_a_protocol_cannot_hold() -> None:
    """A fixed current range may be too small; reading such a file only notes it."""
    made = ucp.convert(CHARGE, "maccor", verify=True)
    tree = ucp.parse(CHARGE).protocol
    assert tree is not None
    fixed = made.primary_bytes.replace(b"<Range>A</Range>", b"<Range>4</Range>")

    with pytest.raises(ucp.UCPError, match="in the file: the fixed current ranges"):
        verify(flatten(tree).plan, "maccor", fixed, {})


def test_a_limit_of_one_direction_on_every_step_is_not_a_difference() -> None:
    """The limit of one direction is repeated on both steps, and has no effect on the second."""
    text = """
safety_limits: {voltage_min: 2, voltage_max: 4.4, charge_current_max: 8.6}
steps:
  - Charge: {mode: Current, value: 4, ends: [Voltage > 3.96]}
  - Charge: {mode: Voltage, value: 3.96, ends: [Current < 0.15, {Current > 5: {goto: End}}]}
  - Rest: {duration: 60}
"""
    assert ucp.convert(text, "maccor", verify=True)


def test_verify_detects_a_missing_limit_that_an_end_is_always_met_before() -> None:
    """The limit protects the cell where the instrument fails, whatever the protocol does."""
    text = """
safety_limits: {voltage_max: 4.3}
steps: [{Rest: {duration: 9}}, {Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}}]
"""
    content = ucp.convert(text, "neware", verify=True).primary_bytes
    limit = b'<Upper Value="43000" />'
    assert content.count(limit) == 1
    tree = ucp.parse(text).protocol
    assert tree is not None

    with pytest.raises(ucp.UCPError, match="voltage_max: the file lacks this limit"):
        verify(flatten(tree).plan, "neware", content.replace(limit, b""), {})


def test_verify_detects_a_wrong_loop_count() -> None:
    text = CHARGE.replace(", Capacity > 1", "")
    made = ucp.convert(text, "biologic", verify=True)
    tree = ucp.parse(text).protocol
    assert tree is not None
    row = next(
        line for line in made.primary_bytes.split(b"\r\n") if line.startswith(b"ctrl_repeat")
    )

    with pytest.raises(ucp.UCPError, match="runs 3 times, in the file 4 times"):
        verify(
            flatten(tree).plan,
            "biologic",
            made.primary_bytes.replace(row, row.replace(b"2", b"3")),
            {},
            marks=False,
        )


def test_a_hold_of_a_biologic_file_that_no_current_leads_to_is_compared() -> None:
    """Read back, it has the direction in which it drives the cell, and both current limits."""
    text = """
safety_limits: {charge_current_max: 2, discharge_current_max: 2}
steps:
  - Charge: {mode: Current, value: 1, ends: [Voltage > 4]}
  - Rest: {duration: 60}
  - Charge: {mode: Voltage, value: 4.2, duration: 600, ends: [Current < 0.05]}
"""
    made = ucp.convert(text, "biologic", verify=True)
    tree = ucp.parse(text).protocol
    assert tree is not None
    content = made.primary_bytes.replace(b"|I| = 2000", b"|I| = 2100")

    with pytest.raises(ucp.UCPError, match="charge_current_max"):
        verify(flatten(tree).plan, "biologic", content, {}, marks=False, hold_directions=False)


HOLD = """
steps:
  - Discharge: {mode: Current, value: 1, ends: [Voltage < 3]}
  - Charge: {mode: Voltage, value: 3, duration: 600, ends: [Current < 0.05]}
"""


@pytest.mark.parametrize("software", ["bt-lab", "ec-lab"])
def test_a_biologic_file_does_not_say_in_which_direction_a_hold_drives_the_cell(
    software: str,
) -> None:
    """A hold at the voltage of the discharge before it is right with either direction."""
    options = {"software": software}
    files = [
        ucp.convert(text, "biologic", options=options, verify=True).primary_bytes
        for text in (HOLD, HOLD.replace("Charge: ", "Discharge: "))
    ]

    # The two files differ only in a word that the instrument does not use for a hold.
    first, second = (content.split(b"\r\n") for content in files)
    changed = [one[:20].strip() for one, other in zip(first, second, strict=True) if one != other]
    assert changed == [b"charge/discharge"]


@pytest.mark.parametrize(
    ("label", "old", "new"),
    [
        ("ctrl1_val", "3.000", "3.100"),
        ("lim1_value", "0.050", "0.060"),
        ("lim2_value", "10.000", "11.000"),
        ("ctrl_type", "CV", "CC"),
        ("charge/discharge", "Discharge", "Charge"),
        ("lim1_comp", "<", ">"),
    ],
)
def test_verify_detects_a_changed_hold_of_a_biologic_file(label: str, old: str, new: str) -> None:
    made = ucp.convert(HOLD, "biologic", verify=True)
    lines = made.primary_bytes.decode("cp1252").split("\r\n")
    row = next(line for line in lines if line[:20].strip() == label)
    assert old in row
    changed = row.replace(f"{old:<20}", f"{new:<20}")
    content = made.primary_bytes.replace(row.encode("cp1252"), changed.encode("cp1252"))
    tree = ucp.parse(HOLD).protocol
    assert tree is not None

    with pytest.raises(ucp.UCPError):
        verify(flatten(tree).plan, "biologic", content, {}, marks=False, hold_directions=False)
