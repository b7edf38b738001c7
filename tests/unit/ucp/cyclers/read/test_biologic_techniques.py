"""Techniques of EC-Lab and BT-Lab, read from files that our exporter did not write."""

from __future__ import annotations

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.read.biologic_files import (
    CA,
    CP,
    GCPL,
    GEIS,
    LOOP,
    MODULO_BAT,
    OCV,
    PEIS,
    Rows,
    described,
    settings,
    steps,
    table,
)

DISCHARGE = {**CP, "Is": "-20.000"}


def refused(*techniques: tuple[str, str]) -> str:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.parse_file(settings(*techniques))
    return str(caught.value)


def test_linked_techniques_run_in_order_and_a_loop_counts_repetitions() -> None:
    """A public file with a list of 13 temperatures has 12 in ``nt times`` of its loop."""
    found = steps(
        ("OCV", table(OCV)),
        ("GCPL", table(GCPL, {**GCPL, "Is": "-100.000", "EM (V)": "3.000"})),
        ("Loop", table({"goto Ne": "2", "nt times": "49"})),
        ("OCV", table(OCV)),
    )

    assert found == [
        "Rest for 600",
        (
            "50 x (Charge Current 0.1 for 36000 until Voltage > 4.2; "
            "Discharge Current 0.1 for 36000 until Voltage < 3)"
        ),
        "Rest for 600",
    ]


def test_a_loop_without_repetitions_runs_once() -> None:
    assert steps(("OCV", table(OCV)), ("Loop", table({**LOOP, "nt times": "0"}))) == [
        "Rest for 600"
    ]


def test_loops_that_are_not_documented_are_named() -> None:
    ocv = ("OCV", table(OCV))
    nested = refused(ocv, ("Loop", table(LOOP)), ocv, ("Loop", table(LOOP)))
    forward = refused(ocv, ("Loop", table({**LOOP, "goto Ne": "2"})))

    assert "technique 4 (Loop): it is not documented how nested loops are counted" in nested
    assert "technique 2 (Loop): it repeats from technique 2, which is not before it" in forward


# ---------------------------------------------------------------- GCPL


def test_a_gcpl_hold_without_a_current_is_rejected() -> None:
    """All public sequences without a current have no hold; EM is then 0 V."""
    rest = {**GCPL, "Is": "0.000", "t1 (h:m:s)": "0:00:0.0000", "EM (V)": "0.000"}
    rest |= {"tR (h:m:s)": "0:05:0.0000", "dER/dt (mV/h)": "0.0"}
    hold = {**rest, "tM (h:m:s)": "1:00:0.0000"}

    assert steps(("GCPL", table(rest))) == ["Rest for 300"]
    assert "it holds a voltage, but no current leads to it" in refused(("GCPL", table(hold)))


def test_a_gcpl_sequence_is_a_current_a_hold_and_a_rest() -> None:
    charge = {**GCPL, "tM (h:m:s)": "2:00:0.0000", "Im": "5.000", "tR (h:m:s)": "0:05:0.0000"}
    charge["dER/dt (mV/h)"] = "0.0"

    assert steps(("GCPL", table(charge))) == [
        # A current that does not reach its voltage in time is not followed by the hold.
        "Charge Current 0.1 until Time > 36000 goto Sequence 0 or Voltage > 4.2",
        "Charge Voltage 4.2 for 7200 until Current < 0.005",
        "Rest for 300",
    ]


def test_a_gcpl_hold_that_is_skipped_at_the_end_ends_the_test() -> None:
    found = steps(("GCPL", table({**GCPL, "tM (h:m:s)": "2:00:0.0000"})))

    assert found[0] == "Charge Current 0.1 until Time > 36000 goto End or Voltage > 4.2"
    assert found[1:] == ["Charge Voltage 4.2 for 7200"]


