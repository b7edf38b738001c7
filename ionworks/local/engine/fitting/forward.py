"""The forward model of a fit: built once, then run for many candidates in one solve.

Everything fitted is an input of the built model, geometry included, and the output is saved at the
times of the data alone; an evaluation costs little more than the integration.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.local.engine.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    Floats,
    StartingPoint,
)
from ionworks.local.engine.fitting.cell import FittingCell
from ionworks.local.engine.fitting.course import Course
from ionworks.local.engine.fitting.names import INITIAL_SOC, INITIAL_VOLTAGE
from ionworks.local.engine.integration import Integrator
from ionworks.local.engine.models import BuiltModel, alias, discretise
from ionworks.local.engine.pybamm_setup import compile_function, pybamm
from ionworks.local.engine.solving import Failure, Grid, Trajectory, solve_step

TOLERANCES: Final = (1e-6, 1e-6)
"""Relative and absolute. Finite differences need a solution that is smooth in the parameters."""

_FIRST: Final = "current at the start"
_SLOPE: Final = "slope of the current"
_NEAR: Final = 1e-6
_END: Final = "outside valid voltages"
_LONGEST: Final = 1e9


@frozen
class Start:
    """Where the runs of an objective start, unless a candidate says otherwise.

    Attributes
    ----------
    kind : str
        ``"soc"``, ``"voltage"`` or ``"concentrations"`` (those of the parameter values).
    value : float
        State of charge (a fraction) or open-circuit voltage [V].
    temperature : float
        Of the cell and around it [K].
    """

    kind: str
    value: float
    temperature: float


@frozen(eq=False)
class Prediction:
    """What the model says for one candidate.

    Attributes
    ----------
    values : array, shape (outputs, rows), or None
        At the times of the data; None if the run could not be started.
    missing : float
        The share of the rows the run did not reach; they hold its last values.
    problem : str
        Why rows are missing; empty if none are.
    """

    values: Floats | None
    missing: float = 0.0
    problem: str = ""


class Forward:
    """A model that follows a measured current.

    Parameters
    ----------
    cell : FittingCell
    course : Course
    fitted : sequence of str
        Names of the parameters that differ between candidates.
    outputs : sequence of str
        Model variables to predict.
    start : Start
    threads : int
        How many candidates are integrated at the same time.

    Raises
    ------
    ValueError
        If the model cannot be built, or has no such variable.
    """

    def __init__(
        self,
        cell: FittingCell,
        course: Course,
        fitted: Sequence[str],
        outputs: Sequence[str],
        start: Start,
        threads: int,
    ) -> None:
        self._cell, self._course, self._start = cell, course, start
        starting = {INITIAL_SOC, INITIAL_VOLTAGE, *cell.state_names}
        self._swept = tuple(
            name
            for name in fitted
            if name not in starting and name not in {AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE}
        )
        self._balance_names = cell.balance_parameters(self._swept)
        self._states = cell.initial_states(self._balance_names)
        inputs = (*cell.state_names, AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, *self._swept)
        model = discretise(cell, _step(course, cell), inputs, self._swept, tuple(outputs))
        integrator = Integrator(model, [alias(name) for name in outputs], TOLERANCES, threads)
        self._built = BuiltModel.of(integrator, {})
        straight = (_FIRST, _SLOPE) if course.shape is None else ()
        self._places = [integrator.names.index(name) for name in straight]
        self._first_states = compile_function(
            [model.concatenated_initial_conditions], integrator.names
        )
        self._grids = [
            Grid(piece.length, _before(piece.times, piece.length), piece.stops)
            for piece in course.pieces
        ]
        self.influential = {*integrator.names, *self._balance_names, *starting}

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return what the model says for some candidates, in order."""
        starts = self._starting_states(candidates)
        able = [place for place, state in enumerate(starts) if not isinstance(state, str)]
        found = [Prediction(None, 1.0, str(state)) for state in starts]
        if not able:
            return found
        rows = np.array([self._row(candidates[place], starts[place]) for place in able])
        for place, each in zip(able, self._follow(rows), strict=True):
            found[place] = each
        return found

    def _follow(self, rows: Floats) -> list[Prediction]:
        """Return what the model says for some rows of inputs, piece after piece."""
        states = self._first_states(rows.T)[0].T
        runs = [_Run() for _ in rows]
        going = np.arange(len(rows))
        for piece, grid in zip(self._course.pieces, self._grids, strict=True):
            if piece.shape is None:
                rows[:, self._places] = piece.first, piece.slope
            found = solve_step(self._built, rows[going], states[going], grid)
            for place, each in zip(going, found, strict=True):
                runs[place].extend(each, piece.times)
                if isinstance(each, Trajectory):
                    states[place] = each.state
            going = np.array([place for place in going if not runs[place].problem], int)
            if not len(going):
                break
        return [run.prediction(self._course.rows) for run in runs]

    def _row(self, candidate: Mapping[str, float], state: Any) -> Floats:
        temperature = candidate.get(INITIAL_TEMPERATURE, self._start.temperature)
        return self._built.integrator.row(
            {
                INITIAL_TEMPERATURE: temperature,
                AMBIENT_TEMPERATURE: candidate.get(AMBIENT_TEMPERATURE, temperature),
                **candidate,
                **state,
            }
        )

    def _starting_states(
        self, candidates: Sequence[Mapping[str, float]]
    ) -> list[dict[str, float] | str]:
        """Return the state inputs of each candidate, or why there are none."""
        found: list[dict[str, float] | str] = []
        searched: list[tuple[int, StartingPoint]] = []
        for place, candidate in enumerate(candidates):
            point = self._point(candidate)
            own = {
                name: candidate.get(name, self._cell.scalars[name])
                for name in self._cell.state_names
                if point is None
            }
            found.append(own)
            if point is not None:
                searched.append((place, point))
        if searched:
            designs = [
                {name: candidates[place][name] for name in self._balance_names}
                for place, _ in searched
            ]
            states = self._states.solve([point for _, point in searched], designs)
            for (place, _), state in zip(searched, states, strict=True):
                found[place] = state if isinstance(state, str) else state.inputs
        return found

    def _point(self, candidate: Mapping[str, float]) -> StartingPoint | None:
        """Return the state to search for; None where the concentrations are known."""
        temperature = candidate.get(INITIAL_TEMPERATURE, self._start.temperature)
        if INITIAL_SOC in candidate:
            return StartingPoint("soc", candidate[INITIAL_SOC], temperature)
        if INITIAL_VOLTAGE in candidate:
            return StartingPoint("voltage", candidate[INITIAL_VOLTAGE], temperature)
        known = self._start.kind == "concentrations" or any(
            name in candidate for name in self._cell.state_names
        )
        return None if known else StartingPoint(self._start.kind, self._start.value, temperature)


