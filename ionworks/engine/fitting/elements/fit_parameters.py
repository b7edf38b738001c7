"""Reads the parameters of a fit, with their priors and initial guesses."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ionworks.engine.cells.plausibility import contradictions
from ionworks.engine.cells.specification import is_number
from ionworks.engine.fitting.fields import Issues
from ionworks.engine.fitting.forward_model.cell import parameter_value
from ionworks.engine.fitting.objectives.objective import Request
from ionworks.engine.fitting.objectives.registry import OBJECTIVES
from ionworks.engine.fitting.parameters.fitted import (
    FittedParameter,
    is_link,
    priors_of,
    read_parameter,
)
from ionworks.engine.fitting.parameters.names import (
    INITIAL_SOC,
    INITIAL_SOC_PERCENT,
    INITIAL_STATE_NAMES,
    RENAMED,
    renamed,
    unknown_name,
)
from ionworks.engine.fitting.state import State
from ionworks.engine.pybamm_setup import parameter_names


@frozen
class FitParameters:
    """The parameters of a fit.

    Attributes
    ----------
    fitted : tuple of FittedParameter
        Their initial values are those of the first initial guess.
    links : dict
        Parameters that are expressions of others.
    guesses : tuple of dict
        Values of the further initial guesses.
    """

    fitted: tuple[FittedParameter, ...] = ()
    links: dict[str, Any] = field(factory=dict)
    guesses: tuple[dict[str, float], ...] = ()


def read_parameters(
    element: Mapping[str, Any], objectives: Mapping[str, Request], state: State, issues: Issues
) -> FitParameters:
    """Read the parameters of a fit.

    Parameters
    ----------
    element : mapping
        The wire form of the fit.
    objectives : mapping of str to Request
        Its objectives as they were read.
    state : State
        Values, models and data of earlier elements.
    issues : Issues
        Takes the errors found.
    """
    named, priors = _named(element, state, issues)
    state.read |= set(named)
    for label, request in objectives.items():
        for name in request.parameters:
            if name in named:
                issues.add(f"objective {label!r}: parameters: {name!r} is fitted; take it out")
    base = issues.read(state.parameter_values) or {}
    _check_fixed(named, state, issues)
    known = _known_names(objectives, base, state)
    guesses = _read_guesses(element.get("initial_guesses"), named, issues)
    fitted: list[FittedParameter] = []
    links = {}
    for name, value in named.items():
        if known and name not in known:
            issues.add(unknown_name(name, known))
        elif is_link(value):
            links[name] = issues.read(parameter_value, value, f"parameter {name!r}")
            state.read |= parameter_names([links[name]])
        else:
            before = base.get(name)
            arguments = (float(before) if is_number(before) else None, priors.get(name))
            read = issues.read(read_parameter, name, value, *arguments)
            for place, guess in enumerate(guesses):
                if name in guess:
                    started = {**value, "initial_value": guess[name]}
                    guessed = issues.read(read_parameter, name, started, *arguments)
                    read = guessed if place == 0 else read
            if read is not None:
                fitted.append(read)
    return FitParameters(tuple(fitted), links, tuple(guesses[1:]))


def _check_fixed(named: Mapping[str, Any], state: State, issues: Issues) -> None:
    """Add the relations that given parameters violate, those to fit and of the set left out."""
    if state.has_calculations:
        # Calculations can still change them.
        return
    for sentence in contradictions(
        {
            name: value
            for name, value in state.values.items()
            if is_number(value) and name not in named
        }
    ):
        issues.add(sentence)


def _named(
    element: Mapping[str, Any], state: State, issues: Issues
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return parameters and priors by the names PyBaMM uses today."""
    priors: dict[str, Any] = {}
    named: dict[str, Any] = {}
    with issues.collected():
        priors, _ = renamed(priors_of(element.get("priors")))
        given = element.get("parameters") or {name: {} for name in priors}
        if not isinstance(given, Mapping) or all(map(is_link, given.values())):
            issues.add("parameters are missing: name at least one to fit, with its bounds")
        else:
            named, notes = renamed(given)
            for sentence in notes:
                state.note(sentence)
            if INITIAL_SOC_PERCENT in named:
                issues.add(
                    f"parameters: fit {INITIAL_SOC!r}, a fraction from 0 to 1, rather than "
                    f"{INITIAL_SOC_PERCENT!r}"
                )
                del named[INITIAL_SOC_PERCENT]
            for name in priors:
                if name not in named:
                    issues.add(f"priors: {name!r} is not among the fitted parameters")
    return named, priors


def _read_guesses(given: Any, named: Mapping[str, Any], issues: Issues) -> list[dict[str, float]]:
    """Return initial guesses as mappings of fitted parameters to values."""
    found = []
    for guess in given if isinstance(given, list | tuple) else [given or {}]:
        if not isinstance(guess, Mapping):
            issues.add(f"initial_guesses: {guess!r} is not a mapping of parameters to numbers")
            continue
        values = (issues.read(renamed, guess) or ({},))[0]
        for name in values:
            if name not in named:
                issues.add(f"initial_guesses: {name!r} is not among the fitted parameters")
            elif is_link(named[name]):
                issues.add(f"initial_guesses: {name!r} is an expression of others; leave it out")
        found.append(values)
    return found


def _known_names(
    objectives: Mapping[str, Request], base: Mapping[str, Any], state: State
) -> set[str]:
    """Return the names that can be fitted; an empty set if they are not known yet."""
    if state.has_calculations or not base:
        return set()
    known = {*INITIAL_STATE_NAMES, *RENAMED, *state.values, *base}
    for request in objectives.values():
        known |= set(OBJECTIVES[request.type].own_parameters)
        model = request.options.get("model")
        if isinstance(model, Mapping):
            known |= set(model.get("parameters") or {})
            if model.get("parameter_set"):
                # Another set has other names; they are looked up when the fit runs.
                return set()
    return known
