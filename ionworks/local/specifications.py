"""From stored records and request bodies to the model specs and runs the engine understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ionworks import doe
from ionworks.doe.scalars import nearest
from ionworks.local import records
from ionworks.local.calls import Services
from ionworks.local.engine.catalogue import CHEMISTRIES, MODELS, PARAMETER_SETS
from ionworks.local.lanes import WorkerLost, WorkerStuck
from ionworks.local.problems import Problem, bad_request, entry, invalid, not_found, not_implemented
from ionworks.local.tables import models, parameterized_models

#: Key of a parameters map that names the published set its other values replace.
PARAMETER_SET = "parameter_set"

Location = list[str | int]


@frozen
class Model:
    """A model spec for the engine, and the parameterized model it was stored as, if any."""

    spec: dict[str, Any]
    parameterized_model_id: str | None


def resolve_model(services: Services, reference: str | Mapping[str, Any]) -> Model:
    """Return the model a submission names.

    Parameters
    ----------
    services
        Where models are stored.
    reference
        Id of a parameterized model, ``{"quick_model": {...}}``, or
        ``{"model_id": ..., "parameters": {...}}``.

    Raises
    ------
    Problem
        404 for an unknown id, 422 or 501 for what the engine cannot run.
    """
    where: Location = ["body", "parameterized_model"]
    if isinstance(reference, str):
        stored = records.require(
            services.store, parameterized_models, "parameterized model", reference
        )
        return Model(stored_spec(services, stored), reference)
    if "quick_model" in reference:
        return Model(quick_spec(reference["quick_model"], [*where, "quick_model"]), None)
    values = [*where, "parameters"]
    parameter_set, overrides = split_parameters(reference["parameters"], values)
    base = _base(services, reference["model_id"])
    if parameter_set is not None:
        base = {**base, PARAMETER_SET: parameter_set, "parameters": {}}
    if PARAMETER_SET not in base:
        raise missing_parameter_set(values)
    return Model({**base, "parameters": {**base["parameters"], **overrides}}, None)


def stored_spec(services: Services, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec of a stored parameterized model."""
    model = records.require(services.store, models, "model", stored["model_id"])
    return {
        **_built_in(model),
        PARAMETER_SET: stored["parameter_set"],
        "parameters": stored["parameters"],
    }


def quick_spec(quick: Mapping[str, Any], where: Location) -> dict[str, Any]:
    """Return the spec of a quick model, the contract's defaults filled in."""
    if "cell_spec_id" in quick:
        raise not_implemented(
            "The embedded engine makes no quick model of a cell specification yet; "
            "leave cell_spec_id out and give capacity and chemistry."
        )
    chemistry = quick.get("chemistry", "NMC/Graphite")
    if "".join(chemistry.split()).lower() not in {name.lower() for name in CHEMISTRIES}:
        message = f"unknown chemistry {chemistry!r}; known: {', '.join(CHEMISTRIES)}"
        raise invalid([entry([*where, "chemistry"], message, "enum")])
    spec = {"type": "quick", "capacity": quick.get("capacity", 1.0), "chemistry": chemistry}
    if "resistance_pct" in quick:
        spec["resistance_pct"] = quick["resistance_pct"]
    return spec


def split_parameters(
    parameters: Mapping[str, Any], where: Location
) -> tuple[str | None, dict[str, float]]:
    """Return the published set a parameters map names, and its numbers.

    Raises
    ------
    Problem
        422 for an unknown set, 501 for values that are not numbers.
    """
    numbers = {name: value for name, value in parameters.items() if name != PARAMETER_SET}
    parameter_set = parameters.get(PARAMETER_SET)
    if parameter_set is not None and parameter_set not in PARAMETER_SETS:
        message = f"unknown parameter set {parameter_set!r}; known: {', '.join(PARAMETER_SETS)}"
        raise invalid([entry([*where, PARAMETER_SET], message, "enum")])
    others = [
        name
        for name, value in numbers.items()
        if isinstance(value, bool) or not isinstance(value, int | float)
    ]
    if others:
        raise not_implemented(
            f"The embedded engine takes numbers as parameters, not functions or texts: "
            f"leave out {', '.join(map(repr, others))}, the published set has them."
        )
    return parameter_set, {name: float(value) for name, value in numbers.items()}


