"""Pipelines in the store: configurations, statuses and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from attrs import frozen

from ionworks.server.store import access, idempotency, provenances, records
from ionworks.server.store.database import Store, now
from ionworks.server.store.dialects import larger
from ionworks.server.store.idempotency import Key
from ionworks.server.store.job_states import PRIORITY
from ionworks.server.store.records import Record
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import fit_steps, jobs, pipeline_elements, pipelines, submissions

#: Folder of the curves of pipelines, inside the folder of results.
ROOT: Final = "pipelines"
#: Status of a job -> status of its pipeline, where they differ.
_STATUSES: Final = {"waiting": "pending", "processing": "running"}
_TERMINAL: Final = ("completed", "failed", "canceled")
#: Status of an element that was not completed, by its stored status and the status of its
#: pipeline: an element that was running when its process died waits until the pipeline resumes.
_STATUS_OF_UNFINISHED: Final = {
    ("running", "pending"): "pending",
    ("running", "failed"): "failed",
    ("pending", "failed"): "skipped",
    ("running", "canceled"): "canceled",
    ("pending", "canceled"): "canceled",
}
_JOB_STATUSES: Final = {"running": "processing", "skipped": "canceled"}
#: Types of the main element of a simple pipeline, which it reports as its result.
MAIN_TYPES: Final = ("data_fit", "array_data_fit", "validation")
JOB_TYPES: Final = {"data_fit": "datafit", "array_data_fit": "datafit", "validation": "validation"}
_FITS: Final = ("data_fit", "array_data_fit")

#: Pipelines with the state of their job, as lists show them.
listed = (
    sa.select(
        pipelines.c.number,
        pipelines.c.id,
        pipelines.c.project_id,
        pipelines.c.is_simple,
        pipelines.c.job_id,
        pipelines.c.name,
        pipelines.c.description,
        sa.case(_STATUSES, value=jobs.c.status, else_=jobs.c.status).label("status"),
        jobs.c.error,
        jobs.c.error_code,
        pipelines.c.options,
        pipelines.c.notes,
        pipelines.c.created_at,
        larger(pipelines.c.updated_at, jobs.c.updated_at).label("updated_at"),
    )
    .join(jobs, jobs.c.id == pipelines.c.job_id)
    .subquery("listed_pipelines")
)


@frozen
class NewElement:
    """An element to store; an unknown type is stored as it was sent."""

    name: str
    element_type: str
    config: dict[str, Any]


@frozen
class NewPipeline:
    """A pipeline to store."""

    project_id: str
    is_simple: bool
    name: str | None
    description: str | None
    options: dict[str, Any]
    elements: Sequence[NewElement]


@frozen
class Stored:
    """Ids under which a pipeline was stored."""

    pipeline_id: str
    submission_id: str
    job_id: str
    job_type: str


def folder_of(pipeline_id: str) -> str:
    """Return the folder of a pipeline's curves, spread over 256 parents."""
    return f"{ROOT}/{pipeline_id[:2]}/{pipeline_id}"


