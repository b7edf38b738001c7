"""Model specs and runs for the engine, from stored records and request bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from typing import Any

from attrs import frozen

from ionworks import doe, ucp
from ionworks.doe.scalars import nearest
from ionworks.engine.catalogue import (
    CIRCUIT_PARAMETER_SETS,
    PARAMETER_SETS,
    chemistry_parameter_set,
)
from ionworks.engine.names import Names, name_problems, names_of
from ionworks.server.call import Services
from ionworks.server.http.problems import Location, Problem, bad_request, entry, invalid, refuse
from ionworks.server.jobs import questions
from ionworks.server.jobs.worker import WorkerLost, WorkerStuck
from ionworks.server.store import records
from ionworks.server.store.model_configs import model_spec
from ionworks.server.store.tables import cell_specs, models, parameterized_models
from ionworks.server.submission.runs import Runs

#: Key of a parameter map that names the published set whose values the others replace.
PARAMETER_SET = "parameter_set"
#: Keys of a `pybamm.ParameterValues` that are not parameters.
_METADATA = ("citations", "chemistry")
_SETS = (*PARAMETER_SETS, *CIRCUIT_PARAMETER_SETS)

#: Seconds after which a client may ask again when too many wait for a worker.
_RETRY_AFTER = "5"

#: Unit of a rated capacity -> its size in A.h.
_AMPERE_HOURS = {"ah": 1.0, "mah": 1e-3}


@frozen
class Model:
    """A model spec for the engine, and the parameterized model it was stored as, if any.

    Attributes
    ----------
    spec
        For the engine.
    parameterized_model_id
        None for a model that the request describes.
    overrides
        Names of the parameters that the request gives.
    needs_smoke_test
        Whether it was never run, and may fail on its first step.
    """

    spec: dict[str, Any]
    parameterized_model_id: str | None
    overrides: tuple[str, ...] = ()
    needs_smoke_test: bool = False


def resolve_model(services: Services, reference: str | Mapping[str, Any]) -> Model:
    """Return the model of a request.

    Parameters
    ----------
    services
        With the store of models.
    reference
        Id of a parameterized model, ``{"quick_model": {...}}``, or
        ``{"model_id": ..., "parameters": {...}}``.

    Raises
    ------
    Problem
        404 for an unknown id; 422 or 501 for a model the engine cannot run.
    """
    where: Location = ["body", "parameterized_model"]
    if isinstance(reference, str):
        stored = records.require(
            services.store, parameterized_models, "parameterized model", reference
        )
        return Model(stored_spec(services, stored), reference)
    if "quick_model" in reference:
        quick = reference["quick_model"]
        return Model(quick_spec(services, quick, [*where, "quick_model"]), None)
    values = [*where, "parameters"]
    parameter_set, given = split_parameters(reference["parameters"], values)
    base = _base(services, reference["model_id"])
    if parameter_set is not None:
        base = {**base, PARAMETER_SET: parameter_set, "parameters": {}}
    spec = {**base, "parameters": {**base.get("parameters", {}), **given}}
    if not spec["parameters"] and PARAMETER_SET not in spec:
        raise missing_parameter_set(values)
    return Model(spec, None, tuple(given), needs_smoke_test(spec))


def stored_spec(services: Services, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec of a stored parameterized model."""
    model = records.require(services.store, models, "model", stored["model_id"])
    spec = model_spec(model, stored.get("simulation_settings"))
    if stored["parameter_set"]:
        spec[PARAMETER_SET] = stored["parameter_set"]
    return {**spec, "parameters": stored["parameters"]}


def quick_spec(services: Services, quick: Mapping[str, Any], where: Location) -> dict[str, Any]:
    """Return the spec of a quick model, with the defaults of the contract.

    A capacity that is not given is the rated one of the cell specification.
    """
    capacity = quick.get("capacity")
    if "cell_spec_id" in quick:
        rated = _rated_capacity(services, quick["cell_spec_id"])
        capacity = rated if capacity is None else capacity
    chemistry = quick.get("chemistry", "NMC/Graphite")
    try:
        chemistry_parameter_set(chemistry)
    except ValueError as error:
        raise invalid([entry([*where, "chemistry"], str(error), "enum")]) from None
    spec = {
        "type": "quick",
        "capacity": 1.0 if capacity is None else capacity,
        "chemistry": chemistry,
    }
    if "resistance_pct" in quick:
        spec["resistance_pct"] = quick["resistance_pct"]
    return spec


