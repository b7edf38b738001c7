"""What every model counts for the engine: charge and energy, and a temperature in degC."""

from typing import Any, Final

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE
from ionworks.engine.pybamm_setup import pybamm
from ionworks.ucp.units import CELSIUS_OFFSET

TEMPERATURE: Final = "Engine cell temperature [degC]"
"""Variable of a model that has no temperature in degC of its own."""

_CELSIUS: Final = (
    "Volume-averaged cell temperature [C]",
    "Cell temperature [degC]",
    "X-averaged cell temperature [C]",
)
_ABSOLUTE: Final = (
    "Volume-averaged cell temperature [K]",
    "X-averaged cell temperature [K]",
    "Cell temperature [K]",
)


def count_throughput(model: Any) -> None:
    """Add net and total capacity and energy to a model, in the place of any of its own."""
    current = model.variables["Current [A]"]
    power = current * model.variables["Voltage [V]"]
    rates = {
        "Discharge capacity [A.h]": current,
        "Throughput capacity [A.h]": abs(current),
        "Discharge energy [W.h]": power,
        "Throughput energy [W.h]": abs(power),
    }
    for name, rate in rates.items():
        # A name the model cannot have: states are told apart by their names.
        total = pybamm.Variable(f"Counted {name}")
        model.rhs[total] = rate / 3600
        model.initial_conditions[total] = pybamm.Scalar(0)
        model.variables[name] = total


def find_temperature(model: Any) -> str:
    """Return the variable with a model's temperature [degC]; adds one if there is none."""
    flat = {name for name, symbol in model.variables.items() if symbol.domain == []}
    for name in _CELSIUS:
        if name in flat:
            return name
    absolute = next((name for name in _ABSOLUTE if name in flat), None)
    kelvin = model.variables[absolute] if absolute else pybamm.Parameter(AMBIENT_TEMPERATURE)
    model.variables[TEMPERATURE] = kelvin - CELSIUS_OFFSET
    return TEMPERATURE
