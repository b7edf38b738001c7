"""Confidence intervals of fitted parameters, and the sensitivity of a cost to parameters."""

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.specification import is_number
from ionworks.engine.fitting.elements.data_fit import prepare
from ionworks.engine.fitting.elements.fit_reader import Fit, read_fit, require_bounds
from ionworks.engine.fitting.elements.sobol import sobol_indices
from ionworks.engine.fitting.elements.uncertainty import covariance
from ionworks.engine.fitting.fields import Issues, strictly
from ionworks.engine.fitting.optimizers.registry import OPTIMIZERS
from ionworks.engine.fitting.parameters.fitted import is_link, priors_of, transform_name
from ionworks.engine.fitting.parameters.transforms import default_transform
from ionworks.engine.fitting.state import ElementResult, State

_CONFIDENCE_FIELDS: Final = ("confidence_level", "gauss_newton", "use_parameter_bounds")
_SENSITIVITY_FIELDS: Final = ("n_samples", "use_log_transform")

_UNUSED_BY_CONFIDENCE: Final = {
    "": ("cost", "priors"),
    "options": ("seed",),
    "parameters": ("prior", "initial_guess_distribution"),
    "objectives": ("cost", "penalties"),
}
"""The intervals follow from the residuals of the data alone, all of them with the same weight."""

_UNUSED_BY_SENSITIVITY: Final = {
    "options": ("max_iterations",),
    "parameters": ("initial_value", "initial_guess_distribution"),
}
"""The samples follow from the bounds."""

_SAMPLES: Final = 256
_LOGARITHMS: Final = ("Log", "Log10")
_POWERS_OF_TWO: Final = tuple(2**power for power in range(1, 31))
"""Lengths for which Sobol' sequences are balanced."""


def read_confidence(element: Mapping[str, Any], state: State, issues: Issues) -> Fit | None:
    """Read a confidence interval: a fit, evaluated at one point."""
    fit = _read(element, state, issues, _CONFIDENCE_FIELDS)
    if isinstance(element.get("initial_guesses"), list) and len(element["initial_guesses"]) > 1:
        issues.add("initial_guesses: an interval has one point; give one guess")
    _note_unused(element, _UNUSED_BY_CONFIDENCE, state)
    level = element.get("confidence_level")
    if level is not None and not (is_number(level) and 0 < level < 1):
        issues.add(f"confidence_level is {level!r}; give a number between 0 and 1")
    if element.get("gauss_newton") is False:
        issues.add("gauss_newton false is not supported; leave it out")
    return fit


def read_sensitivity(element: Mapping[str, Any], state: State, issues: Issues) -> Fit | None:
    """Read a sensitivity analysis: a fit, evaluated over the bounds of its parameters."""
    fit = _read(_sampled(element, issues), state, issues, _SENSITIVITY_FIELDS)
    if element.get("initial_guesses"):
        issues.add("'initial_guesses': an analysis of the whole bounds has no start; leave it out")
    _note_unused(element, _UNUSED_BY_SENSITIVITY, state)
    count = element.get("n_samples")
    if count is not None and not (is_number(count) and count in _POWERS_OF_TWO):
        issues.add(f"n_samples is {count!r}; give a power of two")
    is_log = element.get("use_log_transform")
    if is_log not in {None, True, False}:
        issues.add(f"use_log_transform is {is_log!r}; give true or false")
    if fit is not None:
        require_bounds(fit.parameters, "sobol_sensitivity", issues)
        for parameter in fit.parameters:
            if parameter.axis.is_linear and default_transform(parameter.bounds) in _LOGARITHMS:
                low, high = parameter.bounds
                state.note(
                    f"parameter {parameter.name!r} was sampled uniformly between {low:g} and "
                    f"{high:g}, most of it near {high:g}; use_log_transform samples its logarithm"
                )
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


def _note_unused(
    element: Mapping[str, Any], unused: Mapping[str, tuple[str, ...]], state: State
) -> None:
    """Write a note that names the fields of a fit which an analysis does not use."""
    found = []
    for part, names in unused.items():
        given = element.get(part) if part else element
        nested = part in {"parameters", "objectives"} and isinstance(given, Mapping)
        for each in given.values() if nested and given is not None else [given]:
            if isinstance(each, Mapping):
                found += [f"{part} {name!r}".strip() for name in names if each.get(name)]
    if found:
        state.note(f"{state.place}: no effect on this analysis: {', '.join(dict.fromkeys(found))}")


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
    """Return Sobol' indices of the cost over the bounds of the parameters.

    Each parameter is distributed uniformly between its bounds: in its own ``transform`` if it has
    one, else logarithmically with ``use_log_transform``, else linearly.
    """
    count = int(element.get("n_samples") or _SAMPLES)
    fit = strictly(read_sensitivity, element, state)
    problem = prepare(fit, state, should_stop).problem
    coordinates = problem.coordinates
    random = np.random.default_rng(fit.seed)
    found = sobol_indices(problem.costs, coordinates.low, coordinates.high, count, random)
    is_log = bool(element.get("use_log_transform"))
    if problem.monitor.failure:
        state.note(
            f"sobol_sensitivity: some runs did not reach the end of the data, and their costs are "
            f"larger for that: {problem.monitor.failure}"
        )

    def named(array: Floats) -> dict[str, float]:
        return dict(zip(coordinates.names, array.tolist(), strict=True))

    result = {
        "type": "SensitivityResult",
        "parameter_values": {},
        "method": "sobol",
        "first_order": named(found.first),
        "total_order": named(found.total),
        "first_order_ci": named(found.first_width),
        "total_order_ci": named(found.total_width),
        "evaluation_stats": {
            "evaluations": len(found.values),
            "mean": float(found.values.mean()),
            "std": float(found.values.std()),
        },
        "n_samples": count,
        "log_transformed": is_log,
    }
    return ElementResult(result)


def _sampled(element: Mapping[str, Any], issues: Issues) -> Mapping[str, Any]:
    """Return an element whose parameters have the transform in which they are sampled."""
    given = element.get("parameters")
    if not given:
        given = {name: {} for name in issues.read(priors_of, element.get("priors")) or {}}
    if not isinstance(given, Mapping):
        return element
    scale = "Log10" if element.get("use_log_transform") else "Identity"
    parameters = {}
    for name, fields in given.items():
        if is_link(fields):
            parameters[name] = fields
            continue
        own = transform_name(fields.get("transform"))
        if own is None:
            parameters[name] = {**fields, "transform": scale}
        else:
            parameters[name] = fields
            if element.get("use_log_transform") and own not in _LOGARITHMS:
                issues.add(
                    f"parameter {name!r}: its transform {own!r} contradicts use_log_transform: "
                    "leave one of them out"
                )
    return {**element, "parameters": parameters}


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
