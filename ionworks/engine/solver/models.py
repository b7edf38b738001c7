"""Built models: discretised once for a cell and a set of inputs, then solved for any run and step.

A few models serve every protocol. In the *current* model the current is an input, which leaves
ordinary differential equations for SPM; in the *voltage*, *power* and *resistance* models it is the
solution of an algebraic equation. The set point, every end of a step, temperature and initial state
are inputs of all models, so no run and no step needs a new one. Each model is built when a step
first needs it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from ionworks.engine import phases
from ionworks.engine.cells.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    Cell,
    Floats,
    InitialStates,
)
from ionworks.engine.cells.formulas import recorded_symbol
from ionworks.engine.cells.throughput import THROUGHPUT, drop_unread_totals
from ionworks.engine.protocols.stimuli import Profile, Shape
from ionworks.engine.protocols.watch import NOTHING, Watch
from ionworks.engine.pybamm_setup import compile_function, pybamm, state_slices, with_inputs
from ionworks.engine.solver.integrator import Integrator
from ionworks.engine.solver.stop_bounds import AMOUNT_BOUNDS, bound_names
from ionworks.engine.solver.tables import reads_tables

MODELS_KEPT: Final = 16
"""Families of built models (`BuiltModels`) a worker keeps; one of DFN takes about 16 MB."""

PROFILES_KEPT: Final = 8
"""Models of drive cycles a family keeps. The samples are part of the model, so every drive cycle
has its own."""

GUARD_TIME: Final = 1e-3
"""Ends are ignored up to this time [s] of a step. An end that is already reached when the step
starts is then found at this time, as a crossing of zero, instead of failing the solve."""

_AGEING_TOLERANCES: Final = (1e-6, 1e-7)
_AGEING: Final = ("SEI", "plating", "dead lithium", "crack length", "active material volume")
"""Tolerances of a model that ages, and words in the names of its states. These states only grow,
so nothing corrects their errors, and those of a hundred cycles add up to a part of the ageing."""

STEP_END: Final = "end of step"
"""Name of the one event that joins all ends of a step."""

CONTROLS: Final = ("current", "voltage", "power", "resistance")

TOLERANCES: Final = {
    "current": (2e-5, 1e-6),
    "voltage": (1e-7, 1e-8),
    "power": (1e-7, 1e-8),
    "resistance": (1e-7, 1e-8),
}
"""Relative and absolute tolerance by control. They bound the error of voltage and of the times at
which steps end: at a constant current to 0.01 mV (to 0.07 mV with measured tables) and 1e-5,
against a solution with 1e-8. A current that is solved for changes the concentrations by its
integral, whose errors nothing corrects; they would add up over the cycles of a cell, and hide its
ageing."""

_PROFILE_TOLERANCES: Final = (1e-5, 1e-6)
_SINE_TOLERANCES: Final = (1e-6, 1e-7)
"""Tolerances where the set point varies, unless those of the control are tighter: the integral of a
varying current has errors too."""

SECOND_TOLERANCES: Final = (1e-9, 1e-9)
"""Tolerances of the second attempt at a solve. It does not test the error of the algebraic states,
such as the current of a hold: near a kink, as where the electrolyte is depleted, that test can fail
at any step. The tolerances make up for it."""

_VOLTAGE_EVENTS: Final = ("Minimum voltage [V]", "Maximum voltage [V]")

RECORDED: Final = ("Voltage [V]", "Current [A]")
"""Model variables every run records, before the temperature and the extra variables."""

_LONGEST: Final = 1e9
"""Duration PyBaMM's step is made with [s]: it must have one, and no solve reaches it."""


