"""Emulators that run a file as the instrument would, without a cell.

They do not use the readers and exporters under test.
Every step ends with the end that leads to the next step, unless the caller chooses another: it gets
the number of the step among those that are not loops or marks, and returns ``next``, ``end`` or
``step 3``. The result is the list of the places of the steps in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias
from xml.etree import ElementTree as ET

Choose: TypeAlias = Callable[[int], str]

LONGEST = 20_000
_PASSIVE = ("Do", "Loop", "AdvCycle", "End", "Pause")


def _next(_number: int) -> str:
    return "next"


def _after(place: int, where: str, active: list[int], end: int) -> int:
    """Return the place that an end leads to."""
    if where == "next":
        return place + 1
    return end if where == "end" else active[int(where[5:])]


def maccor(content: bytes, choose: Choose = _next) -> list[int]:
    """Count the passes of each loop from its ``Do`` step up to the loop count."""
    steps = list(ET.fromstring(content).iterfind("ProcSteps/TestStep"))  # noqa: S314  our own file
    kinds = [(step.findtext("StepType") or "").split() for step in steps]
    active = [place for place, kind in enumerate(kinds) if kind[0] not in _PASSIVE]
    begins: dict[str, int] = {}
    passes: dict[str, int] = {}
    run: list[int] = []
    place = 0
    while kinds[place] != ["End"] and len(run) < LONGEST:
        kind = kinds[place]
        if kind[0] == "Do":
            begins[kind[1]], passes[kind[1]] = place, 0
            place += 1
        elif kind[0] == "Loop":
            passes[kind[1]] += 1
            end = steps[place].find("Ends/EndEntry")
            assert end is not None
            done = passes[kind[1]] == int(end.findtext("Value") or "")
            place = int(end.findtext("Step") or "") - 1 if done else begins[kind[1]] + 1
        elif kind == ["AdvCycle"]:
            place += 1
        else:
            run.append(place)
            targets = [int(end.findtext("Step") or "") for end in steps[place].iterfind("Ends/*")]
            where = choose(active.index(place))
            assert where != "next" or not targets or place + 2 in targets
            place = _after(place, where, active, kinds.index(["End"]))
    return run


def neware(content: bytes, choose: Choose = _next) -> list[int]:
    """Repeat from the first step of a cycle until the cycle count is reached."""
    body = content.decode().partition("\n")[2]
    steps = list(ET.fromstring(body).iterfind("config/Step_Info/*"))  # noqa: S314  our own file
    kinds = [step.get("Step_Type") for step in steps]
    active = [place for place, kind in enumerate(kinds) if kind not in ("5", "6", "13")]
    passes = dict.fromkeys(range(len(steps)), 0)
    run: list[int] = []
    place = 0
    while steps[place].get("Step_Type") != "6" and len(run) < LONGEST:
        step = steps[place]
        if step.get("Step_Type") != "5":
            run.append(place)
            where = choose(active.index(place)) if place in active else "next"
            place = _after(place, where, active, kinds.index("6"))
            continue
        passes[place] += 1
        other = step.find("Limit/Other")
        assert other is not None
        start, count = (
            int(other.find(tag).get("Value"))  # type: ignore[union-attr,arg-type]
            for tag in ("Start_Step", "Cycle_Count")
        )
        if passes[place] < count:
            place = start - 1
        else:
            passes[place] = 0
            place += 1
    return run


def arbin(content: bytes, choose: Choose = _next) -> list[int]:
    """Keep registers; a step that sets variables resets, increments, then compares its limits."""
    sections: dict[str, dict[str, str]] = {}
    for line in content.decode("latin-1").splitlines():
        if line.startswith("["):
            keys = sections.setdefault(line.strip("[]"), {})
        elif "=" in line:
            key, _, value = line.partition("=")
            keys[key] = value
    count = int(sections["Schedule"]["m_uStepNum"])
    labels = {sections[f"Schedule_Step{number}"]["m_szLabel"]: number for number in range(count)}
    assert len(labels) == count
    active = [
        place
        for place in range(count)
        if sections[f"Schedule_Step{place}"]["m_szStepCtrlType"] != "Set Variable(s)"
    ]
    registers = {f"TC_Counter{number}": 0 for number in range(1, 5)}
    registers["PV_CHAN_Cycle_Index"] = 1
    run: list[int] = []
    place = 0
    while place < count and len(run) < LONGEST:
        step = sections[f"Schedule_Step{place}"]
        limits = [
            sections[f"Schedule_Step{place}_Limit{number}"]
            for number in range(int(step["m_uLimitNum"]))
        ]
        gotos = [limit["m_szGotoStep"] for limit in limits if limit["m_bStepLimit"] == "1"]
        if step["m_szStepCtrlType"] == "Set Variable(s)":
            for number in range(1, 5):
                if int(step["m_szCtrlValue"]) & 1 << (15 + number):
                    registers[f"TC_Counter{number}"] = 0
                if int(step["m_szExtCtrlValue1"]) & 1 << number:
                    registers[f"TC_Counter{number}"] += 1
            registers["PV_CHAN_Cycle_Index"] += int(step["m_szExtCtrlValue1"]) & 1
            goto = next(limit["m_szGotoStep"] for limit in limits if _holds(limit, registers))
        else:
            run.append(place)
            where = choose(active.index(place))
            if choose is not _next:
                place = _after(place, where, active, count)
                continue
            goto = next(goto for goto in ("Next Step", "End Test", gotos[0]) if goto in gotos)
        place = {"Next Step": place + 1, "End Test": count}.get(goto, labels.get(goto, count))
    return run


def _holds(limit: dict[str, str], registers: dict[str, int]) -> bool:
    left, sign = limit["Equation0_szLeft"], limit["Equation0_szCompareSign"]
    right = float(limit["Equation0_szRight"])
    # A step that sets variables has lasted for a moment when its limits are compared.
    value = {**registers, "PV_CHAN_Step_Time": 0.001}[left]
    return {
        "<": value < right,
        "<=": value <= right,
        "=": value == right,
        ">=": value >= right,
        ">": value > right,
    }[sign]


def biologic(content: bytes, choose: Choose = _next) -> list[int]:
    """Go back from a loop as often as it repeats: the first pass is not a repetition.

    A technique Loop goes back to an earlier technique, a sequence Loop to an earlier sequence.
    """
    blocks = re.split(r"Technique : \d+\r\n", content.decode("cp1252"))[1:]
    first = active = 0
    begins = []
    for block in blocks:
        kinds = _cells(block).get("ctrl_type", ["?"])
        begins.append((first, active))
        first += len(kinds)
        active += len(kinds) - kinds.count("Loop")
    repeated = [0] * len(blocks)
    run: list[int] = []
    place = 0
    while place < len(blocks) and len(run) < LONGEST:
        rows = _cells(blocks[place])
        if "nt times" not in rows:
            first, before = begins[place]
            steps, ended = _sequences(rows, choose, before) if "ctrl_type" in rows else ([0], False)
            run += [first + step for step in steps]
            place = len(blocks) if ended else place + 1
        elif repeated[place] < int(rows["nt times"][0]):
            repeated[place] += 1
            place = int(rows["goto Ne"][0]) - 1
        else:
            repeated[place] = 0
            place += 1
    return run


def _cells(block: str) -> dict[str, list[str]]:
    return {
        line[:20].strip(): [cell.strip() for cell in re.findall(".{20}", line[20:])]
        for line in block.splitlines()
    }


def _sequences(rows: dict[str, list[str]], choose: Choose, before: int) -> tuple[list[int], bool]:
    """Return the sequences that run, and whether one ends the test."""
    kinds = rows["ctrl_type"]
    active = [place for place, kind in enumerate(kinds) if kind != "Loop"]
    repeated = [0] * len(kinds)
    run: list[int] = []
    place = 0
    while place < len(kinds) and len(run) < LONGEST:
        if kinds[place] != "Loop":
            run.append(place)
            where = choose(before + active.index(place))
            if where == "end":
                return run, True
            if where.startswith("step "):
                where = f"step {int(where[5:]) - before}"
            place = _after(place, where, active, len(kinds))
        elif repeated[place] < int(rows["ctrl_repeat"][place]):
            repeated[place] += 1
            place = int(rows["ctrl_seq"][place])
        else:
            repeated[place] = 0
            place += 1
    return run, False


def novonix(content: bytes, choose: Choose = _next) -> list[int]:
    """Unroll repeats; steps are numbered in the order of the text."""
    begin = re.compile(r"\[(Open circuit storage|Constant current \w+|CC-CV \w+)\]")
    lines = [line.strip() for line in content.decode().splitlines()]
    numbers = iter(range(LONGEST))

    def steps(place: int) -> tuple[list[int], int]:
        run: list[int] = []
        while place < len(lines) and lines[place] != "[End repeat]":
            if lines[place] == "[Repeat the step(s) below]":
                count = int(lines[place + 1].split()[-1].strip("]"))
                inner, place = steps(place + 3)
                run += inner * count
            elif begin.fullmatch(lines[place]):
                run.append(next(numbers))
            place += 1
        return run, place

    done: list[int] = []
    for number in steps(0)[0]:
        done.append(number)
        if choose(number) == "end":
            break
    return done


EMULATORS: dict[str, Callable[..., list[int]]] = {
    "maccor": maccor,
    "neware": neware,
    "arbin": arbin,
    "arbin_sdx": arbin,
    "biologic": biologic,
    "novonix": novonix,
}
