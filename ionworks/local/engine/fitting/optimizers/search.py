"""What all searches share: how they end, gradients, and the last refinement of global ones."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.local.engine.cell import Floats
from ionworks.local.engine.fitting.problem import Problem

REFINEMENTS: Final = 100
"""Most steps downhill at the end of a global search; it takes a fraction of them."""


@frozen
class Ended:
    """How a search ended.

    Attributes
    ----------
    success : bool
        Whether it met its own criterion.
    message : str
    """

    success: bool
    message: str


Search = Callable[[Problem, Floats, Mapping[str, Any], np.random.Generator], Ended]


def cost_and_gradient(problem: Problem, point: Floats) -> tuple[float, Floats]:
    """Return the cost at a point and its gradient, from central differences in one solve."""
    size = len(point)
    points, widths = problem.around(point)
    costs = problem.costs(points)
    return float(costs[-1]), np.asarray((costs[:size] - costs[size : 2 * size]) / widths)


class Residuals:
    """Residuals and their derivatives by the coordinates, each solved for once."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._point: Floats | None = None
        self._values: Floats | None = None

    def __call__(self, point: Floats) -> Floats:
        """Return the residuals at a point."""
        if self._values is None or self._point is None or not np.array_equal(point, self._point):
            self._values = self._problem.residuals(point[None])[0]
            self._point = point.copy()
        return self._values

    def jacobian(self, point: Floats) -> Floats:
        """Return the derivatives at a point, shape (residuals, coordinates)."""
        here = self(point)
        points, steps = self._problem.with_neighbours(point)
        self._problem.monitor.iterated()
        ahead = self._problem.residuals(points)
        return np.asarray(((ahead - here) / steps[:, None]).T)


def refine(problem: Problem) -> None:
    """Go downhill from the best point found, which a population only encircles."""
    from scipy.optimize import least_squares, minimize

    start = problem.monitor.search["point"]
    bounds = (problem.coordinates.low, problem.coordinates.high)
    if problem.is_least_squares:
        residuals = Residuals(problem)
        least_squares(residuals, start, jac=residuals.jacobian, bounds=bounds, max_nfev=REFINEMENTS)
    else:
        scale = abs(problem.monitor.search["cost"]) or 1.0
        minimize(
            lambda point: tuple(part / scale for part in cost_and_gradient(problem, point)),
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=np.stack(bounds, axis=1),
            callback=lambda _: problem.monitor.iterated(),
            options={"maxiter": REFINEMENTS},
        )


@contextmanager
def global_seed(random: np.random.Generator) -> Iterator[None]:
    """Seed NumPy's global generator, which cma and PINTS draw from, and put it back after."""
    before = np.random.get_state()  # noqa: NPY002 - the libraries know no other
    np.random.seed(int(random.integers(2**32)))  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
