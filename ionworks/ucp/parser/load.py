"""Documents as plain values: YAML read without the surprises of YAML 1.1."""

from __future__ import annotations

import functools
import math
import re
from typing import Any, Final

from ionworks.ucp.parser.yaml_tree import (
    BOOLEANS,
    DocumentError,
    Listing,
    Node,
    Scalar,
    Table,
    read_tree,
)
from ionworks.ucp.problems import UCPError

_NUMBER: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,300}")
_CLOCK: Final = re.compile(r"[0-9]{1,9}(?::[0-5]?[0-9]){1,2}")


def load(text: str) -> dict[str, Any]:
    """Read the text of a document as plain values, without checking that it is a protocol.

    Numbers are decimal (``010`` is 10, ``1e-3`` is 0.001), ``1:30:00`` is 5400, dates stay text,
    and so do all keys.

    Parameters
    ----------
    text : str
        YAML or JSON.

    Returns
    -------
    dict
        Mappings, lists, texts, numbers, booleans and None.

    Raises
    ------
    UCPError
        If the text is not YAML, not a mapping, too large or nested too deep, or if it contains
        aliases, tags of other languages, or keys that are repeated or not text.
    """
    try:
        root, problems = read_tree(text)
    except DocumentError as error:
        raise UCPError(str(error.problem)) from None
    if problems:
        raise UCPError("\n".join(map(str, problems)))
    if not isinstance(root, Table):
        raise UCPError("a protocol document must be a mapping with 'steps'")
    return {key.text: _plain(child) for key, child in root.entries}


def _plain(node: Node) -> Any:
    match node:
        case Table():
            return {key.text: _plain(child) for key, child in node.entries}
        case Listing():
            return [_plain(child) for child in node.items]
        case Scalar():
            return _plain_scalar(node)


def _plain_scalar(scalar: Scalar) -> Any:
    value = scalar.value
    if not isinstance(value, str):
        return value
    match scalar.tag:
        case "str":
            return value
        case "bool":
            return BOOLEANS.get(value.lower(), value)
        case "null":
            return None
    return _number(value)


def _number(text: str) -> float | str:
    """Return the number a text spells, or the text itself if JSON has no such number."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if _CLOCK.fullmatch(text):
        return functools.reduce(lambda total, part: total * 60 + int(part), text.split(":"), 0)
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else text
