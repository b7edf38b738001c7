"""Quick models: an equivalent circuit from a capacity, a chemistry and a resistance.

The circuit is PyBaMM's Thevenin model with one RC element. Its open-circuit voltage is that of a
published parameter set of the chemistry, from 0 to 100 % state of charge. The other parameters are
scaled from PyBaMM's example circuit of 100 A.h: the resistance is split alike (40 % ohmic, 60 % in
the RC element, with a time constant of 30 s), and thermal masses and heat transfer are per A.h.
"""

from functools import lru_cache
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    LOWER_CUTOFF,
    NOMINAL_CAPACITY,
    UPPER_CUTOFF,
    Cell,
    Floats,
    InitialStates,
)
from ionworks.engine.cells.circuit import (
    CAPACITY,
    STATE_OF_CHARGE,
    StatesOfCharge,
    circuit_model,
    circuit_symbols,
)
from ionworks.engine.cells.lithium_ion import LithiumIonCell
from ionworks.engine.cells.plausibility import refuse_impossible
from ionworks.engine.cells.specification import ModelSpecification, QuickSpecification
from ionworks.engine.pybamm_setup import pybamm

_OHMIC_SHARE: Final = 0.4
_TIME_CONSTANT: Final = 30.0
"""Of the RC element [s]."""

_LEAST_RESISTANCE: Final = 1e-9
"""[Ohm]; a resistance of zero would make the capacitance of the RC element infinite."""

SOC_MARGIN: Final = 0.1
"""How far the state of charge may be outside 0 to 1. A voltage limit of a protocol is often beyond
those of the chemistry, such as 2.5 V for 2.8 V: it is reached on the steep extrapolated ends of the
open-circuit voltage, after about one percent of the capacity."""

_PER_AMPERE_HOUR: Final = {
    "Cell thermal mass [J/K]": 10.0,
    "Cell-jig heat transfer coefficient [W/K]": 0.1,
    "Jig thermal mass [J/K]": 5.0,
    "Jig-air heat transfer coefficient [W/K]": 0.1,
}


class QuickCell(Cell):
    """A cell described by a capacity, a chemistry and a resistance.

    Parameters
    ----------
    specification : QuickSpecification
        Capacity, chemistry and resistance.
    """

    state_names = (STATE_OF_CHARGE,)
    temperature_variable = "Cell temperature [degC]"
    geometric: frozenset[str] = frozenset()

    def __init__(self, specification: QuickSpecification) -> None:
        lower, upper, grid, voltages = _open_circuit_curve(specification.parameter_set)
        self._grid, self._voltages = grid, voltages
        capacity = specification.capacity
        drop = specification.resistance_pct / 100 * float(voltages.mean())
        resistance = max(drop / capacity, _LEAST_RESISTANCE)
        self.scalars = {
            CAPACITY: capacity,
            NOMINAL_CAPACITY: capacity,
            LOWER_CUTOFF: lower,
            UPPER_CUTOFF: upper,
            "R0 [Ohm]": _OHMIC_SHARE * resistance,
            "R1 [Ohm]": (1 - _OHMIC_SHARE) * resistance,
            "C1 [F]": _TIME_CONSTANT / ((1 - _OHMIC_SHARE) * resistance),
            "Element-1 initial overpotential [V]": 0.0,
            "Entropic change [V/K]": 0.0,
            **{name: share * capacity for name, share in _PER_AMPERE_HOUR.items()},
        }
        self.fixed_inputs = {}
        self.changed = (NOMINAL_CAPACITY,)
        refuse_impossible(self.scalars, self.changed, "quick model")
        self.values = pybamm.ParameterValues(
            {
                **self.scalars,
                STATE_OF_CHARGE: 1.0,
                INITIAL_TEMPERATURE: 298.15,
                AMBIENT_TEMPERATURE: 298.15,
                "Current function [A]": capacity,
                "Open-circuit voltage [V]": self._open_circuit_voltage,
            }
        )
        self.key = (
            "quick",
            capacity,
            specification.parameter_set,
            specification.resistance_pct,
        )

    def _open_circuit_voltage(self, state_of_charge: Any) -> Any:
        return pybamm.Interpolant(self._grid, self._voltages, state_of_charge, "open circuit")

    def new_model(self) -> Any:
        """Return a new Thevenin model that counts capacity and energy."""
        return circuit_model({}, SOC_MARGIN)

    def initial_states(self, names: tuple[str, ...]) -> InitialStates:
        """Return the solver of the initial state of charge with ``names`` as inputs."""
        return StatesOfCharge(pybamm.EcmParameters(), self.values, self.scalars, names)

    def starting_symbols(self, model: Any) -> tuple[Any, ...]:  # noqa: ARG002 - fixed
        """Return the open-circuit voltage, which a voltage to start from is compared with."""
        return circuit_symbols(pybamm.EcmParameters())


@lru_cache(maxsize=8)
def _open_circuit_curve(parameter_set: str) -> tuple[float, float, Floats, Floats]:
    """Return a set's voltage limits [V], a grid of states of charge, and the voltages there [V]."""
    cell = LithiumIonCell(ModelSpecification("SPM", {}, parameter_set, {}))
    grid = np.linspace(0, 1, 401)
    voltages = cell.initial_states(()).open_circuit_voltage(grid)
    # Made monotonic, every voltage belongs to one state of charge.
    voltages = np.maximum.accumulate(voltages)
    lower, upper = cell.voltage_limits({})
    return lower, upper, grid, voltages
