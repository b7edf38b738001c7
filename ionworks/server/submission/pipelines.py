"""Turns the body of a request into a pipeline that is stored and run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ionworks.engine.fitting.element_types import ACCEPTED_TYPES, ELEMENT_TYPES
from ionworks.server.call import Services
from ionworks.server.http.problems import MOST_ENTRIES, entry, invalid, refuse
from ionworks.server.store import cell_specs, data_references, pipelines, records
from ionworks.server.store.element_walk import MODEL_ID, ElementWalk
from ionworks.server.store.idempotency import Key
from ionworks.server.store.pipelines import NewElement, NewPipeline
from ionworks.server.store.records import Record
from ionworks.server.store.tables import parameterized_models, projects
from ionworks.server.submission import cell_parameters, models

#: Longest name of a pipeline, as in the contract.
_LONGEST_NAME = 255
_OPTIONS = ("live_progress_updates",)

#: Sources of the values of an entry; it has exactly one of them.
_SOURCES = ("values", "parameters", "pipeline_id", "cell_spec_id")


def submit(
    services: Services,
    body: Mapping[str, Any],
    given: Mapping[str, Any],
    where: list[str],
    key: Key | None,
    *,
    is_simple: bool,
) -> Record:
    """Check, store and start a pipeline; nothing is stored if it is rejected.

    Parameters
    ----------
    services
        Store and jobs.
    body
        The fields of the request besides the elements.
    given
        The elements.
    where
        Their place in the request.
    key
        Under which the pipeline is found when the request is repeated.
    is_simple
        Whether only one fit or validation is allowed.

    Returns
    -------
    dict
        The pipeline as it was stored, before it started.

    Raises
    ------
    Problem
        404 for an unknown project or model, 422 that names every element and field with an error.
    """
    records.require(services.store, projects, "project", body["project_id"])
    options = records.fields(body.get("options") or {}, *_OPTIONS, where=("body", "options"))
    if not given:
        raise invalid([entry(where, "is empty: give at least one element", "too_short")])
    walk = ElementWalk()
    elements: dict[str, Any] = walk.visit(given)
    types = _types(elements, where, is_simple=is_simple)
    for place, mapping in [*walk.models]:
        _write_out_model(services, mapping)
        # Stored records that are written out may have text that refers to data, too.
        walk.visit(mapping["model"], (*place, "model"))
    for name, element in elements.items():
        if types[name] == "entry":
            elements[name] = _resolved(services, element, [*where, name])
            if elements[name] is not element:
                for part in ("values", "provenance"):
                    walk.visit(elements[name].get(part), (name, part))
    files, faults = data_references.find(services.store, walk.references)
    refuse(
        entry([*where, *place], faults[reference], "reference")
        for place, reference in walk.data
        if reference in faults
    )
    payload = {"elements": elements, "data": data_references.describe(services.store, files)}
    target = services.jobs.targets.check_pipeline
    check = models.check(services, target, payload, limit=services.check_limit)
    if services.limits is not None:
        services.limits.check_submission(services.store, 1)
    new = NewPipeline(
        project_id=body["project_id"],
        is_simple=is_simple,
        name=body.get("name") or _name(elements),
        description=body.get("description"),
        options=options,
        elements=[NewElement(name, types[name], each) for name, each in elements.items()],
    )
    unchecked: dict[str, Any] | None = {} if check.notes is None else None
    stored = pipelines.insert(services.store, services.jobs.owner, new, key, unchecked=unchecked)
    if unchecked is not None:
        services.jobs.checks.expect(stored.submission_id, [], check.answer)
    record = pipelines.require(services.store, "pipeline", stored.pipeline_id, is_simple=is_simple)
    services.jobs.enqueue(
        stored.submission_id,
        f"pipeline {stored.submission_id}",
        1,
        job_type=stored.job_type,
    )
    return record


def _name(elements: Iterable[str]) -> str:
    """Return a name for a pipeline that was submitted without one: the contract requires it."""
    return ", ".join(elements)[:_LONGEST_NAME]


def label(element_type: str) -> str:
    """Return the label of an element type; an unknown type as it was sent."""
    return ELEMENT_TYPES.get(element_type, (element_type,))[0]


def _types(elements: Mapping[str, Any], where: list[str], *, is_simple: bool) -> dict[str, str]:
    """Return the canonical type of each element; an unknown one as it was sent.

    The service accepts unknown types at submission; the job fails when it reaches the element.
    """
    found: dict[str, str] = {}
    missing = []
    for name, element in elements.items():
        given = element.get("element_type")
        if isinstance(given, str):
            found[name] = ACCEPTED_TYPES.get(given, given)
        else:
            message = f"is missing: {', '.join(ELEMENT_TYPES)}"
            missing.append(entry([*where, name, "element_type"], message, "missing"))
    if missing:
        raise invalid(missing)
    main = [name for name, each in found.items() if each in pipelines.MAIN_TYPES]
    if is_simple and len(main) > 1:
        message = (
            f"has {len(main)} fits or validations ({', '.join(main)}), and a simple pipeline takes "
            "one: submit it as a pipeline"
        )
        raise invalid([entry(where, message, "too_long")])
    return found


def _write_out_model(services: Services, mapping: dict[str, Any]) -> None:
    """Replace the id of a parameterized model in an element by its specification."""
    noun = "parameterized model"
    stored = records.require(services.store, parameterized_models, noun, mapping.pop(MODEL_ID))
    mapping["model"] = models.stored_spec(services, stored)


def _resolved(services: Services, element: dict[str, Any], where: list[str]) -> dict[str, Any]:
    """Return an entry with the values of a stored pipeline or cell specification."""
    sources = [name for name in _SOURCES if element.get(name) is not None]
    if len(sources) > 1:
        message = (
            f"conflicts with {sources[0]!r}: an entry has one source of values, write two entries"
        )
        raise invalid([entry([*where, sources[1]], message, "value_error")])
    if element.get("pipeline_id") is not None:
        return _of_pipeline(services, element, where)
    if element.get("cell_spec_id") is not None:
        return _of_cell(services, element, where)
    return element


def _of_pipeline(
    services: Services, element: Mapping[str, Any], where: list[str]
) -> dict[str, Any]:
    """Return an entry with the values an earlier pipeline gave, simple or not."""
    pipeline_id = element["pipeline_id"]
    is_simple = pipelines.exists(services.store, pipeline_id, is_simple=True)
    earlier = pipelines.require(services.store, "pipeline", pipeline_id, is_simple=is_simple)
    values = pipelines.parameter_values(pipelines.elements_of(services.store, earlier))
    keep = element.get("keep")
    if keep is not None:
        unknown = [name for name in keep if name not in values]
        if unknown:
            given = ", ".join(values) or "none"
            rest = len(unknown) - MOST_ENTRIES
            more = f" and {rest} more" if rest > 0 else ""
            message = (
                f"has unknown parameters {unknown[:MOST_ENTRIES]}{more}; parameters of the "
                f"pipeline: {given}"
            )
            raise invalid([entry([*where, "keep"], message, "unknown")])
        values = {name: values[name] for name in keep}
    left = ("pipeline_id", "keep")
    return {key: each for key, each in element.items() if key not in left} | {"values": values}


def _of_cell(services: Services, element: Mapping[str, Any], where: list[str]) -> dict[str, Any]:
    """Return an entry with the values of a cell specification."""
    specification = cell_specs.resolved(cell_specs.find(services.store, element["cell_spec_id"]))
    mapping = element.get("mapping")
    if mapping is not None and not isinstance(mapping, Mapping):
        message = "is not a mapping of parameter names to places in the specification"
        raise invalid([entry([*where, "mapping"], message, "value_error")])
    try:
        values, provenance = cell_parameters.parameter_values(specification, mapping)
    except ValueError as error:
        message = f"the cell specification {error}"
        raise invalid([entry([*where, "cell_spec_id"], message, "value_error")]) from None
    left = ("cell_spec_id", "mapping")
    resolved = {"values": values, "provenance": {**provenance, **(element.get("provenance") or {})}}
    return {key: each for key, each in element.items() if key not in left} | resolved