def _rated_capacity(services: Services, cell_spec_id: str) -> float | None:
    """Return the rated capacity [A.h] of a cell specification, None if it has no rating."""
    cell = records.require(services.store, cell_specs, "cell specification", cell_spec_id)
    rating = (cell["ratings"] or {}).get("capacity")
    if not isinstance(rating, Mapping) or not isinstance(rating.get("value"), int | float):
        return None
    factor = _AMPERE_HOURS.get("".join(str(rating.get("unit")).replace(".", "").split()).lower())
    if factor is None:
        units = ", ".join(_AMPERE_HOURS)
        message = (
            f"the cell specification {cell_spec_id!r} has a rated capacity in the unknown unit "
            f"{rating.get('unit')!r}; known units: {units}; or give capacity [A.h] in the request"
        )
        raise bad_request(message)
    return float(rating["value"]) * factor


def split_parameters(
    parameters: Mapping[str, Any], where: Location
) -> tuple[str | None, dict[str, Any]]:
    """Return the published set that a parameter map names, and the other values.

    A value is a number, or a function in the JSON of PyBaMM.

    Raises
    ------
    Problem
        422 for an unknown set, and for any other value.
    """
    values = {
        name: value for name, value in parameters.items() if name not in (PARAMETER_SET, *_METADATA)
    }
    parameter_set = parameters.get(PARAMETER_SET)
    if parameter_set is not None and parameter_set not in _SETS:
        message = f"unknown parameter set {parameter_set!r}; known: {', '.join(_SETS)}"
        raise invalid([entry([*where, PARAMETER_SET], message, "enum")])
    refuse(
        entry(
            [*where, name],
            f"{value!r} is neither a number nor a function in PyBaMM's JSON",
            "value_error",
        )
        for name, value in values.items()
        if isinstance(value, bool) or not isinstance(value, int | float | dict)
    )
    return parameter_set, {
        name: value if isinstance(value, dict) else float(value) for name, value in values.items()
    }


def missing_parameter_set(where: Location) -> Problem:
    """Return the problem of a parameter map with neither a published set nor values."""
    message = (
        "there are no parameter values: name a published parameter set, for example "
        f'"{PARAMETER_SET}": "Chen2020", or give all values; known sets: {", ".join(_SETS)}'
    )
    return invalid([entry([*where, PARAMETER_SET], message, "missing")])


def needs_smoke_test(spec: Mapping[str, Any]) -> bool:
    """Return whether a spec is more than a published set with numbers replaced.

    Only those are known to run: options, settings, functions or a custom model can make a model
    that builds and fails on its first step.
    """
    return (
        PARAMETER_SET not in spec
        or bool(spec.get("options"))
        or any(name in spec for name in ("document", "settings"))
        or any(isinstance(value, dict) for value in spec["parameters"].values())
    )


def check_parameters(
    services: Services, spec: Mapping[str, Any], where: Location
) -> list[dict[str, str]]:
    """Refuse parameters the model cannot run with.

    The message for a name that is not in the set suggests the nearest ones. A model that is more
    than a published set with numbers replaced is smoke-tested.

    Returns
    -------
    list of dict
        Notes on values that are unusual or have no effect.

    Raises
    ------
    Problem
        422.
    """
    if PARAMETER_SET in spec and spec["parameters"]:
        known = _parameters(services, spec)
        unknown = (
            entry(
                [*where, name],
                f"the parameter set has no parameter {name!r}{nearest(name, known)}",
                "unknown",
            )
            for name in spec["parameters"]
            if name not in known
        )
        refuse(unknown)
    if needs_smoke_test(spec):
        ask(services, services.jobs.targets.smoke_test, {"model": spec})
    if not spec["parameters"]:
        return []
    sentences = ask(services, services.jobs.targets.describe, {"model": spec})["notes"]
    return [{"category": "parameters", "message": sentence} for sentence in sentences]


def _parameters(services: Services, spec: Mapping[str, Any]) -> list[str]:
    """Return the parameters of a model with a published set."""
    bare = {**spec, "parameters": {}}
    names = _names(services, bare)
    if names is not None:
        return sorted(names.parameters)
    return list(ask(services, services.jobs.targets.describe, {"model": bare})["parameters"])


