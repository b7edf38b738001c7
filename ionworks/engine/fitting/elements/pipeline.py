"""Checks the elements of a pipeline, and runs them in order.

Each element is read with the values, models and data of the elements before it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from math import isfinite
from typing import Any, Final

import polars as pl

from ionworks.engine.fitting.calculations.registry import read_calculation, run_calculation
from ionworks.engine.fitting.element_types import ACCEPTED_TYPES, canonical_type
from ionworks.engine.fitting.elements.analysis import (
    read_confidence,
    read_sensitivity,
    run_confidence,
    run_sensitivity,
)
from ionworks.engine.fitting.elements.array_data_fit import read_array_fit, run_array_fit
from ionworks.engine.fitting.elements.data_fit import run_fit
from ionworks.engine.fitting.elements.entry import read_entry
from ionworks.engine.fitting.elements.fit_reader import read_fit
from ionworks.engine.fitting.elements.provenance import provenance_of
from ionworks.engine.fitting.elements.unread import idle_values, unknown_values
from ionworks.engine.fitting.elements.validation import read_validation, run_validation
from ionworks.engine.fitting.fields import MOST_ISSUES, Issues, TooManyIssues, strictly
from ionworks.engine.fitting.forward_model.cell import wire_value
from ionworks.engine.fitting.measurement import DataInfo
from ionworks.engine.fitting.parameters.fitted import is_link
from ionworks.engine.fitting.problem import StopFit
from ionworks.engine.fitting.state import ElementResult, State

Report = Callable[[dict[str, Any]], None]
Stop = Callable[[], bool]

_READ_AGAIN: Final = ("entry", "calculation")
"""Element types read again after a restart: their values may be PyBaMM expressions, which a stored
result does not give back, and reading them is fast."""


_DESCRIPTIVE: Final = ("source", "provenance")
"""Fields that say where values come from; they are part of the result."""


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
        Called at most twice a second with the progress of a fit: ``element``, ``element_type``,
        ``start``, ``starts``, ``evaluations``, ``iterations``, ``cost``, ``best_cost``, ``inputs``
        (best parameters), ``inputs_unscaled`` (the optimizer's coordinates) and ``elapsed`` [s].
        Also when an element of any type begins, with ``status`` ``running``, and when it has
        ended, with ``status`` ``completed``, ``result`` and ``series``.
    should_stop : callable, optional
        Polled between solves; once it returns True, the best point so far is the result.
    threads : int, optional
        Threads of the solvers: the number of candidates integrated at the same time.
    completed : mapping, optional
        Results by element of an earlier attempt, which are not computed again. Entries and
        calculations are read again, which is fast.

    Returns
    -------
    dict
        ``status`` (``completed`` or ``canceled``), ``parameter_values`` (given, calculated and
        fitted), ``element_results``, ``series`` (element -> objective -> model and data),
        ``notes`` and ``provenance``, all of it JSON.

    Raises
    ------
    PipelineError
        If an element fails; it is a ValueError that names the element.
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
        state.element = name
        try:
            kind = canonical_type(element.get("element_type"))
            if name in earlier and _is_complete(kind, element):
                results[name] = dict(earlier[name])
                given |= results[name]["parameter_values"]
                _take_over(kind, element, results[name]["parameter_values"], state)
                continue
            about = {"element": name, "element_type": kind}

            def report(found: dict[str, Any], about: dict[str, Any] = about) -> None:
                tell(as_json({**about, **found}))

            report({"status": "running"})
            found = _run(name, element, state, report, stop)
        except ValueError as error:
            raise PipelineError(name, str(error)) from error
        state.values |= found.values
        described = {field: element[field] for field in _DESCRIPTIVE if element.get(field)}
        results[name] = {**found.result, **described, "notes": state.notes[notes:]}
        given |= found.result["parameter_values"]
        if found.series:
            series[name] = found.series
        if found.canceled:
            status = "canceled"
            break
        report({"status": "completed", "result": results[name], "series": found.series})
    for sentence in idle_values(state, elements) if status == "completed" else ():
        state.note(sentence)
    everything: dict[str, Any] = as_json(
        {
            "status": status,
            "parameter_values": given,
            "element_results": results,
            "series": series,
            "notes": state.notes,
            "provenance": provenance_of(as_json(elements)),
        }
    )
    return everything


def check_elements(
    elements: Mapping[str, Any], data: Mapping[str, DataInfo] | None = None
) -> list[str]:
    """Find the errors in the elements of a pipeline by reading all of them.

    Parameters
    ----------
    elements : mapping
        Name -> element in the form of the wire, in order.
    data : mapping, optional
        Reference (``db:...``) -> columns and rows of the data. Columns of other data that are only
        referred to are not checked.

    Returns
    -------
    list of str
        One sentence for each error, naming element and field, at most `MOST_ISSUES`. An unknown
        element type is not an error here: the service accepts it, and the job fails.
    """
    state = State(dict(data or {}))
    found: dict[str, None] = {}
    for name, element in elements.items():
        issues = Issues(f"element {name!r}: ")
        state.element = name
        if not isinstance(element, Mapping):
            issues.messages.append(f"element {name!r} is {element!r}: give a mapping")
        elif element.get("element_type") in ACCEPTED_TYPES:
            with suppress(TooManyIssues):
                _read(name, element, state, issues)
        found |= dict.fromkeys(issues.messages)
        if len(found) >= MOST_ISSUES:
            break
    if not found:
        found |= dict.fromkeys(islice(unknown_values(state, elements), MOST_ISSUES))
    if len(found) < MOST_ISSUES:
        return list(found)
    return [*islice(found, MOST_ISSUES - 1), "there may be more errors: these are the first"]


def _read(name: str, element: Mapping[str, Any], state: State, issues: Issues) -> None:
    """Read an element of any type; an entry also updates the state."""
    kind = canonical_type(element["element_type"])
    if kind == "entry":
        read_entry(name, element, state, issues)
    else:
        _READERS[kind](element, state, issues)


def _run(
    name: str, element: Mapping[str, Any], state: State, report: Report, should_stop: Stop
) -> ElementResult:
    """Read and run an element of any type.

    Raises
    ------
    ValueError
        If it has errors or fails.
    """
    kind = canonical_type(element["element_type"])
    if kind == "entry":
        values = strictly(read_entry, name, element, state)
        return ElementResult({"type": "PassthroughResult", "parameter_values": values})
    if kind == "calculation":
        return run_calculation(element, state)
    if kind in _FITS:
        return _FITS[kind](element, state, report, should_stop)
    try:
        return _EVALUATIONS[kind](element, state, should_stop)
    except StopFit as stop:
        return ElementResult({"parameter_values": {}, "message": str(stop)}, canceled=True)


_READERS: Final[dict[str, Callable[[Mapping[str, Any], State, Issues], object]]] = {
    "calculation": read_calculation,
    "data_fit": read_fit,
    "array_data_fit": read_array_fit,
    "validation": read_validation,
    "linear_confidence_interval": read_confidence,
    "sobol_sensitivity": read_sensitivity,
}
_FITS: Final = {"data_fit": run_fit, "array_data_fit": run_array_fit}
_EVALUATIONS: Final = {
    "validation": run_validation,
    "linear_confidence_interval": run_confidence,
    "sobol_sensitivity": run_sensitivity,
}


def _take_over(
    kind: str, element: Mapping[str, Any], values: Mapping[str, Any], state: State
) -> None:
    """Update the state as an element did that ran in an earlier attempt."""
    # Reading it shows which parameter values it uses; its errors were found when it was submitted.
    _READERS[kind](element, state, Issues())
    if kind == "data_fit":
        state.values |= values


def _is_complete(kind: str, element: Mapping[str, Any]) -> bool:
    """Return whether the stored result of an element has everything later elements need."""
    parameters = element.get("parameters") or {}
    return kind not in _READ_AGAIN and not any(map(is_link, parameters.values()))


def as_json(value: Any) -> Any:
    """Return plain JSON, with null for numbers that are not finite."""
    if isinstance(value, Mapping):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, pl.DataFrame):
        return as_json(value.to_dict(as_series=False))
    return wire_value(value)
