"""The integrator inside PyBaMM's IDAKLU solver, set up once and then called for many runs at once.

`pybamm.BaseSolver.solve` prepares a model and its inputs anew, in Python, for every run of every
step; for SPM that takes longer than the integration. Here PyBaMM sets the integrator up, and each
solve after that is one call of it with arrays. What leans on the insides of PyBaMM for that stands
in `pybamm_setup` and here, and nowhere else.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import casadi
import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.pybamm_setup import pybamm

_SIGNALS: Final = "signals"
_ROOT_FOUND: Final = 2
"""What the integrator (IDA of SUNDIALS) returns at an event."""

_WORTH_EXPANDING: Final = 11
"""One operation on matrices takes as long as up to this many on scalars."""

_NO_SENSITIVITIES: Final = np.empty((0, 0))
_MODEL_FUNCTIONS: Final = (
    "rhs_eval",
    "algebraic_eval",
    "rhs_algebraic_eval",
    "jac_algebraic_eval",
    "jac_rhs_algebraic_eval",
)


class IntegrationError(Exception):
    """A set of runs of which at least one has no consistent start."""


@frozen
class Integrated:
    """What one run did.

    Attributes
    ----------
    times : array, shape (points,)
    signals : array, shape (outputs, points)
    state : array, shape (states,)
        At the last time.
    event : str or None
        Name of the event that stopped it; None at the last time asked for.
    failed : bool
        Whether the integrator gave up before either.
    """

    times: Floats
    signals: Floats
    state: Floats
    event: str | None
    failed: bool


class _QuickFunctions(pybamm.BaseSolver):
    """Sets a model up with the faster form of each of its functions, and its outputs as one."""

    computed_var_fcns: dict[str, Any]

    def set_up(
        self, model: Any, inputs: Any = None, t_eval: Any = None, ics_only: bool = False
    ) -> None:
        super().set_up(model, inputs, t_eval, ics_only)
        for name in _MODEL_FUNCTIONS:
            setattr(model, name, _quicker(getattr(model, name)))
        model.terminate_events_eval = [_quicker(each) for each in model.terminate_events_eval]
        self.computed_var_fcns = {_SIGNALS: _joined(list(self.computed_var_fcns.values()))}
        self.output_variables = [_SIGNALS]


class _Solver(pybamm.IDAKLUSolver, _QuickFunctions):
    """PyBaMM's solver; `_QuickFunctions` takes the place of the base it prepares models with."""


class Integrator:
    """A discretised model, ready to be integrated for any number of runs.

    Parameters
    ----------
    model : pybamm.BaseModel
        Discretised.
    outputs : sequence of str
        The model variables to record.
    tolerances : tuple of float
        Relative and absolute.
    threads : int
        How many runs are integrated at the same time.
    """

    def __init__(
        self, model: Any, outputs: Sequence[str], tolerances: tuple[float, float], threads: int
    ) -> None:
        relative, absolute = tolerances
        solver = _Solver(
            rtol=relative,
            atol=absolute,
            output_variables=list(outputs),
            options={"num_threads": threads, "silence_sundials_errors": True},
        )
        needed = {*model.input_parameters, *model.required_input_parameters}
        self.names = tuple(sorted({part.name for part in needed}))
        # Their values only matter for what is thrown away: the first initial state.
        solver.set_up(model, [dict.fromkeys(self.names, 1.0)])
        self.size = int(model.len_rhs_and_alg)
        self._model = model
        self._group = solver._setup["solver"]  # noqa: SLF001 - see the module's docstring
        self._events = solver._setup["rootfn_casadi"]  # noqa: SLF001
        self._event_names = [
            event.name for event in model.events if event.event_type == pybamm.EventType.TERMINATION
        ]

    def row(self, values: Mapping[str, float]) -> Floats:
        """Return the inputs of one run as a row; what is not given yet is not a number."""
        return np.array([values.get(name, np.nan) for name in self.names])

    def solve(
        self, rows: Floats, states: Floats, stops: Floats, points: Floats
    ) -> list[Integrated]:
        """Integrate some runs from 0.

        Parameters
        ----------
        rows : array, shape (runs, inputs)
            The inputs of each run, see `row`.
        states : array, shape (runs, states)
            Where each starts; algebraic states need only be near.
        stops : array
            Times the integrator must not step over [s], from 0 to the last.
        points : array
            Times to record besides those [s].

        Raises
        ------
        IntegrationError
            If one of the runs cannot be started; it is not known which.
        """
        slopes = np.zeros_like(states)
        slopes[:, : self._model.len_rhs] = self._slopes(rows, states)
        try:
            found = self._group.solve(
                stops, points, states, slopes, rows, logger=None, pbar=_NO_SENSITIVITIES
            )
        except (ValueError, RuntimeError) as error:
            raise IntegrationError(str(error)) from None
        return [self._integrated(each, row) for each, row in zip(found, rows, strict=True)]

    def _slopes(self, rows: Floats, states: Floats) -> Floats:
        """Return the time derivatives of the differential states, shape (runs, states)."""
        slopes = self._model.rhs_eval(0.0, states.T, rows.T).full()
        if not self._model.is_standard_form_dae:
            size = self._model.len_rhs
            mass = self._model.mass_matrix.entries[:size, :size].toarray()
            slopes = np.linalg.solve(mass, slopes)
        return np.asarray(slopes.T)

    def _integrated(self, found: Any, row: Floats) -> Integrated:
        times = np.array(found.t)
        state = np.array(found.y_term)
        event = None
        if found.flag == _ROOT_FOUND:
            event = self._event_names[0]
            if len(self._event_names) > 1:
                values = self._events(float(times[-1]), state, row).full()
                event = self._event_names[int(np.nanargmin(np.abs(values)))]
        signals = np.array(found.y).reshape(len(times), -1).T
        return Integrated(times, signals, state, event, found.flag < 0)


def _quicker(function: Any) -> Any:
    """Return a function as scalar operations where those are faster than matrix operations."""
    try:
        scalar = function.expand()
    except RuntimeError:
        # CasADi's word for it: a table to interpolate in has no scalar form.
        return function
    is_worth_it = scalar.n_instructions() <= _WORTH_EXPANDING * function.n_instructions()
    return scalar if is_worth_it else function


def _joined(functions: Sequence[Any]) -> Any:
    """Return one function with the values of several, which share what they have in common."""
    arguments = [
        casadi.MX.sym(name, *functions[0].size_in(place)) for place, name in enumerate("typ")
    ]
    values = casadi.vertcat(*(each.call(arguments, True, False)[0] for each in functions))
    return _quicker(casadi.Function(_SIGNALS, arguments, [casadi.cse(values)]))
