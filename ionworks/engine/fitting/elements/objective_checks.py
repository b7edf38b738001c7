"""What can be said against an objective before it is built."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ionworks.engine.fitting.costs import read_cost
from ionworks.engine.fitting.forward_model.cell import model_problems, parameter_value
from ionworks.engine.fitting.measurement import CAPACITY, DataInfo, data_problems
from ionworks.engine.fitting.objectives.objective import COMMON_FIELDS, NOT_BUILT_FIELDS, kind_of
from ionworks.engine.fitting.objectives.registry import NOT_BUILT, OBJECTIVES
from ionworks.engine.fitting.parameters.names import renamed
from ionworks.engine.fitting.penalties import read_penalty
from ionworks.engine.fitting.state import State


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_tolerance(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _are_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _is_range(value: Any) -> bool:
    is_pair = isinstance(value, list | tuple) and len(value) == 2
    return is_pair and all(map(_is_number, value)) and value[0] < value[1]


_FORMS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "objective variables": (_are_names, "a list of names"),
    "modes": (_are_names, "a list of names"),
    "interpolant_atol": (_is_tolerance, "a number of 0 or more"),
    "interpolant_rtol": (_is_tolerance, "a number of 0 or more"),
    "interpolant_lossless": (lambda value: isinstance(value, bool), "true or false"),
    "voltage limits": (_is_range, "the lower and the upper limit"),
    "stoichiometry limits": (_is_range, "the lower and the upper limit"),
}
"""Option -> whether a value has its form, and what that is."""

_WRITTEN_OUT: Final[dict[str, tuple[Any, ...]]] = {
    "independent variable": ("time",),
    "constrain Xj method": ("project",),
}
"""Values clients write out where the user said nothing."""


class ObjectiveCheck:
    """Finds what is wrong with objectives.

    Parameters
    ----------
    state : State
        What earlier elements said.
    data : mapping or None
        Reference -> what is known of the data; columns are checked only with it.
    """

    def __init__(self, state: State, data: Mapping[str, DataInfo] | None) -> None:
        self._state = state
        self._data = data

    def problems(self, given: Any, *, fits: bool = True) -> Iterator[str]:
        """Yield what is wrong with an objective, of a fit or of a validation."""
        if not isinstance(given, Mapping):
            yield f"it is {given!r}: give a mapping"
            return
        kind = kind_of(given)
        if kind not in OBJECTIVES:
            accepted = ", ".join(OBJECTIVES)
            yield (
                f"type: {kind} is not built; use one of {accepted}"
                if kind in NOT_BUILT
                else f"type: unknown objective {kind!r}; use one of {accepted}"
            )
            return
        cls = OBJECTIVES[kind]
        yield from self._fields(given, cls)
        yield from self._options(given, cls)
        yield from self._data_of(given, cls)
        yield from _told(parameters_of, given)
        yield from _penalty_problems(given.get("penalties") or (), fits=fits)
        if given.get("cost") is not None:
            yield from _told(read_cost, given["cost"])

    @staticmethod
    def _fields(given: Mapping[str, Any], cls: Any) -> Iterator[str]:
        for field, value in given.items():
            if value is None or (field in NOT_BUILT_FIELDS and not value):
                continue
            if field in NOT_BUILT_FIELDS:
                yield f"{field!r} are not built; leave them out"
            elif field not in {*COMMON_FIELDS, *cls.fields}:
                yield f"unknown field {field!r}; use {', '.join((*COMMON_FIELDS, *cls.fields))}"
        for field in cls.fields:
            if given.get(field) is None:
                yield f"{field!r} is missing"
        electrode = given.get("electrode")
        if "electrode" in cls.fields and electrode not in {None, "positive", "negative"}:
            yield f"electrode is {electrode!r}; use 'positive' or 'negative'"

    @staticmethod
    def _options(given: Mapping[str, Any], cls: Any) -> Iterator[str]:
        options = given.get("options") or {}
        if not isinstance(options, Mapping):
            yield f"options is {options!r}; give a mapping of names to values"
            return
        for field, value in options.items():
            if value not in (None, False, {}) and value not in _WRITTEN_OUT.get(field, ()):
                yield from _option_problems(field, value, cls)
        model = options.get("model") or given.get("model")
        if model is not None:
            yield from (f"options: {problem}" for problem in model_problems(model))

    def _data_of(self, given: Mapping[str, Any], cls: Any) -> Iterator[str]:
        data = given.get("data")
        if data is None:
            yield "data are missing"
            return
        yield from data_problems(data, "data")
        if isinstance(given.get("options") or {}, Mapping):
            yield from cls.problems(given, self._columns(data))

    def _columns(self, data: Any) -> tuple[str, ...] | None:
        """Return the columns of some data, None where they are not known."""
        seen = 0
        while isinstance(data, str) and data in self._state.sources and seen < len(data):
            data, seen = self._state.sources[data], seen + 1
        if isinstance(data, str):
            found = (self._data or {}).get(data)
            return None if found is None else tuple(found.columns)
        if isinstance(data, Mapping):
            inner = data.get("time_series", data.get("data"))
            if inner is None:
                return tuple(map(str, data))
            columns = self._columns(inner)
            options = data.get("options")
            if columns and isinstance(options, Mapping) and options.get("capacity_column"):
                return (*columns, CAPACITY)
            return columns
        columns = getattr(data, "columns", None)
        return None if columns is None else tuple(columns)


def _option_problems(field: str, value: Any, cls: Any) -> Iterator[str]:
    if field == "parameterized_model_id":
        yield "options: 'parameterized_model_id' cannot be resolved here; give 'model'"
    elif field not in cls.options:
        others = f"; use {', '.join(cls.options)}" if cls.options else ""
        yield f"options: {field!r} is not built for {cls.kind}{others}"
    elif field in _FORMS and not _FORMS[field][0](value):
        yield f"options: {field!r} is {value!r}; give {_FORMS[field][1]}"
    elif field in cls.choices:
        for each in value if isinstance(value, list | tuple) else [value]:
            if each not in cls.choices[field]:
                words = ", ".join(map(repr, cls.choices[field]))
                yield f"options: {field}: {each!r} is not built; use {words}"


def _penalty_problems(given: Any, *, fits: bool) -> Iterator[str]:
    if not isinstance(given, list | tuple):
        yield f"penalties is {given!r}; give a list"
        return
    if given and not fits:
        yield "'penalties' have no meaning without a fit; leave them out"
    for number, each in enumerate(given):
        yield from _told(read_penalty, each, f"penalties[{number}]")


def parameters_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameter values an objective has to itself.

    Raises
    ------
    ValueError
        If one of them is none.
    """
    own = given.get("parameters") or {}
    if not isinstance(own, Mapping):
        raise ValueError(f"parameters is {own!r}; give a mapping of names to values")
    found, _ = renamed(own)
    return {name: parameter_value(value, f"parameter {name!r}") for name, value in found.items()}


def _told(call: Callable[..., Any], *arguments: Any) -> Iterator[str]:
    """Yield what a call says against what it is given."""
    try:
        call(*arguments)
    except ValueError as error:
        yield str(error)
