"""Every construct of a golden file matches a file saved by the cycler's own software.

Each construct is compared with the same one in the public samples: elements and their order, words
and their padding, the form of numbers.
Constructs without a sample are listed here, with other evidence for them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.ucp.cyclers.export.constructs import HIGH, biologic, compared, decoded
from tests.unit.ucp.cyclers.export.golden import FOLDER
from tests.unit.ucp.cyclers.export.protocols import CASES
from tests.unit.ucp.samples import sample, samples

ARBIN_WORD = "in other public schedules, which are not among the samples"
ELSEWHERE = {
    "maccor": {
        "end 'Amp Hour' '&gt;= '": "in other procedures of the projects beep and battetl",
        "end 'Current ' '&gt;= ' of the channel": "in other procedures of the project battetl",
        "report 'Current '": "in amperes in these; the sample has it as a C-rate",
    },
    "neware": {
        "step of type 1": "public files have Cap in the types 2, 7 and 20; the result has a note",
        "step of type 2": "Cap is in public step files that are not among the samples",
    },
    "arbin": {
        "limit that ends: PV_CHAN_CV_StageTime": "second of two conditions in the sample",
        "limit that ends: PV_CHAN_Current": ARBIN_WORD,
        "limit that ends: PV_CHAN_Voltage": ARBIN_WORD,
        "limit that ends: TC_Counter9": "as the converter of the project beep writes it",
        "limit that records: DV_Current": "with a second condition in the sample",
        "step Current(A)": ARBIN_WORD,
    },
    "biologic": {
        "head, safety, Ecell min": "'Ecell min = 2.49 V' in a file saved by BT-Lab 1.81",
        "head, safety, |I|": "'|I| = 12000.000 mA' in a file saved by BT-Lab 1.81",
        "rows of Loop": "'goto Ne' and 'nt times' in files saved by BT-Lab 1.74 and 1.81",
        "technique Loop": "in the same files",
        "lim Ecell": "the sample ends on a time only",
        "lim Time": "'5.000 s' in data of BT-Lab 1.65",
        "lim |I|": "'|I| < 5.000 mA' in data of BT-Lab 1.65, on charge and on discharge",
    },
}


@pytest.mark.parametrize("target", HIGH)
def test_every_construct_of_a_golden_file_matches_a_saved_file(target: str) -> None:
    rows = list(compared(target, HIGH[target]))
    other = {row.construct: row.verdict for row in rows if not row.verdict.startswith("same")}

    assert len({row.golden for row in rows}) >= 6
    assert set(other) == set(ELSEWHERE[target])
    for construct, verdict in other.items():
        # A sample with only a part of the construct may lack at most one field or word.
        assert verdict == "not in a sample" or verdict.count(";") == 0, (construct, verdict)


MACCOR_VALUES = {
    "StepTime": r"\d{2,}:\d\d:\d\d|::\.\d\d",
    "Voltage ": r"-?\d+(\.\d+)?",
    "Current ": r"\d+(\.\d+)?C?",
    "Amp Hour": r"\d+(\.\d+)?C?",
    "Loop Cnt": r"\d+",
    "Themocpl": r"1/\d+(\.\d+)?",
}


@pytest.mark.parametrize(
    "path",
    [*samples("maccor"), *FOLDER.glob("*/maccor.000")],
    ids=lambda path: path.as_posix()[-40:],
)
def test_values_have_the_same_form_in_samples_and_golden_files(path: Path) -> None:
    text = "\n".join(decoded(path.read_bytes()))
    ends = re.findall(
        r"<EndType>(.*?)</EndType>.*?<Step>(.*?)</Step>.*?<Value>(.*?)<", text, re.DOTALL
    )

    assert ends
    for kind, step, value in ends:
        assert re.fullmatch(MACCOR_VALUES[kind], value), value
        assert re.fullmatch(r"\d{3}", step)


@pytest.mark.parametrize("target", ["maccor", "neware"])
def test_line_ends_and_indentation_match_a_saved_file(target: str) -> None:
    real = sample(
        {
            "maccor": "maccor/beep2022_formation_061621.000",
            "neware": "neware/aurora-cycler-manager_nw4-120-6-1-36_EditStep.xml",
        }[target]
    ).read_bytes()
    for case in CASES:
        path = FOLDER / case / f"{target}{HIGH[target]}"
        if path.exists():
            ours = path.read_bytes()
            for content in (ours, real):
                assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
            # The same end of the file, and indentation by two.
            assert ours[-20:] == real[-20:]
            assert {len(line) - len(line.lstrip(b" ")) for line in ours.split(b"\r\n")} <= {
                *range(0, 18, 2)
            }


# ---------------------------------------------------------------- EC-Lab

# Rows and words of a technique Modulo Bat with sequences CC, CV, Rest and Loop, as EC-Lab 11.52
# saved them in public files whose licence does not allow copying them here.
EC_LAB_ROWS = (
    "Ns", "ctrl_type", "Apply I/C", "current/potential", "ctrl1_val", "ctrl1_val_unit",
    "ctrl1_val_vs", "ctrl2_val", "ctrl2_val_unit", "ctrl2_val_vs", "ctrl3_val", "ctrl3_val_unit",
    "ctrl3_val_vs", "N", "charge/discharge", "charge/discharge_1", "Apply I/C_1", "N1",
    "ctrl4_val", "ctrl4_val_unit", "ctrl5_val", "ctrl5_val_unit", "ctrl_tM", "ctrl_seq",
    "ctrl_repeat", "ctrl_trigger", "ctrl_TO_t", "ctrl_TO_t_unit", "ctrl_Nd", "ctrl_Na",
    "ctrl_corr", "lim_nb",
    "lim1_type", "lim1_comp", "lim1_Q", "lim1_value", "lim1_value_unit", "lim1_action", "lim1_seq",
    "lim2_type", "lim2_comp", "lim2_Q", "lim2_value", "lim2_value_unit", "lim2_action", "lim2_seq",
    "rec_nb", "rec1_type", "rec1_value", "rec1_value_unit", "E range min (V)", "E range max (V)",
    "I Range", "I Range min", "I Range max", "I Range init", "auto rest", "Bandwidth",
)  # fmt: skip
EC_LAB_WORDS = {
    "current/potential": {"current"},
    "ctrl1_val_vs": {"", "<None>", "Ref"},
    "charge/discharge": {"Charge", "Discharge"},
    "charge/discharge_1": {"Charge"},
    "Apply I/C_1": {"I"},
    "N": {"0.00"},
    "N1": {"0.00"},
    "ctrl_tM": {"0"},
    "ctrl_trigger": {"Falling Edge"},
    "ctrl_TO_t": {"0.000"},
    "ctrl_TO_t_unit": {"d"},
    "ctrl_Nd": {"6"},
    "ctrl_Na": {"2"},
    "ctrl_corr": {"0"},
    "I Range init": {"Unset"},
    "auto rest": {"1"},
    "Bandwidth": {"5"},
}
EC_LAB_LIMITS = {"Time": "Q limit", "Ewe": "Q limit", "|I|": "I limit"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/ec-lab.mps")), ids=lambda p: p.parent.name)
def test_a_file_for_ec_lab_has_the_rows_and_words_of_saved_files(path: Path) -> None:
    lines = path.read_bytes().decode("cp1252").split("\r\n")
    assert lines[0] == "EC-LAB SETTING FILE"
    tables = [at + 1 for at, line in enumerate(lines) if line == "Modulo Bat"]
    assert tables
    for begin in tables:
        assert_has_rows_and_words(lines[begin : lines.index("", begin)])


def assert_has_rows_and_words(table: list[str]) -> None:
    rows = {line[:20].strip(): re.findall(".{20}", line[20:]) for line in table}
    limits = max(1, *map(int, rows["lim_nb"]))

    expected = [row for row in EC_LAB_ROWS if row != "Ns" or len(rows["ctrl_type"]) > 1]
    assert list(rows) == [row for row in expected if limits > 1 or not row.startswith("lim2")]
    assert {len(line) for line in table} == {20 * (1 + len(rows["ctrl_type"]))}
    for label, words in EC_LAB_WORDS.items():
        assert {cell.strip() for cell in rows[label]} <= words, label
    for block in range(1, limits + 1):
        for kind, of, used in zip(
            rows[f"lim{block}_type"], rows[f"lim{block}_Q"], rows["lim_nb"], strict=True
        ):
            if int(used) >= block:
                assert of.strip() == EC_LAB_LIMITS[kind.strip()]


def test_a_file_for_ec_lab_says_the_same_as_one_for_bt_lab() -> None:
    for path in FOLDER.glob("*/ec-lab.mps"):
        other = dict(biologic((path.parent / "biologic.mps").read_bytes()))
        ours = dict(biologic(path.read_bytes()))

        shared = [name for name in ours if name.startswith(("CC:", "CV:"))]
        assert {name: ours[name] for name in shared} == {name: other[name] for name in shared}
