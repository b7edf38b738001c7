"""How many steps a file has, counted in its raw bytes, and the limits of formats."""

from __future__ import annotations

import re
from typing import Final

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.conversion import find_format
from tests.unit.ucp.cyclers.export.golden import EC_LAB, FOLDER, rendered
from tests.unit.ucp.cyclers.export.protocols import CASES, TARGETS

NOVONIX: Final = (
    "[Open circuit storage]",
    "[Constant current charge]",
    "[Constant current discharge]",
    "[CC-CV charge]",
    "[Repeat the step(s) below]",
    "[Increment the cycle counter]",
)
WRITTEN: Final = [
    (name, target)
    for name in CASES
    for target in (*TARGETS, EC_LAB)
    if not (FOLDER / name / f"{target}.error.txt").exists()
]
WITHOUT_LIMIT: Final = [target for target in TARGETS if target not in ("maccor", "neware")]


def counted(content: bytes, target: str) -> int:
    """Return the number of steps in a file, as its format counts them."""
    text = content.decode("cp1252")
    if target == "maccor":
        return text.count("<TestStep>")
    if target == "neware":
        [stated] = re.findall(r'<Step_Info Num="(\d+)"', text)
        assert int(stated) == len(re.findall(r"\bStep_ID=", text))
        return int(stated)
    if target.startswith("arbin"):
        [stated] = re.findall(r"^m_uStepNum=(\d+)", text, re.MULTILINE)
        assert int(stated) == len(re.findall(r"^\[Schedule_Step\d+\]", text, re.MULTILINE))
        return int(stated)
    if target == "novonix":
        return sum(line.strip() in NOVONIX for line in text.splitlines())
    sequences = re.findall(r"^ctrl_type +(.+)", text, re.MULTILINE)
    techniques = text.count("\nTechnique : ")
    return sum(len(row.split()) for row in sequences) + techniques - len(sequences)


@pytest.mark.parametrize(("name", "target"), WRITTEN)
def test_steps_are_counted_as_the_format_counts_them(
    name: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    format_name = "biologic" if target == EC_LAB else target
    file_format = find_format(format_name)
    totals = []
    monkeypatch.setattr(
        "ionworks.ucp.cyclers.conversion._check_length",
        lambda _, plan: totals.append(file_format.count_steps(plan)) or (),
    )

    content = next(iter(rendered(name, target).values()))

    assert totals == [counted(content, format_name)]


def rests(count: int) -> str:
    """Return a protocol of different rests."""
    steps = (f"  - Rest: {{duration: {10 + number}}}\n" for number in range(count))
    return "steps:\n" + "".join(steps)


@pytest.mark.parametrize(("target", "most"), [("maccor", 999), ("neware", 254)])
def test_the_number_of_steps_is_limited(target: str, most: int) -> None:
    """The last step of both formats is the end of the test."""
    longest, shorter = (ucp.convert(rests(count), target) for count in (most - 1, most * 4 // 5))
    assert counted(longest.primary_bytes, target) == most
    near = f"has {most} of at most {most} steps"
    assert [near in " ".join(each.notes) for each in (longest, shorter)] == [True, False]

    with pytest.raises(ucp.UCPError, match=rf"has {most + 1} steps, but this format allows {most}"):
        ucp.convert(rests(most), target)


@pytest.mark.parametrize("target", WITHOUT_LIMIT)
def test_a_long_file_has_a_note_where_no_limit_is_known(target: str) -> None:
    short, long = (" ".join(ucp.convert(rests(count), target).notes) for count in (1000, 1001))

    assert "limit of steps" not in short
    assert "The file has 1001 steps. No public source states the limit of steps" in long
