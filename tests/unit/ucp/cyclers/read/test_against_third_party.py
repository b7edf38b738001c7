"""Files read by the project and by third-party readers have the same steps, ends and loops.

The other readers run in a separate environment, which `make readers` makes; without it these tests
are skipped. They find the same in all files. Their faults are worked around where they are called,
in `third_party`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ionworks.ucp.cyclers.plan import END_TEST, LoopEnd, Mark, Plan, Step, safety_ends
from ionworks.ucp.cyclers.plan.instructions import StepEnd
from ionworks.ucp.cyclers.read.files import read_plan
from ionworks.ucp.problems import UCPError
from tests.paths import ROOT
from tests.unit.ucp.cyclers.export.golden import FOLDER as GOLDEN
from tests.unit.ucp.samples import FOLDER as SAMPLES

ENVIRONMENT = ROOT / os.environ.get("READERS_VENV", ".venv-readers")
PYTHON = ENVIRONMENT / "bin" / "python"
PROGRAM = Path(__file__).with_name("third_party.py")
SUFFIXES = (".000", ".sdu", ".sdx", ".mps")
FILES = {
    path.relative_to(folder.parent).as_posix(): path
    for folder in (SAMPLES, GOLDEN)
    for path in sorted(folder.rglob("*"))
    if path.suffix in SUFFIXES
}
Facts = dict[str, Any]

pytestmark = pytest.mark.skipif(
    not (ENVIRONMENT / "ready").exists(), reason=f"no {ENVIRONMENT}; `make readers` makes it"
)


@pytest.fixture(scope="module")
def theirs() -> dict[str, Facts]:
    """Return what the other readers find in all files."""
    command = [str(PYTHON), "-I", str(PROGRAM), *map(str, FILES.values())]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Facts] = json.loads(output.splitlines()[-1])
    return {name: found[str(path)] for name, path in FILES.items()}


@pytest.mark.parametrize("name", FILES)
def test_the_other_reader_finds_the_same(name: str, theirs: dict[str, Facts]) -> None:
    assert "error" not in theirs[name]
    try:
        _, read = read_plan(FILES[name].read_bytes(), partial=True)
    except UCPError as error:
        pytest.skip(f"the project does not read it: {error}")
    unread = numbers(problem.message for problem in read.unread)

    assert "\n".join(unequal(read.plan, theirs[name], unread)) == ""


def numbers(titles: Any) -> set[int]:
    """Return the numbers of steps, of which titles have the first."""
    return {number for title in titles if (number := file_number(title)) is not None}


def file_number(title: str) -> int | None:
    """Return the number of a step in the file; see `third_party` about linked techniques."""
    technique = re.search(r"\btechnique (\d+)", title)
    found = re.search(r"\b(?:step|sequence) (\d+)", title)
    if technique is not None:
        return int(technique[1]) * 1000 + (int(found[1]) if found else 0)
    return int(found[1]) if found else None


def unequal(plan: Plan, other: Facts, unread: set[int]) -> list[str]:
    """Return how a plan differs from what another reader found."""
    ours = {file_number(step.title): (index, step) for index, step in plan.steps()}
    theirs = {each["number"]: each for each in other["steps"] if each["number"] not in unread}
    lines = [f"step {number} is only in one" for number in sorted(set(ours) ^ set(theirs))]  # type: ignore[type-var]
    for number in sorted(set(ours) & set(theirs)):  # type: ignore[type-var]
        index, step = ours[number]
        # Of types whose fields need an interpretation, only the ends are compared.
        point = held(step)
        pairs = {
            "set point": (
                point,
                point if theirs[number]["mode"] == "other" else told(theirs[number]),
            ),
            "ends": (our_ends(plan, index, step), their_ends(theirs[number], other, set(theirs))),
        }
        lines += [
            f"step {number}: the {what} {one} is {two} for the other reader"
            for what, (one, two) in pairs.items()
            if one != two
        ]
    loops = our_loops(plan), their_loops(other, set(theirs))
    return lines if loops[0] == loops[1] else [*lines, f"loops: {loops[0]}, {loops[1]}"]


# ---------------------------------------------------------------- set points


def rounded(value: float) -> float:
    return float(f"{value:.5g}")


def held(step: Step) -> tuple[object, ...]:
    """Return the direction, control and set point of a step; a voltage has no direction."""
    if step.waveform is not None:
        return ("waveform", step.waveform.name)
    if step.set_point is None:
        return (step.control,)
    direction = step.direction if step.control in ("current", "cccv", "power") else None
    level = rounded(step.set_point.value), step.set_point.unit
    return (step.control, direction, *level, step.voltage)


def told(other: Facts) -> tuple[object, ...]:
    mode = other["mode"]
    if mode == "waveform":
        return (mode, other["name"])
    if "value" not in other:
        return (mode,)
    direction = other["kind"] if mode in ("current", "cccv", "power") else None
    return (mode, direction, rounded(other["value"]), other["unit"], other.get("voltage"))


# ---------------------------------------------------------------- ends

End = tuple[str, str, float, str, "int | None"]


def our_ends(plan: Plan, index: int, step: Step) -> list[End]:
    following = index + 1 if index + 1 < len(plan.instructions) else END_TEST
    return effective(
        step.control,
        [
            told_end(end, place(plan, following if end.target is None else end.target))
            for end in (*step.ends, *safety_ends(step, plan))
        ],
    )


def told_end(end: StepEnd, to: int | None) -> End:
    return end.quantity, end.operator, rounded(end.level.value), end.level.unit, to


def place(plan: Plan, target: int) -> int | None:
    """Return the number of the first step in the file from an instruction on; None at the end."""
    if target != END_TEST:
        for instruction in plan.instructions[target:]:
            if isinstance(instruction, Step):
                return file_number(instruction.title)
            if isinstance(instruction, Mark) and instruction.kind == "End":
                return None
    return None


def their_ends(other: Facts, file: Facts, active: set[int]) -> list[End]:
    # The reader of Maccor says why a limit is not watched in the step to which it leads, and why a
    # step follows its own end at the value of a limit.
    own = [level(end) for end in other["ends"]]
    safety = [
        end
        for end in file["safety"]
        if end.get("of", other["kind"]) == other["kind"]
        and end["to"] != other["number"]
        and level(end) not in own
    ]
    stops = set(file["stops"])
    found = []
    for end in (*other["ends"], *safety):
        to = next((n for n in sorted(active | stops) if end["to"] and n >= end["to"]), None)
        to = None if to in stops else to
        found.append((end["quantity"], end["side"], rounded(end["value"]), end["unit"], to))
    return effective(other["mode"], found)


def level(end: Facts) -> tuple[object, ...]:
    return end["quantity"], end["side"], end["value"], end["unit"]


def effective(control: str, ends: list[End]) -> list[End]:
    """Return the ends that can be met first: of equal kinds the one that is reached first."""
    tightest: dict[tuple[object, ...], End] = {}
    for end in ends:
        quantity, side, value, unit, to = end
        if quantity in ("Current", "Capacity") and control == "rest":
            continue
        # A time only rises, so the shorter one is always met first, wherever it leads.
        rises = quantity in ("Time", "Hold time", "Capacity")
        key = (quantity, side, unit, None if rises else to)
        known = tightest.setdefault(key, end)
        if value != known[2] and (value < known[2]) == (side == ">"):
            tightest[key] = end
    return sorted(tightest.values(), key=str)


# ---------------------------------------------------------------- loops


def our_loops(plan: Plan) -> list[tuple[int, int, int]]:
    found = []
    for last, instruction in enumerate(plan.instructions):
        if isinstance(instruction, LoopEnd) and instruction.count > 1:
            inside = plan.instructions[instruction.start : last]
            steps = numbers(step.title for step in inside if isinstance(step, Step))
            found += [(min(steps), max(steps), instruction.count)] if steps else []
    return sorted(found)


def their_loops(other: Facts, active: set[int]) -> list[tuple[int, int, int]]:
    found = []
    # Converters write loops of one pass, which never turn back.
    for loop in (loop for loop in other["loops"] if loop["count"] > 1):
        inside = [number for number in active if loop["first"] <= number <= loop["last"]]
        found += [(min(inside), max(inside), loop["count"])] if inside else []
    return sorted(found)
