"""The ``array_data_fit`` element: one fit for each value of an independent variable."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from ionworks.engine.fitting.elements.data_fit import Fitted, objectives_of, run_fit
from ionworks.engine.fitting.state import State


def run_array_fit(
    element: Mapping[str, Any],
    state: State,
    report: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> Fitted:
    """Fit the same parameters to each objective by itself.

    Objectives are keyed by the value of the independent variable. Each parameter comes back as two
    rows: those values, rising, and what was fitted at each.

    Raises
    ------
    ValueError
        If a key is no number, or one of the fits fails.
    """
    objectives = objectives_of(element)
    children: list[dict[str, Any]] = []
    series: dict[str, Any] = {}
    found: dict[str, list[list[float]]] = {}
    canceled = False
    for place in sorted(objectives, key=value_of_key):
        if should_stop():
            canceled = True
            break
        own = {**element, "objectives": {place: objectives[place]}}
        fitted = run_fit(own, state, report, should_stop)
        canceled = fitted.canceled
        children.append(fitted.result)
        series |= fitted.series
        for name, value in fitted.result["parameter_values"].items():
            rows = found.setdefault(name, [[], []])
            rows[0].append(value_of_key(place))
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
    return Fitted(result, series, {}, canceled)


def value_of_key(key: str) -> float:
    """Return the value of the independent variable that an objective is named by."""
    try:
        return float(key)
    except ValueError:
        raise ValueError(
            f"objectives: the key {key!r} is no number; name each objective by the value of the "
            "independent variable"
        ) from None