@frozen(eq=False)
class BuiltModel:
    """One discretised model, ready to be integrated.

    Attributes
    ----------
    integrator : Integrator
        Integrates it.
    state_slices : dict of str to slice
        The elements of each variable in the state.
    columns : dict of str to int
        The column of each input in a row of inputs.
    stop_bounds : tuple of array
        Indices into `bound_names` of the bounds the model has, and the column of each.
    has_tables : bool
        Whether voltage or state depend on measured tables, whose bends make them less smooth.
    second_integrator : callable or None
        Returns the integrator for runs with which the first one failed, set up when first called;
        None to let them fail.
    """

    integrator: Integrator
    state_slices: dict[str, slice]
    columns: dict[str, int]
    stop_bounds: tuple[Any, Any]
    has_tables: bool = False
    second_integrator: Callable[[], Integrator] | None = None

    @classmethod
    def of(
        cls,
        integrator: Integrator,
        slices: dict[str, slice],
        has_tables: bool = False,
        second_integrator: Callable[[], Integrator] | None = None,
        formulas: tuple[str, ...] = (),
    ) -> "BuiltModel":
        """Return the model of an integrator, with bounds on some formulas."""
        columns = {name: column for column, name in enumerate(integrator.names)}
        names = bound_names(formulas)
        bounds = [index for index, name in enumerate(names) if name in columns]
        at = [columns[names[index]] for index in bounds]
        stop_bounds = np.array(bounds, int), np.array(at, int)
        second = None if second_integrator is None else cache(second_integrator)
        return cls(integrator, slices, columns, stop_bounds, has_tables, second)


