"""Every number of a BioLogic file is the one of the protocol, or the refusal names it."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks import ucp

SOFTWARE: Final = ("bt-lab", "bt-lab-1.81", "ec-lab")
UNITS: Final = {
    "A": 1.0, "mA": 1e-3, "\u00b5A": 1e-6, "nA": 1e-9, "V": 1.0, "mV": 1e-3,
    "h": 3600.0, "mn": 60.0, "s": 1.0, "mA.h": 1e-3, "A.h": 1.0,
}  # fmt: skip
LEVELS: Final = {"Current": "A", "Voltage": "V", "Time": "s"}


def sizes(low: float, high: float) -> st.SearchStrategy[float]:
    """Values of every order of magnitude, with a few digits or with many."""
    return st.builds(
        lambda digits, power: float(f"{digits}e{power}"),
        st.one_of(st.integers(1, 99), st.floats(1, 9.999)),
        st.integers(round(low), round(high)),
    )


def table(content: bytes) -> dict[str, list[str]]:
    """Return the cells of the first table of Modulo Bat; all of them have 20 characters."""
    lines = content.decode("cp1252").split("\r\n")
    rows = lines[lines.index("Modulo Bat") + 1 :]
    rows = rows[: rows.index("")]
    assert len({len(row) for row in rows}) == 1
    found = {row[:20].strip(): re.findall(".{20}", row[20:]) for row in rows}
    for cells in found.values():
        assert all(cell.endswith(" ") for cell in cells)
    return {label: [cell.strip() for cell in cells] for label, cells in found.items()}


def amount(rows: dict[str, list[str]], label: str, column: int) -> float:
    return float(rows[label][column]) * UNITS[rows[f"{label}_unit"][column]]


def written(text: str, software: str, path: str, **arguments: Any) -> bytes | None:
    """Return the file; None if it was refused, with the path and what the field can hold."""
    options = {"software": software, "voltage_range": (-20, 60)}
    refused: str | None = None
    try:
        return ucp.convert(text, "biologic", options=options, **arguments).primary_bytes
    except ucp.UCPError as error:
        refused = str(error)
    assert path in refused
    assert re.search("its field holds only|above 10 A|outside the voltage range", refused)
    return None


@pytest.mark.parametrize("software", SOFTWARE)
@given(amperes=sizes(-16, 3))
def test_a_current_is_written_or_refused(software: str, amperes: float) -> None:
    text = f"steps: [{{Charge: {{mode: Current, value: {amperes!r}, ends: [Voltage > 4]}}}}]"

    content = written(text, software, "steps[0].Charge")

    if content is not None:
        rows = table(content)
        assert amount(rows, "ctrl1_val", 0) == pytest.approx(amperes, rel=1.001e-3)
        number, unit = rows["I Range"][0].split()
        assert amperes <= float(number) * UNITS[unit] * (1 + 1e-9)


@pytest.mark.parametrize("software", SOFTWARE)
@given(
    volts=sizes(-8, 2),
    sign=st.sampled_from([1, -1]),
    amperes=sizes(-16, 2),
    seconds=sizes(-5, 7),
)
def test_a_hold_and_its_ends_are_written_or_refused(
    software: str, volts: float, sign: int, amperes: float, seconds: float
) -> None:
    text = f"""
steps:
  - Discharge: {{mode: Current, value: 1, ends: [Voltage < {sign * volts!r}]}}
  - Discharge:
      mode: Voltage
      value: {volts!r}
      ends: [Current < {amperes!r}, Time > {seconds!r}]
"""
    content = written(text, software, "steps[")

    if content is not None:
        rows = table(content)
        assert amount(rows, "lim1_value", 0) == pytest.approx(sign * volts, rel=1.001e-3)
        assert amount(rows, "ctrl1_val", 1) == pytest.approx(volts, rel=1.001e-3)
        assert amount(rows, "lim1_value", 1) == pytest.approx(amperes, rel=1.001e-3)
        assert amount(rows, "lim2_value", 1) == pytest.approx(seconds, rel=1e-6)


@pytest.mark.parametrize("software", SOFTWARE)
@given(seconds=sizes(-6, 6), volts=sizes(-9, 2), amperes=sizes(-15, 2))
def test_a_resolution_is_written_or_refused(
    software: str, seconds: float, volts: float, amperes: float
) -> None:
    text = f"""
