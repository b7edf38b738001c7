"""Names of parameters: older names of PyBaMM's parameters, and names PyBaMM does not have."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ionworks.doe.scalars import nearest
from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE
from ionworks.engine.cells.initial_state import NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION
from ionworks.engine.cells.specification import finite

INITIAL_SOC: Final = "Initial SOC"
INITIAL_SOC_PERCENT: Final = "Initial SOC [%]"
INITIAL_VOLTAGE: Final = "Initial voltage [V]"

INITIAL_STATE_NAMES: Final = (
    INITIAL_SOC,
    INITIAL_VOLTAGE,
    INITIAL_TEMPERATURE,
    NEGATIVE_CONCENTRATION,
    POSITIVE_CONCENTRATION,
)
"""Parameters that set the initial state; PyBaMM does not have the first two."""

_NUMBERS: Final = (INITIAL_SOC, INITIAL_VOLTAGE, INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE)
"""Values that the engine itself reads, so that they cannot be expressions."""

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


def parameter_values(values: Mapping[str, Any], where: str) -> tuple[dict[str, Any], list[str]]:
    """Return parameter values by their current names, and a sentence for each change.

    ``Initial SOC [%]`` becomes the fraction ``Initial SOC``.

    Parameters
    ----------
    values : mapping
    where : str
        Their place in messages.

    Raises
    ------
    ValueError
        If a name is given in both spellings, if two values set the initial state of charge, or if
        one that sets the initial state is not a number.
    """
    found, notes = renamed(values)
    if INITIAL_SOC_PERCENT in found:
        if INITIAL_SOC in found:
            raise ValueError(
                f"{where}: {INITIAL_SOC_PERCENT!r} and {INITIAL_SOC!r} are the same in percent and "
                "as a fraction: give only one"
            )
        percent = finite(found.pop(INITIAL_SOC_PERCENT), f"{where}: {INITIAL_SOC_PERCENT!r}")
        if not 0 <= percent <= 100:
            raise ValueError(
                f"{where}: {INITIAL_SOC_PERCENT!r} is {percent:g}; it lies between 0 and 100"
            )
        if 0 < percent <= 1:
            notes.append(f"{INITIAL_SOC_PERCENT!r} is {percent:g} percent; a full cell has 100")
        found[INITIAL_SOC] = percent / 100
    if INITIAL_SOC in found and INITIAL_VOLTAGE in found:
        raise ValueError(
            f"{where}: {INITIAL_SOC!r} and {INITIAL_VOLTAGE!r} both set the initial state of "
            "charge: give only one"
        )
    for name in _NUMBERS:
        if name in found:
            finite(found[name], f"{where}: {name!r}")
    if INITIAL_SOC in found and not 0 <= found[INITIAL_SOC] <= 1:
        raise ValueError(
            f"{where}: {INITIAL_SOC!r} is {found[INITIAL_SOC]:g}; it lies between 0 and 1 "
            f"({INITIAL_SOC_PERCENT!r} between 0 and 100)"
        )
    return found, notes


def unknown_name(name: str, known: Iterable[str]) -> str:
    """Return the error message for a parameter that does not exist."""
    return f"unknown parameter {name!r}{nearest(name, known)}; give a parameter of the model"


def limit_names(electrode: str) -> tuple[str, str]:
    """Return the names of the stoichiometry limits of an electrode."""
    return f"Minimum {electrode} stoichiometry", f"Maximum {electrode} stoichiometry"
