"""Population-based optimizers: ask for a generation, solve it in one batch, tell its costs.

Differential evolution is SciPy's, CMA-ES that of cma, PSO and xNES those of PINTS.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.optimizers import scipy_searches
from ionworks.engine.fitting.optimizers.search import Ended, global_seed, refine
from ionworks.engine.fitting.problem import Problem

MAX_ITERATIONS: Final = 500
"""Default number of generations."""

SPREAD: Final = 0.25
"""Standard deviation of the first generation, in coordinates scaled to the bounds."""

UNCHANGED: Final = 25
SMALL: Final = 1e-3
"""A search ends when for this many generations neither the best cost nor the median cost of a
generation falls by more than this fraction. The median counts because after a lucky first draw the
best cost stays for long while the population still contracts."""

_ALGORITHM: Final[dict[str, str]] = {"F": "mutation", "CR": "recombination", "dither": "mutation"}
DE_OPTIONS: Final = (*_ALGORITHM, "mutation_strategy")
"""The algorithm options of differential evolution that are built."""


class _AskTell(Protocol):
    """Interface of cma's optimizer."""

    def ask(self) -> Any: ...

    def tell(self, points: Any, costs: Floats) -> None: ...


def differential_evolution(
    problem: Problem, start: Floats, options: Mapping[str, Any], random: np.random.Generator
) -> Ended:
    """Run SciPy's differential evolution with the options of the ask-and-tell family."""
    algorithm = options.get("algorithm_options") or {}
    keywords: dict[str, Any] = {
        "max_iterations": options.get("max_iterations") or MAX_ITERATIONS,
        "tol": options.get("relative_tolerance", 1e-2),
        "atol": options.get("absolute_tolerance", 1e-5),
    }
    for name, value in algorithm.items():
        if value is not None and name in _ALGORITHM:
            keywords[_ALGORITHM[name]] = tuple(value) if isinstance(value, list) else value
    if algorithm.get("mutation_strategy"):
        keywords["strategy"] = algorithm["mutation_strategy"]
    if options.get("population_size"):
        # SciPy's own size counts multiples of the number of parameters.
        size = max(5, int(options["population_size"]))
        keywords["init"] = _hypercube(problem, size, random)
    return scipy_searches.differential_evolution(problem, start, keywords, random)


def cmaes(
    problem: Problem, start: Floats, options: Mapping[str, Any], random: np.random.Generator
) -> Ended:
    """Run CMA-ES."""
    import cma

    # cma needs two coordinates: a single parameter gets a second one that is ignored.
    pad = 1 if len(start) == 1 else 0
    low = np.append(problem.coordinates.low, np.zeros(pad))
    high = np.append(problem.coordinates.high, np.ones(pad))
    settings: dict[str, Any] = {
        "bounds": [low.tolist(), high.tolist()],
        "verbose": -9,
        # By default cma reads options from a file of this name in the current folder.
        "signals_filename": "",
        "verb_log": 0,
        **dict(options.get("algorithm_options") or {}),
    }
    if options.get("population_size"):
        settings["popsize"] = max(4, int(options["population_size"]))
    with global_seed(random):
        settings["seed"] = int(random.integers(1, 2**31))
        strategy = cma.CMAEvolutionStrategy(
            np.append(start, np.full(pad, 0.5)), options.get("sigma0") or SPREAD, settings
        )
        size = len(start)
        return _run(problem, strategy, options, lambda asked: np.array(asked)[:, :size])


def pso(
    problem: Problem, start: Floats, options: Mapping[str, Any], random: np.random.Generator
) -> Ended:
    """Run a particle swarm."""
    return _pints("PSO", problem, start, options, random)


def xnes(
    problem: Problem, start: Floats, options: Mapping[str, Any], random: np.random.Generator
) -> Ended:
    """Run exponential natural evolution strategies."""
    return _pints("XNES", problem, start, options, random)


class _Pints:
    """A PINTS optimiser with cma's interface."""

    def __init__(self, optimiser: Any) -> None:
        self._optimiser = optimiser
        self.ask = optimiser.ask

    def tell(self, _: Any, costs: Floats) -> None:
        self._optimiser.tell(costs)