global: {{resolution: {{time: {seconds!r}, voltage: {volts!r}, current: {amperes!r}}}}}
steps: [{{Charge: {{mode: Current, value: 1, ends: [Voltage > 4.2]}}}}]
"""
    content = written(text, software, "steps[0].Charge")

    if content is not None:
        rows = table(content)
        for block, value in enumerate((seconds, volts, amperes), 1):
            assert amount(rows, f"rec{block}_value", 0) == pytest.approx(value, rel=1.001e-3)


@pytest.mark.parametrize("software", SOFTWARE)
@given(capacity=sizes(-9, 6))
def test_a_capacity_is_written_or_refused(software: str, capacity: float) -> None:
    content = written(
        "steps: [{Rest: {duration: 1}}]",
        software,
        "nominal_capacity_ah",
        nominal_capacity_ah=capacity,
    )

    if content is not None:
        found = re.search(rb"Battery capacity : (\S+) mA.h\r\n", content)
        assert found is not None
        assert float(found[1]) == pytest.approx(capacity * 1000, rel=1.001e-3)


@pytest.mark.parametrize("software", SOFTWARE)
def test_every_number_that_does_not_fit_is_listed_with_its_step_and_its_field(
    software: str,
) -> None:
    text = """
steps:
  - Tiny:
    - Charge:
        mode: Current
        value: 1.23456e-12
        ends: [Voltage > 4.2]
        resolution: {voltage: 0.00000015}
  - Rest: {duration: 0.0001}
"""
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, "biologic", options={"software": software})

    assert str(caught.value).splitlines()[1:] == [
        (
            '- steps[0].Tiny[0].Charge "Tiny" (Charge, mode Current): its current of 1.23456e-12 A '
            "cannot be written: its field holds only multiples of 0.001 nA"
        ),
        (
            '- steps[0].Tiny[0].Charge "Tiny" (Charge, mode Current): its resolution of 1.5e-07 V '
            "cannot be written: its field holds only multiples of 0.001 mV"
        ),
        (
            "- steps[1].Rest (Rest): its end Time > 0.0001 s cannot be written: its field holds "
            "only whole numbers of milliseconds above 0"
        ),
    ]


def test_a_capacity_that_does_not_fit_is_not_blamed_on_the_steps() -> None:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert("steps: [{Rest: {duration: 1}}]", "biologic", nominal_capacity_ah=1.2345e-6)

    assert str(caught.value) == (
        "Cannot export to biologic: nominal_capacity_ah: its value of 1.2345e-06 A.h cannot be "
        "written: its field holds only multiples of 0.001 mA.h"
    )


def test_a_voltage_range_that_its_field_cannot_hold_is_rejected() -> None:
    with pytest.raises(ValueError, match="at most two decimals"):
        ucp.convert(
            "steps: [{Rest: {duration: 1}}]", "biologic", options={"voltage_range": (0, 4.505)}
        )


def test_a_limit_with_more_decimals_than_the_software_shows_is_pointed_out() -> None:
    text = """
safety_limits: {voltage_max: 4.205, charge_current_max: 0.00105, discharge_current_max: 0.00105}
steps: [{Rest: {duration: 1}}]
"""
    made = ucp.convert(text, "biologic", options={"software": "ec-lab"})

    assert b"\tEwe max = 4.205 V\r\n\t|I| = 1.05 mA\r\n" in made.primary_bytes
    notes = [note.partition(":")[0] for note in made.notes if "check that it keeps" in note]
    assert notes == [
        f"safety_limits.{key}"
        for key in ("voltage_max", "charge_current_max", "discharge_current_max")
    ]
