"""Reads an objective from its wire form."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ionworks.engine.cells.specification import is_number
from ionworks.engine.fitting.costs import read_cost
from ionworks.engine.fitting.fields import (
    Issues,
    is_interval,
    mapping_of,
    note_without_effect,
)
from ionworks.engine.fitting.forward_model.cell import parameter_value, read_model
from ionworks.engine.fitting.measurement import check_data
from ionworks.engine.fitting.objectives.experiments import has_period
from ionworks.engine.fitting.objectives.objective import Request
from ionworks.engine.fitting.objectives.registry import NOT_SUPPORTED, OBJECTIVES
from ionworks.engine.fitting.parameters.names import parameter_values
from ionworks.engine.fitting.penalties import read_penalties
from ionworks.engine.fitting.state import State
from ionworks.engine.pybamm_setup import parameter_names

_FIELDS: Final = (
    "type",
    "objective",
    "model",
    "data",
    "options",
    "cost",
    "parameters",
    "penalties",
)
_NOT_SUPPORTED_FIELDS: Final = ("constraints", "callbacks")


def _are_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _is_tolerance(value: Any) -> bool:
    return is_number(value) and value >= 0


def _is_stoichiometry(value: Any) -> bool:
    return is_number(value) and 0 <= value <= 1


_FORMS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "objective variables": (_are_names, "a list of names"),
    "modes": (_are_names, "a list of names"),
    "interpolant_atol": (_is_tolerance, "a number of 0 or more"),
    "interpolant_rtol": (_is_tolerance, "a number of 0 or more"),
    "interpolant_lossless": (lambda value: isinstance(value, bool), "true or false"),
    "theta_ref": (_is_stoichiometry, "a number from 0 to 1"),
    "voltage limits": (is_interval, "the lower and the upper limit"),
    "stoichiometry limits": (is_interval, "the lower and the upper limit"),
}
"""Option -> whether a value has its form, and the form in words."""

_WRITTEN_OUT: Final[dict[str, tuple[Any, ...]]] = {
    "independent variable": ("time",),
    "constrain Xj method": ("project",),
}
"""Defaults that clients write out."""


def read_objective(
    name: str, given: Any, state: State, issues: Issues, *, fits: bool = True
) -> Request | None:
    """Read an objective.

    Parameters
    ----------
    name : str
    given : mapping
        Its wire form.
    state : State
        Values, models and data of earlier elements.
    issues : Issues
        Takes the errors found.
    fits : bool
        Whether it belongs to a fit, rather than to a validation.

    Returns
    -------
    Request or None
        None if its type is not known.
    """
    issues = issues.within(f"objective {name!r}")
    if not isinstance(given, Mapping):
        issues.add(f"it is {given!r}: give a mapping")
        return None
    kind = str(given.get("type") or given.get("objective") or "CurrentDriven")
    if kind not in OBJECTIVES:
        problem = (
            f"{kind} is not supported" if kind in NOT_SUPPORTED else f"unknown objective {kind!r}"
        )
        issues.add(f"type: {problem}; use one of {', '.join(OBJECTIVES)}")
        return None
    cls = OBJECTIVES[kind]
    _check_fields(given, cls, issues)
    options = _read_options(given, cls, issues.within("options"))
    data, columns = given.get("data"), None
    if data is None:
        issues.add("data are missing")
    else:
        check_data(data, "data", issues)
        note_without_effect(data, f"{state.place}: objective {name!r}: data", state.note)
        columns = state.columns(data)
    request = Request(
        name,
        kind,
        data,
        options,
        given.get("electrode"),
        _read_parameters(given.get("parameters"), state, issues),
        None if given.get("cost") is None else issues.read(read_cost, given["cost"]),
        read_penalties(given.get("penalties") or (), issues, fits=fits),
        cls.read(options, columns, issues),
    )
    if has_period(options.get("experiment")):
        state.note(
            f"{state.place}: {request.label}: experiment: 'period' has no effect: steps are saved "
            "at their ends"
        )
    if request.cost is not None and not fits:
        state.note(f"{state.place}: {request.label}: 'cost' has no effect; use 'summary_stats'")
    state.read |= parameter_names(fun for fun, _ in request.penalties)
    with issues.collected():
        state.add_reader(request)
    return request


def _check_fields(given: Mapping[str, Any], cls: Any, issues: Issues) -> None:
    known = (*_FIELDS, *cls.fields)
    for field, value in given.items():
        if field in _NOT_SUPPORTED_FIELDS and value:
            issues.add(f"{field!r} are not supported; leave them out")
        elif field not in (*known, *_NOT_SUPPORTED_FIELDS) and value is not None:
            issues.add(f"unknown field {field!r}; use {', '.join(known)}")
    for field in cls.fields:
        if given.get(field) is None:
            issues.add(f"{field!r} is missing")
    electrode = given.get("electrode")
    if "electrode" in cls.fields and electrode not in {None, "positive", "negative"}:
        issues.add(f"electrode is {electrode!r}; use 'positive' or 'negative'")


def _read_options(given: Mapping[str, Any], cls: Any, issues: Issues) -> dict[str, Any]:
    """Return the options that are set, with an older top-level model among them."""
    try:
        options = mapping_of(given.get("options"), "options")
    except ValueError as error:
        issues.add(str(error))
        options = {}
    for field, value in options.items():
        if value not in (None, False, {}) and value not in _WRITTEN_OUT.get(field, ()):
            _check_option(field, value, cls, issues)
    found = {name: value for name, value in options.items() if value is not None}
    beside = given.get("model")
    if beside is not None and found.setdefault("model", beside) != beside:
        issues.add("'model' is given here and beside the options: give only one")
    if found.get("model"):
        issues.read(read_model, found["model"])
    return found


def _check_option(field: str, value: Any, cls: Any, issues: Issues) -> None:
    if field == "parameterized_model_id":
        issues.add("'parameterized_model_id' cannot be resolved here; give 'model'")
    elif field not in cls.options:
        others = f"; use {', '.join(cls.options)}" if cls.options else ""
        issues.add(f"{field!r} is not supported for {cls.kind}{others}")
    elif field in _FORMS and not _FORMS[field][0](value):
        issues.add(f"{field!r} is {value!r}; give {_FORMS[field][1]}")
    elif field in cls.choices:
        for each in value if isinstance(value, list | tuple) else [value]:
            if each not in cls.choices[field]:
                words = ", ".join(map(repr, cls.choices[field]))
                issues.add(f"{field}: {each!r} is not supported; use {words}")


def _read_parameters(given: Any, state: State, issues: Issues) -> dict[str, Any]:
    """Return the parameter values an objective has to itself."""
    found: dict[str, Any] = {}
    with issues.collected():
        values, notes = parameter_values(mapping_of(given, "parameters"), "parameters")
        for sentence in notes:
            state.note(sentence)
        for name, value in values.items():
            found[name] = issues.read(parameter_value, value, f"parameter {name!r}")
    return found
