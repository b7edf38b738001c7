"""Loop counts, the most dangerous number: each format writes seven passes in its own way.

The expected texts are those of files whose recorded data shows the number of passes: N for Maccor,
Neware and Novonix, N - 1 for BioLogic, and for Arbin a counter that is incremented before it is
compared with N.
"""

from __future__ import annotations

import re

import pytest

from ionworks import ucp

TEXT = """
steps:
  - Rest: {duration: 10}
  - Loop:
      repeat: 7
      steps:
        - Charge: {mode: Current, value: 1, ends: [Voltage > 4]}
        - Discharge: {mode: Current, value: 1, ends: [Voltage < 3]}
  - Rest: {duration: 20}
"""


def written(target: str, text: str = TEXT) -> str:
    return ucp.convert(text, target).text().replace("\r\n", "\n")


def test_maccor_writes_all_passes_and_the_step_after_the_loop() -> None:
    text = written("maccor")
    [loop] = re.findall(r"<StepType> Loop 1 </StepType>.*?</TestStep>", text, re.DOTALL)

    assert (
        re.sub(r"\s*\n\s*", "", loop)
        .partition("<Ends>")[2]
        .startswith(
            "<EndEntry><EndType>Loop Cnt</EndType><SpecialType> </SpecialType><Oper> = </Oper>"
            "<Step>006</Step><Value>7</Value></EndEntry></Ends>"
        )
    )
    kinds = re.findall("<StepType>(.*?)</StepType>", text)
    assert kinds == [
        "  Rest  ", "  Do 1  ", " Charge ", "Dischrge", " Loop 1 ", "  Rest  ", "  End   ",
    ]  # fmt: skip


def test_neware_writes_all_passes_and_the_first_step_of_the_cycle() -> None:
    text = written("neware")

    assert re.search(
        r'<Step4 Step_ID="4" Step_Type="5">\s*<Limit>\s*<Other>\s*<Start_Step Value="2" />\s*'
        r'<Cycle_Count Value="7" />\s*</Other>\s*</Limit>\s*</Step4>',
        text,
    )


@pytest.mark.parametrize("target", ["arbin", "arbin_sdx"])
def test_arbin_resets_a_counter_and_increments_it_before_comparing(target: str) -> None:
    sections = dict(re.findall(r"(?m)^\[(\w+)\]\n((?:\w+=.*\n)+)", written(target)))

    def keys(name: str) -> dict[str, str]:
        return dict(line.split("=", 1) for line in sections[name].splitlines())

    reset, count = keys("Schedule_Step1"), keys("Schedule_Step4")
    back, on = keys("Schedule_Step4_Limit0"), keys("Schedule_Step4_Limit1")
    # Bit 16 resets TC_Counter1, bit 1 increments it.
    assert (reset["m_szCtrlValue"], reset["m_szExtCtrlValue1"]) == ("65536", "0")
    assert (count["m_szCtrlValue"], count["m_szExtCtrlValue1"]) == ("0", "2")
    condition = [
        [limit[f"Equation0_sz{part}"] for part in ("Left", "CompareSign", "Right")]
        for limit in (back, on)
    ]
    assert condition == [["TC_Counter1", "<", "7"], ["TC_Counter1", ">=", "7"]]
    assert back["m_szGotoStep"] == keys("Schedule_Step2")["m_szLabel"]
    assert on["m_szGotoStep"] == "Next Step"


@pytest.mark.parametrize("software", ["bt-lab", "ec-lab"])
def test_biologic_writes_one_less_than_all_passes(software: str) -> None:
    text = ucp.convert(TEXT, "biologic", options={"software": software}).text()
    rows = {line[:20].strip(): re.findall(".{20}", line[20:]) for line in text.split("\r\n")}
    columns = [[cell.strip() for cell in rows[name]] for name in ("ctrl_type", "ctrl_repeat")]

    assert columns == [["Rest", "CC", "CC", "Loop", "Rest"], ["0", "0", "0", "6", "0"]]
    assert rows["ctrl_seq"][3].strip() == "1"


def test_novonix_writes_all_passes_and_the_number_of_direct_children() -> None:
    text = written("novonix")

    assert "[Repeat the step(s) below]\n   [Repeat count 7]\n   [Step count 2]\n" in text
    assert text.count("[End repeat]") == 1


@pytest.mark.parametrize(
    ("target", "old", "new"),
    [
        ("maccor", "<Value>7</Value>", "<Value>4</Value>"),
        ("neware", '<Cycle_Count Value="7" />', '<Cycle_Count Value="4" />'),
        ("arbin", "szRight=7\n", "szRight=4\n"),
        ("arbin_sdx", "szRight=7\n", "szRight=4\n"),
        ("biologic", "6                   ", "3                   "),
        ("novonix", "[Repeat count 7]", "[Repeat count 4]"),
    ],
)
def test_a_file_with_four_passes_is_read_as_four_passes(target: str, old: str, new: str) -> None:
    text = written(target)
    if target == "biologic":
        [row] = re.findall("ctrl_repeat.*\n", text)
        changed = text.replace(row, row.replace(old, new))
    else:
        changed = text.replace(old, new)
    assert changed != text

    read = ucp.parse_file(
        changed.replace("\n", "\r\n").encode("cp1252" if target == "biologic" else "utf-8")
    )

    [loop] = [item for item in read.protocol.steps if isinstance(item, ucp.Block)]
    assert str(loop.repeat) == "4"
    assert len(loop.items) == 2
