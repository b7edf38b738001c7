"""The integrator of PyBaMM's IDAKLU solver, set up once and then called directly for many runs.

`pybamm.BaseSolver.solve` processes the model and its inputs again, in Python, for every run of
every step. For a small model such as SPM that takes longer than the integration. Here PyBaMM only
sets the integrator up, and every solve after that is one call with arrays. PyBaMM's internals are
used in `pybamm_setup` and in this module only.
"""

import logging
from collections.abc import Mapping, Sequence
from time import process_time
from typing import Any, Final

import casadi
import numpy as np
from attrs import frozen
from pybammsolvers import idaklu

from ionworks.engine.cells.cell import Floats
from ionworks.engine.pybamm_setup import on_columns, pybamm
from ionworks.engine.solver.compilation import Compilation, Functions
from ionworks.engine.solver.scalar_form import faster

log = logging.getLogger(__name__)

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

    Attributes
    ----------
    names : tuple of str
        The inputs, in the order of a row.
    size : int
        Number of states.
    has_algebraic_states : bool
        Whether the model has algebraic equations.
    worked : float
        Processor time [s] that IDAKLU has taken so far.
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
        self._derivatives = on_columns(model.rhs_eval)
        self._solver = solver
        self._group = solver._setup["solver"]  # noqa: SLF001 - see the module's docstring
        self._events = solver._setup["rootfn_casadi"]  # noqa: SLF001
        self._compilation = Compilation(self._functions())
        self.worked = 0.0
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
        self._use_compiled(rows[0], states[0])
        began = process_time()
        try:
            found = self._group.solve(
                stops, points, states, slopes, rows, logger=None, pbar=_NO_SENSITIVITIES
            )
        except (ValueError, RuntimeError) as error:
            raise IntegrationError(str(error)) from None
        finally:
            self.worked += process_time() - began
        return [self._integration(each, row) for each, row in zip(found, rows, strict=True)]

    def _use_compiled(self, row: Floats, state: Floats) -> None:
        """Change to compiled functions if they are there, see `Compilation`."""
        arguments = (np.array(0.0), state, row, np.array(1.0))
        compiled = self._compilation.after(self.worked, arguments)
        if compiled is not None:
            try:
                self._group = self._group_of(compiled)
            except RuntimeError:
                # Their file can be removed at any time; CasADi raises this then.
                log.warning("the compiled functions of a model could not be loaded", exc_info=True)

    def _functions(self) -> Functions:
        """Return the functions that take the integrator's time, as PyBaMM makes them."""
        model = self._model
        t, y, p, cj = (
            casadi.MX.sym(name, size)
            for name, size in zip("typc", (1, self.size, len(self.names), 1), strict=True)
        )
        jacobian = model.jac_rhs_algebraic_eval(t, y, p) - cj * model.mass_matrix.entries
        setup = self._solver._setup  # noqa: SLF001
        return {
            "rhs_alg": model.rhs_algebraic_eval,
            "jac_times_cjmass": casadi.Function("jac_times_cjmass", [t, y, p, cj], [jacobian]),
            "events": self._events,
            "signals": setup["var_fcns"][_SIGNALS],
        }

    def _group_of(self, functions: Functions) -> Any:
        """Return a group of IDAKLU's solvers with other functions than PyBaMM set it up with.

        It is made as `pybamm.IDAKLUSolver.set_up` makes it.
        """
        model, setup = self._model, self._solver._setup  # noqa: SLF001
        rhs_alg, jacobian = functions["rhs_alg"], functions["jac_times_cjmass"]
        t, y, p = (casadi.MX.sym(name, *rhs_alg.size_in(at)) for at, name in enumerate("typ"))
        mass_action = casadi.mtimes(casadi.DM(model.mass_matrix.entries), y)
        nothing = casadi.Function("nothing", [], [])
        algebraic = algebraic_jacobian = nothing
        if model.is_standard_form_dae:
            # Parts of the other functions, because they are called only at the start of a solve.
            first = model.len_rhs
            algebraic = casadi.Function("algebraic", [t, y, p], [rhs_alg(t, y, p)[first:]])
            algebraic_jacobian = casadi.Function(
                "algebraic_jacobian", [t, y, p], [jacobian(t, y, p, 0.0)[first:, :]]
            )
        made = {
            "rhs_alg": rhs_alg,
            "jac_times_cjmass": jacobian,
            "jac_action": model.jac_rhs_algebraic_action_eval,
            "mass_action": casadi.Function("mass_action", [y], [casadi.densify(mass_action)]),
            "sens": nothing,
            "events": functions["events"],
            "alg_res": algebraic,
            "alg_jac": algebraic_jacobian,
        }
        return idaklu.create_casadi_solver_group(
            number_of_states=setup["number_of_states"],
            number_of_parameters=setup["number_of_sensitivity_parameters"],
            **{name: _for_idaklu(function) for name, function in made.items()},
            jac_times_cjmass_colptrs=setup["jac_times_cjmass_colptrs"],
            jac_times_cjmass_rowvals=setup["jac_times_cjmass_rowvals"],
            jac_times_cjmass_nnz=setup["jac_times_cjmass_nnz"],
            jac_bandwidth_lower=setup["jac_bandwidth_lower"],
            jac_bandwidth_upper=setup["jac_bandwidth_upper"],
            number_of_events=setup["num_of_events"],
            rhs_alg_id=setup["ids"],
            atol=setup["atol"],
            rtol=self._solver.rtol,
            inputs=setup["inputs"],
            var_fcns=[_for_idaklu(functions["signals"])],
            dvar_dy_fcns=[],
            dvar_dp_fcns=[],
            options=self._solver.options,
        )

    def _slopes(self, rows: Floats, states: Floats) -> Floats:
        """Return the time derivatives of the differential states, shape (runs, states)."""
        [slopes] = self._derivatives(np.zeros((1, len(rows))), states.T, rows.T)
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


def _for_idaklu(function: Any) -> Any:
    return idaklu.generate_function(function.serialize())


def _joined(functions: Sequence[Any]) -> Any:
    """Return one function that stacks the values of several, common expressions computed once."""
    # The arguments of every function PyBaMM makes of an output: time, state and inputs.
    arguments = [
        casadi.MX.sym(name, *functions[0].size_in(place)) for place, name in enumerate("typ")
    ]
    values = casadi.vertcat(*(each.call(arguments, True, False)[0] for each in functions))
    return faster(casadi.Function(_SIGNALS, arguments, [casadi.cse(values)]))