def _pints(
    name: str,
    problem: Problem,
    start: Floats,
    options: Mapping[str, Any],
    random: np.random.Generator,
) -> Ended:
    import pints

    low, high = problem.coordinates.low, problem.coordinates.high
    with global_seed(random):
        # PINTS rejects an initial point on the bounds.
        inside = np.clip(start, low + 1e-6 * (high - low), high - 1e-6 * (high - low))
        spread = (options.get("sigma0") or SPREAD) * (high - low)
        optimiser = getattr(pints, name)(inside, spread, pints.RectangularBoundaries(low, high))
        if options.get("population_size"):
            optimiser.set_population_size(max(2, int(options["population_size"])))
        return _run(problem, _Pints(optimiser), options, np.array)


def _run(
    problem: Problem,
    optimiser: _AskTell,
    options: Mapping[str, Any],
    points_of: Callable[[Any], Floats],
) -> Ended:
    """Ask, solve and tell until the population has converged, then refine the best."""
    convergence = _Convergence(options)
    while True:
        asked = optimiser.ask()
        points = points_of(asked)
        costs = problem.costs(points)
        optimiser.tell(asked, costs)
        problem.monitor.iterated()
        ended = convergence.ended(points, costs, problem.monitor.search["cost"])
        if ended is not None:
            refine(problem)
            return ended


class _Convergence:
    """Convergence of a population, by the options all population-based optimizers share."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        def option(name: str, default: Any) -> Any:
            return default if options.get(name) is None else options[name]

        self._most = option("max_iterations", MAX_ITERATIONS)
        self._least = option("min_iterations", 1)
        self._absolute = option("absolute_tolerance", 1e-5)
        self._relative = option("relative_tolerance", 1e-2)
        self._closeness = option("population_convergence_tol", 5e-3)
        self._generations = option("convergence_patience", 3)
        self._threshold = option("threshold", -np.inf)
        self._unchanged_most = option("max_unchanged_iterations", UNCHANGED)
        self._is_best_alone = options.get("max_unchanged_iterations") is not None
        self._unchanged_step = option("max_unchanged_iterations_threshold", None)
        self._iterations = self._met = self._unchanged = 0
        self._best = self._median = np.inf

    def ended(self, points: Floats, costs: Floats, best: float) -> Ended | None:
        """Add a generation; return how the search ended, None if it goes on."""
        self._iterations += 1
        self._unchanged = 0 if self._falls(costs, best) else self._unchanged + 1
        is_level = np.std(costs) <= self._absolute + self._relative * abs(np.mean(costs))
        is_close = np.std(points, axis=0).max() <= self._closeness
        self._met = self._met + 1 if is_level or is_close else 0
        if best <= self._threshold:
            return Ended(success=True, message="the cost fell below the threshold")
        if self._iterations >= self._least and self._met >= self._generations:
            return Ended(success=True, message="the population converged")
        if self._unchanged >= self._unchanged_most:
            return Ended(
                success=True,
                message=f"the best cost did not change in {self._unchanged} iterations",
            )
        if self._iterations >= self._most:
            return Ended(success=False, message=f"stopped after {self._iterations} iterations")
        return None

    def _falls(self, costs: Floats, best: float) -> bool:
        """Return whether the best or the median cost fell enough to go on."""
        median = float(np.median(costs))
        step = SMALL * abs(best) if self._unchanged_step is None else self._unchanged_step
        is_best, is_median = self._best - best > step, self._median - median > step
        self._best = best if is_best else self._best
        self._median = median if is_median else self._median
        return is_best or (is_median and not self._is_best_alone)


def _hypercube(problem: Problem, size: int, random: np.random.Generator) -> Floats:
    from scipy.stats import qmc

    low, high = problem.coordinates.low, problem.coordinates.high
    drawn = qmc.LatinHypercube(len(low), rng=random).random(size)
    return np.asarray(low + drawn * (high - low))
