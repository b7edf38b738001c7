r"""How well a fit determines its parameters.

Near the minimum the residuals are taken as linear in the coordinates, with Jacobian :math:`J`.
For independent errors of equal variance, estimated from what the fit leaves over, the covariance
of the coordinates is :math:`s^2 (J^T J)^{-1}` with :math:`s^2 = \sum r^2 / (n - p)` (Seber and
Wild, 2003, "Nonlinear Regression", section 2.1).
"""

import numpy as np
from attrs import frozen

from ionworks.local.engine.cell import Floats
from ionworks.local.engine.fitting.problem import STEP, Problem, StopFit

_SINGULAR = 1e-12


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


def covariance(problem: Problem, point: Floats) -> Spread | None:
    """Return the uncertainty at a point; None if the data do not determine every parameter."""
    try:
        jacobian, residuals = _jacobian(problem, point)
    except StopFit:
        return None
    freedom = len(residuals) - len(point)
    if freedom <= 0:
        return None
    normal = jacobian.T @ jacobian
    scale = np.sqrt(np.diag(normal))
    if not (scale > 0).all():
        return None
    correlation = normal / np.outer(scale, scale)
    if np.linalg.eigvalsh(correlation)[0] < _SINGULAR:
        return None
    inverse = np.linalg.inv(correlation) / np.outer(scale, scale)
    variance = float(residuals @ residuals) / freedom
    slopes = problem.coordinates.slopes(point)
    return Spread(
        problem.coordinates.names,
        problem.coordinates.values(point[None])[0],
        variance * inverse * np.outer(slopes, slopes),
        freedom,
    )


def _jacobian(problem: Problem, point: Floats) -> tuple[Floats, Floats]:
    """Return the derivatives of the plain residuals by the coordinates, and the residuals."""
    ahead = np.minimum(point + STEP, problem.coordinates.high)
    behind = np.maximum(point - STEP, problem.coordinates.low)
    size = len(point)
    points = np.tile(point, (2 * size + 1, 1))
    points[np.arange(size), np.arange(size)] = ahead
    points[np.arange(size, 2 * size), np.arange(size)] = behind
    found = problem.plain_residuals(points)
    return ((found[:size] - found[size : 2 * size]) / (ahead - behind)[:, None]).T, found[-1]
