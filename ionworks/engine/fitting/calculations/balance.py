"""Cyclable lithium, stoichiometry limits and states of charge."""

from typing import Any, Final

from ionworks.engine.cells.initial_state import NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION
from ionworks.engine.fitting.calculations.known import Known
from ionworks.engine.pybamm_setup import pybamm

CYCLABLE: Final = "Cyclable lithium capacity [A.h]"
_SIDES: Final = ("negative", "positive")


def _total(side: str) -> str:
    return f"{side.capitalize()} electrode capacity [A.h]"


def cyclable_lithium(known: Known) -> dict[str, float]:
    """Return the cyclable lithium, from the initial state or the loss at formation."""
    values = known.parameter_values()
    param = pybamm.LithiumIonParameters()
    totals = {
        side: known.given(_total(side)) or float(values.evaluate(domain.Q_init))
        for side, domain in zip(_SIDES, (param.n, param.p), strict=True)
    }
    if known.element.get("method") == "formation loss":
        return {CYCLABLE: known["Formation lithium loss"] * totals["positive"]}
    lithium = sum(
        totals[side]
        * known[f"Initial concentration in {side} electrode [mol.m-3]"]
        / known[f"Maximum concentration in {side} electrode [mol.m-3]"]
        for side in _SIDES
    )
    return {CYCLABLE: lithium}


def electrode_soh(known: Known) -> dict[str, float]:
    """Return the stoichiometry limits of both electrodes at 0 and 100 % state of charge."""
    values = known.parameter_values()
    wanted = known.options.get("known value", "cyclable lithium capacity")
    solver = pybamm.lithium_ion.ElectrodeSOHSolver(values, known_value=wanted)
    x_0, x_100, y_100, y_0 = (float(part) for part in solver.get_min_max_stoichiometries())
    return {
        "Minimum negative stoichiometry": x_0,
        "Maximum negative stoichiometry": x_100,
        "Minimum positive stoichiometry": y_100,
        "Maximum positive stoichiometry": y_0,
    }


def initial_soc(known: Known) -> dict[str, float]:
    """Return the initial concentrations of a state of charge, or of a voltage (``"3.9 V"``)."""
    values = known.parameter_values()
    wanted = known.element["soc"]
    if not isinstance(wanted, str) and not 0 <= wanted <= 1:
        raise ValueError(
            f"soc is {wanted:g}; give a fraction between 0 and 1, or a voltage: '3.9 V'"
        )
    x, y = pybamm.lithium_ion.get_initial_stoichiometries(wanted, values)[:2]
    return {
        NEGATIVE_CONCENTRATION: float(x)
        * known["Maximum concentration in negative electrode [mol.m-3]"],
        POSITIVE_CONCENTRATION: float(y)
        * known["Maximum concentration in positive electrode [mol.m-3]"],
    }


def limits_from_capacity(known: Known) -> dict[str, float]:
    """Return stoichiometry limits from capacities, lower excess capacities and usable capacity."""
    used: Any = known.options.get("usable capacity")
    usable = known["Usable capacity [A.h]"] if used is None else float(used)
    found = {}
    for side in _SIDES:
        total = known[_total(side)]
        excess = known[f"{side.capitalize()} electrode lower excess capacity [A.h]"]
        found[f"Minimum {side} stoichiometry"] = excess / total
        found[f"Maximum {side} stoichiometry"] = (excess + usable) / total
    return found