def missing_parameter_set(where: Location) -> Problem:
    """Return the problem of parameters that do not say which published set they belong to."""
    message = (
        "name the published parameter set that gives all other values, for example "
        f'"{PARAMETER_SET}": "Chen2020"; known: {", ".join(PARAMETER_SETS)}'
    )
    return invalid([entry([*where, PARAMETER_SET], message, "missing")])


def check_names(services: Services, spec: Mapping[str, Any], where: Location) -> None:
    """Refuse overrides of parameters the set does not have, naming the nearest ones."""
    if not spec["parameters"]:
        return
    known = list(ask(services, services.jobs.targets.describe, bare(spec))["parameters"])
    unknown = [name for name in spec["parameters"] if name not in known]
    if unknown:
        raise invalid(
            [
                entry(
                    [*where, name],
                    f"the parameter set has no parameter {name!r}{nearest(name, known)}",
                    "unknown",
                )
                for name in unknown
            ]
        )


def bare(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question about a model without its overrides."""
    return {"model": {**spec, "parameters": {}}}


def ask(services: Services, target: str, payload: dict[str, Any]) -> Any:
    """Ask a worker; what the engine says about bad values becomes a 422 Problem."""
    try:
        return services.jobs.query(target, payload)
    except (WorkerLost, WorkerStuck) as error:
        message = f"No worker process could answer ({error}); try again."
        raise Problem(503, "ENGINE_UNAVAILABLE", message) from error
    except (ValueError, TypeError) as error:
        raise invalid([entry(["body"], str(error), "value_error")]) from error


@frozen
class Run:
    """What sets one run of a submission apart."""

    experiment_parameters: dict[str, float | str]
    design_parameters: dict[str, float]


def expand(body: Mapping[str, Any]) -> list[Run]:
    """Return the runs of a submission, in the order of the reply.

    Conditions are the runs themselves, over the shared experiment parameters; otherwise every
    set of experiment parameters is combined with every point of the design.
    """
    shared = body["experiment_parameter_sets"]
    conditions = body.get("conditions")
    if conditions is None:
        return _combinations(shared, body.get("design_parameters_doe"))
    if "design_parameters_doe" in body:
        raise bad_request(
            "conditions and design_parameters_doe exclude each other: "
            "put the design parameters of each run into its condition."
        )
    if len(shared) > 1:
        raise bad_request(
            f"conditions go with one set of shared experiment parameters, not {len(shared)}: "
            "put what differs into the conditions."
        )
    return [
        Run(
            {**shared[0], **condition["experiment_parameters"]},
            condition["design_parameters"],
        )
        for condition in conditions
    ]


def _combinations(
    shared: list[dict[str, float | str]], design: Mapping[str, Any] | None
) -> list[Run]:
    where: Location = ["body", "design_parameters_doe"]
    points: list[dict[str, float]] = [{}]
    if design is not None:
        try:
            points = doe.expand(design)
        except (ValueError, TypeError) as error:
            raise invalid([entry(where, str(error), "value_error")]) from error
    count = len(shared) * len(points)
    if count > doe.LARGEST_DESIGN:
        limit = doe.LARGEST_DESIGN
        raise bad_request(f"{count} runs are too many at once: submit at most {limit}.")
    return [Run(parameters, point) for parameters in shared for point in points]


def _base(services: Services, model_id: str) -> dict[str, Any]:
    """Return the spec of a model, or of a parameterized model to start from."""
    with services.store.reading() as connection:
        stored = records.find(connection, parameterized_models, model_id)
        model = records.find(connection, models, model_id)
    if stored is not None:
        return stored_spec(services, stored)
    if model is None:
        raise not_found("model", model_id)
    return {**_built_in(model), "parameters": {}}


def _built_in(model: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": model["config"]["type"], "options": model["config"].get("options") or {}}


def check_config(config: Mapping[str, Any], where: Location) -> None:
    """Refuse a model config the engine cannot build."""
    kind = config.get("type")
    if kind not in MODELS:
        raise not_implemented(
            f"The embedded engine builds the models {', '.join(MODELS)}; "
            f'give the config as {{"type": "SPMe", "options": {{}}}}, not type {kind!r}.'
        )
    unknown = [name for name in config if name not in ("type", "options")]
    if unknown:
        message = f"unknown; a config has type and options, not {', '.join(map(repr, unknown))}"
        raise invalid([entry([*where, name], message, "unknown") for name in unknown])
    if not isinstance(config.get("options") or {}, dict):
        raise invalid([entry([*where, "options"], "must be an object of option names", "type")])
