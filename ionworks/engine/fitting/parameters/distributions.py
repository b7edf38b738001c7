"""Probability distributions: priors of parameters, and draws of initial points."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.specification import finite
from ionworks.engine.fitting.fields import known_fields

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "Normal": ("mean", "std"),
    "LogNormal": ("mean", "std"),
    "Uniform": ("lb", "ub"),
    "PointMass": ("value",),
}
"""Distribution -> its fields."""

NOT_SUPPORTED: Final = ("Dirichlet", "MultivariateNormal", "MultivariateLogNormal")


@frozen
class Distribution:
    """A distribution of one number.

    Attributes
    ----------
    kind : str
        A key of `FIELDS`; ``mean`` and ``std`` of LogNormal are those of the natural logarithm.
    first, second : float
        Its fields in the order of `FIELDS`; PointMass has its value in both.
    """

    kind: str
    first: float
    second: float

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value it can take."""
        if self.kind in {"Uniform", "PointMass"}:
            return self.first, self.second
        return (0.0, np.inf) if self.kind == "LogNormal" else (-np.inf, np.inf)

    def deviation(self, value: float) -> float:
        """Return z such that the negative logarithm of the density is ``z**2 / 2`` plus a constant.

        For LogNormal this completes the square of ``ln x + (ln x - mean)**2 / (2 std**2)``; z is
        0 at the mode.
        """
        if self.kind == "Normal":
            return (value - self.first) / self.second
        if self.kind == "LogNormal":
            return float(np.log(value) - self.first + self.second**2) / self.second
        return 0.0

    def quantile(self, probability: float) -> float:
        """Return the quantile of a probability."""
        # SciPy's statistics take a second to load, and few fits draw from a distribution.
        from scipy.special import ndtri

        if self.kind == "Normal":
            return float(self.first + self.second * ndtri(probability))
        if self.kind == "LogNormal":
            return float(np.exp(self.first + self.second * ndtri(probability)))
        return self.first + probability * (self.second - self.first)


def read_distribution(given: Any, where: str) -> Distribution:
    """Read a distribution from its wire form; a ``Prior`` around it is allowed.

    Raises
    ------
    ValueError
        If it is unknown, not supported or has a wrong field.
    """
    if not isinstance(given, Mapping):
        raise ValueError(
            f"{where} is {given!r}: give a distribution, such as a mapping with 'Normal'"
        )
    kind = given.get("distribution")
    if isinstance(kind, Mapping):
        known_fields(given, ("distribution", "type"), where)
        if given.get("type") not in {None, "Prior"}:
            raise ValueError(f"{where}: its type is {given['type']!r}; use 'Prior'")
        return read_distribution(kind, where)
    kind = kind if kind is not None else given.get("type")
    if kind in NOT_SUPPORTED:
        raise ValueError(
            f"{where}: the distribution {kind} is not supported; use {', '.join(FIELDS)}"
        )
    if kind not in FIELDS:
        raise ValueError(f"{where}: unknown distribution {kind!r}; use {', '.join(FIELDS)}")
    fields = FIELDS[kind]
    known_fields(given, ("distribution", "type", *fields), f"{where}: {kind}")
    numbers = [finite(given.get(name), f"{where}: {name}") for name in fields]
    first, second = numbers[0], numbers[-1]
    if "std" in fields and second <= 0:
        raise ValueError(f"{where}: std is {second:g}; give a number above 0")
    if "ub" in fields and second <= first:
        raise ValueError(f"{where}: ub is {second:g} and lb {first:g}; ub must be greater")
    return Distribution(kind, first, second)
