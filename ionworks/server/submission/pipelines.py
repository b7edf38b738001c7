"""From the body of a request to a pipeline that can be stored and run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ionworks.engine.fitting.element_types import ELEMENT_TYPES, canonical_type
from ionworks.server.http.problems import entry, invalid
from ionworks.server.http.requests import Services
from ionworks.server.store import cell_specs, data_references, pipelines, records
from ionworks.server.store.pipelines import Element, Submission
from ionworks.server.store.records import Record
from ionworks.server.store.tables import parameterized_models, projects
from ionworks.server.submission import cell_parameters, models

_REFERENCES_TO_MODELS = "parameterized_model_id"
#: Where the values of an entry may come from; it has one of them.
_SOURCES = ("values", "parameters", "pipeline_id", "cell_spec_id")


def submit(
    services: Services,
    body: Mapping[str, Any],
    given: Mapping[str, Any],
    where: list[str],
    *,
    is_simple: bool,
) -> Record:
    """Check, store and start a pipeline; a wrong one stores nothing.

    Parameters
    ----------
    services
        Store and jobs.
    body
        What the request says beside the elements.
    given
        The elements.
    where
        Where they stand in the request.
    is_simple
        Whether there may be but one fit or validation.

    Returns
    -------
    dict
        The pipeline as it was stored, before it started.

    Raises
    ------
    Problem
        404 for an unknown project or model, 422 that names every element and field that is wrong.
    """
    records.require(services.store, projects, "project", body["project_id"])
    if not given:
        raise invalid([entry(where, "is empty: give at least one element", "too_short")])
    _check_types(given, where, is_simple=is_simple)
    elements = {
        name: _resolved(services, element, [*where, name]) for name, element in given.items()
    }
    faults = data_references.faults(services.store, elements, where)
    if faults:
        raise invalid(faults)
    payload = {
        "elements": elements,
        "data": data_references.describe(services.store, elements),
    }
    found = models.ask(services, services.jobs.targets.check_pipeline, payload)
    if found:
        raise invalid([entry(["body"], sentence, "value_error") for sentence in found])
    submission = Submission(
        project_id=body["project_id"],
        is_simple=is_simple,
        name=body.get("name"),
        description=body.get("description"),
        options=body.get("options") or {},
        elements=[
            Element(name, _known_type(each["element_type"]), each)
            for name, each in elements.items()
        ],
    )
    stored = pipelines.insert(services.store, services.jobs.owner, submission)
    record = pipelines.require(services.store, "pipeline", stored.pipeline_id, is_simple=is_simple)
    services.jobs.enqueue(
        stored.submission_id,
        f"pipeline {stored.submission_id}",
        [stored.job_id],
        job_type=stored.job_type,
    )
    return record


def label(element_type: str) -> str:
    """Return an element type as people read it; one that is not known as it was sent."""
    return ELEMENT_TYPES.get(element_type, (element_type,))[0]


def _known_type(element_type: str) -> str:
    """Return the canonical form of an element type; an unknown one fails when its turn comes."""
    try:
        return canonical_type(element_type)
    except ValueError:
        return element_type


def _check_types(elements: Mapping[str, Any], where: list[str], *, is_simple: bool) -> None:
    missing = [
        entry([*where, name, "element_type"], f"is missing: {', '.join(ELEMENT_TYPES)}", "missing")
        for name, element in elements.items()
        if not isinstance(element.get("element_type"), str)
    ]
    if missing:
        raise invalid(missing)
    main = [
        name
        for name, element in elements.items()
        if _known_type(element["element_type"]) in pipelines.MAIN_TYPES
    ]
    if is_simple and len(main) > 1:
        message = (
            f"has {len(main)} fits or validations ({', '.join(main)}), and a simple pipeline takes "
            "one: submit it as a pipeline"
        )
        raise invalid([entry(where, message, "too_long")])


def _resolved(services: Services, element: Mapping[str, Any], where: list[str]) -> dict[str, Any]:
    """Return an element in which what only the store knows is written out."""
    found: dict[str, Any] = _with_models(services, element)
    if _known_type(element["element_type"]) != "entry":
        return found
    sources = [name for name in _SOURCES if element.get(name) is not None]
    if len(sources) > 1:
        message = f"stands beside {sources[0]!r}: an entry has one source of values, write two"
        raise invalid([entry([*where, sources[1]], message, "value_error")])
    if element.get("pipeline_id") is not None:
        return _of_pipeline(services, found, where)
    if element.get("cell_spec_id") is not None:
        return _of_cell(services, found, where)
    return found


def _with_models(services: Services, value: Any) -> Any:
    """Write out the parameterized models that options name by their ids."""
    if isinstance(value, list):
        return [_with_models(services, each) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: _with_models(services, each) for key, each in value.items()}
    identifier = found.get(_REFERENCES_TO_MODELS)
    if isinstance(identifier, str):
        noun = "parameterized model"
        stored = records.require(services.store, parameterized_models, noun, identifier)
        del found[_REFERENCES_TO_MODELS]
        found["model"] = models.stored_spec(services, stored)
    return found


def _of_pipeline(
    services: Services, element: Mapping[str, Any], where: list[str]
) -> dict[str, Any]:
    """Return an entry with the values an earlier pipeline gave."""
    earlier = _earlier(services, element["pipeline_id"])
    values = pipelines.parameter_values(pipelines.elements_of(services.store, earlier))
    keep = element.get("keep")
    if keep is not None:
        unknown = [name for name in keep if name not in values]
        if unknown:
            message = f"has {unknown}, and the pipeline gave {', '.join(values) or 'nothing'}"
            raise invalid([entry([*where, "keep"], message, "unknown")])
        values = {name: values[name] for name in keep}
    left = ("pipeline_id", "keep")
    return {key: each for key, each in element.items() if key not in left} | {"values": values}


def _of_cell(services: Services, element: Mapping[str, Any], where: list[str]) -> dict[str, Any]:
    """Return an entry with the values a cell specification holds."""
    specification = cell_specs.resolved(cell_specs.find(services.store, element["cell_spec_id"]))
    mapping = element.get("mapping")
    if mapping is not None and not isinstance(mapping, Mapping):
        message = "is no mapping of parameter names to places in the specification"
        raise invalid([entry([*where, "mapping"], message, "value_error")])
    try:
        values, provenance = cell_parameters.parameter_values(specification, mapping)
    except ValueError as error:
        message = f"the cell specification {error}"
        raise invalid([entry([*where, "cell_spec_id"], message, "value_error")]) from None
    left = ("cell_spec_id", "mapping")
    said = {"values": values, "provenance": {**provenance, **(element.get("provenance") or {})}}
    return {key: each for key, each in element.items() if key not in left} | said


def _earlier(services: Services, pipeline_id: str) -> dict[str, Any]:
    """Return a pipeline of either kind."""
    is_simple = pipelines.exists(services.store, pipeline_id, is_simple=True)
    return pipelines.require(services.store, "pipeline", pipeline_id, is_simple=is_simple)
