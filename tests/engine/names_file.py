"""The file of names that the engine knows without PyBaMM: written from models and parameter sets.

``python -m tests.engine.names_file`` (``make names``) writes it, for the PyBaMM that is installed.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from ionworks.engine import names
from ionworks.engine.catalogue import BUILT_IN, CIRCUIT, CIRCUIT_PARAMETER_SETS, PARAMETER_SETS
from ionworks.engine.cells.cell import Cell
from ionworks.engine.cells.registry import open_cell, parameters
from tests.paths import ROOT

PATH = ROOT / "ionworks" / "engine" / names.FILE


def content() -> dict[str, Any]:
    """Return what the file has to hold."""
    cells = {name: open_cell(model_with(name)) for name in (*PARAMETER_SETS, names.QUICK)}
    cells |= {name: open_cell({"type": CIRCUIT, "parameter_set": name}) for name in CIRCUIT_SETS}
    kinds = {name: _kinds(cell) for name, cell in cells.items()}
    sized = _kinds(open_cell({"type": "MPM", "parameter_set": "Chen2020"}))
    kinds[names.PARTICLE_SIZES] = {
        name: kind for name, kind in sized.items() if name not in kinds["Chen2020"]
    }
    variables = {name: _variables(open_cell(model_of(name))) for name in (*BUILT_IN, names.QUICK)}
    return {
        "pybamm": version("pybamm"),
        "parameters": _grouped(kinds),
        "variables": _grouped(variables),
    }


CIRCUIT_SETS = tuple(CIRCUIT_PARAMETER_SETS)


def model_of(name: str) -> dict[str, Any]:
    """Return the specification of a model with its default options."""
    if name == names.QUICK:
        return {"type": names.QUICK}
    return {"type": name, "parameter_set": CIRCUIT_SETS[0] if name == CIRCUIT else "Chen2020"}


def model_with(parameter_set: str) -> dict[str, Any]:
    """Return the specification of a model with a published set, or of a quick model."""
    if parameter_set == names.QUICK:
        return model_of(parameter_set)
    return {"type": "SPM", "parameter_set": parameter_set}


def _kinds(cell: Cell) -> dict[str, str]:
    known = parameters(cell)
    return {name: _kind(known, name) for name in cell.values}


def _kind(known: dict[str, float | None], name: str) -> str:
    if name not in known:
        return names.OTHER
    return names.FUNCTION if known[name] is None else names.NUMBER


def _variables(cell: Cell) -> dict[str, str]:
    return {
        name: names.SCALAR if is_scalar else names.SPATIAL
        for name, is_scalar in cell.variables.items()
    }


def _grouped(kinds: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    """Return names in groups that have the same owners and kind, which keeps the file small."""
    groups: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for name, kind in sorted({pair for found in kinds.values() for pair in found.items()}):
        owners = tuple(owner for owner, found in kinds.items() if found.get(name) == kind)
        groups.setdefault((owners, kind), []).append(name)
    return [
        {"in": owners, "kind": kind, "names": found} for (owners, kind), found in groups.items()
    ]


if __name__ == "__main__":
    PATH.write_text(json.dumps(content(), indent=1) + "\n", encoding="utf-8")
