"""Ends on a multiple of the nominal capacity: ``Capacity > 1.1 * Q_NOM``."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.export import raw
from tests.unit.ucp.cyclers.export.protocols import TARGETS

TEXT = "steps: [{Discharge: {mode: C-rate, value: 0.5, ends: [Capacity > LIMIT, Voltage < 2.5]}}]"
CCCV = """
steps:
  - Charge:
      {mode: C-rate, value: 0.5, ends: [Voltage > 4.2, Capacity > 1.1 * Q_NOM],
       set_variable: [{name: VAR_CC_CAPACITY, eval: Capacity}]}
  - Charge:
      {mode: Voltage, value: 4.2, ends: [C-rate < 0.05, Capacity > 1.1 * Q_NOM - VAR_CC_CAPACITY]}
"""


def amp_hours(content: bytes) -> list[tuple[str, str]]:
    entries = ET.fromstring(content).iter("EndEntry")  # noqa: S314  our own file
    return [
        (entry.findtext("Oper") or "", entry.findtext("Value") or "")
        for entry in entries
        if entry.findtext("EndType") == "Amp Hour"
    ]


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("1.1 * Q_NOM", "1.1C"),
        ("Q_NOM", "1.0C"),
        ("Q_NOM / 4", "0.25C"),
        ("Q_NOM * 2", "2.0C"),
        ("0.5 * (3 * Q_NOM)", "1.5C"),
        ("2.2", "2.2"),
    ],
)
def test_maccor_writes_a_multiple_of_the_nominal_capacity(limit: str, value: str) -> None:
    made = ucp.convert(TEXT.replace("LIMIT", limit), "maccor", verify=True)

    assert amp_hours(made.primary_bytes) == [(">= ", value)]


def test_the_total_capacity_of_a_cccv_step_may_be_a_multiple() -> None:
    made = ucp.convert(CCCV, "maccor", verify=True)

    assert amp_hours(made.primary_bytes) == [(">= ", "1.1C")]
    assert made.primary_bytes.count(b"<StepType> Charge </StepType>") == 1


@pytest.mark.parametrize("limit", ["Q_NOM * Q_NOM", "Q_NOM + 1", "1 / Q_NOM", "Q_NOM ** 2"])
def test_only_a_multiple_can_do_without_the_capacity(limit: str) -> None:
    with pytest.raises(ucp.UCPError, match=r"needs nominal_capacity_ah; pass the capacity"):
        ucp.convert(TEXT.replace("LIMIT", limit), "maccor")


@pytest.mark.parametrize(
    ("target", "facts"),
    [
        ("maccor", raw.maccor),
        ("neware", raw.neware),
        ("arbin", raw.arbin),
        ("arbin_sdx", raw.arbin),
        ("novonix", raw.novonix),
    ],
)
def test_with_a_capacity_every_format_gets_ampere_hours(
    target: str, facts: Callable[[bytes], list[raw.Fact]]
) -> None:
    text = TEXT.replace("LIMIT", "1.1 * Q_NOM").replace("C-rate, value: 0.5", "Current, value: 1")

    content = ucp.convert(text, target, nominal_capacity_ah=2, verify=True).primary_bytes

    ((_, _, _, ends),) = facts(content)
    assert [value for quantity, _, value, _ in ends if quantity == "Ah"] == [pytest.approx(2.2)]


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "maccor"])
def test_without_a_capacity_other_formats_reject_the_end_by_name(target: str) -> None:
    text = TEXT.replace("LIMIT", "1.1 * Q_NOM").replace("C-rate, value: 0.5", "Current, value: 1")
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, target)

    message = str(caught.value)
    assert "its end Capacity > 1.1 * Q_NOM" in message
    assert target == "biologic" or "pass the capacity in A.h" in message


def test_a_protection_at_a_multiple_needs_the_capacity_as_well() -> None:
    text = """
steps:
  - Discharge: {mode: Current, value: 1, ends: [Voltage < 2.5, {Capacity > Q_NOM: {goto: End}}]}
  - Rest: {duration: 60}
"""
    with pytest.raises(ucp.UCPError, match=r"Capacity > 1 \* Q_NOM needs nominal_capacity_ah"):
        ucp.convert(text, "neware")


def test_a_multiple_is_read_as_one() -> None:
    content = ucp.convert(TEXT.replace("LIMIT", "2.2"), "maccor").primary_bytes
    read = ucp.parse_file(content.replace(b">2.2<", b">1.1C<"))

    assert "Capacity > 1.1 * Q_NOM" in ucp.to_yaml(read.protocol)
    assert read.notes == ()


def test_an_equal_number_in_another_unit_is_no_tie_with_a_limit() -> None:
    limits = "safety_limits: {charge_current_max: 2, discharge_current_max: 2}"
    hold = "{Charge: {mode: Voltage, value: 4.2, ends: [C-rate > 2, Current < 0.1]}}"

    made = ucp.convert(f"{limits}\nsteps: [{hold}, {{Rest: {{duration: 60}}}}]", "maccor")

    assert b">2.0C<" in made.primary_bytes


def test_a_note_tells_the_capacity_to_enter_at_the_start() -> None:
    text = TEXT.replace("LIMIT", "2.2")

    for capacity, words in ((None, "capacity when you"), (5, "capacity, 5 A.h, when you")):
        made = ucp.convert(text, "maccor", nominal_capacity_ah=capacity)
        assert any(words in note for note in made.notes)
