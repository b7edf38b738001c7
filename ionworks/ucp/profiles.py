"""Reading what drive cycles, waveforms and impedance sweeps follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from ionworks.ucp.document import Listing, Node, Scalar, Table
from ionworks.ucp.expressions import Expr, Number
from ionworks.ucp.fields import describe, is_empty, read_expression, read_text
from ionworks.ucp.kinds import MODES, SHAPES, folded, mode_of
from ionworks.ucp.modes import read_mode
from ionworks.ucp.nodes import Mode, Profile, Sweep, Wave
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.units import Dimension, plain_number

_CYCLE_NAMES: Final = ("drive_cycle", "file", "value", "name")
_UNIT: Final = re.compile(r"\s*\[[^\[\]]*\]\s*$")
_RANGE: Final = ("min_frequency", "max_frequency", "points_per_decade")
Samples = tuple[tuple[float, float], ...]


def read_drive(body: Table, path: str, report: Report) -> dict[str, Any]:
    """Return ``mode``, ``profile`` and ``name`` of a drive step as fields of a leaf."""
    written = [field for field in _CYCLE_NAMES[:3] if not is_empty(body.get(field))]
    has_data = not is_empty(body.get("data"))
    fields: dict[str, Any] = {}
    if not written and not has_data and not is_empty(body.get("name")):
        written = ["name"]
        fields["name"] = None
    if len(written) + has_data != 1:
        message = "Drive needs one of 'drive_cycle' (the name of a cycle) and 'data'"
        report.error("E-value", path, message, body.place)
        return fields
    mode = read_mode(body, path, report)
    if has_data:
        samples, column = _read_samples(body, report)
        profile = _profile(body, report, None, samples)
    else:
        column, name = None, _cycle_name(body, written[0], report)
        profile = _profile(body, report, name)
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


def _read_samples(body: Table, report: Report) -> tuple[Samples, Mode | None]:
    """Read ``data``: pairs, or a table with a column of times and one of values."""
    node = body.get("data")
    column: Mode | None = None
    pairs: list[tuple[Node, Node]] = []
    if isinstance(node, Listing):
        bad = next((item for item in node.items if not _is_pair(item)), None)
        if bad is not None:
            message = f"a sample is a pair [time, value], but this is {describe(bad)}"
            report.error("E-value", bad.path, message, bad.place)
            return (), None
        pairs = [(item.items[0], item.items[1]) for item in node.items if isinstance(item, Listing)]
    elif isinstance(node, Table):
        columns = _columns(node, report)
        if columns is None:
            return (), None
        times, values, column = columns
        pairs = list(zip(times.items, values.items, strict=True))
    else:
        message = "the data of a profile are pairs [time, value], or columns 'time' and 'value'"
        report.error("E-value", body.path, message, body.place)
        return (), None
    return _checked_samples(pairs, node, report), column


def _is_pair(node: Node) -> bool:
    return isinstance(node, Listing) and len(node.items) == 2


def _columns(node: Table, report: Report) -> tuple[Listing, Listing, Mode | None] | None:
    times: Listing | None = None
    values: Listing | None = None
    mode: Mode | None = None
    for key, child in node.entries:
        word = _UNIT.sub("", key.text[:80])
        if isinstance(child, Listing) and folded(word) == "time" and times is None:
            times = child
        elif isinstance(child, Listing) and values is None:
            values, mode = child, mode_of(word)
            if mode is None and folded(word) not in ("value", "values"):
                near = suggestion(word, ("value", *MODES))
                message = f"{shown(word)!r} is not a column of a profile{near}"
                report.error("E-value", child.path, message, key.place)
    if times is None or values is None or len(node.entries) != 2:
        message = "the data of a profile need two columns (lists): 'time' and one of values"
        report.error("E-value", node.path, message, node.place)
        return None
    if len(times.items) != len(values.items):
        message = f"{len(times.items)} times do not fit {len(values.items)} values"
        report.error("E-value", node.path, message, node.place)
        return None
    return times, values, mode


def _checked_samples(pairs: Sequence[tuple[Node, Node]], node: Node, report: Report) -> Samples:
    samples: list[tuple[float, float]] = []
    for time_node, value_node in pairs:
        time, value = _sample(time_node, report), _sample(value_node, report)
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


def _sample(node: Node, report: Report) -> float | None:
    value: float | None = None
    if isinstance(node, Scalar):
        value = node.value if isinstance(node.value, float) else plain_number(node.text)
    if value is None or not abs(value) < float("inf"):
        message = f"a sample is a finite number, but this is {describe(node)}"
        report.error("E-value", node.path, message, node.place)
        return None
    return value


def read_waveform(body: Table, path: str, report: Report) -> dict[str, Any]:
    """Return ``mode`` and ``profile`` or ``wave`` of a waveform step as fields of a leaf."""
    mode = read_mode(body, path, report)
    if not is_empty(body.get("data")):
        samples, column = _read_samples(body, report)
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
