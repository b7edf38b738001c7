"""Checks of a design, and its number of runs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sized
from typing import Any

from ionworks.doe.scalars import finite, integer, known_fields, nearest

__all__ = [
    "LARGEST_DESIGN",
    "ROW_FIELDS",
    "SAMPLINGS",
    "check",
    "count",
    "count_normalised",
    "from_design_parameters",
    "normalise",
    "without_effect",
]

SAMPLINGS = ("grid", "random", "latin_hypercube")
"""Sampling strategies."""

ROW_FIELDS: dict[str, tuple[str, ...]] = {
    "discrete": ("values",),
    "range": ("min", "max", "count"),
    "normal": ("mean", "std", "count"),
}
"""Fields of each row type in addition to ``type`` and ``name``."""

LARGEST_DESIGN = 1_000_000
"""Largest number of runs of one design."""

_LARGEST_SEED = 2**63 - 1
_DESIGN_KEYS = ("sampling", "rows", "count", "seed")
_ARGUMENT = "design_parameters_doe"
# Standard deviations beyond any value a 64-bit generator can draw. If mean plus this many
# deviations is finite, no drawn value overflows.
_FARTHEST_DEVIATION = 40.0


def check(doe: Mapping[str, Any]) -> None:
    """Raise an exception if a design is invalid.

    Parameters
    ----------
    doe : Mapping
        The design, see `ionworks.doe`.

    Raises
    ------
    ValueError
        For an unknown sampling, row type or key, a missing or invalid value, a duplicate name,
        inconsistent counts, or more than `LARGEST_DESIGN` runs.
    TypeError
        For a value of the wrong type; not for a design that matches the contract's schema.
    """
    normalise(doe)


def normalise(doe: Mapping[str, Any]) -> dict[str, Any]:
    """Check a design and convert it to JSON types.

    NumPy numbers become Python numbers; fields that are None are dropped.

    Parameters
    ----------
    doe : Mapping
        The design, see `ionworks.doe`.

    Returns
    -------
    dict
        The same design made of dict, list, str, int and float.

    Raises
    ------
    ValueError, TypeError
        As for `check`.
    """
    design = known_fields(doe, _ARGUMENT, _DESIGN_KEYS)
    clean: dict[str, Any] = {
        "sampling": _choice(design, "sampling", SAMPLINGS, _ARGUMENT),
        "rows": _rows(design.get("rows")),
    }
    if "count" in design:
        clean["count"] = integer(design["count"], f"{_ARGUMENT}.count", least=1, accept_floats=True)
    if "seed" in design:
        clean["seed"] = integer(
            design["seed"], f"{_ARGUMENT}.seed", least=0, most=_LARGEST_SEED, accept_floats=True
        )
    runs = count_normalised(clean)
    if runs > LARGEST_DESIGN:
        raise ValueError(
            f"{_ARGUMENT} asks for {runs} runs, more than the {LARGEST_DESIGN} allowed: use fewer"
            " values per row, or a random or latin_hypercube sampling with a count"
        )
    return clean


def count(doe: Mapping[str, Any]) -> int:
    """Return the number of runs of a design.

    Raises
    ------
    ValueError, TypeError
        As for `check`.
    """
    return count_normalised(normalise(doe))


def count_normalised(design: Mapping[str, Any]) -> int:
    """Return the number of runs of a normalised design."""
    rows = design["rows"]
    if design["sampling"] == "grid":
        return _grid_count(rows, design.get("count"))
    if "count" in design:
        return int(design["count"])
    counts = {row["count"] for row in rows if row.get("count", 1) > 1}
    if len(counts) > 1:
        raise ValueError(
            f"{_ARGUMENT}: the rows disagree on the number of runs ({sorted(counts)}); with"
            f" sampling {design['sampling']!r} give {_ARGUMENT}.count instead"
        )
    return max(counts, default=1)


def without_effect(doe: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each field of a design that changes nothing.

    Parameters
    ----------
    doe : Mapping
        The design, see `ionworks.doe`.

    Raises
    ------
    ValueError, TypeError
        As for `check`.
    """
    design = normalise(doe)
    runs, rows = count_normalised(design), design["rows"]
    is_grid = design["sampling"] == "grid"
    found = []
    if "seed" in design and is_grid and all(row["type"] != "normal" for row in rows):
        found.append(f"{_ARGUMENT}.seed has no effect: this grid has no random values")
    for index, row in enumerate(rows):
        place = f"{_ARGUMENT}.rows[{index}]"
        if is_grid and row["type"] == "range" and row["count"] == 1:
            found.append(
                f"{place}.max has no effect: with a count of 1 the only value of"
                f" {row['name']!r} is its min"
            )
        elif not is_grid and row.get("count", runs) != runs:
            found.append(
                f"{place}.count has no effect: with sampling {design['sampling']!r} each of the"
                f" {runs} runs has its own value of {row['name']!r}"
            )
    return found


