"""The call: its result in both shapes, its options, and the one error that tells everything."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.plan import flatten
from ionworks.ucp.cyclers.read import verify
from tests.unit.ucp.samples import sample

REST = "steps: [{Rest: {duration: 60}}]"
CHARGE = """
steps:
  - Loop:
      repeat: 3
      steps:
        - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, Capacity > 1]}
        - Rest: {duration: 60}
"""


# ---------------------------------------------------------------- the result


def test_the_result_has_attributes_and_keys(tmp_path: Path) -> None:
    result = ucp.convert(REST, "maccor", filename_stem="my rest")

    assert result["content"] == result.text() == result.primary_bytes.decode()
    assert result["filename"] == result.primary_filename == "my rest.000"
    assert result["target"] == result.target == "maccor"
    assert dict(result)["media_type"] == result.media_type == "application/xml"
    assert (len(result), result.assets, result["assets"]) == (6, (), ())
    with pytest.raises(KeyError, match="valid keys: content, filename"):
        result["bytes"]
    assert repr(result).startswith("ConvertedProtocol('maccor', 'my rest.000', ")


def test_a_result_is_saved_with_its_assets(tmp_path: Path) -> None:
    text = """
safety_limits: {voltage_min: 2.5, voltage_max: 4.25}
steps: [{Drive: {drive_cycle: US06, mode: Power}}]
"""
    result = ucp.convert(text, "maccor", drive_cycles={"US06": [[0, 1.0], [1, 2.0], [2, 2.0]]})

    path = result.save(tmp_path / "new" / "folder")

    assert path == tmp_path / "new" / "folder" / "protocol.000"
    assert path.read_bytes() == result.primary_bytes
    assert (path.parent / "US06.MWF").read_bytes() == result.assets[0][1]
    assert {each.name for each in path.parent.iterdir()} == {"protocol.000", "US06.MWF"}


@pytest.mark.parametrize(
    "name",
    ["../out.000", "a/b.000", "a\\b.000", "..", "", "...", "C:out.000", "NUL.000", "con", "a.000."],
)
def test_a_name_that_leaves_the_folder_is_not_written(name: str, tmp_path: Path) -> None:
    for result in (
        ucp.ConvertedProtocol("maccor", name, b"x"),
        ucp.ConvertedProtocol("maccor", "fine.000", b"x", assets=((name, b"y"),)),
    ):
        with pytest.raises(ValueError, match="must be a plain file name"):
            result.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_text_is_decoded_with_the_encoding_of_the_file() -> None:
    result = ucp.convert(REST, "biologic")

    assert "cm\u00b2\r\n" in result.text()
    assert b"cm\xb2\r\n" in result.primary_bytes


def test_the_content_is_meant_for_text_mode_on_this_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ucp.convert(REST, "maccor")
    path = tmp_path / "protocol.000"

    # As in the guide. On Windows text mode writes \n as \r\n, so the content must not have \r yet.
    for linesep, newline in (("\n", None), ("\r\n", "\r\n")):
        monkeypatch.setattr("os.linesep", linesep)
        with path.open("w", newline=newline) as file:
            file.write(result["content"])
        assert path.read_bytes() == result.primary_bytes


def test_a_note_says_how_to_write_a_file_that_is_not_ascii() -> None:
    notes = " ".join(ucp.convert(REST, "biologic").notes)

    assert "in the encoding cp1252: write it with save()" in notes
    assert "encoding" not in " ".join(ucp.convert(REST, "maccor").notes)


# ---------------------------------------------------------------- what goes in


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (
            {"target": "digatron"},
            ValueError,
            "unknown target 'digatron'; valid targets: maccor, neware",
        ),
        ({"target": "maccorr"}, ValueError, "did you mean 'maccor'"),
        ({"target": None}, TypeError, "target must be the name of a format"),
        ({"target": "biologic_bttest"}, ValueError, "use the target 'biologic'"),
        ({"filename_stem": "a/b"}, ValueError, "without folders"),
        ({"filename_stem": ""}, ValueError, "filename_stem"),
        ({"filename_stem": ".."}, ValueError, "filename_stem"),
        ({"filename_stem": "Aux"}, ValueError, "filename_stem"),
        ({"filename_stem": "caf\u00e9"}, ValueError, "printable ASCII"),
        ({"nominal_capacity_ah": 0}, ValueError, "above 0 A.h"),
        ({"nominal_capacity_ah": -2.5}, ValueError, "above 0 A.h"),
        ({"nominal_capacity_ah": math.nan}, ValueError, "above 0 A.h"),
        ({"nominal_capacity_ah": math.inf}, ValueError, "above 0 A.h"),
        ({"nominal_capacity_ah": True}, TypeError, "must be a number"),
        ({"nominal_capacity_ah": "5"}, TypeError, "must be a number"),
        ({"options": ["software"]}, TypeError, "options must be a mapping"),
        ({"options": {"softwaer": "ec-lab"}}, ValueError, "did you mean 'software'"),
        ({"options": {"software": "ec"}}, ValueError, "'bt-lab' (the default) or 'ec-lab'"),
        ({"options": {"decimal_separator": ";"}}, ValueError, "'.' or ','"),
        ({"options": {"voltage_range": 5}}, ValueError, "two voltages"),
        ({"options": {"voltage_range": [5, 0]}}, ValueError, "within -20 V to 60 V, not (5, 0)"),
        ({"options": {"device": 5}}, ValueError, "name of an instrument"),
        ({"options": {"device": " "}}, ValueError, "name of an instrument"),
        ({"options": {"device": "BCS-815\nSafety Limits :"}}, ValueError, "name of an instrument"),
        ({"options": {"voltage_range": [math.nan, 5]}}, ValueError, "not (nan, 5)"),
        ({"options": {"date": 5}}, TypeError, "must be a datetime"),
        ({"options": {"date": "soon"}}, ValueError, "isoformat"),
        (
            {"target": "arbin", "options": {"template": b"[x]"}},
            ValueError,
            "not a schedule of MITS",
        ),
        ({"target": "arbin", "options": {"template": 5}}, ValueError, "open(path, 'rb')"),
        ({"target": "arbin", "options": {"current_range": "R"}}, ValueError, "Range1, Range2"),
        (
            {"target": "novonix", "options": {"extension": "pro2"}},
            ValueError,
            "a file extension such as",
        ),
        ({"protocol": 5}, TypeError, "text or a mapping"),
        ({"protocol": "steps: 3"}, ucp.UCPError, "the protocol has errors:\nsteps"),
    ],
)
def test_a_bad_argument_is_named_with_a_remedy(
    arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    given = {"protocol": REST, "target": "biologic", **arguments}
    with pytest.raises(error) as caught:
        ucp.convert(given.pop("protocol"), given.pop("target"), **given)

    assert words in str(caught.value)


def test_open_inputs_and_missing_samples_are_named() -> None:
    text = "steps: [{Rest: {duration: \"input['t']\"}}, {Drive: {drive_cycle: US06}}]"

    with pytest.raises(ucp.UCPError, match="no value for 't'"):
        ucp.convert(text, "maccor")
    with pytest.raises(ucp.UCPError, match="the samples of the drive cycles 'US06' are missing"):
        ucp.convert(text, "maccor", experiment_parameters={"t": 5})


def test_a_protocol_may_be_text_a_mapping_a_tree_or_experiment_strings() -> None:
    tree = ucp.parse(REST).protocol
    assert tree is not None

    for protocol in (REST, {"steps": [{"Rest": {"duration": 60}}]}, tree, "Rest for 60 seconds"):
        assert b"<Value>00:01:00</Value>" in ucp.convert(protocol, "maccor").primary_bytes


# ---------------------------------------------------------------- Maccor's safety rest


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


# ---------------------------------------------------------------- Arbin templates


def test_a_template_keeps_everything_except_steps_and_limits() -> None:
    template = sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes()
    text = """