@define(slots=False, unsafe_hash=True)
class BuiltModels:
    """All models of one cell with one set of inputs; equal ones are interchangeable.

    Attributes
    ----------
    cell : Cell
        The cell.
    swept : tuple of str
        Parameters that are inputs.
    extra_variables : tuple of str
        Model variables recorded besides the standard ones.
    threads : int
        Threads of the solvers.
    watch : Watch
        What the ends of the protocol compare; recorded behind the extra variables.
    """

    cell: Cell = field(eq=attrgetter("key"))
    swept: tuple[str, ...]
    extra_variables: tuple[str, ...]
    threads: int
    watch: Watch = NOTHING
    _built: dict[tuple[str, Shape], BuiltModel] = field(factory=dict, eq=False)
    _first_state: Callable[[Floats], list[Floats]] | None = field(default=None, eq=False)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the recorded variables, as the solvers know them."""
        extra = (alias(name) for name in self._recorded)
        return (*RECORDED, self.cell.temperature_variable, *extra)

    @property
    def _recorded(self) -> tuple[str, ...]:
        """What the models record besides the standard variables.

        Not throughput among the extra variables: the engine integrates it itself.
        """
        extra = (name for name in self.extra_variables if name not in THROUGHPUT)
        return (*extra, *self.watch.signals)

    @cached_property
    def initial_states(self) -> InitialStates:
        """Solver of the state inputs."""
        phases.begin(phases.BUILDING)
        return self.cell.initial_states(self.swept)

    def of(self, control: str, shape: Shape = "constant") -> BuiltModel:
        """Return the model for a control and the shape of its set point; build it if needed."""
        key = (control, shape)
        if key not in self._built:
            phases.begin(phases.BUILDING)
            model = self._discretised(control, shape)
            if key == ("current", "constant"):
                initial_conditions = model.concatenated_initial_conditions
                self._first_state = compile_function([initial_conditions], self._inputs)
            slices = state_slices(model)
            tolerances = tolerances_of(control, shape, slices)
            integrator = Integrator(model, self.outputs, tolerances, self.threads)
            recorded = (model.get_processed_variable(name) for name in RECORDED)
            has_tables = reads_tables(
                [model.concatenated_rhs, model.concatenated_algebraic, *recorded]
            )
            self._built[key] = BuiltModel.of(
                integrator,
                slices,
                has_tables,
                lambda: self._second_integrator(control, shape),
                self.watch.ends,
            )
            profiles = [each for each in self._built if isinstance(each[1], Profile)]
            if len(profiles) > PROFILES_KEPT:
                del self._built[profiles[0]]
        return self._built[key]

    def first_states(self, inputs: Sequence[Mapping[str, float]]) -> Floats:
        """Return the initial states of the model for ``"current"``, shape (runs, states)."""
        self.of("current")
        if self._first_state is None:
            raise RuntimeError("the model for 'current' was built without its initial state")
        rows = np.array([[row[name] for row in inputs] for name in self._inputs])
        return self._first_state(rows)[0].T

    def _second_integrator(self, control: str, shape: Shape) -> Integrator:
        model = self._discretised(control, shape)
        return Integrator(
            model, self.outputs, SECOND_TOLERANCES, self.threads, test_algebraic_errors=False
        )

    def _discretised(self, control: str, shape: Shape) -> Any:
        step = _step(control, shape, self.cell, self.watch.ends)
        return discretise(self.cell, step, self._inputs, self.swept, self._recorded)

    @property
    def _inputs(self) -> tuple[str, ...]:
        return (*self.cell.state_names, AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, *self.swept)


class ModelCache:
    """The most recently used built models of this process.

    A worker process computes one chunk of runs at a time, so building a model needs no lock.
    """

    def __init__(self) -> None:
        # Returns the first of equal `BuiltModels`, whose models may be built already.
        self._shared = lru_cache(maxsize=MODELS_KEPT)(lambda models: models)

    @property
    def builds(self) -> int:
        """Number of families of models made so far."""
        return self._shared.cache_info().misses

    def models(
        self,
        cell: Cell,
        swept: frozenset[str],
        extra_variables: tuple[str, ...],
        threads: int,
        watch: Watch = NOTHING,
    ) -> BuiltModels:
        """Return the models of a cell with some parameters as inputs."""
        names = tuple(sorted(swept | cell.fixed_inputs.keys()))
        made = BuiltModels(cell, names, extra_variables, threads, watch)
        shared: BuiltModels = self._shared(made)
        return shared


def tolerances_of(control: str, shape: Shape, states: Iterable[str]) -> tuple[float, float]:
    """Return the relative and absolute tolerance for a control and the shape of its set point.

    Parameters
    ----------
    control : str
        One of `CONTROLS`.
    shape : Profile or str
    states : iterable of str
        Names of the states of the model.
    """
    tolerances = TOLERANCES[control]
    if any(word in state for state in states for word in _AGEING):
        tolerances = min(tolerances, _AGEING_TOLERANCES)
    if shape != "constant":
        varying = _SINE_TOLERANCES if shape == "sine" else _PROFILE_TOLERANCES
        tolerances = min(tolerances, varying)
    return tolerances


def alias(variable: str) -> str:
    """Return the name under which the solver records an extra variable.

    CasADi does not accept the units in the names of model variables as part of a function's name.
    """
    return "extra " + "".join(f"{ord(letter):x}" for letter in variable)


def discretise(
    cell: Cell,
    step: Any,
    inputs: tuple[str, ...],
    swept: tuple[str, ...],
    extra_variables: tuple[str, ...],
) -> Any:
    """Return a cell's model with a step's control and ends, discretised.

    Parameters
    ----------
    cell : Cell
        The cell.
    step : pybamm.step.BaseStep
        Control and ends.
    inputs : tuple of str
        Parameters that are inputs, ``swept`` included.
    swept : tuple of str
        Parameters that differ from run to run; if one shapes the mesh, the mesh is symbolic.
    extra_variables : tuple of str
        Model variables, and formulas of them, to record besides the standard variables.
    """
    values = with_inputs(cell.values, inputs)
    model = cell.new_model()
    # The valid voltages are among the bounds of `_step_end`, which saves two event functions.
    model.events = [
        event
        for event in model.events
        if event.event_type == pybamm.EventType.TERMINATION and event.name not in _VOLTAGE_EVENTS
    ]
    recorded = {alias(name): recorded_symbol(name, model.variables) for name in extra_variables}
    model.variables.update(recorded)
    drop_unread_totals(model, recorded.values())
    # Delayed: PyBaMM processes a variable when it is asked for, of hundreds only the recorded ones.
    processed = step.process_model(model, values, delayed_variable_processing=True)
    settings = cell.discretisation(model)
    geometry = settings.geometry_copy()
    values.process_geometry(geometry)
    submeshes = dict(settings.submesh_types)
    if cell.geometric.intersection(swept):
        submeshes = symbolic_meshes(submeshes)
    mesh = pybamm.Mesh(geometry, submeshes, settings.mesh_points())
    discretisation = pybamm.Discretisation(mesh, settings.spatial_methods)
    return discretisation.process_model(processed, inplace=True, delayed_variable_processing=True)


def symbolic_meshes(submeshes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the submeshes with symbolic lengths, so that the lengths can be inputs."""
    return {
        domain: pybamm.SymbolicUniform1DSubMesh if mesh is pybamm.Uniform1DSubMesh else mesh
        for domain, mesh in submeshes.items()
    }


