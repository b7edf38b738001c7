"""Checks of data references in a pipeline configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ionworks.doe.scalars import nearest

__all__ = ["check_references"]

_PREFIXES: Final = ("db:", "file:", "folder:")
_DATA_KEYS: Final = ("data", "time_series", "steps")


def check_references(elements: Mapping[str, Mapping[str, Any]], where: str) -> None:
    """Check that every data reference has a valid form and an existing target.

    Parameters
    ----------
    elements : mapping
        Maps element name to configuration, in order. Text in place of data is
        ``db:<measurement id>``, ``file:<path>``, ``folder:<path>``, or ``<element>.<name>`` for an
        entry in ``values`` of an earlier element.
    where : str
        Name of the argument in messages.

    Raises
    ------
    ValueError
        If a text has another form, or refers to an element or value that does not exist.
    """
    earlier: dict[str, Any] = {}
    for name, element in elements.items():
        for place, reference in _references(element, f"{where}[{name!r}]"):
            if reference.startswith(_PREFIXES):
                _check_target(reference, place)
            else:
                _check_value(reference, place, earlier)
        earlier[name] = element.get("values")


def _references(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Yield the texts in place of data, each with its place in the configuration."""
    try:
        yield from _texts(value, where)
    except RecursionError:
        raise ValueError(f"{where} is nested too deeply, or contains itself") from None


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            place = f"{where}[{key!r}]"
            if isinstance(each, str) and key in _DATA_KEYS:
                yield place, each
            else:
                yield from _texts(each, place)
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from _texts(each, f"{where}[{index}]")


def _check_target(reference: str, where: str) -> None:
    prefix, _, target = reference.partition(":")
    if not target.strip():
        meant = "measurement id" if prefix == "db" else "path"
        raise ValueError(f"{where} is {reference!r} without a target: write {prefix}:<{meant}>")


def _check_value(reference: str, where: str, earlier: Mapping[str, Any]) -> None:
    """Check a reference to a value of an earlier element."""
    names = [name for name in earlier if reference.startswith(f"{name}.")]
    if not names:
        there = ", ".join(map(repr, earlier)) or "none yet"
        raise ValueError(
            f"{where} is {reference!r}{nearest(reference.partition('.')[0], earlier)}: refer to"
            " data as 'db:<measurement id>', 'file:<path>', 'folder:<path>', or as"
            f" '<element>.<name>' to a value of an earlier element ({there})"
        )
    element = max(names, key=len)
    values, key = earlier[element], reference[len(element) + 1 :]
    if isinstance(values, Mapping) and key not in values:
        raise ValueError(
            f"{where} is {reference!r}, and the element {element!r} has no value"
            f" {key!r}{nearest(key, map(str, values))}; it has {', '.join(map(repr, values))}"
        )
