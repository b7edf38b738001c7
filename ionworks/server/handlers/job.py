"""Jobs: simulations, pipelines and elements of pipelines with their states."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, select

from ionworks.server.call import Call
from ionworks.server.http.problems import Problem, not_found
from ionworks.server.http.replies import Reply
from ionworks.server.store import curves, filters, job_states, pipelines
from ionworks.server.store.job_states import FAILED, UNFINISHED
from ionworks.server.store.records import DEFAULT_LIMIT, Record, plain, skipped
from ionworks.server.store.seeds import ORGANIZATION, USER
from ionworks.server.store.tables import jobs, simulations

_COLUMNS = (jobs, simulations.c.id.label("simulation_id"), simulations.c.storage_folder)


def list_jobs(call: Call) -> list[dict[str, Any]]:
    """List jobs, newest first."""
    with call.services.store.reading() as connection:
        statement = (
            select(*_COLUMNS)
            .outerjoin(simulations, simulations.c.job_id == jobs.c.id)
            .where(*filters.conditions(jobs, call.query), *job_states.visible(connection))
            .order_by(jobs.c.number.desc())
            .limit(call.query.get("limit", DEFAULT_LIMIT))
            .offset(skipped(call.query))
        )
        rows = connection.execute(statement).mappings().all()
    return [call.with_delay_reason(_wire(row)) for row in rows]


def create_job(_call: Call) -> Reply:
    """Refuse: jobs are created with simulations and pipelines."""
    message = "Jobs are no longer made directly; submit a simulation or a pipeline."
    raise Problem(410, "GONE", message)


def get_job(call: Call) -> dict[str, Any]:
    """Return one job; an element of a pipeline is a child of the pipeline's job."""
    row, element = _stored(call)
    return call.with_delay_reason(_wire(row) if element is None else _wire_element(row, element))


def cancel_job(call: Call) -> dict[str, Any]:
    """Cancel a job unless it has ended; for an element, cancel the whole pipeline."""
    row, _ = _stored(call)
    call.services.jobs.cancel(row["id"])
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


def _stored(call: Call) -> tuple[RowMapping, Record | None]:
    """Return a job, and its element if the id is one; raises a 404 Problem for an unknown id."""
    store, job_id = call.services.store, call.path["job_id"]
    element = pipelines.element_of_job(store, job_id)
    if element is not None:
        job_id = pipelines.job_of(store, element)
    statement = (
        select(*_COLUMNS)
        .outerjoin(simulations, simulations.c.job_id == jobs.c.id)
        .where(jobs.c.id == job_id)
    )
    with store.reading() as connection:
        row = connection.execute(statement).mappings().first()
    if row is None:
        raise not_found("job", job_id)
    return row, element


def _wire_element(row: RowMapping, element: Record) -> dict[str, Any]:
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


def _wire(row: RowMapping) -> dict[str, Any]:
    hidden = ("number", "id", "owner", "submission_id", "simulation_id", "storage_folder")
    fields = {name: value for name, value in plain(row).items() if name not in hidden}
    result = None
    if row["storage_folder"] is not None:
        result = {"simulation_id": row["simulation_id"], "storage_folder": row["storage_folder"]}
    return {
        "job_id": row["id"],
        **fields,
        "result": result,
        "is_terminal": row["status"] not in UNFINISHED,
        "is_failed": row["status"] in FAILED,
        "user_id": USER,
        "organization_id": ORGANIZATION,
        "parent_job_id": None,
    }
