"""The places of a cycler file: every value, number and name, each with its address in the file.

An address names the element, key, row or line, and what kind of step it belongs to, as
``TestStep(Charge)/Ends/EndEntry(Voltage)/Value``. It has no step numbers, so that the same place
of all files has the same address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

Range: TypeAlias = tuple[int, int]


@frozen
class Place:
    """A value or a name in the text of a file.

    Attributes
    ----------
    address : str
        Where it is.
    ranges : tuple of (int, int)
        Its characters; the name of an element is in two tags.
    whole : (int, int) or None
        The characters of the element, key, row or line that has this name; None for a value.
    width : int
        Of the column; 0 if it can have any width.
    """

    address: str
    ranges: tuple[Range, ...]
    whole: Range | None = None
    width: int = 0

    @property
    def is_word(self) -> bool:
        """Whether the name is one word of the format, which cannot be empty."""
        return self.address.startswith("name ")

    @property
    def is_name(self) -> bool:
        """Whether it is a name, which can be removed together with what it names."""
        return self.whole is not None


# ---------------------------------------------------------------- XML

_TAG = re.compile(r"<(/?)(\w+)((?:\s+\w+=\"[^\"]*\")*)\s*(/?)>")
_ATTRIBUTE = re.compile(r"(\w+)=\"([^\"]*)\"")
_INSTRUCTION = re.compile(r"<\?(\S+)\s+(.*?)\?>")


@frozen
class _Element:
    start: int
    name: Range
    body: int


def _xml(text: str, label: Callable[[str, str], str]) -> Iterator[Place]:
    """Yield the places of a document; ``label`` names an element by its name and its text."""
    for found in _INSTRUCTION.finditer(text):
        for attribute in _ATTRIBUTE.finditer(found[2]):
            yield Place(
                f"<?{found[1]} {attribute[1]}", (_moved(attribute.span(2), found.start(2)),)
            )
    open_elements: list[_Element] = []
    labels: list[str] = []
    for tag in _TAG.finditer(text):
        closes, name, attributes, empty = tag.groups()
        if not closes:
            end = text.find(f"</{name}>", tag.end()) if not empty else tag.end()
            labels.append(label(name, text[tag.start() : end]))
            path = "/".join(labels[1:])
            for found in _ATTRIBUTE.finditer(attributes):
                at = tag.start(3)
                span = _moved(found.span(), at)
                address = f"{path}@{found[1]}"
                yield Place(address, (_moved(found.span(2), at),))
                yield Place(f"name {address}", (_moved(found.span(1), at),), span)
            if empty:
                yield Place(f"name {path}", (tag.span(2),), tag.span())
                labels.pop()
            else:
                open_elements.append(_Element(tag.start(), tag.span(2), tag.end()))
            continue
        element, path = open_elements.pop(), "/".join(labels[1:])
        labels.pop()
        if "<" not in text[element.body : tag.start()]:
            yield Place(path, ((element.body, tag.start()),))
        if path:
            both = (element.name, tag.span(2))
            yield Place(f"name {path}", both, (element.start, tag.end()))


def _moved(span: Range, by: int) -> Range:
    return span[0] + by, span[1] + by


def maccor(text: str) -> Iterator[Place]:
    """Elements; a step is named by its type, an end by what it compares."""
    limits = set(_safety_ends(text.partition("</TestStep>")[0]))

    def label(name: str, body: str) -> str:
        if name == "TestStep":
            return f"TestStep({_inner(body, 'StepType').strip(' 1234')})"
        if name == "EndEntry":
            kind, oper, value = (_inner(body, tag) for tag in ("EndType", "Oper", "Value"))
            word = "repeated " if (kind, oper, value) in limits else ""
            word = "safety " if "ChanSafetyEnd" in body else word
            return f"EndEntry({word}{kind.strip()})"
        if name == "ReportEntry":
            return f"ReportEntry({_inner(body, 'ReportType').strip()})"
        return name

    return _xml(text, label)


def _safety_ends(step: str) -> Iterator[tuple[str, str, str]]:
    for entry in step.split("<EndEntry>")[1:]:
        if "ChanSafetyEnd" in entry:
            yield _inner(entry, "EndType"), _inner(entry, "Oper"), _inner(entry, "Value")


def _inner(body: str, tag: str) -> str:
    return body.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


def neware(text: str) -> Iterator[Place]:
    """Attributes; a step is named by its type."""

    def label(name: str, body: str) -> str:
        kind = re.search('Step_Type="(.*?)"', body.partition(">")[0])
        return f"Step({kind[1]})" if kind else name

    return _xml(text, label)


# ---------------------------------------------------------------- Arbin


def arbin(text: str) -> Iterator[Place]:
    """Keys; a step is named by its type, a limit by whether it ends the step or records."""
    kind = ""
    for block in re.finditer(r"(?ms)^\[([^\]\n]+)\]\r?$.*?(?=^\[|\Z)", text):
        keys = dict(re.findall(r"(?m)^(\w+)=(.*?)\r?$", block[0]))
        kind = keys.get("m_szStepCtrlType", kind)
        section = re.sub(r"\d+", "#", block[1])
        if section == "Schedule_Step#":
            section = f"Step({kind})"
        elif section == "Schedule_Step#_Limit#":
            ends = {"1": "ends", "0": "records"}.get(keys.get("m_bStepLimit", ""), "")
            equations = sum(bool(keys.get(f"Equation{n}_szLeft")) for n in range(3))
            section = f"Step({kind})/Limit({ends} {equations})"
        yield Place(f"name [{section}]", (block.span(1),), block.span())
        for found in re.finditer(r"(?m)^(\w+|[\w ]+)=(.*?)(\r?\n|\Z)", block[0]):
            address = f"[{section}] {found[1]}{_switched_off(found[1], keys)}"
            yield Place(address, (_moved(found.span(2), block.start()),))
            at = _moved(found.span(), block.start())
            yield Place(f"name {address}", (_moved(found.span(1), block.start()),), at)


def _switched_off(key: str, keys: Mapping[str, str]) -> str:
    """Return whether a safety limit of a schedule is switched off."""
    scope = re.fullmatch(r"m_(\w+)SafetyScope", key)
    return " off" if scope and keys.get(f"m_bCheck{scope[1]}Safety") == "0" else ""


# ---------------------------------------------------------------- BioLogic

_COLUMN = 20


def biologic(text: str) -> Iterator[Place]:
    """Lines of the head, then the cells of the tables; a cell is named by its row and control."""
    heads = list(re.finditer(r"(?m)^Technique : \d+\r?\n([^\r\n]+)\r?\n", text))
    yield from _lines(text[: heads[0].start()], 0)
    for head in heads:
        yield from _lines(head[0].partition("\n")[0], head.start())
        yield Place("technique", (head.span(1),), head.span(1))
        yield from _table(text, head.end(), "" if head[1].strip() == "Modulo Bat" else head[1])


def _table(text: str, begin: int, technique: str) -> Iterator[Place]:
    blank = re.compile(r"^\s*$", re.MULTILINE).search(text, begin)
    body = text[begin : blank.start() if blank else len(text)]
    rows = [
        (_moved(line.span(), begin), _moved(line.span(1), begin))
        for line in re.finditer(r"([^\r\n]+)\r?(\n|\Z)", body)
    ]
    cells = {text[a : a + _COLUMN].strip(): text[a + _COLUMN : b] for _, (a, b) in rows}
    prefix = f"{technique.strip()}/" if technique else ""

    def cell(label: str, number: int) -> str:
        row = cells.get(label, "")
        return row[number * _COLUMN : (number + 1) * _COLUMN].strip()

    for whole, (start, end) in rows:
        label = text[start : start + _COLUMN].strip()
        row = f"{prefix}{_generic(label)}"
        yield Place(f"name {row}", ((start, start + _COLUMN),), whole, width=_COLUMN)
        for number, at in enumerate(range(start + _COLUMN, end, _COLUMN)):
            kind = "" if prefix else f"({cell('ctrl_type', number)}{_state(label, number, cell)})"
            yield Place(f"{row}{kind}", ((at, at + _COLUMN),), width=_COLUMN)


def _generic(label: str) -> str:
    return re.sub(r"^(lim|rec)\d", r"\1#", label)


def _state(label: str, number: int, cell: Callable[[str, int], str]) -> str:
    """Return whether the block of a limit or recording is used by a sequence."""
    block = re.match(r"(lim|rec)(\d)", label)
    if block:
        return "" if int(block[2]) <= int(cell(f"{block[1]}_nb", number)) else " unused"
    if label == "N" or label.startswith("ctrl1_val"):
        return " C-rate" if cell("Apply I/C", number) != "I" else ""
    if label == "charge/discharge":
        led = number and cell("ctrl_type", number - 1) == "CC"
        return " after CC" if led and cell("ctrl_type", number) == "CV" else ""
    return ""


def _lines(head: str, begin: int) -> Iterator[Place]:
    """Yield the names and values of lines that begin at a place of the text."""
    for line in re.finditer(r"\t?([^\r\n]*[^\s][^\r\n]*)\r?(\n|\Z)", head):
        name = re.split(r" : | = | :$| > ", line[1])[0]
        start, end = _moved(line.span(1), begin)
        middle = start + len(name)
        address = re.sub(r"\d+(\.\d+)?", "#", name)
        yield Place(f"name {address}", ((start, middle),), _moved(line.span(), begin))
        if middle < end:
            yield Place(address, ((middle, end),))


# ---------------------------------------------------------------- Novonix


def novonix(text: str) -> Iterator[Place]:
    """Lines; a line in brackets is named by its block and its words."""
    block = ""
    for line in re.finditer(r"[ ]*([^\r\n]+)\r?(\n|\Z)", text):
        content = line[1]
        if not content.startswith("["):
            address = re.sub(r":.*", "", content)
        else:
            words = re.sub(r"-?\d+(\.\d+)?", "#", content.strip("[]"))
            address = f"{block}[{words}]"
            begins = words[0].isupper() and "_" not in words and not words.startswith("End ")
            if begins and not line[0].startswith(" " * 6) and words.count("#") == 0:
                inner = words in (
                    "Trip conditions",
                    "Save conditions",
                    "Operating limits",
                    "Emergency limits",
                )
                block = block if inner else f"{words}/"
        yield Place(address, (line.span(1),), line.span())


# ---------------------------------------------------------------- Maccor waveforms


def waveform(text: str) -> Iterator[Place]:
    """Fields of the lines of a waveform."""
    for line in re.finditer(r"[^\r\n]+", text):
        at = line.start()
        for column, value in enumerate(line[0].split("\t"), 1):
            yield Place(f"MWF column {column}", ((at, at + len(value)),))
            at += len(value) + 1


PLACES: dict[str, Callable[[str], Iterator[Place]]] = {
    "maccor": maccor,
    "neware": neware,
    "arbin": arbin,
    "arbin_sdx": arbin,
    "biologic": biologic,
    "ec-lab": biologic,
    "novonix": novonix,
    "waveform": waveform,
}


def vocabulary(files: Sequence[tuple[str, Sequence[Place]]]) -> dict[str, list[str]]:
    """Return the texts that each field of a format has in all files, and its names."""
    found: dict[str, dict[str, None]] = {}
    for text, places in files:
        for place in places:
            start, end = place.ranges[0]
            found.setdefault(field_of(place), {})[text[start:end].strip()] = None
    return {name: list(texts) for name, texts in found.items()}


def field_of(place: Place) -> str:
    """Return the address without the kind of step: values of one field can replace each other."""
    if place.is_word:
        # Names of one element or section.
        return re.sub(r"\([^)]*\)|[^/ ]+$", "", place.address)
    return re.sub(r"\([^)]*\)", "", place.address)
