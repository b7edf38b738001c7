"""Jumps: finding the item that a ``goto`` names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeAlias

import attrs

from ionworks.ucp.nodes import Goto, Item, Leaf, Marker, Protocol
from ionworks.ucp.problems import Report, UCPError, shown, suggestion
from ionworks.ucp.traversal import Position, map_leaves, positions

Target: TypeAlias = Position | Literal["End", "Next"]

_WORDS: Final[dict[str, Literal["End", "Next"]]] = {
    "end": "End",
    "end test": "End",
    "next": "Next",
    "next step": "Next",
}


def name_of(item: Item) -> str | None:
    """Return the name by which an item can be a jump target, or None."""
    return None if isinstance(item, Marker) else item.name


def find_target(protocol: Protocol, goto: Goto) -> Target:
    """Return the target of a jump.

    Parameters
    ----------
    protocol : Protocol
        As returned by :func:`ionworks.ucp.parse`.
    goto : str or int
        The target on one of its ends or safety limits.

    Returns
    -------
    tuple of int, "End" or "Next"
        The indices of the item in ``steps`` and the ``items`` of blocks.

    Raises
    ------
    UCPError
        If no item or several items have that name or number.
    """
    found = TargetIndex(protocol.steps).find(goto)
    if isinstance(found, UCPError):
        raise found
    return found


class TargetIndex:
    """Index of the names of a protocol's items, built once for all its jumps."""

    def __init__(self, steps: Sequence[Item]) -> None:
        self.count = len(steps)
        self.exact: dict[str, list[Position]] = {}
        self.folded: dict[str, list[str]] = {}
        for position, item in positions(steps):
            name = name_of(item)
            if name is None:
                continue
            self.exact.setdefault(name, []).append(position)
            spellings = self.folded.setdefault(name.lower(), [])
            if name not in spellings:
                spellings.append(name)

    def spelling(self, goto: Goto) -> Goto:
        """Return the canonical spelling of an existing target."""
        text = str(goto).strip()
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if text in self.exact:
            return text
        if text.lower() in self.folded:
            return self.folded[text.lower()][0]
        return int(text)

    def find(self, goto: Goto) -> Target | UCPError:
        """Return the target of a jump, or an error that says why it cannot be found."""
        text = str(goto).strip()
        word = _WORDS.get(text.lower())
        spellings = [text] if text in self.exact else self.folded.get(text.lower(), [])
        found = [position for name in spellings for position in self.exact[name]]
        if word is not None and not found:
            return word
        if word is not None or len(found) > 1:
            reason = "also has a special meaning" if word else f"matches {len(found)} items"
            return UCPError(f"the target {shown(text)!r} {reason}; rename the item")
        if found:
            return found[0]
        if text.isdecimal() and text.isascii() and len(text) <= 9:
            if 1 <= int(text) <= self.count:
                return (int(text) - 1,)
            return UCPError(f"unknown item number {text}; the protocol has {self.count} items")
        known = [*self.exact, "End", "Next"]
        near = suggestion(text, known) or f"; valid targets: {', '.join(map(shown, known[-12:]))}"
        return UCPError(f"unknown target {shown(text)!r}{near}")


def check_jumps(protocol: Protocol, report: Report) -> Protocol:
    """Return the protocol with canonical targets; report unknown and ambiguous ones."""
    targets = TargetIndex(protocol.steps)

    def canonical(goto: Goto, path: str) -> Goto:
        found = targets.find(goto)
        if isinstance(found, UCPError):
            report.error("E-goto", path, str(found))
            return goto
        return targets.spelling(goto)

    safety = protocol.safety
    limits = tuple(
        limit
        if limit.goto is None
        else attrs.evolve(limit, goto=canonical(limit.goto, f"safety_limits.{limit.key}"))
        for limit in safety.limits
    )
    goto = None if safety.goto is None else canonical(safety.goto, "safety_limits.goto")
    return attrs.evolve(
        protocol,
        steps=map_leaves(protocol.steps, lambda leaf: _with_jumps(leaf, canonical)),
        safety=attrs.evolve(safety, limits=limits, goto=goto),
    )


def _with_jumps(leaf: Leaf, canonical: Callable[[Goto, str], Goto]) -> Leaf:
    if all(end.goto is None for end in leaf.ends):
        return leaf
    ends = (
        end if end.goto is None else attrs.evolve(end, goto=canonical(end.goto, end.path))
        for end in leaf.ends
    )
    return attrs.evolve(leaf, ends=tuple(ends))