def test_gcpl_cycles_count_repetitions_also_past_a_skipped_hold() -> None:
    """Recorded data of three passes had ``nc cycles`` of 2."""
    rest = {**GCPL, "Is": "0.000", "t1 (h:m:s)": "0:00:0.0000", "tR (h:m:s)": "1:00:0.0000"}
    rest["dER/dt (mV/h)"] = "0.0"
    charge = {**GCPL, "tM (h:m:s)": "1:00:0.0000"}
    back = {**GCPL, "Is": "-100.000", "EM (V)": "3.000", "goto Ns'": "1", "nc cycles": "2"}
    back["tM (h:m:s)"] = "1:00:0.0000"

    assert steps(("GCPL", table(rest, charge, back))) == [
        "Rest for 3600",
        (
            "3 x (Charge Current 0.1 until Time > 36000 goto Sequence 2 or Voltage > 4.2; "
            "Charge Voltage 4.2 for 3600; "
            "Discharge Current 0.1 until Time > 36000 goto Step 7 or Voltage < 3; "
            "Discharge Voltage 3 for 3600)"
        ),
    ]


@pytest.mark.parametrize(("applied", "rate"), [("C / N", "0.5"), ("C x N", "2")])
def test_a_c_rate_has_the_direction_of_its_own_row(applied: str, rate: str) -> None:
    rows = {**GCPL, "Set I/C": applied, "N": "2.00", "I sign": "< 0", "Is": "-1.500"}
    read = ucp.parse_file(settings(("GCPL", table({**rows, "EM (V)": "3.000"}))))

    assert described(read.protocol) == [f"Discharge C-rate {rate} for 36000 until Voltage < 3"]
    assert "no capacity of the battery" in " ".join(read.notes)
    battery = {**MODULO_BAT, "Apply I/C": applied}
    read = ucp.parse_file(settings(("Modulo Bat", table(battery))))
    assert "no capacity of the battery" in " ".join(read.notes)


def test_rules_of_recording_that_ucp_lacks_are_noted() -> None:
    held = {**GCPL, "tM (h:m:s)": "1:00:0.0000"}
    for technique in (("GCPL", table(held)), ("CA", table({**CA, "dQ": "1.000"}))):
        read = ucp.parse_file(settings(technique))
        assert "the recording by a change of charge was left out" in read.notes
    battery = {**MODULO_BAT, "rec_nb": "1", "rec1_type": "Power"}
    read = ucp.parse_file(settings(("Modulo Bat", table(battery))))
    assert "the recording by a change of Power was left out" in read.notes


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"EL (V)": "4.100"}, "repeated until the voltage after its rest passes EL"),
        ({"dxM": "0.500"}, "the meaning of dxM '0.500' is not documented"),
        ({"delta SoC (%)": "20.0"}, "delta SoC (%) '20.0'"),
        ({"dI/dt": "1.000"}, "dI/dt '1.000'"),
        ({"vs.": "Ictrl"}, "vs. 'Ictrl'"),
        ({"Set I/C": "P"}, "'Set I/C' 'P'"),
        ({"Set I/C": "C / N", "Is": "-1.000"}, "its direction is unclear: 'I sign' is '> 0'"),
        ({"Set I/C": "C / N", "N": "0.00"}, "its C-rate must be above 0"),
        ({"t1 (h:m:s)": "0:00:0.0000"}, "it has a current, but its time t1 is 0"),
        ({"Is": "0.000"}, "its current is 0 for the time t1"),
        ({"tM (h:m:s)": "1:00:0.0000", "EM (V)": "pass"}, "its current has no limit EM"),
        ({"tM (h:m:s)": "1:00:0.0000", "EM (V)": "-1.000"}, "the negative voltage of -1 V"),
        ({"tM (h:m:s)": "1:00:0.0000", "dQM": "5.000"}, "counts over its current and its hold"),
        ({"tM (h:m:s)": "1:60:0.0000"}, "tM (h:m:s) '1:60:0.0000' is not a time"),
        ({"unit Is": "mV"}, "100.000 mV must be in a unit of A"),
        ({"goto Ns'": "3", "nc cycles": "1"}, "it repeats from sequence 3"),
    ],
)
def test_gcpl_settings_that_ucp_lacks_are_named(changed: Rows, words: str) -> None:
    assert words in refused(("GCPL", table({**GCPL, **changed})))


