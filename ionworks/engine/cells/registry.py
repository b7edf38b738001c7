"""The cells this process has opened, and what they offer by name."""

from collections import OrderedDict
from collections.abc import Mapping
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
_cells: OrderedDict[str, Cell] = OrderedDict()


def open_cell(model: Mapping[str, Any]) -> Cell:
    """Return the cell of a specification, remembered for the next call.

    Raises
    ------
    ValueError
        If the specification is not usable.
    """
    specification = read_specification(model)
    key = repr(specification)
    if key not in _cells:
        _cells[key] = _opened(specification)
        if len(_cells) > _CELLS_KEPT:
            _cells.popitem(last=False)
    _cells.move_to_end(key)
    return _cells[key]


def _opened(specification: Specification) -> Cell:
    if isinstance(specification, QuickSpecification):
        return QuickCell(specification)
    kinds: dict[str, type[LithiumIonCell | CircuitCell | CustomCell]] = {
        CUSTOM: CustomCell,
        CIRCUIT: CircuitCell,
    }
    return kinds.get(specification.model, LithiumIonCell)(specification)


def parameters(cell: Cell) -> dict[str, float | None]:
    """Return a cell's parameters: the number, or None where it is a function."""
    return {
        name: cell.scalars.get(name)
        for name, value in cell.values.items()
        if not isinstance(value, str | list)
    }
