"""SciPy's optimizers. Gradients come from finite differences, solved in one batch."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.optimizers.search import Ended, Residuals, cost_and_gradient, refine
from ionworks.engine.fitting.problem import Problem

GRADIENT_METHODS: Final = ("CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP")
METHODS: Final = (*GRADIENT_METHODS, "Nelder-Mead", "Powell", "COBYLA", "COBYQA")
"""Methods of ``ScipyMinimize``; the others of SciPy need a Hessian."""

Cost = Callable[[Floats], float]
CostAndGradient = Callable[[Floats], tuple[float, Floats]]

_DEFAULT_METHOD: Final = "L-BFGS-B"
_BOUNDED: Final = ("L-BFGS-B", "TNC", "SLSQP", "Nelder-Mead", "Powell", "COBYLA", "COBYQA")
_OWN: Final = ("type", "max_iterations")

_OF_GRADIENTS: Final = ("eps", "finite_diff_rel_step", "workers")
"""Options of SciPy's own finite differences, which are not used."""

_SAMPLES: Final = 64
"""Default number of Sobol' points. SHGO's own default samples the corners and the middle of the
bounds only, which misses minima."""

_XATOL: Final = 1e-6
_FATOL: Final = 1e-9
"""Tolerances of Nelder-Mead: in coordinates, and as a fraction of the cost at the initial point.
SciPy's default of 1e-4 can exceed the whole remaining cost if the initial point was far off."""


def check_minimize(options: Mapping[str, Any]) -> None:
    """Raise ValueError for options that SciPy's method does not have, of which it only warns."""
    from scipy import optimize

    keywords = {"method": _DEFAULT_METHOD, **_keywords(options)}
    for name in keywords.get("options") or ():
        if name in _OF_GRADIENTS:
            raise ValueError(f"optimizer: the option {name!r} is set by the fit; leave it out")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", optimize.OptimizeWarning)
        try:
            optimize.minimize(lambda point: float(point @ point), np.array([0.5]), **keywords)
        except (optimize.OptimizeWarning, TypeError, ValueError) as error:
            raise ValueError(f"optimizer: ScipyMinimize: {error}") from None


def minimize(
    problem: Problem, start: Floats, options: Mapping[str, Any], _: np.random.Generator
) -> Ended:
    """Run ``scipy.optimize.minimize``."""
    from scipy import optimize

    keywords = _keywords(options)
    method = keywords.pop("method", _DEFAULT_METHOD)
    solver = dict(keywords.pop("options", {}))
    _limit(solver, "maxiter", options)
    if method == "Nelder-Mead" and "tol" not in keywords:
        solver = {"xatol": _XATOL, "fatol": _FATOL, **solver}
    cost, with_gradient = _scaled(problem, start)
    has_gradient = method in GRADIENT_METHODS
    found = optimize.minimize(
        with_gradient if has_gradient else cost,
        start,
        jac=has_gradient or None,
        method=method,
        bounds=_pairs(problem) if method in _BOUNDED else None,
        callback=_counting(problem),
        options=solver,
        **keywords,
    )
    return Ended(bool(found.success), str(found.message))


def least_squares(
    problem: Problem, start: Floats, options: Mapping[str, Any], _: np.random.Generator
) -> Ended:
    """Run ``scipy.optimize.least_squares``."""
    from scipy import optimize

    keywords = _keywords(options)
    _limit(keywords, "max_nfev", options)
    residuals = Residuals(problem)
    bounds = (problem.coordinates.low, problem.coordinates.high)
    found = optimize.least_squares(
        residuals, start, jac=residuals.jacobian, bounds=bounds, **keywords
    )
    return Ended(bool(found.success), str(found.message))


