"""Parts all optimizers share: how they end, gradients, and the final descent of global ones."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.parameters.transforms import clipped
from ionworks.engine.fitting.problem import Problem

REFINEMENTS: Final = 100
"""Most evaluations of the final descent of a global search; it rarely needs them all."""


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
    """Return the cost at a point and its gradient, from finite differences in one solve.

    A sum of squares needs one neighbour in each coordinate: the gradient is that of the residuals,
    linearised. Other costs are differenced directly, which takes central differences, with two.
    """
    inside, _ = clipped(point[None], problem.coordinates)
    if problem.is_least_squares and np.array_equal(inside[0], point):
        return _from_residuals(problem, point)
    size = len(point)
    points, widths = problem.around(point)
    costs = problem.costs(points)
    return float(costs[-1]), np.asarray((costs[:size] - costs[size : 2 * size]) / widths)


def _from_residuals(problem: Problem, point: Floats) -> tuple[float, Floats]:
    neighbours, steps = problem.with_neighbours(point)
    costs, residuals = problem.costs_and_residuals(np.vstack([point, neighbours]))
    cost, here = float(costs[0]), residuals[0]
    half = (residuals[1:] - here) @ here / steps
    if problem.is_sum_of_squares:
        return cost, 2 * half
    # The cost is the root of the sum of squares, times a constant.
    return cost, half * cost / (here @ here or 1.0)


class Residuals:
    """Residuals and their Jacobian; no point is solved twice."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._known: tuple[Floats, Floats] | None = None

    def __call__(self, point: Floats) -> Floats:
        """Return the residuals at a point."""
        return np.asarray(self._at(point)[0])

    def jacobian(self, point: Floats) -> Floats:
        """Return the derivatives at a point, shape (residuals, coordinates)."""
        found = self._at(point)
        points, steps = self._problem.with_neighbours(point)
        self._problem.monitor.iterated()
        if len(found) == 1:
            found = np.vstack([found, self._problem.residuals(points)])
        return np.asarray(((found[1:] - found[0]) / steps[:, None]).T)

    def _at(self, point: Floats) -> Floats:
        """Return the residuals at a point, and those of its neighbours if they take no extra time.

        Most points are accepted, and then their Jacobian is evaluated. The neighbours are solved
        together with the point if that needs fewer rounds of all threads.
        """
        if self._known is not None and np.array_equal(point, self._known[0]):
            return self._known[1]
        points = point[None]
        size, threads = len(point), self._problem.threads
        if ceil((size + 1) / threads) < 1 + ceil(size / threads):
            points = np.vstack([points, self._problem.with_neighbours(point)[0]])
        found = self._problem.residuals(points)
        self._known = point.copy(), found
        return found


def refine(problem: Problem) -> None:
    """Descend from the best point found; a population only surrounds the minimum."""
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
    """Seed NumPy's global generator, from which cma and PINTS draw, and restore it afterwards."""
    before = np.random.get_state()  # noqa: NPY002 - the libraries use no other
    np.random.seed(int(random.integers(2**32)))  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
