"""The optimizers by name, the fields of each, and the library it needs."""

from collections.abc import Mapping
from importlib.util import find_spec
from inspect import signature
from typing import Any, Final

from attrs import frozen

from ionworks.doe.scalars import nearest
from ionworks.engine.fitting.fields import is_count
from ionworks.engine.fitting.optimizers import direct, populations, scipy_searches
from ionworks.engine.fitting.optimizers.search import Search

_SHARED: Final = (
    "log_to_screen",
    "sigma0",
    "max_iterations",
    "max_unchanged_iterations",
    "max_unchanged_iterations_threshold",
    "min_iterations",
    "max_evaluations",
    "population_size",
    "threshold",
    "absolute_tolerance",
    "relative_tolerance",
    "xtol",
    "population_convergence_tol",
    "flat_fitness_tol",
    "convergence_patience",
    "surrogate_convergence_tol",
    "algorithm_options",
)

_WRITTEN_OUT: Final[dict[str, Any]] = {
    "min_iterations": 1,
    "xtol": 1e-6,
    "population_convergence_tol": 5e-3,
    "convergence_patience": 3,
    "surrogate_convergence_tol": 1e-3,
}
"""Defaults that clients write out."""

_IGNORED_BY_ALL: Final = ("xtol", "flat_fitness_tol", "surrogate_convergence_tol")
_OF_GENERATIONS: Final = (
    "sigma0",
    "max_unchanged_iterations",
    "max_unchanged_iterations_threshold",
    "min_iterations",
    "threshold",
    "population_convergence_tol",
    "convergence_patience",
)
"""Fields SciPy's differential evolution has no equivalent of."""

_COUNTS: Final = ("max_iterations", "population_size", "max_evaluations", "npts")

_SET_BY_US: Final = (
    "fun",
    "func",
    "kwargs",
    "hessp",
    "constraints",
    "x0",
    "args",
    "bounds",
    "jac",
    "hess",
    "callback",
    "rng",
    "seed",
    "vectorized",
    "updating",
    "workers",
    "minimizer_kwargs",
)


@frozen
class Optimizer:
    """One optimizer.

    Attributes
    ----------
    search : callable
    fields : tuple of str or None
        Its fields; None for any keyword of the SciPy function.
    needs_bounds : bool
        Whether every parameter needs two finite bounds.
    is_global : bool
        Whether it searches for the global minimum.
    needs_squares : bool
        Whether the cost must be a sum of squares.
    package : str or None
        Package it needs besides SciPy.
    algorithm_options : tuple of str or None
        The algorithm options that are built; None for any.
    method : str or None
        Its name in ensemble results.
    function : str or None
        The function of ``scipy.optimize`` whose keywords it takes.
    ignored : tuple of str
        Fields it would ignore, accepted only with the default that clients write out.
    """

    search: Search
    fields: tuple[str, ...] | None = None
    needs_bounds: bool = False
    is_global: bool = False
    needs_squares: bool = False
    package: str | None = None
    algorithm_options: tuple[str, ...] | None = ()
    method: str | None = None
    function: str | None = None
    ignored: tuple[str, ...] = ()


def _population(
    search: Search,
    package: str | None,
    options: tuple[str, ...] | None,
    ignored: tuple[str, ...] = _IGNORED_BY_ALL,
) -> Optimizer:
    return Optimizer(
        search,
        _SHARED,
        needs_bounds=True,
        is_global=True,
        package=package,
        algorithm_options=options,
        ignored=ignored,
    )


_POINT: Final = Optimizer(direct.point, (), method="point estimate")

OPTIMIZERS: Final[dict[str, Optimizer]] = {
    "ScipyLeastSquares": Optimizer(
        scipy_searches.least_squares, function="least_squares", needs_squares=True
    ),
    "ScipyMinimize": Optimizer(scipy_searches.minimize, function="minimize"),
    "DifferentialEvolution": _population(
        populations.differential_evolution,
        None,
        populations.DE_OPTIONS,
        (*_IGNORED_BY_ALL, *_OF_GENERATIONS),
    ),
    "CMAES": _population(populations.cmaes, "cma", None),
    "PSO": _population(populations.pso, "pints", ()),
    "XNES": _population(populations.xnes, "pints", ()),
    "ScipyDifferentialEvolution": Optimizer(
        scipy_searches.differential_evolution,
        function="differential_evolution",
        needs_bounds=True,
        is_global=True,
    ),
    "ScipyDualAnnealing": Optimizer(
        scipy_searches.dual_annealing, function="dual_annealing", needs_bounds=True, is_global=True
    ),
    "ScipyShgo": Optimizer(scipy_searches.shgo, function="shgo", needs_bounds=True, is_global=True),
    "ScipyBasinhopping": Optimizer(scipy_searches.basinhopping, function="basinhopping"),
    "GridSearch": Optimizer(direct.grid, ("npts",), needs_bounds=True, method="grid"),
    "PointEstimateOptimizer": _POINT,
    "DummyOptimizer": _POINT,
}
"""Name -> optimizer, the default first."""

DEFAULT: Final = "ScipyLeastSquares"

ALIASES: Final[dict[str, str]] = {
    "PointEstimate": "PointEstimateOptimizer",
    "Dummy": "DummyOptimizer",
}
"""Other name -> optimizer."""

ASK_TELL: Final[dict[str, str]] = {
    "CMAES": "CMAES",
    "PSO": "PSO",
    "XNES": "XNES",
    "DE": "DifferentialEvolution",
    "DifferentialEvolution": "DifferentialEvolution",
}
"""``method`` of AskTellOptimizer (also called Pints) -> optimizer."""

