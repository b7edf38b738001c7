"""PyBaMM experiment strings, one step per line, read into the same tree as a document.

Grammar (of PyBaMM): ``Charge|Discharge at X``, ``Hold at X V`` or ``Rest``, then ``for T``,
``until C`` or ``for T or until C``, and optionally ``(T period)``.
"""

from __future__ import annotations

import math
import re
from typing import Final, Literal, TypeAlias

from attrs import define, evolve

from ionworks.ucp.expressions import Number
from ionworks.ucp.nodes import End, Kind, Leaf, Mode, Operator, Protocol, Resolution
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.units import Dimension, number_with_unit

_LINE_START: Final = re.compile(r"\s*(charge|discharge|hold|rest|run)\b", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"\s(at|for|until)\s", re.IGNORECASE)
_PERIOD: Final = re.compile(r"(.*)\(([^()]*?)\s+period\)", re.IGNORECASE)
_CLAUSE: Final = re.compile(r"\b(?:or\s+)?(for|until)\b", re.IGNORECASE)
_HEAD: Final = re.compile(r"(charge|discharge|hold)\s+at\s+(.*)", re.IGNORECASE)
Direction: TypeAlias = Literal["Charge", "Discharge"]
_Dimension: TypeAlias = Literal["current", "c-rate", "power", "resistance", "voltage"]
_MODES: Final[tuple[tuple[Dimension, Mode], ...]] = (
    ("current", "Current"),
    ("c-rate", "C-rate"),
    ("power", "Power"),
    ("resistance", "Resistance"),
    ("voltage", "Voltage"),
)
_TO: Final = re.compile(r"\bto\b", re.IGNORECASE)
_BEGINNINGS: Final = ("Charge", "Discharge", "Hold", "Rest")
_EXAMPLE: Final = "write, for example, 'Charge at 1 A for 30 minutes or until 4.2 V'"


class _LineError(ValueError):
    """A line that is not a step, with the reason."""


