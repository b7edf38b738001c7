"""The current ranges of BioLogic files, and the notes on what they and long tables allow."""

from __future__ import annotations

import re
from typing import Final

import pytest

from ionworks import ucp

CHARGE: Final = "Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}"
REST: Final = "Rest: {duration: 60}"


def protocol(*steps: str) -> str:
    return "steps:\n" + "".join(f"  - {step}\n" for step in steps)


def hold(*ends: str, lead: str = CHARGE, most: float = 5) -> str:
    return protocol(
        f"Discharge: {{mode: Current, value: {most}, ends: [Voltage < 2.7]}}",
        *([lead] if lead else []),
        f"Charge: {{mode: Voltage, value: 4.2, ends: [{', '.join(ends)}]}}",
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (hold("Current < 0.05", lead=CHARGE.replace("value: 1,", "value: 0.05,")), "100 mA"),
        (hold("Current < 0.05"), "1 A"),
        # No constant current leads to the voltage: the range of the largest current.
        (hold("Current < 0.05", lead=REST), "10 A"),
        (hold("Current < 0.05", lead=REST, most=0.5), "1 A"),
        # The range must reach the current that ends the step.
        (hold("Time > 60", "Current > 2"), "10 A"),
    ],
)
def test_the_range_of_a_hold_is_as_small_as_its_currents_allow(text: str, wanted: str) -> None:
    made = ucp.convert(text, "biologic")
    row = next(line for line in made.text().split("\r\n") if line.startswith("I Range   "))

    assert re.findall(".{20}", row)[-1].strip() == wanted
    [note] = [note for note in made.notes if "only limited by its range" in note]
    assert f": {wanted} in steps[2].Charge." in note


def test_an_end_that_the_range_cannot_resolve_is_pointed_out() -> None:
    coarse, fine = (
        ucp.convert(hold(f"Current < {amperes}"), "biologic").notes for amperes in (0.0009, 0.001)
    )

    assert any("below a thousandth of the current range" in note for note in coarse)
    assert not any("below a thousandth of the current range" in note for note in fine)


def test_an_end_above_the_largest_range_is_rejected() -> None:
    with pytest.raises(ucp.UCPError, match="its end Current > 12 A is above 10 A"):
        ucp.convert(hold("Time > 60", "Current > 12"), "biologic")


@pytest.mark.parametrize("limit", ["voltage_min: -0.1", "voltage_max: 5.1"])
def test_a_safety_limit_that_the_voltage_range_cannot_reach_is_rejected(limit: str) -> None:
    text = f"safety_limits: {{{limit}}}\n" + protocol(REST)
    key = limit.partition(":")[0]

    with pytest.raises(ucp.UCPError, match=f"safety_limits.{key}: .* would never trip"):
        ucp.convert(text, "biologic", options={"software": "ec-lab"})

    options = {"software": "ec-lab", "voltage_range": (-1, 6)}
    assert b"\tEwe m" in ucp.convert(text, "biologic", options=options).primary_bytes


def test_a_long_table_is_pointed_out_with_what_is_known() -> None:
    def notes(count: int) -> str:
        rests = [f"Rest: {{duration: {10 + number}}}" for number in range(count)]
        return " ".join(ucp.convert(protocol(*rests), "biologic").notes)

    assert "Modulo Bat has 57 sequences" in notes(57)
    assert "is not published, and public files have up to 56" in notes(57)
    assert "sequences. The limit" not in notes(56)
