r"""Potentials of the multi-species, multi-reaction model, with PyBaMM's names of its parameters.

.. math:: x(U) = \sum_j \frac{X_j}{1 + \exp\left(F (U - U^0_j) / (R T \omega_j)\right)}

(Baker and Verbrugge, 2018, "Multi-species, multi-reaction model for porous intercalation
electrodes: Part I", J. Electrochem. Soc. 165, equation 6). Occupancies :math:`X_j`, standard
potentials :math:`U^0_j` and ideality factors :math:`\omega_j` are taken at the reference
temperature.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.calculations.half_cells import (
    initial_name,
    initial_voltage,
    voltage_limits,
)
from ionworks.engine.fitting.calculations.known import FARADAY, GAS, Known
from ionworks.engine.fitting.parameters.names import limit_names
from ionworks.engine.pybamm_setup import pybamm

_POINTS: Final = 1001


def occupancy(known: Known) -> Callable[[Floats], Floats]:
    """Return the stoichiometry of an electrode as a function of its potential [V]."""
    count = known[f"Number of reactions in {known.side.lower()} electrode"]
    site = f"{known.side} electrode host site"
    species = [
        (
            known[f"{site} occupancy fraction ({j})"],
            known[f"{site} standard potential ({j}) [V]"],
            known[f"{site} ideality factor ({j})"],
        )
        for j in range(int(count))
    ]
    f = FARADAY / (GAS * known["Reference temperature [K]"])

    def at(potential: Floats) -> Floats:
        # 1 / (1 + exp(z)) without overflow.
        return np.asarray(
            sum(x * (1 - np.tanh(f * (potential - u) / w / 2)) / 2 for x, u, w in species)
        )

    return at


def limits(known: Known) -> dict[str, float]:
    """Return the stoichiometries at the limits of voltage of a half cell."""
    lower, upper = voltage_limits(known)
    at = occupancy(known)
    least, greatest = limit_names(known.side.lower())
    return {least: float(at(np.array(upper))), greatest: float(at(np.array(lower)))}


def stoichiometry_at_voltage(known: Known) -> dict[str, float]:
    """Return the stoichiometry at the initial voltage."""
    return {initial_name(known.side): float(occupancy(known)(np.array(initial_voltage(known))))}


def potential(known: Known) -> dict[str, Any]:
    """Return the potential as an interpolant of the model between two voltages.

    Unless ``create_lithiation_function`` is false, the stoichiometry as one over potential too.
    """
    lower, upper = known.element["voltage_limits"]
    voltages = np.linspace(upper, lower, _POINTS)
    stoichiometries = occupancy(known)(voltages)
    rising = np.concatenate([[True], np.diff(stoichiometries) > 0])
    if rising.sum() < 2:
        raise ValueError(f"the stoichiometry does not change between {lower:g} V and {upper:g} V")
    x, y = stoichiometries[rising], voltages[rising]
    interpolator = known.options.get("interpolator") or "linear"

    def curve(sto: Any) -> Any:
        return pybamm.Interpolant(x, y, sto, name="MSMR potential", interpolator=interpolator)

    def inverse(volts: Any) -> Any:
        return pybamm.Interpolant(
            y[::-1], x[::-1], volts, name="MSMR stoichiometry", interpolator=interpolator
        )

    found: dict[str, Any] = {f"{known.side} electrode OCP [V]": curve}
    if known.options.get("create_lithiation_function") is not False:
        found[f"{known.side} electrode lithiation"] = inverse
    return found
