"""Every public sample is read and does the same when written again, or is rejected."""

from __future__ import annotations

from pathlib import Path

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.plan import differences, flatten
from tests.unit.ucp.samples import ALL, FOLDER, sample

REFUSED = {
    "maccor/beep_EXP.000": ["step 012 (Chg Func)", "step 018 (Chg Func)"],
    "maccor/battetl_BG_EIS.000": ["step 005 (FRA): its settings are in BG_EIS_5mV_BaselineCycle"],
    "arbin/beep_20170630-3_6C_9per_5C.sdu": [
        "step 8 'CC1' (CCCV): PV_CHAN_Charge_Capacity counts over several steps: step 7 'Second",
        "step 14 'TestforlowQ' (Rest): its limit PV_CHAN_Discharge_Capacity <= 0.825",
        "step 15 'Loop' (Set Variable(s)): it has no single limit that leads on",
    ],
    "novonix/beep_Nova_Form_header_v2.2.txt": [
        "step 3 (Constant_current_charge): its end 'capacity > 0.28 Ah' may count",
        "step 5 (Constant_current_discharge): its end 'capacity > 0.28 Ah' may count",
    ],
}
# Read in full, see test_novonix.py, but the format that is written cannot hold them.
UNWRITABLE = [
    "novonix/ionworksdata_header_v2.3.txt",
    "novonix/preparenovonix_example_header_v3.txt",
]
DRIVE = [[0, 1.0], [1, -2.0], [5, 0.0]]


def name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize(
    "path", [path for path in ALL if name(path) not in (*REFUSED, *UNWRITABLE)], ids=name
)
def test_a_sample_does_the_same_after_reading_and_writing(path: Path) -> None:
    read = ucp.parse_file(path)
    cycles = dict.fromkeys(read.required_drive_cycles, DRIVE)
    protocol = ucp.with_drive_cycles(read.protocol, cycles)

    written = ucp.convert(
        protocol, read.target, nominal_capacity_ah=read.nominal_capacity_ah, verify=True
    )

    again = ucp.parse_file(written.primary_bytes, assets=dict(written.assets))
    plans = [flatten(each, read.nominal_capacity_ah) for each in (protocol, again.protocol)]
    assert [plan.problems for plan in plans] == [(), ()]
    assert (
        differences(plans[0].plan, plans[1].plan, nominal_capacity=read.nominal_capacity_ah) == []
    )


@pytest.mark.parametrize("refused", REFUSED)
def test_a_rejected_sample_names_its_unreadable_steps(refused: str) -> None:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.parse_file(sample(refused))

    for words in REFUSED[refused]:
        assert words in str(caught.value)


def test_all_rejected_files_are_samples() -> None:
    assert set(REFUSED) <= {name(path) for path in ALL}
    assert len(ALL) - len(REFUSED) == 25


def described(protocol: ucp.Protocol) -> list[str]:
    """Return the steps of a protocol in a short form, blocks with their repeats."""
    found = []
    for item in protocol.steps:
        match item:
            case ucp.Block():
                inner = described(ucp.Protocol(item.items))
                found.append(f"{item.repeat} x ({', '.join(inner)})")
            case ucp.Marker():
                found.append(item.kind)
            case ucp.Leaf():
                ends = " or ".join(map(str, item.ends))
                time = f" for {item.duration}" if item.duration else ""
                level = f" {item.mode} {item.value}" if item.mode else ""
                found.append(f"{item.kind}{level}{time}{f' until {ends}' if ends else ''}")
    return found


def test_the_steps_of_a_maccor_procedure_agree_with_its_notes() -> None:
    """``formation_061621.000``: bump charge, wetting, precharge, two verification cycles."""
    read = ucp.parse_file(sample("maccor/beep2022_formation_061621.000"))

    cycle = "Charge Current 0.048 until Voltage > 4.4, Discharge Current 0.048 until Voltage < 3"
    assert described(read.protocol) == [
        "Rest for 120",
        "Charge Current 0.048 until Voltage > 1.5",
        "Charge Voltage 1.5 for 86400",
        "Charge Current 0.012 until Voltage > 3.8",
        "Rest for 172800",
        "Charge Current 0.024 until Voltage > 4.4",
        "Charge Voltage 4.4 for 3600",
        "Discharge Current 0.048 until Voltage < 3",
        f"2 x ({cycle}, Advance cycle)",
        "Discharge Current 0.048 until Voltage < 3",
        "Discharge Voltage 3 for 3600",
    ]
    assert {limit.key: str(limit.value) for limit in read.protocol.safety.limits} == {
        "voltage_min": "0",
        "voltage_max": "4.45",
    }


def test_two_formats_of_the_same_protocol_give_the_same_steps() -> None:
    """The project beep converted the Maccor file to the BioLogic file."""
    procedure = ucp.parse_file(sample("maccor/beep2022_formation_061621.000"))
    settings = ucp.parse_file(sample("biologic/beep2022_btlab_formation_061621_loop.mps"))

    # BT-Lab counts cycles by itself.
    expected = [text.replace(", Advance cycle", "") for text in described(procedure.protocol)]
    assert described(settings.protocol) == expected
    assert settings.protocol.safety == procedure.protocol.safety


def test_the_loops_of_a_neware_file_agree_with_its_recorded_data() -> None:
    """``nw4-120-1-6-53``: recorded data has 10 x 15 inner and 10 outer cycles."""
    read = ucp.parse_file(sample("neware/fastnda_nw4-120-1-6-53_Step.xml"))

    (outer,) = read.protocol.steps
    assert isinstance(outer, ucp.Block)
    assert str(outer.repeat) == "10"
    inner = outer.items[0]
    assert isinstance(inner, ucp.Block)
    assert str(inner.repeat) == "15"
    assert read.nominal_capacity_ah == pytest.approx(0.00387)
    assert described(ucp.Protocol(inner.items))[0].startswith("Charge C-rate 0.5 until Voltage")


def test_the_total_time_of_a_cccv_step_is_kept() -> None:
    """``M50T``: type 7 with 18 000 s for both parts, ending at 250 mA."""
    read = ucp.parse_file(sample("neware/NewareNDA-dc_M50T_EditStep.xml"))
    text = ucp.to_yaml(read.protocol)

    assert "Time > 18000 - VAR_CC_TIME_" in text
    assert "Current < 0.25" in text
    assert "repeat: 100" in text


def test_a_waveform_without_samples_is_named() -> None:
    read = ucp.parse_file(sample("maccor/beep_drivingV1.000"))

    assert read.required_drive_cycles == ("LA4_8rep_lim",)
    assert any("currents (I) or powers (P)" in note for note in read.notes)
