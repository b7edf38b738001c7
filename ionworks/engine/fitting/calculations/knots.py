"""Values of a piecewise linear function at its breakpoints, from its slopes between them.

Along one dimension :math:`y_{i+1} = y_i + s_i (x_{i+1} - x_i)`.
"""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Final

from ionworks.engine.fitting.calculations.known import Known

_UNIT: Final = re.compile(r"(.*?)( \[[^\]]*\])?")


def slopes_to_knots(known: "Known | _Listening") -> dict[str, float]:
    """Return the values at the breakpoints of one parameter."""
    name, unit = _parts(known.element["base_parameter_name"])
    over = known.element["breakpoint_parameter_name"]
    points = known.element["breakpoint_values"]
    knots = [f"{name} at {over} {point:g}{unit}" for point in points]
    values = [known[knots[0]]]
    for low, high in pairwise(points):
        slope = known[f"{name} slope from {over} {low:g} to {high:g}{unit}"]
        values.append(values[-1] + slope * (high - low))
    return dict(zip(knots, values, strict=True))


def slopes_to_knots_2d(known: "Known | _Listening") -> dict[str, float]:
    """Return the values at the breakpoints of two parameters.

    The first row, at the first breakpoint of the second parameter, follows from the slopes along
    the first parameter; the others from the slopes along the second.
    """
    name, unit = _parts(known.element["base_parameter_name"])
    first, second = (known.element[f"breakpoint{n}_parameter_name"] for n in (1, 2))
    columns, rows = (known.element[f"breakpoint{n}_values"] for n in (1, 2))

    def knot(column: float, row: float) -> str:
        return f"{name} at {first} {column:g}, {second} {row:g}{unit}"

    found = {knot(columns[0], rows[0]): known[knot(columns[0], rows[0])]}
    for low, high in pairwise(columns):
        along = f"{name} {first}-slope from {first} {low:g} to {high:g}"
        slope = known[f"{along} at {second} {rows[0]:g}{unit}"]
        found[knot(high, rows[0])] = found[knot(low, rows[0])] + slope * (high - low)
    for column in columns:
        for low, high in pairwise(rows):
            along = f"{name} {second}-slope from {second} {low:g} to {high:g}"
            slope = known[f"{along} at {first} {column:g}{unit}"]
            found[knot(column, high)] = found[knot(column, low)] + slope * (high - low)
    return found


class _Listening:
    """Known parameters of a calculation that remember which were asked for.

    Parameters
    ----------
    element : mapping
        The calculation in the form of the wire.
    """

    def __init__(self, element: Mapping[str, Any]) -> None:
        self.element = element
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> float:
        """Return a number, and keep the name."""
        self.names.add(name)
        return 0.0


def names_read(
    calculation: Callable[["Known | _Listening"], object], element: Mapping[str, Any]
) -> set[str]:
    """Return the names of the parameters a calculation of this module takes."""
    listening = _Listening(element)
    calculation(listening)
    return listening.names


def _parts(name: str) -> tuple[str, str]:
    """Return a parameter's name without its unit, and the unit in brackets."""
    match = _UNIT.fullmatch(name)
    return (match[1], match[2] or "") if match else (name, "")
