"""Encodings, line ends, decimal separators, padding and numbers, byte for byte."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.export.biologic_values import (
    current_range,
    current_text,
    time_text,
    voltage_text,
)
from ionworks.ucp.cyclers.export.decimals import decimal_text, fixed
from tests.unit.ucp.cyclers.export.golden import DATE
from tests.unit.ucp.samples import sample

CHARGE = """
safety_limits: {voltage_min: 2.45, voltage_max: 4.25, charge_current_max: 6,
                discharge_current_max: 6}
steps:
  - Charge:
      mode: Current
      value: 1/3
      ends: [Voltage > 4.2]
      resolution: {time: 30, voltage: 0.005, current: 0.001}
  - Charge:
      mode: Voltage
      value: 4.2
      ends: [Current < 0.05]
      resolution: {time: 30, voltage: 0.005, current: 0.001}
  - Rest: {duration: 5400}
"""


def content(target: str, text: str = CHARGE, **arguments: Any) -> bytes:
    options = {"date": DATE, **arguments.pop("options", {})}
    return ucp.convert(text, target, options=options, verify=True, **arguments).primary_bytes


def only_crlf(data: bytes) -> bool:
    return data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r") > 10


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("value", "least", "most", "text"),
    [
        (1.0, 0, None, "1"),
        (1.0, 1, None, "1.0"),
        (4.2, 1, None, "4.2"),
        (1e-4, 1, None, "0.0001"),
        (5e-4, 0, None, "0.0005"),
        (0.1429, 1, None, "0.1429"),
        (2 / 3, 0, None, "0.666666667"),
        (1e5, 0, None, "100000"),
        (22.5, 0, 6, "22.5"),
        (42000.0, 0, 0, "42000"),
        (-6000.0, 0, 6, "-6000"),
        (0.0, 1, None, "0.0"),
        (-0.0, 0, None, "0"),
    ],
)
def test_numbers_are_written_in_decimal_notation(
    value: float, least: int, most: int | None, text: str
) -> None:
    assert decimal_text(value, least, most) == text


def test_a_number_that_rounding_would_change_is_rejected() -> None:
    with pytest.raises(ucp.UCPError, match=r"the value 1e-8 would be written as 0\.000000"):
        decimal_text(1e-8, most=6)
    assert fixed(1.23456, 3) == "1.235"


@pytest.mark.parametrize(
    ("amperes", "text"),
    [
        (1.0, ("1.000", "A")),
        (0.048, ("0.048", "A")),
        (0.0225, ("22.500", "mA")),
        (22.82e-6, ("22.820", "\u00b5A")),
        (1 / 3, ("333.333", "mA")),
        (5 / 3, ("1666.667", "mA")),
        (1.2345e-9, ("1.234", "nA")),
    ],
)
def test_biologic_currents_use_a_unit_in_which_three_decimals_suffice(
    amperes: float, text: tuple[str, str]
) -> None:
    assert current_text(amperes) == text
    factors = {"A": 1, "mA": 1e3, "\u00b5A": 1e6, "nA": 1e9}
    assert math.isclose(float(text[0]) / factors[text[1]], amperes, rel_tol=5e-4)


def test_biologic_times_voltages_and_ranges() -> None:
    assert [time_text(seconds) for seconds in (0.1, 90, 60, 5400, 7200)] == [
        ("0.100", "s"),
        ("90.000", "s"),
        ("1.000", "mn"),
        ("90.000", "mn"),
        ("2.000", "h"),
    ]
    assert voltage_text(4.2) == ("4.200", "V")
    assert voltage_text(0.0005) == ("0.500", "mV")
    assert [current_range(amperes) for amperes in (1e-6, 0.0225, 0.1, 0.11, 1, 10, 10.1)] == [
        "10 \u00b5A", "100 mA", "100 mA", "1 A", "1 A", "10 A", None,
    ]  # fmt: skip


# ---------------------------------------------------------------- Maccor


def test_a_maccor_procedure_is_utf_8_with_crlf_and_padded_words() -> None:
    data = content("maccor")

    assert data.startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\r\n'
        b'<?maccor-application progid="Maccor Procedure File"?>\r\n'
        b"<MaccorTestProcedure>\r\n  <header>\r\n    <BuildTestVersion>\r\n"
    )
    assert data.endswith(b"  </ProcSteps>\r\n</MaccorTestProcedure>\r\n")
    assert only_crlf(data)
    assert data.isascii()
    for padded in (
        b"<StepType> Charge </StepType>",
        b"<StepType>  Rest  </StepType>",
        b"<StepType>  End   </StepType>",
        b"<StepMode>Current </StepMode>",
        b"<StepMode>Voltage </StepMode>",
        b"<StepMode>        </StepMode>",
        b"<EndType>Voltage </EndType>",
        b"<SpecialType> </SpecialType>",
        b"<Oper>&gt;= </Oper>",
        b"<Oper>&lt;= </Oper>",
        b"<Oper> = </Oper>",
        b"<ReportType>StepTime</ReportType>",
        b"<Value>01:30:00</Value>",
        b"<StepValue>0.333333333</StepValue>",
        b"      <Limits/>\r\n",
        b"      <Ends/>\r\n      <Reports/>\r\n      <Range></Range>\r\n      <Option1></Option1>",
        b"<Range>A</Range>\r\n      <Option1>N</Option1>",
    ):
        assert padded in data, padded


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "00:00:05"), (5400, "01:30:00"), (432_000, "120:00:00"), (0.01, "::.01"), (0.5, "::.50")],
)
def test_maccor_times_are_written_as_clock_times(seconds: float, text: str) -> None:
    data = content("maccor", f"steps: [{{Rest: {{duration: {seconds}}}}}]")

    assert f"<Value>{text}</Value>".encode() in data


def test_a_time_that_maccor_cannot_write_is_rejected() -> None:
    for seconds in (90.5, 0.001):
        with pytest.raises(ucp.UCPError, match="use whole seconds"):
            content("maccor", f"steps: [{{Rest: {{duration: {seconds}}}}}]")


def test_maccor_waveforms_are_tab_separated_with_crlf() -> None:
    made = ucp.convert(
        "safety_limits: {voltage_min: 2.5, voltage_max: 4.25}\n"
        "steps: [{Drive: {drive_cycle: US06, mode: Current, resolution: 3}}]",
        "maccor",
        drive_cycles={"US06": [[0, 1.5], [1, -0.25], [3, 0], [4, 0]]},
        verify=True,
    )

    lines = (
        b"D\tI\t1.5\t\t\t1.0000\tV\t<=\t2.500000\tT\t3.000000\tA\r\n"
        b"C\tI\t0.1875\t\t\t1.0000\tV\t>=\t4.250000\tT\t3.000000\tA\r\n"
        b"C\tI\t0.0625\t\t\t1.0000\tV\t>=\t4.250000\tT\t3.000000\tA\r\n"
        b"D\tI\t0.0\t\t\t1.0000\tV\t<=\t2.500000\tT\t3.000000\tA\r\n"
    )
    [(name, written)] = made.assets
    assert written == lines
    assert f"<StepValue>{name.removesuffix('.MWF')}<".encode() in made.primary_bytes


def test_a_maccor_procedure_with_limits_begins_with_a_rest_that_carries_them() -> None:
    limited = "safety_limits: {voltage_max: 4.3, voltage_min: 2}\n"
    charge = "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}}]"
    rest = "steps: [{Rest: {duration: 7}}]"

    inserted, own = (ucp.convert(limited + text, "maccor").primary_bytes for text in (charge, rest))

    assert inserted.count(b"<TestStep>") == 3
    assert inserted.count(b"<ChanSafetyEnd>True</ChanSafetyEnd>") == 2
    assert b"<StepNote>Safety limits</StepNote>" in inserted
    # The two limits are repeated on the charge without the flag.
    assert inserted.count(b"<Value>4.3</Value>") == 2
    assert own.count(b"<TestStep>") == 2
    assert b"<Value>00:00:07</Value>" in own
    assert own.count(b"<ChanSafetyEnd>True</ChanSafetyEnd>") == 2


# ---------------------------------------------------------------- Neware


def test_a_neware_file_is_ascii_with_crlf_and_no_final_line_end() -> None:
    data = content("neware", nominal_capacity_ah=1.0)

    assert data.startswith(
        b'<?xml version="1.0" encoding="GB2312"?>\r\n<root>\r\n'
        b'  <config type="Step File" version="17"'
        b' client_version="BTS Client 8.0.0.478(2024.06.24)(R3)" date="20260131123456" Guid="'
    )
    assert data.endswith(b"    </SMBUS>\r\n  </config>\r\n</root>")
    assert only_crlf(data)
    assert data.isascii()
    for field in (
        b'<MultCap Value="3600000" />',
        b'<Curr Value="333.333333" />',
        b'<Stop_Volt Value="42000" />',
        b'<Stop_Curr Value="50" />',
        b'<Time Value="5400000" />',
        b'<Volt Value="50" />',
        b'<Upper Value="42500" />',
        b'<Lower Value="-6000" />',
        b'<Start_Step Value="1" Hide_Ctrl_Step="0" />',
        b'      <Step4 Step_ID="4" Step_Type="6">\r\n      </Step4>\r\n',
    ):
        assert field in data, field


def test_a_neware_file_has_c_rates_and_currents() -> None:
    text = """
