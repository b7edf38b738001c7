"""Impedance over frequency, by PyBaMM's frequency-domain solution of the linearised model."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import numpy as np

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, Floats
from ionworks.engine.fitting.forward_model.cell import FittingCell
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.forward_model.initial_state import (
    CHARGE_NAMES,
    InitialState,
    InitialStates,
    is_charge_set,
)
from ionworks.engine.fitting.measurement import Measurement
from ionworks.engine.fitting.objectives.objective import Objective, Request
from ionworks.engine.fitting.state import State
from ionworks.engine.pybamm_setup import input_names, pybamm
from ionworks.engine.solver.models import symbolic_meshes

FREQUENCY: Final = "Frequency [Hz]"
REAL: Final = "Z_Re [Ohm]"
IMAGINARY: Final = "Z_Im [Ohm]"
_SURFACE_FORM: Final = "surface form"


class EIS(Objective):
    """The impedance of a cell at rest; capacitive arcs have a negative imaginary part.

    Its state is set by an earlier element (``Initial SOC`` and the like), else by the initial
    concentrations of the parameter set. A model without a ``surface form`` gets the differential
    one: without double layers an impedance has no capacitive arcs.
    """

    kind: ClassVar[str] = "EIS"
    options: ClassVar[tuple[str, ...]] = ("model",)
    columns: ClassVar[tuple[str, ...]] = (FREQUENCY, REAL, IMAGINARY)

    def __init__(self, request: Request, state: State) -> None:
        self.name = request.name
        self.cost = request.cost
        measurement = request.measurement(state)
        self.axis = FREQUENCY
        self.axis_values = _frequencies(measurement)
        self.measured = {name: measurement.column(name) for name in (REAL, IMAGINARY)}
        cell = with_double_layer(request.cell(state))
        swept = tuple(name for name in request.fitted if name not in CHARGE_NAMES)
        swept = tuple(
            name for name in swept if name not in {INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE}
        )
        start = InitialState("concentrations", 0.0, cell.scalars[INITIAL_TEMPERATURE])
        given = state.initial_conditions(request.parameters)
        if not is_charge_set((*given, *request.fitted)):
            state.note(
                f"{request.label}: no 'Initial SOC' was given: the impedance is that at the "
                "initial concentrations of the parameter set"
            )
        self._initial_states = InitialStates(cell, swept, start, given)
        # PyBaMM takes the inputs in the order of the first call, so every call uses this order.
        self._inputs = (*cell.state_names, AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, *swept)
        values = cell.values.copy()
        values.update(dict.fromkeys(self._inputs, "[input]"))
        model = cell.new_model()
        meshes = None
        if cell.geometric.intersection(swept):
            meshes = symbolic_meshes(model.default_submesh_types)
        self._simulation = pybamm.EISSimulation(model, values, submesh_types=meshes)
        self._simulation.build(inputs=dict.fromkeys(self._inputs, 1.0))
        built = self._simulation.built_model
        parts = (
            built.concatenated_rhs,
            built.concatenated_algebraic,
            built.concatenated_initial_conditions,
            built.get_processed_variable("Voltage [V]"),
        )
        known = {*self._initial_states.balance_names, *CHARGE_NAMES, INITIAL_TEMPERATURE}
        self.influential = input_names(parts) | known

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return the impedances of some candidates, one after the other."""
        found = []
        for candidate, start in zip(
            candidates, self._initial_states.inputs(candidates), strict=True
        ):
            if isinstance(start, str):
                found.append(Prediction(None, 1.0, start))
                continue
            known = {**candidate, **start}
            inputs = {name: known[name] for name in self._inputs}
            impedance = self._simulation.solve(self.axis_values, inputs=inputs).impedance
            if np.isfinite(impedance).all():
                found.append(Prediction(np.stack([impedance.real, impedance.imag])))
            else:
                found.append(Prediction(None, 1.0, "the impedance is not finite"))
        return found


def with_double_layer(cell: FittingCell) -> FittingCell:
    """Return a cell whose model has double layers."""
    if cell.options.get(_SURFACE_FORM, "false") == "false":
        return cell.with_option(_SURFACE_FORM, "differential")
    return cell


def _frequencies(measurement: Measurement) -> Floats:
    frequencies = measurement.column(FREQUENCY)
    if (frequencies <= 0).any():
        raise ValueError(f"{measurement.label}: {FREQUENCY!r} has values that are not above 0")
    return frequencies
