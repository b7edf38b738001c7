"""The constructs of cycler files, to compare each of ours with the same one in a saved file.

A construct has a name and lines: words, padding, indentation and the form of numbers, with every
number replaced (``9`` is any whole number, ``9.9`` one with decimals).
``python -m tests.unit.ucp.cyclers.export.constructs`` prints the comparison as a table.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import combinations, groupby
from typing import TypeAlias

from attrs import frozen

from tests.unit.ucp.cyclers.export.golden import FOLDER
from tests.unit.ucp.cyclers.export.protocols import CASES
from tests.unit.ucp.samples import samples

Lines: TypeAlias = tuple[str, ...]
Construct: TypeAlias = tuple[str, Lines]


def digits(text: str) -> str:
    """Return a text with every whole number replaced by ``9``."""
    return re.sub(r"\d+", "9", text)


def decoded(content: bytes) -> list[str]:
    """Return the lines of a file with either kind of line end; git may have changed them."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").split("\n")


def _blocks(lines: list[str], tag: str) -> Iterator[list[str]]:
    """Yield the lines of every element with a tag."""
    begin = 0
    for number, line in enumerate(lines):
        if line.strip() == f"<{tag}>":
            begin = number
        elif line.strip() == f"</{tag}>":
            yield lines[begin : number + 1]


