"""Finding placeholders, ``input["name"]``, in text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_OPENING: Final = re.compile(r"""input\[\s*(["'])""")
_LINE_BREAK: Final = re.compile(r"[\r\n]")
_CLOSING: Final = {
    '"': re.compile(r'"\s*\]|[\r\n]'),
    "'": re.compile(r"'\s*\]|[\r\n]"),
}


def scan_input(text: str, start: int) -> tuple[str, int] | None:
    """Read the placeholder that begins at ``start``.

    Returns
    -------
    tuple of str and int, or None
        The name and the position after the closing bracket; None without a complete placeholder.
        A name may contain brackets and the other quote, but no line break.
    """
    opening = _OPENING.match(text, start)
    if opening is None:
        return None
    closing = _CLOSING[opening.group(1)].search(text, opening.end())
    if closing is None or not closing.group().endswith("]"):
        return None
    return text[opening.end() : closing.start()], closing.end()


def input_names(text: str) -> Iterator[str]:
    """Yield the names of all placeholders in a text, in order, repetitions included."""
    for line in _LINE_BREAK.split(text):
        position = 0
        # Without this set, many openings without an end would each search the rest of the line.
        unclosed: set[str] = set()
        while (opening := _OPENING.search(line, position)) is not None:
            quote = opening.group(1)
            closing = None if quote in unclosed else _CLOSING[quote].search(line, opening.end())
            if closing is None:
                unclosed.add(quote)
                position = opening.end()
                continue
            yield line[opening.end() : closing.start()]
            position = closing.end()


def contains_input(text: str) -> bool:
    """Return whether a text contains a complete placeholder."""
    return next(input_names(text), None) is not None
