r"""How well a fit determines its parameters.

Near the minimum the residuals are taken as linear in the coordinates, with Jacobian :math:`J`.
For independent errors of equal variance, estimated from what the fit leaves over, the covariance
of the coordinates is :math:`s^2 (J^T J)^{-1}` with :math:`s^2 = \sum r^2 / (n - p)` (Seber and
Wild, 2003, "Nonlinear Regression", section 2.1).
"""

from typing import Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.problem import Problem

_SINGULAR: Final = 1e-12
_SILENT: Final = 1e-6
"""A parameter that changes less than this part of what is left over, from bound to bound."""


@frozen(eq=False)
class Spread:
    """Uncertainty of the fitted parameters.

    Attributes
    ----------
    names : tuple of str
    values : array, shape (parameters,)
    covariance : array, shape (parameters, parameters)
        Of the parameters themselves.
    freedom : int
        Data points less parameters.
    """

    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    freedom: int

    @property
    def standard_errors(self) -> dict[str, float]:
        """The standard error of each parameter."""
        errors = np.sqrt(np.diag(self.covariance))
        return dict(zip(self.names, errors.tolist(), strict=True))


class UndeterminedError(ValueError):
    """Data that do not determine every parameter; the message says which, and why."""


def covariance(problem: Problem, point: Floats) -> Spread:
    """Return the uncertainty at a point.

    Raises
    ------
    UndeterminedError
        If the data do not determine every parameter there.
    """
    jacobian, residuals = _jacobian(problem, point)
    names = problem.coordinates.names
    freedom = len(residuals) - len(point)
    if freedom <= 0:
        raise UndeterminedError(f"{len(residuals)} points do not determine {len(point)} parameters")
    normal = jacobian.T @ jacobian
    scale = np.sqrt(np.diag(normal))
    for name, size in zip(names, scale, strict=True):
        if size <= _SILENT * np.linalg.norm(residuals):
            raise UndeterminedError(f"parameter {name!r} has no influence on the data")
    correlation = normal / np.outer(scale, scale)
    if np.linalg.eigvalsh(correlation)[0] < _SINGULAR:
        raise UndeterminedError("the data do not tell the parameters apart: fit fewer of them")
    inverse = np.linalg.inv(correlation) / np.outer(scale, scale)
    variance = float(residuals @ residuals) / freedom
    slopes = problem.coordinates.slopes(point)
    return Spread(
        names,
        problem.coordinates.values(point[None])[0],
        variance * inverse * np.outer(slopes, slopes),
        freedom,
    )


def _jacobian(problem: Problem, point: Floats) -> tuple[Floats, Floats]:
    """Return the derivatives of the plain residuals by the coordinates, and the residuals."""
    size = len(point)
    points, widths = problem.around(point)
    found = problem.plain_residuals(points)
    return ((found[:size] - found[size : 2 * size]) / widths[:, None]).T, found[-1]
