"""The head of a Novonix file: its lines, what surrounds the protocol, and numbers with units."""

from __future__ import annotations

import re
from typing import Final

from attrs import Factory, frozen

from ionworks.ucp.cyclers.plan import Level, Unit
from ionworks.ucp.cyclers.read.numbers import finite
from ionworks.ucp.cyclers.read.refusals import Unreadable

_BEGIN: Final = "[Protocol]"
_END: Final = "[End Protocol]"
_AMOUNT: Final = re.compile(r"(-?[\d.]+) (\w+)")
_FACTORS: Final[dict[str, tuple[Unit, float]]] = {
    "V": ("V", 1),
    "A": ("A", 1),
    "mA": ("A", 1e-3),
    "Ah": ("Ah", 1),
    "C": ("degC", 1),
    "h": ("s", 3600),
    "hours": ("s", 3600),
    "minutes": ("s", 60),
    "seconds": ("s", 1),
}


@frozen
class Line:
    """A line of a protocol: its text without brackets around it, and its indentation."""

    text: str
    indent: int = 0
    bracketed: bool = True


@frozen
class Head:
    """What a file says before its recorded data.

    Attributes
    ----------
    lines : list of Line
        The protocol.
    summary : dict
        The fields before it, as ``Capacity (Ah)``; empty in a file with a protocol alone.
    """

    lines: list[Line]
    summary: dict[str, str] = Factory(dict)


def read_head(content: bytes) -> Head:
    """Return the protocol in a file, and the fields before it.

    Spreadsheets put quotes around lines with commas, and commas after the others; both are
    removed.

    Raises
    ------
    Unreadable
        If the protocol has a beginning but no end.
    """
    found = [_line(text) for text in content.decode("utf-8-sig", "replace").splitlines()]
    lines = [line for line in found if line.text]
    texts = [f"[{line.text}]" if line.bracketed else line.text for line in lines]
    begin = texts.index(_BEGIN) + 1 if _BEGIN in texts else 0
    if begin and _END not in texts[begin:]:
        raise Unreadable(f"{_END} is missing, so the protocol may not be complete")
    end = texts.index(_END, begin) if _END in texts[begin:] else len(texts)
    fields = (text.partition(":") for text in texts[:begin])
    return Head(lines[begin:end], {name.strip(): value.strip() for name, _, value in fields})


def _line(text: str) -> Line:
    text = text.rstrip(", \t").strip('"').rstrip()
    inner = text.strip()
    indent = len(text) - len(text.lstrip())
    if inner.startswith("[") and inner.endswith("]"):
        return Line(inner[1:-1].strip(), indent)
    return Line(inner, indent, bracketed=False)


def amount(text: str, wanted: Unit) -> Level:
    """Return an amount in the base unit of its quantity, as seconds for ``2 hours``.

    Raises
    ------
    Unreadable
        If it is not a number with a unit of the quantity.
    """
    text = text.strip()
    match = _AMOUNT.fullmatch(text)
    if match is None or _FACTORS.get(match.group(2), ("", 0))[0] != wanted:
        raise Unreadable(f"{text!r} must be a number with a unit of {wanted}")
    unit, factor = _FACTORS[match.group(2)]
    return Level(finite(match.group(1)) * factor, unit)
