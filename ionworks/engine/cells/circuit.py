"""Equivalent circuits: PyBaMM's Thevenin model over parameter values."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import InitialStates, StartingPoint, StartingState
from ionworks.engine.cells.formulas import add_variables
from ionworks.engine.cells.parameterization import ParameterizedCell, parameterize
from ionworks.engine.cells.specification import ModelSpecification
from ionworks.engine.cells.throughput import add_throughput
from ionworks.engine.pybamm_setup import compile_function, pybamm, with_inputs

STATE_OF_CHARGE: Final = "Initial SoC"
CAPACITY: Final = "Cell capacity [A.h]"
_OPERATING_MODE: Final = "operating mode"
_ELEMENTS: Final = "number of rc elements"
_VALUES: Final = {
    _OPERATING_MODE: ("current",),
    "diffusion element": ("false", "true"),
    "calculate discharge energy": ("false", "true"),
}
SOC_MARGIN: Final = 1e-4
"""How far the state of charge may be outside 0 to 1, at the surface of a diffusion element too: the
error of a charge counted over many cycles. Further out, the open-circuit voltage is unknown."""

_SOC_EVENTS: Final = tuple(
    f"{extreme} {place}SoC" for extreme in ("Minimum", "Maximum") for place in ("", "surface ")
)
"""Events that fall to zero where a state of charge is 0 or 1."""

_GRID: Final = np.linspace(0, 1, 401)


class CircuitCell(ParameterizedCell):
    """A cell described by an equivalent circuit.

    Parameters
    ----------
    specification : ModelSpecification
        Options and parameter values.

    Raises
    ------
    ValueError
        If an option or a parameter does not exist or cannot be used.
    """

    state_names = (STATE_OF_CHARGE,)
    temperature_variable = "Cell temperature [degC]"
    geometric: frozenset[str] = frozenset()

    def __init__(self, specification: ModelSpecification) -> None:
        self._variables = specification.variables
        self._options = checked_circuit_options(specification.options)
        self.settings = specification.settings
        # Checks the settings; a circuit has no mesh that they could change.
        self.discretisation(self.new_model())
        found = parameterize(specification, frozenset(self.state_names))
        options = repr(sorted(self._options.items()))
        self.set_parameters(specification, found, specification.model, options)

    def new_model(self) -> Any:
        """Return a new Thevenin model that counts capacity and energy."""
        model = circuit_model(self._options)
        add_variables(model, self._variables)
        return model

    def initial_states(self, names: tuple[str, ...]) -> InitialStates:
        """Return the solver of the initial state of charge with ``names`` as inputs."""
        return StatesOfCharge(pybamm.EcmParameters(), self.values, self.scalars, names)

    def starting_symbols(self, model: Any) -> tuple[Any, ...]:  # noqa: ARG002 - fixed
        """Return the open-circuit voltage, which a voltage to start from is compared with."""
        return circuit_symbols(pybamm.EcmParameters())


def circuit_symbols(param: Any) -> tuple[Any, ...]:
    """Return the expressions from which `StatesOfCharge` computes a state."""
    return (param.ocv(pybamm.InputParameter("state of charge")), param.cell_capacity)


def circuit_model(options: Mapping[str, Any], margin: float = SOC_MARGIN) -> Any:
    """Return a new Thevenin model that counts capacity and energy; see `widen_state_of_charge`."""
    model = pybamm.equivalent_circuit.Thevenin(options=dict(options))
    add_throughput(model)
    widen_state_of_charge(model, margin)
    return model


def widen_state_of_charge(model: Any, margin: float = SOC_MARGIN) -> None:
    """Let the states of charge of a circuit leave the range from 0 to 1 by a margin.

    A full cell is at exactly 1, where the model's own events would stop it at once.
    """
    model.events = [
        pybamm.Event(event.name, event.expression + margin, event.event_type)
        if event.name in _SOC_EVENTS
        else event
        for event in model.events
    ]


class StatesOfCharge(InitialStates):
    """Solver of the initial state of charge of a circuit.

    Parameters
    ----------
    param : pybamm.EcmParameters
        The symbols of the model.
    values : pybamm.ParameterValues
        The cell's parameter values.
    scalars : mapping of str to float
        The cell's numbers, for the parameters that are not inputs.
    names : tuple of str
        Parameters that differ from run to run.
    """

    def __init__(
        self, param: Any, values: Any, scalars: Mapping[str, float], names: tuple[str, ...]
    ) -> None:
        own = with_inputs(values, names)
        self._names = names
        self._scalars = scalars
        fraction = pybamm.InputParameter("state of charge")
        self._voltage = compile_function(
            [own.process_symbol(param.ocv(fraction))], ("state of charge", *names)
        )

    def solve(
        self, points: Sequence[StartingPoint], designs: Sequence[Mapping[str, float]]
    ) -> list[StartingState | str]:
        """Return the state of every run, with its state of charge as input."""
        return [self._state(point, design) for point, design in zip(points, designs, strict=True)]

    def _state(self, point: StartingPoint, design: Mapping[str, float]) -> StartingState | str:
        fraction = point.value
        if point.kind == "voltage":
            rows = np.array([_GRID, *(np.full(len(_GRID), design[name]) for name in self._names)])
            # A fitted open-circuit voltage may fall with the state of charge in places. Made
            # monotonic, every voltage belongs to one state of charge.
            voltages = np.maximum.accumulate(self._voltage(rows)[0][0])
            if not voltages[0] <= point.value <= voltages[-1]:
                return (
                    f"no state of charge has the open-circuit voltage {point.value:g} V: use a "
                    f"voltage from {voltages[0]:g} to {voltages[-1]:g} V"
                )
            fraction = float(np.interp(point.value, voltages, _GRID))
        capacity = design.get(CAPACITY, self._scalars.get(CAPACITY))
        if capacity is None:
            return f"the parameter {CAPACITY!r} is not a number: a state of charge needs one"
        return StartingState({STATE_OF_CHARGE: fraction}, fraction, capacity)


def checked_circuit_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options of the equivalent circuit after checking that the engine can run them.

    Raises
    ------
    ValueError
        If PyBaMM does not have an option or its value, or the engine cannot run it; the message
        names the option and its valid values.
    """
    for name, value in options.items():
        if name == _ELEMENTS:
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(
                    f"model option {name!r} is {value!r}: use a whole number of 0 or more"
                )
        elif name not in _VALUES:
            known = ", ".join((_ELEMENTS, *_VALUES))
            raise ValueError(f"unknown model option {name!r}: use one of {known}")
        elif value not in _VALUES[name]:
            valid = " or ".join(map(repr, _VALUES[name]))
            reason = ": the protocol controls the current" if name == _OPERATING_MODE else ""
            raise ValueError(f"model option {name!r} is {value!r}: use {valid}{reason}")
    return dict(options)
