"""Protocols in the head of Novonix data files, compared with the data recorded below them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.plan import differences, flatten
from ionworks.ucp.expressions import constant
from tests.unit.ucp.samples import sample

VERSION_2_2 = sample("novonix/beep_Nova_Form_header_v2.2.txt")
VERSION_2_3 = sample("novonix/ionworksdata_header_v2.3.txt")
VERSION_3 = sample("novonix/preparenovonix_example_header_v3.txt")

# The last points of the steps in ``tests/test_data/novonix.csv`` of the project ionworksdata, of
# 1 A.h in its head: current [A], step time [h] and voltage [V].
RECORDED = [
    (0.0, 0.0027778, 0.20408),
    (0.04999, 24.0, 1.49961),
    (0.04999, 21.5454865, 4.2),
    (-0.04999, 19.7551266, 2.8),
    (0.04999, 19.907, 4.2),
    (0.0, 48.0, None),
    (-0.04999, 7.5191054, 3.8),
]


def leaves(protocol: ucp.Protocol) -> list[ucp.Leaf]:
    return [item for item in protocol.steps if isinstance(item, ucp.Leaf)]


def number(value: object) -> float:
    return float(constant(value) or 0)  # type: ignore[arg-type]


def voltage(leaf: ucp.Leaf) -> float:
    return next(number(end.threshold) for end in leaf.ends if end.quantity == "Voltage")


def refusal(content: bytes) -> str:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.parse_file(content)
    return str(caught.value)


def changed(path: Path, old: str, new: str) -> bytes:
    text = path.read_text("utf-8")
    assert old in text
    return text.replace(old, new, 1).encode()


def test_steps_of_version_2_end_where_its_recorded_data_end() -> None:
    read = ucp.parse_file(VERSION_2_3)

    steps = leaves(read.protocol)
    held = steps.pop(2)
    assert read.nominal_capacity_ah == 1
    assert len(steps) == len(RECORDED)
    for step, (current, hours, volts) in zip(steps, RECORDED, strict=True):
        sign = {"Charge": 1, "Discharge": -1}.get(step.kind, 0)
        set_point = 0.0 if step.value is None else sign * number(step.value) * 1.0
        assert set_point == pytest.approx(current, abs=2e-5)
        if step.kind == "Rest":
            assert number(step.duration) / 3600 == pytest.approx(hours, abs=1e-4)
        elif step is not steps[1]:
            # The voltage was reached before the time.
            assert voltage(step) == volts
            assert number(step.duration) / 3600 > hours
    # The total time counts from the start of the constant current: it ended at 24.0000 h.
    assert [str(end) for end in steps[1].ends] == ["Voltage > 1.5", "Time > 86400"]
    assert str(held.ends[0]) == "Time > 86400 - VAR_CC_TIME_2"
    assert number(held.value) == pytest.approx(RECORDED[1][2], abs=1e-3)


def test_version_2_in_part_agrees_with_its_recorded_data() -> None:
    """The data begin with 0.0333 h of rest and 15.0014 h up to and at 1.5 V, then 0.0120 A."""
    read = ucp.parse_file(VERSION_2_2, partial=True)

    assert read.nominal_capacity_ah == 0.24
    rest, charge, held = leaves(read.protocol)[:3]
    assert number(rest.duration) / 3600 == pytest.approx(0.0333, abs=1e-4)
    assert (voltage(charge), number(held.value)) == (1.5, 1.5)
    assert number(held.duration) / 3600 == pytest.approx(15.0014, abs=2e-3)
    assert [text.partition(":")[0] for text in read.unread] == [
        "step 3 (Constant_current_charge)",
        "step 5 (Constant_current_discharge)",
    ]
    steps = [item for item in read.protocol.steps if getattr(item, "kind", "") != "Control"]
    kinds = [item.kind if isinstance(item, ucp.Marker) else "" for item in steps]
    assert kinds == ["", "", "", "Pause", "", "", "Pause", "Advance cycle", "", "", ""]
    block = steps[8]
    assert isinstance(block, ucp.Block)
    assert (str(block.repeat), len(block.items)) == ("2", 3)


def test_what_no_public_source_explains_is_noted() -> None:
    notes = ucp.parse_file(VERSION_2_3).notes

    assert sum("at which the channel stops, were left out" in note for note in notes) == 2
    assert any("StepLimits 0 10 0 10 0 100 0 100 -45 80 -40 60 0 4.8" in note for note in notes)
    assert any("save points by different rules" in note for note in notes)
    unknown = changed(VERSION_3, "\u2206V is greater", "\u2206T2 is greater")
    assert any("left out" in note and "T2" in note for note in ucp.parse_file(unknown).notes)
    unknown = changed(VERSION_2_3, "\u0394V > 0.05 V", "\u0394V < 0.05 V")
    assert any("left out" in n and "V < 0.05 V" in n for n in ucp.parse_file(unknown).notes)
    assert "offset of the measured voltage of 0.002 V" in " ".join(
        ucp.parse_file(changed(VERSION_2_3, "(V): 0.00000", "(V): 0.00200")).notes
    )


def test_version_3_runs_the_103_steps_of_its_recorded_data() -> None:
    read = ucp.parse_file(VERSION_3)

    run = 0
    for item in read.protocol.steps:
        match item:
            case ucp.Block():
                inside = sum(isinstance(inner, ucp.Leaf) for inner in item.items)
                # The protocol that preparenovonix derives: "Repeat 4 times", 19 steps.
                assert (str(item.repeat), inside) == ("4", 19)
                run += 4 * inside
            case ucp.Leaf():
                run += item.mode != "Voltage"
    assert run == 103
    assert any("step 52" in note and "read as the end of the test" in note for note in read.notes)
    last = leaves(read.protocol)[-2]
    # It ended after 2.0000 A.h (from 3.5833 to 1.5833 A.h), and the last step followed.
    assert [f"{end} {end.goto or ''}".strip() for end in last.ends] == [
        "Capacity > 2",
        "Voltage < 2.7 End",
        "Voltage > 4.2 End",
    ]


def test_version_3_does_the_same_after_reading_and_writing() -> None:
    content = changed(VERSION_3, "if voltage < 2.7000 V", "if voltage < 2.6500 V")
    read = ucp.parse_file(content)

    written = ucp.convert(read.protocol, "novonix", verify=True)

    plans = [
        flatten(protocol, None).plan
        for protocol in (read.protocol, ucp.parse_file(written.primary_bytes).protocol)
    ]
    assert differences(*plans) == []


@pytest.mark.parametrize("path", [VERSION_2_3, VERSION_3], ids=["2", "3"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_protocol_is_read_from_the_head_of_a_data_file(path: Path, line_end: str) -> None:
    text = path.read_text("utf-8")
    row = "2023-06-14 5:22:45 PM,1,0,0.0000000,0.0000000,0.0,0.20409393,0.0,43.4,22.2"
    body = "\n".join(["[Data]", "Date and Time,Cycle Number,Step Type,[Protocol]", *[row] * 50, ""])
    # More than the largest protocol file, which the recorded data must not count towards.
    data = (text + body).replace("\n", line_end).encode() + b" " * 20_000_001

    read = ucp.parse_file(data)

    assert read.target == "novonix"
    assert read.protocol == ucp.parse_file(path).protocol
    assert "Date and Time" not in read.text


def test_a_head_that_the_package_preparenovonix_has_changed_is_read() -> None:
    """It puts a space behind each line, and a protocol of its own below that of the software."""
    text = VERSION_3.read_text("utf-8").replace("\n", " \n")
    text += "[Reduced Protocol] \n[1 : Open_circuit_storage : Storage_time 10 minutes] \n[Data] \n"

    assert ucp.parse_file(text.encode()).protocol == ucp.parse_file(VERSION_3).protocol


def test_a_head_that_a_spreadsheet_has_saved_is_read() -> None:
    for path in (VERSION_2_3, VERSION_3):
        lines = path.read_text("utf-8").splitlines()
        saved = "\n".join(f'"{line}",,' if "," in line else f"{line},,," for line in lines)
        assert ucp.parse_file(saved.encode()).protocol == ucp.parse_file(path).protocol


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        (VERSION_2_3, "[End Protocol]", "", "[End Protocol] is missing"),
        (VERSION_2_3, "20 C/xx to 4.2 V", "0.05 A to 4.2 V", "no public file shows '0.05 A to"),
        (VERSION_2_3, "20 C/xx to 4.2 V", "0 C/xx to 4.2 V", "is not a current"),
        (VERSION_2_3, "[1: Constant", "[2: Constant", "shows a step 2: Constant_current_charge"),
        (VERSION_2_3, "[Any time, End", "[During CC, End", "shows the end 'During CC, step time"),
        (
            VERSION_2_3,
            "hold time > 24 hours",
            "current < 1 mA",
            "shows the end 'During CV, current",
        ),
        (VERSION_2_3, "hold time > 24 hours", "hold time > 24 mA", "'24 mA' must be a number"),
        (VERSION_2_3, "[StepLimits 0 10", "[StepLimits 10", "no public file shows 'StepLimits"),
        (VERSION_2_3, "[StepLimits 0 10", "[Other 0 10", "no public file shows 'Other"),
        (
            VERSION_2_3,
            "step time > 48 hours",
            "voltage < 3 V",
            "shows the end 'voltage < 3 V' here",
        ),
        (VERSION_2_2, "voltage > 4.4 V", "voltage < 4.4 V", "'voltage < 4.4 V' on charge"),
        (VERSION_2_2, "Node count: 3", "Node count: 2", "node count is 2, but it has 3 steps"),
        (VERSION_2_2, "Repeat: 2 time(s)", "Repeat: 0 time(s)", "it repeats 0 times"),
        (VERSION_3, "[End Protocol]", "", "[End Protocol] is missing"),
        (VERSION_3, "less than 0.1 A", "less than 0.2 A", "is not below the 0.2 A"),
        (VERSION_3, "[Charge_voltage 4.2 V]", "[Cutoff_current 0.3 A]", "'Cutoff_current 0.3 A'"),
        (VERSION_3, "[Storage_time", "[Rest_voltage 3 V]\n[Storage_time", "'Rest_voltage 3 V'"),
        (VERSION_3, "[CC-CV charge]", "[Power charge]", "no public file shows such a type"),
        (VERSION_3, "[End CCCV charge]", "[End charge]", "ends with 'End charge'"),
        (VERSION_3, "[End storage]", "Stop\n[End storage]", "'Stop' is not a line of a protocol"),
        (
            VERSION_3,
            "End step if step",
            "Stop channel if step",
            "no public file shows 'Stop channel",
        ),
        (VERSION_3, "[Step count 20]", "[Step count 19]", "its step count is 19"),
    ],
)
def test_what_is_not_understood_is_refused(path: Path, old: str, new: str, words: str) -> None:
    assert words in refusal(changed(path, old, new))


def test_a_step_that_is_unknown_in_version_3_is_left_out_in_part() -> None:
    content = changed(VERSION_3, "[CC-CV charge]", "[Constant power charge]")
    read = ucp.parse_file(content, partial=True)
    whole = ucp.parse_file(VERSION_3)

    assert [text.partition(":")[0] for text in read.unread] == ["step 5 (Constant power charge)"]
    (place,) = (n for n, item in enumerate(read.protocol.steps) if item == ucp.Marker("Pause"))
    # A note and a pause stand for a constant current and a constant voltage.
    assert len(read.protocol.steps) == len(whole.protocol.steps)
    assert read.protocol.steps[: place - 1] == whole.protocol.steps[: place - 1]
