"""Which samples a Maccor procedure runs, followed from its raw bytes to the files in one folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ionworks import ucp

PAIR = "safety_limits: {voltage_min: 2.5, voltage_max: 4.2}\n"
UNNAMED = PAIR + "steps: [{Drive: {mode: Current, data: [[0, FIRST], [1, LAST], [2, LAST]]}}]"
NAMED = PAIR + "steps: [{Drive: {drive_cycle: US06, mode: Current}}]"


def called(procedure: bytes) -> list[str]:
    """Return the names of the files that a procedure calls."""
    steps = ET.fromstring(procedure).iterfind("ProcSteps/TestStep")  # noqa: S314  our own file
    waves = (step for step in steps if step.findtext("StepType") == "FastWave")
    return [step.findtext("StepValue") or "" for step in waves]


def run(folder: Path, procedure: bytes) -> list[list[float]]:
    """Return the values of each waveform that a procedure calls; charge is negative."""
    waveforms = []
    for name in called(procedure):
        lines = (folder / f"{name}.MWF").read_bytes().decode("ascii").splitlines()
        fields = [line.split("\t") for line in lines]
        waveforms.append([float(f[2]) * (-1 if f[0] == "C" else 1) for f in fields])
    return waveforms


def converted(text: str, stem: str = "protocol", **given: Any) -> ucp.ConvertedProtocol:
    return ucp.convert(text, "maccor", filename_stem=stem, verify=True, **given)


def test_protocols_in_one_folder_run_their_own_unnamed_cycles(tmp_path: Path) -> None:
    samples = [("1", "-2"), ("5", "3")]
    texts = [UNNAMED.replace("FIRST", one).replace("LAST", other) for one, other in samples]
    made = [converted(text, f"p{n}") for n, text in enumerate(texts)]

    for result in made:
        result.save(tmp_path)

    assert [run(tmp_path, result.primary_bytes) for result in made] == [[[1, -2]], [[5, 3]]]


def test_protocols_in_one_folder_run_their_own_cycles_of_the_same_name(tmp_path: Path) -> None:
    cycles = ([[0, 1.0], [1, -2.0], [2, -2.0]], [[0, 5.0], [1, 3.0], [2, 3.0]])
    made = [
        converted(NAMED, f"p{n}", drive_cycles={"US06": cycle}) for n, cycle in enumerate(cycles)
    ]

    for result in made:
        result.save(tmp_path)

    assert [run(tmp_path, result.primary_bytes) for result in made] == [[[1, -2]], [[5, 3]]]


@pytest.mark.parametrize(
    "other",
    [
        NAMED.replace("4.2}", "4.1}"),
        NAMED.replace("2.5", "2.6"),
        NAMED.replace("Current", "Power"),
        NAMED.replace("Current", "Current, resolution: 2"),
        NAMED.replace("Current", "Current, scale: 2"),
    ],
    ids=["high", "low", "mode", "resolution", "scale"],
)
def test_anything_in_the_file_changes_its_name(other: str) -> None:
    cycles = {"US06": [[0, 1.0], [1, -2.0], [2, -2.0]]}
    one, two = (converted(text, drive_cycles=cycles) for text in (NAMED, other))

    assert one.assets[0][1] != two.assets[0][1]
    assert one.assets[0][0] != two.assets[0][0]


def test_different_cycles_of_one_protocol_have_different_files() -> None:
    text = PAIR + (
        "steps:\n"
        "  - Drive: {name: Trip, mode: Current, data: [[0, 1], [1, 2], [2, 2]]}\n"
        "  - Drive: {name: trip, mode: Current, data: [[0, 1], [1, 3], [2, 3]]}\n"
        "  - Drive: {name: Trip, mode: Current, data: [[0, 1], [1, 2], [2, 2]]}\n"
    )

    result = converted(text)

    names = called(result.primary_bytes)
    assert [f"{name}.MWF" for name in dict.fromkeys(names)] == [name for name, _ in result.assets]
    assert names[0] == names[2] != names[1]
    assert len({name.lower() for name in names}) == 2


@pytest.mark.parametrize(
    ("cycle", "start"),
    [
        ("US06", "US06_"),
        ("a very long name of a drive cycle", "a_very_long_nam_"),
        ("./..", "waveform_"),
        ("Zyklus ä 1.5C", "Zyklus_1_5C_"),
    ],
)
def test_names_have_the_characters_and_the_length_of_public_ones(cycle: str, start: str) -> None:
    text = NAMED.replace("US06", f'"{cycle}"')

    result = converted(text, drive_cycles={cycle: [[0, 1.0], [1, 2.0], [2, 2.0]]})

    (name,) = called(result.primary_bytes)
    assert re.fullmatch(r"[A-Za-z0-9_]{1,24}", name)
    assert re.fullmatch(start + "[0-9a-f]{8}", name)


def test_a_waveform_keeps_its_name_when_it_is_read_and_written() -> None:
    first = converted(NAMED, drive_cycles={"US06": [[0, 1.0], [1, 2.0], [2, 2.0]]})
    read = ucp.parse_file(first.primary_bytes, assets=dict(first.assets))

    assert ucp.convert(read.protocol, "maccor").assets == first.assets


@pytest.mark.parametrize(
    ("first", "last", "key"),
    [("1", "4.5", "discharge_current_max of 4 A"), ("-5", "1", "charge_current_max of 4 A")],
)
def test_a_sample_above_the_current_limit_is_rejected_as_a_constant_current_is(
    first: str, last: str, key: str
) -> None:
    limits = PAIR.replace("}", ", charge_current_max: 4, discharge_current_max: 4}")
    text = UNNAMED.replace(PAIR, limits)
    with pytest.raises(ucp.UCPError, match=f"samples reach [45.]+ A, where the safety limit {key}"):
        converted(text.replace("FIRST", first).replace("LAST", last))
    allowed = converted(text.replace("FIRST", "-4").replace("LAST", "4"))
    assert [line[:5] for line in allowed.assets[0][1].splitlines()] == [b"C\tI\t4", b"D\tI\t4"]
