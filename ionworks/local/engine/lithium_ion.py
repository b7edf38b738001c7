"""Physics-based lithium-ion cells: SPM, SPMe and DFN over published parameter sets."""

from functools import lru_cache
from typing import Any, Final

from ionworks.local.engine.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    PROTOCOL_PARAMETERS,
    Cell,
)
from ionworks.local.engine.initial_state import (
    NEGATIVE_CONCENTRATION,
    POSITIVE_CONCENTRATION,
    Stoichiometries,
)
from ionworks.local.engine.pybamm_setup import parameter_names, pybamm
from ionworks.local.engine.specification import PhysicsSpecification, nearest

FEW_OVERRIDES: Final = 16
"""Up to this many overrides are inputs of a shared model; more make it a model of its own,
because a model with all its scalars as inputs solves at half the speed."""

_REFUSED_OPTIONS: Final = {
    "operating mode": "the protocol controls the current",
    "working electrode": "half cells are not run by the embedded engine yet",
    "open-circuit potential": "only single open-circuit potentials are run yet",
    "particle phases": "composite electrodes are not run by the embedded engine yet",
    "particle size": "particle-size distributions are not run by the embedded engine yet",
    "dimensionality": "current collectors are not run by the embedded engine yet",
    "calculate discharge energy": "the engine always calculates it",
}


class LithiumIonCell(Cell):
    """A lithium-ion cell.

    Parameters
    ----------
    specification : PhysicsSpecification
        Model, options, parameter set and overrides.

    Raises
    ------
    ValueError
        If an option or an overridden parameter does not exist or cannot be used.
    """

    state_names = (NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION)
    temperature_variable = "Volume-averaged cell temperature [C]"

    def __init__(self, specification: PhysicsSpecification) -> None:
        self._model = specification.model
        self._options = checked_options(specification.options)
        own = pybamm.ParameterValues(specification.parameter_set)
        overrides = _effective_overrides(specification, own)
        self.geometric = geometric_parameters(self.new_model())
        inputs = {
            name: value
            for name, value in overrides.items()
            if len(overrides) <= FEW_OVERRIDES
            and name not in self.geometric
            and name not in self.state_names
            and name != "Reference temperature [K]"
            and isinstance(own[name], int | float)
        }
        built_in = {name: value for name, value in overrides.items() if name not in inputs}
        own.update(built_in, check_already_exists=False)
        self.values = own
        self.fixed_inputs = inputs
        self.scalars = numbers(own) | inputs
        self.key = (
            self._model,
            repr(sorted(self._options.items())),
            specification.parameter_set,
            tuple(sorted(built_in.items())),
        )

    def new_model(self) -> Any:
        """Return a fresh PyBaMM model that counts capacity and energy."""
        model = getattr(pybamm.lithium_ion, self._model)
        return model({**self._options, "calculate discharge energy": "true"})

    def initial_states(self, names: tuple[str, ...]) -> Stoichiometries:
        """Return the solver of initial concentrations with ``names`` as inputs."""
        return Stoichiometries(self.new_model().param, self.values, self.scalars, names)


def numbers(values: Any) -> dict[str, float]:
    """Return the plain numbers among some parameter values."""
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


@lru_cache(maxsize=32)
def known_parameters(parameter_set: str) -> dict[str, float | None]:
    """Return a published set's parameters: the number, or None where it is a function."""
    values = pybamm.ParameterValues(parameter_set)
    scalars = numbers(values)
    return {name: scalars.get(name) for name, value in values.items() if not isinstance(value, str)}


def checked_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return model options the engine can run.

    Raises
    ------
    ValueError
        If PyBaMM does not know an option or its value, or the engine cannot run it.
    """
    for name, value in options.items():
        if name in _REFUSED_OPTIONS:
            raise ValueError(f"model option {name!r}: {_REFUSED_OPTIONS[name]}; leave it out")
        pair = isinstance(value, tuple) and all(isinstance(part, str) for part in value)
        if not (pair or isinstance(value, str)):
            raise ValueError(f"model option {name!r} is {value!r}: give it as text")
    try:
        pybamm.BatteryModelOptions(dict(options))
    except pybamm.OptionError as error:
        raise ValueError(f"model options: {str(error).strip()}") from None
    return dict(options)


def _effective_overrides(specification: PhysicsSpecification, own: Any) -> dict[str, float]:
    """Return the overrides that change something, after checking their names."""
    known = known_parameters(specification.parameter_set)
    overrides: dict[str, float] = {}
    for name, value in specification.parameters.items():
        if name in PROTOCOL_PARAMETERS:
            # Full copies of a set carry these; every run sets them from its protocol.
            continue
        if name not in known:
            hint = nearest(name, list(known)) or "a name of the parameter set"
            raise ValueError(
                f"parameter {name!r} is not in {specification.parameter_set}: use {hint}"
            )
        if known[name] is None or own[name] != value:
            overrides[name] = value
    return overrides


def geometric_parameters(model: Any) -> frozenset[str]:
    """Return the names of the parameters a model's geometry is made of."""
    return frozenset(
        parameter_names(
            bound
            for variables in model.default_geometry.values()
            for limits in variables.values()
            for bound in (limits.values() if isinstance(limits, dict) else (limits,))
        )
    ) - {AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE}