def test_an_unknown_row_is_named() -> None:
    for name, rows in {"GCPL": GCPL, "OCV": OCV, "CP": CP, "CA": CA, "PEIS": PEIS}.items():
        words = refused((name, table({**rows, "Mystery": "1"})))
        assert "the meaning of the row Mystery is not documented" in words
    words = refused(("Modulo Bat", table({**MODULO_BAT, "Mystery": "1"})))
    assert "the meaning of the row Mystery is not documented" in words


# ---------------------------------------------------------------- rests that end at a slow change


def test_a_slow_change_is_watched_in_the_direction_the_voltage_moves() -> None:
    slow = ("OCV", table({**OCV, "dER/dt (mV/h)": "3.6"}))

    after_charge = steps(("CP", table(CP)), ("OCV", table(OCV)), slow)
    after_discharge = steps(("CP", table(DISCHARGE)), slow)

    assert after_charge[-1] == "Rest for 600 until d/dt(Voltage) > -1e-06"
    assert after_discharge[-1] == "Rest for 600 until d/dt(Voltage) < 1e-06"


def test_a_slow_change_of_unknown_direction_is_watched_in_both() -> None:
    slow = ("OCV", table({**OCV, "dER/dt (mV/h)": "3.6"}))
    both = [
        "Rest until Time > 600 goto End or d/dt(Voltage) > -1e-06",
        # UCP checks a rate from one second on: so long the first rest takes at least.
        "Rest for 599 until d/dt(Voltage) < 1e-06",
    ]

    assert steps(slow) == both
    # What runs before the first step of a loop is not the same in every pass.
    looped = steps(("CP", table(CP)), slow, ("CP", table(DISCHARGE)), ("Loop", table(LOOP)))
    assert "d/dt" in looped[0]
    second = {**LOOP, "goto Ne": "2"}
    (_, block) = steps(("CP", table(CP)), slow, ("CP", table(DISCHARGE)), ("Loop", table(second)))
    assert "d/dt(Voltage) > -1e-06" in block
    assert "d/dt(Voltage) < 1e-06" in block


def test_a_short_rest_does_not_end_at_a_slow_change() -> None:
    rows = {**OCV, "dER/dt (mV/h)": "1.0", "tR (h:m:s)": "0:00:0.1000"}
    read = ucp.parse_file(settings(("OCV", table(rows))))

    assert described(read.protocol) == ["Rest for 0.1"]
    assert any("too short to end" in note for note in read.notes)


# ---------------------------------------------------------------- currents, voltages and sweeps


def test_a_current_ends_by_time_voltage_or_charge() -> None:
    rows = {**CP, "EM (V)": "4.000", "dQM": "0.667"}
    low = {**DISCHARGE, "EM (V)": "3.000", "unit Is": "\u00b5A"}
    none = {**CP, "Is": "0.000", "nc cycles": "3", "goto Ns'": "1"}

    assert steps(("CP", table(rows, low, none))) == [
        "Charge Current 0.02 for 120 until Voltage > 4 or Capacity > 0.000667",
        "4 x (Discharge Current 2e-05 for 120 until Voltage < 3; Rest for 120)",
    ]


def test_a_voltage_is_held_for_a_time() -> None:
    read = ucp.parse_file(settings(("CA", table(CA))))

    assert described(read.protocol) == ["Direction Voltage 4.1 for 900"]
    assert "Direction[4.1 - Voltage]" in ucp.to_yaml(read.protocol)
    with pytest.raises(ucp.UCPError, match="its direction is only known during the run"):
        ucp.convert(read.protocol, "maccor")