NOT_SUPPORTED: Final = (
    "BayesianOptimization",
    "SOBER",
    "TuRBO",
    "Nested",
    "ScipyLsqLinear",
    "PintsSampler",
    "PointEstimateSampler",
    "DummySampler",
)


def read_optimizer(given: Any) -> tuple[str, dict[str, Any]]:
    """Read an optimizer from its wire form.

    Returns
    -------
    tuple
        Its name in `OPTIMIZERS`, and its options.

    Raises
    ------
    ValueError
        If it, or a field of it, is unknown or not supported, or its library is not installed.
    """
    if given is None:
        return DEFAULT, {}
    if isinstance(given, str):
        given = {"type": given}
    if not isinstance(given, Mapping):
        raise ValueError(f"optimizer is {given!r}: give a mapping with a type, such as {DEFAULT}")
    options = {name: value for name, value in given.items() if name != "type" and value is not None}
    name = str(given.get("type"))
    if name in {"AskTellOptimizer", "Pints"}:
        method = str(options.pop("method", "CMAES"))
        if method not in ASK_TELL:
            raise ValueError(
                f"optimizer: the method {method!r} of {name} is not supported; use "
                + ", ".join(ASK_TELL)
            )
        name = ASK_TELL[method]
    name = ALIASES.get(name, name)
    if name in NOT_SUPPORTED:
        raise ValueError(f"optimizer: {name} is not supported; use one of {', '.join(OPTIMIZERS)}")
    if name not in OPTIMIZERS:
        raise ValueError(f"optimizer: unknown type {name!r}; use one of {', '.join(OPTIMIZERS)}")
    _check_options(name, options)
    return name, options


def _check_options(name: str, options: Mapping[str, Any]) -> None:
    kind = OPTIMIZERS[name]
    for field, value in options.items():
        if kind.fields is not None and field not in kind.fields:
            raise ValueError(
                f"optimizer: {name} has no field {field!r}"
                + (f"; it has {', '.join(kind.fields)}" if kind.fields else "")
            )
        if field in kind.ignored and value != _WRITTEN_OUT.get(field):
            raise ValueError(f"optimizer: {field!r} is not supported for {name}; leave it out")
        if field in _COUNTS and not is_count(value):
            raise ValueError(f"optimizer: {field} is {value!r}; give a whole number above 0")
    if kind.function is not None:
        _check_keywords(name, options)
    _check_algorithm(name, options)
    method = options.get("method")
    if name == "ScipyMinimize" and method is not None and method not in scipy_searches.METHODS:
        raise ValueError(
            f"optimizer: the method {method!r} of ScipyMinimize is not supported; use "
            + ", ".join(scipy_searches.METHODS)
        )
    if name == "ScipyMinimize":
        scipy_searches.check_minimize(options)
    if name == "ScipyLeastSquares" and method == "lm":
        raise ValueError(
            "optimizer: the method 'lm' does not support bounds; use 'trf' or 'dogbox'"
        )
    if kind.package is not None and find_spec(kind.package) is None:
        raise ValueError(
            f"optimizer: {name} needs the package {kind.package}: pip install "
            "'ionworks-api[fitting]'"
        )


def _check_keywords(name: str, options: Mapping[str, Any]) -> None:
    """Raise ValueError for keywords the SciPy function does not have or the fit sets."""
    from scipy import optimize

    function = getattr(optimize, OPTIMIZERS[name].function or "")
    taken = [each for each in signature(function).parameters if each not in _SET_BY_US]
    for field in options:
        if field in _SET_BY_US:
            raise ValueError(f"optimizer: {field!r} of {name} is set by the fit; leave it out")
        if field not in {*taken, "max_iterations"}:
            raise ValueError(
                f"optimizer: {name} has no keyword {field!r}; it has {', '.join(taken)}"
            )


def _check_algorithm(name: str, options: Mapping[str, Any]) -> None:
    allowed = OPTIMIZERS[name].algorithm_options
    if name == "CMAES":
        _check_cma(options.get("algorithm_options") or {})
    if name == "DifferentialEvolution":
        _check_evolution(options.get("algorithm_options") or {})
    for field, value in (options.get("algorithm_options") or {}).items():
        if allowed is not None and field not in allowed and value is not None:
            raise ValueError(
                f"optimizer: the algorithm option {field!r} of {name} is not supported"
                + (f"; use {', '.join(allowed)}" if allowed else "")
            )


def _check_evolution(given: Mapping[str, Any]) -> None:
    """Raise ValueError for two options of differential evolution that set the same thing."""
    if given.get("F") is not None and given.get("dither") is not None:
        raise ValueError(
            "optimizer: 'F' and 'dither' both set the mutation of DifferentialEvolution: give one"
        )


def _check_cma(given: Mapping[str, Any]) -> None:
    """Raise ValueError for options cma does not have, and for text, which cma evaluates as code."""
    if not given or find_spec("cma") is None:
        return
    import cma

    known = cma.CMAOptions.defaults()
    for field, value in given.items():
        if field not in known:
            raise ValueError(
                f"optimizer: CMAES has no algorithm option {field!r}{nearest(field, known)}; give "
                "an option of cma"
            )
        if field in {"bounds", "seed"} or not isinstance(value, bool | int | float):
            raise ValueError(
                f"optimizer: the algorithm option {field!r} of CMAES is not supported; give "
                "numbers and switches only"
            )
