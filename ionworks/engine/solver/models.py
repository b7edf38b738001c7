"""Built models: made once for a cell and a set of inputs, then solved for any run and any step.

A few models serve every protocol. In the *current* one the current is an input (for SPM that
leaves ordinary differential equations); in the *voltage*, *power* and *resistance* ones it follows
from an algebraic equation. Set point, every end of a step, temperature and initial state are inputs
of all of them, so nothing is ever rebuilt for a run; each is built when a step first needs it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from ionworks.engine.cells.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    Cell,
    Floats,
    InitialStates,
)
from ionworks.engine.protocols.stimuli import Profile, Shape
from ionworks.engine.pybamm_setup import compile_function, pybamm, state_slices
from ionworks.engine.solver.integrator import Integrator
from ionworks.engine.solver.stop_bounds import BOUNDS

MODELS_KEPT: Final = 16
"""Families of built models a worker keeps; one of DFN takes about 16 MB."""

PROFILES_KEPT: Final = 8
"""Models of drive cycles a family keeps; each has its samples built in."""

GUARD_TIME: Final = 1e-3
"""Ends act from this time [s] into a step on, so that an end already reached when the step
starts is met there, as a crossing, instead of failing the solve."""

STEP_END: Final = "end of step"
"""Name of the one event all ends of a step are joined in."""

TOLERANCES: Final = {
    "current": (5e-5, 1e-6),
    "voltage": (1e-7, 1e-8),
    "power": (1e-7, 1e-8),
    "resistance": (1e-7, 1e-8),
}
"""Relative and absolute, by control. A given current is integrated exactly at any tolerance; one
that is solved for needs a tighter pair for capacities to equal its integral to 1e-6."""

_PROFILE_TOLERANCES: Final = (1e-5, 1e-6)
_SINE_TOLERANCES: Final = (1e-6, 1e-7)
"""At the least where the current varies: then it is not integrated exactly."""

_VOLTAGE_EVENTS: Final = ("Minimum voltage [V]", "Maximum voltage [V]")

SIGNALS: Final = (
    "Voltage [V]",
    "Current [A]",
    "Discharge capacity [A.h]",
    "Throughput capacity [A.h]",
    "Discharge energy [W.h]",
    "Throughput energy [W.h]",
)
"""Model variables every run records, before the temperature and the extra variables."""

#: Longest time a built model can be asked for [s]; the integrator only sees what is asked.
_LONGEST: Final = 1e9


@frozen(eq=False)
class BuiltModel:
    """One discretised model, ready to be integrated.

    Attributes
    ----------
    integrator : Integrator
    slices : dict of str to slice
        Where each variable stands in the state.
    places : dict of str to int
        Where each input stands in a row of inputs.
    bounds : tuple of array
        Which of `BOUNDS` the model has, and where they stand in a row.
    """

    integrator: Integrator
    slices: dict[str, slice]
    places: dict[str, int]
    bounds: tuple[Any, Any]

    @classmethod
    def of(cls, integrator: Integrator, slices: dict[str, slice]) -> "BuiltModel":
        """Return the model of an integrator."""
        places = {name: place for place, name in enumerate(integrator.names)}
        has = [index for index, name in enumerate(BOUNDS) if name in places]
        at = [places[BOUNDS[index]] for index in has]
        return cls(integrator, slices, places, (np.array(has, int), np.array(at, int)))


@define(slots=False, unsafe_hash=True)
class BuiltModels:
    """All models of one cell with one set of inputs; equal if they could be shared.

    Attributes
    ----------
    cell : Cell
    swept : tuple of str
        Parameters that are inputs.
    extra_variables : tuple of str
        Model variables recorded besides the standard ones.
    threads : int
        Threads of the solvers.
    """

    cell: Cell = field(eq=attrgetter("key"))
    swept: tuple[str, ...]
    extra_variables: tuple[str, ...]
    threads: int
    _built: dict[tuple[str, Shape], BuiltModel] = field(factory=dict, eq=False)
    _first_state: Callable[[Floats], list[Floats]] | None = field(default=None, eq=False)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the recorded variables, as the solvers know them."""
        extra = (alias(name) for name in self.extra_variables)
        return (*SIGNALS, self.cell.temperature_variable, *extra)

    @cached_property
    def initial_states(self) -> InitialStates:
        """Solver of the state inputs."""
        return self.cell.initial_states(self.swept)

    def of(self, control: str, shape: Shape = "constant") -> BuiltModel:
        """Return the model for a control that goes with time as a shape, building it first."""
        key = (control, shape)
        if key not in self._built:
            model = self._discretised(control, shape)
            if key == ("current", "constant"):
                initial_conditions = model.concatenated_initial_conditions
                self._first_state = compile_function([initial_conditions], self._inputs)
            tolerances = TOLERANCES[control]
            if shape != "constant":
                varying = _SINE_TOLERANCES if shape == "sine" else _PROFILE_TOLERANCES
                tolerances = min(tolerances, varying)
            integrator = Integrator(model, self.outputs, tolerances, self.threads)
            self._built[key] = BuiltModel.of(integrator, state_slices(model))
            profiles = [each for each in self._built if isinstance(each[1], Profile)]
            if len(profiles) > PROFILES_KEPT:
                del self._built[profiles[0]]
        return self._built[key]

    def first_states(self, inputs: Sequence[Mapping[str, float]]) -> Floats:
        """Return the initial states of the model for ``"current"``, shape (runs, states)."""
        self.of("current")
        if self._first_state is None:
            raise RuntimeError("the model for currents was built without its initial state")
        rows = np.array([[row[name] for row in inputs] for name in self._inputs])
        return self._first_state(rows)[0].T

    def _discretised(self, control: str, shape: Shape) -> Any:
        step = _step(control, shape, self.cell)
        return discretise(self.cell, step, self._inputs, self.swept, self.extra_variables)

    @property
    def _inputs(self) -> tuple[str, ...]:
        return (*self.cell.state_names, AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, *self.swept)