def test_impedance_sweeps_are_read_with_what_comes_before_them() -> None:
    held = {**PEIS, "vs.": "Ref", "E (V)": "3.7000", "tE (h:m:s)": "0:00:30.0000"}
    rested = {**GEIS, "tIs (h:m:s)": "0:01:0.0000"}
    read = ucp.parse_file(
        settings(("PEIS", table(PEIS)), ("PEIS", table(held)), ("GEIS", table(rested)))
    )

    assert described(read.protocol) == [
        "EIS",
        "Direction Voltage 3.7 for 30",
        "EIS",
        "Rest for 60",
        "EIS",
    ]
    sweeps = [leaf.sweep for leaf in read.protocol.steps if getattr(leaf, "sweep", None)]
    assert [str(sweep.amplitude) for sweep in sweeps] == ["0.01", "0.01", "3e-05"]
    assert {str(sweep.min_frequency) for sweep in sweeps} == {"0.1"}
    assert {str(sweep.max_frequency) for sweep in sweeps} == {"200000"}
    assert {str(sweep.points_per_decade) for sweep in sweeps} == {"6"}


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("CP", {**CP, "vs.": "Ictrl"}, "set points relative to Ictrl are not read"),
        ("CP", {**CP, "Is": "0.000", "EM (V)": "3.000"}, "on which side of EM a rest ends"),
        ("CP", {**CP, "ts (h:m:s)": "0:00:0.0000"}, "its time ts is 0"),
        ("CA", {**CA, "vs.": "Emeas"}, "set points relative to Emeas are not read"),
        ("CA", {**CA, "Imax": "10.000"}, "Imax has a sign"),
        ("CA", {**CA, "dQM": "1.000"}, "dQM '1.000'"),
        ("CA", {**CA, "Ei (V)": "-0.010"}, "UCP cannot hold the negative voltage of -0.01 V"),
        ("PEIS", {**PEIS, "Mode": "Multi sine"}, "Mode 'Multi sine'"),
        ("PEIS", {**PEIS, "E (V)": "0.1"}, "set points relative to Eoc are not read"),
        ("PEIS", {**PEIS, "vs.": "Ref"}, "no impedance sweep that begins at 0 V without a hold"),
        ("PEIS", {**PEIS, "nc cycles": "2"}, "how 'nc cycles' counts the sweeps"),
        ("PEIS", {**PEIS, "Points": "from fi to ff"}, "Points 'from fi to ff'"),
        ("GEIS", {**GEIS, "Is": "1.000"}, "UCP has no impedance sweep during a current"),
        ("GEIS", {**GEIS, "Ia/Va": "Va"}, "an amplitude of the voltage"),
        ("GEIS", {**GEIS, "ff": "0.000"}, "the frequency ff is not above 0"),
        ("Cyclic Voltammetry", {"Ei (V)": "0"}, "sweeps of the voltage are not read"),
        ("Trigger In", {"Channel": "-1"}, "UCP neither waits for other devices nor sends"),
        ("Mystery", {"x": "1"}, "technique 1 (Mystery): this technique is not documented"),
    ],
)
def test_settings_of_techniques_that_ucp_lacks_are_named(name: str, rows: Rows, words: str) -> None:
    assert words in refused((name, table(rows)))


def test_a_pause_stands_for_a_technique_that_cannot_be_read() -> None:
    content = settings(("OCV", table(OCV)), ("Trigger In", table({"Channel": "-1"})))
    read = ucp.parse_file(content, partial=True)

    assert described(read.protocol) == ["Rest for 600", "Pause"]
    assert read.unread == (
        "technique 2 (Trigger In): UCP neither waits for other devices nor sends signals to them",
    )


def test_a_pause_stands_for_all_parts_of_an_unread_sequence() -> None:
    bad = {**GCPL, "goto Ns'": "3", "nc cycles": "1", "tR (h:m:s)": "1:00:0.0000"}

    assert steps(("GCPL", table(GCPL, bad)), partial=True) == [
        "Charge Current 0.1 for 36000 until Voltage > 4.2",
        "Pause",
    ]


# ---------------------------------------------------------------- Modulo Bat

REST = {
    **MODULO_BAT,
    "ctrl_type": "Rest",
    "lim1_type": "Time",
    "lim1_value": "10.000",
    "lim1_value_unit": "mn",
}


