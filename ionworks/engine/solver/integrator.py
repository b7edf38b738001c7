"""The integrator of PyBaMM's IDAKLU solver, set up once and then called directly for many runs.

`pybamm.BaseSolver.solve` processes the model and its inputs again, in Python, for every run of
every step. For a small model such as SPM that takes longer than the integration. Here PyBaMM only
sets the integrator up, and every solve after that is one call with arrays. PyBaMM's internals are
used in `pybamm_setup` and in this module only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import casadi
import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.pybamm_setup import pybamm
from ionworks.engine.solver.scalar_form import faster

_SIGNALS: Final = "signals"
_ROOT_FOUND: Final = 2
"""IDA_ROOT_RETURN, the flag of SUNDIALS' IDA when it stopped at an event."""

_NO_SENSITIVITIES: Final = np.empty((0, 0))
"""Scales of the parameters for which sensitivities are computed: none."""

_MODEL_FUNCTIONS: Final = (
    "rhs_eval",
    "algebraic_eval",
    "rhs_algebraic_eval",
    "jac_algebraic_eval",
    "jac_rhs_algebraic_eval",
)


class IntegrationError(Exception):
    """At least one of the runs of a call has no consistent initial state."""


@frozen
class Integration:
    """The integration of one run.

    Attributes
    ----------
    times : array, shape (points,)
        Recorded times [s].
    signals : array, shape (outputs, points)
        The recorded variables.
    state : array, shape (states,)
        The state at the last time.
    event : str or None
        Name of the event that stopped it; None if it reached the last requested time.
    failed : bool
        Whether the integrator gave up before either.
    """

    times: Floats
    signals: Floats
    state: Floats
    event: str | None
    failed: bool


class _FastFunctions(pybamm.BaseSolver):
    """Sets a model up with the faster form of each of its functions, and its outputs as one.

    The outputs share most of their expressions, such as the overpotentials. As one function they
    are computed once for all outputs.
    """

    computed_var_fcns: dict[str, Any]

    def set_up(
        self, model: Any, inputs: Any = None, t_eval: Any = None, ics_only: bool = False
    ) -> None:
        super().set_up(model, inputs, t_eval, ics_only)
        for name in _MODEL_FUNCTIONS:
            setattr(model, name, faster(getattr(model, name)))
        model.terminate_events_eval = [faster(each) for each in model.terminate_events_eval]
        self.computed_var_fcns = {_SIGNALS: _joined(list(self.computed_var_fcns.values()))}
        self.output_variables = [_SIGNALS]


class _Solver(pybamm.IDAKLUSolver, _FastFunctions):
    """PyBaMM's solver, whose ``super().set_up`` finds `_FastFunctions` before `BaseSolver`.

    So the functions are replaced after PyBaMM has made them and before it hands them to IDAKLU.
    """


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
        Number of runs integrated in parallel.
    test_algebraic_errors : bool
        Whether the errors of algebraic states limit the steps too.
    """

    def __init__(
        self,
        model: Any,
        outputs: Sequence[str],
        tolerances: tuple[float, float],
        threads: int,
        *,
        test_algebraic_errors: bool = True,
    ) -> None:
        relative, absolute = tolerances
        solver = _Solver(
            rtol=relative,
            atol=absolute,
            output_variables=list(outputs),
            options={
                "num_threads": threads,
                "silence_sundials_errors": True,
                "suppress_algebraic_error": not test_algebraic_errors,
            },
        )
        needed = {*model.input_parameters, *model.required_input_parameters}
        self.names = tuple(sorted({part.name for part in needed}))
        # PyBaMM computes an initial state from these values; every solve gets its own instead.
        solver.set_up(model, [dict.fromkeys(self.names, 1.0)])
        self.size = int(model.len_rhs_and_alg)
        self.has_algebraic_states = model.len_alg > 0
        self._model = model
        self._group = solver._setup["solver"]  # noqa: SLF001 - see the module's docstring
        self._events = solver._setup["rootfn_casadi"]  # noqa: SLF001
        self._event_names = [
            event.name for event in model.events if event.event_type == pybamm.EventType.TERMINATION
        ]

    def row(self, values: Mapping[str, float]) -> Floats:
        """Return the inputs of one run as a row, with NaN for those that are not given yet."""
        return np.array([values.get(name, np.nan) for name in self.names])

    def solve(
        self, rows: Floats, states: Floats, stops: Floats, points: Floats
    ) -> list[Integration]:
        """Integrate some runs from time 0.

        Parameters
        ----------
        rows : array, shape (runs, inputs)
            The inputs of each run, see `row`.
        states : array, shape (runs, states)
            The initial state of each run; algebraic states only need to be close.
        stops : array
            Times the integrator must not step over [s], from 0 to the last.
        points : array
            Further times to record [s].

        Raises
        ------
        IntegrationError
            If one of the runs has no consistent initial state; IDAKLU does not tell which.
        """
        # IDA starts from a state and its slope; algebraic states have none in the equations.
        slopes = np.zeros_like(states)
        slopes[:, : self._model.len_rhs] = self._slopes(rows, states)
        try:
            found = self._group.solve(
                stops, points, states, slopes, rows, logger=None, pbar=_NO_SENSITIVITIES
            )
        except (ValueError, RuntimeError) as error:
            raise IntegrationError(str(error)) from None
        return [self._integration(each, row) for each, row in zip(found, rows, strict=True)]

    def _slopes(self, rows: Floats, states: Floats) -> Floats:
        """Return the time derivatives of the differential states, shape (runs, states)."""
        # CasADi evaluates a function for every column at once.
        slopes = self._model.rhs_eval(0.0, states.T, rows.T).full()
        if not self._model.is_standard_form_dae:
            size = self._model.len_rhs
            mass = self._model.mass_matrix.entries[:size, :size].toarray()
            slopes = np.linalg.solve(mass, slopes)
        return np.asarray(slopes.T)

    def _integration(self, found: Any, row: Floats) -> Integration:
        times = np.array(found.t)
        state = np.array(found.y_term)
        event = None
        if found.flag == _ROOT_FOUND:
            event = self._event_names[0]
            if len(self._event_names) > 1:
                # IDAKLU does not tell which event stopped it: the one closest to zero did.
                values = self._events(float(times[-1]), state, row).full()
                event = self._event_names[int(np.nanargmin(np.abs(values)))]
        signals = np.array(found.y).reshape(len(times), -1).T
        return Integration(times, signals, state, event, found.flag < 0)


def _joined(functions: Sequence[Any]) -> Any:
    """Return one function that stacks the values of several, common expressions computed once."""
    # The arguments of every function PyBaMM makes of an output: time, state and inputs.
    arguments = [
        casadi.MX.sym(name, *functions[0].size_in(place)) for place, name in enumerate("typ")
    ]
    values = casadi.vertcat(*(each.call(arguments, True, False)[0] for each in functions))
    return faster(casadi.Function(_SIGNALS, arguments, [casadi.cse(values)]))