def differential_evolution(
    problem: Problem, start: Floats, options: Mapping[str, Any], random: np.random.Generator
) -> Ended:
    """Run ``scipy.optimize.differential_evolution``, a generation in one solve."""
    from scipy import optimize

    keywords = _keywords(options)
    polish = keywords.pop("polish", True)
    _limit(keywords, "maxiter", options)
    found = optimize.differential_evolution(
        lambda points: problem.costs(points.T),
        _pairs(problem),
        x0=start,
        rng=random,
        vectorized=True,
        updating="deferred",
        polish=False,
        callback=_counting(problem),
        **keywords,
    )
    if polish:
        refine(problem)
    return Ended(bool(found.success), str(found.message))


def dual_annealing(
    problem: Problem, start: Floats, options: Mapping[str, Any], random: np.random.Generator
) -> Ended:
    """Run ``scipy.optimize.dual_annealing``."""
    from scipy import optimize

    keywords = _keywords(options)
    _limit(keywords, "maxiter", options)
    # The step of SciPy's own finite differences (1e-8) is below the error of a solve.
    local = {
        "method": _DEFAULT_METHOD,
        "jac": lambda point: cost_and_gradient(problem, point)[1],
        "bounds": _pairs(problem),
    }
    found = optimize.dual_annealing(
        lambda point: float(problem.costs(point[None])[0]),
        _pairs(problem),
        x0=start,
        rng=random,
        minimizer_kwargs=local,
        callback=_counting(problem),
        **keywords,
    )
    refine(problem)
    return Ended(bool(found.success), "; ".join(found.message))


def basinhopping(
    problem: Problem, start: Floats, options: Mapping[str, Any], random: np.random.Generator
) -> Ended:
    """Run ``scipy.optimize.basinhopping`` with L-BFGS-B inside the bounds."""
    from scipy import optimize

    keywords = _keywords(options)
    _limit(keywords, "niter", options)
    _, with_gradient = _scaled(problem, start)
    local = {"method": _DEFAULT_METHOD, "jac": True, "bounds": _pairs(problem)}
    found = optimize.basinhopping(
        with_gradient,
        start,
        minimizer_kwargs=local,
        rng=random,
        callback=_counting(problem),
        **keywords,
    )
    return Ended(bool(found.lowest_optimization_result.success), "; ".join(found.message))


def shgo(problem: Problem, _: Floats, options: Mapping[str, Any], __: np.random.Generator) -> Ended:
    """Run ``scipy.optimize.shgo``, by default with enough points to find most minima."""
    from scipy import optimize

    keywords = {"sampling_method": "sobol", "n": _SAMPLES, **_keywords(options)}
    _limit(keywords, "iters", options)
    found = optimize.shgo(
        lambda point: float(problem.costs(np.asarray(point)[None])[0]),
        [tuple(pair) for pair in _pairs(problem)],
        callback=_counting(problem),
        **keywords,
    )
    refine(problem)
    return Ended(bool(found.success), str(found.message))


def _scaled(problem: Problem, start: Floats) -> tuple[Cost, CostAndGradient]:
    """Return the cost, and the cost with its gradient, relative to the cost at the initial point.

    The convergence criteria of these methods are absolute, but costs may be tiny (V2) or huge.
    """
    scale = abs(float(problem.costs(start[None])[0])) or 1.0

    def cost(point: Floats) -> float:
        return float(problem.costs(point[None])[0]) / scale

    def with_gradient(point: Floats) -> tuple[float, Floats]:
        value, gradient = cost_and_gradient(problem, point)
        return value / scale, gradient / scale

    return cost, with_gradient


def _keywords(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in options.items() if name not in _OWN and value is not None
    }


def _limit(keywords: dict[str, Any], name: str, options: Mapping[str, Any]) -> None:
    """Set SciPy's own limit of iterations to the lower of itself and ``max_iterations``."""
    given = [each for each in (keywords.get(name), options.get("max_iterations")) if each]
    if given:
        keywords[name] = min(given)


def _pairs(problem: Problem) -> Floats:
    return np.stack([problem.coordinates.low, problem.coordinates.high], axis=1)


def _counting(problem: Problem) -> Any:
    """Return a callback that counts iterations; SciPy's functions pass it different arguments."""

    def count(*_: Any, **__: Any) -> None:
        problem.monitor.iterated()

    return count