def _set_point(shape: Shape) -> Any:
    """Return what a step imposes, as a function of time and inputs.

    Every solve starts at time 0. A segment that takes several solves, because a safety limit is
    active again within it, continues at the time of entry.
    """
    value = pybamm.InputParameter("set point")
    if shape == "constant":
        return value
    time = pybamm.t + pybamm.InputParameter("time of entry")
    if isinstance(shape, Profile):
        times, samples = np.array(shape.times), np.array(shape.values)
        return value * pybamm.Interpolant(times, samples, time, name="profile")
    if shape == "ramp":
        return value + pybamm.InputParameter("slope") * time
    phase = 2 * np.pi * pybamm.InputParameter("frequency") * time
    return value + pybamm.InputParameter("amplitude") * pybamm.sin(phase)


def _step(control: str, shape: Shape, cell: Cell, formulas: Sequence[str]) -> Any:
    """Return the step that gives a model of PyBaMM its control, set point and end event."""
    target = _set_point(shape)
    ends = [pybamm.step.CustomTermination(STEP_END, lambda v: _step_end(v, cell, formulas))]
    if control == "current":
        return pybamm.step.current(target, duration=_LONGEST, termination=ends)
    residuals: dict[str, Callable[[Any, Any], Any]] = {
        "voltage": lambda voltage, _: voltage - target,
        "power": lambda voltage, current: voltage * current - target,
        "resistance": lambda voltage, current: voltage - target * current,
    }
    residual = residuals[control]
    return pybamm.step.CustomStepImplicit(
        lambda v: residual(v["Voltage [V]"], v["Current [A]"]), duration=_LONGEST, termination=ends
    )


def _step_end(variables: Mapping[str, Any], cell: Cell, formulas: Sequence[str]) -> Any:
    """Return an expression that falls to zero when the first of a step's ends is reached.

    It is the smallest of the distances to the bounds, so one event serves all of them. The solver
    looks for its crossing of zero only to its tolerance, see `REACHED`.
    """
    bounds = [name for name in bound_names(formulas) if name not in AMOUNT_BOUNDS]
    voltage, current = variables["Voltage [V]"], variables["Current [A]"]
    watched = {
        "voltage": voltage,
        "current": abs(current),
        "charging current": -current,
        "discharging current": current,
        "temperature": variables[cell.temperature_variable],
        "power": abs(voltage * current),
        "time": pybamm.t,
        **{formula: variables[alias(formula)] for formula in formulas},
    }
    closest = None
    for name in bounds:
        limit = pybamm.InputParameter(name)
        quantity, side = name.rsplit(" ", maxsplit=1)
        distance = limit - watched[quantity] if side == "above" else watched[quantity] - limit
        closest = distance if closest is None else pybamm.minimum(closest, distance)
    return pybamm.maximum(closest, GUARD_TIME - pybamm.t)
