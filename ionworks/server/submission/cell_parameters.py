"""Parameter values taken from a cell specification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ionworks.ucp.quantities import converted, unit_in

#: Mapping of an entry without one: the ratings that are the same quantity in every cell.
RATINGS: Final = {
    "Nominal cell capacity [A.h]": "ratings.capacity",
    "Lower voltage cut-off [V]": "ratings.voltage_min",
    "Upper voltage cut-off [V]": "ratings.voltage_max",
}


def parameter_values(
    specification: Mapping[str, Any], mapping: Mapping[str, Any] | None
) -> tuple[dict[str, float | str], dict[str, dict[str, Any]]]:
    """Return parameter values and their provenance.

    Parameters
    ----------
    specification : mapping
        A cell specification, with the values of its materials filled in.
    mapping : mapping, optional
        Parameter name -> path of its value in the specification, keys joined by dots. By default
        those of `RATINGS` that the cell has.

    Returns
    -------
    tuple of dict
        Name -> number in the unit of the parameter's name, or a text; and, for the numbers, name
        -> ``path``, ``value`` and ``unit`` in the specification.

    Raises
    ------
    ValueError
        If a path does not exist or holds no value, or the unit does not fit the parameter.
    """
    ratings = specification.get("ratings") or {}
    paths = mapping or {
        name: path for name, path in RATINGS.items() if path.split(".")[1] in ratings
    }
    if not paths:
        raise ValueError(f"has none of {', '.join(RATINGS.values())}: give a 'mapping'")
    values: dict[str, float | str] = {}
    provenance = {}
    for name, path in paths.items():
        if not isinstance(path, str):
            raise ValueError(
                f"has no path {path!r} for {name!r}: give a text such as ratings.capacity"
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
    """Return the number and unit of a value; a number without unit is in the wanted one."""
    given = found if isinstance(found, Mapping) else {"value": found, "unit": wanted}
    value, unit = given.get("value"), given.get("unit")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{path!r} is {found!r}: it must be a number with a unit")
    return float(value), str(unit or "")


def _at(specification: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path; keys may contain dots."""
    for found in _matches(specification, path):
        return found
    known = ", ".join(_known(specification))
    raise ValueError(f"has no value at {path!r}; paths with values: {known or 'none'}")


def _matches(node: Any, path: str) -> Iterator[Any]:
    if not isinstance(node, Mapping):
        return
    if node.get(path) is not None:
        yield node[path]
    # Every dot may be a separator or part of a key, as in `Young's modulus at 0.5 C`.
    dots = [index for index, letter in enumerate(path) if letter == "."]
    for dot in dots:
        if path[:dot] in node:
            yield from _matches(node[path[:dot]], path[dot + 1 :])


def _known(node: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Yield the paths of quantities."""
    for name, part in node.items():
        if not isinstance(part, Mapping):
            continue
        if "value" in part and "unit" in part:
            yield f"{before}{name}"
        else:
            yield from _known(part, f"{before}{name}.")
