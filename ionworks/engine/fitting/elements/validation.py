"""The ``validation`` element: the model beside data it was not fitted to."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from ionworks.engine.fitting.costs import Cost, read_cost
from ionworks.engine.fitting.elements.data_fit import objectives_of
from ionworks.engine.fitting.objectives.registry import build
from ionworks.engine.fitting.state import State

DEFAULT_STATISTICS: Final = ("RMSE", "MAE", "Max")
"""What is told where the user asks for nothing."""


@frozen(eq=False)
class Validated:
    """A validation that was run.

    Attributes
    ----------
    result : dict
        In the form of the wire.
    series : dict
        Model beside data of each objective.
    canceled : bool
    """

    result: dict[str, Any]
    series: dict[str, Any]
    canceled: bool


def run_validation(
    element: Mapping[str, Any], state: State, should_stop: Callable[[], bool]
) -> Validated:
    """Run every objective once with the parameters known so far.

    An objective that cannot be run is named among ``failed_objectives``; the others still count.

    Raises
    ------
    ValueError
        If none could be run.
    """
    costs = statistics_of(element)
    series: dict[str, Any] = {}
    failed: dict[str, str] = {}
    statistics: dict[str, dict[str, float]] = {}
    canceled = False
    for name, given in objectives_of(element).items():
        if should_stop():
            canceled = True
            break
        try:
            objective = build(name, given, state)
            [prediction] = objective.predict([{}])
        except ValueError as error:
            failed[name] = str(error)
            continue
        if prediction.values is None or prediction.missing:
            failed[name] = f"the model stopped before the end of the data: {prediction.problem}"
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
    return Validated(result, series, canceled)


def statistics_of(element: Mapping[str, Any]) -> dict[str, Cost]:
    """Return the summary statistics of a validation by their labels."""
    found: dict[str, Cost] = {}
    for given in element.get("summary_stats") or DEFAULT_STATISTICS:
        cost = read_cost(given, "summary_stats")
        label = cost.kind if cost.kind not in found else f"{cost.kind} {len(found) + 1}"
        found[label] = cost
    return found
