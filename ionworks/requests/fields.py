"""Checks of values in a config or argument; each message gives the place and the problem."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ionworks.doe.scalars import finite, integer, nearest

__all__ = ["boolean", "named", "names", "new_name", "number", "one_of", "text", "worker_count"]

_MOST_WORKERS = 64


def named(values: Any, where: str) -> Mapping[str, Any]:
    """Check that a value is a mapping whose keys are names."""
    if not isinstance(values, Mapping):
        raise TypeError(
            f"{where} must be a mapping {{name: value}}, not {type(values).__name__} {values!r}"
        )
    for name in values:
        if not isinstance(name, str):
            raise TypeError(f"{where} has a key that is not text: {name!r}")
        if not name.strip():
            raise ValueError(f"{where} has an empty name: every key must be a name")
    return values


def names(values: Any, where: str) -> list[str]:
    """Check a name, or names, of which there is at least one."""
    if isinstance(values, str):
        return [text(values, where)]
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        raise TypeError(f"{where} must be a name or a list of names, not {values!r}")
    found = [text(value, f"{where}[{index}]") for index, value in enumerate(values)]
    if not found:
        raise ValueError(f"{where} is empty: give at least one name, or omit it")
    return [*dict.fromkeys(found)]


def number(value: Any, where: str, alternative: str = "") -> float | int:
    """Check a finite number; integers stay int, because some inputs are counts."""
    if type(value) is float:
        return finite(value, where)
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        wanted = f"a number {alternative}".rstrip()
        raise TypeError(f"{where} must be {wanted}, not {value!r} ({type(value).__name__})")
    real = finite(value, where)
    return int(value) if isinstance(value, numbers.Integral) else real


def text(value: Any, where: str) -> str:
    """Check that a value is text that is not empty."""
    if not isinstance(value, str):
        raise TypeError(f"{where} must be text, not {type(value).__name__} {value!r}")
    if not value.strip():
        raise ValueError(f"{where} is empty: give text, or omit it if it is optional")
    return value


def boolean(value: Any, where: str) -> bool:
    """Check that a value is True or False; other truthy values are rejected."""
    if not isinstance(value, bool):
        raise TypeError(f"{where} must be True or False, not {value!r}")
    return value


def one_of(value: Any, where: str, choices: Sequence[str]) -> str:
    """Check that a value is one of some texts."""
    if not isinstance(value, str) or value not in choices:
        near = nearest(value, choices) if isinstance(value, str) else ""
        raise ValueError(f"{where} must be one of {', '.join(choices)}, not {value!r}{near}")
    return value


def worker_count(max_workers: Any) -> int:
    """Check how many results may be read concurrently: 1 to 64."""
    return integer(max_workers, "max_workers", least=1, most=_MOST_WORKERS)


def new_name(name: Any, description: Any) -> dict[str, str]:
    """Return the new name and description of a record, those that are not None.

    Raises
    ------
    TypeError, ValueError
        If one is not text, the name is empty, or neither is given.
    """
    given = {"name": name, "description": description}
    changes = {key: value for key, value in given.items() if value is not None}
    if not changes:
        raise ValueError("nothing to change: give name, description or both")
    if name is not None:
        text(name, "name")
    # An empty description is valid: it removes the old one.
    if description is not None and not isinstance(description, str):
        raise TypeError(f"description must be text, not {description!r}")
    return changes
