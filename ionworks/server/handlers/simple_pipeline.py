"""Simple pipelines: one fit or validation, submitted and read as a single job."""

from __future__ import annotations

from typing import Any

from ionworks.server.call import Call
from ionworks.server.handlers.pipeline import created, delete, rename
from ionworks.server.http.replies import Reply
from ionworks.server.store import pipelines, records
from ionworks.server.store.idempotency import Key
from ionworks.server.store.pipelines import elements_of
from ionworks.server.store.records import Record
from ionworks.server.submission.pipelines import submit
from ionworks.server.submission.repetition import once

_NOUN = "simple pipeline"
#: Number of simple pipelines in a reply by default.
_DEFAULT_LIMIT = 10
_BESIDE_THE_CONFIG = ("project_id", "name", "description", "options")


def list_simple_pipelines(call: Call) -> dict[str, Any]:
    """List simple pipelines, newest first."""
    found, total = pipelines.page(
        call.services.store, call.query, is_simple=True, limit=_DEFAULT_LIMIT
    )
    wired = [call.with_delay_reason(pipelines.wire(each)) for each in found]
    return records.envelope(wired, total)


def create_simple_pipeline(call: Call) -> dict[str, Any]:
    """Check, store and start a simple pipeline."""
    beside = records.fields(call.body, "config", *_BESIDE_THE_CONFIG)
    known = ("elements", *_BESIDE_THE_CONFIG)
    config = records.fields(beside["config"], *known, where=("body", "config"))
    # A client may leave these fields in the configuration too; those beside it take precedence.
    body = {**records.chosen(config, *_BESIDE_THE_CONFIG), **beside}

    def create(key: Key | None) -> Record:
        where = ["body", "config", "elements"]
        return submit(call.services, body, config["elements"], where, key, is_simple=True)

    find = created(call, is_simple=True)
    return _wire(call, once(call, "create_simple_pipeline", create, find))


def get_simple_pipeline(call: Call) -> dict[str, Any]:
    """Return one simple pipeline, with its result once it has one."""
    return _wire(call, _stored(call))


def update_simple_pipeline(call: Call) -> dict[str, Any]:
    """Change name or description of a simple pipeline."""
    return _wire(call, rename(call, _stored(call), is_simple=True))


def delete_simple_pipeline(call: Call) -> Reply:
    """Delete a simple pipeline, its job and its configuration; a running one is stopped."""
    return delete(call, _stored(call))


def cancel_simple_pipeline(call: Call) -> dict[str, Any]:
    """Cancel a simple pipeline, keeping the best point of its fit."""
    call.services.jobs.cancel(_stored(call)["job_id"])
    return _wire(call, _stored(call))


def _stored(call: Call) -> Record:
    identifier = call.path["simple_pipeline_id"]
    return pipelines.require(call.services.store, _NOUN, identifier, is_simple=True)


def _wire(call: Call, pipeline: Record) -> dict[str, Any]:
    """Return a simple pipeline with progress and result of its main element."""
    elements = elements_of(call.services.store, pipeline)
    main = pipelines.main_of(elements)
    progress = main["progress"]
    result = None
    wired = call.with_delay_reason(pipelines.wire(pipeline))
    if wired["is_terminal"]:
        result = pipelines.results_of([main]).get(main["name"])
        if result is not None:
            result = {**result, "notes": pipeline["notes"] or result.get("notes") or []}
    return {**wired, "config_path": None, "progress": progress, "result": result}
