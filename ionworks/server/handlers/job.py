"""Jobs: simulations, pipelines and elements of pipelines with their states."""

from __future__ import annotations

from typing import Any

from ionworks.server.call import Call
from ionworks.server.http.problems import Problem, not_found
from ionworks.server.http.replies import Reply
from ionworks.server.store import access, curves, jobs, pipelines
from ionworks.server.store.job_states import FAILED, UNFINISHED
from ionworks.server.store.records import Record


def list_jobs(call: Call) -> list[dict[str, Any]]:
    """List jobs, newest first."""
    found = jobs.page(call.services.store, call.query)
    return [call.with_delay_reason(_wire(job)) for job in found]


def create_job(_call: Call) -> Reply:
    """Refuse: jobs are created with simulations and pipelines."""
    message = "Jobs are no longer made directly; submit a simulation or a pipeline."
    raise Problem(410, "GONE", message)


def get_job(call: Call) -> dict[str, Any]:
    """Return one job; an element of a pipeline is a child of the pipeline's job."""
    job, element = _stored(call)
    return call.with_delay_reason(_wire(job) if element is None else _wire_element(job, element))


def cancel_job(call: Call) -> dict[str, Any]:
    """Cancel a job unless it has ended; for an element, cancel the whole pipeline."""
    job, _ = _stored(call)
    call.services.jobs.cancel(job["id"])
    return get_job(call)


def get_job_metadata(call: Call) -> dict[str, Any]:
    """Return the steps of a fit and its plots; empty for a simulation.

    Raises
    ------
    Problem
        404 when a fit or validation has no results yet.
    """
    _, element = _stored(call)
    if element is None:
        return {}
    places = element["curves"] or {}
    steps = pipelines.steps_of(call.services.store, element["id"])
    if not steps and not places:
        message = f"The job {call.path['job_id']!r} has no results yet ({element['status']})."
        raise Problem(404, "NOT_FOUND", message)
    plots = {
        objective: {"plot_count": len(place["variables"]), "type": place["type"]}
        for objective, place in places.items()
    }
    return {
        "intermediate_results": steps,
        "validation_plot_config": {"objectives": plots},
        "validation_results": (element["result"] or {}).get("summary_stats"),
    }


def list_job_series_channels(call: Call) -> dict[str, Any]:
    """Return the channels of a fit or validation by objective and source."""
    return curves.channels(_places(call))


def get_job_series(call: Call) -> dict[str, Any]:
    """Return channels of one objective."""
    return curves.columns(call.services.store.blobs, _places(call), call.query)


def get_datafit_plot_data(call: Call) -> dict[str, Any]:
    """Return one plot of a fit or validation."""
    return curves.plot(call.services.store.blobs, _places(call), call.query)


def _places(call: Call) -> dict[str, Any]:
    """Return where the curves of a job are; empty for a job without curves."""
    _, element = _stored(call)
    return (element or {}).get("curves") or {}


def _stored(call: Call) -> tuple[Record, Record | None]:
    """Return a job, and its element if the id is one; raises a 404 Problem for an unknown id."""
    store, job_id = call.services.store, call.path["job_id"]
    element = pipelines.element_of_job(store, job_id)
    if element is not None:
        job_id = pipelines.job_of(store, element)
    job = jobs.find(store, job_id)
    if job is None:
        raise not_found("job", job_id)
    return job, element


def _wire_element(row: Record, element: Record) -> dict[str, Any]:
    """Return an element of a pipeline as a job."""
    job = _wire(row)
    if element["job_id"] == row["id"]:
        return {**job, "result": element["result"]}
    status = pipelines.job_status(element, row["status"])
    return {
        **job,
        "job_id": element["job_id"],
        "job_type": pipelines.JOB_TYPES.get(element["element_type"], element["element_type"]),
        "status": status,
        "error": job["error"] if status == "failed" else None,
        "error_code": job["error_code"] if status == "failed" else None,
        "is_terminal": status not in UNFINISHED,
        "is_failed": status in FAILED,
        "result": element["result"],
        "parent_job_id": row["id"],
    }


def _wire(job: Record) -> dict[str, Any]:
    hidden = ("id", "simulation_id", "storage_folder")
    result = None
    if job["storage_folder"] is not None:
        result = {"simulation_id": job["simulation_id"], "storage_folder": job["storage_folder"]}
    return {
        "job_id": job["id"],
        **{name: value for name, value in job.items() if name not in hidden},
        "result": result,
        "is_terminal": job["status"] not in UNFINISHED,
        "is_failed": job["status"] in FAILED,
        "user_id": access.creator(None),
        "organization_id": access.organization_id(),
        "parent_job_id": None,
    }
