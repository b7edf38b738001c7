"""Arbin schedules as laboratories write them, in small schedules with the same constructs.

The constructs are those of seven schedules for MITS 8 of the project battetl and seven for MITS Pro
7 of the project beep. What each of them does is written out here by hand, and the passes of loops
are counted by an emulator of the registers.
"""

from __future__ import annotations

from collections import Counter

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.export.emulators import EMULATORS
from tests.unit.ucp.cyclers.export.test_meaning import leaves, runs
from tests.unit.ucp.cyclers.read.arbin_rows import formula, schedule
from tests.unit.ucp.cyclers.read.test_samples import described

REST = "{} | Rest | | | PV_CHAN_Step_Time>=10"
CHARGE = "{} | Current(A) | 1 | | PV_CHAN_Voltage>=4.2"
DISCHARGE = "{} | Current(A) | -1 | | PV_CHAN_Voltage<=3"
FORMULAS = f"{formula(0, 'F_Vmax', '4.2')}\n{formula(1, 'F_Vmin', '2.5')}"


def steps(table: str, **more: str) -> list[str]:
    return described(ucp.parse_file(schedule(table, **more)).protocol)


def unread(table: str, **more: str) -> str:
    """Return the reasons of a schedule that is refused, and read in part."""
    with pytest.raises(ucp.UCPError):
        ucp.parse_file(schedule(table, **more))
    content = schedule(f"{table.strip()}\n{REST.format('Tail')}", **more)
    return "\n".join(map(str, ucp.parse_file(content, partial=True).unread))


def test_formulas_and_multiples_of_the_nominal_capacity() -> None:
    table = """
C | Current(A) | 0.05 * MV_NominalCapacity | | PV_CHAN_Step_Time>=104400; PV_CHAN_Voltage>=F_Vmax
C/5 CCCV | CCCV | 0.2 * MV_NominalCapacity | F_Vmax,0 | PV_CHAN_Current<=0.05 * MV_NominalCapacity
1C D | Current(A) | -MV_NominalCapacity | | PV_CHAN_Voltage<=F_Vmin; log DV_Time>=5
"""
    content = schedule(table, more=FORMULAS, head="m_TestObjName=cell.to")
    read = ucp.parse_file(content)

    assert described(read.protocol) == [
        "Charge C-rate 0.05 for 104400 until Voltage > 4.2",
        "Charge C-rate 0.2 until Voltage > 4.2",
        "Charge Voltage 4.2 until C-rate < 0.05",
        "Discharge C-rate 1 until Voltage < 2.5",
    ]
    assert any("nominal capacity of the test object cell.to" in note for note in read.notes)


@pytest.mark.parametrize(
    ("value", "more", "reason"),
    [
        ("F_V", formula(0, "F_V", "MV_UD1"), "the formula F_V = MV_UD1*1 + 0 is not constant"),
        ("F_V", formula(0, "F_V", "4.2").replace("X1=4.2", "X1=4.1"), "differs from its factors"),
        ("F_V", formula(0, "F_V", "4.2").replace("X3=1", "X3=2"), "arrangement is unknown"),
        ("F_V", formula(0, "F_V", "4.2").replace("FuncX=", "FuncX=exp"), "has functions"),
        (
            "F_V",
            f"{formula(0, 'F_V', '4')}\n{formula(1, 'F_V', '5')}",
            "several formulas are called",
        ),
        ("F_V", "", "F_V is not a formula of this schedule"),
        ("MV_UD1", "", "MV_UD1 is given a value when the test is started"),
        ("LS_CHAN_Voltage", "", "LS_CHAN_Voltage is measured while the test runs"),
        ("4 * MV_NominalCapacity", "", "which only currents and capacities may do"),
        ("4.2 > 3", "", "'4.2 > 3' is not a number"),
        ("1/0", "", "1 / 0 divides by zero"),
    ],
)
def test_other_values_are_unread_with_their_reason(value: str, more: str, reason: str) -> None:
    assert reason in unread(f"CC | Current(A) | 1 | | PV_CHAN_Voltage>={value}", more=more)


def test_a_current_that_depends_on_the_run_is_unread() -> None:
    table = "V | CCCV | LS_CHAN_Current | 4.2,0 | PV_CHAN_Current<=1.6"

    assert "step 1 'V' (CCCV): LS_CHAN_Current is measured while the test runs" in unread(table)


