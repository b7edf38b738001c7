"""Headers, encodings and the heads of data files of EC-Lab and BT-Lab."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ionworks import ucp
from tests.unit.ucp.cyclers.read.biologic_files import (
    CP,
    GCPL,
    MODULO_BAT,
    OCV,
    PEIS,
    described,
    settings,
    table,
)
from tests.unit.ucp.cyclers.read.test_hostile_files import mutated
from tests.unit.ucp.samples import sample

MICRO = {**CP, "Is": "-196.000", "unit Is": "\u00b5A"}
RECORDED = sample("biologic/galvani_020-formation_CB5.mpt")


def refused(content: bytes) -> str:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.parse_file(content)
    return str(caught.value)


def safety(*lines: str) -> bytes:
    head = "".join(f"\r\n\t{line}" for line in lines)
    return settings(("OCV", table(OCV)), head=f"\r\nSafety Limits :{head}\r\nComments : ")


def test_a_temperature_limit_is_read() -> None:
    """The lines are those of a public file of BT-Lab 1.81."""
    content = safety(
        "Ecell min = 2.49 V",
        "Ecell max = 3.66 V",
        "|I| = 12000.000 mA",
        "for t > 2 ms",
        "Temperature max = 55.00 \u00b0C",
    )
    read = ucp.parse_file(content)

    assert {limit.key: str(limit.value) for limit in read.protocol.safety.limits} == {
        "voltage_min": "2.49",
        "voltage_max": "3.66",
        "charge_current_max": "12",
        "discharge_current_max": "12",
        "temperature_max": "55",
    }
    assert "a protocol cannot hold the setting 'for t > 2 ms'" in read.notes


@pytest.mark.parametrize(
    "line", ["Temperature min = 5.00 \u00b0C", "|Q-Qo| = 1.00 mA.h", "An In 1 max = 0.00"]
)
def test_safety_limits_that_ucp_lacks_are_named(line: str) -> None:
    assert f"UCP has no safety limit '{line.partition(' =')[0]}" in refused(safety(line))
    assert "must be in a unit of degC" in refused(safety("Temperature max = 55.00 V"))


def test_every_encoding_of_a_unit_is_read() -> None:
    content = settings(("CP", table(MICRO)))
    text = content.decode("cp1252")
    files = [
        content,
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.replace("\u00b5", "\u03bc").encode(),
        text.replace("\u00b5A", "uA").encode(),
        text.replace("\r\n", "\n").encode("cp1252"),
        re.sub(r"(\d)\.(\d)", r"\1,\2", text).encode("cp1252"),
    ]

    found = {tuple(described(ucp.parse_file(each).protocol)) for each in files}
    assert found == {("Discharge Current 0.000196 for 120",)}


def test_amounts_are_exact_in_every_unit() -> None:
    units = {"A": "2.667", "mA": "0.002667", "\u00b5A": "2.667e-06", "nA": "2.667e-09"}
    for unit, amperes in units.items():
        content = settings(("CP", table({**CP, "Is": "2.667", "unit Is": unit})))
        assert described(ucp.parse_file(content).protocol) == [f"Charge Current {amperes} for 120"]
    times = {"d": "86400", "h": "3600", "mn": "60", "s": "1", "ms": "0.001"}
    for unit, seconds in times.items():
        rows = {**MODULO_BAT, "lim1_type": "Time", "lim1_value": "1.000", "lim1_value_unit": unit}
        content = settings(("Modulo Bat", table(rows)))
        assert described(ucp.parse_file(content).protocol) == [f"Charge Current 0.1 for {seconds}"]


def test_the_head_is_understood_or_noted() -> None:
    head = "\r\nBattery capacity : 1.350 A.h\r\nTCU : \r\n   Chamber name : BINDER\r\n"
    head += "Turn to OCV between techniques"
    read = ucp.parse_file(settings(("OCV", table(OCV)), head=head))

    assert read.nominal_capacity_ah == 1.35
    assert read.notes == (
        "a protocol cannot hold the setting 'TCU :'",
        "a protocol cannot hold the setting 'Chamber name : BINDER'",
        "between techniques the instrument opens the circuit",
    )
    other = settings(("OCV", table(OCV)), head="\r\nPotential control : Ece")
    assert "UCP controls the voltage of the cell" in refused(other)


def test_damaged_tables_are_named() -> None:
    content = settings(("GCPL", table(GCPL, GCPL)), ("OCV", table(OCV)))
    text = content.decode("cp1252")

    def changed(old: str, new: str) -> str:
        assert old in text
        return refused(text.replace(old, new, 1).encode("cp1252"))

    assert "it has 2 techniques; its head states 3" in changed("techniques : 2", "techniques : 3")
    assert "technique 2 begins with 'Technique : 4'" in changed("Technique : 2", "Technique : 4")
    numbers = "Ns                  0                   1"
    assert "its sequences are numbered 0, 0" in changed(numbers, numbers[:-1] + "0")
    assert "has more cells than there are sequences" in changed(numbers, numbers[:-21])
    assert "the table has two rows dxM" in changed("dQM   ", "dxM   ")
    assert "it has text after technique 1: surprise" in changed(
        "\r\n\r\nTechnique : 2", "\r\n\r\nsurprise\r\n\r\nTechnique : 2"
    )
    assert "it has 0 techniques" in refused(text.split("Technique : 1")[0].encode("cp1252"))


# ---------------------------------------------------------------- data files


def recorded() -> list[tuple[int, float, float, float]]:
    """Return number of the sequence, time [s], voltage and current [mA] of each data point."""
    lines = RECORDED.read_bytes().decode("cp1252").splitlines()
    count = int(lines[1].split(":")[1])
    names = lines[count - 1].split("\t")
    places = [names.index(name) for name in ("Ns", "time/s", "Ecell/V", "I/mA")]
    cells = [line.split("\t") for line in lines[count:]]
    return [
        (int(float(row[places[0]])), *(float(row[place]) for place in places[1:]))  # type: ignore[misc]
        for row in cells
    ]


def test_the_settings_in_a_data_file_agree_with_its_data() -> None:
    """Each sequence has the current, the voltage and the duration that its data show."""
    read = ucp.parse_file(RECORDED)
    leaves = [leaf for leaf in read.protocol.steps if isinstance(leaf, ucp.Leaf)]
    points = recorded()
    assert len(leaves) == len({number for number, *_ in points}) == 11

    for number, leaf in enumerate(leaves):
        own = [point for point in points if point[0] == number]
        (_, begin, _, _), (_, last, volts, milliamperes) = own[0], own[-1]
        end = next((point[1] for point in points if point[0] == number + 1), last)
        sign = {"Charge": 1, "Discharge": -1, "Rest": 0}[leaf.kind]
        if leaf.kind == "Rest":
            assert end - begin == pytest.approx(float(str(leaf.duration)), rel=2e-3)
            continue
        assert milliamperes * sign >= 0
        if leaf.mode == "Current":
            assert milliamperes == pytest.approx(1000 * sign * float(str(leaf.value)), rel=0.01)
        limit = leaf.value if leaf.mode == "Voltage" else leaf.ends[0].threshold
        assert volts == pytest.approx(float(str(limit)), abs=0.02)


def test_the_field_of_the_direction_does_not_tell_how_a_hold_drives_the_cell() -> None:
    """Sequence 7 holds 4.2 V, is marked as a discharge and charges the cell."""
    lines = RECORDED.read_bytes().decode("cp1252").splitlines()
    rows = {line[:20].strip(): re.findall(".{20}", line[20:]) for line in lines[:93]}
    assert rows["ctrl_type"][7].strip() == "CV"
    assert rows["charge/discharge"][7].strip() == "Discharge"
    assert max(current for number, _, _, current in recorded() if number == 7) > 1

    steps = described(ucp.parse_file(RECORDED).protocol)
    assert steps[7] == "Charge Voltage 4.2 until Current < 6.2e-05"


def data_file(rows: str, *, name: str = "Chronopotentiometry", lines: int | None = None) -> bytes:
    """Return a data file with the head of one technique."""
    head = [
        "EC-Lab ASCII FILE",
        f"Nb header lines : {{:<26}}\r\n\r\n{name}\r\n",
        "Run on channel : 1 (SN 1)",
        "Saved on :",
        "\tFile : test.mpr",
        "Record EIS quality indicators",
        "Record Power",
        "Cycle Definition : Charge/Discharge alternance",
        rows,
        "",
        "Number of loops : 4",
        "Loop 0 from point number 0 to 10",
        "",
        "mode\ttime/s",
    ]
    text = "\r\n".join(head)
    count = text.count("\r\n") + 1 if lines is None else lines
    return text.format(count).encode("cp1252") + b"\r\n1\t0,5\r\n1\t1,0\r\n"


def test_the_head_of_a_data_file_is_read() -> None:
    read = ucp.parse_file(data_file(table(MICRO)))

    assert described(read.protocol) == ["Discharge Current 0.000196 for 120"]
    assert read.notes == (
        (
            "a data file has the settings of one technique only; those linked with it and loops "
            "over techniques are in the settings file"
        ),
    )


def test_recorded_data_are_neither_read_nor_returned() -> None:
    content = data_file(table(MICRO))
    read = ucp.parse_file(content + b"1\t1,5\r\n" * 2_500_000)

    assert read == ucp.parse_file(content)
    assert read.text.endswith("\r\nmode\ttime/s\r\n")


def test_a_data_file_without_settings_says_what_to_do() -> None:
    without = b"EC-Lab ASCII FILE\r\nNb header lines : 3   \r\nmode\ttime/s\r\n1\t0\r\n"

    for content in (without, without[:40], data_file(table(MICRO), lines=2)):
        assert "its head has no settings; export the data again" in refused(content)


def test_the_other_lines_of_a_data_file_do_not_matter() -> None:
    rows = table({**GCPL, "tR (h:m:s)": "0:01:0.0000", "dER/dt (mV/h)": "0.0"})
    read = ucp.parse_file(data_file(rows, name="Galvanostatic Cycling with Potential Limitation"))

    assert described(read.protocol) == [
        "Charge Current 0.1 for 36000 until Voltage > 4.2",
        "Rest for 60",
    ]


def test_large_files_are_bounded() -> None:
    """Each is rejected at once, and none makes many objects out of few bytes."""
    wide = table(OCV).replace("Bandwidth", "".join(f"{n:<20}" for n in ("Ns", *range(30_000))))
    tall = table(CP) + "".join(f"\r\nrow {number:<16}1" for number in range(100_000))
    head = "".join(f"\r\nline {number}" for number in range(100_000))

    many = settings(*[("OCV", table(OCV))] * 20_001)

    assert "it has 3000" in refused(settings(("OCV", wide)))
    assert "the table has 1000" in refused(settings(("CP", tall)))
    assert "its head has 1000" in refused(settings(("CP", table(CP)), head=head))
    assert "it has 20001 sequences; at most 20000 are read" in refused(many)


@given(data=st.data())
@hypothesis_settings(max_examples=150)
def test_a_damaged_file_of_several_techniques_gives_a_protocol_or_an_error(
    data: st.DataObject,
) -> None:
    linked = (
        ("OCV", table({**OCV, "dER/dt (mV/h)": "1.0"})),
        ("GCPL", table(GCPL, {**GCPL, "Is": "-100.000", "nc cycles": "2"})),
        ("CP", table(CP)),
        ("PEIS", table(PEIS)),
        ("Modulo Bat", table(MODULO_BAT)),
        ("Loop", table({"goto Ne": "2", "nt times": "3"})),
    )
    content = mutated(data, data.draw(st.sampled_from([settings(*linked), data_file(table(CP))])))
    try:
        read = ucp.parse_file(content, partial=data.draw(st.booleans()))
    except ucp.UCPError:
        return
    assert ucp.validate(ucp.to_document(read.protocol))["valid"]
