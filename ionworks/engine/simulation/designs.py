"""Checks of the design parameters of runs."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Final

from attrs import define

from ionworks.engine.cells.cell import (
    LOWER_CUTOFF,
    NOMINAL_CAPACITY,
    UPPER_CUTOFF,
    Cell,
)
from ionworks.engine.cells.plausibility import (
    LOWER_OCV,
    UPPER_OCV,
    Range,
    refuse_impossible,
    relations,
    unusual,
    usual_range,
)
from ionworks.engine.cells.registry import parameters
from ionworks.engine.cells.specification import finite
from ionworks.engine.names import design_parameter_problem

READ_PARAMETERS: Final = frozenset(
    (NOMINAL_CAPACITY, LOWER_CUTOFF, UPPER_CUTOFF, LOWER_OCV, UPPER_OCV)
)
"""Parameters whose values protocols and their initial states depend on."""

_NAMES_KEPT: Final = 1024


@define(eq=False, slots=False)
class Designs:
    """Checks the design parameters of the runs of a cell; those of names are made once a name.

    Attributes
    ----------
    cell : Cell
    """

    cell: Cell

    def checked(self, design: Mapping[str, Any]) -> dict[str, float]:
        """Return design parameters as numbers.

        Raises
        ------
        ValueError
            If one is unknown, set by the protocol, a function in this cell, not a finite number,
            or impossible, alone or together with the cell's other parameters.
        """
        for name in design:
            if (fault := self._fault(name)) is not None:
                raise ValueError(fault)
        numbers = {
            name: finite(value, f"design parameter {name!r}") for name, value in design.items()
        }
        scalars = self.cell.scalars
        related = [part for each in relations(tuple(numbers)) for part in each.parts]
        values = {name: scalars[name] for name in related if name in scalars} | numbers
        refuse_impossible(values, numbers, "design parameters")
        return numbers

    def remarks(self, design: Mapping[str, Any]) -> list[str]:
        """Return a sentence for each unusual value of a design.

        Raises
        ------
        ValueError
            As for `checked`.
        """
        ranges = self._ranges(tuple(design))
        # Nearly every run of a large sweep: all that can be said is known from the ranges.
        if ranges is not None and all(
            type(value) is float and low <= value <= high
            for value, (low, high) in zip(design.values(), ranges, strict=True)
        ):
            return []
        checked = self.checked(design)
        return [sentence for name in checked if (sentence := unusual(name, checked[name]))]

    def are_usual(self, designs: Mapping[str, Sequence[float]]) -> bool:
        """Return whether there are neither problems of nor remarks on any of many designs.

        Parameters
        ----------
        designs : mapping of str to sequence of float
            By parameter, its value in each design. False may also mean that this was not found out.
        """
        ranges = self._ranges(tuple(designs))
        return ranges is not None and all(
            # NaN is a float too, and may be neither the least nor the largest value.
            {*map(type, values)} == {float} and all(low <= value <= high for value in values)
            for values, (low, high) in zip(designs.values(), ranges, strict=True)
        )

    @cached_property
    def _known(self) -> dict[str, float | None]:
        return parameters(self.cell)

    @cached_property
    def _fault(self) -> Callable[[str], str | None]:
        return lru_cache(maxsize=_NAMES_KEPT)(self._find_fault)

    @cached_property
    def _ranges(self) -> Callable[[tuple[str, ...]], tuple[Range, ...] | None]:
        return lru_cache(maxsize=_NAMES_KEPT)(self._find_ranges)

    def _find_fault(self, name: str) -> str | None:
        """Return why a parameter cannot be a design parameter, None if it can."""
        return design_parameter_problem(name, self._known, self.cell.scalars)

    def _find_ranges(self, names: tuple[str, ...]) -> tuple[Range, ...] | None:
        """Return the usual ranges of some parameters, None if usual values may be invalid too."""
        if relations(names) or any(self._fault(name) for name in names):
            return None
        return tuple(map(usual_range, names))
