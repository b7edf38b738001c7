"""The ``validation`` element: the model compared with data it was not fitted to."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from ionworks.engine.fitting.costs import Cost, read_cost
from ionworks.engine.fitting.elements.fit_reader import (
    check_fields,
    objectives_of,
    read_objectives,
)
from ionworks.engine.fitting.fields import Issues, strictly
from ionworks.engine.fitting.objectives.reader import read_objective
from ionworks.engine.fitting.objectives.registry import build
from ionworks.engine.fitting.state import ElementResult, State

_FIELDS: Final = ("objectives", "summary_stats", "source")
_DEFAULT_STATISTICS: Final = ("RMSE", "MAE", "Max")


def read_validation(element: Mapping[str, Any], state: State, issues: Issues) -> None:
    """Read all of a validation; `run_validation` reads the objectives one by one."""
    check_fields(element, _FIELDS, issues)
    read_objectives(element, state, issues, fits=False)
    issues.read(_statistics, element)


def run_validation(
    element: Mapping[str, Any], state: State, should_stop: Callable[[], bool]
) -> ElementResult:
    """Evaluate every objective once with the parameters known so far.

    An objective that cannot be read or run is listed in ``failed_objectives``; the others count.

    Raises
    ------
    ValueError
        If all of them fail.
    """
    costs = _statistics(element)
    series: dict[str, Any] = {}
    failed: dict[str, str] = {}
    statistics: dict[str, dict[str, float]] = {}
    canceled = False
    for name, given in objectives_of(element).items():
        if should_stop():
            canceled = True
            break
        try:
            request = strictly(partial(read_objective, fits=False), name, given, state)
            objective = build(request, state)
            [prediction] = objective.predict([{}])
        except ValueError as error:
            failed[name] = str(error)
            continue
        for sentence in objective.remarks({}, prediction):
            state.note(sentence)
        if prediction.values is None or prediction.missing:
            failed[name] = f"the model stopped before the end of the data: {prediction.reason}"
        if prediction.values is not None:
            series[name] = objective.series(prediction)
            pairs = objective.pairs(prediction)
            statistics[name] = {label: cost.value(name, pairs) for label, cost in costs.items()}
    if failed and not series:
        raise ValueError("; ".join(f"{name}: {reason}" for name, reason in failed.items()))
    result = {
        "type": "ValidationResult",
        "parameter_values": {},
        "validation_results": series,
        "summary_stats": statistics,
        "failed_objectives": failed,
    }
    return ElementResult(result, series, canceled=canceled)


def _statistics(element: Mapping[str, Any]) -> dict[str, Cost]:
    """Return the summary statistics of a validation by their labels."""
    found: dict[str, Cost] = {}
    for given in element.get("summary_stats") or _DEFAULT_STATISTICS:
        cost = read_cost(given, "summary_stats")
        label = cost.kind if cost.kind not in found else f"{cost.kind} {len(found) + 1}"
        found[label] = cost
    return found