class ModelCache:
    """The most recently used built models of this process."""

    def __init__(self) -> None:
        # Returns the first of equal models, and so those that have something built already.
        self._shared = lru_cache(maxsize=MODELS_KEPT)(lambda models: models)

    @property
    def builds(self) -> int:
        """How many families of models were started so far."""
        return self._shared.cache_info().misses

    def models(
        self, cell: Cell, swept: frozenset[str], extra_variables: tuple[str, ...], threads: int
    ) -> BuiltModels:
        """Return the models of a cell with some parameters as inputs."""
        names = tuple(sorted(swept | cell.fixed_inputs.keys()))
        shared: BuiltModels = self._shared(BuiltModels(cell, names, extra_variables, threads))
        return shared


def alias(variable: str) -> str:
    """Return the name an extra variable is recorded under inside the solver.

    Model variables have units in their names that CasADi does not take as function names.
    """
    return "extra " + "".join(f"{ord(letter):x}" for letter in variable)


def discretise(
    cell: Cell,
    step: Any,
    inputs: tuple[str, ...],
    swept: tuple[str, ...],
    extra_variables: tuple[str, ...],
) -> Any:
    """Return a cell's model with a step's control and ends, its parameters and its mesh."""
    values = cell.values.copy()
    values.update(dict.fromkeys(inputs, "[input]"), check_already_exists=False)
    model = cell.new_model()
    # The range of valid voltages is one of the bounds of `_step_end`, at no extra evaluation.
    model.events = [
        event
        for event in model.events
        if event.event_type == pybamm.EventType.TERMINATION and event.name not in _VOLTAGE_EVENTS
    ]
    for name in extra_variables:
        model.variables[alias(name)] = model.variables[name]
    processed = step.process_model(model, values, delayed_variable_processing=True)
    recipe = cell.recipe(model)
    geometry = recipe.limits()
    values.process_geometry(geometry)
    submeshes = dict(recipe.submesh_types)
    if cell.geometric.intersection(swept):
        submeshes = symbolic_meshes(submeshes)
    mesh = pybamm.Mesh(geometry, submeshes, recipe.points())
    discretisation = pybamm.Discretisation(mesh, recipe.spatial_methods)
    return discretisation.process_model(processed, inplace=True, delayed_variable_processing=True)


def symbolic_meshes(submeshes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the meshes of a model with their lengths as symbols, so that they can be inputs."""
    return {
        domain: pybamm.SymbolicUniform1DSubMesh if mesh is pybamm.Uniform1DSubMesh else mesh
        for domain, mesh in submeshes.items()
    }


def _target(shape: Shape) -> Any:
    """Return what a step imposes, as a function of time and inputs.

    A segment may be entered late, after a pause inside it: its own time then starts later.
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


def _step(control: str, shape: Shape, cell: Cell) -> Any:
    """Return the step that makes PyBaMM's model one of a given control and shape."""
    target = _target(shape)
    ends = [pybamm.step.CustomTermination(STEP_END, lambda v: _step_end(v, cell))]
    if control == "current":
        return pybamm.step.current(target, duration=_LONGEST, termination=ends)
    misses: dict[str, Callable[[Any, Any], Any]] = {
        "voltage": lambda voltage, _: voltage - target,
        "power": lambda voltage, current: voltage * current - target,
        "resistance": lambda voltage, current: voltage - target * current,
    }
    miss = misses[control]
    return pybamm.step.CustomStepImplicit(
        lambda v: miss(v["Voltage [V]"], v["Current [A]"]), duration=_LONGEST, termination=ends
    )


def _step_end(variables: Mapping[str, Any], cell: Cell) -> Any:
    """Return what falls to zero when the first of a step's ends is reached."""
    bound = {name: pybamm.InputParameter(name) for name in BOUNDS}
    voltage, current = variables["Voltage [V]"], variables["Current [A]"]
    watched = {
        "voltage": voltage,
        "current": abs(current),
        "charging current": -current,
        "discharging current": current,
        "temperature": variables[cell.temperature_variable],
        "power": abs(voltage * current),
        "charge": variables["Discharge capacity [A.h]"],
        "energy": variables["Discharge energy [W.h]"],
        "time": pybamm.t,
    }
    nearest = None
    for name, limit in bound.items():
        quantity, side = name.rsplit(" ", maxsplit=1)
        distance = limit - watched[quantity] if side == "above" else watched[quantity] - limit
        nearest = distance if nearest is None else pybamm.minimum(nearest, distance)
    return pybamm.maximum(nearest, GUARD_TIME - pybamm.t)
