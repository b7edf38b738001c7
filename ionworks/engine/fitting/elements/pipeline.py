"""Runs the elements of a pipeline in order, each with what the earlier ones said."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from ionworks.engine.fitting.calculations.registry import run_calculation
from ionworks.engine.fitting.element_types import canonical_type
from ionworks.engine.fitting.elements.analysis import run_confidence, run_sensitivity
from ionworks.engine.fitting.elements.array_data_fit import run_array_fit
from ionworks.engine.fitting.elements.data_fit import run_fit
from ionworks.engine.fitting.elements.entry import apply_entry
from ionworks.engine.fitting.elements.validation import run_validation
from ionworks.engine.fitting.forward_model.cell import wire_value
from ionworks.engine.fitting.parameters.fitted import is_link
from ionworks.engine.fitting.problem import StopFit
from ionworks.engine.fitting.state import State

Report = Callable[[dict[str, Any]], None]

_READ_AGAIN: Final = ("entry", "calculation")
"""Elements whose values may be what JSON does not give back, and which take no time."""


class PipelineError(ValueError):
    """An element that failed.

    Attributes
    ----------
    element : str
        Its name.
    """

    def __init__(self, element: str, message: str) -> None:
        super().__init__(f"element {element!r}: {message}")
        self.element = element


def run_pipeline(
    elements: Mapping[str, Mapping[str, Any]],
    data: Mapping[str, Any],
    *,
    progress: Report | None = None,
    should_stop: Callable[[], bool] | None = None,
    threads: int = 1,
    completed: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Run the elements of a pipeline.

    Parameters
    ----------
    elements : mapping
        Name -> element in the form of the wire, in order.
    data : mapping
        Reference (``db:...``) -> polars frame, or ``{"time_series": frame}``.
    progress : callable, optional
        Called at most twice a second with where a fit is: ``element``, ``element_type``,
        ``start``, ``starts``, ``evaluations``, ``iterations``, ``cost``, ``best_cost``, ``inputs``
        (best parameters), ``inputs_unscaled`` (the optimizer's coordinates) and ``elapsed`` [s].
        Also when an element of any kind begins, with ``status`` ``running``, and when it has
        ended, with ``status`` ``completed``, ``result`` and ``series``.
    should_stop : callable, optional
        Polled between solves; once it says yes, the best point so far is the result.
    threads : int, optional
        Threads of the solvers: so many candidates are integrated at the same time.
    completed : mapping, optional
        Results by element of an earlier try, which are taken as they are. What an entry or a
        calculation says is read again, which is cheap.

    Returns
    -------
    dict
        ``status`` (``completed`` or ``canceled``), ``parameter_values`` (given, calculated and
        fitted), ``element_results``, ``series`` (element -> objective -> model beside data) and
        ``notes``, all of it JSON.

    Raises
    ------
    PipelineError
        If an element fails; it is a ValueError and says which element.
    """
    stop = should_stop or (lambda: False)
    earlier = completed or {}
    tell = progress or (lambda _: None)
    state = State(dict(data), threads, should_stop=stop)
    given: dict[str, Any] = {}
    results: dict[str, Any] = {}
    series: dict[str, Any] = {}
    status = "completed"
    for name, element in elements.items():
        if stop():
            status = "canceled"
            break
        notes = len(state.notes)
        try:
            kind = canonical_type(element.get("element_type"))
            if name in earlier and _is_whole(kind, element):
                results[name] = dict(earlier[name])
                given |= results[name]["parameter_values"]
                if kind == "data_fit":
                    state.values |= results[name]["parameter_values"]
                continue
            about = {"element": name, "element_type": kind}
            tell({**about, "status": "running"})
            result, pictures, canceled = run_element(name, element, state, progress, stop)
        except ValueError as error:
            raise PipelineError(name, str(error)) from error
        results[name] = {**result, "notes": state.notes[notes:]}
        given |= result["parameter_values"]
        if pictures:
            series[name] = pictures
        if canceled:
            status = "canceled"
            break
        ended = {"status": "completed", "result": results[name], "series": pictures}
        tell(as_json({**about, **ended}))
    found = {
        "status": status,
        "parameter_values": given,
        "element_results": results,
        "series": series,
        "notes": state.notes,
    }
    plain: dict[str, Any] = as_json(found)
    return plain


def _is_whole(kind: str, element: Mapping[str, Any]) -> bool:
    """Return whether the result of an element says all that later ones need to know of it."""
    parameters = element.get("parameters") or {}
    return kind not in _READ_AGAIN and not any(map(is_link, parameters.values()))


def run_element(
    name: str,
    element: Mapping[str, Any],
    state: State,
    progress: Report | None,
    should_stop: Callable[[], bool],
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Run one element; return its result, its series, and whether it was canceled.

    Raises
    ------
    ValueError
        If it fails.
    """
    kind = canonical_type(element.get("element_type"))

    def report(found: dict[str, Any]) -> None:
        if progress is not None:
            progress(as_json({"element": name, "element_type": kind, **found}))

    if kind == "entry":
        values = apply_entry(name, element, state)
        return {"type": "PassthroughResult", "parameter_values": values}, {}, False
    if kind == "data_fit":
        fitted = run_fit(element, state, report, should_stop)
        state.values |= fitted.values
        return fitted.result, fitted.series, fitted.canceled
    if kind == "validation":
        validated = run_validation(element, state, should_stop)
        return validated.result, validated.series, validated.canceled
    if kind == "calculation":
        calculated = run_calculation(element, state)
        state.values |= calculated
        return {"type": "PassthroughResult", "parameter_values": calculated}, {}, False
    if kind == "array_data_fit":
        fitted = run_array_fit(element, state, report, should_stop)
        return fitted.result, fitted.series, fitted.canceled
    analyse = run_confidence if kind == "linear_confidence_interval" else run_sensitivity
    return _analysed(analyse, element, state, should_stop)


def _analysed(
    analyse: Callable[..., dict[str, Any]],
    element: Mapping[str, Any],
    state: State,
    should_stop: Callable[[], bool],
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    try:
        return analyse(element, state, should_stop), {}, False
    except StopFit as stop:
        return {"parameter_values": {}, "message": str(stop)}, {}, True


def as_json(value: Any) -> Any:
    """Return plain JSON: what is no finite number becomes null."""
    if isinstance(value, Mapping):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return wire_value(value)
