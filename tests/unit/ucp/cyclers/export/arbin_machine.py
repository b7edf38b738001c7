"""An Arbin channel with a simple cell: it runs the limits of a schedule second by second.

It uses neither the exporter nor the reader under test. Limits are compared in their order, and the
first one that is met takes effect.
"""

from __future__ import annotations

import operator
from itertools import groupby

from attrs import define

COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
LONGEST = 50_000


@define
class Cell:
    """A voltage source with a resistance; its voltage rises with the charge it has taken up."""

    volts: float
    ohms: float = 0.05
    volts_per_ah: float = 1.0

    def pass_charge(self, amperes: float) -> None:
        self.volts += amperes / 3600 * self.volts_per_ah


def sections_of(content: bytes) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    for line in content.decode("latin-1").splitlines():
        if line.startswith("["):
            keys = sections.setdefault(line.strip("[]"), {})
        elif "=" in line:
            key, _, value = line.partition("=")
            keys[key] = value
    return sections


def current_of(step: dict[str, str], cell: Cell) -> float:
    """Return the current of a step in A; a CCCV step reduces it to keep its voltage."""
    if step["m_szStepCtrlType"] == "Rest":
        return 0.0
    amperes = float(step["m_szCtrlValue"])
    if step["m_szStepCtrlType"] == "CCCV":
        allowed = (float(step["m_szExtCtrlValue1"]) - cell.volts) / cell.ohms
        return min(amperes, allowed) if amperes > 0 else max(amperes, allowed)
    return amperes


def run(content: bytes, cell: Cell) -> list[tuple[str, int]]:
    """Return the types of the steps that ran and for how many seconds each did."""
    sections = sections_of(content)
    labels = {
        keys["m_szLabel"]: int(name.removeprefix("Schedule_Step"))
        for name, keys in sections.items()
        if name.startswith("Schedule_Step") and "_Limit" not in name
    }
    ran: list[tuple[int, str]] = []
    number, entry, seconds, held = 0, 0, 0, 0
    charged = 0.0
    while f"Schedule_Step{number}" in sections and len(ran) < LONGEST:
        step = sections[f"Schedule_Step{number}"]
        amperes = current_of(step, cell)
        holds = step["m_szStepCtrlType"] == "CCCV" and amperes != float(step["m_szCtrlValue"])
        measured = {
            "PV_CHAN_Voltage": cell.volts + amperes * cell.ohms,
            "PV_CHAN_Current": amperes,
            "PV_CHAN_Step_Time": float(seconds),
            "PV_CHAN_Charge_Capacity": charged,
        }
        if holds:
            measured |= {
                "PV_CHAN_CV_Stage_Current": amperes,
                "PV_CHAN_CV_StageTime": float(held),
            }
        goto = _met(sections, number, int(step["m_uLimitNum"]), measured)
        if goto is not None:
            number = {"Next Step": number + 1, "End Test": len(labels)}.get(
                goto, labels.get(goto, 0)
            )
            entry, seconds, held = entry + 1, 0, 0
            ran.append((entry, ""))
            continue
        ran.append((entry, step["m_szStepCtrlType"]))
        cell.pass_charge(amperes)
        charged += max(amperes, 0.0) / 3600
        seconds, held = seconds + 1, held + holds
    assert len(ran) < LONGEST, "the schedule does not end"
    return [
        (kinds[0], len(kinds))
        for _, group in groupby(ran, key=lambda entry: entry[0])
        if (kinds := [kind for _, kind in group if kind])
    ]


def _met(
    sections: dict[str, dict[str, str]], number: int, count: int, measured: dict[str, float]
) -> str | None:
    """Return where the first limit leads whose equations all hold."""
    for place in range(count):
        limit = sections[f"Schedule_Step{number}_Limit{place}"]
        equations = [
            (limit[f"Equation{n}_szLeft"], limit[f"Equation{n}_szCompareSign"],
             limit[f"Equation{n}_szRight"])
            for n in range(3) if limit[f"Equation{n}_szLeft"]
        ]  # fmt: skip
        if limit["m_bStepLimit"] == "1" and all(
            left in measured and COMPARE[sign](measured[left], float(right))
            for left, sign, right in equations
        ):
            return limit["m_szGotoStep"]
    return None