# ------------------------------------------------------------ internal resistance


def test_a_measurement_of_resistance_is_a_rest_with_a_note() -> None:
    table = f"""
{CHARGE.format("CC")}
IR | Internal Resistance | -0.5 | 50.00,0 | PV_CHAN_Step_Time>=60; log DV_Time>=10
At once | Internal Resistance | 0.5 | 50.00,0 | PV_CHAN_Step_Time>=0
{DISCHARGE.format("D")}
"""
    read = ucp.parse_file(schedule(table))

    assert described(read.protocol) == [
        "Charge Current 1 until Voltage > 4.2",
        "Rest for 60",
        "Discharge Current 1 until Voltage < 3",
    ]
    assert [leaf.note for leaf in leaves(read.protocol.steps)][1] == (
        "Arbin measures the internal resistance: ten pulses of +-0.5 A for 50 ms, left out"
    )
    assert sum("ten pulses of +-0.5 A for 50 ms" in note for note in read.notes) == 2


@pytest.mark.parametrize(
    ("extra", "limits", "reason"),
    [
        ("50.00,0.1", "PV_CHAN_Step_Time>=60", "its pulses have an offset"),
        ("50.00,0", "PV_CHAN_Voltage>=4.2", "an end other than its time"),
        (",0", "PV_CHAN_Step_Time>=60", "m_szExtCtrlValue1 '' is not a number"),
    ],
)
def test_pulses_that_may_charge_the_cell_are_unread(extra: str, limits: str, reason: str) -> None:
    assert reason in unread(f"IR | Internal Resistance | 0.5 | {extra} | {limits}")


# ------------------------------------------------------------ loops


def loop(register: str, resets: int, counts: int, back: str, on: str, before: str = "") -> str:
    return f"""{before}
{REST.format("First")}
Start | Set Variable(s) | {resets} | 0,0 | PV_CHAN_Step_Time>0
{CHARGE.format("C")}
{DISCHARGE.format("D")}
Turn | Set Variable(s) | 0 | {counts},0 | {register}{back} -> C; {register}{on}
{REST.format("Last")}
"""


COUNT = "Count | Set Variable(s) | 15 | 1,0 | PV_CHAN_Step_Time>=0"
INDEX = "PV_CHAN_Cycle_Index"


