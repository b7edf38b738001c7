"""The forward model of a fit: built once, then run for many candidates in one solve.

Every fitted parameter, geometry included, is an input of the built model, and the output is saved
only at the times of the data; an evaluation takes little longer than the integration.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.doe.scalars import nearest
from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, Floats
from ionworks.engine.fitting.forward_model.cell import FittingCell
from ionworks.engine.fitting.forward_model.current_profile import CurrentProfile, Segment
from ionworks.engine.fitting.forward_model.initial_state import (
    CHARGE_NAMES,
    InitialState,
    InitialStates,
)
from ionworks.engine.fitting.forward_model.start_under_load import LoadedState, StartUnderLoad
from ionworks.engine.fitting.measurement import VOLTAGE
from ionworks.engine.pybamm_setup import compile_function, input_names, pybamm
from ionworks.engine.solver.integrator import Integrator
from ionworks.engine.solver.models import BuiltModel, alias, discretise
from ionworks.engine.solver.solve import StartFailure, TimeGrid, Trajectory, solve_step

TOLERANCES: Final = (1e-6, 1e-6)
"""Relative and absolute tolerance. Finite differences need a solution that is smooth in the
parameters; see `ionworks.engine.fitting.problem.STEP`."""

_FIRST: Final = "current at the start"
_SLOPE: Final = "slope of the current"
_NEAR: Final = 1e-6
"""Times closer than this [s] are the same; rounding of summed segment lengths is far below."""

_END: Final = "the voltage left the range in which the model describes a cell"
_LONGEST: Final = 1e9
"""Duration of PyBaMM's step [s]; the grid of a segment ends it earlier."""


@frozen(eq=False)
class Prediction:
    """The prediction of an objective for one candidate.

    Attributes
    ----------
    values : array, shape (outputs, rows), or None
        At the times of the data; None if the run could not be started.
    missing : float
        The fraction of the time the run did not reach; the rows there hold its last values.
    reason : str
        Why rows are missing; empty if all are there.
    """

    values: Floats | None
    missing: float = 0.0
    reason: str = ""


