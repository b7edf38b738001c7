"""What third-party readers find in cycler files, as JSON.

It runs in an environment with the readers, and without the project::

    .venv-readers/bin/python -I third_party.py FILE... > facts.json

beep reads Maccor procedures, Arbin schedules and BioLogic settings, eclabfiles the settings of
EC-Lab. They return the elements, keys and cells of a file; this program names them. A third reader,
battetl, reads procedures and schedules with the code of beep, and does not run on Python 3.12.

For each file it prints the steps, loops and safety limits, or the error of the reader. A step has
its number in the file, and so have loops and the targets of ends; a target is null at the end of
the test.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from beep.protocol.arbin import Schedule
from beep.protocol.biologic import Settings
from beep.protocol.maccor import Procedure
from eclabfiles.mps import process as read_ec_lab

Facts = dict[str, Any]
SIDES = {"=": ">", ">=": ">", ">": ">", "<=": "<", "<": "<"}


def end(quantity: str, side: str, value: float, unit: str, to: int | None) -> Facts:
    return {"quantity": quantity, "side": side, "value": value, "unit": unit, "to": to}


def step(number: int, kind: str, mode: str, ends: list[Facts], **more: Any) -> Facts:
    return {"number": number, "kind": kind, "mode": mode, "ends": ends, **more}


def loop(first: int, last: int, count: int) -> Facts:
    return {"first": first, "last": last, "count": count}


# ---------------------------------------------------------------- Maccor

MACCOR_ENDS = {
    "StepTime": ("Time", "s"),
    "Voltage": ("Voltage", "V"),
    "Current": ("Current", "A"),
    "Amp Hour": ("Capacity", "Ah"),
    "Themocpl": ("Temperature", "degC"),
}


def listed(parent: Any, name: str) -> list[Any]:
    """Return the children of one name, which xmltodict gives as nothing, one or a list."""
    found = (parent or {}).get(name) or []
    return found if isinstance(found, list) else [found]


def maccor(path: Path) -> Facts:
    steps = Procedure.from_file(path)["MaccorTestProcedure"]["ProcSteps"]["TestStep"]
    kinds = [each["StepType"] for each in steps]
    found: Facts = {"steps": [], "loops": [], "safety": []}
    begins: dict[str, int] = {}
    for number, (kind, each) in enumerate(zip(kinds, steps, strict=True), 1):
        word, _, label = kind.partition(" ")
        entries = listed(each["Ends"], "EndEntry")
        if word == "Do":
            begins[label] = number
        elif word == "Loop":
            (entry,) = entries
            found["loops"].append(loop(begins[label], number, int(entry["Value"])))
        elif kind not in ("End", "AdvCycle", "Pause"):
            ends: list[Facts] = []
            for entry in entries:
                told = maccor_end(entry, kinds)
                (found["safety"] if entry.get("ChanSafetyEnd") == "True" else ends).append(told)
            found["steps"].append(maccor_step(number, each, ends))
    found["stops"] = [number for number, kind in enumerate(kinds, 1) if kind == "End"]
    return found


def maccor_step(number: int, each: Facts, ends: list[Facts]) -> Facts:
    kind, mode, value = each["StepType"], each["StepMode"] or "", each["StepValue"] or ""
    limits = each["Limits"] or {}
    if kind == "Rest":
        return step(number, "rest", "rest", ends)
    if kind == "FastWave":
        return step(number, "", "waveform", ends, name=value)
    kinds = {"Charge": "charge", "Dischrge": "discharge"}
    if kind not in kinds:
        return step(number, kind, "other", ends)
    if mode == "Current" and "Voltage" in limits:
        return step(
            number, kinds[kind], "cccv", ends, voltage=float(limits["Voltage"]), **rate(value)
        )
    if mode == "Voltage" and "Current" in limits:
        return step(
            number, kinds[kind], "cccv", ends, voltage=float(value), **rate(limits["Current"])
        )
    units = {"Current": "A", "Voltage": "V", "Power": "W"}
    level = rate(value) if mode == "Current" else {"value": float(value), "unit": units[mode]}
    return step(number, kinds[kind], mode.lower(), ends, **level)


def rate(text: str) -> Facts:
    return {"value": float(text.rstrip("C")), "unit": "C" if text.endswith("C") else "A"}


def maccor_end(entry: Facts, kinds: list[str]) -> Facts:
    quantity, unit = MACCOR_ENDS.get(entry["EndType"], (entry["EndType"], ""))
    text, target = entry["Value"], int(entry["Step"])
    if quantity == "Time":
        hours, minutes, seconds = (float(part or 0) for part in text.split(":"))
        value = hours * 3600 + minutes * 60 + seconds
    else:
        # Of a capacity, a multiple of the nominal capacity.
        unit = {"Capacity": "Q_NOM"}.get(quantity, "C") if text.endswith("C") else unit
        value = float(text.rpartition("/")[2].rstrip("C"))
    to = None if kinds[target - 1] == "End" else target
    return end(quantity, SIDES[entry["Oper"]], value, unit, to)


# ---------------------------------------------------------------- Arbin

ARBIN_ENDS = {
    "PV_CHAN_Step_Time": ("Time", "s"),
    "PV_CHAN_CV_StageTime": ("Hold time", "s"),
    "PV_CHAN_Voltage": ("Voltage", "V"),
    "PV_CHAN_Current": ("Current", "A"),
    "PV_CHAN_CV_Stage_Current": ("Current", "A"),
    "PV_CHAN_Charge_Capacity": ("Capacity", "Ah"),
    "PV_CHAN_Discharge_Capacity": ("Capacity", "Ah"),
}
ARBIN_COUNTERS = {1 << number: f"TC_Counter{number}" for number in range(1, 5)}


def arbin(path: Path) -> Facts:
    schedule = Schedule.from_file(path)["Schedule"]
    steps = [schedule[f"Step{number}"] for number in range(int(schedule["m_uStepNum"]))]
    labels = {each["m_szLabel"]: number for number, each in enumerate(steps, 1)}
    found: Facts = {"steps": [], "loops": [], "safety": list(arbin_safety(schedule)), "stops": []}
    for number, each in enumerate(steps, 1):
        limits = [each[f"Limit{place}"] for place in range(int(each["m_uLimitNum"]))]
        ending = [limit for limit in limits if limit["m_bStepLimit"] == "1"]
        if each["m_szStepCtrlType"] == "Set Variable(s)":
            back = [limit for limit in ending if limit["m_szGotoStep"] in labels]
            counter = ARBIN_COUNTERS.get(int(each["m_szExtCtrlValue1"] or 0))
            if back and back[0]["Equation0_szLeft"] == counter:
                first, count = labels[back[0]["m_szGotoStep"]], float(back[0]["Equation0_szRight"])
                found["loops"].append(loop(first, number, int(count)))
            continue
        signed = float(each["m_szCtrlValue"] or 0) if numeric(each["m_szCtrlValue"]) else 0.0
        ends = [arbin_end(number, limit, signed, labels) for limit in ending]
        found["steps"].append(arbin_step(number, each, signed, ends))
    return found


def numeric(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+", text or "0") is not None


def arbin_safety(schedule: Facts) -> Iterator[Facts]:
    if schedule.get("m_bCheckVoltageSafety") == "1":
        low, high = map(float, schedule["m_VoltageSafetyScope"].split("^"))
        yield end("Voltage", "<", low, "V", None)
        yield end("Voltage", ">", high, "V", None)
    if schedule.get("m_bCheckCurrentSafety") == "1":
        low, high = map(float, schedule["m_CurrentSafetyScope"].split("^"))
        yield {**end("Current", ">", -low, "A", None), "of": "discharge"}
        yield {**end("Current", ">", high, "A", None), "of": "charge"}


def arbin_step(number: int, each: Facts, signed: float, ends: list[Facts]) -> Facts:
    control = each["m_szStepCtrlType"]
    direction = "discharge" if signed < 0 else "charge"
    if control == "Rest":
        return step(number, "rest", "rest", ends)
    if control not in ("Current(A)", "C-Rate", "CCCV") or not signed:
        return step(number, control, "other", ends)
    level = {"value": abs(signed), "unit": "C" if control == "C-Rate" else "A"}
    if control == "CCCV":
        level["voltage"] = float(each["m_szExtCtrlValue1"])
    return step(number, direction, "cccv" if control == "CCCV" else "current", ends, **level)


def arbin_end(number: int, limit: Facts, signed: float, labels: dict[str, int]) -> Facts:
    left, right = limit["Equation0_szLeft"], limit["Equation0_szRight"]
    quantity, unit = ARBIN_ENDS.get(left, (left, ""))
    side, value = SIDES[limit["Equation0_szCompareSign"]], float(right) if numeric(right) else 0.0
    if quantity == "Current" and signed < 0:
        side, value = {"<": ">", ">": "<"}[side], -value
    goto = limit["m_szGotoStep"]
    to = number + 1 if goto == "Next Step" else labels.get(goto)
    return end(quantity, side, value, unit, to)


# ---------------------------------------------------------------- BioLogic

BIOLOGIC_ENDS = {
    "Time": ("Time", "s"),
    "Ewe": ("Voltage", "V"),
    "Ecell": ("Voltage", "V"),
    "|I|": ("Current", "A"),
    "|Q|": ("Capacity", "Ah"),
}
FACTORS = {
    "d": 86400.0,
    "h": 3600.0,
    "mn": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "V": 1.0,
    "mV": 1e-3,
    "A": 1.0,
    "mA": 1e-3,
    "\u00b5A": 1e-6,
    "nA": 1e-9,
    "A.h": 1.0,
    "mA.h": 1e-3,
}


TECHNIQUE = 1000
"""Of linked techniques, sequences are numbered by technique x 1000 + sequence."""


def biologic(path: Path) -> Facts:
    text = path.read_text("latin-1")
    head, *parts = re.split(r"(?m)^(?=Technique : )", text)
    techniques = [technique(part) for part in parts]
    if text.startswith("EC-LAB"):
        compare_cells(path, techniques)
    safety = list(biologic_safety(head.splitlines()))
    found: Facts = {"steps": [], "loops": [], "safety": safety, "stops": []}
    for place, (kind, columns) in enumerate(techniques, 1):
        first = place * TECHNIQUE if len(techniques) > 1 else 0
        if kind == "Loop":
            (cells,) = columns
            goto, times = int(cells["goto Ne"]), int(cells["nt times"])
            found["loops"].append(loop(goto * TECHNIQUE, first, times + 1))
        elif kind == "Modulo Bat":
            add_sequences(found, columns, first)
        else:
            found["steps"].append(step(first, kind, "other", []))
    return found


def technique(part: str) -> tuple[str, list[Facts]]:
    """Return the name and the columns of a technique.

    beep takes one number of rows for all techniques of a file, so it gets one at a time.
    """
    rows = len(re.findall(r"(?m)^\S.*$", part)) - 1
    read = Settings.mps_text_to_schedule_dict(part, step_entry_length=rows)
    (found,) = read["Technique"].values()
    return found["Type"].strip(), list(found["Step"].values())


def compare_cells(path: Path, techniques: list[tuple[str, list[Facts]]]) -> None:
    """Check that eclabfiles finds the same cells as beep.

    It names rows by their place in older files, so only the cells are compared, in order; of files
    with more rows than it knows it leaves out the last ones.
    """
    found, _ = read_ec_lab(str(path))
    for place, (_, columns) in enumerate(techniques, 1):
        for cells, other in zip(columns, found[str(place)]["params"], strict=True):
            for (label, text), cell in zip(cells.items(), other.values(), strict=False):
                if text != cell and float(text) != cell:
                    raise ValueError(f"technique {place}: {label} is {text}, or {cell}")


def add_sequences(found: Facts, columns: list[Facts], first: int) -> None:
    for number, cells in enumerate(columns, first):
        kind = cells["ctrl_type"]
        if kind == "Loop":
            back, count = int(float(cells["ctrl_seq"])), int(float(cells["ctrl_repeat"])) + 1
            found["loops"].append(loop(first + back, number, count))
            continue
        blocks = range(1, int(float(cells["lim_nb"])) + 1)
        ends = [biologic_end(number, cells, f"lim{block}", first) for block in blocks]
        found["steps"].append(biologic_step(number, kind, cells, ends))


def biologic_safety(head: list[str]) -> Iterator[Facts]:
    for line in head:
        limit = re.fullmatch(r"\t(Ewe|Ecell|\|I\|) ?(min|max)? = ([-\d.]+) (\S+)", line)
        if limit:
            value = float(limit[3]) * FACTORS[limit[4]]
            current = limit[1] == "|I|"
            side = "<" if limit[2] == "min" else ">"
            yield end(
                *(("Current", ">", value, "A") if current else ("Voltage", side, value, "V")), None
            )


def biologic_step(number: int, kind: str, cells: Facts, ends: list[Facts]) -> Facts:
    if kind == "Rest":
        return step(number, "rest", "rest", ends)
    value = float(cells["ctrl1_val"]) * FACTORS[cells["ctrl1_val_unit"]]
    if kind == "CV":
        return step(number, "", "voltage", ends, value=value, unit="V")
    if kind != "CC":
        return step(number, kind, "other", ends)
    negative = value < 0 or cells["charge/discharge"] == "Discharge"
    level = {"value": abs(value), "unit": "A"}
    applied = cells["Apply I/C"]
    if applied != "I":
        hours = float(cells["N"])
        level = {"value": 1 / hours if applied == "C / N" else hours, "unit": "C"}
    return step(number, "discharge" if negative else "charge", "current", ends, **level)


def biologic_end(number: int, cells: Facts, block: str, first: int) -> Facts:
    quantity, unit = BIOLOGIC_ENDS.get(cells[f"{block}_type"], (cells[f"{block}_type"], ""))
    value = float(cells[f"{block}_value"]) * FACTORS[cells[f"{block}_value_unit"]]
    action = cells[f"{block}_action"]
    targets = {"Stop": None, "Next sequence": number + 1}
    to = targets[action] if action in targets else first + int(float(cells[f"{block}_seq"]))
    side = cells[f"{block}_comp"]
    if quantity == "I":
        # With its sign: a current that rises from -2 A to -1 A becomes smaller.
        quantity, unit = "Current", "A"
        side = side if value >= 0 else {"<": ">", ">": "<"}[side]
        value = abs(value)
    return end(quantity, side, value, unit, to)


# ---------------------------------------------------------------- all

READERS = {".000": maccor, ".sdu": arbin, ".sdx": arbin, ".mps": biologic}


def read(path: Path) -> Facts:
    try:
        return READERS[path.suffix](path)
    except Exception as error:  # noqa: BLE001  any error of a reader is a result
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    print(json.dumps({name: read(Path(name)) for name in sys.argv[1:]}))  # noqa: T201
