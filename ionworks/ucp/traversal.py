"""Walking the tree of a protocol: its items, its steps, and every expression in it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar, cast

import attrs

from ionworks.ucp.expressions import Binary, Call, Expr, Input, Name, Number, Text, Unary
from ionworks.ucp.nodes import Block, Item, Leaf

Position = tuple[int, ...]
"""Indices from the top-level steps to an item, through the items of blocks."""

_EXPRESSIONS: Final = (Number, Text, Input, Name, Unary, Binary, Call)
_FIELD_NAMES: Final = {"set_variables": "set_variable", "items": "steps"}
_INLINE: Final = frozenset({"profile", "wave", "sweep", "threshold"})
_Tree = TypeVar("_Tree")


def positions(items: Sequence[Item], above: Position = ()) -> Iterator[tuple[Position, Item]]:
    """Yield every item, blocks before their contents, in document order with its position."""
    for index, item in enumerate(items):
        position = (*above, index)
        yield position, item
        if isinstance(item, Block):
            yield from positions(item.items, position)


def leaves(items: Sequence[Item]) -> Iterator[Leaf]:
    """Yield every step in document order."""
    return (item for _, item in positions(items) if isinstance(item, Leaf))


def expressions(tree: object, path: str = "") -> Iterator[tuple[str, Expr]]:
    """Yield every expression of a node or tuple of nodes with its path in the document.

    Parameters
    ----------
    tree : object
        Any node of a protocol.
    path : str
        Of the node, for nodes without a ``path``.

    Yields
    ------
    tuple of str and Expr
        In the order of the fields of the nodes.
    """
    # Nested generators would pass each expression through all levels: every run of a sweep has a
    # tree of its own.
    found: list[tuple[str, Expr]] = []
    _collect(tree, path, found)
    return iter(found)


def _collect(tree: Any, path: str, found: list[tuple[str, Expr]]) -> None:
    if isinstance(tree, _EXPRESSIONS):
        found.append((path, tree))
    elif isinstance(tree, tuple):
        for index, item in enumerate(tree):
            _collect(item, getattr(item, "path", "") or f"{path}[{index}]", found)
    else:
        for name, value in _parts(tree):
            _collect(value, f"{path}{_steps(name)}", found)


@functools.cache
def _steps(name: str) -> str:
    """Return what a field adds to the path of a node."""
    return "" if name in _INLINE else f".{_FIELD_NAMES.get(name, name)}"


def _parts(node: Any) -> list[tuple[str, Any]]:
    """Return the fields of a node that can hold expressions; samples of profiles never do."""
    fields = [(name, getattr(node, name)) for name in _field_names(node.__class__)]
    return [
        (name, value)
        for name, value in fields
        if value and (value.__class__ is tuple or _field_names(value.__class__))
    ]


@functools.cache
def _field_names(kind: type) -> tuple[str, ...]:
    """Return the field names of a class of nodes; empty for other classes."""
    fields = attrs.fields(kind) if attrs.has(kind) else ()
    return tuple(field.name for field in fields if field.name != "data")


def map_leaves(items: Sequence[Item], change: Callable[[Leaf], Leaf]) -> tuple[Item, ...]:
    """Return items with every step, those in blocks included, replaced by ``change``."""
    return tuple(
        attrs.evolve(item, items=map_leaves(item.items, change))
        if isinstance(item, Block)
        else change(item)
        if isinstance(item, Leaf)
        else item
        for item in items
    )


def with_expressions(tree: _Tree, replace: Callable[[Expr], Expr]) -> _Tree:
    """Return a node (or tuple of nodes) with every complete expression in it replaced."""
    changed: Any = tree
    if isinstance(tree, _EXPRESSIONS):
        changed = replace(tree)
    elif isinstance(tree, tuple):
        items = tuple(with_expressions(item, replace) for item in tree)
        if any(new is not old for new, old in zip(items, tree, strict=True)):
            changed = items
    else:
        parts = {name: with_expressions(value, replace) for name, value in _parts(tree)}
        if any(part is not getattr(tree, name) for name, part in parts.items()):
            instance: Any = tree
            changed = attrs.evolve(instance, **parts)
    return cast("_Tree", changed)
