"""Writing a protocol as canonical YAML; reading it again gives an equal tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ionworks.ucp.expressions import PRECEDENCE, READOUT_NAMES, Binary, Expr, Name, Number
from ionworks.ucp.nodes import (
    Block,
    End,
    Global,
    Goto,
    Item,
    Leaf,
    Marker,
    Profile,
    Protocol,
    Resolution,
    Safety,
    Sweep,
    Wave,
)

_NEVER_FOLDED: Final = 2**31 - 1
_ONE: Final = Number(1.0)
_ZERO: Final = Number(0.0)
_LARGEST_WHOLE: Final = 1e15
_LINE_BREAKS: Final = frozenset("\n\r\x85\u2028\u2029")
_JOINING: Final = PRECEDENCE["<"]


class _Pair(list[float]):
    """A sample, written on one line."""


def to_yaml(protocol: Protocol) -> str:
    """Return a protocol in the current keyed dialect.

    Parameters
    ----------
    protocol : Protocol
        With or without open inputs.

    Returns
    -------
    str
        YAML, with all settings of ``global``.
    """
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc] # whichever of the two this PyYAML has
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the signature is PyYAML's
            return True

    Dumper.add_representer(
        str,
        lambda dumper, text: dumper.represent_scalar(
            # PyYAML folds away unusual line breaks unless they are escaped.
            "tag:yaml.org,2002:str",
            text,
            style='"' if _LINE_BREAKS & set(text) else None,
        ),
    )
    Dumper.add_representer(
        _Pair,
        lambda dumper, pair: dumper.represent_sequence(
            "tag:yaml.org,2002:seq", pair, flow_style=True
        ),
    )
    document = to_document(protocol)
    return yaml.dump(
        document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=_NEVER_FOLDED
    )


def to_document(protocol: Protocol) -> dict[str, Any]:
    """Return the protocol as plain mappings, lists, texts and numbers, as in JSON."""
    document: dict[str, Any] = {"global": _global(protocol.global_)}
    safety = _safety(protocol.safety)
    if safety:
        document["safety_limits"] = safety
    document["steps"] = _items(protocol.steps)
    return document


def _value(expr: Expr) -> float | str:
    return _number(expr.value) if isinstance(expr, Number) else str(expr)


def _number(value: float) -> float:
    return int(value) if value.is_integer() and abs(value) < _LARGEST_WHOLE else value


def _given(**fields: Expr | None) -> dict[str, Any]:
    """Return the values of the fields that are not None."""
    return {name: _value(expr) for name, expr in fields.items() if expr is not None}


def _resolution(resolution: Resolution) -> dict[str, Any]:
    return _given(time=resolution.time, voltage=resolution.voltage, current=resolution.current)


def _global(settings: Global) -> dict[str, Any]:
    state = settings.initial_state
    written = _given(initial_temperature=settings.temperature)
    if state.kind == "soc" and state.scale == "auto":
        # The value decides between fraction and percent; initial_state_value is always percent.
        written |= _given(initial_soc=state.value)
    else:
        written["initial_state_type"] = "voltage" if state.kind == "voltage" else "soc_percentage"
        written |= _given(initial_state_value=state.value)
    return {**written, "resolution": _resolution(settings.resolution)}


def _safety(safety: Safety) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for limit in safety.limits:
        value = _value(limit.value)
        written[limit.key] = value if limit.goto is None else {"value": value, "goto": limit.goto}
    return written if safety.goto is None else {**written, "goto": safety.goto}


def _items(items: Sequence[Item]) -> list[Any]:
    return [_item(item) for item in items]


def _item(item: Item) -> Any:
    match item:
        case Marker():
            return item.kind
        case Block():
            return _block(item)
        case Leaf():
            kind = item.kind if item.direction is None else f"Direction[{item.direction}]"
            return {kind: _step(item)}


def _block(block: Block) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if block.repeat != _ONE:
        body |= _given(repeat=block.repeat)
    if block.note is not None:
        body["note"] = block.note
    steps = _items(block.items)
    if block.name == "direction":
        # As a key, this word would start a flat step.
        return {"name": block.name, **body, "steps": steps}
    return {block.name: {**body, "steps": steps} if body else steps}


def _step(leaf: Leaf) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if leaf.name is not None:
        written["name"] = leaf.name
    if leaf.mode is not None:
        written["mode"] = leaf.mode
    written |= _given(value=leaf.value)
    for special in (leaf.profile, leaf.wave, leaf.sweep):
        written |= _special(special)
    written |= _given(duration=leaf.duration)
    if leaf.ends:
        written["ends"] = [_end(end) for end in leaf.ends]
    written |= _given(temperature=leaf.temperature)
    if leaf.resolution is not None:
        written["resolution"] = _resolution(leaf.resolution)
    if leaf.set_variables:
        written["set_variable"] = [
            {"name": item.name, "eval": _value(item.value)} for item in leaf.set_variables
        ]
    if leaf.note is not None:
        written["note"] = leaf.note
    return written


def _special(special: Profile | Wave | Sweep | None) -> dict[str, Any]:
    match special:
        case Profile():
            source: dict[str, Any] = {}
            if special.name is not None:
                source["drive_cycle"] = special.name
            if special.data:
                source["data"] = [_Pair([_number(x), _number(y)]) for x, y in special.data]
            scale = None if special.scale == _ONE else special.scale
            repeat = None if special.repeat == _ONE else special.repeat
            return source | _given(scale=scale, repeat=repeat)
        case Wave():
            offset = None if special.offset == _ZERO else special.offset
            return {"shape": special.shape} | _given(
                amplitude=special.amplitude,
                offset=offset,
                frequency=special.frequency,
                cycles=special.cycles,
            )
        case Sweep():
            written = _given(
                amplitude=special.amplitude,
                min_frequency=special.min_frequency,
                max_frequency=special.max_frequency,
            )
            if special.frequencies:
                written["frequencies"] = [_value(expr) for expr in special.frequencies]
            elif special.points_per_decade != Number(10.0):
                written |= _given(points_per_decade=special.points_per_decade)
            return written
    return {}


def _end(end: End) -> Any:
    quantity = f"d/dt({end.quantity})" if end.rate else end.quantity
    joins = isinstance(end.threshold, Binary) and PRECEDENCE[end.threshold.operator] <= _JOINING
    reads_out = isinstance(end.threshold, Name) and end.threshold.name in READOUT_NAMES
    if end.operator is None or joins or reads_out:
        # After "Voltage <", a comparison would be read as a second condition, and "VAR_X < Voltage"
        # as a condition with its sides swapped.
        flat: dict[str, Any] = {"variable": quantity, "value": _value(end.threshold)}
        if end.operator is not None:
            flat["operator"] = end.operator
        return flat | _goto(end.goto)
    condition = f"{quantity} {end.operator} {end.threshold}"
    return condition if end.goto is None else {condition: _goto(end.goto)}


def _goto(goto: Goto | None) -> dict[str, Goto]:
    return {} if goto is None else {"goto": goto}
