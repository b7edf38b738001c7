"""Reading the signals that drive cycles, waveforms and impedance sweeps follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from ionworks.ucp.expressions import Expr, Number
from ionworks.ucp.nodes import Mode, Profile, Sweep, Wave
from ionworks.ucp.parser.fields import describe, read_expression, read_optional, read_text
from ionworks.ucp.parser.modes import read_mode
from ionworks.ucp.parser.yaml_tree import Listing, Node, Scalar, Table
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.units import Dimension, plain_number, scale, scaled, unit_names
from ionworks.ucp.vocabulary import MODES, SHAPES, folded, mode_of

_CYCLE_NAMES: Final = ("drive_cycle", "file", "value")
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
    written = [field for field in _CYCLE_NAMES if body.given(field) is not None]
    has_data = body.given("data") is not None
    fields: dict[str, Any] = {}
    if not written and not has_data and body.given("name") is not None:
        written = ["name"]
        fields["name"] = None
    if len(written) > 1 or not (written or has_data):
        message = "Drive needs 'data' or exactly one 'drive_cycle' (the name of a cycle)"
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
        message = "the name of a drive cycle cannot be an input; write the name"
        report.error("E-value", node.path, message, node.place)
    return name


def _profile(body: Table, report: Report, name: str | None, data: Samples = ()) -> Profile:
    one = Number(1.0)
    scale = read_optional(body, "scale", report) or one
    return Profile(name, data, scale, read_optional(body, "repeat", report) or one)


def _own_samples(body: Table, mode: Mode | None, report: Report) -> tuple[Samples, Mode | None]:
    """Read the ``data`` of a step; empty if it has none."""
    node = body.given("data")
    if node is None:
        return (), None
    samples, column = read_samples(node, report)
    if mode and column and mode != column:
        message = f"the data are {column}, but the mode is {mode}; change one of them"
        report.error("E-value", node.path, message, node.place)
    return samples, column


def read_samples(node: Node, report: Report) -> tuple[Samples, Mode | None]:
    """Read samples: pairs, or a table with a column of times and one of values.

    Parameters
    ----------
    node : Node
        The samples.
    report : Report
        Collects the problems (``E-value``).

    Returns
    -------
    tuple
        The samples, empty if there was a problem, and the mode that the heading of the values
        names, if any.
    """
    if isinstance(node, Listing):
        bad = next((item for item in node.items if not _is_pair(item)), None)
        if bad is not None:
            message = f"a sample must be a pair [time, value], not {describe(bad)}"
            report.error("E-value", bad.path, message, bad.place)
            return (), None
        pairs = [(item.items[0], item.items[1]) for item in node.items if isinstance(item, Listing)]
        return _checked_samples(pairs, (1, 1), node, report), None
    if isinstance(node, Table):
        return _read_table(node, report)
    message = "the data of a profile must be pairs [time, value], or columns 'time' and 'value'"
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
        message = "the data of a profile need two columns (lists): one of times, one of values"
        report.error("E-value", node.path, message, node.place)
        return (), None
    if len(times.items) != len(values.items):
        message = (
            f"the columns differ in length: {len(times.items)} times, {len(values.items)} values"
        )
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
        message = f"unknown column {shown(word)!r} of a profile{near}"
        report.error("E-value", child.path, message, key.place)
    dimension: Dimension | None = "time" if is_time else MODES[mode] if mode else None
    factor = 1 if unit is None or dimension is None else scale(unit, dimension)
    if factor is None and dimension is not None:
        names = unit_names(dimension)
        message = f"unknown unit {shown(unit or '')!r} of {word.strip()}; valid units: {names}"
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
            message = (
                f"the times of a profile must increase strictly, but {time:g} s follows "
                f"{samples[-1][0]:g} s"
            )
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
        message = f"a sample must be a finite number, not {describe(node)}"
        report.error("E-value", node.path, message, node.place)
        return None
    return value


def read_waveform(body: Table, path: str, report: Report) -> dict[str, Any]:
    """Return ``mode`` and ``profile`` or ``wave`` of a waveform step as fields of a leaf."""
    mode = read_mode(body, path, report)
    if body.given("data") is not None:
        samples, column = _own_samples(body, mode, report)
        profile = _profile(body, report, None, samples)
        return {"mode": mode or column or "Current", "profile": profile}
    shape_node = body.given("shape")
    if shape_node is None:
        message = f"Waveform needs 'data' or a 'shape': {', '.join(SHAPES)}"
        report.error("E-value", path, message, body.place)
        return {"mode": mode}
    shape = read_text(shape_node, report, "E-value")
    known = next((name for name in SHAPES if shape and name == shape.lower()), None)
    if known is None:
        near = suggestion(shape or "", SHAPES) or f"; valid shapes: {', '.join(SHAPES)}"
        report.error("E-value", shape_node.path, f"unknown shape {shown(shape or '')!r}{near}")
    dimension: Dimension | None = MODES[mode] if mode else None
    amplitude = _needed(body, "amplitude", dimension, path, report)
    frequency = _needed(body, "frequency", "frequency", path, report)
    offset = read_optional(body, "offset", report, dimension)
    cycles = read_optional(body, "cycles", report)
    if known is None or amplitude is None or frequency is None:
        return {"mode": mode}
    wave = Wave(known, amplitude, frequency, offset or Number(0.0), cycles)
    return {"mode": mode or "Current", "wave": wave}


def read_sweep(body: Table, path: str, report: Report) -> dict[str, Any]:
    """Return ``mode`` and ``sweep`` of an EIS step as fields of a leaf."""
    mode = read_mode(body, path, report) or "Current"
    if mode not in ("Current", "Voltage"):
        message = f"the mode of EIS must be Current or Voltage, not {mode}"
        report.error("E-mode", path, message, body.place)
    amplitude = _needed(body, "amplitude", MODES[mode], path, report)
    listed = body.given("frequencies")
    ranged = [name for name in _RANGE if body.given(name) is not None]
    if (listed is None) == (not {"min_frequency", "max_frequency"} <= set(ranged)):
        message = "EIS needs either 'min_frequency' and 'max_frequency', or 'frequencies'"
        report.error("E-value", path, message, body.place)
        return {"mode": mode}
    if amplitude is None:
        return {"mode": mode}
    if listed is not None:
        return {"mode": mode, "sweep": Sweep(amplitude, _frequencies(listed, ranged, report))}
    low, high = (read_optional(body, name, report, "frequency") for name in _RANGE[:2])
    points = read_optional(body, "points_per_decade", report) or Number(10.0)
    sweep = Sweep(amplitude, (), low, high, points)
    return {"mode": mode, "sweep": sweep}


def _frequencies(node: Node, ranged: Sequence[str], report: Report) -> tuple[Expr, ...]:
    if ranged:
        message = f"{ranged[0]!r} cannot be combined with 'frequencies'; remove one"
        report.error("E-value", node.path, message, node.place)
    if not isinstance(node, Listing) or not node.items:
        message = f"'frequencies' must be a list of numbers in Hz, not {describe(node)}"
        report.error("E-value", node.path, message, node.place)
        return ()
    read = (read_expression(item, report, "frequency") for item in node.items)
    return tuple(expr for expr in read if expr is not None)


def _needed(
    body: Table, field: str, dimension: Dimension | None, path: str, report: Report
) -> Expr | None:
    if body.given(field) is None:
        report.error("E-value", path, f"{field!r} is missing", body.place)
    return read_optional(body, field, report, dimension)
