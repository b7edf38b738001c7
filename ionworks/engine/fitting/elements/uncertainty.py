r"""Covariance of fitted parameters.

Near the minimum the residuals are taken as linear in the coordinates, with Jacobian :math:`J`.
For independent errors of equal variance, estimated from the residuals, the covariance of the
coordinates is :math:`s^2 (J^T J)^{-1}` with :math:`s^2 = \sum r^2 / (n - p)` (Seber and
Wild, 2003, "Nonlinear Regression", section 2.1).
"""

from typing import Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.problem import Problem

_SINGULAR: Final = 1e-12
"""Least eigenvalue of the correlation matrix; below, parameters cannot be
distinguished."""

_INSENSITIVE: Final = 1e-6
"""Least derivative of the residuals by a coordinate, relative to their norm: below, a parameter has
no influence from bound to bound."""


@frozen(eq=False)
class Covariance:
    """Covariance of the fitted parameters.

    Attributes
    ----------
    names : tuple of str
    values : array, shape (parameters,)
    matrix : array, shape (parameters, parameters)
    degrees_of_freedom : int
        Number of data points minus number of parameters.
    """

    names: tuple[str, ...]
    values: Floats
    matrix: Floats
    degrees_of_freedom: int

    @property
    def standard_errors(self) -> dict[str, float]:
        """The standard error of each parameter."""
        errors = np.sqrt(np.diag(self.matrix))
        return dict(zip(self.names, errors.tolist(), strict=True))


class UndeterminedError(ValueError):
    """The data do not determine every parameter; the message names the parameter and the reason."""


def covariance(problem: Problem, point: Floats) -> Covariance:
    """Return the covariance of the parameters at a point.

    Raises
    ------
    UndeterminedError
        If the data do not determine every parameter there.
    """
    jacobian, residuals = _jacobian(problem, point)
    names = problem.coordinates.names
    degrees_of_freedom = len(residuals) - len(point)
    if degrees_of_freedom <= 0:
        raise UndeterminedError(f"{len(residuals)} points do not determine {len(point)} parameters")
    normal = jacobian.T @ jacobian
    # Scaling to correlations makes the test for singularity independent of units and scales.
    scale = np.sqrt(np.diag(normal))
    for name, size in zip(names, scale, strict=True):
        if size <= _INSENSITIVE * np.linalg.norm(residuals):
            raise UndeterminedError(f"parameter {name!r} has no influence on the data")
    correlation = normal / np.outer(scale, scale)
    if np.linalg.eigvalsh(correlation)[0] < _SINGULAR:
        raise UndeterminedError("the data cannot distinguish the parameters: fit fewer of them")
    inverse = np.linalg.inv(correlation) / np.outer(scale, scale)
    variance = float(residuals @ residuals) / degrees_of_freedom
    # From coordinates to parameters.
    slopes = problem.coordinates.slopes(point)
    return Covariance(
        names,
        problem.coordinates.values(point[None])[0],
        variance * inverse * np.outer(slopes, slopes),
        degrees_of_freedom,
    )


def _jacobian(problem: Problem, point: Floats) -> tuple[Floats, Floats]:
    """Return the Jacobian of the residuals by central differences, and the residuals."""
    size = len(point)
    points, widths = problem.around(point)
    found = problem.plain_residuals(points)
    return ((found[:size] - found[size : 2 * size]) / widths[:, None]).T, found[-1]
