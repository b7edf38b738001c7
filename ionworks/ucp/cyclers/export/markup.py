"""XML exactly as the cyclers' software writes it: indentation, line ends and empty elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element, SubElement
from xml.sax.saxutils import escape, quoteattr


def element(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """Add an element with a text or attributes."""
    child = SubElement(parent, tag, attributes)
    child.text = text
    return child


def render(root: Element, empty: Callable[[Element, str], list[str]]) -> str:
    """Return a tree as text: CRLF line ends, two spaces a level, no line end after the last line.

    Parameters
    ----------
    root : Element
        A tree in which every element has children, a text, or neither.
    empty : callable
        Returns the lines of an element with neither, given the element and its opening tag
        without brackets; formats differ there.
    """
    return "\r\n".join(_lines(root, 0, empty))


def _lines(node: Element, depth: int, empty: Callable[[Element, str], list[str]]) -> Iterator[str]:
    indent = "  " * depth
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in node.items())
    opening = f"{node.tag}{attributes}"
    if len(node):
        yield f"{indent}<{opening}>"
        for child in node:
            yield from _lines(child, depth + 1, empty)
        yield f"{indent}</{node.tag}>"
    elif node.text:
        yield f"{indent}<{opening}>{escape(node.text)}</{node.tag}>"
    else:
        yield from (f"{indent}{line}" for line in empty(node, opening))
