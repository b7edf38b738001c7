"""The ``array_data_fit`` element: one fit for each value of an independent variable."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from math import inf, isfinite
from typing import Any

from attrs import evolve

from ionworks.engine.fitting.elements.data_fit import run_read_fit
from ionworks.engine.fitting.elements.fit_reader import Fit, objectives_of, read_fit
from ionworks.engine.fitting.fields import Issues, strictly
from ionworks.engine.fitting.state import ElementResult, State


def read_array_fit(element: Mapping[str, Any], state: State, issues: Issues) -> Fit | None:
    """Read a fit whose objectives are named by values of the independent variable."""
    fit = read_fit(element, state, issues)
    found: dict[float | None, str] = {}
    for name in issues.read(objectives_of, element) or ():
        value = issues.read(_value_of, name)
        if value is not None and value in found:
            issues.add(f"objectives: {found[value]!r} and {name!r} are the same value")
        found[value] = name
    return fit


def run_array_fit(
    element: Mapping[str, Any],
    state: State,
    report: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> ElementResult:
    """Fit the same parameters to each objective by itself.

    Each parameter comes back as two rows: the values of the independent variable, rising, and the
    value fitted at each.

    Raises
    ------
    ValueError
        If an objective is not named by a number, or one of the fits fails.
    """
    fit = strictly(read_array_fit, element, state)
    children: list[dict[str, Any]] = []
    series: dict[str, Any] = {}
    found: dict[str, list[list[float]]] = {}
    canceled = False
    for name in sorted(fit.objectives, key=_value_of):
        if should_stop():
            canceled = True
            break
        single = evolve(fit, objectives={name: fit.objectives[name]})
        fitted = run_read_fit(single, state, report, should_stop)
        canceled = fitted.canceled
        children.append(fitted.result)
        series |= fitted.series
        for parameter, value in fitted.result["parameter_values"].items():
            rows = found.setdefault(parameter, [[], []])
            rows[0].append(_value_of(name))
            rows[1].append(value)
        if canceled:
            break
    costs = [child["cost"] for child in children if child.get("cost") is not None]
    result = {
        "type": "ParameterEstimatorResult",
        "parameter_values": found,
        "cost": sum(costs) if costs else inf,
        "samples": {name: rows[1] for name, rows in found.items()},
        "costs": costs,
        "initial_guess": children[0].get("initial_guess", {}) if children else {},
        "job_id": None,
        "children": children,
    }
    return ElementResult(result, series, canceled=canceled)


def _value_of(name: str) -> float:
    """Return the value of the independent variable that an objective is named by."""
    with suppress(ValueError):
        value = float(name)
        if isfinite(value):
            return value
    raise ValueError(
        f"objectives: the key {name!r} is not a number; name each objective by the value of the "
        "independent variable"
    )
