"""Cells whose equations come from a document: models that users wrote with PyBaMM.

The engine controls a model through the parameter ``Current function [A]``, reads ``Voltage [V]``
and ``Current [A]``, and sets its initial state through the parameters that PyBaMM's own models have
for it. A model without such parameters starts from its own initial conditions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ionworks.engine.cells.cell import (
    NOMINAL_CAPACITY,
    InitialStates,
    StartingPoint,
    StartingState,
    is_scalar,
)
from ionworks.engine.cells.circuit import (
    STATE_OF_CHARGE,
    StatesOfCharge,
    circuit_symbols,
    widen_state_of_charge,
)
from ionworks.engine.cells.discretisation import Discretisation, read_settings
from ionworks.engine.cells.documents import Document, is_circuit, load_model
from ionworks.engine.cells.equations import clip_half_waves
from ionworks.engine.cells.formulas import add_variables
from ionworks.engine.cells.initial_state import (
    LITHIUM,
    NEGATIVE_CONCENTRATION,
    POSITIVE_CONCENTRATION,
    Stoichiometries,
    balance_symbols,
)
from ionworks.engine.cells.lithium_ion import geometric_parameters
from ionworks.engine.cells.parameterization import ParameterizedCell, parameterize
from ionworks.engine.cells.specification import ModelSpecification
from ionworks.engine.cells.throughput import add_throughput, find_temperature
from ionworks.engine.pybamm_setup import model_parameters, pybamm

_CURRENT: Final = "Current function [A]"
_NEEDED: Final = ("Voltage [V]", "Current [A]")
_CONTROLLED: Final = "Current variable [A]"
_OWN_START: Final = (
    "the model starts from its own initial conditions, taken as 100 % state of charge, because it "
    "has no parameter that sets the state of charge"
)


class CustomModel:
    """The model of a document, with what the engine adds to it.

    Parameters
    ----------
    document : Document
        The model.
    chemistry : str
        The family its author gives it.

    Attributes
    ----------
    model : pybamm.BaseModel
        The equations, with counters of capacity and energy. Copy it before use.
    temperature_variable : str
        Name of the variable with its temperature [degC].
    parameters : set of str
        Names of the parameters in its equations and in its voltage.
    discretisation : Discretisation
        How it is discretised.

    Raises
    ------
    ValueError
        If the document cannot be read, or the engine cannot control the model; the message says
        what is missing.
    """

    def __init__(self, document: Document, chemistry: str) -> None:
        self.model, parts = load_model(document)
        self.is_circuit = chemistry == "ecm" or is_circuit(document)
        if not hasattr(self.model, "param"):
            self.model.param = (
                pybamm.EcmParameters() if self.is_circuit else pybamm.LithiumIonParameters()
            )
        _refuse_unusable(self.model)
        self.parameters = model_parameters(self.model)
        if _CURRENT not in self.parameters:
            raise ValueError(
                f"the model does not depend on the parameter {_CURRENT!r}, through which the "
                "steps of a protocol control it: make its current "
                f"pybamm.FunctionParameter({_CURRENT!r}, {{'Time [s]': pybamm.t}})"
            )
        own = Discretisation.of(self.model)
        self.discretisation = Discretisation(
            parts.get("geometry", own.geometry),
            parts.get("var_pts", own.var_pts),
            parts.get("submesh_types", own.submesh_types),
            parts.get("spatial_methods", own.spatial_methods),
        )
        clip_half_waves(self.model)
        add_throughput(self.model)
        self.temperature_variable = find_temperature(self.model)
        if "SoC" in self.model.variables:
            widen_state_of_charge(self.model)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Parameters that set the initial state; empty if the model has no such parameters."""
        if STATE_OF_CHARGE in self.parameters:
            return (STATE_OF_CHARGE,)
        concentrations = (NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION)
        return concentrations if self.parameters.issuperset(concentrations) else ()