def _text(lines: list[str], tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", "\n".join(lines))
    return found[1] if found else ""


# ---------------------------------------------------------------- Maccor


def maccor(content: bytes) -> Iterator[Construct]:
    lines = decoded(content)
    yield "head", tuple(lines[: lines.index("  <ProcSteps>") + 1])
    for step in _blocks(lines, "TestStep"):
        kind, mode = _text(step, "StepType"), _text(step, "StepMode")
        frame: list[str] = []
        inside = ""
        for line in step:
            entry = re.fullmatch(r" +</?(EndEntry|ReportEntry)>", line)
            if entry:
                inside = entry[1] if "</" not in line else ""
            elif not inside:
                frame.append(_maccor_line(line))
        limits = "".join(
            f", limit {name}"
            for name in ("Voltage", "Current")
            if f"        <{name}>" in "\n".join(frame)
        )
        unit = " in C" if _text(step, "StepValue").endswith("C") else ""
        lists = [tag for tag in ("Ends", "Reports") if f"      <{tag}/>" in frame]
        without = f", without {' and '.join(lists)}" if lists else ""
        yield f"step {kind!r} {mode!r}{unit}{limits}{without}", tuple(frame)
        for block in _blocks(step, "EndEntry"):
            safety = " of the channel" if _text(block, "ChanSafetyEnd") else ""
            rate = " in C" if _text(block, "Value").endswith("C") else ""
            name = f"end {_text(block, 'EndType')!r} {_text(block, 'Oper')!r}{rate}{safety}"
            yield name, tuple(map(digits, block))
        for block in _blocks(step, "ReportEntry"):
            yield f"report {_text(block, 'ReportType')!r}", tuple(map(digits, block))


def _maccor_line(line: str) -> str:
    if "<StepNote>" in line:
        return re.sub(r">.*<", "><", line)
    if "<Range>" in line:
        # A fixed range of the channel, or automatic.
        return re.sub(r">[4A]<", ">range<", line)
    if "FastWave" in line or "<StepType>" in line or "<StepMode>" in line:
        return line
    if "<StepValue>" in line and re.search(r">[A-Z]\w*<", line):
        return re.sub(r">.*<", ">name<", line)
    return digits(line) if "<StepValue>" in line or line.startswith("        ") else line


# ---------------------------------------------------------------- Neware


def neware(content: bytes) -> Iterator[Construct]:
    lines = decoded(content)
    yield "declaration", (lines[0],)
    config = next(line for line in lines if "<config" in line)
    yield "config", (re.sub(r'(date|Guid)="[^"]*"', r'\1=""', config),)
    head = lines.index("    <Head_Info>")
    yield (
        "Head_Info",
        tuple(map(_neware_line, lines[head : lines.index("    </Head_Info>") + 1])),
    )
    for whole in _blocks(lines, "Whole_Prt"):
        yield "Whole_Prt", tuple(map(_neware_line, whole))
    step: list[str] = []
    for line in lines[head:]:
        begun = re.match(r' +<Step\d+ Step_ID="\d+" Step_Type="(\d+)"( /)?>', line)
        if begun:
            step, kind = [], begun[1]
        if step or begun:
            step.append(line)
        if step and re.match(r" +</Step\d+>", line):
            yield f"step of type {kind}", tuple(map(_neware_line, step))
            step = []
    bus = lines.index("    <SMBUS>")
    yield "SMBUS and last lines", tuple(lines[bus:])


def _neware_line(line: str) -> str:
    line = re.sub(r'(Creator|Remark|PN) Value="[^"]*"', r'\1 Value=""', line)
    kept = re.search(r"<(Operate|Scale|Start_Step Value=\"1\" Hide|RateType) ", line)
    types = re.sub(r'Step_Type="(\d+)"', lambda found: f'Step_Type="{"x" * int(found[1])}"', line)
    form = re.sub(r"-?\d+(\.\d+)?(E-\d+)?", "9", types)
    return line if kept else form


# ---------------------------------------------------------------- BioLogic


def biologic(content: bytes) -> Iterator[Construct]:
    lines = content.decode("cp1252").split("\r\n")
    table = lines.index("Modulo Bat") + 1
    yield "first line", (lines[0],)
    in_safety = False
    for line in lines[1 : table - 2]:
        in_safety = line == "Safety Limits :" or (in_safety and line.startswith("\t"))
        name = re.split(r" [:=] ?", line)[0].strip()
        if name == "" or line.startswith("   ") or name == "Text export":
            continue
        free = name in ("Filename", "Device", "Comments", "Battery capacity")
        form = f"{name} :" if free and " : " in line else digits(line)
        yield f"head, {'safety, ' if in_safety else ''}{name}", (form,)
    for begin, line in enumerate(lines):
        if line.startswith("Technique : "):
            stop = lines.index("", begin)
            yield f"technique {lines[begin + 1]}", (digits(line), lines[begin + 1])
            if lines[begin + 1] == "Modulo Bat":
                yield from _modulo_bat(lines[begin + 2 : stop])
            else:
                yield f"rows of {lines[begin + 1]}", tuple(map(digits, lines[begin + 2 : stop]))


def _modulo_bat(table: list[str]) -> Iterator[Construct]:
    rows = [[line[at : at + 20] for at in range(0, len(line), 20)] for line in table]
    labels = [row[0] for row in rows]
    yield "rows", tuple(label for label in labels if label.strip() != "Ns")
    kinds = next(row for row in rows if row[0].strip() == "ctrl_type")
    for column in range(1, len(kinds)):
        cells = {row[0].strip(): row[column] for row in rows}
        used = {"lim": int(cells["lim_nb"]), "rec": int(cells["rec_nb"])}
        kind = cells["ctrl_type"].strip()
        plain = {
            label: cell for label, cell in cells.items() if not re.match(r"(lim|rec)\d", label)
        }
        names = ("Apply I/C", "ctrl1_val", "ctrl1_val_unit", "ctrl1_val_vs", "charge/discharge")
        for label in names:
            yield f"{kind}: {label}", (_cell(plain[label]),)
        for block, rows_of in (("lim", 3), ("rec", 3)):
            for number in range(1, rows_of + 1):
                part = [
                    cell for label, cell in cells.items() if label.startswith(f"{block}{number}")
                ]
                if not part:
                    continue
                what = part[0].strip() if number <= used[block] else "unused"
                yield f"{block} {what}", tuple(map(_cell, part))


def _cell(text: str) -> str:
    return digits(text).strip() + f"|{len(text)}"


# ---------------------------------------------------------------- Arbin


def arbin(content: bytes) -> Iterator[Construct]:
    sections: list[tuple[str, list[str]]] = []
    for line in decoded(content):
        if line.startswith("["):
            sections.append((line.strip("[]"), []))
        elif sections and line:
            sections[-1][1].append(line)
    for name, lines in sections:
        keys = dict(line.partition("=")[::2] for line in lines)
        if "_Limit" in name:
            lefts = [keys[f"Equation{n}_szLeft"] for n in range(3) if keys[f"Equation{n}_szLeft"]]
            what = "ends" if keys["m_bStepLimit"] == "1" else "records"
            yield (
                f"limit that {what}: {' and '.join(map(digits, lefts))}",
                tuple(line.partition("=")[0] for line in lines),
            )
        elif name.startswith("Schedule_Step"):
            yield (
                f"step {keys['m_szStepCtrlType']}",
                tuple(line.partition("=")[0] for line in lines),
            )


# ---------------------------------------------------------------- side by side

READERS = {"maccor": maccor, "neware": neware, "biologic": biologic, "arbin": arbin}


@frozen
class Row:
    """A construct of a golden file, and the saved files that have the same one."""

    golden: str
    construct: str
    beside: tuple[str, ...]
    verdict: str


def real(target: str) -> dict[str, list[tuple[str, Lines]]]:
    """Return the constructs of the public files for a target by name."""
    found: dict[str, list[tuple[str, Lines]]] = {}
    # Data files have other lines before the table.
    for path in (path for path in samples(target) if path.suffix != ".mpt"):
        for name, lines in dict.fromkeys(READERS[target](path.read_bytes())):
            found.setdefault(name, []).append((path.name, lines))
    return found


def verdict(lines: Lines, known: list[tuple[str, Lines]]) -> tuple[list[str], str]:
    """Return the files with the same construct, and how closely it matches."""
    same = [name for name, other in known if other == lines]
    if same:
        return same, "same"
    longer = [name for name, other in known if _within(lines, other)]
    if longer:
        return longer, "same, with fewer fields"
    holders = [name for name, other in known if set(lines) & set(other)]
    everything = {line for _, other in known for line in other}
    unseen = [line.strip() for line in lines if line not in everything]
    if not unseen and all(_ordered(lines, other) for _, other in known):
        return holders, "same fields in the same order, from several"
    return holders, f"differs: {'; '.join(unseen) or 'the order'}"


def _within(lines: Lines, other: Lines) -> bool:
    """Return whether lines are a subsequence of others."""
    rest = iter(other)
    return all(line in rest for line in lines)


def _ordered(lines: Lines, other: Lines) -> bool:
    """Return whether lines that occur once in both are in the same order."""
    once = [line for line in lines if lines.count(line) == 1 and other.count(line) == 1]
    return all(other.index(one) < other.index(two) for one, two in combinations(once, 2))


def compared(target: str, suffix: str) -> Iterator[Row]:
    """Yield every construct of the golden files of a target."""
    known = real(target)
    for case in CASES:
        path = FOLDER / case / f"{target}{suffix}"
        if not path.exists():
            continue
        for name, lines in dict.fromkeys(READERS[target](path.read_bytes())):
            beside, how = verdict(lines, known.get(name, []))
            if not known.get(name):
                how = "not in a sample"
            yield Row(case, name, tuple(dict.fromkeys(beside)), how)


HIGH = {"maccor": ".000", "neware": ".xml", "arbin": ".sdu", "biologic": ".mps"}


def main() -> None:
    """Print the table: each construct once, with its golden files."""
    lines: list[str] = []
    for target, suffix in HIGH.items():
        lines += ["", f"### {target}", "", "| construct | golden files | beside | how |"]
        lines.append("|---|---|---|---|")
        rows = sorted(compared(target, suffix), key=lambda row: (row.construct, row.verdict))
        for (name, how), group in groupby(rows, key=lambda row: (row.construct, row.verdict)):
            found = list(group)
            files = ", ".join(dict.fromkeys(row.golden for row in found))
            beside = ", ".join(dict.fromkeys(name for row in found for name in row.beside))
            cells = (name, files, beside, how)
            lines.append(
                " | ".join(["", *(cell.replace("|", "\\|") for cell in cells), ""]).strip()
            )
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
