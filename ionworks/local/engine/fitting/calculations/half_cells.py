"""One electrode against lithium: its potential, and the stoichiometries that go with it.

The voltage of such a half cell at rest is the potential of the electrode, which falls with its
stoichiometry; the lower limit of voltage is the upper one of stoichiometry.
"""

import re
from typing import Any, Final

import numpy as np
from scipy.optimize import brentq

from ionworks.local.engine.cell import LOWER_CUTOFF, UPPER_CUTOFF
from ionworks.local.engine.fitting.calculations.known import Known
from ionworks.local.engine.fitting.names import INITIAL_VOLTAGE
from ionworks.local.engine.pybamm_setup import compile_function, pybamm

_EDGE: Final = 1e-6
_X: Final = "stoichiometry"


def voltage_limits(known: Known) -> tuple[float, float]:
    """Return the lower and upper open-circuit voltage, else the cut-offs [V]."""
    return (
        known.any_of("Open-circuit voltage at 0% SOC [V]", LOWER_CUTOFF),
        known.any_of("Open-circuit voltage at 100% SOC [V]", UPPER_CUTOFF),
    )


def initial_name(side: str) -> str:
    """Return PyBaMM's name of an electrode's initial stoichiometry."""
    return f"{side} electrode initial stoichiometry"


def limit_names(side: str) -> tuple[str, str]:
    """Return the names of the limits of an electrode's stoichiometry."""
    return f"Minimum {side.lower()} stoichiometry", f"Maximum {side.lower()} stoichiometry"


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
        values = known.state.parameter_values()
        symbol = values.process_symbol(domain.prim.U(pybamm.InputParameter(_X), param.T_ref))
        self._function = compile_function([symbol], (_X,))

    def at(self, stoichiometry: float) -> float:
        """Return the potential [V]."""
        return float(self._function(np.array([[stoichiometry]]))[0].item())

    def stoichiometry(self, voltage: float) -> float:
        """Return where the potential has a value.

        Raises
        ------
        ValueError
            If it has it nowhere.
        """
        at_empty, at_full = self.at(_EDGE), self.at(1 - _EDGE)
        if not at_full <= voltage <= at_empty:
            raise ValueError(
                f"the {self._name} goes from {at_empty:.4g} V to {at_full:.4g} V and is never "
                f"{voltage:g} V"
            )
        return float(brentq(lambda x: self.at(x) - voltage, _EDGE, 1 - _EDGE, xtol=1e-12))


def limits(known: Known) -> dict[str, float]:
    """Return the stoichiometries at the limits of voltage, as PyBaMM's ElectrodeSOHHalfCell does.

    They solve :math:`U(x_{min}) = V_{max}` and :math:`U(x_{max}) = V_{min}`.
    """
    lower, upper = voltage_limits(known)
    potential = Potential(known, known.side)
    least, greatest = limit_names(known.side)
    return {least: potential.stoichiometry(upper), greatest: potential.stoichiometry(lower)}


def nominal_capacity(known: Known) -> dict[str, float]:
    r"""Return what passes between the limits: :math:`Q (\theta_{max} - \theta_{min})`."""
    least, greatest = (known[name] for name in limit_names(known.side))
    capacity = known[f"{known.side} electrode capacity [A.h]"]
    return {"Nominal cell capacity [A.h]": capacity * (greatest - least)}


def stoichiometry_at_voltage(known: Known) -> dict[str, float]:
    """Return the stoichiometry at the initial voltage."""
    found = Potential(known, known.side).stoichiometry(known[INITIAL_VOLTAGE])
    return {initial_name(known.side): found}


def voltage_at_concentration(known: Known) -> dict[str, float]:
    r"""Return the potential at the initial concentration, :math:`U(c_0 / c_{max})`."""
    x = known[_concentration(known, "Initial")] / known[_concentration(known, "Maximum")]
    if not 0 <= x <= 1:
        raise ValueError(f"the initial concentration is {x:.4g} of the greatest there can be")
    return {INITIAL_VOLTAGE: Potential(known, known.side).at(x)}


def concentration_at_stoichiometry(known: Known) -> dict[str, float]:
    r"""Return the initial concentration, :math:`x_0 c_{max}`."""
    x = known[initial_name(known.side)]
    return {_concentration(known, "Initial"): x * known[_concentration(known, "Maximum")]}


def state_of_charge(known: Known) -> dict[str, float]:
    """Return the initial stoichiometry and concentration at a state of charge.

    As PyBaMM has it for half cells, the state of charge is 1 at the upper limit of voltage and 0 at
    the lower one, and a text such as ``"4 V"`` is a voltage.
    """
    soc: Any = known.element["soc"]
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
    """Return the open-circuit voltages of a full cell at the limits of its stoichiometries.

    :math:`U_p(y_{max}) - U_n(x_{min})` at 0 % and :math:`U_p(y_{min}) - U_n(x_{max})` at 100 %.
    """
    (x_0, x_100), (y_100, y_0) = (
        [known[name] for name in limit_names(side)] for side in ("Negative", "Positive")
    )
    negative, positive = Potential(known, "Negative"), Potential(known, "Positive")
    return {
        "Open-circuit voltage at 0% SOC [V]": positive.at(y_0) - negative.at(x_0),
        "Open-circuit voltage at 100% SOC [V]": positive.at(y_100) - negative.at(x_100),
    }