@pytest.mark.parametrize(
    ("table", "passes"),
    [
        (loop("TC_Counter1", 65536, 2, "<20", "=20"), 20),
        (loop("TC_Counter1", 65536, 2, "<20", ">=20"), 20),
        (loop("TC_Counter1", 65536 + 15, 3, "<20", "=20"), 20),
        (loop("TC_Counter4", 524288, 16, "<=20", ">20"), 21),
        (loop(INDEX, 15, 1, "<=20", ">20"), 20),
        (loop(INDEX, 15, 1, "<=20", ">20", COUNT), 19),
        (loop(INDEX, 15, 1, "<20", ">=20", COUNT), 18),
        # The schedules of battetl name the limits in either order.
        (loop(INDEX, 15, 1, "<=600", ">600").replace(
            f"{INDEX}<=600 -> C; {INDEX}>600", f"{INDEX}>600; {INDEX}<=600 -> C"), 600),
        # The index has counted a loop before: 1 + 3 passes.
        (loop("TC_Counter1", 65536, 3, "<3", "=3") + "\n".join(
            loop(INDEX, 15, 1, "<=9", ">9").replace("C |", "C2 |").replace("-> C", "-> C2")
            .replace("D |", "D2 |").replace("First", "F2").replace("Start", "S2")
            .replace("Turn", "T2").replace("Last", "L2").strip().splitlines()), 3 + 6),
    ],
)  # fmt: skip
def test_the_passes_of_a_loop_agree_with_its_registers(table: str, passes: int) -> None:
    content = schedule(table)
    protocol = ucp.parse_file(content).protocol

    in_file = Counter(EMULATORS["arbin"](content))
    kinds = [line.split("|")[1].strip() for line in table.strip().splitlines()]
    charges = [n for n, kind in enumerate(kinds) if kind == "Current(A)"][::2]
    assert sum(in_file[number] for number in charges) == passes
    assert sum(leaf.kind == "Charge" for leaf in runs(protocol.steps)) == passes
    # Every other step runs as often in the file as in the protocol.
    assert sum(in_file.values()) == len(runs(protocol.steps))


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (loop("TC_Counter1", 0, 2, "<20", "=20"), "not start after a reset of TC_Counter1"),
        (loop("TC_Counter1", 65536, 2, "<20", "=21"), "until TC_Counter1 is 20, but leads on from"),
        (loop("TC_Counter1", 65536, 1, "<20", "=20"), "it increments PV_CHAN_Cycle_Index but is"),
        (loop("TC_Counter1", 65536, 6, "<20", "=20"), "it increments a second counter"),
        (loop(INDEX, 15, 1, "<=1", ">1", f"{COUNT}\n{COUNT.replace('Count |', 'Again |')}"),
         "PV_CHAN_Cycle_Index is never below 2"),
        (loop(INDEX, 15, 1, "<=20", ">20").replace("Voltage<=3", "Voltage<=3 -> First"),
         "may be entered more than once"),
        (loop(INDEX, 15, 1, "<=20", ">20").replace(
            "Step_Time>=10\nStart", f"Step_Time>=10; PV_CHAN_Voltage<=3 -> C\n{COUNT}\nStart"),
         "PV_CHAN_Cycle_Index is 1 or 2 at the start of its loop"),
        (f"{REST.format('C')}\nLoop | Set Variable(s) | 15 | 1,0 | {INDEX}<=10 -> C",
         "no single limit that leads on after the last pass"),
        ("X | Set Variable(s) | 0 | 2,0 | PV_CHAN_Step_Time>0", "TC_Counter1 outside a loop"),
        ("X | Set Variable(s) | 3 | 0,0 | PV_CHAN_Step_Time>0", "resets only some of"),
        ("X | Set Variable(s) | 32 | 0,0 | PV_CHAN_Step_Time>0", "32 is not documented"),
        ("X | Set Variable(s) | 0 | 32,0 | PV_CHAN_Step_Time>0", "32 is not documented"),
        ("X | Set Variable(s) | 0 | 0,1 | PV_CHAN_Step_Time>0", "registers that count down"),
    ],
)  # fmt: skip
def test_registers_that_are_no_loop_are_unread(table: str, reason: str) -> None:
    assert reason in unread(table)


# ------------------------------------------------------------ limits


def test_a_capacity_counts_a_step_only_if_every_way_into_it_resets_the_register() -> None:
    reset = "Reset | Set Variable(s) | 15 | 1,0 | PV_CHAN_Step_Time>=0"
    charge = "CC | Current(A) | 1 | | PV_CHAN_Charge_Capacity>0.5; PV_CHAN_Voltage>=4.2"
    assert (
        steps(f"{reset}\n{charge}")[1] == "Charge Current 1 until Capacity > 0.5 or Voltage > 4.2"
    )

    multiple = charge.replace(">0.5", ">0.5 * MV_NominalCapacity")
    assert "Capacity > 0.5 * Q_NOM" in steps(f"{reset}\n{multiple}")[1]

    again = "A | Current(A) | -1 | | PV_CHAN_Voltage<=3 -> CC"
    assert "step 3 'A' (Current(A)) leads to this step without a reset" in unread(
        f"{reset}\n{charge}\n{again}"
    )
    assert "may not be 0 when the test begins" in unread(charge)


def test_a_capacity_is_unread_behind_a_step_whose_limits_are() -> None:
    """That step may charge the cell, or lead here, without a reset of the register."""
    table = """
Reset | Set Variable(s) | 15 | 1,0 | PV_CHAN_Step_Time>=0
A | Current(A) | 1 | | PV_CHAN_Step_Time>=600
B | Current(A) | 1 | | PV_CHAN_Charge_Capacity>0.5
"""
    content = schedule(f"{table.strip()}\n{REST.format('R')}")
    limit = b"[Schedule_Step1_Limit0]\r\nm_bStepLimit="
    assert content.count(limit + b"1") == 1
    read = ucp.parse_file(content.replace(limit + b"1", limit + b"2"), partial=True)

    assert [text.partition(" (")[0] for text in read.unread] == ["step 2 'A'", "step 3 'B'"]


