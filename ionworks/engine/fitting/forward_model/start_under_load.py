"""The initial state of runs whose data begin under load.

Such data have no open-circuit voltage. Their first voltage is the model's under the first current,
at once, while the concentrations are still uniform; that gives the state of charge.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.arrays import Floats, false_position
from ionworks.engine.fitting.forward_model.initial_state import InitialStates
from ionworks.engine.pybamm_setup import compile_first_value, input_names

BEYOND: Final = 0.02
"""How far below 0 and above 1 a state of charge is looked for. Noise takes the first voltage of a
full cell beyond its cut-off, and a search needs a cost that is smooth there."""

_TOLERANCE: Final = 1e-9
"""[V]; far below what the finite differences of a fit resolve."""

_STATES_KEPT: Final = 10_000
"""Candidates that differ only in parameters the first voltage does not depend on, such as
diffusivities, share one search."""


@frozen
class LoadedState:
    """The initial state of a candidate.

    Attributes
    ----------
    soc : float
        State of charge, a fraction.
    voltage : float
        The model's voltage [V] there, under the first current.
    """

    soc: float
    voltage: float


class StartUnderLoad:
    """Finds the state of charge at which the first voltage of a model is the measured one.

    Parameters
    ----------
    model : pybamm.BaseModel
        Discretised, with the initial concentrations as inputs.
    variable : str
        The voltage, as the model knows it.
    names : sequence of str
        The inputs of the model.
    states : InitialStates
    current : mapping of str to float
        Inputs that set the current at the start.
    voltage : float
        First measured voltage [V].
    """

    def __init__(
        self,
        model: Any,
        variable: str,
        names: Sequence[str],
        states: InitialStates,
        current: Mapping[str, float],
        voltage: float,
    ) -> None:
        self._value = compile_first_value(model, variable, names)
        self._names, self._states = tuple(names), states
        self._current, self._voltage = dict(current), voltage
        self.influential = input_names(
            [
                model.concatenated_initial_conditions,
                model.concatenated_algebraic,
                model.get_processed_variable(variable),
            ]
        )
        self._relevant = [place for place, name in enumerate(names) if name in self.influential]
        self._found: dict[bytes, LoadedState | None] = {}

    def states(self, candidates: Sequence[Mapping[str, float]]) -> list[LoadedState | str]:
        """Return the initial state of each candidate, or the reason why it has none."""
        return [each if isinstance(each, str) else each[0] for each in self._solved(candidates)]

    def inputs(self, candidates: Sequence[Mapping[str, float]]) -> list[dict[str, float] | str]:
        """Return the model inputs for it, or the reason why there are none."""
        found: list[dict[str, float] | str] = []
        for each in self._solved(candidates):
            if isinstance(each, str):
                found.append(each)
                continue
            state, (empty, full) = each
            found.append(
                {name: value + state.soc * (full[name] - value) for name, value in empty.items()}
            )
        return found

    def _solved(
        self, candidates: Sequence[Mapping[str, float]]
    ) -> list[tuple[LoadedState, tuple[dict[str, float], dict[str, float]]] | str]:
        """Return the state of each candidate, with the inputs at the states of charge 0 and 1."""
        found: list[Any] = list(self._states.at_ends(candidates))
        rows = {
            place: np.array([self._row(candidates[place], end) for end in ends])
            for place, ends in enumerate(found)
            if not isinstance(ends, str)
        }
        keys = {place: each[:, self._relevant].tobytes() for place, each in rows.items()}
        if len(self._found) + len(keys) > _STATES_KEPT:
            self._found.clear()
        new = {key: rows[place] for place, key in keys.items() if key not in self._found}
        if new:
            empty, full = np.stack(list(new.values()), axis=1)
            self._found |= zip(new, self._search(empty, full), strict=True)
        for place, key in keys.items():
            state = self._found[key]
            found[place] = (
                "the model has no voltage under the first measured current"
                if state is None
                else (state, found[place])
            )
        return found

    def _row(self, candidate: Mapping[str, float], end: Mapping[str, float]) -> list[float]:
        values = {**candidate, **end, **self._current}
        return [values[name] for name in self._names]

    def _search(self, empty: Floats, full: Floats) -> list[LoadedState | None]:
        """Return the states of some runs from their inputs at both ends, shape (runs, inputs)."""

        def excess(socs: Floats, runs: Any) -> Floats:
            rows = empty[runs] + socs[:, None] * (full[runs] - empty[runs])
            return np.asarray(self._value(rows.T)[0][0] - self._voltage)

        everything = np.arange(len(empty))
        low, high = (np.full(len(empty), soc) for soc in (-BEYOND, 1 + BEYOND))
        at_low, at_high = excess(low, everything), excess(high, everything)
        # Where no state of charge has the voltage, the nearest one is taken.
        socs = np.where(at_low >= 0, low, high)
        inside = np.flatnonzero((at_low < 0) & (at_high > 0))
        if len(inside):
            socs[inside] = false_position(
                lambda tried: excess(tried, inside), low[inside], high[inside], _TOLERANCE
            )
        voltages = excess(socs, everything) + self._voltage
        return [
            LoadedState(float(soc), float(voltage)) if np.isfinite(voltage) else None
            for soc, voltage in zip(socs, voltages, strict=True)
        ]