def test_one_sequence_of_modulo_bat_has_no_row_of_numbers() -> None:
    """Public files of EC-Lab 11.46 with one sequence have none; so it must not be lost."""
    assert steps(("Modulo Bat", table(MODULO_BAT))) == ["Charge Current 0.1 until Voltage > 4.2"]


def test_a_current_followed_by_a_voltage_in_one_sequence() -> None:
    """The rows are those of a public file of BT-Lab 1.81."""
    rows = {**MODULO_BAT, "ctrl_type": "CC-CV", "charge/discharge": "Discharge", "I Range": "10 A"}
    rows |= {"ctrl1_val": "10.000", "ctrl1_val_unit": "A", "ctrl2_val": "2.500"}
    rows |= {"ctrl2_val_unit": "V", "ctrl3_val": "1.000", "ctrl3_val_unit": "A"}
    rows |= {"lim1_type": "Time", "lim1_value": "10.000", "lim1_value_unit": "h"}
    found = steps(("Modulo Bat", table(rows)))

    assert found[0].startswith("Discharge Current 10 until Voltage < 2.5 or Time > 36000")
    assert found[1].startswith("Discharge Voltage 2.5 until Current < 1 or Time > 36000 -")
    assert "ctrl4_val '2.000'" in refused(("Modulo Bat", table({**rows, "ctrl4_val": "2.000"})))


@pytest.mark.parametrize("name", ["Modulo Bat", "CP", "GCPL"])
def test_a_current_or_voltage_outside_of_its_range_is_noted(name: str) -> None:
    """Public files have 196 uA in a range of 100 uA, as ``CC`` and as Chronopotentiometry."""
    rows: dict[str, str] = {"Modulo Bat": MODULO_BAT, "CP": CP, "GCPL": GCPL}[name]
    current = "ctrl1_val" if name == "Modulo Bat" else "Is"
    wide = {**rows, current: "1001.000", "I Range": "1 A"}
    wide |= {"EM (V)": "4.200"} if name == "CP" else {}

    def notes(**changed: str) -> str:
        return "\n".join(ucp.parse_file(settings((name, table({**wide, **changed})))).notes)

    assert "a current of 1.001 A is above its I Range of 1 A" in notes()
    assert "I Range" not in notes(**{current: "1000.000"})
    assert "I Range" not in notes(**{"I Range": "Auto Limited"})
    low = notes(**{"E range max (V)": "4.100"})
    assert "a limit of 4.2 V may never be reached: E range max (V) is 4.1" in low


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"ctrl2_val": "1.000"}, "the meaning of ctrl2_val '1.000' is not documented"),
        ({"ctrl5_val": "1.000"}, "the meaning of ctrl5_val '1.000' is not documented"),
        ({"lim_nb": "999999999"}, "it has 999999999 limits; at most 3 are read"),
        ({"current/potential": "potential"}, "the meaning of current/potential 'potential'"),
        (
            {"Apply I/C": "C / N", "ctrl1_val": "-100.000"},
            "its direction is unclear: it has a C-rate and a negative current",
        ),
    ],
)
def test_what_no_public_sequence_with_one_set_point_has_is_rejected(
    changed: dict[str, str], reason: str
) -> None:
    hold = {"ctrl_type": "CV", "ctrl1_val": "4.200", "ctrl1_val_unit": "V", "ctrl1_val_vs": "Ref"}

    assert reason in refused(("Modulo Bat", table({**MODULO_BAT, **changed})))
    if "Apply I/C" not in changed:
        assert reason in refused(("Modulo Bat", table({**MODULO_BAT, **hold, **changed})))