@repeatable
def insert(
    store: Store,
    owner: str,
    new: NewPipeline,
    key: Key | None = None,
    *,
    unchecked: Mapping[str, Any] | None = None,
) -> Stored:
    """Store a pipeline with a pending job and the key of its request, in one transaction.

    ``unchecked`` is what its check needs if a worker has not made it, see `checks.CheckState`.
    """
    moment = now()
    stamps = {"created_at": moment, "updated_at": moment}
    main = _main(new)
    job_type = "pipeline" if main is None else JOB_TYPES[main.element_type]
    stored = Stored(str(uuid4()), str(uuid4()), str(uuid4()), job_type)
    # The columns of submissions are those of simulations; a pipeline leaves them empty.
    shared: dict[str, Any] = {
        "id": stored.submission_id,
        "project_id": new.project_id,
        "user_id": access.submitter(),
        "model": {},
        "protocol": "",
        "extra_variables": [],
        "run_count": 1,
        "unchecked": unchecked,
    }
    job = {
        "id": stored.job_id,
        "job_type": job_type,
        "project_id": new.project_id,
        "submission_id": stored.submission_id,
        "status": "pending",
        "owner": owner,
        "attempts": 0,
        "priority": PRIORITY,
        **stamps,
    }
    pipeline = {
        "id": stored.pipeline_id,
        "project_id": new.project_id,
        "job_id": stored.job_id,
        "is_simple": new.is_simple,
        "name": new.name,
        "description": new.description,
        "options": new.options,
        **stamps,
    }
    elements = [
        {
            "id": str(uuid4()),
            "pipeline_id": stored.pipeline_id,
            "name": element.name,
            "element_order": order,
            "element_type": element.element_type,
            "config": element.config,
            "job_id": stored.job_id if element is main else str(uuid4()),
            "status": "pending",
            **stamps,
        }
        for order, element in enumerate(new.elements, start=1)
    ]
    with store.writing() as connection:
        connection.execute(sa.insert(submissions), shared)
        connection.execute(sa.insert(jobs), job)
        connection.execute(sa.insert(pipelines), pipeline)
        connection.execute(sa.insert(pipeline_elements), elements)
        if key is not None:
            idempotency.record(connection, key, stored.pipeline_id)
    return stored


def require(store: Store, noun: str, pipeline_id: str, *, is_simple: bool) -> Record:
    """Return a pipeline with the state of its job; raises a 404 Problem if it does not exist."""
    statement = sa.select(listed).where(listed.c.id == pipeline_id, listed.c.is_simple == is_simple)
    with store.reading() as connection:
        row = connection.execute(statement).mappings().first()
        if row is None:
            of_kind = listed.select().where(listed.c.is_simple == is_simple).subquery()
            raise records.missing(connection, of_kind, noun, pipeline_id)
        provenance = provenances.of_pipeline(connection, pipeline_id)
    return {**records.plain(row), "provenance": provenance}


def exists(store: Store, pipeline_id: str, *, is_simple: bool) -> bool:
    """Return whether a pipeline exists, simple or not."""
    statement = sa.select(pipelines.c.id).where(
        pipelines.c.id == pipeline_id, pipelines.c.is_simple == is_simple
    )
    with store.reading() as connection:
        return connection.scalar(statement) is not None


def page(
    store: Store, query: Mapping[str, Any], *, is_simple: bool, limit: int = records.DEFAULT_LIMIT
) -> tuple[list[Record], int]:
    """Return one page of pipelines, simple or not, and their total number."""
    condition = listed.c.is_simple == is_simple
    return records.page(store, listed, query, condition, limit=limit)


@repeatable
def change(store: Store, pipeline_id: str, values: Mapping[str, Any]) -> None:
    """Change name or description of a pipeline."""
    with store.writing() as connection:
        connection.execute(
            sa.update(pipelines)
            .where(pipelines.c.id == pipeline_id)
            .values(**values, updated_at=now())
        )


@repeatable
def remove(store: Store, pipeline: Mapping[str, Any]) -> None:
    """Delete a pipeline with its elements, its job and its curves."""
    with store.writing() as connection:
        submission_id = connection.scalar(
            sa.select(jobs.c.submission_id).where(jobs.c.id == pipeline["job_id"])
        )
        connection.execute(sa.delete(pipelines).where(pipelines.c.id == pipeline["id"]))
        connection.execute(sa.delete(jobs).where(jobs.c.id == pipeline["job_id"]))
        connection.execute(sa.delete(submissions).where(submissions.c.id == submission_id))
    store.blobs.discard(folder_of(pipeline["id"]))