def looks_like_lines(text: str) -> bool:
    """Return whether the first line that is not blank begins like a PyBaMM step."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return _LINE_START.match(first) is not None


def is_sentence(text: str) -> bool:
    """Return whether a text reads like a PyBaMM step, such as ``Rest for 1 hour``."""
    return _LINE_START.match(text) is not None and _SENTENCE.search(text) is not None


def read_sentence(text: str, direction: Direction) -> Leaf:
    """Read one step.

    Parameters
    ----------
    text : str
        Such as ``Charge at 1 A until 4.2 V``.
    direction : {"Charge", "Discharge"}
        In which a step goes on that holds a voltage.

    Raises
    ------
    ValueError
        If it cannot be read; the message says why.
    """
    words = text.strip().rstrip(",;")
    try:
        return _read_line(words, direction)
    except _LineError as error:
        raise ValueError(f"{shown(words)!r}: {error}") from None


def direction_after(leaf: Leaf, before: Direction) -> Direction:
    """Return in which direction a step goes on after another one, if it holds a voltage."""
    if leaf.mode == "Voltage" or leaf.kind not in ("Charge", "Discharge"):
        return before
    return "Charge" if leaf.kind == "Charge" else "Discharge"


def read_lines(text: str, report: Report) -> Protocol:
    """Read experiment strings.

    Parameters
    ----------
    text : str
        One step per line; blank lines are skipped.
    report : Report
        Collects one ``E-item`` for each line that is not a step.

    Returns
    -------
    Protocol
        With the default settings.
    """
    steps: list[Leaf] = []
    direction: Direction = "Charge"
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip().rstrip(",;")
        if not words:
            continue
        path = f"steps[{len(steps)}]"
        place = (number, len(line) - len(line.lstrip()) + 1)
        report.remember(path, place)
        try:
            leaf = read_sentence(words, direction)
        except ValueError as error:
            report.error("E-item", path, str(error), place)
            leaf = Leaf("Rest", duration=Number(1.0))
        direction = direction_after(leaf, direction)
        steps.append(at_path(leaf, path))
    return Protocol(tuple(steps))


def at_path(leaf: Leaf, path: str) -> Leaf:
    """Return a step with its path in the document."""
    return evolve(leaf, path=path, ends=tuple(evolve(end, path=path) for end in leaf.ends))


@define
class _Clauses:
    duration: Number | None = None
    until: str | None = None
    period: Number | None = None


def _read_line(line: str, direction: Direction) -> Leaf:
    if len(line) > 300:
        raise _LineError("the line is too long for a step")
    if line.lower().startswith("run"):
        raise _LineError("a string cannot name a drive cycle; write a UCP 'Drive' step")
    head, clauses = _split(line)
    kind, mode, value = _read_head(head, direction)
    ends: tuple[End, ...] = ()
    if clauses.until is not None:
        ends = (_read_end(clauses.until, kind),)
    if clauses.duration is None and not ends:
        raise _LineError(f"'for' or 'until' is missing; {_EXAMPLE}")
    resolution = None if clauses.period is None else Resolution(time=clauses.period)
    return Leaf(kind, mode, value, clauses.duration, ends, resolution=resolution)


def _split(line: str) -> tuple[str, _Clauses]:
    clauses = _Clauses()
    period = _PERIOD.fullmatch(line)
    if period:
        line = period.group(1).rstrip()
        clauses.period = _time(period.group(2))
    found = list(_CLAUSE.finditer(line))
    head = line[: found[0].start()] if found else line
    for index, match in enumerate(found):
        end = found[index + 1].start() if index + 1 < len(found) else len(line)
        argument = line[match.end() : end].strip()
        if match.group(1).lower() == "until":
            if clauses.until is not None:
                raise _LineError("there is more than one 'until'; write a UCP step with 'ends'")
            clauses.until = argument
        elif clauses.duration is not None:
            raise _LineError("there is more than one 'for'; keep one")
        else:
            clauses.duration = _time(argument)
    return head.strip(), clauses


def _read_head(head: str, direction: Direction) -> tuple[Kind, Mode | None, Number | None]:
    if head.lower() == "rest":
        return "Rest", None, None
    match = _HEAD.fullmatch(head)
    if match is None and head.lower().startswith("rest "):
        raise _LineError("write 'for' before the time, such as 'Rest for 1 hour'")
    if match is None:
        near = suggestion(head.split(maxsplit=1)[0] if head else "", _BEGINNINGS)
        hint = near or f"; {_EXAMPLE}"
        raise _LineError(f"a step must begin with Charge at, Discharge at, Hold at or Rest{hint}")
    word = match.group(1).lower()
    mode, value = _measured(match.group(2))
    if word == "hold" and mode != "Voltage":
        raise _LineError("'Hold at' needs a voltage, such as 4.2 V")
    if word == "hold":
        return direction, "Voltage", Number(value)
    if mode == "Resistance" and word == "charge":
        raise _LineError("a resistance is a load; use it with Discharge")
    return ("Charge" if word == "charge" else "Discharge"), mode, Number(value)


def _measured(text: str) -> tuple[Mode, float]:
    """Read a magnitude and, from its unit, the mode."""
    for dimension, mode in _MODES:
        value = number_with_unit(text, dimension)
        if value is not None:
            if value < 0:
                raise _LineError(f"{text} is negative; use the opposite direction instead")
            if not math.isfinite(value):
                raise _LineError(f"{shown(text)} is too large")
            return mode, value
    hint = "; write 'until' before the end of the step" if _TO.search(text) else ""
    raise _LineError(f"{shown(text)!r} is not a value in A, mA, W, mW, V, mV, Ohm or C{hint}")


def _time(text: str) -> Number:
    value = number_with_unit(text, "time")
    if value is None or value <= 0 or not math.isfinite(value):
        raise _LineError(f"{shown(text)!r} is not a time in seconds, minutes or hours")
    return Number(value)


def _read_end(text: str, kind: Kind) -> End:
    written: Operator | None = "<" if text[:1] == "<" else ">" if text[:1] == ">" else None
    quantity, value = _measured(text.lstrip("<>").strip())
    if quantity == "Resistance":
        raise _LineError("a step cannot end on a resistance")
    operator = written
    if operator is None and quantity == "Voltage" and kind != "Rest":
        operator = ">" if kind == "Charge" else "<"
    elif operator is None and quantity != "Voltage":
        operator = "<"
    return End(quantity, operator, Number(value), text=text)
