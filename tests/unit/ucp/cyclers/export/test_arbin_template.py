"""Arbin schedules written into a template."""

from __future__ import annotations

import pytest

from ionworks import ucp
from tests.unit.ucp.samples import sample

REST = "steps: [{Rest: {duration: 60}}]"
CHARGE = """
steps:
  - Loop:
      repeat: 3
      steps:
        - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, Capacity > 1]}
        - Rest: {duration: 60}
"""


def test_a_template_keeps_everything_except_steps_and_limits() -> None:
    template = sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes()
    text = """
safety_limits: {voltage_min: 1.9, voltage_max: 3.8}
steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 3.6]}}]
"""
    made = ucp.convert(text, "arbin", options={"template": template}, verify=True)

    def others(data: bytes) -> list[bytes]:
        kept, skipping = [], False
        for line in data.split(b"\n"):
            if line.startswith(b"["):
                skipping = line.startswith(b"[Schedule_Step")
            if not skipping and b"m_uStepNum" not in line and b"m_VoltageSafetyScope" not in line:
                kept.append(line)
        return kept

    assert others(made.primary_bytes) == others(template)
    assert b"\xff\xfe" in made.primary_bytes
    assert b"m_VoltageSafetyScope=1.900000^3.800000\n" in made.primary_bytes
    assert b"m_uStepNum=1\n" in made.primary_bytes
    assert b"\r" not in made.primary_bytes
    assert any("Safety limits of the template stay in force" in note for note in made.notes)


def test_safety_limits_of_a_template_are_checked_and_kept() -> None:
    template = sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes()
    text = (
        "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.0]}}, {Rest: {duration: 1}}]"
    )

    # The template has a limit at 4 V.
    with pytest.raises(ucp.UCPError, match="as the safety limit voltage_max of 4 V"):
        ucp.convert(text, "arbin", options={"template": template})
    read = ucp.parse_file(
        ucp.convert(
            text.replace("4.0", "3.6"), "arbin", options={"template": template}
        ).primary_bytes
    )
    assert {limit.key: str(limit.value) for limit in read.protocol.safety.limits} == {
        "voltage_min": "1.8",
        "voltage_max": "4",
        "charge_current_max": "10",
        "discharge_current_max": "5",
    }


def test_a_limit_that_jumps_conflicts_with_the_same_limit_of_a_template() -> None:
    template = sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes()
    text = """
safety_limits: {voltage_min: 2, voltage_max: {value: 3.8, goto: Out}}
steps:
  - Charge: {mode: Current, value: 1, ends: [Voltage > 3.6]}
  - Out: [{Rest: {duration: 60}}]
"""
    with pytest.raises(ucp.UCPError, match="voltage_max: it jumps, but the template ends the test"):
        ucp.convert(text, "arbin", options={"template": template})
    off = template.replace(b"m_bCheckVoltageSafety=1", b"m_bCheckVoltageSafety=0")
    assert ucp.convert(text, "arbin", options={"template": off}, verify=True)


def test_a_template_of_the_other_software_is_rejected() -> None:
    old = sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes()
    new = ucp.convert(REST, "arbin_sdx").primary_bytes

    with pytest.raises(ucp.UCPError, match=r"use the target arbin$"):
        ucp.convert(REST, "arbin_sdx", options={"template": old})
    with pytest.raises(ucp.UCPError, match="use the target arbin_sdx"):
        ucp.convert(REST, "arbin", options={"template": new})


def test_unknown_keys_are_copied_from_the_template() -> None:
    template = ucp.convert(REST, "arbin_sdx").primary_bytes.replace(
        b"m_bSampleClockStretch=0", b"m_BlockByte=7\r\nm_bSampleClockStretch=0"
    )

    made = ucp.convert(CHARGE, "arbin_sdx", options={"template": template}, verify=True)

    steps = made.primary_bytes.count(b"m_szLabel=")
    assert made.primary_bytes.count(b"m_BlockByte=7\r\n") == steps == 5
