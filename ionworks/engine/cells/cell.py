"""What the engine needs from a cell, whatever model describes it."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from attrs import frozen

from ionworks.engine.arrays import Floats
from ionworks.engine.cells.discretisation import Discretisation, read_settings
from ionworks.engine.names import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, PROTOCOL_PARAMETERS

__all__ = [
    "AMBIENT_TEMPERATURE",
    "INITIAL_TEMPERATURE",
    "LOWER_CUTOFF",
    "NOMINAL_CAPACITY",
    "PROTOCOL_PARAMETERS",
    "UPPER_CUTOFF",
    "Cell",
    "Floats",
    "InitialStates",
    "StartingPoint",
    "StartingState",
]

NOMINAL_CAPACITY: Final = "Nominal cell capacity [A.h]"
LOWER_CUTOFF: Final = "Lower voltage cut-off [V]"
UPPER_CUTOFF: Final = "Upper voltage cut-off [V]"


@frozen
class StartingPoint:
    """The initial state a protocol asks for.

    Attributes
    ----------
    kind : str
        ``"soc"`` or ``"voltage"``.
    value : float
        State of charge as a fraction, or open-circuit voltage [V].
    temperature : float
        Initial temperature [K].
    """

    kind: str
    value: float
    temperature: float


@frozen
class StartingState:
    """The initial state of a run, as inputs of the model.

    Attributes
    ----------
    inputs : dict of str to float
        Values of the cell's `state_names`.
    soc : float
        State of charge, a fraction.
    capacity : float
        Charge between the states of charge 0 and 1 [A.h].
    """

    inputs: dict[str, float]
    soc: float
    capacity: float


class InitialStates(ABC):
    """Solver of the state inputs for starting points, of many runs at once."""

    @abstractmethod
    def solve(
        self, points: Sequence[StartingPoint], designs: Sequence[Mapping[str, float]]
    ) -> list[StartingState | str]:
        """Return the starting state of every run, or a sentence why it has none."""

    def capacity(
        self,
        amounts: Sequence[float],  # noqa: ARG002 - of subclasses
        design: Mapping[str, float],  # noqa: ARG002 - of subclasses
    ) -> float | None:
        """Return the charge [A.h] between 0 and 100 % state of charge of an aged cell.

        Parameters
        ----------
        amounts : sequence of float
            Capacities of the electrodes, and the lithium in their particles [A.h].
        design : mapping of str to float
            Parameters of the run.

        Returns
        -------
        float or None
            None if it cannot be found.
        """
        return None


def is_scalar(symbol: Any) -> bool:
    """Return whether a symbol of a model is one number at any one time, not a function of space."""
    # The engine runs no model that resolves the current collectors, so these have one point.
    return symbol.domain in ([], ["current collector"])


class Cell(ABC):
    """A model with parameter values, from which solvable models are built.

    Attributes
    ----------
    key : hashable
        Equal for cells that share built models.
    values : pybamm.ParameterValues
        The parameter values models are built with.
    scalars : dict of str to float
        Every number among the parameters, overrides included.
    fixed_inputs : dict of str to float
        Overrides that are inputs of the built model rather than part of it.
    geometric : frozenset of str
        Parameters that shape the mesh.
    state_names : tuple of str
        Inputs that set the initial state.
    temperature_variable : str
        Model variable with the cell's temperature [degC].
    settings : dict
        Parts of the discretisation that replace the model's own, in PyBaMM's JSON.
    notes : tuple of str
        Remarks on the model for readers of the results.
    changed : tuple of str
        Parameters whose values are not those of a published set.
    overrides : tuple of str
        Those of them that replace a value of a published set.
    """

    key: Hashable
    values: Any
    scalars: dict[str, float]
    fixed_inputs: dict[str, float]
    geometric: frozenset[str]
    state_names: tuple[str, ...]
    temperature_variable: str
    settings: Mapping[str, Any] = {}
    notes: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()

    @cached_property
    def variables(self) -> dict[str, bool]:
        """Names of the model's variables, and whether each is a scalar at any one time."""
        return {name: is_scalar(symbol) for name, symbol in self.reference.variables.items()}

    @cached_property
    def model_name(self) -> str:
        """PyBaMM's name of the model, such as ``Single Particle Model``."""
        return str(self.reference.name)

    @property
    def counts_lithium(self) -> bool:
        """Whether the charge between 0 and 100 % follows from variables of the model."""
        return False

    @property
    def reference(self) -> Any:
        """A model to read from; it must not be changed."""
        return self.new_model()

    @abstractmethod
    def new_model(self) -> Any:
        """Return a new PyBaMM model that counts capacity and energy."""

    @abstractmethod
    def initial_states(self, names: tuple[str, ...]) -> InitialStates:
        """Return the solver of initial states with the parameters ``names`` as inputs."""

    def starting_symbols(self, model: Any) -> tuple[Any, ...]:  # noqa: ARG002 - of subclasses
        """Return the expressions of parameters from which `initial_states` computes a state.

        Parameters
        ----------
        model : pybamm.BaseModel
            A model of `new_model`.
        """
        return ()

    def discretisation(self, model: Any) -> Discretisation:
        """Return how a model of `new_model` is discretised."""
        return Discretisation.of(model).replaced(read_settings(self.settings))

    def scalar(self, name: str, design: Mapping[str, float]) -> float:
        """Return a parameter's value for one run: its design value, or else the cell's."""
        return design[name] if name in design else self.scalars[name]

    def voltage_limits(self, design: Mapping[str, float]) -> tuple[float, float]:
        """Return the lower and upper voltage cut-off [V] of one run."""
        return self.scalar(LOWER_CUTOFF, design), self.scalar(UPPER_CUTOFF, design)

    def valid_voltages(self, design: Mapping[str, float]) -> tuple[float, float]:
        """Return the lower and upper voltage [V] between which a run must stay.

        A protocol may go beyond the cut-offs of the cell. One volt beyond them, where PyBaMM's own
        events stop too, the model no longer describes a cell.
        """
        lower, upper = self.voltage_limits(design)
        return lower - 1, upper + 1
