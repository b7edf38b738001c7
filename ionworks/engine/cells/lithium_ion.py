"""Physics-based lithium-ion cells: PyBaMM's own models over parameter values."""

from collections.abc import Mapping
from typing import Any, Final

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE
from ionworks.engine.cells.discretisation import Discretisation
from ionworks.engine.cells.equations import clip_half_waves
from ionworks.engine.cells.formulas import add_variables
from ionworks.engine.cells.initial_state import (
    LITHIUM,
    NEGATIVE_CONCENTRATION,
    POSITIVE_CONCENTRATION,
    Stoichiometries,
    balance_symbols,
)
from ionworks.engine.cells.options import checked_options
from ionworks.engine.cells.parameterization import ParameterizedCell, parameterize
from ionworks.engine.cells.specification import ModelSpecification
from ionworks.engine.pybamm_setup import parameter_names, pybamm

_SIZES: Final = "particle size"


class LithiumIonCell(ParameterizedCell):
    """A lithium-ion cell.

    Parameters
    ----------
    specification : ModelSpecification
        Model, options and parameter values.

    Raises
    ------
    ValueError
        If an option or a parameter does not exist or cannot be used.
    """

    state_names = (NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION)
    temperature_variable = "Volume-averaged cell temperature [C]"

    def __init__(self, specification: ModelSpecification) -> None:
        self._specification = specification
        self._options = checked_options(specification.options)
        self.settings = specification.settings
        # Building a model takes a tenth of a second, so the one that is needed here is kept.
        self._reference = self.new_model()
        self.geometric = geometric_parameters(self.discretisation(self._reference))
        found = parameterize(
            specification,
            self.geometric.union(self.state_names),
            size_distribution=self._reference.options[_SIZES] == "distribution",
        )
        options = repr(sorted(self._options.items()))
        self.set_parameters(specification, found, specification.model, options)

    @property
    def counts_lithium(self) -> bool:
        """Whether the charge between 0 and 100 % follows from variables of the model."""
        return all(name in self._reference.variables for name in LITHIUM)

    @property
    def reference(self) -> Any:
        """A model to read from; it must not be changed."""
        return self._reference

    def new_model(self) -> Any:
        """Return a new PyBaMM model that counts capacity and energy."""
        model = lithium_ion_model(self._specification.model, self._options)
        add_variables(model, self._specification.variables)
        return model

    def initial_states(self, names: tuple[str, ...]) -> Stoichiometries:
        """Return the solver of initial concentrations with ``names`` as inputs."""
        return Stoichiometries(self._reference.param, self.values, self.scalars, names)

    def starting_symbols(self, model: Any) -> tuple[Any, ...]:
        """Return the expressions of the balance of the electrodes."""
        return balance_symbols(model.param)


def lithium_ion_model(name: str, options: Mapping[str, Any]) -> Any:
    """Return a new model of PyBaMM that counts capacity and energy.

    Raises
    ------
    ValueError
        If the model does not have these options.
    """
    try:
        model = getattr(pybamm.lithium_ion, name)({**options, "calculate discharge energy": "true"})
    except (pybamm.OptionError, NotImplementedError) as error:
        raise ValueError(f"model options of {name}: {str(error).strip()}") from None
    clip_half_waves(model)
    return model


def geometric_parameters(discretisation: Discretisation) -> frozenset[str]:
    """Return the names of the parameters that shape the mesh."""
    return frozenset(
        parameter_names(
            bound
            for variables in discretisation.geometry.values()
            for limits in variables.values()
            for bound in (limits.values() if isinstance(limits, Mapping) else (limits,))
        )
    ) - {AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE}
