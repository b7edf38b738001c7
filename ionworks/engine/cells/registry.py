"""The cells of this process, each opened once for its specification."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ionworks.engine.catalogue import CIRCUIT
from ionworks.engine.cells.cell import Cell
from ionworks.engine.cells.circuit import CircuitCell
from ionworks.engine.cells.custom import CustomCell
from ionworks.engine.cells.lithium_ion import LithiumIonCell
from ionworks.engine.cells.quick import QuickCell
from ionworks.engine.cells.specification import (
    CUSTOM,
    QuickSpecification,
    Specification,
    read_specification,
)

_CELLS_KEPT: Final = 64


def open_cell(model: Mapping[str, Any]) -> Cell:
    """Return the cell of a specification; equal specifications share one cell.

    Raises
    ------
    ValueError
        If the specification is not valid.
    """
    return _opened(read_specification(model))


@lru_cache(maxsize=_CELLS_KEPT)
def _opened(specification: Specification) -> Cell:
    if isinstance(specification, QuickSpecification):
        return QuickCell(specification)
    kinds: dict[str, type[LithiumIonCell | CircuitCell | CustomCell]] = {
        CUSTOM: CustomCell,
        CIRCUIT: CircuitCell,
    }
    return kinds.get(specification.model, LithiumIonCell)(specification)


def parameters(cell: Cell) -> dict[str, float | None]:
    """Return a cell's parameters: the number, or None for a function."""
    return {
        name: cell.scalars.get(name)
        for name, value in cell.values.items()
        if not isinstance(value, str | list)
    }
