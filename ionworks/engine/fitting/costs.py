r"""Costs: the distance of a model from data as one number.

With residuals :math:`r_i = m_i - d_i` of the :math:`n` points of one variable:

=====================  ======================================================================
RMSE                   :math:`\sqrt{\sum r_i^2 / n}`
MSE                    :math:`\sum r_i^2 / n`
MAE                    :math:`\sum |r_i| / n`
Max                    :math:`\max |r_i|`
SSE                    :math:`\sum r_i^2`
ChiSquare              :math:`\sum (r_i / \sigma)^2`, :math:`\sigma` given for each variable
GaussianLogLikelihood  the negative logarithm of the likelihood of independent normal errors,
                       :math:`\sum (r_i / \sigma)^2 / 2 + n \ln(\sigma \sqrt{2 \pi})`
Wasserstein            the earth mover's distance between the two sets of values
=====================  ======================================================================

A cost of several variables or objectives is the weighted sum over them.
"""

from collections.abc import Callable, Mapping, Sequence
from math import log, pi, sqrt
from typing import Any, Final

import numpy as np
from attrs import field, frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.specification import finite
from ionworks.engine.fitting.fields import known_fields

Pair = tuple[Floats, Floats]
"""Model and data of one variable."""

_WEIGHTS: Final = ("objective_weights", "variable_weights")
_NOT_SUPPORTED: Final = (
    "nan_values",
    "calculation_structure",
    "objective_names",
    "position_variable",
    "weight_variable",
)


def _wasserstein(model: Floats, data: Floats) -> float:
    # SciPy's statistics take a second to load, and few costs need them.
    from scipy.stats import wasserstein_distance

    return float(wasserstein_distance(model, data))


MEASURES: Final[dict[str, Callable[[Floats, Floats], float]]] = {
    "RMSE": lambda model, data: sqrt(np.mean((model - data) ** 2)),
    "MSE": lambda model, data: float(np.mean((model - data) ** 2)),
    "MAE": lambda model, data: float(np.mean(np.abs(model - data))),
    "Max": lambda model, data: float(np.max(np.abs(model - data))),
    "SSE": lambda model, data: float(np.sum((model - data) ** 2)),
    "Wasserstein": _wasserstein,
}
"""Costs of model and data alone."""

NORMALIZATIONS: Final[dict[str, Callable[[Floats], float]]] = {
    "identity": lambda _: 1.0,
    "mean": lambda data: abs(float(np.mean(data))),
    "range": lambda data: float(np.ptp(data)),
    "sum_squares": lambda data: float(np.sum(data**2)),
    "mean_squares": lambda data: float(np.mean(data**2)),
    "root_mean_squares": lambda data: sqrt(np.mean(data**2)),
}
"""Divisors of a cost, computed from the data."""

KINDS: Final = (*MEASURES, "ChiSquare", "GaussianLogLikelihood", "MultiCost")
_NOT_SUPPORTED_KINDS: Final = ("DesignFunction",)
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "ChiSquare": ("variable_standard_deviations", "normalization"),
    "GaussianLogLikelihood": ("sigma",),
    "MultiCost": ("costs",),
}


@frozen
class Cost:
    """A cost.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    normalization : str or float
        A key of `NORMALIZATIONS`, or the divisor.
    sigma : dict of str to float
        Standard deviation of each variable, for ChiSquare and GaussianLogLikelihood.
    parts : tuple of tuple
        Costs and their weights, for MultiCost.
    objective_weights, variable_weights : dict of str to float
        1 where not given.
    is_penalised : bool
        Whether penalties are added, which are not squares.
    """

    kind: str
    normalization: str | float = "identity"
    sigma: Mapping[str, float] = field(factory=dict)
    parts: tuple[tuple["Cost", float], ...] = ()
    objective_weights: Mapping[str, float] = field(factory=dict)
    variable_weights: Mapping[str, float] = field(factory=dict)
    is_penalised: bool = False

    @property
    def variables(self) -> set[str]:
        """The variables it names."""
        own = {*self.variable_weights, *self.sigma}
        return own.union(*(part.variables for part, _ in self.parts))

    def value(self, objective: str, pairs: Mapping[str, Pair]) -> float:
        """Return the cost of one objective, its weight included."""
        if self.kind == "MultiCost":
            total = sum(weight * part.value(objective, pairs) for part, weight in self.parts)
        else:
            total = sum(
                self.variable_weights.get(name, 1.0) * self._of_variable(name, *pair)
                for name, pair in pairs.items()
            )
        return float(self.objective_weights.get(objective, 1.0) * total)

    def residuals(self, objective: str, pairs: Mapping[str, Pair]) -> Floats:
        """Return residuals whose sum of squares is the cost of one objective, up to a constant.

        For RMSE they are those of MSE: for a single variable, both have the same minimum.
        """
        if self.kind == "MultiCost":
            parts = [sqrt(weight) * part.residuals(objective, pairs) for part, weight in self.parts]
        else:
            parts = [
                sqrt(self.variable_weights.get(name, 1.0)) * self._scaled(name, *pair)
                for name, pair in pairs.items()
            ]
        return sqrt(self.objective_weights.get(objective, 1.0)) * np.concatenate(parts)

    @property
    def is_sum_of_squares(self) -> bool:
        """Whether the squares of `residuals` add up to the cost for any number of variables."""
        if self.is_penalised:
            return False
        if self.kind == "MultiCost":
            return all(part.is_sum_of_squares and weight >= 0 for part, weight in self.parts)
        return self.kind in {"MSE", "SSE", "ChiSquare", "GaussianLogLikelihood"}

    @property
    def is_root_of_squares(self) -> bool:
        """Whether, for one variable, the squares of `residuals` have the minimum of the cost."""
        return self.kind == "RMSE" and not self.is_penalised

    def _of_variable(self, name: str, model: Floats, data: Floats) -> float:
        if self.kind in MEASURES:
            return MEASURES[self.kind](model, data) / self._divisor(data)
        sigma = self._sigma(name)
        chi_square = float(np.sum(((model - data) / sigma) ** 2))
        if self.kind == "ChiSquare":
            return chi_square / self._divisor(data)
        return chi_square / 2 + len(data) * log(sigma * sqrt(2 * pi))

    def _scaled(self, name: str, model: Floats, data: Floats) -> Floats:
        """Return the residuals (model minus data) of one variable, scaled as the cost is."""
        residuals = model - data
        if self.kind in {"RMSE", "MSE"}:
            residuals = residuals / sqrt(len(data))
        elif self.kind == "ChiSquare":
            residuals = residuals / self._sigma(name)
        elif self.kind == "GaussianLogLikelihood":
            return residuals / (self._sigma(name) * sqrt(2))
        divisor = self._divisor(data)
        # Squares are divided by the divisor of the cost, but RMSE divides the root of its squares.
        return residuals / (divisor if self.kind == "RMSE" else sqrt(divisor))

    def _divisor(self, data: Floats) -> float:
        if isinstance(self.normalization, str):
            # Constant data have no range, data of zeros no mean: they are not divided.
            return NORMALIZATIONS[self.normalization](data) or 1.0
        return self.normalization

    def _sigma(self, name: str) -> float:
        if name not in self.sigma:
            raise ValueError(f"{self.kind} needs a standard deviation of {name!r}")
        return self.sigma[name]