class Forward:
    """A model that follows a measured current.

    Parameters
    ----------
    cell : FittingCell
    profile : CurrentProfile
    fitted : sequence of str
        Names of the parameters that differ between candidates.
    outputs : sequence of str
        Model variables to predict.
    start : InitialState
    given : mapping of str to float
        Initial conditions given by elements.
    threads : int
        Number of candidates integrated at the same time.

    Raises
    ------
    ValueError
        If the model cannot be built, or has no such variable.
    """

    def __init__(
        self,
        cell: FittingCell,
        profile: CurrentProfile,
        fitted: Sequence[str],
        outputs: Sequence[str],
        start: InitialState,
        given: Mapping[str, float],
        threads: int,
    ) -> None:
        _check_outputs(outputs, cell)
        self._profile = profile
        self._valid = _Valid.of(cell, outputs)
        self._length = sum(segment.length for segment in profile.segments)
        elsewhere = {*CHARGE_NAMES, AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE}
        swept = tuple(name for name in fitted if name not in elsewhere)
        self._initial_states = InitialStates(cell, swept, start, given)
        starting = (*cell.state_names, AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE)
        # Values shared by all candidates are constants: PyBaMM and CasADi fold them once.
        common = self._initial_states.common(fitted)
        inputs = (*(name for name in starting if name not in common), *swept)
        under_load = self._initial_states.is_under_load(fitted)
        recorded = tuple(dict.fromkeys((*outputs, VOLTAGE))) if under_load else tuple(outputs)
        model = discretise(
            cell.with_numbers(common), _step(profile, self._valid), inputs, swept, recorded
        )
        integrator = Integrator(model, [alias(name) for name in outputs], TOLERANCES, threads)
        self._built = BuiltModel.of(integrator, {})
        straight = (_FIRST, _SLOPE) if len(profile.segments) > 1 else ()
        self._places = [integrator.names.index(name) for name in straight]
        self._first_states = compile_function(
            [model.concatenated_initial_conditions], integrator.names
        )
        begin = profile.segments[0]
        self._under_load = None
        if under_load:
            current = dict(zip(straight, (begin.first, begin.slope), strict=False))
            self._under_load = StartUnderLoad(
                model,
                alias(VOLTAGE),
                integrator.names,
                self._initial_states,
                current,
                start.value,
            )
        self._grids = [
            TimeGrid(segment.length, _before(segment.times, segment.length), segment.stops)
            for segment in profile.segments
        ]
        parts = (
            model.concatenated_rhs,
            model.concatenated_algebraic,
            model.concatenated_initial_conditions,
            *(model.get_processed_variable(alias(name)) for name in outputs),
        )
        self.influential = {
            INITIAL_TEMPERATURE,
            *input_names(parts),
            *self._initial_states.balance_names,
            *CHARGE_NAMES,
        }
        if self._under_load is not None:
            self.influential |= self._under_load.influential

    def loaded_state(self, candidate: Mapping[str, float]) -> LoadedState | None:
        """Return the state a candidate starts from where its first voltage under load sets it."""
        if self._under_load is None:
            return None
        (found,) = self._under_load.states([candidate])
        return None if isinstance(found, str) else found

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return the predictions for some candidates, in order."""
        starts = (self._under_load or self._initial_states).inputs(candidates)
        found = [Prediction(None, 1.0, str(start)) for start in starts]
        rows = {
            place: self._built.integrator.row({**candidate, **start})
            for place, (candidate, start) in enumerate(zip(candidates, starts, strict=True))
            if not isinstance(start, str)
        }
        if rows:
            followed = self._follow(np.array(list(rows.values())))
            for place, each in zip(rows, followed, strict=True):
                found[place] = each
        return found

    def _follow(self, rows: Floats) -> list[Prediction]:
        """Return the predictions for some rows of inputs, segment after segment."""
        states = self._first_states(rows.T)[0].T
        runs = [_CandidateRun(self._length, self._valid) for _ in rows]
        going = np.arange(len(rows))
        for segment, grid in zip(self._profile.segments, self._grids, strict=True):
            if self._places:
                rows[:, self._places] = segment.first, segment.slope
            found = solve_step(self._built, rows[going], states[going], grid)
            for place, each in zip(going, found, strict=True):
                runs[place].extend(each, segment)
                if isinstance(each, Trajectory):
                    states[place] = each.state
            going = np.array([place for place in going if not runs[place].failure], int)
            if not len(going):
                break
        return [run.prediction(self._profile.rows) for run in runs]


@frozen(eq=False)
class _Valid:
    """The voltages [V] in which a model describes a cell.

    Attributes
    ----------
    lower, upper : float
    row : int or None
        Row of the voltage in the signals; None if the solver watches it.
    """

    lower: float
    upper: float
    row: int | None

    @classmethod
    def of(cls, cell: FittingCell, outputs: Sequence[str]) -> "_Valid":
        """Return the valid voltages of a cell.

        Far outside, algebraic equations have no solution and the solver takes long to fail:
        with them it has to watch the voltage. Purely differential models are integrated to the end
        and cut afterwards, which is faster than evaluating the voltage at every solver step.
        """
        lower, upper = cell.valid_voltages({})
        is_watched = cell.reference.algebraic or VOLTAGE not in outputs
        return cls(lower, upper, None if is_watched else list(outputs).index(VOLTAGE))

    def part(self, found: Trajectory) -> Trajectory:
        """Return a trajectory up to where its voltage leaves the range."""
        if self.row is None:
            return found
        voltage = found.signals[self.row]
        outside = (voltage < self.lower) | (voltage > self.upper)
        if not outside.any():
            return found
        place = int(outside.argmax())
        before = max(place - 1, 0)
        limit = self.lower if voltage[place] < self.lower else self.upper
        share = (limit - voltage[before]) / (voltage[place] - voltage[before]) if place else 0.0
        ends = []
        for values in (found.times, found.signals):
            crossing = values[..., before] + share * (values[..., place] - values[..., before])
            ends.append(np.append(values[..., :place], crossing[..., None], axis=-1))
        times, signals = ends
        return Trajectory(times, signals, found.state, _END)


class _CandidateRun:
    """The signals of one candidate up to the current segment."""

    def __init__(self, length: float, valid: "_Valid") -> None:
        self._parts: list[Floats] = []
        self._length = length
        self._valid = valid
        self._last = np.empty((0, 0))
        self._time = 0.0
        self.failure = ""

    def extend(self, found: Trajectory | StartFailure, segment: Segment) -> None:
        """Append the signals of a segment, at the times of the segment's rows."""
        if isinstance(found, StartFailure):
            self.failure = found.message
            return
        found = self._valid.part(found)
        if found.ended_by != "time":
            self.failure = found.ended_by
        self._time += float(found.times[-1])
        reached = segment.times[segment.times <= found.times[-1] + _NEAR]
        places = np.searchsorted(found.times, reached - _NEAR)
        self._parts.append(found.signals[:, places])
        self._last = found.signals[:, -1:]

    def prediction(self, rows: int) -> Prediction:
        """Return the signals at all rows; rows it did not reach hold the last values."""
        reached = sum(part.shape[1] for part in self._parts)
        if not reached:
            return Prediction(None, 1.0, self.failure)
        values = np.concatenate(self._parts, axis=1)
        if reached == rows:
            return Prediction(values)
        held = np.repeat(self._last, rows - reached, axis=1)
        values = np.concatenate([values, held], axis=1)
        return Prediction(values, max(1 - self._time / self._length, _NEAR), self.failure)


def _check_outputs(names: Sequence[str], cell: FittingCell) -> None:
    """Raise ValueError for variables the model does not have, or that vary in space."""
    for name in names:
        if name not in cell.variables:
            raise ValueError(
                f"unknown variable {name!r}{nearest(name, cell.variables)}; give a variable of the "
                "model"
            )
        if not cell.variables[name]:
            raise ValueError(
                f"variable {name!r} varies in space: use an average or a boundary value"
            )


def _before(times: Floats, end: float) -> Floats:
    """Return the times a solve is to save: its start, and those before its end."""
    inside = times[(times > _NEAR) & (times < end - _NEAR)]
    return np.insert(inside, 0, 0.0)


def _step(profile: CurrentProfile, valid: _Valid) -> Any:
    """Return the step that imposes a current profile on PyBaMM's model."""
    if profile.shape is not None:
        knots, values = np.array(profile.shape.times), np.array(profile.shape.values)
        current: Any = pybamm.Interpolant(knots, values, pybamm.t, name="measured current")
    elif len(profile.segments) == 1:
        current = profile.segments[0].first + profile.segments[0].slope * pybamm.t
    else:
        current = pybamm.InputParameter(_FIRST) + pybamm.InputParameter(_SLOPE) * pybamm.t
    ends = []
    if valid.row is None:
        ends.append(
            pybamm.step.CustomTermination(
                _END,
                lambda v: pybamm.minimum(v[VOLTAGE] - valid.lower, valid.upper - v[VOLTAGE]),
            )
        )
    return pybamm.step.current(current, duration=_LONGEST, termination=ends)
