"""Names of parameters: older names of PyBaMM's parameters, and names PyBaMM does not have."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ionworks.doe.scalars import nearest
from ionworks.engine.cells.cell import INITIAL_TEMPERATURE
from ionworks.engine.cells.initial_state import NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION

INITIAL_SOC: Final = "Initial SOC"
INITIAL_VOLTAGE: Final = "Initial voltage [V]"

INITIAL_STATE_NAMES: Final = (
    INITIAL_SOC,
    INITIAL_VOLTAGE,
    INITIAL_TEMPERATURE,
    NEGATIVE_CONCENTRATION,
    POSITIVE_CONCENTRATION,
)
"""Parameters that set the initial state; PyBaMM does not have the first two."""

RENAMED: Final[dict[str, str]] = {
    "Negative electrode diffusivity [m2.s-1]": "Negative particle diffusivity [m2.s-1]",
    "Positive electrode diffusivity [m2.s-1]": "Positive particle diffusivity [m2.s-1]",
    "Cell capacity [A.h]": "Nominal cell capacity [A.h]",
    "1 + dlnf/dlnc": "Thermodynamic factor",
    "Negative electrode Bruggeman coefficient": (
        "Negative electrode Bruggeman coefficient (electrolyte)"
    ),
    "Positive electrode Bruggeman coefficient": (
        "Positive electrode Bruggeman coefficient (electrolyte)"
    ),
    "Separator Bruggeman coefficient": "Separator Bruggeman coefficient (electrolyte)",
    "Initial State of Charge": INITIAL_SOC,
    "Initial state of charge": INITIAL_SOC,
    "Initial SoC": INITIAL_SOC,
}
"""Older and other spellings -> PyBaMM's current name."""


def renamed(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a mapping with current names as keys, and a sentence for each change.

    Raises
    ------
    ValueError
        If a name is given in both spellings.
    """
    found: dict[str, Any] = {}
    notes = []
    for name, value in values.items():
        current = RENAMED.get(name, name)
        if current != name:
            if current in values:
                raise ValueError(f"{name!r} is the older name of {current!r}: give only one")
            notes.append(f"{name!r} is called {current!r} now; it was read under that name")
        found[current] = value
    return found, notes


def unknown_name(name: str, known: Iterable[str]) -> str:
    """Return the error message for a parameter that does not exist."""
    return f"unknown parameter {name!r}{nearest(name, known)}; give a parameter of the model"


def limit_names(electrode: str) -> tuple[str, str]:
    """Return the names of the stoichiometry limits of an electrode."""
    return f"Minimum {electrode} stoichiometry", f"Maximum {electrode} stoichiometry"
