"""The initial state of runs whose data begin under load.

Such data have no open-circuit voltage. Their first voltage is the model's under the first current,
at once, while the concentrations are still uniform; that gives the state of charge.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.arrays import Floats, false_position
from ionworks.engine.fitting.forward_model.initial_state import InitialStates, SocRange
from ionworks.engine.pybamm_setup import compile_first_value, input_names

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
        return [
            each if isinstance(each, str) else each[1].at(each[0].soc)
            for each in self._solved(candidates)
        ]

    def _solved(
        self, candidates: Sequence[Mapping[str, float]]
    ) -> list[tuple[LoadedState, SocRange] | str]:
        """Return the state of each candidate, with the states of charge it may have."""
        ranges = self._states.soc_ranges(candidates)
        known = {place: each for place, each in enumerate(ranges) if isinstance(each, SocRange)}
        rows = {
            place: np.array([self._row(candidates[place], end) for end in (each.empty, each.full)])
            for place, each in known.items()
        }
        keys = {place: each[:, self._relevant].tobytes() for place, each in rows.items()}
        if len(self._found) + len(keys) > _STATES_KEPT:
            self._found.clear()
        new = {key: place for place, key in keys.items() if key not in self._found}
        if new:
            ends = np.stack([rows[place] for place in new.values()], axis=1)
            states = self._search(ends, [known[place] for place in new.values()])
            self._found |= zip(new, states, strict=True)
        return [
            each if isinstance(each, str) else _with(self._found[keys[place]], each)
            for place, each in enumerate(ranges)
        ]

    def _row(self, candidate: Mapping[str, float], end: Mapping[str, float]) -> list[float]:
        values = {**candidate, **end, **self._current}
        return [values[name] for name in self._names]

    def _search(self, ends: Floats, ranges: Sequence[SocRange]) -> list[LoadedState | None]:
        """Return the states of some runs; None where the model has no voltage.

        Parameters
        ----------
        ends : array, shape (2, runs, inputs)
            The inputs of each run at the states of charge 0 and 1.
        ranges : sequence of SocRange
        """
        empty, full = ends

        def excess(socs: Floats, runs: Any) -> Floats:
            rows = empty[runs] + socs[:, None] * (full[runs] - empty[runs])
            return np.asarray(self._value(rows.T)[0][0] - self._voltage)

        everything = np.arange(len(empty))
        low, at_low = _reached(excess, [each.low for each in ranges], 0.0, -1)
        high, at_high = _reached(excess, [each.high for each in ranges], 1.0, 1)
        # Where no state of charge has the voltage, the nearest one is taken.
        socs = np.where(at_low >= 0, low, high)
        inside = np.flatnonzero((at_low < 0) & (at_high > 0))
        if len(inside):
            socs[inside] = false_position(
                lambda tried: excess(tried, inside), low[inside], high[inside], _TOLERANCE
            )
        voltages = excess(socs, everything) + self._voltage
        known = np.all(np.isfinite([at_low, at_high, voltages]), axis=0).tolist()
        return [
            LoadedState(float(soc), float(voltage)) if is_known else None
            for soc, voltage, is_known in zip(socs, voltages, known, strict=True)
        ]


def _with(state: LoadedState | None, soc_range: SocRange) -> tuple[LoadedState, SocRange] | str:
    if state is None:
        return "the model has no voltage under the first measured current"
    return state, soc_range


def _reached(
    excess: Callable[[Floats, Any], Floats], ends: Sequence[float], plain: float, side: int
) -> tuple[Floats, Floats]:
    """Return one end of the range of each run, and the excess of the voltage there.

    Beyond 0 and 1 some published potentials have poles: where the voltage does not continue to fall
    (``side`` -1) or to rise (1), the range ends at 0 or 1, ``plain``.
    """
    socs = np.array(ends)
    found = excess(socs, np.arange(len(socs)))
    doubtful = np.flatnonzero(~(side * found > 0))
    if len(doubtful):
        at_plain = excess(np.full(len(doubtful), plain), doubtful)
        turns = ~(side * found[doubtful] >= side * at_plain)
        socs[doubtful[turns]], found[doubtful[turns]] = plain, at_plain[turns]
    return socs, found
