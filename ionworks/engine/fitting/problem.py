"""The function a fit minimises, for one point or a whole population at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil, inf, isfinite
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import define, field

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.costs import Cost
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.parameters.fitted import FittedParameter
from ionworks.engine.fitting.parameters.transforms import Coordinates, clipped

if TYPE_CHECKING:
    from ionworks.engine.fitting.objectives.objective import Objective

LONGEST_BATCH: Final = 0.5
"""Longest time of one solve [s], so that a canceled fit stops soon: `Monitor.poll` runs between
solves only."""

STEP: Final = 1e-3
"""Step of finite differences, in coordinates scaled to the bounds. The solver's relative error of
1e-6 would drown much smaller differences; much larger steps leave the linear range."""

PROGRESS_INTERVAL: Final = 0.5
"""Shortest time between two progress reports [s]."""

_TRACE_LENGTH: Final = 500
"""Longest history of a fit; beyond, every other entry is dropped and entries are made half as
often."""

_AT_BOUND: Final = 1e-3
"""Fraction of the distance between two bounds within which a parameter counts as at a bound."""


class StopFit(Exception):
    """Ends a search at once: it was canceled or reached a stopping criterion."""


@define
class StoppingCriteria:
    """When a search has to end.

    Attributes
    ----------
    evaluations : float
        Most evaluations of one search.
    seconds : float
        Longest time of the whole fit [s].
    should_stop : callable
        Returns whether the user canceled the fit.
    """

    evaluations: float = inf
    seconds: float = inf
    should_stop: Callable[[], bool] = lambda: False


@define
class Monitor:
    """Counts the evaluations of a fit, keeps its best point, reports progress and stops it.

    Attributes
    ----------
    criteria : StoppingCriteria
    report : callable
        Called with a mapping, see `Monitor.state`, at most every `PROGRESS_INTERVAL`.
    coordinates : Coordinates
    start : int
        Index of the running search of a multistart.
    starts : int
        Number of searches.
    canceled : bool
        Whether the user ended it.
    failure : str
        Why the model could not be run at a point, the first time; empty if it always could.
    """

    criteria: StoppingCriteria
    report: Callable[[dict[str, Any]], None]
    coordinates: Coordinates
    starts: int = 1
    start: int = 0
    evaluations: int = 0
    iterations: int = 0
    best_cost: float = inf
    best_point: Floats | None = None
    latest_cost: float = inf
    canceled: bool = False
    failure: str = ""
    trace: list[dict[str, Any]] = field(factory=list)
    _search: dict[str, Any] = field(factory=dict)
    _began: float = field(factory=monotonic)
    _reported: float = -inf
    _stride: int = 1

    def begin(self, start: int) -> None:
        """Begin a search."""
        self.start = start
        self._search = {"evaluations": 0, "iterations": 0, "cost": inf, "point": None}

    @property
    def search(self) -> dict[str, Any]:
        """Evaluations, iterations, best cost and point of the search that is running."""
        return self._search

    def poll(self) -> None:
        """End the search if it has to.

        Raises
        ------
        StopFit
            If it has to end now; the message gives the reason.
        """
        if self.criteria.should_stop():
            self.canceled = True
            raise StopFit("canceled")
        if monotonic() - self._began > self.criteria.seconds:
            raise StopFit(f"stopped after {self.criteria.seconds:g} s (maxtime)")
        if self._search["evaluations"] >= self.criteria.evaluations:
            raise StopFit(f"stopped after {self._search['evaluations']} evaluations")

    def take(self, points: Floats, costs: Floats) -> None:
        """Count the evaluations of a batch of points, and keep the best of them."""
        self.evaluations += len(costs)
        self._search["evaluations"] += len(costs)
        place = int(np.argmin(costs))
        self.latest_cost = float(costs[place])
        if costs[place] < self._search["cost"]:
            self._search |= {"cost": float(costs[place]), "point": points[place].copy()}
        if costs[place] < self.best_cost:
            self.best_cost, self.best_point = float(costs[place]), points[place].copy()
        self._report()

    def iterated(self) -> None:
        """Count an iteration, and add the best point to the history."""
        self.iterations += 1
        self._search["iterations"] += 1
        if self.iterations % self._stride == 0:
            self._trace_best()
            if len(self.trace) > _TRACE_LENGTH:
                del self.trace[1::2]
                self._stride *= 2

    def ended(self) -> None:
        """Add the best point to the history if the last iteration did not."""
        if not self.trace or self.trace[-1]["best_cost"] != self.best_cost:
            self._trace_best()

    def state(self) -> dict[str, Any]:
        """Return the progress of the fit."""
        point = self.best_point
        return {
            "start": self.start,
            "starts": self.starts,
            "evaluations": self.evaluations,
            "iterations": self.iterations,
            "cost": self.latest_cost,
            "best_cost": self.best_cost,
            "inputs": {} if point is None else self.coordinates.named(point),
            "inputs_unscaled": {}
            if point is None
            else dict(zip(self.coordinates.names, point.tolist(), strict=True)),
            "elapsed": monotonic() - self._began,
        }

    def _trace_best(self) -> None:
        if self.best_point is not None:
            self.trace.append(
                {
                    "evaluations": self.evaluations,
                    "iteration": self.iterations,
                    "start": self.start,
                    "cost": self.latest_cost,
                    "best_cost": self.best_cost,
                    "inputs": self.coordinates.named(self.best_point),
                }
            )

    def _report(self) -> None:
        now = monotonic()
        if now - self._reported >= PROGRESS_INTERVAL and isfinite(self.best_cost):
            self._reported = now
            self.report(self.state())


class Problem:
    """The function the optimizers minimise: points in, costs or residuals out.

    Parameters
    ----------
    objectives : sequence of Objective
    cost : Cost
        Of the objectives without an own cost.
    parameters : sequence of FittedParameter
    monitor : Monitor
    threads : int
        Number of points solved at the same time.
    """

    def __init__(
        self,
        objectives: Sequence[Objective],
        cost: Cost,
        parameters: Sequence[FittedParameter],
        monitor: Monitor,
        threads: int = 1,
    ) -> None:
        self.objectives = tuple(objectives)
        self.parameters = tuple(parameters)
        self.monitor = monitor
        self.threads = threads
        self.coordinates = monitor.coordinates
        self.cost = cost
        self._costs = [objective.priced(cost) for objective in objectives]
        self._seconds = 0.0

    def with_cost(self, cost: Cost) -> Problem:
        """Return the problem with another cost."""
        return Problem(self.objectives, cost, self.parameters, self.monitor, self.threads)

    def with_monitor(self, monitor: Monitor) -> Problem:
        """Return the problem with another monitor."""
        return Problem(self.objectives, self.cost, self.parameters, monitor, self.threads)

    @property
    def is_sum_of_squares(self) -> bool:
        """Whether the squares of `residuals` add up to the cost, but for a constant."""
        return all(cost.is_sum_of_squares for cost in self._costs)

    @property
    def is_least_squares(self) -> bool:
        """Whether `is_sum_of_squares`, or the cost is the root of that sum, times a constant."""
        if self.is_sum_of_squares:
            return True
        alone = len(self.objectives) == 1 and len(self.objectives[0].measured) == 1
        has_prior = any(parameter.prior for parameter in self.parameters)
        return alone and not has_prior and self._costs[0].is_root_of_squares

    def costs(self, points: Floats) -> Floats:
        """Return the cost of some points, shape (points,).

        A point outside the bounds has the cost of the nearest point inside, increased by a term
        that grows with the distance, so that unbounded methods return to the bounds.
        """
        inside, distance = clipped(np.atleast_2d(points), self.coordinates)
        found = np.concatenate([self._batch(batch)[0] for batch in self._batches(inside)])
        return np.asarray(found + distance * (1 + np.abs(found)))

    def residuals(self, points: Floats) -> Floats:
        """Return the residuals of some points, shape (points, residuals)."""
        return self.costs_and_residuals(points)[1]

    def costs_and_residuals(self, points: Floats) -> tuple[Floats, Floats]:
        """Return the costs and the residuals of some points; those outside are moved inside."""
        inside, _ = clipped(np.atleast_2d(points), self.coordinates)
        found = [self._batch(batch, residuals=True) for batch in self._batches(inside)]
        costs, residuals = zip(*found, strict=True)
        return np.concatenate(costs), np.concatenate(residuals)

    def with_neighbours(self, point: Floats) -> tuple[Floats, Floats]:
        """Return one neighbour of a point in each coordinate, and the signed steps to them."""
        # Backwards at the upper bound: a point beyond would be moved back onto it.
        step = np.where(point + STEP <= self.coordinates.high, STEP, -STEP)
        return point + np.diag(step), step

    def around(self, point: Floats) -> tuple[Floats, Floats]:
        """Return points for central differences, and the width of each.

        Returns
        -------
        tuple of array
            One point ahead in each coordinate, one behind in each, and the point itself; widths are
            less at a bound.
        """
        size = len(point)
        ahead = np.minimum(point + STEP, self.coordinates.high)
        behind = np.maximum(point - STEP, self.coordinates.low)
        points = np.tile(point, (2 * size + 1, 1))
        places = np.arange(size)
        points[places, places] = ahead
        points[places + size, places] = behind
        return points, ahead - behind

    def bounds_met(self, point: Floats) -> list[str]:
        """Return a sentence for each parameter that ended at one of its bounds."""
        low, high = self.coordinates.low, self.coordinates.high
        room = np.where(np.isfinite(high - low), _AT_BOUND * (high - low), 0.0)
        return [
            f"parameter {parameter.name!r} ended at its {side} bound {parameter.bounds[end]:g}: "
            "widen it if values beyond make sense"
            for end, (side, distance) in enumerate(
                (("lower", point - low), ("upper", high - point))
            )
            for parameter, is_met in zip(self.parameters, distance <= room, strict=True)
            if is_met
        ]

    def predictions(self, point: Floats) -> list[Prediction]:
        """Return the prediction of each objective at a point, without counting an evaluation."""
        candidate = [self.coordinates.named(point)]
        return [objective.predict(candidate)[0] for objective in self.objectives]

    def plain_residuals(self, points: Floats) -> Floats:
        """Return the residuals (model minus data) of all variables, each scaled.

        Variables differ in units: the residuals of each are divided by their root mean square at
        the last point, so that all have the same weight.
        """
        inside, _ = clipped(points, self.coordinates)
        columns = []
        for batch in self._batches(inside):
            self.monitor.poll()
            candidates = [self.coordinates.named(point) for point in batch]
            found = [objective.predict(candidates) for objective in self.objectives]
            for place in range(len(batch)):
                pairs = [
                    objective.pairs(each[place])
                    for objective, each in zip(self.objectives, found, strict=True)
                ]
                columns.append([m - d for each in pairs for m, d in each.values()])
        scales = [float(np.sqrt(np.mean(part**2))) or 1.0 for part in columns[-1]]
        return np.array(
            [
                np.concatenate([part / scale for part, scale in zip(parts, scales, strict=True)])
                for parts in columns
            ]
        )

    def _batches(self, points: Floats) -> Iterator[Floats]:
        """Yield points in batches, each short enough to be solved within `LONGEST_BATCH`."""
        first = 0
        while first < len(points):
            size = self._batch_size(len(points) - first)
            yield points[first : first + size]
            first += size

    def _batch_size(self, left: int) -> int:
        """Return the size of the next batch; batches are equal and multiples of the threads."""
        if not self._seconds:
            # The first point is solved alone, to measure how long one takes.
            return 1
        most = ceil(LONGEST_BATCH / self._seconds)
        even = ceil(left / ceil(left / most))
        return ceil(even / self.threads) * self.threads

    def _batch(self, points: Floats, *, residuals: bool = False) -> tuple[Floats, Floats]:
        """Return costs, and if wanted residuals, of points inside the bounds."""
        self.monitor.poll()
        began = monotonic()
        values = self.coordinates.values(points)
        names = self.coordinates.names
        candidates = [dict(zip(names, map(float, row), strict=True)) for row in values]
        costs = np.array([self._prior_cost(candidate) for candidate in candidates])
        vectors: list[list[Floats]] = [[self._prior_residuals(each)] for each in candidates]
        for objective, cost in zip(self.objectives, self._costs, strict=True):
            for place, prediction in enumerate(objective.predict(candidates)):
                self.monitor.failure = self.monitor.failure or prediction.reason
                pairs = objective.pairs(prediction)
                costs[place] += cost.value(objective.name, pairs)
                costs[place] += objective.penalty(candidates[place])
                if residuals:
                    vectors[place].append(cost.residuals(objective.name, pairs))
        self._seconds = (monotonic() - began) / len(points)
        self.monitor.take(points, costs)
        return costs, np.array([np.concatenate(each) for each in vectors]) if residuals else costs

    def _prior_cost(self, candidate: Mapping[str, float]) -> float:
        return float(np.sum(self._prior_residuals(candidate) ** 2))

    def _prior_residuals(self, candidate: Mapping[str, float]) -> Floats:
        # The negative logarithm of a prior's density is deviation**2 / 2; its root is a residual,
        # so that least squares minimise data and priors together.
        return np.array(
            [
                parameter.prior.distribution.deviation(candidate[parameter.name])
                * np.sqrt(parameter.prior.weight / 2)
                for parameter in self.parameters
                if parameter.prior is not None
            ]
        )
