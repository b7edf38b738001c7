"""Voltage and other variables over time, while the model follows the measured current."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import numpy as np

from ionworks.engine.cells.cell import INITIAL_TEMPERATURE
from ionworks.engine.fitting.forward_model.current_profile import (
    CurrentProfile,
    read_current_profile,
)
from ionworks.engine.fitting.forward_model.forward import Forward, Prediction
from ionworks.engine.fitting.forward_model.initial_state import (
    CHARGE_NAMES,
    InitialState,
    is_charge_set,
)
from ionworks.engine.fitting.forward_model.start_under_load import LoadedState
from ionworks.engine.fitting.measurement import CURRENT, TIME, VOLTAGE, Measurement
from ionworks.engine.fitting.objectives.objective import Objective, Request
from ionworks.engine.fitting.state import State

_LOSSLESS: Final = "interpolant_lossless"

_REST_MISMATCH: Final = 0.01
"""Least distance [V] of a given initial state from a measured rest that is worth a remark."""

_LOAD_MISMATCH: Final = 0.05
"""The same under load, where the model's overpotentials are part of the distance."""

_REACHED: Final = 1e-6
"""Largest distance [V] between the first voltages of model and data when they are equal."""

_ROUNDING: Final = 1e-3
"""How far outside 0 to 1 a state of charge is still empty or full."""


class CurrentDriven(Objective):
    """The voltage of a cell under a measured current.

    The initial state is, in this order: that of a candidate or an earlier element (``Initial SOC``,
    ``Initial voltage [V]`` or both initial concentrations); if the data start with a rest, the
    open-circuit voltage in its last row; if they start under load, the state of charge at which the
    model has the first measured voltage under the first measured current.
    """

    kind: ClassVar[str] = "CurrentDriven"
    options: ClassVar[tuple[str, ...]] = (
        "model",
        "independent variable",
        "objective variables",
        "interpolant_atol",
        "interpolant_rtol",
        _LOSSLESS,
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
        if profile.noise:
            state.note(self._noise_note(profile.noise))
        self.axis = TIME
        times = measurement.column(TIME)
        self.axis_values = times
        self.measured = {name: measurement.column(name) for name in names}
        self._given = state.initial_conditions(request.parameters)
        self._is_charge_fitted = is_charge_set(request.fitted)
        self._first_row = max(profile.rest - 1, 0)
        self._is_resting = bool(profile.rest)
        self._first_voltage = 0.0
        cell = request.cell(state)
        start = self._initial_state(measurement, profile, cell.scalars[INITIAL_TEMPERATURE], state)
        self._forward = Forward(
            cell, profile, request.fitted, names, start, self._given, state.threads
        )
        self.influential = self._forward.influential

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return the predictions for some candidates."""
        return self._forward.predict(candidates)

    def _noise_note(self, noise: float) -> str:
        sentence = (
            f"objective {self.name!r}: the measured current is noisy: the model follows it without "
            f"its noise, which reaches {noise:.2g} A"
        )
        if _LOSSLESS not in self.options:
            return sentence
        return f"{sentence}; set the option {_LOSSLESS!r} to follow every row"

    def _initial_state(
        self, measurement: Measurement, profile: CurrentProfile, temperature: float, state: State
    ) -> InitialState:
        """Return the default initial state; see the class."""
        if measurement.temperature is not None and INITIAL_TEMPERATURE not in self._given:
            temperature = measurement.temperature
        if not measurement.has(VOLTAGE):
            return InitialState("concentrations", 0.0, temperature)
        self._first_voltage = voltage = float(measurement.column(VOLTAGE)[self._first_row])
        if profile.rest:
            return InitialState("voltage", voltage, temperature)
        if not self._is_charge_fitted and not is_charge_set(self._given):
            state.note(
                f"objective {self.name!r}: the data begin under load and no initial state was "
                "given: the model starts with uniform concentrations, at the state of charge at "
                f"which its voltage under the first current, {profile.first:g} A, is the first "
                f"measured voltage, {voltage:g} V; give 'Initial SOC' if you know it"
            )
        return InitialState("load", voltage, temperature)

    def remarks(self, candidate: Mapping[str, float], prediction: Prediction) -> list[str]:
        """Return the initial state found, or how far a given one is from the data."""
        found = self._forward.loaded_state(candidate)
        if found is not None:
            return [f"objective {self.name!r}: {self._found_state(found)}"]
        is_given = is_charge_set(self._given) and not self._is_charge_fitted
        if not is_given or VOLTAGE not in self.measured or prediction.values is None:
            return []
        row = self._first_row
        model = float(prediction.values[list(self.measured).index(VOLTAGE)][row])
        data = float(self.measured[VOLTAGE][row])
        if abs(model - data) <= (_REST_MISMATCH if self._is_resting else _LOAD_MISMATCH):
            return []
        names = ", ".join(repr(name) for name in CHARGE_NAMES if name in self._given)
        where = "rest at" if self._is_resting else "begin with"
        sentence = (
            f"objective {self.name!r}: the data {where} {data:.4g} V, but with the initial state "
            f"that was given ({names}) the model has {model:.4g} V there: leave it out to start "
            "from the measured voltage, or correct it"
        )
        return [sentence]

    def _found_state(self, found: LoadedState) -> str:
        """Return the state of charge a run starts from, in words."""
        sentence = f"the model starts at a state of charge of {found.soc:.4f}"
        first = self._first_voltage
        if abs(found.voltage - first) > _REACHED:
            return (
                f"{sentence}, the nearest that is possible: there its first voltage is "
                f"{found.voltage:.4g} V, not {first:.4g} V as measured; check the first row of the "
                "data and the parameters"
            )
        if not -_ROUNDING <= found.soc <= 1 + _ROUNDING:
            return f"{sentence}, outside 0 to 1: check the voltage cut-offs of the parameters"
        return sentence

    @staticmethod
    def _tolerance(options: Mapping[str, object], measurement: Measurement) -> float | None:
        """Return the largest error of the current profile [A]; None for the default."""
        if options.get(_LOSSLESS):
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
        _LOSSLESS,
    )
