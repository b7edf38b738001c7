"""Parameter values from what a cell specification says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ionworks.server.submission.units import converted, unit_in

#: What an entry takes that maps nothing: the ratings with one meaning only.
RATINGS: Final = {
    "Nominal cell capacity [A.h]": "ratings.capacity",
    "Lower voltage cut-off [V]": "ratings.voltage_min",
    "Upper voltage cut-off [V]": "ratings.voltage_max",
}


def parameter_values(
    specification: Mapping[str, Any], mapping: Mapping[str, Any] | None
) -> tuple[dict[str, float | str], dict[str, dict[str, Any]]]:
    """Return parameter values, and where each comes from.

    Parameters
    ----------
    specification : mapping
        A cell specification, the values of its materials filled in.
    mapping : mapping, optional
        Parameter name -> where in the specification its value stands, keys joined by dots. Without
        it those of `RATINGS` that the cell is rated for.

    Returns
    -------
    tuple of dict
        Name -> number in the unit in the parameter's name, or a text; and name -> ``path``,
        ``value`` and ``unit`` as the specification has them, of numbers.

    Raises
    ------
    ValueError
        If the specification has no such place, there is no value there, or its unit does not fit.
    """
    ratings = specification.get("ratings") or {}
    paths = mapping or {
        name: path for name, path in RATINGS.items() if path.split(".")[1] in ratings
    }
    if not paths:
        raise ValueError(f"is rated for none of {', '.join(RATINGS.values())}: give a 'mapping'")
    values: dict[str, float | str] = {}
    provenance = {}
    for name, path in paths.items():
        if not isinstance(path, str):
            raise ValueError(
                f"has no place {path!r} for {name!r}: give one such as ratings.capacity"
            )
        found = _at(specification, path)
        if isinstance(found, str):
            values[name] = found
            continue
        value, unit = _quantity(found, path, unit_in(name))
        try:
            values[name] = converted(value, unit, unit_in(name))
        except ValueError as error:
            raise ValueError(f"{path!r} for {name!r}: {error}") from None
        provenance[name] = {"path": path, "value": value, "unit": unit}
    return values, provenance


def _quantity(found: Any, path: str, wanted: str) -> tuple[float, str]:
    """Return number and unit of a value; a bare number has the unit that is wanted."""
    given = found if isinstance(found, Mapping) else {"value": found, "unit": wanted}
    value, unit = given.get("value"), given.get("unit")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{path!r} is {found!r}, and no number with a unit")
    return float(value), str(unit or "")


def _at(specification: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a place; keys may have dots in them themselves."""
    for found in _places(specification, path):
        return found
    known = ", ".join(_known(specification))
    raise ValueError(f"has nothing at {path!r}; it has {known or 'no values'}")


def _places(node: Any, path: str) -> Iterator[Any]:
    if not isinstance(node, Mapping):
        return
    if node.get(path) is not None:
        yield node[path]
    dots = [place for place, letter in enumerate(path) if letter == "."]
    for dot in dots:
        if path[:dot] in node:
            yield from _places(node[path[:dot]], path[dot + 1 :])


def _known(node: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Yield the places that hold quantities."""
    for name, part in node.items():
        if not isinstance(part, Mapping):
            continue
        if "value" in part and "unit" in part:
            yield f"{before}{name}"
        else:
            yield from _known(part, f"{before}{name}.")