class CustomCell(ParameterizedCell):
    """A cell whose equations come from a document.

    Parameters
    ----------
    specification : ModelSpecification
        Document, parameter values and settings.

    Raises
    ------
    ValueError
        If the engine cannot control the model, or a parameter or setting cannot be used.
    """

    def __init__(self, specification: ModelSpecification) -> None:
        if specification.document is None:
            raise ValueError("a custom model needs a document")
        self._custom = CustomModel(specification.document, specification.chemistry)
        add_variables(self._custom.model, specification.variables)
        self.settings = specification.settings
        self.state_names = self._custom.state_names
        self.temperature_variable = self._custom.temperature_variable
        self.geometric = geometric_parameters(self.discretisation(self._custom.model))
        found = parameterize(specification, self.geometric.union(self.state_names))
        self.set_parameters(
            specification, found, specification.document.digest, specification.chemistry
        )
        if not self.state_names:
            self.notes = (_OWN_START,)

    def new_model(self) -> Any:
        """Return a new copy of the model."""
        model = self._custom.model.new_copy()
        # `new_copy` does not copy this attribute, from which the initial state is computed.
        model.param = self._custom.model.param
        return model

    def discretisation(self, model: Any) -> Discretisation:  # noqa: ARG002 - from the document
        """Return how the document says the model is discretised."""
        return self._custom.discretisation.replaced(read_settings(self.settings))

    def initial_states(self, names: tuple[str, ...]) -> InitialStates:
        """Return the solver of the initial state with ``names`` as inputs."""
        param = self._custom.model.param
        if self.state_names == (STATE_OF_CHARGE,):
            return StatesOfCharge(pybamm.EcmParameters(), self.values, self.scalars, names)
        if self.state_names:
            return Stoichiometries(param, self.values, self.scalars, names)
        return OwnInitialConditions(self.scalars[NOMINAL_CAPACITY])

    @property
    def counts_lithium(self) -> bool:
        """Whether the charge between 0 and 100 % follows from variables of the model."""
        has_balance = NEGATIVE_CONCENTRATION in self.state_names
        return has_balance and all(name in self._custom.model.variables for name in LITHIUM)

    def starting_symbols(self, model: Any) -> tuple[Any, ...]:
        """Return the expressions that set the initial state, for the parameters the model has."""
        if self.state_names == (STATE_OF_CHARGE,):
            return circuit_symbols(pybamm.EcmParameters())
        if self.state_names:
            return balance_symbols(model.param)
        return (pybamm.Parameter(NOMINAL_CAPACITY),)


class OwnInitialConditions(InitialStates):
    """The initial state of a model that has no parameters to set it: its own initial conditions.

    Parameters
    ----------
    capacity : float
        Nominal capacity [A.h]: charge from 100 % down to 0 % state of charge.
    """

    def __init__(self, capacity: float) -> None:
        self._capacity = capacity

    def solve(
        self, points: Sequence[StartingPoint], designs: Sequence[Mapping[str, float]]
    ) -> list[StartingState | str]:
        """Return the state of every run, or a sentence if it is to start from any but 100 %."""
        return [self._state(point, design) for point, design in zip(points, designs, strict=True)]

    def _state(self, point: StartingPoint, design: Mapping[str, float]) -> StartingState | str:
        if point.kind != "soc" or point.value != 1:
            return (
                "the model has no parameter that sets a state of charge, such as "
                f"{STATE_OF_CHARGE!r}, or {NEGATIVE_CONCENTRATION!r} and its positive counterpart: "
                "leave out the initial state to start from the model's own initial conditions"
            )
        return StartingState({}, 1.0, design.get(NOMINAL_CAPACITY, self._capacity))


def _refuse_unusable(model: Any) -> None:
    """Raise a ValueError for a model that lacks what the engine reads, or has what it adds."""
    missing = [name for name in _NEEDED if name not in model.variables]
    if missing:
        raise ValueError(
            f"the model has no variable {' and no variable '.join(map(repr, missing))}: add it to "
            "model.variables, in volts and amperes of the cell"
        )
    for name in _NEEDED:
        if not is_scalar(model.variables[name]):
            raise ValueError(f"the variable {name!r} of the model varies in space: average it")
    states = Counter(variable.name for variable in (*model.rhs, *model.algebraic))
    if _CONTROLLED in states:
        raise ValueError(
            f"the model controls its own current, through the variable {_CONTROLLED!r}: build it "
            "with the operating mode 'current'"
        )
    for name, count in states.items():
        if count > 1:
            raise ValueError(f"the model has {count} variables named {name!r}: rename all but one")
