"""``verify`` detects every change of a file that affects the test.

The numbers and words of a file are changed one at a time, and every change must be reported.
Changes without effect are excluded, each with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.plan import Plan
from ionworks.ucp.cyclers.read import verify
from tests.unit.ucp.cyclers.export.emulators import EMULATORS
from tests.unit.ucp.cyclers.export.golden import DATE

LEGS = """
        - Charge: {mode: Current, value: 2.5, duration: 7201, ends: [Voltage > 4.2]}
        - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.125]}
"""
PAIR = LEGS.replace(", duration: 7201", "")
STEPS = """
safety_limits:
  {voltage_min: 2.25, voltage_max: 4.35, charge_current_max: 6.5, discharge_current_max: 6.5}
global: {resolution: {time: 30, voltage: 0.005}}
steps:
  - Cycles:
      repeat: 7
      steps:LEGS
        - Rest: {duration: 612}
        - Discharge: {mode: Current, value: 3.5, duration: 5401, ends: [Voltage < 2.75]}
  - Rest: {duration: 33}
"""
# Lines that affect the test. The other lines do not, or the reader rejects unknown words in them.
LIVE = {
    "maccor": r"<(StepType|StepMode|StepValue|EndType|Oper|Step|Value|ReportType|Voltage|Current)>",
    "neware": r"<(Curr|Volt|Time|Cap|Stop_\w+|Upper|Lower|Start_Step|Cycle_Count|Step\d+"
    r"|Step_Info)\b",
    "arbin": r"^(m_szStepCtrlType|m_szCtrlValue|m_szExtCtrlValue[12]|m_uLimitNum|m_uStepNum"
    r"|m_szGotoStep|m_bStepLimit|m_\w+SafetyScope|m_bCheck(Volt|Curr)\w+Safety"
    r"|Equation\d_sz\w+)=.",
    "biologic": r"^(\t(E|\|)|ctrl_type|ctrl1_val|charge/discharge |ctrl_(seq|repeat)|lim_nb|rec_nb"
    r"|lim1_(type|comp|value|action|seq)|lim2_(type|comp|value)|rec[12]_)",
    "novonix": r"\[(?!Protocol|End protocol|Operating|Emergency|End operating|End emergency)",
}
WORDS = {
    "maccor": [
        (" Charge ", "Dischrge"), ("Dischrge", " Charge "), ("Current ", "Voltage "),
        ("Voltage ", "Current "), ("&gt;= ", "&lt;= "), ("&lt;= ", "&gt;= "),
        ("  Rest  ", " Charge "),
        (" Loop 1 ", " Loop 2 "), ("  Do 1  ", "  Do 2  "), ("StepTime", "Voltage "),
    ],
    "neware": [
        ('Type="1"', 'Type="2"'), ('Type="2"', 'Type="1"'), ('Type="3"', 'Type="1"'),
        ('Type="4"', 'Type="13"'), ("Stop_Volt", "Stop_Curr"),
        ('Type="7"', 'Type="20"'), ('Type="20"', 'Type="7"'),
        ("Upper", "Lower"), ("Lower", "Upper"),
        ("<Time", "<Cap"),
    ],
    "arbin": [
        ("=>", "=<"), ("=<", "=>"), ("=Next Step", "=End Test"), ("CCCV", "Current(A)"),
        ("=Current(A)", "=C-Rate"), ("=Rest", "=Current(A)"), ("CHAN_Voltage", "CHAN_Current"),
        ("Counter1", "Counter2"), ("StepLimit=1", "StepLimit=0"), ("Safety=1", "Safety=0"),
    ],
    "biologic": [
        ("Discharge", "Charge   "), (">", "<"), ("<", ">"), ("CC ", "CV "), ("CV ", "CC "),
        ("Rest", "CC  "), ("Loop", "Rest"), ("Next sequence", "Stop         "),
        ("Ecell ", "|I|   "), ("|I|   ", "Ecell "), (" A ", " mA"), (" V ", " mV"), (" s ", " h "),
        (" mn", " s "), ("mA", "A "), ("mV", "V "),
    ],
    "novonix": [
        ("<", ">"), (">", "<"), ("minutes", "hours"), ("seconds", "hours"), (" A]", " V]"),
        (" V]", " A]"), ("less", "more"), ("longer", "shorter"),
        ("current charge", "current discharge"),
        ("ngth", "x"), ("repeat", "charge"),
    ],
}  # fmt: skip


def changes(target: str, text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield a changed file, the old and the new line, and the text that follows."""
    kind = target.removesuffix("_sdx")
    start = 0
    for line in text.split("\n"):
        if re.search(LIVE[kind], line):
            for at, end, new in _spots(kind, line):
                changed = line[:at] + new + line[end:]
                rest = text[start + len(line) :]
                yield text[:start] + changed + rest, line, changed, rest[:400]
        start += len(line) + 1


