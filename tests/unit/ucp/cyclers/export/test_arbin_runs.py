"""Schedules of Arbin, run second by second on a simple cell."""

from __future__ import annotations

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.export.arbin_machine import Cell, run, sections_of

TARGETS = ["arbin", "arbin_sdx"]
CCCV = """
steps:
  - {kind}: {{mode: Current, value: {amperes}, ends: [Voltage {side} {volts}]}}
  - {kind}: {{mode: Voltage, value: {volts}, ends: [Current < {cut}]}}
"""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("kind", "side", "volts", "begin"), [("Charge", ">", 4.2, 3.9), ("Discharge", "<", 3.0, 3.3)]
)
@pytest.mark.parametrize(("amperes", "cut"), [(2, 0.1), (0.2, 0.19)])
def test_a_hold_ends_only_once_its_current_has_fallen(
    target: str, kind: str, side: str, volts: float, begin: float, amperes: float, cut: float
) -> None:
    text = CCCV.format(kind=kind, side=side, volts=volts, amperes=amperes, cut=cut)
    cell = Cell(begin)

    ran = run(ucp.convert(text, target, verify=True).primary_bytes, cell)

    # At the end the resistance leaves the cell off its voltage by what the cut-off current drops.
    assert len(ran) == 1
    assert abs(volts - cell.volts) == pytest.approx(cut * cell.ohms, rel=0.02)


@pytest.mark.parametrize("target", TARGETS)
def test_a_cut_off_that_is_not_below_the_current_is_rejected(target: str) -> None:
    text = CCCV.format(kind="Charge", side=">", volts=4.2, amperes=0.2, cut=0.25)

    with pytest.raises(ucp.UCPError, match=r"Current < 0.25 A is not below the 0.2 A"):
        ucp.convert(text, target)


@pytest.mark.parametrize("target", TARGETS)
def test_a_limit_of_the_current_stands_on_the_joined_step_and_is_read_back(target: str) -> None:
    stop = '{"Current > 3": {goto: End}}'
    text = f"""
steps:
  - Charge: {{mode: Current, value: 2, ends: [Voltage > 4.2, {stop}]}}
  - Charge: {{mode: Voltage, value: 4.2, ends: [Current < 0.1, {stop}]}}
  - Rest: {{duration: 60}}
"""
    made = ucp.convert(text, target, verify=True)

    limits = [
        (keys["Equation0_szRight"], keys["m_szGotoStep"])
        for name, keys in sections_of(made.primary_bytes).items()
        if name.startswith("Schedule_Step0_Limit")
        and keys["Equation0_szLeft"] == "PV_CHAN_Current"
        and keys["Equation0_szCompareSign"] == ">="
    ]
    assert limits == [("3", "End Test")]
    again = ucp.to_yaml(ucp.parse_file(made.primary_bytes).protocol)
    assert again.count("Current > 3") == 2