class _Run:
    """What one candidate has done so far."""

    def __init__(self) -> None:
        self._parts: list[Floats] = []
        self.problem = ""

    def extend(self, found: Trajectory | Failure, wanted: Floats) -> None:
        """Take up what it did in a piece, at the times of the piece's rows."""
        if isinstance(found, Failure):
            self.problem = found.message
            return
        if found.ended_by != "time":
            self.problem = found.ended_by
        if len(found.times):
            reached = wanted[wanted <= found.times[-1] + _NEAR]
            places = np.searchsorted(found.times, reached - _NEAR)
            self._parts.append(found.signals[:, places])

    def prediction(self, rows: int) -> Prediction:
        """Return what it did at all rows; those it did not reach hold its last values."""
        reached = sum(part.shape[1] for part in self._parts)
        if not reached:
            return Prediction(None, 1.0, self.problem)
        values = np.concatenate(self._parts, axis=1)
        missing = rows - reached
        if missing:
            values = np.pad(values, ((0, 0), (0, missing)), mode="edge")
        return Prediction(values, missing / rows, self.problem if missing else "")


def _before(times: Floats, end: float) -> Floats:
    """Return the times a solve is to save: its start, and those before its end."""
    inside = times[(times > _NEAR) & (times < end - _NEAR)]
    return np.insert(inside, 0, 0.0)


def _step(course: Course, cell: FittingCell) -> Any:
    """Return the step that makes PyBaMM's model follow a course."""
    if course.shape is not None:
        knots, values = np.array(course.shape.times), np.array(course.shape.values)
        current: Any = pybamm.Interpolant(knots, values, pybamm.t, name="measured current")
    else:
        current = pybamm.InputParameter(_FIRST) + pybamm.InputParameter(_SLOPE) * pybamm.t
    lower, upper = cell.valid_voltages({})
    end = pybamm.step.CustomTermination(
        _END, lambda v: pybamm.minimum(v["Voltage [V]"] - lower, upper - v["Voltage [V]"])
    )
    return pybamm.step.current(current, duration=_LONGEST, termination=[end])
