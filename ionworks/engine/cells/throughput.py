"""Variables the engine adds to every model: throughput of charge and energy, and a temperature."""

from collections.abc import Iterable
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


THROUGHPUT: Final = (
    "Discharge capacity [A.h]",
    "Throughput capacity [A.h]",
    "Discharge energy [W.h]",
    "Throughput energy [W.h]",
)
"""Net and total capacity, net and total energy, as PyBaMM calls them. Net amounts grow with a
discharge and shrink with a charge; total amounts always grow."""


def add_throughput(model: Any) -> None:
    """Add the variables `THROUGHPUT` to a model, as states, instead of any it has."""
    current = model.variables["Current [A]"]
    power = current * model.variables["Voltage [V]"]
    rates = (current, abs(current), power, abs(power))
    for name, rate in zip(THROUGHPUT, rates, strict=True):
        # A name no model has: PyBaMM identifies the states of a model by their names.
        total = pybamm.Variable(f"Counted {name}")
        model.rhs[total] = rate / 3600
        model.initial_conditions[total] = pybamm.Scalar(0)
        model.variables[name] = total


def drop_unread_totals(model: Any, recorded: Iterable[Any]) -> None:
    """Remove the states `THROUGHPUT` from a model, but for those in some recorded expressions.

    The engine integrates the recorded current and power itself, which is more accurate, see
    `ionworks.engine.solver.quadrature`. No equation of a cell reads these states, and without them
    the solver does not have to evaluate the voltage, which in SPM takes longer than the rest.
    """
    read = pybamm.SymbolUnpacker(pybamm.Variable).unpack_list_of_symbols(list(recorded))
    for name in THROUGHPUT:
        total = model.variables.get(name)
        if total in model.rhs and total not in read:
            del model.rhs[total], model.initial_conditions[total], model.variables[name]


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