safety_limits: {voltage_min: 1.9, voltage_max: 3.8}
steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 3.6]}}]
"""
    made = ucp.convert(text, "arbin", options={"template": template}, verify=True)

    def others(data: bytes) -> list[bytes]:
        kept, skipping = [], False
        for line in data.split(b"\n"):
            if line.startswith(b"["):
                skipping = line.startswith(b"[Schedule_Step")
            if not skipping and b"m_uStepNum" not in line and b"m_VoltageSafetyScope" not in line:
                kept.append(line)
        return kept

    assert others(made.primary_bytes) == others(template)
    assert b"\xff\xfe" in made.primary_bytes
    assert b"m_VoltageSafetyScope=1.900000^3.800000\n" in made.primary_bytes
    assert b"m_uStepNum=1\n" in made.primary_bytes
    assert b"\r" not in made.primary_bytes
    assert any("Safety limits of the template stay in force" in note for note in made.notes)


def test_safety_limits_of_a_template_are_checked_and_kept() -> None:
    template = sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes()
    text = (
        "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.0]}}, {Rest: {duration: 1}}]"
    )

    # The template has a limit at 4 V.
    with pytest.raises(ucp.UCPError, match="as the safety limit voltage_max of 4 V"):
        ucp.convert(text, "arbin", options={"template": template})
    read = ucp.parse_file(
        ucp.convert(
            text.replace("4.0", "3.6"), "arbin", options={"template": template}
        ).primary_bytes
    )
    assert {limit.key: str(limit.value) for limit in read.protocol.safety.limits} == {
        "voltage_min": "1.8",
        "voltage_max": "4",
        "charge_current_max": "10",
        "discharge_current_max": "5",
    }


def test_a_limit_that_jumps_conflicts_with_the_same_limit_of_a_template() -> None:
    template = sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes()
    text = """
