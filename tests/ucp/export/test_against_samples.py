"""Fields of the golden files are those of files the makers' own software saved.

Every construct of a golden file is looked for in the public samples: the same elements in the same
order, the same words with the same padding, numbers of the same form.
What no sample here has, but the facts about other public files do, is listed with its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from ucp.export.golden import FOLDER
from ucp.export.protocols import CASES
from ucp.samples import sample, samples

# Seen in other public procedures of the projects beep and battetl, which are not among the samples;
# over-current is one of the channel's safety ends there.
MACCOR_ENDS_ELSEWHERE = {
    ("Amp Hour", ">= ", "None"),
    ("Themocpl", ">= ", "None"),
    ("Themocpl", ">= ", "True"),
    ("Current ", ">= ", "True"),
}
MACCOR_VALUES = {
    "StepTime": r"(\d{2,}:\d\d:\d\d|::\.\d\d)",
    "Voltage ": r"-?\d+(\.\d+)?",
    "Current ": r"\d+\.\d+C?",
    "Amp Hour": r"\d+\.\d+",
    "Loop Cnt": r"\d+",
    "Themocpl": r"1/\d+\.\d+",
}


def golden(target: str, suffix: str) -> list[Path]:
    paths = (FOLDER / name / f"{target}{suffix}" for name in CASES)
    return [path for path in paths if path.exists()]


def xml(path: Path) -> Element:
    text = re.sub(r"<\?xml.*?\?>", "", path.read_text(encoding="utf-8"))
    return fromstring(text.lstrip())  # noqa: S314  files of this repository


# ---------------------------------------------------------------- Maccor


def maccor_steps(path: Path) -> list[Element]:
    return list(xml(path).iterfind("ProcSteps/TestStep"))


def maccor_shape(step: Element) -> tuple[str, ...]:
    """What a step is, without its numbers and its ends."""
    limits = [limit.tag for limit in step.iterfind("Limits/*")]
    # The range is that of a channel or automatic; one lab sets an option others do not.
    kind = "set" if step.findtext("Range") else ""
    options = "set" if step.findtext("Option1") else ""
    words = (step.findtext("StepType"), step.findtext("StepMode"), *limits, kind, options)
    return (
        *(str(word) for word in words),
        *(child.tag for child in step if child.tag != "Option4"),
    )


def entry_shape(entry: Element) -> tuple[str, ...]:
    """The words of an end, its numbers left out."""
    words = [entry.findtext(tag) for tag in ("EndType", "SpecialType", "Oper", "ChanSafetyEnd")]
    return (*(str(word) for word in words), *(child.tag for child in entry))


SAMPLE_STEPS = {
    maccor_shape(step): path for path in samples("maccor") for step in maccor_steps(path)
}
SAMPLE_ENDS = {
    entry_shape(entry): path
    for path in samples("maccor")
    for step in maccor_steps(path)
    for entry in step.iterfind("Ends/EndEntry")
}


@pytest.mark.parametrize("path", golden("maccor", ".000"), ids=lambda path: path.parent.name)
def test_every_field_of_a_maccor_step_is_that_of_a_procedure(path: Path) -> None:
    for step in maccor_steps(path):
        assert maccor_shape(step) in SAMPLE_STEPS
        value = step.findtext("StepValue") or ""
        assert re.fullmatch(r"(\d+\.\d+C?|US06)?", value), value
        for entry in step.iterfind("Ends/EndEntry"):
            kind = entry.findtext("EndType") or ""
            shape = entry_shape(entry)
            elsewhere = (shape[0], *shape[2:4]) in MACCOR_ENDS_ELSEWHERE
            assert shape in SAMPLE_ENDS or elsewhere, shape
            assert re.fullmatch(MACCOR_VALUES[kind], entry.findtext("Value") or "")
            assert re.fullmatch(r"\d{3}", entry.findtext("Step") or "")
        for report in step.iterfind("Reports/ReportEntry"):
            assert [child.tag for child in report] == ["ReportType", "Value"]
            kind = report.findtext("ReportType") or ""
            assert re.fullmatch(MACCOR_VALUES[kind], report.findtext("Value") or "")


def test_the_values_of_procedures_have_the_forms_that_are_written() -> None:
    for path in samples("maccor"):
        for step in maccor_steps(path):
            for entry in step.iterfind("Ends/EndEntry"):
                value = entry.findtext("Value") or ""
                # Whole numbers without a point are read as well.
                forms = (MACCOR_VALUES[entry.findtext("EndType") or ""], r"\d+")
                assert any(re.fullmatch(form, value) for form in forms), value


def test_the_header_of_a_procedure_is_that_of_a_saved_one() -> None:
    def head(path: Path) -> bytes:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        return content[: content.index(b"<ProcSteps>")]

    saved = head(sample("maccor/beep2022_formation_061621.000"))
    assert {head(path) for path in golden("maccor", ".000")} == {saved}


# ---------------------------------------------------------------- Neware


def neware_steps(path: Path) -> list[Element]:
    return list(xml(path).iterfind("config/Step_Info/*"))


def paths(node: Element, above: str = "") -> Iterator[str]:
    for child in node:
        yield f"{above}/{child.tag}"
        yield from paths(child, f"{above}/{child.tag}")


def ordered_in(inner: list[str], outer: list[str]) -> bool:
    """Whether what both have stands in the same order."""
    common = [name for name in inner if name in outer]
    return common == [name for name in outer if name in common]


NEWARE_FIELDS: dict[str, set[str]] = {}
for _path in samples("neware"):
    for _step in neware_steps(_path):
        NEWARE_FIELDS.setdefault(_step.get("Step_Type", ""), set()).update(paths(_step))
# A capacity ends steps of type 2 in other public files; the rest is seen on steps of other types.
NEWARE_ELSEWHERE = {
    "/Limit/Main/Cap",
    "/Protect/Main/Cap",
    "/Protect/Main/Cap/Upper",
    "/Protect/Aux",
    "/Protect/Aux/Temp",
    "/Protect/Aux/Temp/Upper",
    "/Record/Main/Curr",
    "/Limit/Main/Rate",
    "/Limit/Main/Stop_Rate",
}


@pytest.mark.parametrize("path", golden("neware", ".xml"), ids=lambda path: path.parent.name)
def test_every_field_of_a_neware_step_is_that_of_a_step_file(path: Path) -> None:
    for step in neware_steps(path):
        kind = step.get("Step_Type", "")
        assert set(paths(step)) <= NEWARE_FIELDS[kind] | NEWARE_ELSEWHERE
        for number in step.iter():
            if number.get("Value") is not None:
                assert re.fullmatch(r"-?\d+(\.\d{1,6})?", number.get("Value", ""))
        for real in samples("neware"):
            for other in neware_steps(real):
                if other.get("Step_Type") == kind:
                    assert ordered_in(list(paths(step)), list(paths(other)))


@pytest.mark.parametrize("path", golden("neware", ".xml"), ids=lambda path: path.parent.name)
def test_the_envelope_of_a_neware_file_is_that_of_a_step_file(path: Path) -> None:
    real = sample("neware/aurora-cycler-manager_nw4-120-6-1-36_EditStep.xml")
    ours, theirs = xml(path).find("config"), xml(real).find("config")
    assert ours is not None
    assert theirs is not None

    assert [child.tag for child in ours] == [child.tag for child in theirs]
    assert list(ours.attrib) == list(theirs.attrib)
    assert {
        ours.get(name) == theirs.get(name) for name in ("type", "version", "client_version")
    } == {True}
    heads = [[child.tag for child in config.iterfind("Head_Info/*")] for config in (ours, theirs)]
    creator = [
        child.tag
        for child in xml(sample("neware/fastnda_21_10_7_85_EditStep.xml")).iterfind(
            "config/Head_Info/*"
        )
    ]
    assert ordered_in(heads[0], heads[1])
    assert ordered_in(heads[0], creator)
    assert set(heads[0]) <= {*heads[1], *creator}
    steps = ours.find("Step_Info")
    assert steps is not None
    assert steps.get("Num") == str(len(steps))
    assert [step.tag for step in steps] == [f"Step{n}" for n in range(1, len(steps) + 1)]


# ---------------------------------------------------------------- BioLogic


def table(path: Path) -> dict[str, list[str]]:
    lines = path.read_bytes().decode("cp1252").split("\r\n")
    begin = lines.index("Modulo Bat") + 1
    rows = {}
    for line in lines[begin:]:
        if line:
            assert len(line) % 20 == 0
            rows[line[:20].strip()] = [cell.strip() for cell in re.findall(".{20}", line[20:])]
    return rows


BT_SAMPLES = [table(path) for path in samples("biologic")]
NUMBER = re.compile(r"-?\d+\.\d{3}")
# Words for which the facts about other public files stand.
BIOLOGIC_WORDS = {"|I|", "1 A", "10 A", "100 mA", "10 mA", "A", "mA", "Goto sequence"}


def kind_of(label: str) -> str:
    """The label of a row without the number of its block."""
    return re.sub(r"^(lim|rec)\d", r"\1", label)


@pytest.mark.parametrize("path", golden("biologic", ".mps"), ids=lambda path: path.parent.name)
def test_every_row_and_word_of_a_biologic_file_is_that_of_a_settings_file(path: Path) -> None:
    rows = table(path)
    labels = [label for label in BT_SAMPLES[0] if label != "Ns" or len(rows["ctrl_type"]) > 1]

    assert list(rows) == labels
    for label, cells in rows.items():
        known = BIOLOGIC_WORDS | {
            cell
            for real in BT_SAMPLES
            for other, others in real.items()
            if kind_of(other) == kind_of(label)
            for cell in others
        }
        for cell in cells:
            fits = cell in known or NUMBER.fullmatch(cell) or cell.isdecimal()
            assert fits, (label, cell)


@pytest.mark.parametrize("path", golden("biologic", ".mps"), ids=lambda path: path.parent.name)
def test_the_header_of_a_biologic_file_is_that_of_a_settings_file(path: Path) -> None:
    def names(source: Path) -> list[str]:
        head = source.read_bytes().decode("cp1252").split("Technique : 1")[0]
        return [re.split(r" [:=] ", line)[0] for line in head.split("\r\n")]

    real = names(sample("biologic/beep_btlab_formationV1.mps"))
    with_safety = names(sample("biologic/beep2022_btlab_formation_061621_loop.mps"))
    ours = names(path)
    safety = [name for name in ours if name.startswith("\t")] + ["Safety Limits :"]

    assert [name for name in ours if name not in safety] == real
    assert set(safety) <= {*with_safety, "\t|I|"}