steps:
  - Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.2]}
  - Charge: {mode: Voltage, value: 4.2, ends: [C-rate < 0.05]}
"""
    data = content("neware", text, nominal_capacity_ah=0.045).replace(b"\r\n", b"\n")

    # As in the step file of the cell nw4-120-6-1-36, which has 45 mA.h.
    assert b'<RateType Value="105" />' in data
    assert b'<MultCap Value="162000" />' in data
    assert re.search(rb'<Curr Value="22.5" />\s+<Rate Value="0.5" />', data)
    assert re.search(rb'<Stop_Curr Value="2.25" />\s+<Stop_Rate Value="0.05" />', data)


def test_the_same_protocol_gives_the_same_neware_file() -> None:
    assert content("neware") == content("neware")
    guids = {
        re.search(rb'Guid="(.*?)"', content("neware", text)).group(1)  # type: ignore[union-attr]
        for text in (CHARGE, CHARGE.replace("5400", "5401"))
    }
    assert len(guids) == 2


# ---------------------------------------------------------------- Arbin


def test_an_arbin_schedule_is_latin_1_with_crlf() -> None:
    data = content("arbin")

    assert data.startswith(
        b"[Version Section]\r\nCurrent_Version=Schedule Version 7.00.13\r\n"
        b"[Signature Section]\r\nSignature={"
    )
    assert only_crlf(data)
    taper = (
        b"Equation0_szLeft=PV_CHAN_CV_Stage_Current\r\nEquation0_szCompareSign=<\r\n"
        b"Equation0_szRight=0.05\r\nEquation1_szLeft=PV_CHAN_CV_StageTime\r\n"
        b"Equation1_szCompareSign=>\r\nEquation1_szRight=1\r\n"
    )
    for line in (
        taper,
        b"m_VoltageSafetyScope=2.450000^4.250000",
        b"m_CurrentSafetyScope=-6.000000^6.000000",
        b"m_szStepCtrlType=CCCV",
        b"m_szCtrlValue=0.333333333",
        b"m_szExtCtrlValue1=4.2",
        b"m_uStepNum=2",
    ):
        assert line in data, line


def test_the_keys_of_steps_and_limits_match_a_saved_schedule() -> None:
    def keys(data: bytes) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for line in data.decode("latin-1").splitlines():
            if line.startswith("["):
                name = re.sub(r"\d+", "", line)
                found[name] = []
            elif "=" in line:
                found[name].append(line.partition("=")[0])
        return found

    saved = keys(sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes())
    ours = keys(content("arbin"))

    for name in ("[Schedule_Step]", "[Schedule_Step_Limit]", "[Schedule_UserDefineSafety]"):
        assert ours[name] == saved[name]
    assert [name for name in saved if name in ours] == list(ours)
    common = [key for key in saved["[Schedule]"] if key in ours["[Schedule]"]]
    assert common == ours["[Schedule]"]


def test_sdx_schedules_have_sorted_keys_and_separated_sections() -> None:
    data = content("arbin_sdx").replace(b"\r\n", b"\n").decode()
    sections = [section.splitlines() for section in data.split("\n\n\n") if section.strip()]

    assert data.startswith("[Version Section]\nCurrent_Version=Schedule Version 8.00.11\n\n\n")
    assert re.search(r"\nSignature=[0-9A-F-]{36}\n", data)
    for heading, *keys in sections:
        assert heading.startswith("[")
        assert [key.partition("=")[0] for key in keys] == sorted(
            (key.partition("=")[0] for key in keys), key=str.lower
        )
    assert "m_nMaxCurrent=0.333333333" in data
    assert "m_szCurrentRange" not in data


# ---------------------------------------------------------------- BioLogic


def test_a_bt_lab_file_is_cp1252_with_crlf_in_columns_of_twenty_characters() -> None:
    data = content("biologic", CHARGE.replace("1/3", "0.0000228"))

    assert data.startswith(b"BT-LAB SETTING FILE\r\n\r\nNumber of linked techniques : 1\r\n")
    assert only_crlf(data)
    assert b"Electrode surface area : 0.001 cm\xb2\r\n" in data
    assert b"22.800              4.200 " in data
    assert b"\xb5A" in data
    assert b"Safety Limits :\r\n\tEcell min = 2.45 V\r\n\tEcell max = 4.25 V\r\n" in data
    assert b"\t|I| = 6000.000 mA\r\n\tfor t > 100 ms\r\n" in data
    rows = data.split(b"Modulo Bat\r\n")[1].split(b"\r\n")
    assert len(rows) == 62 + 1
    assert {len(row) for row in rows[:-1]} == {20 * 4}
    assert rows[1] == b"ctrl_type".ljust(20) + b"CC".ljust(20) + b"CV".ljust(20) + b"Rest".ljust(20)


def test_an_ec_lab_file_has_its_own_rows() -> None:
    options = {"software": "EC-Lab", "voltage_range": [0, 5]}
    data = content("biologic", options=options, nominal_capacity_ah=0.045)
    rows = data.split(b"Modulo Bat\r\n")[1].split(b"\r\n")[:-1]
    labels = [row[:20].strip().decode() for row in rows]

    assert data.startswith(b"EC-LAB SETTING FILE\r\n")
    assert b"Ewe ctrl range : min = 0.00 V, max = 5.00 V\r\n" in data
    assert b"\tDo not start on E overload\r\n" in data
    assert b"Battery capacity : 45.000 mA.h\r\n" in data
    # Two of each have 61 rows; this file has one limit and three records.
    assert len(labels) == 61 - 7 + 3
    assert labels[:4] == ["Ns", "ctrl_type", "Apply I/C", "current/potential"]
    assert labels[labels.index("N") :][:10] == [
        "N", "charge/discharge", "charge/discharge_1", "Apply I/C_1", "N1",
        "ctrl4_val", "ctrl4_val_unit", "ctrl5_val", "ctrl5_val_unit", "ctrl_tM",
    ]  # fmt: skip
    assert b"lim1_type           Ewe                 |I| " in data


def test_the_decimal_separator_can_be_a_comma() -> None:
    points, commas = (
        content("biologic", options={"decimal_separator": separator}) for separator in (".", ",")
    )

    assert b"min = 0,00 V, max = 9,00 V" in commas
    assert b"DQ = 26,802 mA.h" in commas
    assert b"333,333" in commas
    assert re.search(rb"\d\.\d", commas) is None
    assert len(points) == len(commas)
    assert ucp.parse_file(points).protocol == ucp.parse_file(commas).protocol


def test_a_single_sequence_has_no_row_of_sequence_numbers() -> None:
    data = content("biologic", "steps: [{Rest: {duration: 60}}]")

    assert b"\r\nNs " not in data
    assert b"Modulo Bat\r\nctrl_type           Rest                \r\n" in data


# ---------------------------------------------------------------- Novonix


def test_a_novonix_head_is_utf_8_with_an_increment_sign() -> None:
    text = CHARGE.replace(", current: 0.001}", "}")
    data = content("novonix", text)

    assert data.startswith(
        b"Novonix HPC Protocol File\nVersion:3.0.2.3\nDate Saved:2026-01-31\n"
        b"[Protocol operating limits]\n"
        b"   [0 Stop channel if voltage < 2.4500 V or if voltage > 4.2500 V]\n"
        b"   [1 Stop channel if current < 0 A or if current > 6.000 A]\n"
        b"[End protocol operating limits]\n"
    )
    assert b"\r" not in data
    assert "      [0 Save data if \u2206T is greater than 30 seconds]\n".encode() in data
    assert (
        b"[CC-CV charge]\n   [Maximum_current 0.333333333 A]\n   [Charge_voltage 4.2 V]\n"
        b"   [Trip conditions]\n      [0 End step if absolute current is less than 0.05 A]\n"
    ) in data
    assert b"   [Storage_time 90 minutes]\n" in data


@pytest.mark.parametrize(
    ("limits", "path"),
    [
        # A limit of 4.2000 V would end the test where the charge leads to the next step.
        ("{voltage_min: 2.5, voltage_max: 4.20004}", "safety_limits.voltage_max"),
        ("{temperature_min: 9.9996, temperature_max: 45}", "safety_limits.temperature_min"),
        (
            "{charge_current_max: 1.0004, discharge_current_max: 1.0004}",
            "safety_limits.charge_current_max",
        ),
    ],
)
def test_a_limit_is_not_rounded_in_a_novonix_head(limits: str, path: str) -> None:
    charge = "{Charge: {mode: Current, value: 0.5, ends: [Voltage > 4.2]}}"
    steps = f"steps: [{charge}, {{Rest: {{duration: 5}}}}]"

    with pytest.raises(ucp.UCPError, match=r"decimals that limits have in this format") as caught:
        ucp.convert(f"safety_limits: {limits}\n{steps}", "novonix")

    assert caught.value.problems[0].path == path


def test_an_end_that_ends_the_test_is_not_rounded_in_a_novonix_head() -> None:
    text = """
steps:
  - Charge:
      mode: Current
      value: 1
      ends: [Voltage > 4.2, {Voltage > 4.20004: {goto: End}}, {Voltage < 2: {goto: End}}]
  - Rest: {duration: 5}
"""
    with pytest.raises(ucp.UCPError, match=r"its end 4\.20004 has more than the 4 decimals"):
        ucp.convert(text, "novonix")
    assert b"if voltage > 4.2100 V]" in content("novonix", text.replace("4.20004", "4.21"))


def test_a_novonix_head_never_charges_to_a_current_that_it_never_reaches() -> None:
    text = """
steps:
  - Charge: {mode: Current, value: 0.2, ends: [Voltage > 4.2]}
  - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.25]}
"""
    with pytest.raises(ucp.UCPError, match=r"Current < 0.25 A is not below the 0.2 A of the"):
        ucp.convert(text, "novonix")
    assert b"absolute current is less than 0.15 A]" in content(
        "novonix", text.replace("0.25", "0.15")
    )
