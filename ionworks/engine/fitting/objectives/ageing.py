"""Degradation modes of a cell at rest over days and months."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import polars as pl
from attrs import evolve

from ionworks.engine.fitting.fields import Issues
from ionworks.engine.fitting.forward_model.initial_state import is_charge_set
from ionworks.engine.fitting.measurement import CURRENT, TIME, Measurement
from ionworks.engine.fitting.objectives.current_driven import CurrentDriven
from ionworks.engine.fitting.objectives.objective import Request
from ionworks.engine.fitting.state import State

MODES: Final[dict[str, str]] = {
    "LLI [%]": "Loss of lithium inventory [%]",
    "LAM_ne [%]": "Loss of active material in negative electrode [%]",
    "LAM_pe [%]": "Loss of active material in positive electrode [%]",
}
"""Degradation mode -> PyBaMM's variable."""

_UNITS: Final = {TIME: 1.0, "Time [h]": 3600.0, "Time [d]": 86400.0}


class CalendarAgeing(CurrentDriven):
    """Degradation modes over time while the cell rests at its initial state.

    The data need a time (``Time [s]``, ``Time [h]`` or ``Time [d]``) and the modes; the model needs
    degradation options, such as ``{"SEI": "solvent-diffusion limited"}``, and a parameter set with
    their parameters.
    """

    kind: ClassVar[str] = "CalendarAgeing"
    options: ClassVar[tuple[str, ...]] = ("model", "modes")
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"modes": tuple(MODES)}
    columns: ClassVar[tuple[str, ...]] = ()

    def __init__(self, request: Request, state: State) -> None:
        measurement = request.measurement(state)
        modes = request.options.get("modes") or [mode for mode in MODES if measurement.has(mode)]
        if not modes:
            raise ValueError(
                f"{request.label}: the data have none of the columns {', '.join(MODES)}"
            )
        resting = self._resting(measurement, modes, request.label)
        variables = [MODES[mode] for mode in modes]
        options = {**request.options, "objective variables": variables}
        super().__init__(evolve(request, data=resting, options=options), state)
        if not is_charge_set((*self._given, *request.fitted)):
            state.note(
                f"{request.label}: no 'Initial SOC' was given: the cell rests at the initial "
                "concentrations of the parameter set"
            )
        self.measured = dict(zip(modes, self.measured.values(), strict=True))

    @classmethod
    def read(
        cls, options: Mapping[str, Any], columns: Sequence[str] | None, issues: Issues
    ) -> None:
        """Check that the data have a time and the degradation modes."""
        if columns is None:
            return
        if not set(_UNITS).intersection(columns):
            issues.add(f"data: there is no column {', '.join(map(repr, _UNITS))}")
        missing = [mode for mode in options.get("modes") or () if mode not in columns]
        if missing or not set(MODES).intersection(columns):
            issues.add(f"data: there is no column {', '.join(map(repr, missing or MODES))}")

    @staticmethod
    def _resting(measurement: Measurement, modes: Sequence[str], label: str) -> Measurement:
        """Return the data with a time in seconds, a current of zero, and PyBaMM's names."""
        unit = next((name for name in _UNITS if measurement.has(name)), None)
        if unit is None:
            raise ValueError(f"{label}: the data have no column {', '.join(_UNITS)}")
        times = measurement.column(unit) * _UNITS[unit]
        columns = {TIME: times, CURRENT: 0.0 * times}
        columns |= {MODES[mode]: measurement.column(mode) for mode in modes}
        return Measurement(pl.DataFrame(columns), measurement.label)