def test_the_direction_of_a_hold_is_that_of_the_current_that_led_to_it_or_of_the_cell() -> None:
    hold = {**MODULO_BAT, "ctrl_type": "CV", "ctrl1_val_vs": "Ref", "charge/discharge": "Charge"}
    hold |= {"ctrl1_val": "3.000", "ctrl1_val_unit": "V", "lim1_type": "|I|", "lim1_comp": "<"}
    hold |= {"lim1_value": "5.000", "lim1_value_unit": "mA"}
    down = {**MODULO_BAT, "charge/discharge": "Discharge", "lim1_comp": "<", "lim1_value": "3.000"}
    by_sign = {**hold, "lim1_type": "I", "lim1_comp": ">", "lim1_value": "-5.000"}

    (_, led) = steps(("Modulo Bat", table(down, hold)))
    assert led == "Discharge Voltage 3 until Current < 0.005"
    # The word Charge of its field is not used: the cell may be above 3 V.
    (_, alone) = steps(("Modulo Bat", table(REST, hold)))
    assert alone == "Direction Voltage 3 until Current < 0.005"
    (_, signed) = steps(("Modulo Bat", table(REST, by_sign)))
    assert signed == "Discharge Voltage 3 until Current < 0.005"


def test_a_limit_of_charge_ends_a_current() -> None:
    rows = {**MODULO_BAT, "lim1_type": "|Q|", "lim1_value": "5.000", "lim1_value_unit": "mA.h"}

    assert steps(("Modulo Bat", table(rows))) == ["Charge Current 0.1 until Capacity > 0.005"]
    relative = {**rows, "lim1_Q": "Q prev"}
    assert "UCP does not have the limit |Q|" in refused(("Modulo Bat", table(relative)))


def test_a_sweep_in_modulo_bat_with_its_limits() -> None:
    rows = {**REST, "ctrl_type": "PEIS", "ctrl1_val": "10.000", "ctrl1_val_unit": "mV"}
    rows |= {"ctrl2_val": "10.000", "ctrl2_val_unit": "kHz"}
    rows |= {"ctrl3_val": "100.000", "ctrl3_val_unit": "Hz"}
    read = ucp.parse_file(settings(("Modulo Bat", table(REST, rows))))

    assert described(read.protocol) == ["Rest for 600", "EIS"]
    assert "limits of impedance sweeps were left out" in read.notes
    jumps = {**rows, "lim1_action": "Goto sequence", "lim1_seq": "0"}
    words = refused(("Modulo Bat", table(REST, jumps)))
    assert "UCP has no limits that end an impedance sweep" in words


def test_a_loop_over_techniques_contains_the_loop_of_one() -> None:
    """The data of ``v1150_MB.mpt`` have 4 inner passes in each of 4 outer ones."""
    back = {**REST, "ctrl_type": "Loop", "lim_nb": "0", "ctrl_repeat": "3"}
    inner = ("Modulo Bat", table(REST, back))

    assert steps(inner, ("Loop", table({**LOOP, "nt times": "3"}))) == ["4 x (4 x (Rest for 600))"]


def test_only_the_last_sequence_of_all_may_lead_to_no_sequence() -> None:
    last = {**REST, "lim1_seq": "9999"}
    first = {**REST, "lim1_seq": "1"}

    assert steps(("Modulo Bat", table(first, last))) == ["Rest for 600", "Rest for 600"]
    early = refused(("Modulo Bat", table(last, REST)))
    linked = refused(("Modulo Bat", table(first, last)), ("OCV", table(OCV)))
    assert "its next sequence is 9999, not 1" in early
    assert "its next sequence is 9999, not 2" in linked


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"lim1_action": "Stop"}, "whether it stops the following techniques"),
        ({"lim1_action": "Goto sequence", "lim1_seq": "7"}, "it leads to sequence 7"),
        ({"ctrl_type": "UP"}, "the meaning of this type of control"),
        ({"ctrl_tM": "1"}, "ctrl_tM '1'"),
        ({"lim1_type": "|delta SoC|", "lim1_value_unit": "%"}, "the limit |delta SoC| > 10.000 %"),
        ({"ctrl_type": "Loop"}, "the meaning of limits of a loop is not documented"),
        ({"ctrl_type": "Loop", "lim_nb": "0", "ctrl_seq": "1", "ctrl_repeat": "1"}, "sequence 1"),
    ],
)
def test_settings_of_modulo_bat_that_ucp_lacks_are_named(changed: Rows, words: str) -> None:
    assert words in refused(("Modulo Bat", table({**REST, **changed})), ("OCV", table(OCV)))