def read_cost(given: Any, where: str = "cost") -> Cost:
    """Read a cost from its wire form, or from its name alone.

    Raises
    ------
    ValueError
        If it or a field of it is unknown, not supported or has a wrong value.
    """
    if isinstance(given, str):
        given = {"type": given}
    if not isinstance(given, Mapping):
        raise ValueError(f"{where} is {given!r}: give a mapping with a type, such as RMSE")
    kind = given.get("type")
    if kind in _NOT_SUPPORTED_KINDS:
        raise ValueError(f"{where}: {kind} is not supported; use {', '.join(KINDS)}")
    if kind not in KINDS:
        raise ValueError(f"{where}: unknown cost {kind!r}; use {', '.join(KINDS)}")
    fields = _FIELDS.get(kind, ("normalization",))
    _check_fields(kind, given, fields, where)
    sigma = given.get("variable_standard_deviations") or given.get("sigma")
    if "costs" in fields and not isinstance(given.get("costs"), Sequence):
        raise ValueError(f"{where}: MultiCost needs 'costs', a list of costs")
    if kind in {"ChiSquare", "GaussianLogLikelihood"} and not sigma:
        raise ValueError(f"{where}: {kind} needs {fields[0]!r}, a number for each variable")
    return Cost(
        kind,
        _normalization(given.get("normalization"), where),
        _positive(sigma, f"{where}: {fields[0]}"),
        tuple(_part(part, where) for part in given.get("costs") or ()),
        _positive(given.get("objective_weights"), f"{where}: objective_weights"),
        _positive(given.get("variable_weights"), f"{where}: variable_weights"),
    )


def _check_fields(kind: str, given: Mapping[str, Any], fields: tuple[str, ...], where: str) -> None:
    for name, value in given.items():
        if name in _NOT_SUPPORTED and value is not None:
            raise ValueError(f"{where}: {name!r} is not supported; leave it out")
        if name not in {"type", *fields, *_WEIGHTS, *_NOT_SUPPORTED} and value is not None:
            raise ValueError(
                f"{where}: {kind} has no field {name!r}; it has {', '.join((*fields, *_WEIGHTS))}"
            )
    if kind == "MultiCost" and given.get("variable_weights") is not None:
        raise ValueError(f"{where}: give the variable_weights to the costs of a MultiCost")


def _part(given: Any, where: str) -> tuple[Cost, float]:
    if isinstance(given, Mapping) and "cost" in given:
        known_fields(given, ("cost", "weight"), f"{where}: a part")
        weight = given.get("weight")
        return (
            read_cost(given["cost"], where),
            1.0 if weight is None else finite(weight, f"{where}: weight"),
        )
    return read_cost(given, where), 1.0


def _normalization(given: Any, where: str) -> str | float:
    if given is None:
        return "identity"
    if isinstance(given, str):
        if given not in NORMALIZATIONS:
            raise ValueError(
                f"{where}: unknown normalization {given!r}; use {', '.join(NORMALIZATIONS)} or a "
                "number"
            )
        return given
    number = finite(given, f"{where}: normalization")
    if number <= 0:
        raise ValueError(f"{where}: normalization is {number:g}; give a number above 0")
    return number


def _positive(given: Any, where: str) -> dict[str, float]:
    """Return numbers by name: weights of 0 or more, standard deviations above 0."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError(f"{where}: {given!r} is not a mapping of names to numbers")
    found = {}
    for name, value in given.items():
        if isinstance(value, str):
            raise ValueError(
                f"{where}: {name!r} names the parameter {value!r} to fit, which is not supported; "
                "give a number"
            )
        number = finite(value, f"{where}: {name!r}")
        if number < 0 or (number == 0 and "weights" not in where):
            raise ValueError(f"{where}: {name!r} is {number:g}; give a number above 0")
        found[str(name)] = number
    return found
