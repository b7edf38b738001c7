"""Everything that can be said against elements before they run."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ionworks.engine.fitting.calculations.registry import calculation_problems
from ionworks.engine.fitting.costs import read_cost
from ionworks.engine.fitting.element_types import canonical_type
from ionworks.engine.fitting.elements.analysis import ANALYSES, analysis_problems
from ionworks.engine.fitting.elements.array_data_fit import value_of_key
from ionworks.engine.fitting.elements.data_fit import objectives_of
from ionworks.engine.fitting.elements.entry import apply_entry, entry_problems
from ionworks.engine.fitting.elements.objective_checks import ObjectiveCheck, parameters_of
from ionworks.engine.fitting.elements.validation import statistics_of
from ionworks.engine.fitting.forward_model.cell import parameter_value
from ionworks.engine.fitting.measurement import DataInfo
from ionworks.engine.fitting.objectives.objective import kind_of
from ionworks.engine.fitting.objectives.registry import OBJECTIVES
from ionworks.engine.fitting.optimizers.registry import OPTIMIZERS, read_optimizer
from ionworks.engine.fitting.parameters.fitted import is_link, priors_of, read_parameter
from ionworks.engine.fitting.parameters.multistarts import sampler_of
from ionworks.engine.fitting.parameters.names import RENAMED, START_NAMES, renamed, unknown_name
from ionworks.engine.fitting.state import State

_FIT_FIELDS: Final = (
    "objectives",
    "source",
    "parameters",
    "cost",
    "initial_guesses",
    "optimizer",
    "multistarts",
    "objective_parallelism",
    "initial_guess_sampler",
    "priors",
    "options",
)
_FIT_OPTIONS: Final = (
    "seed",
    "max_iterations",
    "maxtime",
    "validate",
    "skip_objective_callbacks",
    "low_memory",
)
_VALIDATION_FIELDS: Final = ("objectives", "summary_stats", "source")
_NOT_BUILT: Final = ("cost_logger", "calc_second_order", "variable_standard_deviations")
_PARALLELISM: Final = ("auto", "on", "off")
_LARGEST_SEED: Final = 2**32 - 1


def check_elements(
    elements: Mapping[str, Any], data: Mapping[str, DataInfo] | None = None
) -> list[str]:
    """Find what is wrong with the elements of a pipeline.

    Parameters
    ----------
    elements : mapping
        Name -> element in the form of the wire, in order.
    data : mapping, optional
        Reference (``db:...``) -> what is known of the data; columns are checked only with it.

    Returns
    -------
    list of str
        One sentence a problem, naming element and field. An unknown element type is not among
        them: the service accepts it, and the job fails.
    """
    check = _Check(State({}), dict(data) if data is not None else None)
    problems = []
    for name, element in elements.items():
        if not isinstance(element, Mapping):
            problems.append(f"element {name!r} is {element!r}: give a mapping")
            continue
        problems += [f"element {name!r}: {problem}" for problem in check.element(name, element)]
    return list(dict.fromkeys(problems))


class _Check:
    """Walks through elements, with what the earlier ones said."""

    def __init__(self, state: State, data: dict[str, DataInfo] | None) -> None:
        self._state = state
        self._data = data
        self._calculated = False

    def element(self, name: str, element: Mapping[str, Any]) -> Iterator[str]:
        """Yield what is wrong with an element."""
        try:
            kind = canonical_type(element.get("element_type"))
        except ValueError:
            return
        if kind == "entry":
            yield from self._entry(name, element)
        elif kind == "calculation":
            self._calculated = True
            yield from calculation_problems(element)
        elif kind == "validation":
            yield from _unknown_fields(element, _VALIDATION_FIELDS)
            yield from self._objectives(element, fits=False)
            yield from _problems(lambda: statistics_of(element))
        else:
            analysis = ANALYSES.get(kind, ())
            yield from _unknown_fields(element, (*_FIT_FIELDS, *analysis))
            yield from self._objectives(element)
            yield from self._fit(element)
            if kind in ANALYSES:
                yield from analysis_problems(element)
            elif kind == "array_data_fit":
                yield from _array_problems(element)

    def _entry(self, name: str, element: Mapping[str, Any]) -> Iterator[str]:
        problems = entry_problems(element)
        yield from problems
        if not problems:
            yield from _problems(lambda: apply_entry(name, element, self._state))

    def _fit(self, element: Mapping[str, Any]) -> Iterator[str]:
        yield from self._parameters(element)
        yield from _problems(lambda: read_cost(element.get("cost") or "RMSE"))
        yield from _problems(lambda: _check_search(element))
        yield from _problems(lambda: sampler_of(element.get("initial_guess_sampler")))
        yield from _option_problems(element)

    def _parameters(self, element: Mapping[str, Any]) -> Iterator[str]:
        try:
            priors, _ = renamed(priors_of(element.get("priors")))
            given = element.get("parameters") or {name: {} for name in priors}
            if not isinstance(given, Mapping) or not given:
                yield "parameters are missing: name at least one to fit, with its bounds"
                return
            named, _ = renamed(given)
        except ValueError as error:
            yield str(error)
            return
        for name in priors:
            if name not in named:
                yield f"priors: {name!r} is not among the fitted parameters"
        known = self._known(element)
        unbounded = []
        for name, value in named.items():
            if known and name not in known:
                yield unknown_name(name, known)
            elif is_link(value):
                yield from _problems(parameter_value, value, f"parameter {name!r}")
            else:
                try:
                    read = read_parameter(name, value, None, priors.get(name))
                except ValueError as error:
                    yield str(error)
                    continue
                if not read.is_bounded:
                    unbounded.append(name)
        yield from self._unbounded(element, unbounded)
        yield from _guess_problems(element.get("initial_guesses"), named)
        yield from _twice(element, named)

    @staticmethod
    def _unbounded(element: Mapping[str, Any], names: list[str]) -> Iterator[str]:
        try:
            optimizer, _ = read_optimizer(element.get("optimizer"))
        except ValueError:
            return
        if names and OPTIMIZERS[optimizer].needs_bounds:
            yield (
                f"parameter {names[0]!r}: {optimizer} needs two finite bounds of every parameter"
            )

    def _known(self, element: Mapping[str, Any]) -> set[str]:
        """Return the names that can be fitted; nothing where that is not known yet."""
        if self._calculated:
            return set()
        known = {*START_NAMES, *RENAMED, *self._state.values}
        try:
            objectives = objectives_of(element)
            known |= set(self._state.parameter_values())
            for given in _mappings(objectives):
                kind = OBJECTIVES.get(kind_of(given))
                known |= set(kind.own_parameters if kind else ())
                options = given.get("options")
                own = options.get("model") if isinstance(options, Mapping) else None
                model = own or given.get("model")
                if isinstance(model, Mapping):
                    known |= set(model.get("parameters") or {})
                    if model.get("parameter_set"):
                        # Another set has other names; they are looked up when the fit runs.
                        return set()
        except ValueError:
            return set()
        return known

    def _objectives(self, element: Mapping[str, Any], *, fits: bool = True) -> Iterator[str]:
        try:
            objectives = objectives_of(element)
        except ValueError as error:
            yield str(error)
            return
        check = ObjectiveCheck(self._state, self._data)
        for name, given in objectives.items():
            label = f"objective {name!r}"
            yield from (f"{label}: {problem}" for problem in check.problems(given, fits=fits))
        weighted = [element.get("cost"), *(each.get("cost") for each in _mappings(objectives))]
        for cost in _mappings(dict(enumerate(weighted))):
            for name in cost.get("objective_weights") or ():
                if name not in objectives:
                    yield f"cost: objective_weights names {name!r}, which is no objective of it"


def _twice(element: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[str]:
    """Yield which parameters an objective sets although they are fitted."""
    try:
        for label, given in objectives_of(element).items():
            for name in parameters_of(given):
                if name in named:
                    yield f"objective {label!r}: parameters: {name!r} is fitted; take it out"
    except (ValueError, AttributeError):
        # Said where objectives are checked.
        return


def _mappings(given: Mapping[Any, Any]) -> list[Mapping[str, Any]]:
    return [value for value in given.values() if isinstance(value, Mapping)]


def _array_problems(element: Mapping[str, Any]) -> Iterator[str]:
    """Yield which objectives are not named by a value of the independent variable."""
    objectives = element.get("objectives")
    for name in objectives if isinstance(objectives, Mapping) else ():
        yield from _problems(value_of_key, name)


def _unknown_fields(element: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for field, value in element.items():
        if field == "element_type" or field in known or value is None:
            continue
        if field in _NOT_BUILT:
            if value is not False:
                yield f"{field!r} is not built; leave it out"
        else:
            yield f"unknown field {field!r}; use {', '.join(known)}"


def _check_search(element: Mapping[str, Any]) -> None:
    read_optimizer(element.get("optimizer"))
    parallelism = element.get("objective_parallelism")
    if parallelism not in {None, *_PARALLELISM}:
        raise ValueError(f"objective_parallelism is {parallelism!r}; use {', '.join(_PARALLELISM)}")
    multistarts = element.get("multistarts")
    if multistarts is not None and not _is_count(multistarts):
        raise ValueError(f"multistarts is {multistarts!r}; give a whole number above 0")


def _option_problems(element: Mapping[str, Any]) -> Iterator[str]:
    options = element.get("options") or {}
    if not isinstance(options, Mapping):
        yield f"options is {options!r}; give a mapping of names to values"
        return
    for field, value in options.items():
        if field not in _FIT_OPTIONS and value is not None:
            yield f"options: unknown field {field!r}; use {', '.join(_FIT_OPTIONS)}"
    if options.get("low_memory"):
        yield "options: 'low_memory' is not built; leave it out"
    seed = options.get("seed")
    if seed is not None and not (_is_whole(seed) and 0 <= seed <= _LARGEST_SEED):
        yield f"options: seed is {seed!r}; give a whole number from 0 to {_LARGEST_SEED}"
    iterations = options.get("max_iterations")
    if iterations is not None and not _is_count(iterations):
        yield f"options: max_iterations is {iterations!r}; give a whole number above 0"
    maxtime = options.get("maxtime")
    if maxtime is not None and not (isinstance(maxtime, int | float) and maxtime > 0):
        yield f"options: maxtime is {maxtime!r}; give seconds, above 0"


def _guess_problems(given: Any, named: Mapping[str, Any]) -> Iterator[str]:
    if given is None:
        return
    for guess in given if isinstance(given, list | tuple) else [given]:
        if not isinstance(guess, Mapping):
            yield f"initial_guesses: {guess!r} is no mapping of parameters to numbers"
            continue
        for name, value in renamed(guess)[0].items():
            if name not in named:
                yield f"initial_guesses: {name!r} is not among the fitted parameters"
            elif isinstance(named[name], Mapping) and not is_link(named[name]):
                yield from _problems(read_parameter, name, {**named[name], "initial_value": value})


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_whole(value) and value > 0


def _problems(call: Callable[..., Any], *arguments: Any) -> Iterator[str]:
    """Yield what a call says against what it is given."""
    try:
        call(*arguments)
    except ValueError as error:
        yield str(error)