def from_design_parameters(design_parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the design with a single run that has the given parameters.

    Parameters
    ----------
    design_parameters : Mapping
        ``{name: value}``, at least one.

    Returns
    -------
    dict
        A grid with one discrete row per parameter, each with one value.

    Raises
    ------
    ValueError
        If there is no parameter, or a value is not finite.
    TypeError
        If a name is not text or a value not a number.
    """
    if not isinstance(design_parameters, Mapping):
        raise TypeError(
            "design_parameters must be a mapping {name: number},"
            f" not {type(design_parameters).__name__}"
        )
    if not design_parameters:
        raise ValueError("design_parameters is empty: omit it to run the model without changes")
    rows = []
    for name, value in design_parameters.items():
        _check_name(name, "a name in design_parameters")
        number = finite(value, f"design_parameters[{name!r}]")
        rows.append({"type": "discrete", "name": name, "values": [number]})
    return {"sampling": "grid", "rows": rows}


def _grid_count(rows: list[dict[str, Any]], stated: int | None) -> int:
    for index, row in enumerate(rows):
        if "values" not in row and "count" not in row:
            raise ValueError(
                f"{_ARGUMENT}.rows[{index}].count is missing: in a grid a row of type"
                f" {row['type']!r} needs its number of values"
            )
    runs = math.prod(len(row["values"]) if "values" in row else row["count"] for row in rows)
    if stated is not None and stated != runs:
        raise ValueError(
            f"{_ARGUMENT}.count is {stated}, but the grid has {runs} runs: omit it, or use"
            " sampling 'random' or 'latin_hypercube'"
        )
    return runs


def _rows(rows: Any) -> list[dict[str, Any]]:
    where = f"{_ARGUMENT}.rows"
    if rows is None:
        raise ValueError(f"{where} is missing: give a list of rows, one for each parameter")
    items = _items(rows, where)
    if not items:
        raise ValueError(f"{where} is empty: give at least one row, or omit {_ARGUMENT}")
    clean = [_row(row, f"{where}[{index}]") for index, row in enumerate(items)]
    seen: set[str] = set()
    for index, row in enumerate(clean):
        if row["name"] in seen:
            raise ValueError(
                f"{where}[{index}].name {row['name']!r} occurs twice: give one row per parameter"
            )
        seen.add(row["name"])
    return clean


def _row(row: Any, where: str) -> dict[str, Any]:
    every_field = ("type", "name", *dict.fromkeys(itertools.chain(*ROW_FIELDS.values())))
    fields = known_fields(row, where, every_field)
    kind = _choice(fields, "type", tuple(ROW_FIELDS), where)
    if "name" not in fields:
        raise ValueError(f"{where}.name is missing: name the parameter to vary")
    _check_name(fields["name"], f"{where}.name")
    wanted = ROW_FIELDS[kind]
    foreign = [key for key in fields if key not in ("type", "name", *wanted)]
    if foreign:
        raise ValueError(
            f"{where}.{foreign[0]} is not a field of a row of type {kind!r};"
            f" valid fields: {', '.join(wanted)}"
        )
    # A count can be missing here because the top level can have one; _grid_count requires it.
    missing = [key for key in wanted if key not in fields and key != "count"]
    if missing:
        raise ValueError(
            f"{where}.{missing[0]} is missing: a row of type {kind!r} needs {', '.join(wanted)}"
        )
    return {"type": kind, "name": fields["name"], **_row_values(kind, fields, where)}


def _row_values(kind: str, fields: Mapping[str, Any], where: str) -> dict[str, Any]:
    if kind == "discrete":
        return {"values": _values(fields["values"], f"{where}.values")}
    clean: dict[str, Any] = {
        key: finite(fields[key], f"{where}.{key}") for key in ROW_FIELDS[kind] if key != "count"
    }
    if kind == "range" and clean["min"] >= clean["max"]:
        raise ValueError(
            f"{where}.min ({clean['min']!r}) must be below {where}.max ({clean['max']!r});"
            " for a single value use a row of type 'discrete'"
        )
    if kind == "normal":
        if clean["std"] < 0:
            raise ValueError(f"{where}.std must not be negative, not {clean['std']!r}")
        if not math.isfinite(abs(clean["mean"]) + _FARTHEST_DEVIATION * clean["std"]):
            raise ValueError(f"{where}.std ({clean['std']!r}) is too large to draw finite values")
    if "count" in fields:
        clean["count"] = integer(fields["count"], f"{where}.count", least=1, accept_floats=True)
    return clean


def _values(values: Any, where: str) -> list[float]:
    items = _items(values, where)
    if not items:
        raise ValueError(f"{where} is empty: give at least one number")
    return [finite(value, f"{where}[{index}]") for index, value in enumerate(items)]


def _items(values: Any, where: str) -> list[Any]:
    """Return the items of a list, tuple, array or series; sets are rejected as unordered."""
    is_list = isinstance(values, Iterable) and isinstance(values, Sized)
    if not is_list or isinstance(values, (str, bytes, Mapping, set, frozenset)):
        raise TypeError(f"{where} must be a list, not {values!r} ({type(values).__name__})")
    return list(values)


def _choice(fields: Mapping[str, Any], key: str, known: tuple[str, ...], where: str) -> str:
    value = fields.get(key)
    if value is None:
        raise ValueError(f"{where}.{key} is missing: give one of {', '.join(known)}")
    if not isinstance(value, str):
        raise TypeError(f"{where}.{key} must be one of {', '.join(known)}, not {value!r}")
    if value not in known:
        raise ValueError(
            f"{where}.{key} {value!r} is unknown{nearest(value, known)}; valid: {', '.join(known)}"
        )
    # A str enum member is replaced by the plain string.
    return known[known.index(value)]


def _check_name(name: Any, where: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"{where} must be text, not {name!r} ({type(name).__name__})")
    if not name.strip():
        raise ValueError(f"{where} is empty: name the parameter to vary")
