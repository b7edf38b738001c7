"""Facts about the steps of a file in SI units, read from its raw text.

This is a second, independent reading: it does not use the readers and exporters under test, so that
an error common to both is found.
A fact has the unit and value that a step holds (charge is positive), the voltage of a CCCV step,
and the ends: quantity, side, threshold and target.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias
from xml.etree import ElementTree as ET

End: TypeAlias = tuple[str, str, float, str]
Fact: TypeAlias = tuple[str, float, float, tuple[End, ...]]
"""Unit (empty for a rest), set point, voltage of a CCCV step (else 0), sorted ends."""


def _fact(unit: str, value: float, volts: float, ends: list[End]) -> Fact:
    return unit, value, volts, tuple(sorted(set(ends)))


# ---------------------------------------------------------------- Maccor


def _clock(text: str) -> float:
    hours, minutes, seconds = text.split(":")
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def maccor(content: bytes) -> list[Fact]:
    steps = list(ET.fromstring(content).iterfind("ProcSteps/TestStep"))  # noqa: S314  our own file
    kinds = [(step.findtext("StepType") or "").strip() for step in steps]
    drives = [place for place, kind in enumerate(kinds) if kind in ("Rest", "Charge", "Dischrge")]
    facts = []
    for place in drives:
        step = steps[place]
        ends: list[End] = []
        for entry in step.iterfind("Ends/EndEntry"):
            kind, oper, target, text = (
                entry.findtext(tag) or "" for tag in ("EndType", "Oper", "Step", "Value")
            )
            quantity = {"StepTime": "s", "Voltage ": "V", "Current ": "A", "Amp Hour": "Ah"}.get(
                kind, "degC"
            )
            side = {" = ": ">", ">= ": ">", "<= ": "<"}[oper]
            if quantity == "A" and text.endswith("C"):
                quantity, text = "C", text[:-1]
            value = _clock(text) if quantity == "s" else float(text.rpartition("/")[2])
            at = int(target) - 1
            where = _where(place, at, drives, is_end=kinds[at] == "End")
            ends.append((quantity, side, value, where))
        kind, mode, text = (
            (step.findtext(tag) or "").strip() for tag in ("StepType", "StepMode", "StepValue")
        )
        unit = {"": "", "Current": "A", "Voltage": "V", "Power": "W"}[mode]
        if text.endswith("C"):
            unit, text = "C", text[:-1]
        sign = -1 if kind == "Dischrge" and unit != "V" else 1
        volts = float(step.findtext("Limits/Voltage") or 0)
        facts.append(_fact(unit, sign * float(text or 0), volts, ends))
    return facts


def _where(place: int, target: int, drives: list[int], *, is_end: bool) -> str:
    """Return where an end leads: to the next step, to the end, or to the n-th active step."""
    if target == place + 1 and not is_end:
        return "next"
    later = [number for number, drive in enumerate(drives) if drive >= target]
    if is_end or not later:
        return "end"
    return f"step {later[0]}"


# ---------------------------------------------------------------- Neware


def neware(content: bytes) -> list[Fact]:
    body = content.decode().partition("\n")[2]
    root = ET.fromstring(body)  # noqa: S314  our own file
    facts = []
    for step in root.iterfind("config/Step_Info/*"):
        kind = step.get("Step_Type")
        if kind in ("5", "6", "13"):
            continue
        limit = {node.tag: float(node.get("Value", "")) for node in step.iterfind("Limit/Main/*")}
        ends = list(_protections(step))
        discharges = kind in ("2", "20")
        side = "<" if discharges else ">"
        for tag, quantity, factor, over in (
            ("Time", "s", 1e-3, ">"),
            ("Cap", "Ah", 1 / 3.6e6, ">"),
            ("Stop_Volt", "V", 1e-4, side),
            ("Stop_Curr", "A", 1e-3, "<"),
        ):
            if tag in limit:
                ends.append((quantity, over, limit[tag] * factor, "next"))
        sign = -1 if discharges else 1
        current = sign * limit.get("Curr", 0) * 1e-3
        match kind:
            case "4":
                facts.append(_fact("", 0, 0, ends))
            case "3":
                facts.append(_fact("V", limit["Volt"] * 1e-4, 0, ends))
            case "7" | "20":
                facts.append(_fact("A", current, limit["Volt"] * 1e-4, ends))
            case _:
                facts.append(_fact("A", current, 0, ends))
    return facts


def _protections(step: ET.Element) -> Iterator[End]:
    for outer in step.iterfind("Protect/*/*"):
        for side in outer:
            value = float(side.get("Value", ""))
            if outer.tag == "Volt":
                yield "V", ">" if side.tag == "Upper" else "<", value * 1e-4, "end"
            elif outer.tag == "Cap":
                yield "Ah", ">", value / 3.6e6, "end"
            elif outer.tag == "Curr" and (value < 0) == (step.get("Step_Type") in ("2", "20")):
                yield "A", ">", abs(value) * 1e-3, "end"


# ---------------------------------------------------------------- Arbin


def arbin(content: bytes) -> list[Fact]:
    sections: dict[str, dict[str, str]] = {}
    for block in re.split(r"(?m)^\[", content.decode("latin-1"))[1:]:
        heading, _, body = block.partition("]")
        sections[heading] = dict(re.findall(r"(?m)^(\w+)=(.*?)\r?$", body))
    count = int(sections["Schedule"]["m_uStepNum"])
    steps = [sections[f"Schedule_Step{number}"] for number in range(count)]
    drives = [n for n, step in enumerate(steps) if step["m_szStepCtrlType"] != "Set Variable(s)"]
    labels = {step["m_szLabel"]: number for number, step in enumerate(steps)}
    facts = []
    for place in drives:
        step = steps[place]
        ends: list[End] = []
        signed = float(step["m_szCtrlValue"] or 0)
        for number in range(int(step["m_uLimitNum"])):
            limit = sections[f"Schedule_Step{place}_Limit{number}"]
            if limit["m_bStepLimit"] != "1":
                continue
            goto = limit["m_szGotoStep"]
            last = place + 1 == count
            target = {"Next Step": place + 1, "End Test": count}.get(goto, labels.get(goto, -1))
            where = _where(place, target, drives, is_end=goto == "End Test" and not last)
            where = "next" if last and target == count else where
            left, sign, right = (
                limit[f"Equation0_sz{part}"] for part in ("Left", "CompareSign", "Right")
            )
            side, value = sign[0], float(right)
            quantity = {
                "PV_CHAN_Step_Time": "s",
                "PV_CHAN_CV_StageTime": "held s",
                "PV_CHAN_Voltage": "V",
                "PV_CHAN_Current": "A",
                "PV_CHAN_CV_Stage_Current": "A",
            }.get(left, "Ah")
            if quantity == "A" and signed < 0:
                side, value = {">": "<", "<": ">"}[side], -value
            if quantity == "Ah":
                assert left == f"PV_CHAN_{'Charge' if signed > 0 else 'Discharge'}_Capacity"
            ends.append((quantity, side, value, where))
        kind = step["m_szStepCtrlType"]
        unit = {"Rest": "", "C-Rate": "C", "Current(A)": "A", "CCCV": "A"}[kind]
        volts = float(step["m_szExtCtrlValue1"]) if kind == "CCCV" else 0
        facts.append(_fact(unit, signed, volts, ends))
    return facts


# ---------------------------------------------------------------- BioLogic


_UNITS = {
    "A": 1.0, "mA": 1e-3, "\u00b5A": 1e-6, "nA": 1e-9, "V": 1.0, "mV": 1e-3,
    "h": 3600.0, "mn": 60.0, "s": 1.0,
}  # fmt: skip


def biologic(content: bytes) -> list[Fact]:
    """Read the techniques Modulo Bat; a technique Loop has no step."""
    tables = []
    for block in re.split(r"Technique : \d+\r\n", content.decode("cp1252"))[1:]:
        lines = block.split("\r\n")
        assert lines[0] in ("Modulo Bat", "Loop")
        if lines[0] == "Modulo Bat":
            tables.append(
                {
                    line[:20].strip(): [
                        line[at : at + 20].strip() for at in range(20, len(line), 20)
                    ]
                    for line in lines[1:]
                }
            )
    facts: list[Fact] = []
    for table in tables:
        facts += _modulo_bat(table, len(facts), is_last=table is tables[-1])
    return facts


def _modulo_bat(rows: dict[str, list[str]], before: int, *, is_last: bool) -> list[Fact]:
    kinds = rows["ctrl_type"]
    drives = [place for place, kind in enumerate(kinds) if kind != "Loop"]
    facts = []
    for place in drives:

        def cell(label: str, at: int = place) -> str:
            return rows[label][at]

        ends: list[End] = []
        for block in range(1, int(cell("lim_nb")) + 1):
            kind = cell(f"lim{block}_type")
            quantity = {"Time": "s", "Ecell": "V", "Ewe": "V", "|I|": "A"}[kind]
            value = float(cell(f"lim{block}_value")) * _UNITS[cell(f"lim{block}_value_unit")]
            action, target = cell(f"lim{block}_action"), int(cell(f"lim{block}_seq"))
            assert (action, target) in (
                ("Next sequence", place + 1), ("Stop", 9999), ("Goto sequence", target),
            )  # fmt: skip
            assert action != "Stop" or is_last
            where = _where(place, target, drives, is_end=action == "Stop")
            if where.startswith("step "):
                where = f"step {int(where[5:]) + before}"
            where = "next" if action == "Stop" and place + 1 == len(kinds) else where
            ends.append((quantity, cell(f"lim{block}_comp"), value, where))
        unit = {"Rest": "", "CC": "A", "CV": "V"}[kinds[place]]
        value = 0.0
        if unit:
            value = float(cell("ctrl1_val")) * _UNITS[cell("ctrl1_val_unit")]
        if unit == "A":
            sizes = {"\u00b5A": 1e-6, "mA": 1e-3, "A": 1.0}
            number, size = cell("I Range").split()
            assert value <= float(number) * sizes[size] * (1 + 1e-6)
            value *= {"Charge": 1, "Discharge": -1}[cell("charge/discharge")]
        facts.append(_fact(unit, value, 0, ends))
    return facts


# ---------------------------------------------------------------- Novonix


def novonix(content: bytes) -> list[Fact]:
    return list(_novonix([line.strip()[1:-1] for line in content.decode().splitlines()]))


def _novonix(lines: list[str]) -> Iterator[Fact]:
    names = ("Open circuit storage", "Constant current", "CC-CV")
    places = [place for place, line in enumerate(lines) if line.startswith(names)]
    for number, place in enumerate(places):
        stop = places[number + 1] if number + 1 < len(places) else len(lines)
        body = lines[place + 1 : stop]
        body = body[: next(at for at, line in enumerate(body) if line == "End emergency limits")]
        given = {line.split(" ")[0]: line.split(" ", 1)[1] for line in body if "_" in line[:18]}
        discharges = lines[place].endswith("discharge")
        ends: list[End] = []
        for line in body:
            trip = re.fullmatch(r"\d+ End step if ([a-z ]+) is (\w+) than (.+)", line)
            if trip:
                quantity, amount = _novonix_amount(trip[3])
                held = "held " if trip[1] == "hold time" else ""
                side = "<" if trip[2] == "less" else ">"
                ends.append((f"{held}{quantity}", side, amount, "next"))
            stopping = re.fullmatch(r"\d+ Stop channel if (.+)", line)
            for rule in stopping[1].split(" or if ") if stopping else ():
                words = re.fullmatch(r"[a-z ]+ ([<>]) (.+)", rule)
                assert words is not None
                quantity, amount = _novonix_amount(words[2])
                ends.append((quantity, words[1], amount, "end"))
        volts = float(given.get("Charge_voltage", given.get("Discharge_voltage", "0 V")).split()[0])
        if lines[place] == "Open circuit storage":
            ends.append(("s", ">", _novonix_amount(given["Storage_time"])[1], "next"))
            yield _fact("", 0, 0, ends)
        elif lines[place].startswith("CC-CV"):
            yield _fact("A", _novonix_amount(given["Maximum_current"])[1], volts, ends)
        else:
            word = "Discharge" if discharges else "Charge"
            amount = _novonix_amount(given[f"{word}_current"])[1]
            ends.append(("V", "<" if discharges else ">", volts, "next"))
            yield _fact("A", -amount if discharges else amount, 0, ends)


def _novonix_amount(text: str) -> tuple[str, float]:
    number, unit = text.split(" ")
    factors = {"hours": 3600.0, "h": 3600.0, "minutes": 60.0, "seconds": 1.0}
    if unit in factors:
        return "s", float(number) * factors[unit]
    return unit, float(number)


# ---------------------------------------------------------------- limits of the whole test


Watched: TypeAlias = tuple[str, str, float, int]
"""Quantity, side, threshold and direction: 1 for charge, -1 for discharge, 0 for both."""


def _at_steps(_content: bytes) -> list[Watched]:
    """Return nothing: the format has limits as ends of every step."""
    return []


def _neware_limits(content: bytes) -> list[Watched]:
    root = ET.fromstring(content.decode().partition("\n")[2])  # noqa: S314  our own file
    found: list[Watched] = []
    for side in root.iterfind("config/Whole_Prt/Protect/Main/*/*"):
        outer = root.find(f"config/Whole_Prt/Protect/Main/Volt/{side.tag}")
        value = float(side.get("Value", ""))
        upper = side.tag == "Upper"
        if side is outer:
            found.append(("V", ">" if upper else "<", value * 1e-4, 0))
        else:
            assert upper == (value > 0)
            found.append(("A", ">", abs(value) * 1e-3, 1 if upper else -1))
    return found


def _arbin_limits(content: bytes) -> list[Watched]:
    text = content.decode("latin-1")
    keys = dict(re.findall(r"(?m)^(m_\w+Safety\w*)=(.*?)\r?$", text))
    found: list[Watched] = []
    if keys.get("m_bCheckVoltageSafety") == "1":
        low, high = map(float, keys["m_VoltageSafetyScope"].split("^"))
        found += [("V", "<", low, 0), ("V", ">", high, 0)]
    if keys.get("m_bCheckCurrentSafety") == "1":
        low, high = map(float, keys["m_CurrentSafetyScope"].split("^"))
        found += [("A", ">", -low, -1), ("A", ">", high, 1)]
    return found


def _biologic_limits(content: bytes) -> list[Watched]:
    found: list[Watched] = []
    for line in content.decode("cp1252").splitlines():
        match = re.fullmatch(r"\t(E\w+ min|E\w+ max|\|I\|) = (\S+) (\w+)", line)
        if match is None:
            continue
        value = float(match[2]) * _UNITS[match[3]]
        quantity = "A" if match[1] == "|I|" else "V"
        found.append((quantity, "<" if match[1].endswith("min") else ">", value, 0))
    return found


def _novonix_limits(content: bytes) -> list[Watched]:
    text = content.decode()
    block = text.partition("[Protocol operating limits]")[2]
    found: list[Watched] = []
    for line in block.partition("[End protocol operating limits]")[0].splitlines():
        rules = line.strip(" []").partition(" Stop channel if ")[2]
        for rule in filter(None, rules.split(" or if ")):
            words = re.fullmatch(r"([a-z]+) ([<>]) (\S+) (\w+)", rule)
            assert words is not None
            quantity = {"voltage": "V", "current": "A", "temperature": "degC"}[words[1]]
            found.append((quantity, words[2], float(words[3]), 0))
    return found


def _neware_ceilings(content: bytes) -> dict[int, float]:
    """Return the largest current of each constant voltage, by its number."""
    root = ET.fromstring(content.decode().partition("\n")[2])  # noqa: S314  our own file
    active = [
        step
        for step in root.iterfind("config/Step_Info/*")
        if step.get("Step_Type") not in ("5", "6", "13")
    ]
    return {
        number: float(node.get("Value", "")) * 1e-3
        for number, step in enumerate(active)
        if step.get("Step_Type") == "3"
        for node in step.iterfind("Limit/Main/Curr")
    }


def _no_ceilings(_content: bytes) -> dict[int, float]:
    return {}


LIMITS: dict[str, Callable[[bytes], list[Watched]]] = {
    "maccor": _at_steps,
    "neware": _neware_limits,
    "arbin": _arbin_limits,
    "arbin_sdx": _arbin_limits,
    "biologic": _biologic_limits,
    "novonix": _novonix_limits,
}
CEILINGS: dict[str, Callable[[bytes], dict[int, float]]] = {
    **dict.fromkeys(LIMITS, _no_ceilings),
    "neware": _neware_ceilings,
}
RAW: dict[str, Callable[[bytes], list[Fact]]] = {
    "maccor": maccor,
    "neware": neware,
    "arbin": arbin,
    "arbin_sdx": arbin,
    "biologic": biologic,
    "novonix": novonix,
}