def elements_of(store: Store, pipeline: Mapping[str, Any]) -> list[Record]:
    """Return the elements of a pipeline in their order, with statuses that fit the pipeline's."""
    statement = (
        sa.select(pipeline_elements)
        .where(pipeline_elements.c.pipeline_id == pipeline["id"])
        .order_by(pipeline_elements.c.element_order)
    )
    with store.reading() as connection:
        rows = [records.plain(row) for row in connection.execute(statement).mappings()]
    for row in rows:
        row["status"] = _status_in(row, pipeline["status"])
    return rows


def job_status(element: Mapping[str, Any], of_pipeline: str) -> str:
    """Return the job status of an element, given the status of its pipeline."""
    status = _status_in(element, of_pipeline)
    return _JOB_STATUSES.get(status, status)


def job_of(store: Store, element: Mapping[str, Any]) -> str:
    """Return the id of the job that runs an element."""
    statement = sa.select(pipelines.c.job_id).where(pipelines.c.id == element["pipeline_id"])
    with store.reading() as connection:
        return str(connection.execute(statement).scalar_one())


def element_of_job(store: Store, job_id: str) -> Record | None:
    """Return the element whose progress and curves belong to a job."""
    statement = sa.select(pipeline_elements).where(pipeline_elements.c.job_id == job_id)
    with store.reading() as connection:
        row = connection.execute(statement).mappings().first()
    return None if row is None else records.plain(row)


def steps_of(store: Store, element_id: str) -> list[dict[str, Any]]:
    """Return the history of a fit, oldest step first."""
    statement = (
        sa.select(fit_steps.c.content)
        .where(fit_steps.c.element_id == element_id)
        .order_by(fit_steps.c.number)
    )
    with store.reading() as connection:
        return list(connection.scalars(statement))


def results_of(elements: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """Return the results of elements by name; the best point of a fit that was stopped."""
    found = {element["name"]: _result(element) for element in elements}
    return {name: result for name, result in found.items() if result is not None}


def parameter_values(elements: Sequence[Record]) -> dict[str, Any]:
    """Return the parameter values of all elements; later elements take precedence."""
    values: dict[str, Any] = {}
    for result in results_of(elements).values():
        values |= result.get("parameter_values") or {}
    return values


def main_of(elements: Sequence[Record]) -> Record:
    """Return the main element of a simple pipeline: its fit or validation, else its last."""
    main = [each for each in elements if each["element_type"] in MAIN_TYPES]
    return (main or list(elements))[-1]


def wire(pipeline: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that pipelines and simple pipelines share."""
    hidden = ("number", "is_simple", "notes")
    return {
        **{name: value for name, value in pipeline.items() if name not in hidden},
        "organization_id": access.organization_id(),
        "user_id": access.creator(None),
        "created_by_email": None,
        "is_terminal": pipeline["status"] in _TERMINAL,
        "is_failed": pipeline["status"] in ("failed", "canceled"),
    }


def _status_in(element: Mapping[str, Any], of_pipeline: str) -> str:
    """Return the status of an element, whose stored status may be older than its pipeline's."""
    status: str = element["status"]
    return _STATUS_OF_UNFINISHED.get((status, of_pipeline), status)


def _main(new: NewPipeline) -> NewElement | None:
    """Return the element that shares its job id with the pipeline; only simple ones have one."""
    main = [each for each in new.elements if each.element_type in MAIN_TYPES]
    return main[0] if new.is_simple and main else None


def _result(element: Mapping[str, Any]) -> dict[str, Any] | None:
    if element["result"] is not None:
        return {**element["result"], "job_id": element["job_id"]}
    progress = element["progress"]
    is_stopped = element["status"] in ("canceled", "failed")
    if element["element_type"] not in _FITS or not is_stopped or not (progress or {}).get("inputs"):
        return None
    return {
        "type": "OptimizationResult",
        "parameter_values": progress["inputs"],
        "cost": progress.get("best_cost"),
        "evaluations": progress.get("evaluations"),
        "iterations": progress.get("iterations"),
        "success": False,
        "message": f"the fit was {element['status']}; this is its best point until then",
        "job_id": element["job_id"],
    }
