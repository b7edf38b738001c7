"""The resistance at each jump of the current: change of voltage by change of current."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import numpy as np
from attrs import evolve

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.measurement import CURRENT, TIME, VOLTAGE
from ionworks.engine.fitting.objectives.current_driven import CurrentDriven
from ionworks.engine.fitting.objectives.objective import Request
from ionworks.engine.fitting.state import State

RESISTANCE: Final = "Resistance [Ohm]"
_JUMP: Final = 0.05
"""Least jump of the current between two rows, relative to the greatest current."""


class Resistance(CurrentDriven):
    """The resistance between the rows before and after each jump of the measured current.

    The model follows the measured current, and its resistance comes from the same two rows as that
    of the data.
    """

    kind: ClassVar[str] = "Resistance"
    options: ClassVar[tuple[str, ...]] = ("model",)
    columns: ClassVar[tuple[str, ...]] = (TIME, CURRENT, VOLTAGE)

    def __init__(self, request: Request, state: State) -> None:
        super().__init__(request, state)
        measurement = request.measurement(state)
        currents = measurement.column(CURRENT)
        change = np.diff(currents)
        self._rows = np.flatnonzero(np.abs(change) > _JUMP * np.abs(currents).max())
        if not len(self._rows):
            raise ValueError(
                f"{request.label}: the current has no jumps in the data, which a resistance needs"
            )
        self._change = change[self._rows]
        self.axis_values = self.axis_values[self._rows]
        self.measured = {RESISTANCE: self._resistances(self.measured[VOLTAGE])}

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return the resistances of some candidates."""
        return [
            found
            if found.values is None
            else evolve(found, values=self._resistances(found.values[0])[None])
            for found in super().predict(candidates)
        ]

    def _resistances(self, voltages: Floats) -> Floats:
        # Positive currents discharge, which lowers the voltage: hence the sign.
        return np.asarray(-(voltages[self._rows + 1] - voltages[self._rows]) / self._change)
