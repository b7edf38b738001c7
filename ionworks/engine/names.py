"""Names of parameters and variables that are known without building a model or loading PyBaMM.

``names.json`` lists them for the published parameter sets and the built-in models; ``make names``
writes it. It holds for one version of PyBaMM. With any other, nothing is known here, and only a
built model can tell whether a name exists.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from importlib.resources import files
from itertools import chain, islice
from typing import Any, Final

from attrs import frozen

from ionworks.doe.scalars import similar_names
from ionworks.engine.catalogue import BUILT_IN
from ionworks.engine.problems import MOST_PROBLEMS, Faults, first
from ionworks.ucp.problems import UCPError
from ionworks.ucp.resolve import refuse_missing
from ionworks.ucp.step_table import COUNTERS

FILE: Final = "names.json"
NUMBER, FUNCTION, OTHER = "number", "function", "other"
"""Kinds of parameters in the file."""

SCALAR, SPATIAL = "scalar", "spatial"
"""Kinds of variables in the file."""

QUICK: Final = "quick"
PARTICLE_SIZES: Final = "particle sizes"
"""Owner, in the file, of the parameters that a distribution of particle sizes adds to any set."""

AMBIENT_TEMPERATURE: Final = "Ambient temperature [K]"
INITIAL_TEMPERATURE: Final = "Initial temperature [K]"

PROTOCOL_PARAMETERS: Final[dict[str, str]] = {
    "Current function [A]": "the steps",
    AMBIENT_TEMPERATURE: "global.initial_temperature or a step's temperature",
    INITIAL_TEMPERATURE: "global.initial_temperature",
    "Initial SoC": "global.initial_state_value",
}
"""Parameters that the protocol sets -> where it sets them; they cannot be design parameters."""

COLUMNS: Final = (
    "Time [s]",
    "Voltage [V]",
    "Current [A]",
    "Temperature [degC]",
    "Step count",
    "Cycle count",
    *COUNTERS,
    "Step capacity [A.h]",
    "Capacity [A.h]",
)
"""Columns of every time series; extra variables follow."""

_CLOCKS: Final = ("Time [min]", "Time [h]")
_SIZES: Final = "particle size"
_WITH_SIZES: Final = "MPM"


@frozen
class Names:
    """The names of a model with parameter values.

    Attributes
    ----------
    replaceable : frozenset of str
        Those that the parameters of a model specification may have.
    parameters : frozenset of str
        Those that have a value, a number or a function.
    numbers : frozenset of str
        Those of them that are numbers, or may be: only PyBaMM can read a value in its JSON.
    variables : dict of str to bool, or None
        The model's variables, and whether each is a scalar at any one time; None if not known.
    """

    replaceable: frozenset[str]
    parameters: frozenset[str]
    numbers: frozenset[str]
    variables: dict[str, bool] | None


def names_of(model: Mapping[str, Any]) -> Names | None:
    """Return the names of a model specification.

    Parameters
    ----------
    model : mapping
        As `read_specification` takes it; the values of its parameters need not be valid.

    Returns
    -------
    Names or None
        None for a custom model, a model without a published set, and another version of PyBaMM
        than that of the file.
    """
    known = _known(_installed())
    if known is None:
        return None
    kind, parameter_set = str(model.get("type")), str(model.get("parameter_set"))
    if kind == QUICK:
        found = known.parameters[QUICK]
    elif kind in BUILT_IN and parameter_set in known.parameters:
        if _SIZES in (model.get("options") or {}):
            return None
        found = known.parameters[parameter_set]
        if kind == _WITH_SIZES:
            found = {**known.parameters[PARTICLE_SIZES], **found}
    else:
        return None
    given = model.get("parameters") or {}
    settable = {*found, INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE}
    kinds = {**found, **dict.fromkeys(settable.intersection(given), NUMBER)}
    is_plain = not any(model.get(name) for name in ("options", "variables"))
    return Names(
        replaceable=frozenset(found),
        parameters=frozenset(name for name, each in kinds.items() if each != OTHER),
        numbers=frozenset(name for name, each in kinds.items() if each == NUMBER),
        variables=known.variables[kind] if is_plain else None,
    )


def name_problems(
    model: Mapping[str, Any],
    runs: Iterable[tuple[Mapping[str, Any], int]],
    count: int,
    extra_variables: Sequence[str],
    inputs: Sequence[str] = (),
) -> list[str]:
    """Return a sentence for each name that a model is known not to have, or a protocol lacks.

    Parameters
    ----------
    model : mapping
        A model specification.
    runs : iterable of (mapping, int)
        Each with ``design_parameters`` and ``experiment_parameters``, and the number of runs in
        sequence whose parameters have the same names.
    count : int
        How many they are together.
    extra_variables : sequence of str
        Names of variables to record.
    inputs : sequence of str
        Names of the protocol's inputs, for which ``experiment_parameters`` must have values.

    Returns
    -------
    list of str
        As `ionworks.engine.review` has them among its problems.
    """
    names = names_of(model)
    if names is None:
        return []
    given = model.get("parameters") or {}
    unknown = [name for name in given if name not in (*PROTOCOL_PARAMETERS, *names.replaceable)]
    if unknown:
        # The other names are not checked: no model can be made with an unknown parameter.
        return [unknown_parameter(unknown[0], names.replaceable, str(model["parameter_set"]))]
    found = [] if names.variables is None else variable_problems(extra_variables, names.variables)
    return first([*found, *_run_problems(runs, count, names, inputs)])


def _run_problems(
    runs: Iterable[tuple[Mapping[str, Any], int]],
    count: int,
    names: Names,
    inputs: Sequence[str],
) -> list[str]:
    faults = Faults(count)
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    index = 0
    for run, number in runs:
        design = tuple(run.get("design_parameters") or ())
        given = tuple(run.get("experiment_parameters") or ()) if inputs else ()
        key = (design, given)
        if key not in found:
            problems = chain(
                (
                    design_parameter_problem(name, names.parameters, names.numbers)
                    for name in design
                ),
                [missing_inputs(inputs, given)],
            )
            found[key] = list(islice(filter(None, problems), 1))
        if found[key]:
            faults.add(index, found[key], number)
            if faults.are_enough:
                break
        index += number
    return faults.sentences()


def missing_inputs(inputs: Sequence[str], given: Collection[str]) -> str | None:
    """Return the problem of experiment parameters without values for all inputs of a protocol."""
    try:
        refuse_missing(inputs, given)
    except UCPError as error:
        return str(error)
    return None


def unknown_parameter(name: str, known: Collection[str], parameter_set: str) -> str:
    """Return the problem of a parameter of a model that its published set does not have."""
    hint = similar_names(name, known) or "a name of the parameter set"
    return f"parameter {name!r} is not in {parameter_set}: use {hint}"


def design_parameter_problem(
    name: str, known: Collection[str], numbers: Collection[str]
) -> str | None:
    """Return why a parameter cannot be a design parameter, None if it can.

    Parameters
    ----------
    name : str
        The parameter.
    known : collection of str
        Parameters of the model that have a value.
    numbers : collection of str
        Those of them that are numbers.
    """
    if name in PROTOCOL_PARAMETERS:
        return f"design parameter {name!r} is set by the protocol: use {PROTOCOL_PARAMETERS[name]}"
    if name not in known:
        hint = similar_names(name, known) or "a parameter of the model"
        return f"design parameter {name!r} is not in the model: use {hint}"
    if name not in numbers:
        return (
            f"design parameter {name!r} is a function in this model: it cannot be replaced by "
            "a number for one run; choose one of its scalar parameters"
        )
    return None


def variable_problems(names: Sequence[str], variables: Mapping[str, bool]) -> list[str]:
    """Return why variables cannot be recorded.

    Parameters
    ----------
    names : sequence of str
        The variables to record.
    variables : mapping of str to bool
        Variables of the model, and whether each is a scalar at any one time.

    Returns
    -------
    list of str
        One sentence for each variable; beyond `MOST_PROBLEMS` they are only counted.
    """
    wanted = [name for name in dict.fromkeys(names) if name not in COLUMNS]
    wrong = [name for name in wanted if name in _CLOCKS or not variables.get(name)]
    described = wrong if len(wrong) <= MOST_PROBLEMS else wrong[: MOST_PROBLEMS - 1]
    problems = [_variable_problem(name, variables) for name in described]
    if described != wrong:
        problems.append(f"{len(wrong) - len(described)} more extra variables cannot be recorded")
    return problems


def _variable_problem(name: str, variables: Mapping[str, bool]) -> str:
    """Return why a variable cannot be recorded."""
    if name in _CLOCKS:
        return f"extra variable {name!r}: use the column 'Time [s]'"
    if name not in variables:
        hint = similar_names(name, variables) or "a name of the model's variables"
        return f"extra variable {name!r} is not in the model: use {hint}"
    averaged = similar_names(
        f"X-averaged {name}", [known for known, is_flat in variables.items() if is_flat]
    )
    return (
        f"extra variable {name!r} varies in space, but a time series has one number per time: use "
        f"an average or boundary value, such as {averaged}"
    )


@frozen
class _Known:
    """The content of the file: names by parameter set or model, and the kind of each."""

    parameters: dict[str, dict[str, str]]
    variables: dict[str, dict[str, bool]]


@cache  # it takes half a millisecond
def _installed() -> str | None:
    """Return the version of PyBaMM, without loading it; None if it is not installed."""
    try:
        return metadata.version("pybamm")
    except metadata.PackageNotFoundError:
        return None


@cache
def _known(pybamm: str | None) -> _Known | None:
    """Return the content of the file; None if it is that of another version of PyBaMM."""
    content = json.loads(files("ionworks.engine").joinpath(FILE).read_text(encoding="utf-8"))
    if content["pybamm"] != pybamm:
        return None
    variables = {
        owner: {name: kind == SCALAR for name, kind in kinds.items()}
        for owner, kinds in _by_owner(content["variables"]).items()
    }
    return _Known(_by_owner(content["parameters"]), variables)


def _by_owner(groups: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the kind of each name by parameter set or model."""
    found: dict[str, dict[str, str]] = {}
    for group in groups:
        for owner in group["in"]:
            found.setdefault(owner, {}).update(dict.fromkeys(group["names"], group["kind"]))
    return found
