"""What the engine needs to know of a cell, whatever kind of model describes it."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from attrs import frozen

from ionworks.engine.arrays import Floats
from ionworks.engine.cells.discretisation import Recipe, settings_recipe

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

AMBIENT_TEMPERATURE: Final = "Ambient temperature [K]"
INITIAL_TEMPERATURE: Final = "Initial temperature [K]"
NOMINAL_CAPACITY: Final = "Nominal cell capacity [A.h]"
LOWER_CUTOFF: Final = "Lower voltage cut-off [V]"
UPPER_CUTOFF: Final = "Upper voltage cut-off [V]"

PROTOCOL_PARAMETERS: Final[dict[str, str]] = {
    "Current function [A]": "the steps",
    AMBIENT_TEMPERATURE: "global.initial_temperature or a step's temperature",
    INITIAL_TEMPERATURE: "global.initial_temperature",
    "Initial SoC": "global.initial_state_value",
}
"""Parameters a protocol sets -> where it says so; they cannot be design parameters."""


@frozen
class StartingPoint:
    """The state a run starts from.

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
    """The state a run starts from, as the model knows it.

    Attributes
    ----------
    inputs : dict of str to float
        The model's state inputs.
    soc : float
        State of charge, a fraction.
    capacity : float
        Charge between the states of charge 0 and 1 [A.h].
    """

    inputs: dict[str, float]
    soc: float
    capacity: float


class InitialStates(ABC):
    """Computes what the model's state inputs must be for given starting points."""

    @abstractmethod
    def solve(
        self, points: Sequence[StartingPoint], designs: Sequence[Mapping[str, float]]
    ) -> list[StartingState | str]:
        """Return the starting state of every run, or a sentence where there is no such state."""


class Cell(ABC):
    """A parameterized cell, ready to be built into solvable models.

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
        Inputs that carry the initial state.
    temperature_variable : str
        Model variable with the cell's temperature [degC].
    settings : dict
        Parts of a recipe in the place of the model's own, in PyBaMM's JSON.
    notes : tuple of str
        What a reader of results should know of the model.
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

    @cached_property
    def variables(self) -> dict[str, bool]:
        """Names of the model's variables, and whether each is one number at a time."""
        return {
            name: symbol.domain in ([], ["current collector"])
            for name, symbol in self.reference.variables.items()
        }

    @property
    def reference(self) -> Any:
        """A model that is looked at, never changed."""
        return self.new_model()

    @abstractmethod
    def new_model(self) -> Any:
        """Return a fresh PyBaMM model that counts capacity and energy."""

    @abstractmethod
    def initial_states(self, names: tuple[str, ...]) -> InitialStates:
        """Return the solver of initial states with the parameters ``names`` as inputs."""

    def recipe(self, model: Any) -> Recipe:
        """Return how a model of `new_model` is discretised."""
        return Recipe.of(model).replaced(settings_recipe(self.settings))

    def scalar(self, name: str, design: Mapping[str, float]) -> float:
        """Return a parameter's value for one run: its design value, else the cell's own."""
        return design[name] if name in design else self.scalars[name]

    def voltage_limits(self, design: Mapping[str, float]) -> tuple[float, float]:
        """Return the lower and upper voltage cut-off [V] of one run."""
        return self.scalar(LOWER_CUTOFF, design), self.scalar(UPPER_CUTOFF, design)

    def valid_voltages(self, design: Mapping[str, float]) -> tuple[float, float]:
        """Return the voltages [V] a run must stay between.

        A protocol may go beyond the cut-offs of the cell; a volt beyond them, where PyBaMM
        stops too, the model no longer describes a cell.
        """
        lower, upper = self.voltage_limits(design)
        return lower - 1, upper + 1
