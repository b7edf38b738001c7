"""What a fit leaves uncertain: confidence intervals, and which parameters matter."""

from collections.abc import Callable, Iterator, Mapping
from math import sqrt
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.elements.data_fit import prepare
from ionworks.engine.fitting.elements.uncertainty import covariance
from ionworks.engine.fitting.optimizers.registry import OPTIMIZERS, read_optimizer
from ionworks.engine.fitting.state import State

ANALYSES: Final[dict[str, tuple[str, ...]]] = {
    "linear_confidence_interval": (
        "confidence_level",
        "gauss_newton",
        "use_parameter_bounds",
    ),
    "sobol_sensitivity": ("n_samples", "use_log_transform"),
}
"""Element type -> its fields besides those of a fit."""

_POWERS_OF_TWO: Final = tuple(2**power for power in range(1, 31))


def analysis_problems(element: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with an analysis, besides what can be wrong with a fit."""
    level = element.get("confidence_level")
    if level is not None and not (_is_number(level) and 0 < level < 1):
        yield f"confidence_level is {level!r}; give a number between 0 and 1"
    if element.get("gauss_newton") is False:
        yield "gauss_newton false is not built; leave it out"
    count = element.get("n_samples")
    if count is not None and not (_is_number(count) and count in _POWERS_OF_TWO):
        yield f"n_samples is {count!r}; give a power of two"
    for field in ("multistarts", "initial_guess_sampler"):
        if element.get(field) not in (None, 1):
            yield f"{field!r}: an analysis has one point; leave it out"
    try:
        optimizer, _ = read_optimizer(element.get("optimizer") or "PointEstimate")
    except ValueError:
        # Said of every fit.
        return
    if OPTIMIZERS[optimizer].method != "point estimate":
        yield f"optimizer: an analysis takes PointEstimate alone, and this is {optimizer}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def run_confidence(
    element: Mapping[str, Any], state: State, should_stop: Callable[[], bool]
) -> dict[str, Any]:
    """Return linear confidence intervals at the parameters' initial values.

    Without an ``initial_value`` these are what earlier elements found. The intervals are those of
    Student's t distribution around the point; with ``use_parameter_bounds`` they end at the bounds.
    """
    from scipy.stats import t as student

    level = float(element.get("confidence_level") or 0.95)
    problem = prepare(_at_known(element, state), state, should_stop).problem
    point = problem.coordinates.point(
        {parameter.name: parameter.initial for parameter in problem.parameters}
    )
    spread = covariance(problem, point)
    factor = float(student.ppf((1 + level) / 2, spread.freedom))
    bounded = element.get("use_parameter_bounds") is not False
    intervals = {}
    for place, parameter in enumerate(problem.parameters):
        value, error = float(spread.values[place]), sqrt(spread.covariance[place, place])
        lower, upper = value - factor * error, value + factor * error
        if bounded:
            lower, upper = max(lower, parameter.bounds[0]), min(upper, parameter.bounds[1])
        intervals[parameter.name] = {
            "value": value,
            "lower": lower,
            "upper": upper,
            "standard_error": error,
        }
    return {
        "type": "ConfidenceIntervalResult",
        "parameter_values": {},
        "method": "linear",
        "confidence_level": level,
        "intervals": intervals,
        "covariance": spread.covariance.tolist(),
    }


def run_sensitivity(
    element: Mapping[str, Any], state: State, should_stop: Callable[[], bool]
) -> dict[str, Any]:
    """Return Sobol' indices of the cost over the bounds of the parameters (by SciPy)."""
    from scipy.stats import sobol_indices, uniform

    count = int(element.get("n_samples") or 256)
    prepared = prepare(element, state, should_stop)
    problem = prepared.problem
    if not problem.coordinates.is_bounded:
        raise ValueError("sobol_sensitivity needs two finite bounds of every parameter")
    is_log = bool(element.get("use_log_transform"))
    values: list[Floats] = []

    def costs(points: Floats) -> Floats:
        found = problem.costs(points.T)
        values.append(found)
        return np.log10(found) if is_log else found

    low, high = problem.coordinates.low, problem.coordinates.high
    spans = [uniform(a, b - a) for a, b in zip(low, high, strict=True)]
    found = sobol_indices(func=costs, n=count, dists=spans, rng=prepared.plan.random)
    names = problem.coordinates.names
    spread = found.bootstrap(confidence_level=0.95, n_resamples=99)
    everything = np.concatenate([np.ravel(part) for part in values])

    def named(array: Floats) -> dict[str, float]:
        return dict(zip(names, np.ravel(array).tolist(), strict=True))

    def width(interval: Any) -> dict[str, float]:
        return named((interval.high - interval.low) / 2)

    return {
        "type": "SensitivityResult",
        "parameter_values": {},
        "method": "sobol",
        "first_order": named(found.first_order),
        "total_order": named(found.total_order),
        "first_order_ci": width(spread.first_order.confidence_interval),
        "total_order_ci": width(spread.total_order.confidence_interval),
        "evaluation_stats": {
            "evaluations": len(everything),
            "mean": float(everything.mean()),
            "std": float(everything.std()),
        },
        "n_samples": count,
        "log_transformed": is_log,
    }


def _at_known(element: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Return an element whose parameters start where earlier elements left them."""
    parameters = {}
    for name, given in (element.get("parameters") or {}).items():
        known = state.base_scalar(name)
        fields = given
        if isinstance(given, Mapping) and given.get("initial_value") is None and known is not None:
            fields = {**given, "initial_value": known}
        parameters[name] = fields
    return {**element, "parameters": parameters, "optimizer": {"type": "PointEstimate"}}
