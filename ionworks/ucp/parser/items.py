"""Reading a list of steps: telling steps, blocks and markers apart."""

from __future__ import annotations

from typing import Final

from ionworks.ucp.expressions import Expr, Number
from ionworks.ucp.hints import kind_hint, marker_hint
from ionworks.ucp.inputs import contains_input
from ionworks.ucp.nodes import Block, Item, Kind, Leaf, Marker
from ionworks.ucp.parser.fields import (
    describe,
    is_empty,
    read_note,
    read_optional,
    read_text,
    refuse_unknown,
)
from ionworks.ucp.parser.pybamm_strings import (
    Direction,
    at_path,
    direction_after,
    is_sentence,
    read_sentence,
)
from ionworks.ucp.parser.steps import read_direction, read_step
from ionworks.ucp.parser.yaml_tree import Listing, Node, Scalar, Table
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.units import plain_number
from ionworks.ucp.vocabulary import KIND_NAMES, MARKERS, direction_text, folded, kind_of

_BLOCK_FIELDS: Final = ("steps", "repeat", "note")


def read_items(node: Node, report: Report, owner: str = "the protocol") -> tuple[Item, ...]:
    """Read a list of steps; report ``E-steps`` if it is empty or not a list."""
    report.remember(node.path, node.place)
    if not isinstance(node, Listing):
        message = f"the steps of {owner} must be a list, each after '- ', not {describe(node)}"
        report.error("E-steps", node.path, message, node.place)
        return ()
    if not node.items:
        report.error("E-steps", node.path, f"{owner} has no steps", node.place)
    direction: Direction = "Charge"
    found: list[Item] = []
    for each in node.items:
        item = _read_item(each, report, direction)
        if item is not None:
            found.append(item)
        if isinstance(item, Leaf):
            direction = direction_after(item, direction)
    return tuple(found)


def _read_item(node: Node, report: Report, direction: Direction) -> Item | None:
    report.remember(node.path, node.place)
    if isinstance(node, Scalar):
        return _read_word(node, report, direction)
    if isinstance(node, Table) and (named := node.get("direction")) is not None:
        return _read_flat_step(node, named, report)
    if isinstance(node, Table) and len(node.entries) == 1:
        return _read_keyed(node, report)
    if isinstance(node, Table) and isinstance(node.get("steps"), Listing):
        return _read_flat_block(node, report)
    _refuse_item(node, report)
    return None


def _refuse_item(node: Node, report: Report) -> None:
    message = f"a step must be a mapping such as 'Rest: {{duration: 60}}', not {describe(node)}"
    if isinstance(node, Table) and not node.entries:
        message = "the step is empty"
    elif isinstance(node, Table):
        bare = next((key for key, child in node.entries if is_empty(child)), None)
        if bare is not None:
            message = f"the parameters of {shown(bare.text)!r} must be indented under it"
        elif "mode" in node.keys or "value" in node.keys:
            message = "a step without a kind as its key needs the field 'direction'"
        else:
            names = ", ".join(shown(key) for key in node.keys[:5])
            message = f"the item has several keys ({names}); start each step with '- '"
    report.error("E-item", node.path, message, node.place)


def _read_word(node: Scalar, report: Report, direction: Direction) -> Item | None:
    """Read a marker, or a step written as a sentence."""
    if isinstance(node.value, str) and is_sentence(node.value):
        try:
            return at_path(read_sentence(node.value, direction), node.path)
        except ValueError as error:
            report.error("E-item", node.path, str(error), node.place)
            return None
    return _read_marker(node, report)


def _read_marker(node: Scalar, report: Report) -> Marker | None:
    if not isinstance(node.value, str) or plain_number(node.value) is not None:
        message = f"expected a step or a marker, got {describe(node)}"
        report.error("E-item", node.path, message, node.place)
        return None
    kind = MARKERS.get(folded(node.value.strip()))
    if kind is not None:
        return Marker(kind, node.path)
    near = marker_hint(node.value) or suggestion(node.value, MARKERS.values())
    first = node.value.split(maxsplit=1)[0] if node.value.split() else ""
    if kind_of(first) is not None:
        near = f"; a step needs parameters: '{first}: {{...}}'"
    known = ", ".join(dict.fromkeys(MARKERS.values()))
    message = f"unknown marker {shown(node.value)!r}{near or f'; valid markers: {known}'}"
    report.error("E-marker", node.path, message, node.place)
    return None


def _read_flat_step(node: Table, named: Node, report: Report) -> Leaf | None:
    text = read_text(named, report, "E-kind")
    if text is None:
        return None
    found = _kind_and_direction(text, named, report)
    if found is None and kind_of(text) is None and contains_input(text):
        direction = read_direction(text, named, report)
        if direction is None:
            return None
        return read_step("Direction", node, node.path, report, direction)
    if found is None:
        near = kind_hint(text) or suggestion(text, KIND_NAMES)
        near = near or f"; valid kinds: {', '.join(KIND_NAMES)}"
        message = f"unknown kind of step {shown(text)!r}{near}"
        report.error("E-kind", named.path, message, named.place)
        return None
    kind, direction = found
    return read_step(kind, node, node.path, report, direction)


def _kind_and_direction(text: str, node: Node, report: Report) -> tuple[Kind, Expr | None] | None:
    """Return the kind a key or ``direction`` names, and the expression in ``Direction[...]``."""
    inner = direction_text(text)
    if inner is not None:
        return "Direction", read_direction(inner, node, report)
    kind = kind_of(text)
    return None if kind is None else (kind, None)


def _read_keyed(node: Table, report: Report) -> Item | None:
    key, body = node.entries[0]
    name = key.text.strip()
    if isinstance(body, Listing) or (isinstance(body, Table) and body.get("steps") is not None):
        return _read_block(name, body, report)
    found = _kind_and_direction(key.text, body, report)
    if found is not None:
        kind, direction = found
        return read_step(kind, body, body.path, report, direction)
    if isinstance(body, Table) and body.get("repeat") is not None:
        message = f"the block {shown(name)!r} needs 'steps', the list of steps to repeat"
        report.error("E-steps", body.path, message, body.place)
        return None
    near = (
        kind_hint(name)
        or suggestion(name, KIND_NAMES)
        or f"; valid kinds: {', '.join(KIND_NAMES)}; a block needs 'steps'"
    )
    report.error("E-kind", node.path, f"unknown kind of step {shown(name)!r}{near}", key.place)
    return None


def _read_block(name: str, body: Table | Listing, report: Report) -> Block:
    report.remember(body.path, body.place)
    if not name:
        report.error("E-item", body.path, "a block needs a name", body.place)
    if isinstance(body, Listing):
        return Block(name, read_items(body, report, f"block {shown(name)!r}"), path=body.path)
    refuse_unknown(body, _BLOCK_FIELDS, "a block", report)
    return _block_of(name, body, report)


def _read_flat_block(node: Table, report: Report) -> Block:
    refuse_unknown(node, ("name", *_BLOCK_FIELDS), "a block", report)
    named = node.get("name")
    if named is None:
        message = "a block needs a 'name'; or write 'Cycles: {repeat: 3, steps: [...]}'"
        report.error("E-item", node.path, message, node.place)
    name = read_text(named, report, "E-item") if named is not None else None
    return _block_of(name or "", node, report)


def _block_of(name: str, table: Table, report: Report) -> Block:
    steps, note = table.get("steps"), table.given("note")
    items = read_items(steps, report, f"block {shown(name)!r}") if steps is not None else ()
    return Block(
        name,
        items,
        read_optional(table, "repeat", report) or Number(1.0),
        None if note is None else read_note(note, report),
        table.path,
    )