safety_limits: {voltage_min: 2, voltage_max: {value: 3.8, goto: Out}}
steps:
  - Charge: {mode: Current, value: 1, ends: [Voltage > 3.6]}
  - Out: [{Rest: {duration: 60}}]
"""
    with pytest.raises(ucp.UCPError, match="voltage_max: it jumps, but the template ends the test"):
        ucp.convert(text, "arbin", options={"template": template})
    off = template.replace(b"m_bCheckVoltageSafety=1", b"m_bCheckVoltageSafety=0")
    assert ucp.convert(text, "arbin", options={"template": off}, verify=True)


def test_a_template_of_the_other_software_is_rejected() -> None:
    old = sample("arbin/beep_20170630-3_6C_9per_5C.sdu").read_bytes()
    new = ucp.convert(REST, "arbin_sdx").primary_bytes

    with pytest.raises(ucp.UCPError, match=r"use the target arbin$"):
        ucp.convert(REST, "arbin_sdx", options={"template": old})
    with pytest.raises(ucp.UCPError, match="use the target arbin_sdx"):
        ucp.convert(REST, "arbin", options={"template": new})


def test_unknown_keys_are_copied_from_the_template() -> None:
    template = ucp.convert(REST, "arbin_sdx").primary_bytes.replace(
        b"m_bSampleClockStretch=0", b"m_BlockByte=7\r\nm_bSampleClockStretch=0"
    )

    made = ucp.convert(CHARGE, "arbin_sdx", options={"template": template}, verify=True)

    steps = made.primary_bytes.count(b"m_szLabel=")
    assert made.primary_bytes.count(b"m_BlockByte=7\r\n") == steps == 5


# ---------------------------------------------------------------- verify


TAMPERED = [
    ("maccor", b"<Value>3</Value>", b"<Value>2</Value>"),
    ("maccor", b"<StepValue>2.0</StepValue>", b"<StepValue>2.1</StepValue>"),
    ("maccor", b"<StepType> Charge </StepType>", b"<StepType>Dischrge</StepType>"),
    ("neware", b'Cycle_Count Value="3"', b'Cycle_Count Value="2"'),
    ("neware", b'Stop_Volt Value="42000"', b'Stop_Volt Value="41000"'),
    ("arbin", b"Equation0_szRight=3", b"Equation0_szRight=4"),
    ("arbin", b"Equation0_szRight=4.2", b"Equation0_szRight=4.1"),
    ("arbin", b"PV_CHAN_Charge_Capacity", b"PV_CHAN_Discharge_Capacity"),
    ("arbin_sdx", b"m_szCtrlValue=2\r", b"m_szCtrlValue=-2\r"),
]


@pytest.mark.parametrize(("target", "old", "new"), TAMPERED)
def test_verify_detects_a_changed_file(target: str, old: bytes, new: bytes) -> None:
    made = ucp.convert(CHARGE, target, nominal_capacity_ah=5.0, verify=True)
    assert old in made.primary_bytes
    tree = ucp.parse(CHARGE).protocol
    assert tree is not None
    plan = flatten(tree, 5.0).plan
    verify(plan, target, made.primary_bytes, {}, nominal_capacity=5.0)

    with pytest.raises(ucp.UCPError):
        verify(plan, target, made.primary_bytes.replace(old, new), {}, nominal_capacity=5.0)


def test_a_limit_of_one_direction_on_every_step_is_not_a_difference() -> None:
    """The limit of one direction is repeated on both steps, and has no effect on the second."""
    text = """
safety_limits: {voltage_min: 2, voltage_max: 4.4, charge_current_max: 8.6}
steps:
  - Charge: {mode: Current, value: 4, ends: [Voltage > 3.96]}
  - Charge: {mode: Voltage, value: 3.96, ends: [Current < 0.15, {Current > 5: {goto: End}}]}
  - Rest: {duration: 60}
"""
    assert ucp.convert(text, "maccor", verify=True)


def test_verify_detects_a_wrong_loop_count() -> None:
    text = CHARGE.replace(", Capacity > 1", "")
    made = ucp.convert(text, "biologic", verify=True)
    tree = ucp.parse(text).protocol
    assert tree is not None
    row = next(
        line for line in made.primary_bytes.split(b"\r\n") if line.startswith(b"ctrl_repeat")
    )

    with pytest.raises(ucp.UCPError, match="runs 3 times, in the file 4 times"):
        verify(
            flatten(tree).plan,
            "biologic",
            made.primary_bytes.replace(row, row.replace(b"2", b"3")),
            {},
            marks=False,
        )
