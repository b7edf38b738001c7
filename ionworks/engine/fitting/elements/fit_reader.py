"""Reads the fields that fits and analyses of fits have on the wire."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final

from attrs import evolve, frozen

from ionworks.engine.cells.specification import is_number
from ionworks.engine.fitting.costs import Cost, read_cost
from ionworks.engine.fitting.elements.fit_parameters import read_parameters
from ionworks.engine.fitting.fields import (
    Issues,
    is_count,
    is_integer,
    mapping_of,
    note_without_effect,
)
from ionworks.engine.fitting.objectives.objective import Request
from ionworks.engine.fitting.objectives.reader import read_objective
from ionworks.engine.fitting.optimizers.registry import OPTIMIZERS, read_optimizer
from ionworks.engine.fitting.parameters.fitted import FittedParameter
from ionworks.engine.fitting.parameters.multistarts import sampler_of
from ionworks.engine.fitting.state import State

FIT_FIELDS: Final = (
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
_OPTIONS: Final = (
    "seed",
    "max_iterations",
    "maxtime",
    "validate",
    "skip_objective_callbacks",
    "low_memory",
)
_NOT_SUPPORTED: Final = ("cost_logger", "calc_second_order", "variable_standard_deviations")
_PARALLELISM: Final = ("auto", "on", "off")
_LARGEST_SEED: Final = 2**32 - 1

DEFAULT_COST: Final = "RMSE"
DEFAULT_SEED: Final = 0
"""Fits are repeatable; another seed gives other draws."""


@frozen(eq=False)
class Fit:
    """A fit as it was read.

    Attributes
    ----------
    objectives : dict of str to Request
    parameters : tuple of FittedParameter
    links : dict
        Parameters that are expressions of others.
    guesses : tuple of dict
        Values of further initial guesses, without the first.
    multistarts : int
        Number of searches wanted.
    sampler : str
        How initial points beyond the guesses are drawn.
    optimizer : str
    optimizer_options : dict
    cost : Cost
    has_default_cost, has_default_optimizer : bool
        Whether the user left them open.
    max_evaluations, max_seconds : float
        Most evaluations of one search; longest time of the whole fit [s].
    seed : int
    """

    objectives: dict[str, Request]
    parameters: tuple[FittedParameter, ...]
    links: dict[str, Any]
    guesses: tuple[dict[str, float], ...]
    multistarts: int
    sampler: str
    optimizer: str
    optimizer_options: dict[str, Any]
    cost: Cost
    has_default_cost: bool
    has_default_optimizer: bool
    max_evaluations: float
    max_seconds: float
    seed: int


def check_fields(element: Mapping[str, Any], known: tuple[str, ...], issues: Issues) -> None:
    """Add an error for each field an element does not have."""
    for name, value in element.items():
        if name == "element_type" or name in known or value is None:
            continue
        if name not in _NOT_SUPPORTED:
            issues.add(f"unknown field {name!r}; use {', '.join(known)}")
        elif value is not False:
            issues.add(f"{name!r} is not supported; leave it out")


def objectives_of(element: Mapping[str, Any]) -> dict[str, Any]:
    """Return the objectives of an element by name; a bare one is called ``objective``."""
    given = element.get("objectives")
    if not isinstance(given, Mapping) or not given:
        raise ValueError("objectives are missing: give a mapping of names to objectives")
    return {"objective": given} if _is_bare(given) else dict(given)


def _is_bare(given: Mapping[str, Any]) -> bool:
    """Return whether a mapping is one objective, rather than objectives by name."""
    data = given.get("data")
    if data is None:
        return False
    beside = {"type", "objective", "options", "model", "cost"}.intersection(given)
    return bool(beside) or not (isinstance(data, Mapping) and "data" in data)


def read_objectives(
    element: Mapping[str, Any], state: State, issues: Issues, *, fits: bool = True
) -> dict[str, Request]:
    """Return the objectives of an element that could be read, by name."""
    found = {}
    for name, given in (issues.read(objectives_of, element) or {}).items():
        request = read_objective(name, given, state, issues, fits=fits)
        if request is not None:
            found[name] = request
    return found


def read_fit(
    element: Mapping[str, Any], state: State, issues: Issues, more: tuple[str, ...] = ()
) -> Fit | None:
    """Read a fit.

    Parameters
    ----------
    element : mapping
        Its wire form.
    state : State
        Values, models and data of earlier elements.
    issues : Issues
        Takes the errors found.
    more : tuple of str
        Fields besides those of a fit.

    Returns
    -------
    Fit or None
        None if there are errors.
    """
    check_fields(element, (*FIT_FIELDS, *more), issues)
    objectives = read_objectives(element, state, issues)
    parameters = read_parameters(element, objectives, state, issues)
    cost = issues.read(read_cost, element.get("cost") or DEFAULT_COST)
    _check_weights(cost, objectives, issues)
    optimizer = issues.read(read_optimizer, element.get("optimizer"))
    sampler = issues.read(sampler_of, element.get("initial_guess_sampler"))
    options = _read_options(element, issues)
    _note_unused(element, options, optimizer, state)
    if optimizer is not None and OPTIMIZERS[optimizer[0]].needs_bounds:
        require_bounds(parameters.fitted, optimizer[0], issues)
    if issues.messages or cost is None or optimizer is None or sampler is None:
        return None
    name, own = optimizer
    most = [each["max_iterations"] for each in (own, options) if each.get("max_iterations")]
    if most:
        own["max_iterations"] = min(most)
    if OPTIMIZERS[name].method:
        own.pop("max_iterations", None)
    seed = options.get("seed")
    names = tuple(parameter.name for parameter in parameters.fitted)
    return Fit(
        {
            key: evolve(request, fitted=names, links=parameters.links)
            for key, request in objectives.items()
        },
        parameters.fitted,
        parameters.links,
        parameters.guesses,
        element.get("multistarts") or 1,
        sampler,
        name,
        own,
        cost,
        element.get("cost") is None,
        element.get("optimizer") is None,
        own.get("max_evaluations") or inf,
        options.get("maxtime") or inf,
        DEFAULT_SEED if seed is None else seed,
    )


def _note_unused(
    element: Mapping[str, Any],
    options: Mapping[str, Any],
    optimizer: tuple[str, dict[str, Any]] | None,
    state: State,
) -> None:
    """Write a note for each field of a fit that changes nothing."""
    note_without_effect(element, state.place, state.note)
    note_without_effect(options, f"{state.place}: options", state.note)
    if optimizer is not None:
        name, own = optimizer
        note_without_effect(own, f"{state.place}: optimizer", state.note)
        note_without_effect(own.get("options"), f"{state.place}: optimizer: options", state.note)
        if OPTIMIZERS[name].method and options.get("max_iterations") is not None:
            state.note(
                f"{state.place}: options: 'max_iterations' has no effect: {name} does not iterate"
            )
    if element.get("initial_guess_sampler") is not None and element.get("multistarts") is None:
        state.note(
            f"{state.place}: 'initial_guess_sampler' has no effect without 'multistarts': the "
            "search starts from the initial values"
        )


def require_bounds(parameters: Sequence[FittedParameter], user: str, issues: Issues) -> None:
    """Add an error if a parameter lacks one of its bounds."""
    for parameter in parameters:
        if not parameter.is_bounded:
            issues.add(
                f"parameter {parameter.name!r}: {user} needs two finite bounds of every parameter"
            )
            return


def _check_weights(cost: Cost | None, objectives: Mapping[str, Request], issues: Issues) -> None:
    for each in (cost, *(request.cost for request in objectives.values())):
        for name in each.objective_weights if each is not None else ():
            if name not in objectives:
                issues.add(
                    f"cost: objective_weights: unknown objective {name!r}; valid objectives: "
                    f"{', '.join(objectives)}"
                )


def _read_options(element: Mapping[str, Any], issues: Issues) -> Mapping[str, Any]:
    """Return the options of a fit, and check the fields about its searches."""
    parallelism = element.get("objective_parallelism")
    if parallelism not in {None, *_PARALLELISM}:
        issues.add(f"objective_parallelism is {parallelism!r}; use {', '.join(_PARALLELISM)}")
    multistarts = element.get("multistarts")
    if multistarts is not None and not is_count(multistarts):
        issues.add(f"multistarts is {multistarts!r}; give a whole number above 0")
    options: Mapping[str, Any] = issues.read(mapping_of, element.get("options"), "options") or {}
    own = issues.within("options")
    for name, value in options.items():
        if name not in _OPTIONS and value is not None:
            own.add(f"unknown field {name!r}; use {', '.join(_OPTIONS)}")
    if options.get("low_memory"):
        own.add("'low_memory' is not supported; leave it out")
    seed = options.get("seed")
    if seed is not None and not (is_integer(seed) and 0 <= seed <= _LARGEST_SEED):
        own.add(f"seed is {seed!r}; give a whole number from 0 to {_LARGEST_SEED}")
    iterations = options.get("max_iterations")
    if iterations is not None and not is_count(iterations):
        own.add(f"max_iterations is {iterations!r}; give a whole number above 0")
    maxtime = options.get("maxtime")
    if maxtime is not None and not (is_number(maxtime) and maxtime > 0):
        own.add(f"maxtime is {maxtime!r}; give seconds, above 0")
    return options
