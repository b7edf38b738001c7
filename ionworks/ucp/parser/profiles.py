"""Reading what drive cycles, waveforms and impedance sweeps follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from ionworks.ucp.expressions import Expr, Number
from ionworks.ucp.nodes import Mode, Profile, Sweep, Wave
from ionworks.ucp.parser.fields import describe, is_empty, read_expression, read_text
from ionworks.ucp.parser.modes import read_mode
from ionworks.ucp.parser.yaml_tree import Listing, Node, Scalar, Table
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.units import Dimension, plain_number, scale, scaled, unit_names
from ionworks.ucp.vocabulary import MODES, SHAPES, folded, mode_of

_CYCLE_NAMES: Final = ("drive_cycle", "file", "value", "name")
_COLUMN: Final = re.compile(r"([^\[\]]*)(?:\[([^\[\]]*)\])?\s*")
_RANGE: Final = ("min_frequency", "max_frequency", "points_per_decade")
Samples: TypeAlias = tuple[tuple[float, float], ...]
"""Pairs of a time [s] and a value."""


@frozen
class _Column:
    items: list[Node]
    is_time: bool
    mode: Mode | None
    factor: int


def read_drive(body: Table, path: str, report: Report) -> dict[str, Any]:
    """Return ``mode``, ``profile`` and ``name`` of a drive step as fields of a leaf."""
    written = [field for field in _CYCLE_NAMES[:3] if not is_empty(body.get(field))]
    has_data = not is_empty(body.get("data"))
    fields: dict[str, Any] = {}
    if not written and not has_data and not is_empty(body.get("name")):
        written = ["name"]
        fields["name"] = None
    if len(written) > 1 or not (written or has_data):
        message = "Drive needs 'drive_cycle' (the name of a cycle), once, or 'data'"
        report.error("E-value", path, message, body.place)
        return fields
    mode = read_mode(body, path, report)
    name = _cycle_name(body, written[0], report) if written else None
    samples, column = _own_samples(body, mode, report)
    profile = _profile(body, report, name, samples)
    return fields | {"mode": mode or column or "Current", "profile": profile}


def _cycle_name(body: Table, field: str, report: Report) -> str | None:
    node = body.get(field)
    name = read_text(node, report, "E-value") if node is not None else None
    if name is not None and node is not None and "input[" in name:
        message = "the name of a drive cycle cannot be an input; write it out"
        report.error("E-value", node.path, message, node.place)
    return name


def _profile(body: Table, report: Report, name: str | None, data: Samples = ()) -> Profile:
    one = Number(1.0)
    scale = _optional(body, "scale", None, report) or one
    return Profile(name, data, scale, _optional(body, "repeat", None, report) or one)


def _own_samples(body: Table, mode: Mode | None, report: Report) -> tuple[Samples, Mode | None]:
    """Read the ``data`` of a step, if it has any."""
    node = body.get("data")
    if node is None or is_empty(node):
        return (), None
    samples, column = read_samples(node, report)
    if mode and column and mode != column:
        message = f"the data are {column}, but the mode is {mode}; remove one"
        report.error("E-value", node.path, message, node.place)
    return samples, column


def read_samples(node: Node, report: Report) -> tuple[Samples, Mode | None]:
    """Read samples: pairs, or a table with a column of times and one of values.

    Parameters
    ----------
    node : Node
        The samples.
    report : Report
        Takes the problems (``E-value``).

    Returns
    -------
    tuple
        The samples, none if there was a problem, and what the column of values says they are.
    """
    if isinstance(node, Listing):
        bad = next((item for item in node.items if not _is_pair(item)), None)
        if bad is not None:
            message = f"a sample is a pair [time, value], but this is {describe(bad)}"
            report.error("E-value", bad.path, message, bad.place)
            return (), None
        pairs = [(item.items[0], item.items[1]) for item in node.items if isinstance(item, Listing)]
        return _checked_samples(pairs, (1, 1), node, report), None
    if isinstance(node, Table):
        return _read_table(node, report)
    message = "the data of a profile are pairs [time, value], or columns 'time' and 'value'"
    report.error("E-value", node.path, message, node.place)
    return (), None


def _is_pair(node: Node) -> bool:
    return isinstance(node, Listing) and len(node.items) == 2


def _read_table(node: Table, report: Report) -> tuple[Samples, Mode | None]:
    times: _Column | None = None
    values: _Column | None = None
    for key, child in node.entries:
        column = _column(key, child, report) if isinstance(child, Listing) else None
        if column is not None and column.is_time and times is None:
            times = column
        elif column is not None and values is None:
            values = column
    if times is None or values is None or len(node.entries) != 2:
        message = "the data of a profile need two columns (lists): 'time' and one of values"
        report.error("E-value", node.path, message, node.place)
        return (), None
    if len(times.items) != len(values.items):
        message = f"{len(times.items)} times do not fit {len(values.items)} values"
        report.error("E-value", node.path, message, node.place)
        return (), None
    pairs = list(zip(times.items, values.items, strict=True))
    factors = times.factor, values.factor
    return _checked_samples(pairs, factors, node, report), values.mode


def _column(key: Scalar, child: Listing, report: Report) -> _Column:
    """Read the heading of a column, ``Current [mA]``."""
    match = _COLUMN.fullmatch(key.text[:80])
    word, unit = match.groups() if match else (key.text, None)
    is_time, mode = folded(word) == "time", mode_of(word)
    if not is_time and mode is None and folded(word) not in ("value", "values"):
        near = suggestion(word, ("time", "value", *MODES))
        message = f"{shown(word)!r} is not a column of a profile{near}"
        report.error("E-value", child.path, message, key.place)
    dimension: Dimension | None = "time" if is_time else MODES[mode] if mode else None
    factor = 1 if unit is None or dimension is None else scale(unit, dimension)
    if factor is None and dimension is not None:
        names = unit_names(dimension)
        message = f"{shown(unit or '')!r} is not a unit of {word.strip()}; there are {names}"
        report.error("E-value", child.path, message, key.place)
    return _Column(child.items, is_time, mode, factor or 1)


def _checked_samples(
    pairs: Sequence[tuple[Node, Node]], factors: tuple[int, int], node: Node, report: Report
) -> Samples:
    samples: list[tuple[float, float]] = []
    for time_node, value_node in pairs:
        time = _sample(time_node, factors[0], report)
        value = _sample(value_node, factors[1], report)
        if time is None or value is None:
            return ()
        if samples and time <= samples[-1][0]:
            message = f"the times of a profile increase strictly, but {time:g} s does not"
            report.error("E-value", time_node.path, message, time_node.place)
            return ()
        samples.append((time, value))
    if len(samples) < 2 or samples[0][0] != 0:
        message = "a profile needs at least two samples, the first at time 0"
        report.error("E-value", node.path, message, node.place)
        return ()
    return tuple(samples)


def _sample(node: Node, factor: int, report: Report) -> float | None:
    value: float | None = None
    if isinstance(node, Scalar):
        value = node.value if isinstance(node.value, float) else plain_number(node.text)
        value = None if value is None else scaled(value, factor)
    if value is None or not abs(value) < float("inf"):
        message = f"a sample is a finite number, but this is {describe(node)}"
        report.error("E-value", node.path, message, node.place)
        return None
    return value


def read_waveform(body: Table, path: str, report: Report) -> dict[str, Any]:
    """Return ``mode`` and ``profile`` or ``wave`` of a waveform step as fields of a leaf."""
    mode = read_mode(body, path, report)
    if not is_empty(body.get("data")):
        samples, column = _own_samples(body, mode, report)
        profile = _profile(body, report, None, samples)
        return {"mode": mode or column or "Current", "profile": profile}
    shape_node = body.get("shape")
    if shape_node is None or is_empty(shape_node):
        message = f"Waveform needs 'data' or a 'shape': {', '.join(SHAPES)}"
        report.error("E-value", path, message, body.place)
        return {"mode": mode}
    shape = read_text(shape_node, report, "E-value")
    known = next((name for name in SHAPES if shape and name == shape.lower()), None)
    if known is None:
        near = suggestion(shape or "", SHAPES) or f"; there are {', '.join(SHAPES)}"
        report.error("E-value", shape_node.path, f"{shown(shape or '')!r} is no shape{near}")
    dimension: Dimension | None = MODES[mode] if mode else None
    amplitude = _needed(body, "amplitude", dimension, path, report)
    frequency = _needed(body, "frequency", "frequency", path, report)
    offset = _optional(body, "offset", dimension, report)
    cycles = _optional(body, "cycles", None, report)
    if known is None or amplitude is None or frequency is None:
        return {"mode": mode}
    wave = Wave(known, amplitude, frequency, offset or Number(0.0), cycles)
    return {"mode": mode or "Current", "wave": wave}


def read_sweep(body: Table, path: str, report: Report) -> dict[str, Any]:
    """Return ``mode`` and ``sweep`` of an EIS step as fields of a leaf."""
    mode = read_mode(body, path, report) or "Current"
    if mode not in ("Current", "Voltage"):
        message = f"EIS excites with Current or Voltage, not with {mode}"
        report.error("E-mode", path, message, body.place)
    amplitude = _needed(body, "amplitude", MODES[mode], path, report)
    listed = body.get("frequencies")
    ranged = [name for name in _RANGE if not is_empty(body.get(name))]
    if is_empty(listed) == (not {"min_frequency", "max_frequency"} <= set(ranged)):
        message = "EIS needs 'min_frequency' and 'max_frequency', or 'frequencies', and not both"
        report.error("E-value", path, message, body.place)
        return {"mode": mode}
    if amplitude is None:
        return {"mode": mode}
    if listed is not None and not is_empty(listed):
        return {"mode": mode, "sweep": Sweep(amplitude, _frequencies(listed, ranged, report))}
    low, high = (_optional(body, name, "frequency", report) for name in _RANGE[:2])
    points = _optional(body, "points_per_decade", None, report) or Number(10.0)
    sweep = Sweep(amplitude, (), low, high, points)
    return {"mode": mode, "sweep": sweep}


def _frequencies(node: Node, ranged: Sequence[str], report: Report) -> tuple[Expr, ...]:
    if ranged:
        message = f"{ranged[0]!r} has no meaning beside 'frequencies'; remove one"
        report.error("E-value", node.path, message, node.place)
    if not isinstance(node, Listing) or not node.items:
        message = f"the frequencies are a list of numbers in Hz, but this is {describe(node)}"
        report.error("E-value", node.path, message, node.place)
        return ()
    read = (read_expression(item, report, "frequency") for item in node.items)
    return tuple(expr for expr in read if expr is not None)


def _needed(
    body: Table, field: str, dimension: Dimension | None, path: str, report: Report
) -> Expr | None:
    node = body.get(field)
    if node is None or is_empty(node):
        report.error("E-value", path, f"{field!r} is missing", body.place)
        return None
    return read_expression(node, report, dimension)


def _optional(body: Table, field: str, dimension: Dimension | None, report: Report) -> Expr | None:
    node = body.get(field)
    if node is None or is_empty(node):
        return None
    return read_expression(node, report, dimension)
