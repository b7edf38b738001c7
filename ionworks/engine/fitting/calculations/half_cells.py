"""Half cells (one electrode against lithium): potentials and stoichiometries.

The voltage of a half cell at rest is the potential of the electrode, which falls with its
stoichiometry; the lower voltage limit is the upper stoichiometry limit.
"""

import re
from typing import Any, Final

import numpy as np
from scipy.optimize import brentq

from ionworks.engine.cells.cell import LOWER_CUTOFF, UPPER_CUTOFF
from ionworks.engine.fitting.calculations.known import Known
from ionworks.engine.fitting.parameters.names import INITIAL_VOLTAGE, limit_names
from ionworks.engine.pybamm_setup import compile_function, pybamm

_EDGE: Final = 1e-6
"""Distance from stoichiometries 0 and 1, where potentials diverge."""

_ENDS: Final = {"0%": 0.0, "minimum": 0.0, "100%": 1.0, "maximum": 1.0}
_X: Final = "stoichiometry"


def voltage_limits(known: Known) -> tuple[float, float]:
    """Return the lower and upper open-circuit voltage, else the cut-offs [V]."""
    return (
        known.any_of("Open-circuit voltage at 0% SOC [V]", LOWER_CUTOFF),
        known.any_of("Open-circuit voltage at 100% SOC [V]", UPPER_CUTOFF),
    )


def initial_voltage(known: Known) -> float:
    """Return the initial voltage of an electrode, else of the half cell [V]."""
    own = f"Initial voltage in {known.side.lower()} electrode [V]"
    return known.any_of(own, INITIAL_VOLTAGE)


def initial_name(side: str) -> str:
    """Return the name of an electrode's initial stoichiometry."""
    return f"Initial stoichiometry in {side.lower()} electrode"


class Potential:
    """The open-circuit potential of an electrode at the reference temperature.

    Parameters
    ----------
    known : Known
    side : str
        ``Negative`` or ``Positive``.
    """

    def __init__(self, known: Known, side: str) -> None:
        self._name = f"{side} electrode OCP"
        param = pybamm.LithiumIonParameters()
        domain = param.n if side == "Negative" else param.p
        values = known.parameter_values()
        symbol = values.process_symbol(domain.prim.U(pybamm.InputParameter(_X), param.T_ref))
        self._function = compile_function([symbol], (_X,))

    def at(self, stoichiometry: float) -> float:
        """Return the potential [V]."""
        return float(self._function(np.array([[stoichiometry]]))[0].item())

    def stoichiometry(self, voltage: float) -> float:
        """Return the stoichiometry at a potential.

        Raises
        ------
        ValueError
            If the potential never has this value.
        """
        at_empty, at_full = self.at(_EDGE), self.at(1 - _EDGE)
        if not at_full <= voltage <= at_empty:
            raise ValueError(
                f"the {self._name} lies between {at_empty:.4g} V and {at_full:.4g} V and is never "
                f"{voltage:g} V"
            )
        return float(brentq(lambda x: self.at(x) - voltage, _EDGE, 1 - _EDGE, xtol=1e-12))


def limits(known: Known) -> dict[str, float]:
    """Return the stoichiometries at the limits of voltage, as PyBaMM's ElectrodeSOHHalfCell does.

    They solve :math:`U(x_{min}) = V_{max}` and :math:`U(x_{max}) = V_{min}`.
    """
    lower, upper = voltage_limits(known)
    potential = Potential(known, known.side)
    least, greatest = limit_names(known.side.lower())
    return {least: potential.stoichiometry(upper), greatest: potential.stoichiometry(lower)}


def nominal_capacity(known: Known) -> dict[str, float]:
    """Return the electrode's capacity as that of the cell, and the current of 1C."""
    capacity = known[f"{known.side} electrode capacity [A.h]"]
    return {"Nominal cell capacity [A.h]": capacity, "Current function [A]": capacity}


def stoichiometry_at_voltage(known: Known) -> dict[str, float]:
    """Return the stoichiometry at the initial voltage of the electrode, else of the cell."""
    found = Potential(known, known.side).stoichiometry(initial_voltage(known))
    return {initial_name(known.side): found}


def voltage_at_concentration(known: Known) -> dict[str, float]:
    r"""Return the potential at the initial concentration, :math:`U(c_0 / c_{max})`."""
    x = known[_concentration(known, "Initial")] / known[_concentration(known, "Maximum")]
    if not 0 <= x <= 1:
        raise ValueError(
            f"the initial concentration is {x:.4g} times the maximum; it must be from 0 to 1"
        )
    name = f"Initial voltage in {known.side.lower()} electrode [V]"
    return {name: Potential(known, known.side).at(x)}


def concentration_at_stoichiometry(known: Known) -> dict[str, float]:
    r"""Return the initial concentration, :math:`x_0 c_{max}`."""
    x = known[initial_name(known.side)]
    return {_concentration(known, "Initial"): x * known[_concentration(known, "Maximum")]}


def state_of_charge(known: Known) -> dict[str, float]:
    """Return the initial stoichiometry and concentration at a state of charge.

    As in PyBaMM's half cells, the state of charge is 1 at the upper limit of voltage and 0 at
    the lower one. A text such as ``"4 V"`` is a voltage; ``"0%"`` and ``"minimum"``, ``"100%"`` and
    ``"maximum"`` are the ends.
    """
    soc: Any = known.element["soc"]
    soc = _ENDS.get(soc, soc) if isinstance(soc, str) else soc
    potential = Potential(known, known.side)
    lower, upper = voltage_limits(known)
    if isinstance(soc, str):
        x = potential.stoichiometry(_volts(soc))
    elif 0 <= soc <= 1:
        empty, full = potential.stoichiometry(lower), potential.stoichiometry(upper)
        x = empty + soc * (full - empty)
    else:
        raise ValueError(f"soc is {soc:g}; give a fraction between 0 and 1, or a voltage: '4 V'")
    return {
        initial_name(known.side): x,
        _concentration(known, "Initial"): x * known[_concentration(known, "Maximum")],
    }


def _volts(text: str) -> float:
    found = re.fullmatch(r"\s*([-+\d.eE]+)\s*V\s*", text)
    try:
        return float(found[1] if found else "")
    except ValueError:
        raise ValueError(f"soc is {text!r}; give a fraction or a voltage such as '4 V'") from None


def _concentration(known: Known, which: str) -> str:
    return f"{which} concentration in {known.side.lower()} electrode [mol.m-3]"


def open_circuit_limits(known: Known) -> dict[str, float]:
    """Return the cut-offs of voltage as the open-circuit voltages at 0 and 100 %."""
    return {
        "Open-circuit voltage at 0% SOC [V]": known[LOWER_CUTOFF],
        "Open-circuit voltage at 100% SOC [V]": known[UPPER_CUTOFF],
    }
