"""Schedules of Arbin from compact tables, with the keys that MITS saves."""

from __future__ import annotations

import re

STEP = (
    "m_bAutoPidTips=0", "m_bBurstModeEnable=0", "m_bSampleClockStretch=0",
    "m_bSynchronizedStart=0", "m_nExtra1=0", "m_szExtDef=", "m_szExtDef1=", "m_szExUnitType1=",
    "m_szUnitType=", "m_szVoltageRange=High", "m_uStepCtrlTypeExtFlag=0",
)  # fmt: skip
EQUATION = re.compile(r"(\S+?)\s*(<=|>=|==|=|<|>)\s*(.+)")


def schedule(table: str, *, head: str = "", more: str = "") -> bytes:
    """Return a schedule.

    Each line of the table is ``label | type | value | extra values | limits``. Limits are separated
    by ``;``; one that starts with ``log`` only saves a point, and ``-> label`` tells where the
    others lead, if not to the next step.

    Parameters
    ----------
    table : str
        The steps.
    head : str
        More keys of the section ``[Schedule]``.
    more : str
        More sections.
    """
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    lines = ["[Version Section]", "Current_Version=Schedule Version 8.00.11"]
    lines += ["[Signature Section]", "Signature=83C28826-1D21-41DA-A544-BDB4B4580BD1"]
    lines += ["[Schedule]", f"m_uStepNum={len(rows)}", *head.split("\n")]
    for number, (label, kind, value, extra, limits) in enumerate(rows):
        first, second, add_in = (*(cell.strip() for cell in extra.split(",")), "", "", "")[:3]
        texts = [text.strip() for text in limits.split(";") if text.strip()]
        lines += [f"[Schedule_Step{number}]", *STEP]
        lines += [f"m_szLabel={label}", f"m_szStepCtrlType={kind}", f"m_szCtrlValue={value}"]
        lines += [f"m_szExtCtrlValue1={first}", f"m_szExtCtrlValue2={second}"]
        lines += [f"m_szAddIn={add_in}", f"m_uLimitNum={len(texts)}"]
        for place, text in enumerate(texts):
            lines += [f"[Schedule_Step{number}_Limit{place}]", *_limit(text)]
    lines += more.split("\n")
    return "\r\n".join([*lines, ""]).encode("latin-1")


def _limit(text: str) -> list[str]:
    logs = text.startswith("log ")
    condition, _, goto = text.removeprefix("log ").partition("->")
    lines = [f"m_bStepLimit={int(not logs)}", "m_bLogDataLimit=1"]
    lines.append(f"m_szGotoStep={goto.strip() or 'Next Step'}")
    equations = condition.split(" and ")
    for number in range(3):
        found = EQUATION.fullmatch(equations[number].strip()) if number < len(equations) else None
        sides = found.groups() if found else ("", "", "")
        for name, side in zip(("Left", "CompareSign", "Right"), sides, strict=True):
            lines.append(f"Equation{number}_sz{name}={side}")
    return lines


def formula(number: int, label: str, first: str, second: str = "0", operator: str = "+") -> str:
    """Return a formula as MITS saves it: ``4.2*1 + 0``."""
    return "\n".join(
        (
            f"[Schedule_Formula{number}]",
            f"m_szExpression={first}*1 {operator} {second}",
            "m_szExtFunc1=", "m_szExtFunc2=", "m_szFuncX=", "m_szFuncY=",
            f"m_szLabel={label}", f"m_szOperator={operator}",
            f"m_szX1={first}", "m_szX2=1", "m_szX3=1", "m_szX4=1",
            f"m_szY1={second}", "m_szY2=1", "m_szY3=1", "m_szY4=1",
        )
    )  # fmt: skip
