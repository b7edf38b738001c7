"""Confidence intervals of fitted parameters, and the sensitivity of a cost to parameters."""

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.specification import is_number
from ionworks.engine.fitting.elements.data_fit import prepare
from ionworks.engine.fitting.elements.fit_reader import Fit, read_fit, require_bounds
from ionworks.engine.fitting.elements.uncertainty import covariance
from ionworks.engine.fitting.fields import Issues, strictly
from ionworks.engine.fitting.optimizers.registry import OPTIMIZERS
from ionworks.engine.fitting.state import ElementResult, State

_CONFIDENCE_FIELDS: Final = ("confidence_level", "gauss_newton", "use_parameter_bounds")
_SENSITIVITY_FIELDS: Final = ("n_samples", "use_log_transform")
_POWERS_OF_TWO: Final = tuple(2**power for power in range(1, 31))
"""SciPy draws Sobol' sequences of these lengths only."""


def read_confidence(element: Mapping[str, Any], state: State, issues: Issues) -> Fit | None:
    """Read a confidence interval: a fit, evaluated at one point."""
    fit = _read(element, state, issues, _CONFIDENCE_FIELDS)
    level = element.get("confidence_level")
    if level is not None and not (is_number(level) and 0 < level < 1):
        issues.add(f"confidence_level is {level!r}; give a number between 0 and 1")
    if element.get("gauss_newton") is False:
        issues.add("gauss_newton false is not supported; leave it out")
    return fit


def read_sensitivity(element: Mapping[str, Any], state: State, issues: Issues) -> Fit | None:
    """Read a sensitivity analysis: a fit, evaluated over the bounds of its parameters."""
    fit = _read(element, state, issues, _SENSITIVITY_FIELDS)
    count = element.get("n_samples")
    if count is not None and not (is_number(count) and count in _POWERS_OF_TWO):
        issues.add(f"n_samples is {count!r}; give a power of two")
    if fit is not None:
        require_bounds(fit.parameters, "sobol_sensitivity", issues)
    return fit


def _read(
    element: Mapping[str, Any], state: State, issues: Issues, more: tuple[str, ...]
) -> Fit | None:
    fit = read_fit(element, state, issues, more)
    for name in ("multistarts", "initial_guess_sampler"):
        if element.get(name) not in (None, 1):
            issues.add(f"{name!r}: an analysis has one point; leave it out")
    if fit is not None and not fit.has_default_optimizer and not _is_point(fit.optimizer):
        issues.add(f"optimizer: an analysis takes PointEstimate alone, and this is {fit.optimizer}")
    return fit


def _is_point(optimizer: str) -> bool:
    return OPTIMIZERS[optimizer].method == "point estimate"


def run_confidence(
    element: Mapping[str, Any], state: State, should_stop: Callable[[], bool]
) -> ElementResult:
    """Return linear confidence intervals at the parameters' initial values.

    Without an ``initial_value`` these are the values earlier elements found. The
    intervals are those of Student's t distribution around the point; with ``use_parameter_bounds``
    they end at the bounds.
    """
    from scipy.stats import t as student

    level = float(element.get("confidence_level") or 0.95)
    fit = strictly(read_confidence, _at_known(element, state), state)
    problem = prepare(fit, state, should_stop).problem
    point = problem.coordinates.point(
        {parameter.name: parameter.initial for parameter in problem.parameters}
    )
    spread = covariance(problem, point)
    factor = float(student.ppf((1 + level) / 2, spread.degrees_of_freedom))
    bounded = element.get("use_parameter_bounds") is not False
    intervals = {}
    for place, parameter in enumerate(problem.parameters):
        value, error = float(spread.values[place]), sqrt(spread.matrix[place, place])
        lower, upper = value - factor * error, value + factor * error
        if bounded:
            lower, upper = max(lower, parameter.bounds[0]), min(upper, parameter.bounds[1])
        intervals[parameter.name] = {
            "value": value,
            "lower": lower,
            "upper": upper,
            "standard_error": error,
        }
    result = {
        "type": "ConfidenceIntervalResult",
        "parameter_values": {},
        "method": "linear",
        "confidence_level": level,
        "intervals": intervals,
        "covariance": spread.matrix.tolist(),
    }
    return ElementResult(result)


def run_sensitivity(
    element: Mapping[str, Any], state: State, should_stop: Callable[[], bool]
) -> ElementResult:
    """Return Sobol' indices of the cost over the bounds of the parameters (by SciPy)."""
    from scipy.stats import sobol_indices, uniform

    count = int(element.get("n_samples") or 256)
    fit = strictly(read_sensitivity, element, state)
    problem = prepare(fit, state, should_stop).problem
    is_log = bool(element.get("use_log_transform"))
    values: list[Floats] = []

    def costs(points: Floats) -> Floats:
        found = problem.costs(points.T)
        values.append(found)
        return np.log10(found) if is_log else found

    low, high = problem.coordinates.low, problem.coordinates.high
    spans = [uniform(a, b - a) for a, b in zip(low, high, strict=True)]
    found = sobol_indices(func=costs, n=count, dists=spans, rng=np.random.default_rng(fit.seed))
    names = problem.coordinates.names
    spread = found.bootstrap(confidence_level=0.95, n_resamples=99)
    everything = np.concatenate([np.ravel(part) for part in values])

    def named(array: Floats) -> dict[str, float]:
        return dict(zip(names, np.ravel(array).tolist(), strict=True))

    def width(interval: Any) -> dict[str, float]:
        return named((interval.high - interval.low) / 2)

    result = {
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
    return ElementResult(result)


def _at_known(element: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Return an element whose initial values are, by default, those of earlier elements."""
    parameters = {}
    for name, given in (element.get("parameters") or {}).items():
        known = state.base_scalar(name)
        fields = given
        if isinstance(given, Mapping) and given.get("initial_value") is None and known is not None:
            fields = {**given, "initial_value": known}
        parameters[name] = fields
    return {**element, "parameters": parameters, "optimizer": {"type": "PointEstimate"}}
