"""`ionworks validate` and `ionworks convert`, which need no service."""

import pytest

from ionworks import ucp
from tests.end_to_end.command.schemas import check

CYCLES = """\
global: {initial_soc: 1, temperature: 25}
safety_limits: {voltage_min: 2.5, voltage_max: 4.3}
steps:
  - Discharge: {mode: C-rate, value: 'input["rate"]', ends: [Voltage < 2.7]}
  - Drive: {mode: Current, drive_cycle: US06}
"""
WRONG = """\
steps:
  - Discharge: {mode: C-rat, value: 1, ends: [Voltage < 2.5]}
  - Rest: {duration: -5}
"""


@pytest.fixture
def folder(invoke_bare):
    for name, text in {"cycles.yaml": CYCLES, "wrong.yaml": WRONG}.items():
        (invoke_bare.home / name).write_text(text)
    (invoke_bare.home / "us06.csv").write_text("0,1.0\n1,2.5\n2,0.5\n")
    return invoke_bare.home


def test_problems_have_line_and_column(invoke_bare, folder):
    ran = invoke_bare("ionworks validate cycles.yaml wrong.yaml", code=2)
    valid, mode, duration = ran.out.splitlines()
    assert valid == "cycles.yaml: valid; inputs 'rate'; drive cycles 'US06'"
    assert mode.startswith("wrong.yaml:2:23: error: steps[0].Discharge.mode: unknown mode 'C-rat'")
    assert duration.startswith("wrong.yaml:3:22: error: steps[1].Rest.duration: ")


def test_problems_are_json_too(shell, folder):
    ran = shell("ionworks validate --explain wrong.yaml - --json", code=2, given=CYCLES)
    check("validate", ran.json)
    wrong, right = ran.json
    assert (wrong["issues"][0]["line"], wrong["text"]) == (2, None)
    assert (right["file"], right["valid"]) == ("<stdin>", True)
    assert "Discharge at the input" in right["text"]


def test_a_protocol_becomes_the_file_of_a_cycler_and_a_protocol_again(shell, folder):
    ran = shell(
        "ionworks convert cycles.yaml --cycler maccor --output files --name ageing --capacity 5"
        " --input rate=1 --drive-cycle US06=us06.csv --option date=2026-05-08 --verify --json"
    )
    check("convert", ran.json)
    assert len(ran.json["files"]) == 2
    assert all((folder / name).is_file() for name in ran.json["files"])
    # What to check before the file runs on a cell.
    assert "initial state" in ran.err
    procedure, waveform = ran.json["files"]
    back = shell(f"ionworks convert {procedure} --asset {waveform} --json")
    check("convert to UCP", back.json)
    assert back.json["target"] == "maccor"


def test_another_file_is_not_replaced(invoke_bare, folder):
    (folder / "night.yaml").write_text("steps: [{Rest: {duration: 60}}]")
    (folder / "night.000").write_text("another procedure")
    ran = invoke_bare("ionworks convert night.yaml -c maccor", code=2)
    assert "night.000" in ran.err
    assert "--force" in ran.err
    assert (folder / "night.000").read_text() == "another procedure"
    assert invoke_bare("convert night.yaml -c maccor --force").out == "night.000\n"
    protocol = invoke_bare("convert night.000 --partial").out
    ran = invoke_bare("convert - -c novonix -o files", given=protocol)
    assert ran.out == "files/protocol.txt\n"
    assert ucp.parse_file(folder / "files" / "protocol.txt").target == "novonix"
