"""Whether the parameters of a cell are plausible, functions at usual arguments included."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Cell
from ionworks.engine.cells.plausibility import impossible, unusual
from ionworks.engine.pybamm_setup import pybamm

_FRACTIONS: Final = (0.2, 0.5, 0.8)
"""Of a range. Its edges are left out, where potentials diverge and tables end."""

_SIDES: Final = ("Negative electrode", "Separator", "Positive electrode")


def refuse_impossible_functions(cell: Cell) -> None:
    """Raise a ValueError if a function has an impossible value at usual arguments."""
    for sample in sampled(cell, cell.changed):
        if problem := impossible(sample.name, sample.value, sample.at):
            raise ValueError(f"parameters: {problem}")


def unusual_values(cell: Cell) -> list[str]:
    """Return a sentence for each parameter of a cell's own that has an unusual value."""
    numbers = {name: cell.scalars[name] for name in cell.changed if name in cell.scalars}
    found = {name: unusual(name, value) for name, value in numbers.items()}
    for sample in sampled(cell, cell.changed):
        # One sentence for each function, at the first of its arguments.
        found[sample.name] = found.get(sample.name) or unusual(sample.name, sample.value, sample.at)
    return [sentence for sentence in found.values() if sentence]


@frozen
class Sample:
    """The value of a function at some arguments, and the arguments as text."""

    name: str
    value: float
    at: str


def sampled(cell: Cell, names: Iterable[str]) -> Iterator[Sample]:
    """Yield values of some parameters, as far as they are functions of usual arguments.

    Stoichiometries, concentrations, states of charge, temperatures, currents and the place in the
    cell are usual. A function of anything else has no values here.
    """
    asked = {name for name in names if name in cell.values and name not in cell.scalars}
    if not asked:
        return
    values = cell.values.copy()
    values.update(cell.fixed_inputs)
    for name, arguments in _arguments(cell.new_model()).items():
        if name not in asked:
            continue
        ranges = {argument: _range(argument, name, cell.scalars) for argument in arguments}
        for fraction in _FRACTIONS if all(ranges.values()) else ():
            point = {
                argument: ends[0] + fraction * (ends[1] - ends[0])
                for argument, ends in ranges.items()
                if ends is not None
            }
            scalars = {argument: pybamm.Scalar(value) for argument, value in point.items()}
            # A function from a table has an array of one value.
            value = np.asarray(values.evaluate(pybamm.FunctionParameter(name, scalars))).item()
            at = ", ".join(f"{argument.strip()} = {given:g}" for argument, given in point.items())
            yield Sample(name, float(value), at)


def _arguments(model: Any) -> dict[str, list[str]]:
    """Return the names of the arguments of each parameter that can be a function."""
    found = {}
    seen = set()
    pending = [*model.rhs.values(), *model.algebraic.values(), *model.variables.values()]
    while pending:
        node = pending.pop()
        if node not in seen:
            seen.add(node)
            pending.extend(node.children)
            if isinstance(node, pybamm.FunctionParameter):
                found[node.name] = list(node.input_names)
    return found


def _range(argument: str, name: str, scalars: Mapping[str, float]) -> tuple[float, float] | None:
    """Return the usual range of an argument, None if it has none."""
    for pattern, find in _RANGES:
        match = re.search(pattern, argument, re.IGNORECASE)
        if match:
            return find(match, name, scalars)
    return None


def _through_cell(_: Any, name: str, scalars: Mapping[str, float]) -> tuple[float, float] | None:
    """Return the ends of the electrode or separator a parameter belongs to."""
    lengths = [scalars.get(f"{side} thickness [m]", 0.0) for side in _SIDES]
    for place, side in enumerate(_SIDES):
        if side.split()[0] in name:
            return sum(lengths[:place]), sum(lengths[: place + 1])
    return None


def _surface(match: Any, _: str, scalars: Mapping[str, float]) -> tuple[float, float] | None:
    most = scalars.get(f"Maximum concentration in {match['side'].lower()} electrode [mol.m-3]")
    return None if most is None else (most if match["most"] else 0.0, most)


def _always(low: float, high: float) -> Callable[..., tuple[float, float]]:
    return lambda *_: (low, high)


_RANGES: Final[tuple[tuple[str, Callable[..., tuple[float, float] | None]], ...]] = (
    (r"(?P<most>maximum )?(?P<side>negative|positive) particle surface concentration", _surface),
    (r"stoichiometry$", _always(0, 1)),
    (r"^SoC$", _always(0, 1)),
    (r"electrolyte concentration \[mol.m-3\]$", _always(500, 1500)),
    (r"temperature \[K\]$", _always(298.15, 298.15)),
    (r"temperature \[degC\]$", _always(25, 25)),
    (r"^Current \[A\]$", _always(0, 0)),
    (r"^Open-circuit voltage \[V\]$", _always(3.5, 3.5)),
    (r"^Through-cell distance \(x\) \[m\]$", _through_cell),
    (r"distance \([yzr]\) \[m\]$", _always(0, 0)),
)
"""Words of an argument's name -> how its range is found."""
