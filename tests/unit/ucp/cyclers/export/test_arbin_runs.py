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


RATES = """
steps:
  - Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.2, {"C-rate > 2": {goto: End}}]}
  - Charge: {mode: Voltage, value: 4.2, ends: [C-rate < 0.05, {"C-rate > 2": {goto: End}}]}
  - Discharge: {mode: C-rate, value: 0.5, ends: [Voltage < 3, {"C-rate > 2": {goto: End}}]}
"""


def currents(content: bytes) -> set[str]:
    """Return the values of steps and limits that are currents."""
    found = set()
    for keys in sections_of(content).values():
        if keys.get("m_szStepCtrlType"):
            found.add(keys["m_szCtrlValue"])
        if "Current" in keys.get("Equation0_szLeft", "").removeprefix("DV_"):
            found.add(keys["Equation0_szRight"])
    return found


def test_c_rates_of_mits_8_are_multiples_of_the_nominal_capacity() -> None:
    made = ucp.convert(RATES, "arbin_sdx", verify=True)

    assert currents(made.primary_bytes) == {
        "MV_NominalCapacity",
        "2 * MV_NominalCapacity",
        "0.05 * MV_NominalCapacity",
        "-0.5 * MV_NominalCapacity",
        "-2 * MV_NominalCapacity",
    }
    largest = [keys.get("m_nMaxCurrent") for keys in sections_of(made.primary_bytes).values()]
    assert set(largest) == {None, "0"}
    assert any("the nominal capacity of the test object: check" in note for note in made.notes)
    with_capacity = ucp.convert(RATES, "arbin_sdx", nominal_capacity_ah=5, verify=True)
    assert currents(with_capacity.primary_bytes) == {"5", "10", "0.25", "-2.5", "-10"}


def test_c_rates_of_ends_become_amperes_in_mits_pro_7() -> None:
    """They were written as amperes without being converted."""
    made = ucp.convert(RATES, "arbin", nominal_capacity_ah=5, verify=True)

    assert currents(made.primary_bytes) == {"5", "10", "0.25", "-2.5", "-10"}
    with pytest.raises(ucp.UCPError, match="pass nominal_capacity_ah") as caught:
        ucp.convert(RATES, "arbin")
    assert len(caught.value.problems) == 2


def test_the_note_on_the_current_range_names_the_largest_current() -> None:
    text = "steps: [{Charge: {mode: Current, value: 1.5, duration: 60}}, {Rest: {duration: 60}}]"

    notes = ucp.convert(text, "arbin", options={"current_range": "Range2"}).notes

    assert any("Range2: check that it covers every current, the largest" in n for n in notes)
    assert any("the largest being 1.5 A" in note for note in notes)


SAVED_STEP = [
    "m_bAutoPidTips", "m_bBurstModeEnable", "m_BlockByte", "m_bSampleClockStretch",
    "m_bSynchronizedStart", "m_nExtra1", "m_nMaxCurrent", "m_szAddIn", "m_szCtrlValue",
    "m_szExtCtrlValue1", "m_szExtCtrlValue2", "m_szExtDef", "m_szExtDef1", "m_szExUnitType1",
    "m_szLabel", "m_szStepCtrlType", "m_szUnitType", "m_szVoltageRange", "m_uLimitNum",
    "m_uStepCtrlTypeExtFlag",
]  # fmt: skip
SAVED_LIMIT = [
    *(f"Equation{n}_sz{side}" for n in range(3) for side in ("CompareSign", "Left", "Right")),
    "m_bLogDataLimit",
    "m_bStepLimit",
    "m_szGotoStep",
]
SAVED_KEYS = [
    "m_bCurrentAutoRange", "m_bLogCANBMSData", "m_bLogChanAuxData", "m_bLogChanNormalData",
    "m_bLogChanStatData", "m_bLogSBData", "m_bNewCreate", "m_fMinDtSeconds",
    "m_fSdlFactor_Capacity", "m_fSdlFactor_Energy", "m_fSdlFactor_I", "m_fSdlFactor_Time",
    "m_fSdlFactor_V", "m_iAppCategory", "m_szComments", "m_szCreator", "m_uAddInNum", "m_uCVNum",
    "m_uFormulaNum", "m_uMaxTimesOfUnsafe", "m_uMUID", "m_uPulseNum", "m_uStepNum",
]  # fmt: skip
"""Those of the keys of [Schedule] that are written, in the order of saved schedules."""


def test_steps_and_limits_of_mits_8_have_the_keys_of_saved_schedules_in_their_order() -> None:
    """As in all seven schedules of the project battetl, saved by MITS 8."""
    content = ucp.convert(
        CCCV.format(kind="Charge", side=">", volts=4.2, amperes=2, cut=0.1), "arbin_sdx"
    ).primary_bytes

    sections = sections_of(content)
    assert list(sections["Schedule"]) == SAVED_KEYS
    assert list(sections["Schedule_Step0"]) == SAVED_STEP
    assert list(sections["Schedule_Step0_Limit0"]) == SAVED_LIMIT
    assert content.count(b"\r\n\r\n\r\n[") == len(sections) - 1
