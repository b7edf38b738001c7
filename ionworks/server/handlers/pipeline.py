"""Pipelines: submission, status, results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ionworks.server.call import Call
from ionworks.server.http.problems import Problem, entry, invalid
from ionworks.server.http.replies import Reply, nothing
from ionworks.server.store import idempotency, pipelines, records
from ionworks.server.store.idempotency import Key
from ionworks.server.store.pipelines import elements_of
from ionworks.server.store.records import Record
from ionworks.server.submission.pipelines import label, submit
from ionworks.server.submission.repetition import once

_NOUN = "pipeline"
_FIELDS = ("name", "description")


def list_pipelines(call: Call) -> dict[str, Any]:
    """List pipelines, newest first."""
    query = {**call.query, "offset": call.query.get("skip", 0)}
    found, total = pipelines.page(call.services.store, query, is_simple=False)
    return {"pipelines": [_wire(call, each) for each in found], "total": total}


def create_pipeline(call: Call) -> dict[str, Any]:
    """Check, store and start a pipeline."""
    if call.body.get("output_file") is not None:
        message = (
            "is not written by the embedded engine: leave it out, and read the result with "
            "GET /pipelines/{pipeline_id}/result"
        )
        raise invalid([entry(["body", "output_file"], message, "not_available")])

    def create(key: Key | None) -> Record:
        given = call.body["elements"]
        return submit(call.services, call.body, given, ["body", "elements"], key, is_simple=False)

    pipeline = once(call, "create_pipeline", create, created(call, is_simple=False))
    elements = elements_of(call.services.store, pipeline)
    return _wire(call, pipeline) | {"elements": [_element(each, pipeline) for each in elements]}


def get_pipeline(call: Call) -> dict[str, Any]:
    """Return one pipeline."""
    return _wire(call, _stored(call))


def update_pipeline(call: Call) -> dict[str, Any]:
    """Change name or description of a pipeline."""
    return _wire(call, rename(call, _stored(call), is_simple=False))


def delete_pipeline(call: Call) -> Reply:
    """Delete a pipeline with its elements and results; a running one is stopped."""
    return delete(call, _stored(call))


def get_pipeline_result(call: Call) -> dict[str, Any]:
    """Return the results of a pipeline that has ended, partial ones if it failed or was canceled.

    Raises
    ------
    Problem
        404 before it has ended.
    """
    pipeline = _stored(call)
    if not pipelines.wire(pipeline)["is_terminal"]:
        message = f"The pipeline {pipeline['id']!r} has no result yet ({pipeline['status']})."
        raise Problem(404, "NOT_FOUND", message)
    elements = elements_of(call.services.store, pipeline)
    return {
        "result": {
            "parameter_values": pipelines.parameter_values(elements),
            "notes": pipeline["notes"] or [],
        },
        "element_results": pipelines.results_of(elements),
    }


def list_pipeline_elements(call: Call) -> list[dict[str, Any]]:
    """List the elements of a pipeline in their order."""
    pipeline = _stored(call)
    return [_element(each, pipeline) for each in elements_of(call.services.store, pipeline)]


def cancel_pipeline(call: Call) -> dict[str, Any]:
    """Cancel a pipeline, keeping the best point of its fit; an ended pipeline does not change."""
    call.services.jobs.cancel(_stored(call)["job_id"])
    return _wire(call, _stored(call))


def created(call: Call, *, is_simple: bool) -> Callable[[str], Record]:
    """Return a function that finds a pipeline created before; a 410 Problem if it was deleted."""

    def find(pipeline_id: str) -> Record:
        if not pipelines.exists(call.services.store, pipeline_id, is_simple=is_simple):
            raise idempotency.gone()
        return pipelines.require(call.services.store, _NOUN, pipeline_id, is_simple=is_simple)

    return find


def rename(call: Call, pipeline: Record, *, is_simple: bool) -> Record:
    """Change name or description of a pipeline, simple or not; a 422 Problem without either."""
    values = records.fields(call.body, *_FIELDS)
    if not values:
        message = "changes nothing: give name or description, or both"
        raise invalid([entry(["body"], message, "missing")])
    pipelines.change(call.services.store, pipeline["id"], values)
    return pipelines.require(call.services.store, _NOUN, pipeline["id"], is_simple=is_simple)


def delete(call: Call, pipeline: Record) -> Reply:
    """Delete a pipeline, simple or not."""
    call.services.jobs.cancel(pipeline["job_id"])
    pipelines.remove(call.services.store, pipeline)
    return nothing()


def _stored(call: Call) -> Record:
    identifier = call.path["pipeline_id"]
    return pipelines.require(call.services.store, _NOUN, identifier, is_simple=False)


def _wire(call: Call, pipeline: Record) -> dict[str, Any]:
    return call.with_delay_reason(pipelines.wire(pipeline))


def _element(element: Record, pipeline: Mapping[str, Any]) -> dict[str, Any]:
    has_failed = element["status"] == "failed"
    shown = ("id", "pipeline_id", "name", "element_order", "status", "job_id", "progress")
    return {
        **records.chosen(element, *shown),
        "element_type": label(element["element_type"]),
        "job_status": pipelines.job_status(element, pipeline["status"]),
        "job_config": element["config"],
        "result": pipelines.results_of([element]).get(element["name"]),
        "error": pipeline["error"] if has_failed else None,
        "error_code": pipeline["error_code"] if has_failed else None,
        "error_detail": None,
        "created_at": element["created_at"],
        "updated_at": element["updated_at"],
    }
