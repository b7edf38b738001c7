"""Jobs: the state of what runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, select

from ionworks.local import filters
from ionworks.local.calls import Call, Reply
from ionworks.local.problems import Problem, not_found
from ionworks.local.records import DEFAULT_LIMIT, plain, skipped
from ionworks.local.seeds import ORGANIZATION, USER
from ionworks.local.tables import jobs, simulations
from ionworks.local.transitions import FAILED, UNFINISHED

_COLUMNS = (jobs, simulations.c.id.label("simulation_id"), simulations.c.storage_folder)


def list_jobs(call: Call) -> list[dict[str, Any]]:
    """List jobs, newest first."""
    statement = (
        select(*_COLUMNS)
        .outerjoin(simulations, simulations.c.job_id == jobs.c.id)
        .where(*filters.conditions(jobs, call.query))
        .order_by(jobs.c.number.desc())
        .limit(call.query.get("limit", DEFAULT_LIMIT))
        .offset(skipped(call.query))
    )
    with call.services.store.reading() as connection:
        return [_wire(row) for row in connection.execute(statement).mappings()]


def create_job(_call: Call) -> Reply:
    """Refuse: jobs come from simulations and pipelines."""
    message = "Jobs are no longer made directly; submit a simulation or a pipeline."
    raise Problem(410, "GONE", message)


def get_job(call: Call) -> dict[str, Any]:
    """Return one job."""
    return _wire(_stored(call))


def cancel_job(call: Call) -> dict[str, Any]:
    """Cancel a job; one that has ended stays as it is."""
    _stored(call)
    call.services.jobs.cancel(call.path["job_id"])
    return _wire(_stored(call))


def get_job_metadata(call: Call) -> dict[str, Any]:
    """Return what a job kept besides its result; a simulation keeps nothing."""
    _stored(call)
    return {}


def _stored(call: Call) -> RowMapping:
    statement = (
        select(*_COLUMNS)
        .outerjoin(simulations, simulations.c.job_id == jobs.c.id)
        .where(jobs.c.id == call.path["job_id"])
    )
    with call.services.store.reading() as connection:
        row = connection.execute(statement).mappings().first()
    if row is None:
        raise not_found("job", call.path["job_id"])
    return row


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