def test_a_taper_may_be_compared_alone_or_after_a_second() -> None:
    taper = "PV_CHAN_CV_Stage_Current>=-0.055"
    for limit in (taper, f"{taper} and PV_CHAN_CV_StageTime>1", "PV_CHAN_Current>=-0.055"):
        assert steps(f"D | CCCV | -0.366 | 3.0,0 | {limit}") == [
            "Discharge Current 0.366 until Voltage < 3",
            "Discharge Voltage 3 until Current < 0.055",
        ]
    assert "has no counterpart" in unread(f"D | Current(A) | -0.366 | | {taper}")
    assert "has no counterpart" in unread(
        f"D | CCCV | -0.366 | 3.0,0 | {taper} and PV_CHAN_Step_Time>1"
    )


def test_a_constant_voltage_has_the_direction_of_the_current_before_it() -> None:
    voltage = "CV | Voltage(V) | 3.6 | | PV_CHAN_Step_Time>1800"

    assert steps(f"{CHARGE.format('C')}\n{voltage}")[1] == "Charge Voltage 3.6 for 1800"
    assert steps(f"{DISCHARGE.format('D')}\n{voltage}")[1] == "Discharge Voltage 3.6 for 1800"
    assert "does not say whether it charges or discharges" in unread(voltage)


def test_the_first_of_several_equal_limits_takes_effect() -> None:
    table = f"""
C | Current(A) | 1 | | PV_CHAN_Voltage>=4.19; PV_CHAN_Voltage>=4.19 -> Out
{REST.format("R")}
{REST.format("Out")}
"""
    read = ucp.parse_file(schedule(table))

    assert described(read.protocol)[0] == "Charge Current 1 until Voltage > 4.19"
    assert any("the first one takes effect" in note for note in read.notes)


SCOPE = "m_bCheckVoltageSafety=1\nm_VoltageSafetyScope=2.000000^3.800000"


def test_a_jump_at_a_limit_of_the_schedule_ends_the_test() -> None:
    table = f"""
C | Current(A) | 1 | | PV_CHAN_Voltage>=3.6; PV_CHAN_Voltage>=3.8 -> Out
{REST.format("R")}
{REST.format("Out")}
"""
    read = ucp.parse_file(schedule(table, head=SCOPE))

    assert described(read.protocol)[0] == "Charge Current 1 until Voltage > 3.6"
    assert {limit.key: str(limit.value) for limit in read.protocol.safety.limits} == {
        "voltage_min": "2",
        "voltage_max": "3.8",
    }
    assert any("voltage_max of the schedule ends the test" in note for note in read.notes)
    only = table.replace("PV_CHAN_Voltage>=3.6; ", "")
    assert described(ucp.parse_file(schedule(only, head=SCOPE)).protocol)[0] == (
        "Charge Current 1 until Voltage > 3.8"
    )


def test_a_step_that_goes_on_at_a_limit_of_the_schedule_is_unread() -> None:
    table = "C | Current(A) | 1 | | PV_CHAN_Voltage>=3.8"

    assert "it goes on at Voltage > 3.8 V, where the limit voltage_max of the whole schedule" in (
        unread(f"{table}\n{REST.format('R')}", head=SCOPE)
    )


def test_a_temperature_of_an_auxiliary_channel_is_unread() -> None:
    assert "which of the auxiliary channels measures the cell is not in the file" in unread(
        "Cool | Rest | | | AV_T[2]<=30"
    )


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("Current Ramp(A)", "UCP has no current that changes steadily"),
        ("Current Simulation", "its samples are in another file"),
        ("Write CAN Messages", "UCP cannot send messages to other devices"),
        ("Power(W)", "the meaning of this type of step is not documented"),
    ],
)
def test_other_types_of_steps_are_unread(kind: str, reason: str) -> None:
    assert reason in unread(f"X | {kind} | 1 | | PV_CHAN_Step_Time>=10")


def test_a_rest_without_time_is_left_out() -> None:
    table = f"{CHARGE.format('C')}\nEnd | Rest | | | PV_CHAN_Step_Time>0"

    assert steps(table) == ["Charge Current 1 until Voltage > 4.2"]
    jump = table.replace("Voltage>=4.2", "Voltage>=4.2 -> End; PV_CHAN_Step_Time>=60 -> C2")
    assert steps(jump.replace("End |", f"{DISCHARGE.format('C2')}\nEnd |")) == [
        "Charge Current 1 for 60 until Voltage > 4.2",
        "Discharge Current 1 until Voltage < 3",
    ]


