"""Variables the engine adds to every model: throughput of charge and energy, and a temperature."""

from typing import Any, Final

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE
from ionworks.engine.pybamm_setup import pybamm
from ionworks.ucp.units import CELSIUS_OFFSET

TEMPERATURE: Final = "Engine cell temperature [degC]"
"""Variable that is added to a model without a temperature in degC."""

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


def add_throughput(model: Any) -> None:
    """Add net and total capacity [A.h] and energy [W.h] to a model, instead of any it has.

    Net amounts grow with a discharge and shrink with a charge; total amounts always grow. As
    states of the model they are integrated with the cell's, and ends can depend on them.
    """
    current = model.variables["Current [A]"]
    power = current * model.variables["Voltage [V]"]
    rates = {
        "Discharge capacity [A.h]": current,
        "Throughput capacity [A.h]": abs(current),
        "Discharge energy [W.h]": power,
        "Throughput energy [W.h]": abs(power),
    }
    for name, rate in rates.items():
        # A name no model has: PyBaMM identifies the states of a model by their names.
        total = pybamm.Variable(f"Counted {name}")
        model.rhs[total] = rate / 3600
        model.initial_conditions[total] = pybamm.Scalar(0)
        model.variables[name] = total


def find_temperature(model: Any) -> str:
    """Return the name of a model's temperature in degC; add such a variable if it has none."""
    flat = {name for name, symbol in model.variables.items() if symbol.domain == []}
    for name in _CELSIUS:
        if name in flat:
            return name
    absolute = next((name for name in _ABSOLUTE if name in flat), None)
    kelvin = model.variables[absolute] if absolute else pybamm.Parameter(AMBIENT_TEMPERATURE)
    model.variables[TEMPERATURE] = kelvin - CELSIUS_OFFSET
    return TEMPERATURE