def variable_names(services: Services, spec: Mapping[str, Any]) -> list[str]:
    """Return the names of all variables of a model, sorted."""
    names = _names(services, spec)
    if names is not None and names.variables is not None:
        return sorted(names.variables)
    return list(ask(services, services.jobs.targets.describe, {"model": spec})["variables"])


def _names(services: Services, spec: Mapping[str, Any]) -> Names | None:
    """Return the names of a model, None if only a worker knows them."""
    return names_of(spec) if services.jobs.targets.has_known_names else None


def refuse_unknown_names(
    services: Services,
    spec: Mapping[str, Any],
    protocol: str,
    runs: Runs,
    extra_variables: Sequence[str],
) -> None:
    """Refuse names that a model does not have, and missing values of a protocol's inputs.

    As far as that is known without a worker.

    Raises
    ------
    Problem
        422 with the message a worker would give.
    """
    if services.jobs.targets.has_known_names:
        tree = ucp.parse(protocol).protocol if "input[" in protocol else None
        inputs = [] if tree is None else ucp.required_inputs(tree)
        _refuse_sentences(name_problems(spec, runs.examples(), len(runs), extra_variables, inputs))


def _refuse_sentences(sentences: Sequence[str]) -> None:
    """Raise a 422 Problem of the sentences that say what is wrong, if any."""
    refuse(entry(["body"], sentence, "value_error") for sentence in sentences)


@frozen
class Check:
    """A check by a worker, as far as the request waits for it.

    Attributes
    ----------
    answer
        What the worker will answer.
    notes
        What it found in each of the runs; None if it has not answered yet.
    """

    answer: Future[Any]
    notes: list[list[Any]] | None


def check(
    services: Services,
    target: str,
    payload: dict[str, Any],
    *,
    limit: float | None,
    rest: str | None = None,
) -> Check:
    """Have a worker check what is about to be stored, and wait for the answer for a limited time.

    Parameters
    ----------
    services, target, payload
        Whom and what to ask.
    limit
        Longest time to wait, in seconds; None for no limit.
    rest
        A sentence to add to the problems.

    Raises
    ------
    Problem
        422 if there are problems, 503 if no worker can answer.
    """
    question = services.jobs.ask(target, payload)
    if not wait([question], timeout=limit).done:
        return Check(question, None)
    found = _answer(question)
    if found["problems"]:
        _refuse_sentences(questions.with_rest(found["problems"], rest))
    return Check(question, found["notes"])


def ask(services: Services, target: str, payload: dict[str, Any]) -> Any:
    """Ask a worker; a ValueError or TypeError of the engine becomes a 422 Problem."""
    permits = services.question_permits
    if permits is None:
        return _answer(services.jobs.ask(target, payload))
    if not permits.acquire(blocking=False):
        message = "The engine answers as many questions about models as it can; try again."
        raise Problem(503, "ENGINE_UNAVAILABLE", message, headers={"Retry-After": _RETRY_AFTER})
    try:
        return _answer(services.jobs.ask(target, payload))
    finally:
        permits.release()


def _answer(question: Future[Any]) -> Any:
    try:
        return question.result()
    except (WorkerLost, WorkerStuck) as error:
        message = f"No worker process could answer ({error}); try again."
        raise Problem(503, "ENGINE_UNAVAILABLE", message) from error
    except (ValueError, TypeError) as error:
        raise invalid([entry(["body"], str(error), "value_error")]) from error


def design_of(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the design of a request with the seed of its random values, None without one."""
    if "design_parameters_doe" not in body:
        return None
    try:
        return doe.with_seed(body["design_parameters_doe"])
    except (ValueError, TypeError) as error:
        where: Location = ["body", "design_parameters_doe"]
        raise invalid([entry(where, str(error), "value_error")]) from error


def _base(services: Services, model_id: str) -> dict[str, Any]:
    """Return the spec of a model or of a parameterized model, whose values can be replaced."""
    with services.store.reading() as connection:
        stored = records.find(connection, parameterized_models, model_id)
    if stored is not None:
        return stored_spec(services, stored)
    return model_spec(records.require(services.store, models, "model", model_id), None)
