"""Initial states of the candidates of a fit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, StartingPoint
from ionworks.engine.cells.initial_state import (
    NEGATIVE_CONCENTRATION,
    NEGATIVE_MAXIMUM,
    POSITIVE_CONCENTRATION,
    POSITIVE_MAXIMUM,
)
from ionworks.engine.fitting.forward_model.cell import FittingCell
from ionworks.engine.fitting.parameters.names import INITIAL_SOC, INITIAL_VOLTAGE

CHARGE_NAMES: Final = (
    INITIAL_SOC,
    INITIAL_VOLTAGE,
    NEGATIVE_CONCENTRATION,
    POSITIVE_CONCENTRATION,
)
"""Parameters that set the initial state of charge."""


def is_charge_set(names: Iterable[str]) -> bool:
    """Return whether one of some parameters sets the initial state of charge."""
    return not set(CHARGE_NAMES).isdisjoint(names)


@frozen
class InitialState:
    """Default initial state of an objective, used where neither candidate nor elements set one.

    Attributes
    ----------
    kind : str
        ``"voltage"``, ``"load"`` or ``"concentrations"`` (those of the parameter values).
    value : float
        Open-circuit voltage, or first voltage under load [V].
    temperature : float
        Of the cell and around it [K].
    """

    kind: str
    value: float
    temperature: float


BEYOND: Final = 0.02
"""How far below 0 and above 1 a state of charge is looked for. Noise takes the first voltage of a
full cell beyond its cut-off, and a search needs a cost that is smooth there."""

_MAXIMA: Final = {
    NEGATIVE_CONCENTRATION: NEGATIVE_MAXIMUM,
    POSITIVE_CONCENTRATION: POSITIVE_MAXIMUM,
}


@frozen
class SocRange:
    """The states of charge of a candidate.

    Attributes
    ----------
    empty, full : dict of str to float
        The model inputs at the states of charge 0 and 1.
    low, high : float
        The least and the greatest state of charge to look for.
    """

    empty: dict[str, float]
    full: dict[str, float]
    low: float
    high: float

    def at(self, soc: float) -> dict[str, float]:
        """Return the model inputs at a state of charge."""
        return {name: value + soc * (self.full[name] - value) for name, value in self.empty.items()}


class InitialStates:
    """Finds the model inputs for the initial state of each candidate.

    Values of a candidate take precedence over those of elements, and these over the default of the
    objective.

    Parameters
    ----------
    cell : FittingCell
    swept : sequence of str
        Parameters of the model that differ between candidates.
    start : InitialState
    given : mapping of str to float
        Initial conditions given by elements.
    """

    def __init__(
        self,
        cell: FittingCell,
        swept: Sequence[str],
        start: InitialState,
        given: Mapping[str, float],
    ) -> None:
        self._cell, self._start = cell, start
        self._given = dict(given)
        self.balance_names = cell.balance_parameters(tuple(swept))
        self._states = cell.initial_states(self.balance_names)

    def is_under_load(self, fitted: Sequence[str]) -> bool:
        """Return whether the first voltage under load sets the initial state.

        Parameters
        ----------
        fitted : sequence of str
            All names that differ between candidates.
        """
        return self._start.kind == "load" and not is_charge_set({*self._given, *fitted})

    def soc_ranges(self, candidates: Sequence[Mapping[str, float]]) -> list[SocRange | str]:
        """Return the states of charge of each candidate, or the reason why it has none."""
        ends = (
            self.inputs([{**each, INITIAL_SOC: soc} for each in candidates]) for soc in (0.0, 1.0)
        )
        return [
            empty
            if isinstance(empty, str)
            else full
            if isinstance(full, str)
            else self._soc_range(empty, full, candidate)
            for empty, full, candidate in zip(*ends, candidates, strict=True)
        ]

    def _soc_range(
        self, empty: dict[str, float], full: dict[str, float], candidate: Mapping[str, float]
    ) -> SocRange:
        """Return the states of charge between two ends, and a little beyond.

        Half the way to an empty or a full electrode at most: there potentials diverge.
        """
        below = above = BEYOND
        for name, maximum in _MAXIMA.items():
            most = candidate.get(maximum, self._cell.scalars[maximum])
            change = full[name] - empty[name]
            before, after = (empty[name], most - full[name])
            if change < 0:
                before, after = most - empty[name], full[name]
            below = min(below, before / abs(change) / 2)
            above = min(above, after / abs(change) / 2)
        return SocRange(empty, full, -below, 1 + above)

    def common(self, fitted: Sequence[str]) -> dict[str, float]:
        """Return the part of `inputs` that is the same for every candidate.

        Parameters
        ----------
        fitted : sequence of str
            All names that differ between candidates.
        """
        if not {INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE}.isdisjoint(fitted):
            return {}
        conditions = self._conditions({})
        is_balanced = bool(self.balance_names) and self._point(conditions) is not None
        if is_balanced or is_charge_set(fitted) or self.is_under_load(fitted):
            known = self._known(conditions)
            return {name: known[name] for name in (INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE)}
        (found,) = self.inputs([{}])
        return found if isinstance(found, dict) else {}

    def inputs(self, candidates: Sequence[Mapping[str, float]]) -> list[dict[str, float] | str]:
        """Return state and temperatures of each candidate, or the reason why it has none."""
        conditions = [self._conditions(candidate) for candidate in candidates]
        points = [self._point(each) for each in conditions]
        found: list[dict[str, float] | str] = [self._known(each) for each in conditions]
        for place, point in enumerate(points):
            if point is not None and point.kind == "soc" and not 0 <= point.value <= 1:
                points[place] = None
                found[place] = f"{INITIAL_SOC!r} is {point.value:g}; it lies between 0 and 1"
        searched = [place for place, point in enumerate(points) if point is not None]
        if searched:
            designs = [
                {name: candidates[place][name] for name in self.balance_names} for place in searched
            ]
            wanted = [point for point in points if point is not None]
            states = self._states.solve(wanted, designs)
            for place, state in zip(searched, states, strict=True):
                known = found[place]
                if isinstance(state, str):
                    found[place] = state
                elif isinstance(known, dict):
                    known |= state.inputs
        return found

    def _conditions(self, candidate: Mapping[str, float]) -> dict[str, float]:
        """Return the initial conditions of a candidate, its own taking precedence."""
        given = self._given
        if any(name in candidate for name in CHARGE_NAMES):
            given = {name: value for name, value in given.items() if name not in CHARGE_NAMES}
        return {**given, **candidate}

    def _known(self, conditions: Mapping[str, float]) -> dict[str, float]:
        temperature = conditions.get(INITIAL_TEMPERATURE, self._start.temperature)
        return {
            INITIAL_TEMPERATURE: temperature,
            AMBIENT_TEMPERATURE: conditions.get(AMBIENT_TEMPERATURE, temperature),
            **{
                name: conditions.get(name, self._cell.scalars[name])
                for name in self._cell.state_names
            },
        }

    def _point(self, conditions: Mapping[str, float]) -> StartingPoint | None:
        """Return the state to solve for; None where the concentrations are known."""
        temperature = conditions.get(INITIAL_TEMPERATURE, self._start.temperature)
        if INITIAL_SOC in conditions:
            return StartingPoint("soc", conditions[INITIAL_SOC], temperature)
        if INITIAL_VOLTAGE in conditions:
            return StartingPoint("voltage", conditions[INITIAL_VOLTAGE], temperature)
        if self._start.kind != "voltage" or any(
            name in conditions for name in self._cell.state_names
        ):
            return None
        return StartingPoint("voltage", self._start.value, temperature)
