"""The references PyBaMM names for what a run uses."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ionworks.engine.cells.cell import Cell
from ionworks.engine.cells.initial_state import Stoichiometries
from ionworks.engine.cells.registry import open_cell
from ionworks.engine.cells.specification import QuickSpecification, read_specification
from ionworks.engine.pybamm_setup import pybamm
from ionworks.engine.solver.models import BuiltModels

_BALANCE: Final = ("Mohtat2019", "Virtanen2020", "Weng2023")
"""What PyBaMM registers with its solver of the initial state, whose equations the engine solves."""

_ENTRY: Final = re.compile(r"^@\w+\{\s*([^,\s]+)\s*,", re.MULTILINE)


class _Recorder(pybamm.Citations):
    """Citations of PyBaMM that remember each key, also where a package to read them is missing."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        super().__init__()

    def register(self, key: str) -> None:
        """Remember a key of PyBaMM's references, or an entry in BibTeX."""
        self.keys.append(key)


def citations(model: Mapping[str, Any]) -> str:
    """Return the references of a model, its parameter set and its solver.

    Parameters
    ----------
    model : mapping
        A model specification, see `read_specification`.

    Returns
    -------
    str
        Entries in BibTeX, as PyBaMM has them, sorted by their keys.

    Raises
    ------
    ValueError
        If the specification is not usable.
    """
    cell = open_cell(model)
    specification = read_specification(model)
    keys = set(_registered(cell))
    keys.update(_of_set(specification.parameter_set))
    if isinstance(specification, QuickSpecification):
        # Its open-circuit voltage is that of a lithium-ion cell.
        keys.update(
            _registered(open_cell({"type": "SPM", "parameter_set": specification.parameter_set}))
        )
    entries = _entries()
    return "\n\n".join(entries.get(key, key.strip()) for key in sorted(keys)) + "\n"


def _registered(cell: Cell) -> list[str]:
    """Return what PyBaMM registers while a cell's model is built, with its solver."""
    recorder, usual = _Recorder(), pybamm.citations
    pybamm.citations = recorder
    try:
        # Not from the cache of built models: PyBaMM registers a reference when something is made.
        models = BuiltModels(cell, tuple(sorted(cell.fixed_inputs)), (), 1)
        models.of("current")
        if isinstance(models.initial_states, Stoichiometries):
            recorder.keys += _BALANCE
        pybamm.IDAKLUSolver()
    finally:
        pybamm.citations = usual
    return recorder.keys


def _of_set(parameter_set: str | None) -> list[str]:
    if parameter_set is None:
        return []
    return [*pybamm.parameter_sets[parameter_set].get("citations", [])]


def _entries() -> dict[str, str]:
    """Return PyBaMM's references by their keys."""
    file = Path(pybamm.__path__[0]) / "CITATIONS.bib"
    text = file.read_text(encoding="utf-8")
    starts = [*_ENTRY.finditer(text)]
    ends = [*(found.start() for found in starts[1:]), len(text)]
    return {
        found[1]: text[found.start() : end].strip() for found, end in zip(starts, ends, strict=True)
    }
