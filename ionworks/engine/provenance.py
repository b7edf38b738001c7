"""How a result was made: versions, solver, tolerances and mesh. Nothing tells of the machine."""

import platform
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import metadata
from typing import Any, Final

from ionworks.engine.cells.cell import Cell
from ionworks.engine.cells.registry import open_cell
from ionworks.engine.solver.models import CONTROLS, tolerances_of

SOLVER: Final = "IDAKLU"
_SHAPES: Final = {"constant": "", "ramp": ", varying", "sine": ", sine"}
"""Shape of a set point -> the words for it after the name of the control."""

_PACKAGES: Final = ("ionworks-api", "pybamm", "pybammsolvers", "casadi", "numpy")


def versions(*optional: str) -> dict[str, str | None]:
    """Return the versions of Python and of the packages that results depend on.

    None for a package that runs from a source tree without being installed.

    Parameters
    ----------
    *optional : str
        Further packages, which are left out if they are not installed.
    """
    further = {name: version for name in optional if (version := _version(name)) is not None}
    own = {name: _version(name) for name in _PACKAGES}
    return {**own, **further, "python": platform.python_version()}


def provenance_of(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return how simulations of a model are made here.

    Parameters
    ----------
    model : mapping
        A model specification, see `read_specification`.

    Returns
    -------
    dict
        ``versions`` by package; ``solver``; ``tolerances``, relative and absolute by what a step
        controls; ``mesh``, the number of points by spatial variable of the model.

    Raises
    ------
    ValueError
        If the specification is not usable.
    """
    return {"versions": versions(), "solver": SOLVER, **_numerics(open_cell(model))}


# A cell is equal only to itself, and is opened once in a process. Each one in this cache stays in
# memory; the chunks that a worker runs one after another are mostly of the same cell.
@lru_cache(maxsize=4)
def _numerics(cell: Cell) -> dict[str, Any]:
    reference = cell.reference
    parts = cell.discretisation(reference)
    # PyBaMM has numbers of points for the variables of all its models.
    own = {
        getattr(variable, "name", variable)
        for variables in parts.geometry.values()
        for variable, limits in variables.items()
        if "min" in limits
    }
    states = {variable.name for variable in (*reference.rhs, *reference.algebraic)}
    return {
        "tolerances": {
            f"{control}{words}": as_tolerances(tolerances_of(control, shape, states))
            for control in CONTROLS
            for shape, words in _SHAPES.items()
        },
        "mesh": {name: count for name, count in sorted(parts.var_pts.items()) if name in own},
    }


def as_tolerances(pair: tuple[float, float]) -> dict[str, float]:
    """Return relative and absolute tolerance with their names."""
    relative, absolute = pair
    return {"relative": relative, "absolute": absolute}


@cache
def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
