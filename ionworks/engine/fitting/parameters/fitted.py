"""The parameters of a fit: bounds, initial values, priors, coordinates."""

from collections.abc import Mapping
from math import inf, isfinite
from typing import Any, Final

from attrs import frozen

from ionworks.engine.cells.plausibility import impossible, impossible_bounds
from ionworks.engine.cells.specification import finite
from ionworks.engine.fitting.fields import known_fields
from ionworks.engine.fitting.parameters.distributions import Distribution, read_distribution
from ionworks.engine.fitting.parameters.transforms import TRANSFORMS, Axis, default_transform

FIELDS: Final = (
    "name",
    "initial_value",
    "bounds",
    "prior",
    "normalize",
    "check_bounds",
    "check_initial_value",
    "initial_guess_distribution",
    "transform",
)


@frozen
class Prior:
    """Prior knowledge of a parameter.

    Attributes
    ----------
    distribution : Distribution
    weight : float
        Factor of its negative logarithm in the cost.
    """

    distribution: Distribution
    weight: float = 1.0


@frozen
class FittedParameter:
    """One parameter of a fit.

    Attributes
    ----------
    name : str
    bounds : tuple of float
    initial : float
        Initial value of the first search.
    axis : Axis
        Its coordinate.
    prior : Prior or None
    guesses : Distribution or None
        Distribution further initial points are drawn from; None for a uniform one between the
        bounds.
    """

    name: str
    bounds: tuple[float, float]
    initial: float
    axis: Axis
    prior: Prior | None = None
    guesses: Distribution | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether it has two finite bounds."""
        return all(map(isfinite, self.bounds))


def is_link(given: Any) -> bool:
    """Return whether a parameter is an expression of others instead of a fitted parameter."""
    if not isinstance(given, Mapping):
        return True
    return "$type" in given or given.get("type") not in {None, "Parameter"}


def read_parameter(
    name: str, given: Any, known: float | None = None, prior: Any = None
) -> FittedParameter:
    """Read one parameter.

    Parameters
    ----------
    name : str
    given : mapping
        The wire form; see `FIELDS`.
    known : float, optional
        Its value before the fit: the default initial value of a parameter without bounds.
    prior : mapping, optional
        A prior from the ``priors`` of the fit; it replaces the parameter's own.

    Raises
    ------
    ValueError
        If a field is unknown or has a wrong value, or the parameter could be impossible.
    """
    where = f"parameter {name!r}"
    if not isinstance(given, Mapping):
        raise ValueError(f"{where} is {given!r}: give a mapping with bounds and initial_value")
    known_fields(given, ("type", *FIELDS), where)
    if given.get("name") not in {None, name}:
        raise ValueError(f"{where} has the other name {given['name']!r}: name it by its key alone")
    for field in ("check_bounds", "check_initial_value"):
        if given.get(field) not in {None, True}:
            raise ValueError(f"{where}: {field} {given[field]!r} is not supported; leave it out")
    own_prior = prior if prior is not None else given.get("prior")
    read_prior = None if own_prior is None else _read_prior(own_prior, where)
    bounds = _bounds(given.get("bounds"), where)
    if problem := impossible_bounds(name, bounds):
        raise ValueError(f"parameter {problem}")
    if read_prior is not None:
        support = read_prior.distribution.support
        bounds = (max(bounds[0], support[0]), min(bounds[1], support[1]))
    if not bounds[0] < bounds[1]:
        raise ValueError(f"{where}: no value lies within both its bounds and its prior")
    transform = _transform(given.get("transform"), bounds, where)
    guesses = given.get("initial_guess_distribution")
    drawn = None if guesses is None else read_distribution(guesses, where)
    initial = _initial(given.get("initial_value"), bounds, transform, known, where)
    if given.get("initial_value") is not None and (problem := impossible(name, initial)):
        raise ValueError(f"parameter {problem}")
    axis = Axis.of(name, transform, bounds, initial, scaled=given.get("normalize") is not False)
    return FittedParameter(name, bounds, initial, axis, read_prior, drawn)


def _bounds(given: Any, where: str) -> tuple[float, float]:
    if given is None:
        return -inf, inf
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise ValueError(f"{where}: bounds are {given!r}; give two numbers, the lower first")
    low, high = (
        limit if bound is None else finite(bound, f"{where}: a bound")
        for bound, limit in zip(given, (-inf, inf), strict=True)
    )
    if not low < high:
        raise ValueError(
            f"{where}: the lower bound {low:g} is not below the upper bound {high:g}: swap them"
        )
    return low, high


def transform_name(given: Any) -> Any:
    """Return the name of a transform, or None for a parameter without one."""
    if not isinstance(given, Mapping):
        return given
    known_fields(given, ("type",), "transform")
    return given.get("type")


def _transform(given: Any, bounds: tuple[float, float], where: str) -> str:
    if given is None:
        return default_transform(bounds)
    name = transform_name(given)
    if name not in TRANSFORMS:
        raise ValueError(f"{where}: unknown transform {name!r}; use {', '.join(TRANSFORMS)}")
    if TRANSFORMS[name].needs_positive and bounds[0] <= 0:
        raise ValueError(
            f"{where}: {name} needs numbers above 0, and the lower bound is {bounds[0]:g}"
        )
    return str(name)


def _initial(
    given: Any, bounds: tuple[float, float], transform: str, known: float | None, where: str
) -> float:
    low, high = bounds
    if given is None:
        # The middle of the bounds in the coordinate, the geometric mean on a logarithmic scale.
        if isfinite(low) and isfinite(high):
            change = TRANSFORMS[transform]
            return float(change.backward((change.forward(low) + change.forward(high)) / 2))
        start = 1.0 if known is None else known
        return start if low <= start <= high else (low if isfinite(low) else high)
    initial = finite(given, f"{where}: initial_value")
    if not low <= initial <= high:
        raise ValueError(
            f"{where}: initial_value {initial:g} is outside its bounds {low:g} to {high:g}"
        )
    return initial


def _read_prior(given: Any, where: str) -> Prior:
    weight = given.get("regularizer_weight") if isinstance(given, Mapping) else None
    distribution = read_distribution(
        {key: value for key, value in given.items() if key not in {"name", "regularizer_weight"}}
        if isinstance(given, Mapping)
        else given,
        f"{where}: its prior",
    )
    if distribution.kind == "PointMass":
        raise ValueError(f"{where}: a PointMass prior leaves nothing to fit; set it in an entry")
    return Prior(
        distribution, 1.0 if weight is None else finite(weight, f"{where}: regularizer_weight")
    )


def priors_of(given: Any) -> dict[str, Any]:
    """Return priors by the name of their parameter."""
    if given is None:
        return {}
    if isinstance(given, Mapping) and not {"distribution", "type"}.intersection(given):
        return dict(given)
    found = {}
    for prior in given if isinstance(given, list | tuple) else [given]:
        name = prior.get("name") if isinstance(prior, Mapping) else None
        if not isinstance(name, str):
            raise ValueError(f"priors: {prior!r} needs the name of one parameter")
        found[name] = prior
    return found
