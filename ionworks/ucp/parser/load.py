"""Documents as plain values: reading YAML without YAML's surprises."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from typing import Any, Final

from ionworks.ucp.parser.yaml_tree import DocumentError, Table, read_text, without_tabs
from ionworks.ucp.problems import UCPError

_NUMBER: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,300}")
_CLOCK: Final = re.compile(r"[0-9]{1,9}(?::[0-5]?[0-9]){1,2}")
_BOOLEANS: Final = {
    "yes": True,
    "true": True,
    "on": True,
    "no": False,
    "false": False,
    "off": False,
}
_TAG: Final = "tag:yaml.org,2002:"


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
        If it is not YAML, is refused (aliases, tags, size, depth, keys that are not text or are
        given twice), or is no mapping.
    """
    try:
        root, problems = read_text(text)
    except DocumentError as error:
        raise UCPError(str(error.problem)) from None
    if problems:
        raise UCPError("\n".join(map(str, problems)))
    if not isinstance(root, Table):
        raise UCPError("a protocol document is a mapping with 'steps'; this text is none")
    import yaml

    try:
        # Reading it above bounded its size and refused its aliases and foreign tags.
        document: dict[str, Any] = yaml.load(without_tabs(text), Loader=_loader())  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise UCPError(f"the text is not YAML: {error}") from None
    return document


@functools.cache
def _loader() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def construct_mapping(self: Any, node: Any, deep: bool = False) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            return dict(base.construct_mapping(self, node, deep))
        # A key is a name: the block called 1e-3 is not the one called 0.001.
        return {key.value: self.construct_object(value, deep) for key, value in node.value}

    parts = {"yaml_implicit_resolvers": {}, "construct_mapping": construct_mapping}
    loader: Any = type("PlainLoader", (base,), parts)
    for first, resolvers in base.yaml_implicit_resolvers.items():
        kept = [entry for entry in resolvers if entry[0] in (f"{_TAG}bool", f"{_TAG}null")]
        loader.yaml_implicit_resolvers[first] = kept
    pattern = re.compile(rf"^(?:{_NUMBER.pattern}|{_CLOCK.pattern})$")
    loader.add_implicit_resolver(f"{_TAG}float", pattern, list("-+.0123456789"))
    for name, reader in (("float", _number), ("int", _number), ("bool", _boolean)):
        loader.add_constructor(f"{_TAG}{name}", functools.partial(_constructed, reader))
    return loader


def _constructed(reader: Callable[[str], Any], loader: Any, node: Any) -> Any:
    return reader(loader.construct_scalar(node))


def _boolean(text: str) -> bool | str:
    """Return what a word of YAML says; a word that only a tag calls a boolean stays text."""
    return _BOOLEANS.get(text.lower(), text)


def _number(text: str) -> float | str:
    """Return the number a text says; the text itself where no JSON number says it."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if _CLOCK.fullmatch(text):
        return functools.reduce(lambda total, part: total * 60 + int(part), text.split(":"), 0)
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else text