def _spots(kind: str, line: str) -> Iterator[tuple[int, int, str]]:
    label = 20 if kind == "biologic" and not line.startswith("\t") else 0
    for number in re.finditer(r"-?\d+(\.\d+)?", line[label:]):
        at, end = number.start() + label, number.end() + label
        if line[:at].endswith(("Step", "Equation", "Counter", "Range", "[", "lue", "lim", "rec")):
            # Part of a name, or the number of a line.
            continue
        value = number[0]
        yield at, end, _more(value)
        if value.startswith("-"):
            yield at, end, value[1:] + " " * (kind == "biologic")
    for old, new in WORDS[kind]:
        for place in re.finditer(re.escape(old), line[label:]):
            yield place.start() + label, place.end() + label, new


def _more(text: str) -> str:
    """Return a number with its first digit above 0 changed, as long as it was."""
    found = re.search("[1-9]", text)
    at = found.start() if found else len(text) - 1
    return text[:at] + str(int(text[at]) % 9 + 1) + text[at + 1 :]


def inert(target: str, line: str, changed: str, follows: str) -> bool:
    """Whether a change of a line has no effect on the test."""
    match target:
        case "maccor":
            # Step ends that repeat a limit of the channel have no effect, even if they change.
            entry = follows.partition("</EndEntry>")[0]
            value = "<Value>" in line or "<EndType>" in line
            repeats = any(f"<Value>{limit}<" in line + entry for limit in ("2.25", "4.35", "6.5"))
            # Every step with a current repeats the current limit, so the one on the rest is spare.
            current = "<EndType>Current" in line
            return value and repeats and ("ChanSafetyEnd" not in entry or current)
        case "neware":
            # The display of steps, and the recording of steps without a rule: all steps have one.
            return "Hide_Ctrl_Step" in line or "</Whole_Prt>" in follows[:120]
        case "arbin" | "arbin_sdx":
            # The target of a limit that only records, and a safety scope that is switched off.
            return "GotoStep" in line or "SafetyScope=0.000000^0.000000" in line
        case "biologic":
            return _inert_cell(line, changed)
    return False


def _inert_cell(line: str, changed: str) -> bool:
    """Whether a cell is unused by a rest, a loop or a constant voltage."""
    if line.startswith("\t"):
        return False
    column = next(
        at for at in range(0, len(line), 20) if line[at : at + 20] != changed[at : at + 20]
    )
    label = line[:20].strip()
    kind = KINDS[column // 20 - 1]
    idle = {
        "Rest": ("ctrl1", "charge"),
        "Loop": ("ctrl1", "charge", "lim", "rec"),
        "CV": ("charge",),
    }
    unused = label.startswith("lim2") and kind not in TWO_ENDS
    # A third rule would be the unused one, with a change of 0.
    unused |= label == "rec_nb" and line[column : column + 1] == "2"
    if label.startswith(("ctrl_seq", "ctrl_repeat")):
        return kind != "Loop"
    return unused or label.startswith(idle.get(kind, ()))


KINDS = ("CC", "CV", "Rest", "CC", "Loop", "Rest")
TWO_ENDS = ("CC",)


@pytest.mark.parametrize("target", EMULATORS)
def test_verify_detects_every_change_that_affects_the_test(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def remember(plan: Plan, _target: str, content: bytes, assets: Any, **given: Any) -> None:
        asked.update(plan=plan, content=content, given=given)
        verify(plan, target, content, assets, **given)

    monkeypatch.setattr("ionworks.ucp.cyclers.read.verify", remember)
    legs = PAIR if target in ("arbin", "arbin_sdx", "novonix") else LEGS
    made = ucp.convert(STEPS.replace("LEGS", legs), target, options={"date": DATE}, verify=True)
    text = made.text()

    unnoticed: list[str] = []
    tried = 0
    for changed, line, now, follows in changes(target, text):
        if inert(target, line, now, follows):
            continue
        tried += 1
        try:
            verify(asked["plan"], target, changed.encode(made.encoding), {}, **asked["given"])
        except ucp.UCPError:
            continue
        unnoticed.append(f"{line.strip()} -> {now.strip()}")

    assert tried >= 40
    assert "\n".join(unnoticed) == ""
