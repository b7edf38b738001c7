"""How the results of a pipeline were made."""

from collections.abc import Mapping
from typing import Any, Final

from ionworks.engine.cells.symbols import digest_of
from ionworks.engine.fitting.element_types import ACCEPTED_TYPES
from ionworks.engine.fitting.elements.fit_reader import DEFAULT_SEED
from ionworks.engine.fitting.forward_model.forward import TOLERANCES
from ionworks.engine.provenance import SOLVER, as_tolerances, versions

_OPTIMIZERS: Final = ("scipy", "cma", "pints")
"""Packages with the optimizers of fits."""

_DRAW: Final = ("data_fit", "array_data_fit", "sobol_sensitivity")
"""Types of elements with random numbers."""


def provenance_of(elements: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return how the elements of a pipeline are computed here.

    Parameters
    ----------
    elements : mapping
        Name -> element in the form of the wire, plain JSON.

    Returns
    -------
    dict
        ``versions`` by package, ``solver``, ``tolerances`` of the simulations of fits,
        ``configuration_digest``, and ``seeds`` by element.
    """
    return {
        "versions": versions(*_OPTIMIZERS),
        "solver": SOLVER,
        "tolerances": {"fit": as_tolerances(TOLERANCES)},
        "configuration_digest": digest_of(elements),
        "seeds": {
            name: _seed(element)
            for name, element in elements.items()
            if ACCEPTED_TYPES.get(str(element.get("element_type"))) in _DRAW
        },
    }


def _seed(element: Mapping[str, Any]) -> int:
    seed = (element.get("options") or {}).get("seed")
    return DEFAULT_SEED if seed is None else int(seed)
