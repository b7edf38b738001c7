"""Voltage and other variables over time, while the model follows the measured current."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from ionworks.engine.cells.cell import INITIAL_TEMPERATURE
from ionworks.engine.fitting.forward_model.current_profile import (
    CurrentProfile,
    read_current_profile,
)
from ionworks.engine.fitting.forward_model.forward import Forward, Prediction
from ionworks.engine.fitting.forward_model.initial_state import CHARGE_NAMES, InitialState
from ionworks.engine.fitting.measurement import CURRENT, TIME, VOLTAGE, Measurement
from ionworks.engine.fitting.objectives.objective import Objective, Request
from ionworks.engine.fitting.state import State


class CurrentDriven(Objective):
    """The voltage of a cell under a measured current.

    The initial state is, in this order: that of a candidate or an earlier element (``Initial SOC``,
    ``Initial voltage [V]`` or both initial concentrations); if the data start with a rest, the
    open-circuit voltage in its last row; the initial concentrations of the parameter set.
    """

    kind: ClassVar[str] = "CurrentDriven"
    options: ClassVar[tuple[str, ...]] = (
        "model",
        "independent variable",
        "objective variables",
        "interpolant_atol",
        "interpolant_rtol",
        "interpolant_lossless",
    )
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"independent variable": ("time",)}
    columns: ClassVar[tuple[str, ...]] = (TIME, CURRENT, VOLTAGE)

    def __init__(self, request: Request, state: State) -> None:
        self.name = request.name
        self.cost = request.cost
        measurement = request.measurement(state)
        options = request.options
        names = tuple(options.get("objective variables") or (VOLTAGE,))
        profile = read_current_profile(measurement, self._tolerance(options, measurement))
        self.axis = TIME
        times = measurement.column(TIME)
        self.axis_values = times
        self.measured = {name: measurement.column(name) for name in names}
        self._given = state.initial_conditions(request.parameters)
        cell = request.cell(state)
        start = self._initial_state(measurement, profile, cell.scalars[INITIAL_TEMPERATURE], state)
        self._forward = Forward(
            cell, profile, request.fitted, names, start, self._given, state.threads
        )
        self.influential = self._forward.influential

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return the predictions for some candidates."""
        return self._forward.predict(candidates)

    def _initial_state(
        self, measurement: Measurement, profile: CurrentProfile, temperature: float, state: State
    ) -> InitialState:
        """Return the default initial state; see the class."""
        if measurement.temperature is not None and INITIAL_TEMPERATURE not in self._given:
            temperature = measurement.temperature
        if profile.rest and measurement.has(VOLTAGE):
            voltage = float(measurement.column(VOLTAGE)[profile.rest - 1])
            return InitialState("voltage", voltage, temperature)
        if not self._given.keys() & set(CHARGE_NAMES) and measurement.has(VOLTAGE):
            state.note(
                f"objective {self.name!r}: the data do not start with a rest and no 'Initial SOC' "
                "was given: the run starts from the initial concentrations of the parameter set"
            )
        return InitialState("concentrations", 0.0, temperature)

    @staticmethod
    def _tolerance(options: Mapping[str, object], measurement: Measurement) -> float | None:
        """Return the largest error of the current profile [A]; None for the default."""
        if options.get("interpolant_lossless"):
            return 0.0
        absolute = options.get("interpolant_atol")
        relative = options.get("interpolant_rtol")
        if absolute is None and relative is None:
            return None
        greatest = float(np.abs(measurement.column(CURRENT)).max())
        return float(absolute or 0.0) + float(relative or 0.0) * greatest  # type: ignore[arg-type]


class Pulse(CurrentDriven):
    """The voltage of a cell under pulses and rests."""

    kind: ClassVar[str] = "Pulse"
    options: ClassVar[tuple[str, ...]] = (
        "model",
        "interpolant_atol",
        "interpolant_rtol",
        "interpolant_lossless",
    )