# ------------------------------------------------------------ the whole schedule

CHAMBER = """[Schedule_TestStg0]
Element0_bTurnOn=1
Element0_bWaitSatisfaction=0
Element0_fOutput=25
Element0_strType=Temperature
m_szLabel=TestStg_A"""


def test_what_a_protocol_cannot_hold_is_noted() -> None:
    more = f"""{CHAMBER}
[Schedule_CSchedule_IvSafetyAndSDL0]
m_szItem=DV_Current
m_szSafetyHigh=105%
m_szSafetyLow=-105%
[Aux Temperature]
high=55.000000
low=15.000000
size=2"""
    head = "m_TestObjName=cell.to\nm_AuxSafetyEnabled=0^0 ; 1^1 ; 2^0\nm_AuxTempSafetyScope=0^60"
    head += "\nm_AuxSafetyChanSafetyEnabled=0^1 ; 1^0\nm_bUnreasonableNeedCheck=1"
    notes = "\n".join(ucp.parse_file(schedule(REST.format("R"), head=head, more=more)).notes)

    for words in (
        "TestStg_A (Temperature) sets 25",
        "auxiliary temperatures to 0 to 60 degC",
        "auxiliary temperatures to 15.000000 to 55.000000 degC",
        "relative to the test object cell.to are not in the protocol: DV_Current from -105%",
        "safety limits on auxiliary channels, which the protocol lacks",
        "which are not documented and were left out: m_bUnreasonableNeedCheck",
    ):
        assert words in notes


@pytest.mark.parametrize(
    ("head", "more", "reason"),
    [
        (
            "m_ClampCurrentHigh=1,5.000000,0",
            "",
            "m_ClampCurrentHigh: the meaning of '1,5.000000,0'",
        ),
        ("m_uStepNum=2", "", "[Schedule]: m_uStepNum has several values"),
        ("", "[Schedule_Step0]\nm_szLabel=R", "several sections of this name"),
        (f"{SCOPE}\nm_bDefaultVoltageSafetyMode=1", "", "relative to the defaults"),
        ("", CHAMBER.replace("Satisfaction=0", "Satisfaction=1"), "UCP cannot wait for a chamber"),
    ],
)
def test_settings_that_change_what_runs_are_rejected(head: str, more: str, reason: str) -> None:
    with pytest.raises(ucp.UCPError, match="Arbin schedule") as caught:
        ucp.parse_file(schedule(REST.format("R"), head=head, more=more), partial=True)

    assert reason in str(caught.value)


def test_a_limit_of_the_current_holds_in_both_parts_of_a_cccv_step() -> None:
    table = f"""
CCCV | CCCV | 2 | 4.2,0 | PV_CHAN_Current<=0.1 and PV_CHAN_Step_Time>1; PV_CHAN_Current>=3 -> Out
{REST.format("R")}
{REST.format("Out")}
"""
    protocol = ucp.parse_file(schedule(table)).protocol

    charge, hold = leaves(protocol.steps)[:2]
    assert [str(end) for end in charge.ends] == ["Voltage > 4.2", "Current > 3"]
    assert [str(end) for end in hold.ends] == ["Current < 0.1", "Current > 3"]
    assert charge.ends[1].goto == hold.ends[1].goto == "Out"


def test_ranges_that_differ_or_are_exceeded_and_lost_data_are_noted() -> None:
    text = (
        "steps: [{Rest: {duration: 9}}, {Charge: {mode: Current, value: 2, ends: [Voltage > 4]}}]"
    )
    made = {target: ucp.convert(text, target).primary_bytes for target in ("arbin", "arbin_sdx")}
    changes = [
        ("arbin", b"m_szCurrentRange=Range1", b"m_szCurrentRange=Range2", "ranges of the current"),
        ("arbin_sdx", b"m_nMaxCurrent=2", b"m_nMaxCurrent=1", "is above its m_nMaxCurrent of 1 A"),
        ("arbin", b"m_bLogChanNormalData=1", b"m_bLogChanNormalData=0", "does not say that it"),
    ]
    for target, old, new, words in changes:
        assert old in made[target]
        before, after = (
            " ".join(ucp.parse_file(content).notes)
            for content in (made[target], made[target].replace(old, new, 1))
        )
        assert words not in before
        assert words in after
